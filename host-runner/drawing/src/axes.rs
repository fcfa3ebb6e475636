//! The frame of a panel, its ticks and labels.
use crate::font::{Block, width};
use crate::scale::Scale;
use crate::scene::{Anchor, Area, BLACK, Colour, Point, Shape, Stroke, Text};
use crate::ticks::{Ticks, ticks};
use lab::figure::Panel;

pub(crate) const TICK_SIZE: f64 = 13.0;
/// Between a label of a tick and the frame.
pub(crate) const TICK_ROOM: f64 = 8.0;
const TICK_LENGTH: f64 = 4.0;
const GRID: Colour = Colour(225, 225, 225);
const FRAME: Colour = Colour(180, 180, 180);
const AXIS: Colour = Colour(40, 40, 40);

/// Both axes of a panel at their place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axes {
    pub(crate) area: Area,
    pub(crate) x: Scale,
    pub(crate) y: Scale,
}

impl Axes {
    /// The axes of `panel` in `area`, or in its middle where one unit has to be as long in x as in y.
    pub(crate) fn of(panel: &Panel, area: Area) -> Self {
        let axes = Self { area, x: Scale::x(panel), y: Scale::y(panel) };
        if panel.equal && axes.x.log == axes.y.log { axes.equal() } else { axes }
    }

    /// Ends that nobody asked for move; where all are fixed, the frame gives way.
    fn equal(self) -> Self {
        let Self { mut area, x, y } = self;
        // Units per length.
        let (across, up) = (x.span().abs() / area.width, y.span().abs() / area.height);
        if across > up && !y.fixed {
            return Self { y: y.widened(across * area.height), ..self };
        }
        if up > across && !x.fixed {
            return Self { x: x.widened(up * area.width), ..self };
        }
        let unit = across.max(up);
        let (width, height) = (x.span().abs() / unit, y.span().abs() / unit);
        area.x += 0.5 * (area.width - width);
        area.y += 0.5 * (area.height - height);
        // Never nothing, however long the one axis and short the other.
        (area.width, area.height) = (width.max(1.0), height.max(1.0));
        Self { area, x, y }
    }

    pub(crate) fn x_ticks(&self) -> Ticks {
        ticks(&self.x, self.area.width, &|label| width(label, TICK_SIZE) + 14.0)
    }

    pub(crate) fn y_ticks(&self) -> Ticks {
        ticks(&self.y, self.area.height, &|_| (2.6 * TICK_SIZE).max(self.area.height / 11.0))
    }

    /// Where a point lies, be it in the frame or not.
    pub(crate) fn place(&self, (x, y): (f64, f64)) -> Option<Point> {
        let (x, y) = (self.x.share(x)?, self.y.share(y)?);
        Some((self.area.x + x * self.area.width, self.area.bottom() - y * self.area.height))
    }

    /// Lines of the grid, behind everything.
    pub(crate) fn draw_grid(&self, (x, y): (&Ticks, &Ticks), shapes: &mut Vec<Shape>) {
        let mut lines: Vec<Vec<Point>> = Vec::new();
        for (at, _) in &x.labelled {
            lines.push(self.across(*at, self.area.y, self.area.bottom()));
        }
        for (at, _) in &y.labelled {
            lines.push(self.along(*at, self.area.x, self.area.right()));
        }
        if !lines.is_empty() {
            shapes.push(Shape::Lines { lines, stroke: Stroke::solid(GRID, 1.0) });
        }
    }

    /// The frame with ticks and their labels.
    pub(crate) fn draw_frame(&self, (x, y): (&Ticks, &Ticks), shapes: &mut Vec<Shape>) {
        let Area { x: left, y: top, .. } = self.area;
        let (right, bottom) = (self.area.right(), self.area.bottom());
        let thin = Stroke::solid(FRAME, 1.0);
        let corner = vec![(left, top), (right, top), (right, bottom)];
        shapes.push(Shape::Lines { lines: vec![corner], stroke: thin });
        let mut lines = vec![vec![(left, top), (left, bottom), (right, bottom)]];
        let all = |ticks: &Ticks| -> Vec<(f64, f64)> {
            let long = ticks.labelled.iter().map(|(at, _)| (*at, TICK_LENGTH));
            long.chain(ticks.small.iter().map(|at| (*at, 0.5 * TICK_LENGTH))).collect()
        };
        for (at, length) in all(x) {
            lines.push(self.across(at, bottom, bottom + length));
        }
        for (at, length) in all(y) {
            lines.push(self.along(at, left - length, left));
        }
        shapes.push(Shape::Lines { lines, stroke: Stroke::solid(AXIS, 1.0) });
        for (at, label) in &x.labelled {
            let at = (left + at * self.area.width, bottom + TICK_ROOM + 0.8 * TICK_SIZE);
            shapes.push(text(label, at, TICK_SIZE, Anchor::Middle));
        }
        for (at, label) in &y.labelled {
            let at = (left - TICK_ROOM, bottom - at * self.area.height + 0.36 * TICK_SIZE);
            shapes.push(text(label, at, TICK_SIZE, Anchor::End));
        }
    }

    /// An upright line at a share of x.
    fn across(&self, share: f64, from: f64, to: f64) -> Vec<Point> {
        let x = crisp(self.area.x + share * self.area.width);
        vec![(x, from), (x, to)]
    }

    /// A level line at a share of y.
    fn along(&self, share: f64, from: f64, to: f64) -> Vec<Point> {
        let y = crisp(self.area.bottom() - share * self.area.height);
        vec![(from, y), (to, y)]
    }
}

/// A line one unit wide is sharp halfway between whole units.
pub(crate) fn crisp(v: f64) -> f64 {
    v.floor() + 0.5
}

/// Black upright text.
pub(crate) fn text(text: &str, at: Point, size: f64, anchor: Anchor) -> Shape {
    let text = text.to_string();
    Shape::Text(Text { text, at, size, anchor, turned: false, colour: BLACK })
}

/// Centred lines below `top`.
pub(crate) fn centred(block: &Block, (x, top): Point, shapes: &mut Vec<Shape>) {
    for (down, line) in block.baselines() {
        shapes.push(text(line, (x, top + down), block.size, Anchor::Middle));
    }
}

/// The same turned by a quarter, to the right of `left`.
pub(crate) fn centred_upwards(block: &Block, (left, y): Point, shapes: &mut Vec<Shape>) {
    for (down, line) in block.baselines() {
        let (text, at, size) = (line.clone(), (left + down, y), block.size);
        let anchor = Anchor::Middle;
        shapes.push(Shape::Text(Text { text, at, size, anchor, turned: true, colour: BLACK }));
    }
}
