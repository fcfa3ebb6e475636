//! Which values an axis shows, and where.
use lab::figure::{Axis, Panel};

/// Ends of an axis as places: values, or their decimal logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    pub(crate) log: bool,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Somebody asked for these ends.
    pub(crate) fixed: bool,
}

/// A linear axis whose ends agree in more digits than these could not be labelled.
const FINEST: f64 = 1e-10;
/// Steps of ticks must not fall to 0, nor spans overflow.
const SMALLEST: f64 = 1e-280;
const LARGEST: f64 = 1e300;
/// Values closer together than this, in decades, are shown in their whole decade.
const NARROW: f64 = 0.02;
/// Farther away than this nothing is seen of the direction of a line.
const FAR: f64 = 1e9;

impl Scale {
    /// The x axis of a panel.
    pub(crate) fn x(panel: &Panel) -> Self {
        let guides = panel.guides.iter().filter(|guide| guide.vertical).map(|guide| guide.at);
        Self::of(&panel.x, points(panel).map(|point| point.0), guides)
    }

    /// The y axis of a panel.
    pub(crate) fn y(panel: &Panel) -> Self {
        let guides = panel.guides.iter().filter(|guide| !guide.vertical).map(|guide| guide.at);
        Self::of(&panel.y, points(panel).map(|point| point.1), guides)
    }

    fn of(
        axis: &Axis,
        values: impl Iterator<Item = f64>,
        guides: impl Iterator<Item = f64>,
    ) -> Self {
        let ends = axis.range.and_then(|(from, to)| Some((place(axis, from)?, place(axis, to)?)));
        let fixed = ends.is_some();
        let (from, to) = ends.unwrap_or_else(|| {
            let places = values.filter_map(|v| place(axis, v));
            let ends = places.fold((f64::INFINITY, f64::NEG_INFINITY), stretch);
            let ends = with_guides(ends, guides.filter_map(|v| place(axis, v)));
            if axis.log { around_logs(ends) } else { around(ends) }
        });
        let (from, to) = apart(from, to);
        Self { log: axis.log, from, to, fixed }
    }

    /// Which share of the axis lies before `v`; `None` for what has no place on it.
    pub(crate) fn share(&self, v: f64) -> Option<f64> {
        if !v.is_finite() || (self.log && v <= 0.0) {
            return None;
        }
        let at = if self.log { v.log10() } else { v.clamp(-LARGEST, LARGEST) };
        Some(((at - self.from) / self.span()).clamp(-FAR, FAR))
    }

    /// From end to end; negative where the axis runs backwards.
    pub(crate) fn span(&self) -> f64 {
        self.to - self.from
    }

    /// The same middle with another span.
    pub(crate) fn widened(self, span: f64) -> Self {
        let middle = 0.5 * (self.from + self.to);
        let half = 0.5 * span.abs().copysign(self.span());
        Self { from: middle - half, to: middle + half, ..self }
    }
}

/// Those that can be drawn.
fn points(panel: &Panel) -> impl Iterator<Item = (f64, f64)> + '_ {
    let drawable =
        |&(x, y): &(f64, f64)| place(&panel.x, x).is_some() && place(&panel.y, y).is_some();
    panel.series.iter().flat_map(|series| &series.points).copied().filter(drawable)
}

/// The value, or its logarithm where the axis asks for it.
fn place(axis: &Axis, v: f64) -> Option<f64> {
    match (v.is_finite(), axis.log) {
        (false, _) => None,
        (true, false) => Some(v.clamp(-LARGEST, LARGEST)),
        (true, true) => (v > 0.0).then(|| v.log10()),
    }
}

fn stretch((least, most): (f64, f64), at: f64) -> (f64, f64) {
    (least.min(at), most.max(at))
}

/// Shows guides outside the data as well, unless the data would become small for it.
fn with_guides(ends: (f64, f64), guides: impl Iterator<Item = f64>) -> (f64, f64) {
    guides.fold(ends, |now, at| {
        let (least, most) = stretch(now, at);
        if most - least <= 1.5 * (ends.1 - ends.0) { (least, most) } else { now }
    })
}

/// Room at both ends; a single value gets a range around it.
fn around((least, most): (f64, f64)) -> (f64, f64) {
    if least > most {
        return (0.0, 1.0);
    }
    let margin = match 0.04 * (most - least) {
        margin if margin <= FINEST * least.abs().max(most.abs()) => {
            0.5 * if least == 0.0 { 1.0 } else { least.abs() }
        }
        margin => margin,
    };
    (least - margin, most + margin)
}

/// The same; within a decade there are ticks between its ends.
fn around_logs((least, most): (f64, f64)) -> (f64, f64) {
    if least > most {
        return (0.0, 1.0);
    }
    if most - least < NARROW {
        return (least.floor(), most.ceil().max(least.floor() + 1.0));
    }
    let margin = 0.03 * (most - least);
    (least - margin, most + margin)
}

/// Ends that differ.
fn apart(from: f64, to: f64) -> (f64, f64) {
    let least = (FINEST * from.abs().max(to.abs())).max(SMALLEST);
    if (to - from).abs() >= least {
        return (from, to);
    }
    let half = if from == 0.0 { 0.5 } else { 0.5 * from.abs().max(2.0 * SMALLEST) };
    (from - half, from + half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::figure::Look;

    fn y_of(log: bool, ys: &[f64]) -> Scale {
        let points = ys.iter().map(|&y| (1.0, y)).collect::<Vec<_>>();
        let panel = Panel::new("", "", "").series(Look::Line, "", points);
        Scale::y(&if log { panel.log_y() } else { panel })
    }

    #[test]
    fn every_axis_holds_its_values_and_has_a_length() {
        let cases: [&[f64]; 9] = [
            &[],
            &[0.0],
            &[5.0],
            &[-1e-300, 2e-300],
            &[f64::MIN, f64::MAX],
            &[1.0, 1.0 + 1e-15],
            &[1e-300, 1.0],
            &[5e-324, f64::MAX],
            &[f64::NAN, f64::INFINITY, -3.0, 8.0],
        ];
        for ys in cases {
            for log in [false, true] {
                let scale = y_of(log, ys);
                assert!(scale.span().is_finite() && scale.span() > 0.0, "{ys:?}: {scale:?}");
                for share in ys.iter().filter_map(|&y| scale.share(y)) {
                    assert!((0.0..=1.0).contains(&share), "{ys:?}: {scale:?}");
                }
            }
        }
    }

    #[test]
    fn a_log_axis_is_as_long_as_its_values() {
        let scale = y_of(true, &[0.9, 1.0]);
        assert!(scale.span() < 0.1 && scale.from < 0.9f64.log10() && scale.to > 0.0, "{scale:?}");
    }

    #[test]
    fn guides_stretch_an_axis_a_little_only() {
        let panel = Panel::new("", "", "").series(Look::Line, "", [(0.0, 0.0), (1.0, 1.0)]);
        assert!(Scale::y(&panel.clone().guide_y(1.4, "")).to > 1.4);
        assert!(Scale::y(&panel.clone().guide_y(9.0, "")).to < 1.1);
        let fixed = Scale::y(&panel.y_range(3.0, 2.0));
        assert_eq!((fixed.from, fixed.to, fixed.share(2.0)), (3.0, 2.0, Some(1.0)));
    }
}
