//! Panels, series and guides.
use std::fmt::Write;

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
    /// Stays out of the legend where it is empty.
    pub name: String,
    /// How it is drawn.
    pub look: Look,
    /// (x, y).
    pub points: Vec<(f64, f64)>,
}

/// A labelled line across a panel.
#[derive(Debug, Clone)]
pub struct Guide {
    /// At an x, instead of at a y.
    pub vertical: bool,
    /// Where.
    pub at: f64,
    /// What it says.
    pub label: String,
}

/// One axis of a panel.
#[derive(Debug, Clone, Default)]
pub struct Axis {
    /// What it measures.
    pub label: String,
    /// Logarithmic.
    pub log: bool,
    /// Instead of the range of the points.
    pub range: Option<(f64, f64)>,
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
    /// Above it.
    pub title: String,
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// Later ones lie above earlier ones.
    pub series: Vec<Series>,
    /// Lines across it.
    pub guides: Vec<Guide>,
    /// Where the legend is.
    pub legend: Corner,
    /// One unit of x is as long as one of y.
    pub equal: bool,
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

    /// One unit of x becomes as long as one of y, e.g. for pictures of the plane.
    pub fn equal(mut self) -> Self {
        self.equal = true;
        self
    }

    /// What the legend lists.
    pub fn legend_names(&self) -> Vec<&str> {
        self.series.iter().map(|s| s.name.as_str()).filter(|name| !name.is_empty()).collect()
    }

    /// Where the legend goes. Panels of a figure that all have the same series share one legend
    /// at the right instead.
    pub fn legend(mut self, corner: Corner) -> Self {
        self.legend = corner;
        self
    }
}

/// Panels under one title.
#[derive(Debug, Clone)]
pub struct Figure {
    /// File name without extension.
    pub name: String,
    /// Above all panels.
    pub title: String,
    /// From left to right, row by row.
    pub panels: Vec<Panel>,
}

impl Figure {
    /// A figure without panels.
    pub fn new(name: impl Into<String>, title: impl Into<String>) -> Self {
        Self { name: name.into(), title: title.into(), panels: Vec::new() }
    }

    /// Adds a panel; up to four stand in pairs, more in threes.
    pub fn panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
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
