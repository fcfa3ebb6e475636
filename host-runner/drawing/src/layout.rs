//! Where panels, titles and legends lie.
use crate::axes::{Axes, TICK_ROOM, TICK_SIZE, centred, centred_upwards, crisp};
use crate::font::{Block, fit, width};
use crate::guides;
use crate::legend::Legend;
use crate::scene::{Area, Scene, Shape};
use crate::series::curves;
use crate::ticks::Ticks;
use lab::figure::{Figure, Panel};
use lab::unicode;

/// What a drawing is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// A picture of its own.
    Still,
    /// One of a film: nothing may jump from one to the next.
    Frame,
}

/// Up to four panels stand in pairs: on a page or a screen, a row of four is too small to be read.
const PAIRS: usize = 4;
const PADDING: f64 = 12.0;
/// Between panels.
const GAP: f64 = 18.0;
/// Largest and smallest sizes of texts.
const FIGURE_TITLE: (f64, f64) = (20.0, 14.0);
const PANEL_TITLE: (f64, f64) = (16.0, 12.0);
const AXIS_LABEL: (f64, f64) = (15.0, 11.0);
/// Right of a frame: half a label of the last tick.
const RIGHT: f64 = 20.0;
/// The room for a shared legend.
const LEGEND_WIDTH: f64 = 260.0;
/// Between a text and what it belongs to.
const SPACE: f64 = 8.0;

/// The drawing of a figure.
pub(crate) fn scene(figure: &Figure, how: Use) -> Scene {
    let figure = &printed(figure.clone());
    let blank = [Panel::default()];
    let panels = if figure.panels.is_empty() { &blank[..] } else { &figure.panels };
    let rows = panels.len().div_ceil(if panels.len() <= PAIRS { 2 } else { 3 });
    let columns = panels.len().div_ceil(rows);
    let (width, height) = match columns {
        1 => (860.0, 540.0),
        2 => (600.0, 450.0),
        _ => (480.0, 400.0),
    };
    let total = |count: usize, size: f64| count as f64 * (size + GAP) - GAP;
    let grid = (total(columns, width), total(rows, height));
    let title = fit(&figure.title, grid.0, FIGURE_TITLE, 3);
    let top = PADDING + if figure.title.is_empty() { 0.0 } else { title.height() + SPACE };
    let legend = shared_legend(panels, grid.1);
    let beside = legend.as_ref().map_or(0.0, |legend| legend.width.ceil() + GAP);
    let mut shapes = Vec::new();
    centred(&title, (PADDING + 0.5 * grid.0, PADDING), &mut shapes);
    let margins = Margins::of(panels, (width, height));
    for (index, panel) in panels.iter().enumerate() {
        let x = PADDING + (index % columns) as f64 * (width + GAP);
        let y = top + (index / columns) as f64 * (height + GAP);
        let cell = Area { x, y, width, height };
        draw(panel, cell, &margins, (legend.is_none(), how), &mut shapes);
    }
    if let Some(legend) = legend {
        let (width, height) = (legend.width.floor(), legend.height.floor());
        let x = crisp(PADDING + grid.0 + GAP);
        let y = crisp(top + 0.5 * (grid.1 - height));
        legend.draw(Area { x, y, width, height }, &mut shapes);
    }
    let size = (2.0 * PADDING + grid.0 + beside, top + grid.1 + PADDING);
    Scene { width: size.0.ceil(), height: size.1.ceil(), shapes }
}

/// The figure with its mathematics as it is printed.
fn printed(mut figure: Figure) -> Figure {
    let print = |text: &mut String| *text = unicode(text);
    print(&mut figure.title);
    for panel in &mut figure.panels {
        for text in [&mut panel.title, &mut panel.x.label, &mut panel.y.label] {
            print(text);
        }
        panel.series.iter_mut().for_each(|series| print(&mut series.name));
        panel.guides.iter_mut().for_each(|guide| print(&mut guide.label));
    }
    figure
}

/// Panels that have the same series share one legend.
fn shared_legend(panels: &[Panel], room: f64) -> Option<Legend> {
    let names = panels[0].legend_names();
    let same = panels.len() > 1 && panels.iter().all(|panel| panel.legend_names() == names);
    if same { Legend::of(&panels[0], (LEGEND_WIDTH, room)) } else { None }
}

/// Around the frames of all panels of a figure, so that frames beside each other are alike.
struct Margins {
    left: f64,
    top: f64,
    bottom: f64,
}

impl Margins {
    fn of(panels: &[Panel], (width, height): (f64, f64)) -> Self {
        let most = |of: &dyn Fn(&Panel) -> f64| panels.iter().map(of).fold(0.0, f64::max);
        let space = |block: f64| if block > 0.0 { block + SPACE } else { 0.0 };
        let top = most(&|panel| fit(&panel.title, width, PANEL_TITLE, 3).height());
        // With the longest factor, which may appear or not with the room that there is.
        let label =
            |text: &str, room| fit(&format!("{text} (×10⁻³⁰⁰)"), room, AXIS_LABEL, 2).height();
        let below = most(&|panel| label(&panel.x.label, width - 100.0));
        let (top, bottom) = (space(top) + 4.0, below + TICK_ROOM + TICK_SIZE + SPACE);
        let frame = height - top - bottom;
        let beside = most(&|panel| label(&panel.y.label, frame));
        let area = Area { x: 0.0, y: 0.0, width: width - 100.0, height: frame };
        let ticks = most(&|panel| widest(&Axes::of(panel, area).y_ticks()));
        Self { left: beside + SPACE + ticks + TICK_ROOM, top, bottom }
    }

    fn frame(&self, cell: &Area) -> Area {
        let (x, y) = (crisp(cell.x + self.left), crisp(cell.y + self.top));
        let (right, bottom) = (crisp(cell.right() - RIGHT), crisp(cell.bottom() - self.bottom));
        Area { x, y, width: (right - x).max(40.0), height: (bottom - y).max(40.0) }
    }
}

fn widest(ticks: &Ticks) -> f64 {
    ticks.labelled.iter().map(|(_, label)| width(label, TICK_SIZE)).fold(0.0, f64::max)
}

fn draw(
    panel: &Panel,
    cell: Area,
    margins: &Margins,
    (own_legend, how): (bool, Use),
    shapes: &mut Vec<Shape>,
) {
    let axes = Axes::of(panel, margins.frame(&cell));
    let (x_ticks, y_ticks) = (axes.x_ticks(), axes.y_ticks());
    let frame = axes.area;
    let middle = frame.x + 0.5 * frame.width;
    let title = fit(&panel.title, cell.width, PANEL_TITLE, 3);
    // Over the frame, unless it is too long for that.
    let half = (0.5 * title.width()).min(0.5 * cell.width);
    let centre = middle.clamp(cell.x + half, cell.right() - half);
    centred(&title, (centre, frame.y - SPACE - title.height()), shapes);
    axes.draw_grid((&x_ticks, &y_ticks), shapes);
    guides::draw_lines(panel, &axes, shapes);
    axes.draw_frame((&x_ticks, &y_ticks), shapes);
    let label = axis_label(&panel.x.label, &x_ticks, frame.width);
    centred(&label, (middle, frame.bottom() + TICK_ROOM + TICK_SIZE + SPACE - 2.0), shapes);
    let label = axis_label(&panel.y.label, &y_ticks, frame.height);
    let left = frame.x - TICK_ROOM - widest(&y_ticks) - SPACE - label.height();
    centred_upwards(&label, (left, frame.y + 0.5 * frame.height), shapes);
    let curves = curves(panel, &axes);
    shapes.extend(curves.shapes);
    let legend = if own_legend { Legend::of(panel, Legend::room(&frame)) } else { None };
    let legend = legend.map(|legend| (legend.area(&frame, panel.legend), legend));
    let taken = legend.iter().map(|(area, _)| *area).collect();
    // In a film labels stay where they are, whatever the curves do.
    let samples = if how == Use::Still { &curves.samples[..] } else { &[] };
    guides::draw_labels(panel, &axes, taken, samples, shapes);
    if let Some((area, legend)) = legend {
        legend.draw(area, shapes);
    }
}

/// The label, and what to multiply the numbers at the ticks with, which must not be cut off.
fn axis_label(label: &str, ticks: &Ticks, room: f64) -> Block {
    let whole = |text: &str| fit(text, room, AXIS_LABEL, 2);
    match (label, ticks.factor.as_str()) {
        (label, "") => whole(label),
        ("", factor) => whole(factor),
        (label, factor) => {
            let end = format!("({factor})");
            let mut block = whole(&format!("{label} {end}"));
            let mut words: Vec<&str> = label.split_whitespace().collect();
            while !block.lines.last().is_some_and(|line| line.ends_with(&end)) {
                if words.pop().is_none() {
                    return whole(factor);
                }
                block = whole(&format!("{}… {end}", words.join(" ")));
            }
            block
        }
    }
}
