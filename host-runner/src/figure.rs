//! Figures: what experiments say about them, and how they are drawn.
//!
//! Experiments describe panels, series and guides in the plain types below; only the file
//! `draw` knows the plotting crate. The same description gives SVG, PNG and the plotted numbers as CSV.
use crate::failure::Failure;
use std::fmt::Write;

mod draw;

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A solid line through the points, broken at NaN.
    Line,
    /// A dashed line, for predictions and bounds.
    Dashed,
    /// Dots.
    Points,
    /// Five-pointed stars, for neurons.
    Stars,
}

/// Named points.
#[derive(Debug, Clone)]
pub struct Series {
    name: String,
    look: Look,
    points: Vec<(f64, f64)>,
}

/// A labelled line across a panel.
#[derive(Debug, Clone)]
struct Guide {
    vertical: bool,
    at: f64,
    label: String,
}

/// One axis of a panel.
#[derive(Debug, Clone, Default)]
struct Axis {
    label: String,
    log: bool,
    range: Option<(f64, f64)>,
}

/// A corner of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Corner {
    /// The usual place.
    #[default]
    TopRight,
    /// Away from rising curves' ends.
    TopLeft,
    /// Away from falling curves' starts.
    BottomLeft,
    /// Away from falling curves' ends.
    BottomRight,
}

/// One pair of axes with what is drawn on it.
#[derive(Debug, Clone, Default)]
pub struct Panel {
    title: String,
    x: Axis,
    y: Axis,
    series: Vec<Series>,
    guides: Vec<Guide>,
    legend: Corner,
}

impl Panel {
    /// An empty panel. Inside a figure of one panel the title may be empty.
    pub fn new(title: impl Into<String>, x: impl Into<String>, y: impl Into<String>) -> Self {
        let axis = |label| Axis { label, ..Axis::default() };
        Self { title: title.into(), x: axis(x.into()), y: axis(y.into()), ..Self::default() }
    }

    /// Logarithmic x; points at or below zero are left out.
    pub fn log_x(mut self) -> Self {
        self.x.log = true;
        self
    }

    /// Logarithmic y; points at or below zero are left out.
    pub fn log_y(mut self) -> Self {
        self.y.log = true;
        self
    }

    /// Fixed range of x, instead of that of the points.
    pub fn x_range(mut self, from: f64, to: f64) -> Self {
        self.x.range = Some((from, to));
        self
    }

    /// Fixed range of y.
    pub fn y_range(mut self, from: f64, to: f64) -> Self {
        self.y.range = Some((from, to));
        self
    }

    /// Adds a series. A series with an empty name stays out of the legend.
    pub fn series(
        mut self,
        look: Look,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let points = points.into_iter().collect();
        self.series.push(Series { name: name.into(), look, points });
        self
    }

    /// A labelled vertical line at `x`.
    pub fn guide_x(mut self, x: f64, label: impl Into<String>) -> Self {
        self.guides.push(Guide { vertical: true, at: x, label: label.into() });
        self
    }

    /// A labelled horizontal line at `y`.
    pub fn guide_y(mut self, y: f64, label: impl Into<String>) -> Self {
        self.guides.push(Guide { vertical: false, at: y, label: label.into() });
        self
    }

    fn legend_names(&self) -> Vec<&str> {
        self.series.iter().map(|s| s.name.as_str()).filter(|name| !name.is_empty()).collect()
    }

    /// Where the legend goes. Panels of a figure that all have the same series share one legend
    /// at the right instead.
    pub fn legend(mut self, corner: Corner) -> Self {
        self.legend = corner;
        self
    }
}

/// A row of panels under one title.
#[derive(Debug, Clone)]
pub struct Figure {
    /// File name without extension.
    pub name: String,
    title: String,
    panels: Vec<Panel>,
}

impl Figure {
    /// A figure without panels.
    pub fn new(name: impl Into<String>, title: impl Into<String>) -> Self {
        Self { name: name.into(), title: title.into(), panels: Vec::new() }
    }

    /// Adds a panel to the right; after the fourth a new row begins.
    pub fn panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }

    /// The drawing as SVG text.
    pub fn svg(&self) -> String {
        draw::svg(self)
    }

    /// The drawing as a PNG file.
    pub fn png(&self) -> Result<Vec<u8>, Failure> {
        draw::png(self)
            .map_err(|why| Failure::failed(format!("cannot draw figure {}: {why}", self.name)))
    }

    /// Every plotted number: `panel,series,x,y`. A guide is a row with one coordinate.
    pub fn csv(&self) -> String {
        let mut csv = String::from("panel,series,x,y\n");
        let mut row = |panel: &str, name: &str, x: Option<f64>, y: Option<f64>| {
            let word = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v:?}"));
            // Writing to a String cannot fail.
            let _ = writeln!(csv, "{},{},{},{}", quoted(panel), quoted(name), word(x), word(y));
        };
        for panel in &self.panels {
            for series in &panel.series {
                for &(x, y) in &series.points {
                    row(&panel.title, &series.name, Some(x), Some(y));
                }
            }
            for guide in &panel.guides {
                let (x, y) =
                    if guide.vertical { (Some(guide.at), None) } else { (None, Some(guide.at)) };
                row(&panel.title, &guide.label, x, y);
            }
        }
        csv
    }
}

/// Quoted where CSV asks for it.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into()
    }
}

/// At most `count` of the indices `0..total`, evenly spaced on a log axis, with both ends. For
/// traces and curves of runs whose interesting times span decades.
pub fn log_spaced(total: usize, count: usize) -> Vec<usize> {
    let Some(last) = total.checked_sub(1) else {
        return Vec::new();
    };
    let steps = count.saturating_sub(2).max(1);
    let ratio = (last as f64).ln() / steps as f64;
    let mut indices = vec![0];
    for step in 0..=steps {
        let index = ((ratio * step as f64).exp().round() as usize).min(last);
        if indices.last() != Some(&index) {
            indices.push(index);
        }
    }
    indices
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A loss with two plateaus, as of a network that meets two saddles.
    pub(crate) fn plateaus() -> Figure {
        let loss = |k: usize| {
            let fall = |at: f64| 1.0 / (1.0 + ((k as f64 - at) / 120.0).exp());
            0.25 * fall(5000.0) + 0.25 * fall(11000.0) + 1e-21
        };
        let curve = |ks: &[usize]| ks.iter().map(|&k| (k as f64, loss(k))).collect::<Vec<_>>();
        let every: Vec<usize> = (0..20000).step_by(20).collect();
        let linear = Panel::new("", "iteration", "loss L")
            .series(Look::Line, "this run", curve(&every))
            .guide_x(5000.0, "5000")
            .guide_x(11000.0, "11000")
            .guide_y(0.25, "second saddle, L = 0.25")
            .y_range(0.0, 0.6);
        let log = Panel::new("", "iteration", "loss L")
            .log_x()
            .log_y()
            .series(Look::Line, "this run", curve(&log_spaced(20000, 400)))
            .series(
                Look::Dashed,
                "bound of Theorem 1",
                curve(&log_spaced(20000, 40)).into_iter().map(|(k, l)| (k, 2.0 * l)),
            )
            .guide_y(0.25, "second saddle")
            .legend(Corner::BottomLeft);
        Figure::new("loss", "Two saddles, two plateaus").panel(linear).panel(log)
    }

    /// Four snapshots of a piecewise-linear function, with its neurons as stars.
    pub(crate) fn snapshots() -> Figure {
        let mut figure = Figure::new("network", "The network at four times");
        for (at, slope) in [(0, 0.0), (5000, 0.4), (11000, 1.1), (20000, 1.7)] {
            let h = |x: f64| slope * (x + 0.4f64).max(0.0) - 0.7 * slope * (x - 0.3f64).max(0.0);
            let xs = (-50..=50).map(|i| f64::from(i) / 40.0);
            figure = figure.panel(
                Panel::new(format!("iteration {at}"), "x", "h(x)")
                    .series(Look::Line, "network", xs.map(|x| (x, h(x))))
                    .series(Look::Stars, "neurons", [(-0.4, h(-0.4)), (0.3, h(0.3))])
                    .series(Look::Points, "data", [(-0.5, 0.2), (0.5, 1.0), (1.0, 1.2)])
                    .x_range(-1.25, 1.25)
                    .y_range(-0.5, 2.0)
                    .legend(Corner::TopLeft),
            );
        }
        figure
    }

    #[test]
    fn every_figure_renders_in_three_formats() {
        for figure in [plateaus(), snapshots()] {
            assert!(figure.svg().contains("</svg>"));
            let png = figure.png().unwrap();
            assert_eq!(png[..4], *b"\x89PNG");
            assert!(figure.csv().starts_with("panel,series,x,y\n"));
            if let Some(folder) = std::env::var_os("RELUFLOW_FIGURES") {
                let path = std::path::Path::new(&folder).join(&figure.name);
                std::fs::write(path.with_extension("png"), png).unwrap();
                std::fs::write(path.with_extension("svg"), figure.svg()).unwrap();
            }
        }
    }

    #[test]
    fn points_that_cannot_be_drawn_do_not_stop_the_drawing() {
        let bad = [(0.0, 1.0), (1.0, f64::NAN), (2.0, -1.0), (3.0, f64::INFINITY)];
        for look in [Look::Line, Look::Dashed, Look::Points, Look::Stars] {
            for points in [&bad[..], &bad[..1], &[]] {
                let panel = Panel::new("", "x", "y").series(look, "bad", points.to_vec());
                let figure = Figure::new("f", "").panel(panel.clone()).panel(panel.log_x().log_y());
                assert!(figure.svg().contains("</svg>"));
            }
        }
        assert!(Figure::new("empty", "").png().is_ok());
    }

    #[test]
    fn csv_quotes_and_keeps_every_digit() {
        let panel = Panel::new("a, b", "x", "y").series(Look::Line, "s", [(0.1, 1e-300)]);
        let csv = Figure::new("f", "").panel(panel.guide_y(0.25, "g")).csv();
        assert_eq!(csv, "panel,series,x,y\n\"a, b\",s,0.1,1e-300\n\"a, b\",g,,0.25\n");
    }

    #[test]
    fn log_spacing_keeps_both_ends_and_rises() {
        for total in [1, 2, 3, 10, 20001] {
            let indices = log_spaced(total, 50);
            assert_eq!((indices[0], *indices.last().unwrap()), (0, total - 1));
            assert!(indices.windows(2).all(|pair| pair[0] < pair[1]) && indices.len() <= 50);
        }
        assert!(log_spaced(0, 50).is_empty());
    }
}
