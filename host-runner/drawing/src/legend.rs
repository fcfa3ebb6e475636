//! Legends: in a corner of the frame, or beside panels that share one.
use crate::axes::{crisp, text};
use crate::font::{Block, fit};
use crate::scene::{Anchor, Area, Colour, Point, Shape, Stroke, WHITE};
use crate::series::{Style, styles};
use lab::figure::{Corner, Panel};

/// Length of the line, or room for the mark, before a name.
const SWATCH: f64 = 26.0;
const PADDING: f64 = 7.0;
/// Between swatch and name.
const GAP: f64 = 7.0;
/// Between the frame and a legend in its corner.
const INSET: f64 = 8.0;
const EDGE: Colour = Colour(190, 190, 190);
const SIZES: [f64; 5] = [13.0, 12.0, 11.0, 10.0, 9.0];
/// Marks in the legend are about as large as the letters beside them.
const LARGEST_MARK: f64 = 6.5;

/// Names and styles, laid out.
#[derive(Debug)]
pub(crate) struct Legend {
    /// No style: a row that says what is missing.
    rows: Vec<(Option<Style>, Block)>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Legend {
    /// The legend of a panel in at most `room`; `None` where no series has a name.
    pub(crate) fn of(panel: &Panel, room: (f64, f64)) -> Option<Self> {
        let series = panel.series.iter().zip(styles(panel));
        let named: Vec<(Style, &str)> = series
            .filter(|(series, _)| !series.name.is_empty())
            .map(|(series, style)| (style, series.name.as_str()))
            .collect();
        if named.is_empty() {
            return None;
        }
        let sizes = SIZES.into_iter().map(|size| Self::sized(&named, room, size));
        let mut last = None;
        for legend in sizes {
            let fits = legend.height <= room.1;
            last = Some(legend);
            if fits {
                return last;
            }
        }
        last.map(|legend| legend.shortened(room.1))
    }

    fn sized(named: &[(Style, &str)], (room, _): (f64, f64), size: f64) -> Self {
        let names = (room - SWATCH - GAP - 2.0 * PADDING).max(size);
        let row =
            |&(style, name): &(Style, &str)| (Some(style), fit(name, names, (size, size - 1.0), 3));
        Self { rows: named.iter().map(row).collect(), width: 0.0, height: 0.0 }.measured()
    }

    fn measured(mut self) -> Self {
        let width = self.rows.iter().map(|(_, name)| name.width()).fold(0.0, f64::max);
        self.width = width + SWATCH + GAP + 2.0 * PADDING;
        let names: f64 = self.rows.iter().map(|(_, name)| row_height(name)).sum();
        self.height = names + 2.0 * PADDING - 2.0;
        self
    }

    /// As many rows as fit, and one that counts the others.
    fn shortened(mut self, room: f64) -> Self {
        let all = self.rows.len();
        while self.height > room && self.rows.len() > 1 {
            self.rows.retain(|(style, _)| style.is_some());
            self.rows.pop();
            let more = format!("and {} more", all - self.rows.len());
            let size = SIZES[SIZES.len() - 1];
            self.rows.push((None, Block { lines: vec![more], size }));
            self = self.measured();
        }
        self
    }

    /// Where it lies in a corner of `frame`.
    pub(crate) fn area(&self, frame: &Area, corner: Corner) -> Area {
        let left = matches!(corner, Corner::TopLeft | Corner::BottomLeft);
        let top = matches!(corner, Corner::TopLeft | Corner::TopRight);
        let x = if left { frame.x + INSET } else { frame.right() - INSET - self.width };
        let y = if top { frame.y + INSET } else { frame.bottom() - INSET - self.height };
        Area { x: crisp(x), y: crisp(y), width: self.width.floor(), height: self.height.floor() }
    }

    /// The most room there is in a corner of `frame`.
    pub(crate) fn room(frame: &Area) -> (f64, f64) {
        // Most of the frame is for the curves.
        ((0.62 * frame.width).min(frame.width - 2.0 * INSET - 1.0), 0.75 * frame.height - INSET)
    }

    pub(crate) fn draw(&self, area: Area, shapes: &mut Vec<Shape>) {
        let edge = Some(Stroke::solid(EDGE, 1.0));
        shapes.push(Shape::Area { area, fill: Some((WHITE, 0.88)), edge });
        let mut top = area.y + PADDING - 1.0;
        let left = area.x + PADDING;
        for (style, name) in &self.rows {
            let middle = top + 0.5 * row_height(name);
            if let Some(style) = style {
                shapes.push(swatch(*style, (left, middle)));
            }
            let first = middle - 0.5 * name.height();
            for (down, line) in name.baselines() {
                let at = (left + SWATCH + GAP, first + down);
                shapes.push(text(line, at, name.size, Anchor::Start));
            }
            top += row_height(name);
        }
    }
}

fn row_height(name: &Block) -> f64 {
    name.height() + 0.3 * name.size
}

fn swatch(style: Style, (left, y): Point) -> Shape {
    match style {
        Style::Line(stroke) => {
            Shape::Lines { lines: vec![vec![(left, y), (left + SWATCH, y)]], stroke }
        }
        Style::Marks(mark, radius, colour) => {
            let radius = radius.min(LARGEST_MARK);
            Shape::Marks { at: vec![(left + 0.5 * SWATCH, y)], mark, radius, colour }
        }
    }
}
