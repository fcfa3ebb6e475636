//! Ticks and their labels.
use crate::scale::Scale;
use crate::svg::number;

/// Ticks of an axis, at shares of it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Ticks {
    pub(crate) labelled: Vec<(f64, String)>,
    /// Between those.
    pub(crate) small: Vec<f64>,
    /// What to multiply the labels with; empty for 1.
    pub(crate) factor: String,
}

/// Rounding must not lose a tick at an end.
const SLACK: f64 = 1e-9;
/// Less than this per decade, and small ticks are a smear.
const ROOM_FOR_SMALL: f64 = 24.0;

/// As many ticks as have room on an axis of length `room`, where a label needs `need(label)`.
pub(crate) fn ticks(scale: &Scale, room: f64, need: &dyn Fn(&str) -> f64) -> Ticks {
    let (low, high) = (scale.from.min(scale.to), scale.from.max(scale.to));
    let mut ticks =
        if scale.log { logarithmic(low, high, room, need) } else { linear(low, high, room, need) };
    let share = |at: f64| ((at - scale.from) / scale.span()).clamp(0.0, 1.0);
    ticks.labelled.iter_mut().for_each(|(at, _)| *at = share(*at));
    ticks.small.iter_mut().for_each(|at| *at = share(*at));
    ticks
}

/// Multiples of 1, 2 or 5 times a power of ten.
fn linear(low: f64, high: f64, room: f64, need: &dyn Fn(&str) -> f64) -> Ticks {
    let span = high - low;
    let finest = (span / 10.0).log10().floor() as i32;
    let steps = (finest..finest + 4).flat_map(|e| [(1.0, e), (2.0, e), (5.0, e)]);
    let mut last = Ticks::default();
    for (digit, exponent) in steps.filter(|&(digit, e)| digit * 10f64.powi(e) >= span / 12.0) {
        let step = digit * 10f64.powi(exponent);
        let range = ((low / step) - SLACK).ceil() as i64..=((high / step) + SLACK).floor() as i64;
        let counts: Vec<i64> = range.collect();
        let (labels, factor) = labels(&counts, digit, exponent);
        let fits = labels.iter().all(|label| need(label) <= room * step / span);
        let at = counts.iter().map(|&k| k as f64 * step);
        let ticks = Ticks { labelled: at.zip(labels).collect(), small: Vec::new(), factor };
        // One tick alone does not say how long the axis is.
        if ticks.labelled.len() < 2 && last.labelled.len() > 1 {
            return last;
        }
        if fits {
            return ticks;
        }
        last = ticks;
    }
    last
}

/// Labels of `counts` steps of `digit * 10^exponent`, and what to multiply them with.
fn labels(counts: &[i64], digit: f64, exponent: i32) -> (Vec<String>, String) {
    let most = counts.iter().map(|k| k.unsigned_abs()).max().unwrap_or(0) as f64 * digit;
    let order = if most > 0.0 { most.log10().floor() as i32 + exponent } else { 0 };
    // Up to six digits, and three zeros behind the point, are read at a glance.
    let shift = if (-3..6).contains(&order) { 0 } else { order };
    let decimals = (shift - exponent).max(0) as usize;
    let label = |&k: &i64| {
        let v = k as f64 * digit * 10f64.powi(exponent - shift);
        number(v, decimals).replace('-', "\u{2212}")
    };
    let factor = if shift == 0 { String::new() } else { format!("×{}", power_of_ten(shift)) };
    (counts.iter().map(label).collect(), factor)
}

/// Decades, or what lies between where there are few.
fn logarithmic(low: f64, high: f64, room: f64, need: &dyn Fn(&str) -> f64) -> Ticks {
    let slack = SLACK * (high - low).max(1.0);
    let plain = low > -3.01 && high < 5.01;
    let within = |at: f64| (low - slack..=high + slack).contains(&at);
    let (first, last) = (low.floor() as i32, high.ceil() as i32);
    let between = |digits: &[u8]| -> Labelled {
        let all = (first..=last).flat_map(|e| digits.iter().map(move |&digit| (digit, e)));
        let placed = all.map(|(digit, e)| {
            (f64::from(digit).log10() + f64::from(e), log_label(digit, e, plain))
        });
        placed.filter(|&(at, _)| within(at)).collect()
    };
    let decades = between(&[1]);
    if decades.len() < 2 {
        return within_a_decade(&between, (low, high), room, need);
    }
    let widest = decades.iter().map(|(_, label)| need(label)).fold(0.0, f64::max);
    let per_decade = room / (high - low);
    let steps = [1, 2, 3, 5, 10, 20, 50, 100, 200];
    let step = steps.into_iter().find(|&step| f64::from(step) * per_decade >= widest);
    let step = step.unwrap_or(400);
    let mut ticks = Ticks::default();
    for (at, label) in decades {
        if at.round() as i32 % step == 0 {
            ticks.labelled.push((at, label));
        }
    }
    if step == 1 && per_decade >= ROOM_FOR_SMALL {
        ticks.small = between(&[2, 3, 4, 5, 6, 7, 8, 9]).into_iter().map(|(at, _)| at).collect();
    }
    ticks
}

/// Places on a log axis, as logarithms, with their labels.
type Labelled = Vec<(f64, String)>;

/// Digits times a power of ten, or where even those are too few, as on a linear axis.
fn within_a_decade(
    between: &dyn Fn(&[u8]) -> Labelled,
    (low, high): (f64, f64),
    room: f64,
    need: &dyn Fn(&str) -> f64,
) -> Ticks {
    let small = || between(&[1, 2, 3, 4, 5, 6, 7, 8, 9]).into_iter().map(|(at, _)| at).collect();
    for digits in [&[1, 2, 3, 4, 5, 6, 7, 8, 9][..], &[1, 2, 3, 5], &[1, 2, 5], &[1, 3]] {
        let labelled = between(digits);
        let apart = labelled.windows(2).map(|pair| (pair[1].0 - pair[0].0) * room / (high - low));
        let widest = labelled.iter().map(|(_, label)| need(label)).fold(0.0, f64::max);
        if labelled.len() > 1 && apart.fold(f64::INFINITY, f64::min) >= widest {
            return Ticks { labelled, small: small(), factor: String::new() };
        }
    }
    let mut ticks = linear(10f64.powf(low), 10f64.powf(high), room, need);
    ticks.labelled.retain(|&(at, _)| at > 0.0);
    ticks.labelled.iter_mut().for_each(|(at, _)| *at = at.log10());
    ticks
}

fn log_label(digit: u8, exponent: i32, plain: bool) -> String {
    match (plain, digit) {
        (true, _) => {
            let v = f64::from(digit) * 10f64.powi(exponent);
            number(v, exponent.min(0).unsigned_abs() as usize)
        }
        (false, 1) => power_of_ten(exponent),
        (false, _) => format!("{digit}×{}", power_of_ten(exponent)),
    }
}

pub(crate) fn power_of_ten(exponent: i32) -> String {
    let mut text = String::from("10");
    for c in exponent.to_string().chars() {
        text.push(match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            // The others lie in a row of Unicode that lacks these three.
            digit => char::from_u32('⁰' as u32 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(log: bool, from: f64, to: f64) -> Ticks {
        let scale = Scale { log, from, to, fixed: true };
        ticks(&scale, 300.0, &|label| 8.0 * label.chars().count() as f64 + 12.0)
    }

    fn labels_of(ticks: &Ticks) -> Vec<&str> {
        ticks.labelled.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn linear_labels_are_round_numbers() {
        assert_eq!(labels_of(&on(false, -1.0, 1.0)), ["−1", "−0.5", "0", "0.5", "1"]);
        assert_eq!(labels_of(&on(false, 0.0, 20_000.0)), ["0", "5000", "10000", "15000", "20000"]);
        let large = on(false, 0.0, 3e7);
        assert_eq!(
            (labels_of(&large).join(" "), &*large.factor),
            ("0 0.5 1 1.5 2 2.5 3".into(), "×10⁷")
        );
        assert_eq!(on(false, 0.0, 1e-280).factor, "×10⁻²⁸⁰");
        assert_eq!(labels_of(&on(false, 1.0, 0.0)).len(), 6);
    }

    #[test]
    fn log_labels_are_decades_however_small() {
        assert_eq!(labels_of(&on(true, -2.0, 2.0)), ["0.01", "0.1", "1", "10", "100"]);
        assert_eq!(on(true, -2.0, 2.0).small.len(), 4 * 8);
        let deep = on(true, -300.0, 0.0);
        assert_eq!(labels_of(&deep).first(), Some(&"10⁻³⁰⁰"));
        assert_eq!(labels_of(&deep).last(), Some(&"10⁰"));
        assert!(deep.labelled.len() > 3 && deep.small.is_empty());
        assert_eq!(labels_of(&on(true, -5.8, -5.1)), ["2×10⁻⁶", "3×10⁻⁶", "5×10⁻⁶"]);
        assert!(on(true, 1.3, 1.301).labelled.len() > 1);
    }

    #[test]
    fn exponents_are_superscripts() {
        assert_eq!(power_of_ten(-1234567890), "10⁻¹²³⁴⁵⁶⁷⁸⁹⁰");
    }
}
