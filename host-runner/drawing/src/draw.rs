//! The drawing itself: the only file that names the plotting crate.
use crate::dashes::dashes;
use kuva::backend::raster::RasterBackend;
use kuva::backend::svg::SvgBackend;
use kuva::plot::LegendPosition;
use kuva::plot::line::LinePlot;
use kuva::plot::scatter::{MarkerShape, ScatterPlot};
use kuva::render::annotations::ReferenceLine;
use kuva::render::figure::Figure as Grid;
use kuva::render::layout::{Layout, TickFormat};
use kuva::render::plots::Plot;
use kuva::render::render::Scene;
use lab::figure::{Axis, Corner, Figure, Look, Panel, Series};
use std::sync::Arc;

/// Okabe and Ito's colours, which the colour-blind can tell apart.
const COLOURS: [&str; 7] =
    ["#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#D55E00"];
/// Stars lie over lines and must be seen there.
const STAR_COLOUR: &str = "#D55E00";
const GUIDE_COLOUR: &str = "#707070";
/// Pixels of a PNG per unit of the SVG.
const PNG_SCALE: f32 = 2.0;
const PANELS_PER_ROW: usize = 4;

pub(super) fn svg(figure: &Figure) -> String {
    SvgBackend.render_scene(&scene(figure))
}

pub(super) fn png(figure: &Figure) -> Result<Vec<u8>, String> {
    RasterBackend::new().with_scale(PNG_SCALE).render_scene(&scene(figure))
}

fn scene(figure: &Figure) -> Scene {
    let blank = [Panel::default()];
    let panels = if figure.panels.is_empty() { &blank[..] } else { &figure.panels };
    let rows = panels.len().div_ceil(PANELS_PER_ROW);
    let columns = panels.len().div_ceil(rows);
    let (width, height) = match columns {
        1 => (860.0, 540.0),
        2 => (600.0, 450.0),
        _ => (400.0, 360.0),
    };
    let (plots, layouts) = panels.iter().map(draw).unzip();
    let mut grid = Grid::new(rows, columns)
        .with_plots(plots)
        .with_layouts(layouts)
        .with_cell_size(width, height)
        .with_spacing(18.0)
        .with_padding(12.0);
    // Panels that share their series share one legend.
    let names = panels[0].legend_names();
    if panels.len() > 1 && !names.is_empty() && panels.iter().all(|p| p.legend_names() == names) {
        grid = grid.with_shared_legend_right_middle();
    }
    if !figure.title.is_empty() {
        grid = grid.with_title(figure.title.clone()).with_title_size(20);
    }
    grid.render()
}

fn draw(panel: &Panel) -> (Vec<Plot>, Layout) {
    let mut plots = Vec::new();
    for (index, series) in panel.series.iter().enumerate() {
        plots.extend(draw_series(panel, series, COLOURS[index % COLOURS.len()]));
    }
    let mut layout = Layout::auto_from_plots(&plots)
        .with_x_label(panel.x.label.clone())
        .with_y_label(panel.y.label.clone())
        // Ticks of five digits reach into it otherwise.
        .with_y_label_offset(-8.0, 0.0)
        .with_title_size(16)
        .with_label_size(15)
        .with_tick_size(13)
        .with_body_size(13)
        .with_legend_position(match panel.legend {
            Corner::TopRight => LegendPosition::InsideTopRight,
            Corner::TopLeft => LegendPosition::InsideTopLeft,
            Corner::BottomLeft => LegendPosition::InsideBottomLeft,
            Corner::BottomRight => LegendPosition::InsideBottomRight,
        });
    if panel.legend_names().is_empty() {
        layout.show_legend = false;
    }
    if !panel.title.is_empty() {
        layout = layout.with_title(panel.title.clone());
    }
    if let Some((from, to)) = range(panel, &panel.x, |point| point.0) {
        layout = layout.with_x_axis_min(from).with_x_axis_max(to);
        if panel.x.log {
            let decades = Decades::of(from, to);
            layout = layout.with_x_tick_step(decades.step).with_x_tick_format(decades.format());
        }
    }
    if let Some((from, to)) = range(panel, &panel.y, |point| point.1) {
        layout = layout.with_y_axis_min(from).with_y_axis_max(to);
        if panel.y.log {
            let decades = Decades::of(from, to);
            layout = layout.with_y_tick_step(decades.step).with_y_tick_format(decades.format());
        }
    }
    for guide in &panel.guides {
        let line = match guide.vertical {
            true => ReferenceLine::vertical(place(&panel.x, guide.at)),
            false => ReferenceLine::horizontal(place(&panel.y, guide.at)),
        };
        layout = layout
            .with_reference_line(line.with_color(GUIDE_COLOUR).with_label(guide.label.clone()));
    }
    (plots, layout)
}

/// Whether `v` has a place on the axis.
fn fits(axis: &Axis, v: f64) -> bool {
    v.is_finite() && (!axis.log || v > 0.0)
}

/// The plotting crate's own log axes show no ticks below 1e-10, where losses end up, and panic
/// on an empty range. So we plot logarithms on its linear axes and label the decades ourselves.
fn place(axis: &Axis, v: f64) -> f64 {
    if axis.log { v.log10() } else { v }
}

/// The range asked for, or on a log axis that of the points; `None` leaves it to the plotting crate.
fn range(panel: &Panel, axis: &Axis, coordinate: fn(&(f64, f64)) -> f64) -> Option<(f64, f64)> {
    if let Some((from, to)) = axis.range {
        return (fits(axis, from) && fits(axis, to)).then(|| (place(axis, from), place(axis, to)));
    }
    if !axis.log {
        return None;
    }
    let points = panel.series.iter().flat_map(|series| &series.points);
    let places = points
        .filter(|&&(x, y)| fits(&panel.x, x) && fits(&panel.y, y))
        .map(|point| place(axis, coordinate(point)));
    let (least, most) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), at| {
        (least.min(at), most.max(at))
    });
    if least > most {
        return Some((0.0, 1.0));
    }
    // Less than a decade shows no tick, or one; show whole decades then.
    let whole = most - least < 1.5;
    let margin = 0.03 * (most - least);
    Some(if whole {
        (least.floor(), most.ceil().max(least.floor() + 1.0))
    } else {
        (least - margin, most + margin)
    })
}

/// Ticks of a log axis.
struct Decades {
    step: f64,
    /// Write 0.01 and 100 instead of powers.
    plain: bool,
}

impl Decades {
    fn of(from: f64, to: f64) -> Self {
        Self { step: ((to - from) / 7.0).ceil().max(1.0), plain: from > -3.0 && to < 5.0 }
    }

    fn format(&self) -> TickFormat {
        let plain = self.plain;
        TickFormat::Custom(Arc::new(move |exponent| {
            let exponent = exponent.round() as i32;
            if plain { format!("{}", 10f64.powi(exponent)) } else { power_of_ten(exponent) }
        }))
    }
}

fn power_of_ten(exponent: i32) -> String {
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

/// With room behind it: the plotting crate measures names a little short of their frame.
fn legend_name(series: &Series) -> String {
    format!("{}\u{a0}\u{a0}", series.name)
}

fn draw_series(panel: &Panel, series: &Series, colour: &str) -> Vec<Plot> {
    let drawable = |&(x, y): &(f64, f64)| fits(&panel.x, x) && fits(&panel.y, y);
    let placed = |&(x, y): &(f64, f64)| (place(&panel.x, x), place(&panel.y, y));
    if matches!(series.look, Look::Points | Look::Stars) {
        let points: Vec<_> = series.points.iter().filter(|p| drawable(p)).map(placed).collect();
        let plot = ScatterPlot::new().with_data(points);
        let mut plot = match series.look {
            Look::Stars => {
                plot.with_marker(MarkerShape::Star).with_size(8.0).with_color(STAR_COLOUR)
            }
            _ => plot.with_size(4.5).with_color(colour),
        };
        if !series.name.is_empty() {
            plot = plot.with_legend(legend_name(series));
        }
        return vec![plot.into()];
    }
    // A gap in the data must be a gap in the line.
    let runs = series.points.split(|point| !drawable(point)).filter(|run| !run.is_empty());
    let lines = runs.map(|run| run.iter().map(placed).collect::<Vec<_>>());
    let pieces: Vec<_> = match series.look {
        Look::Dashed => {
            let size = (extent(panel, &panel.x, |p| p.0), extent(panel, &panel.y, |p| p.1));
            lines.flat_map(|line| dashes(&line, size)).collect()
        }
        _ => lines.collect(),
    };
    pieces
        .into_iter()
        .enumerate()
        .map(|(index, piece)| {
            let mut plot =
                LinePlot::new().with_data(piece).with_color(colour).with_stroke_width(2.0);
            // For the legend: a dash is no longer than the plotting crate's.
            if series.look == Look::Dashed {
                plot = plot.with_dashed();
            }
            if index == 0 && !series.name.is_empty() {
                plot = plot.with_legend(legend_name(series));
            }
            plot.into()
        })
        .collect()
}

/// How far the axis reaches, or the points on it where they reach farther.
fn extent(panel: &Panel, axis: &Axis, coordinate: fn(&(f64, f64)) -> f64) -> f64 {
    let points = panel.series.iter().flat_map(|series| &series.points).map(coordinate);
    let places = points.filter(|&v| fits(axis, v)).map(|v| place(axis, v));
    let (least, most) = places.fold(
        range(panel, axis, coordinate).unwrap_or((f64::INFINITY, f64::NEG_INFINITY)),
        |(least, most), at| (least.min(at), most.max(at)),
    );
    if most > least { most - least } else { 1.0 }
}
