//! Series in their colours and shapes.
use crate::axes::Axes;
use crate::lines::{Sampled, clip, covered, sampled};
use crate::scene::{Colour, Mark, Point, Shape, Stroke};
use lab::figure::{Look, Panel, Series};

/// Okabe and Ito's colours, which the colour-blind can tell apart.
const COLOURS: [Colour; 7] = [
    Colour(0, 114, 178),
    Colour(0, 158, 115),
    Colour(204, 121, 167),
    Colour(230, 159, 0),
    Colour(86, 180, 233),
    Colour(0, 0, 0),
    STAR,
];
/// Stars lie over lines and must be seen there.
const STAR: Colour = Colour(213, 94, 0);
/// So that dots over dots, and dots in grey print, can be told apart.
const MARKS: [Mark; 4] = [Mark::Dot, Mark::Diamond, Mark::Triangle, Mark::Square];
const LINE_WIDTH: f64 = 2.0;
/// How much wider a line is where another lies over it, to look out on both sides.
const WIDER: f64 = 1.6;
/// A dash and the gap after it, however many points a line has.
const DASHES: (f64, f64) = (7.5, 5.0);
const STAR_RADIUS: f64 = 8.5;
const DOT_RADIUS: f64 = 4.0;
/// More dots than this are smaller, so that fewer hide each other.
const MANY: usize = 300;
const SMALL_RADIUS: f64 = 2.6;

/// How one series is drawn, on the panel and in its legend.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    Line(Stroke),
    Marks(Mark, f64, Colour),
}

/// The styles of the series of a panel.
pub(crate) fn styles(panel: &Panel) -> Vec<Style> {
    let mut dotted = 0;
    let mut style = |(index, series): (usize, &Series)| {
        let colour = COLOURS[index % COLOURS.len()];
        match series.look {
            Look::Line => Style::Line(Stroke::solid(colour, LINE_WIDTH)),
            Look::Dashed => Style::Line(Stroke { colour, width: LINE_WIDTH, dashes: Some(DASHES) }),
            Look::Stars => Style::Marks(Mark::Star, STAR_RADIUS, STAR),
            Look::Points => {
                let mark = MARKS[dotted % MARKS.len()];
                dotted += 1;
                let few = series.points.len() <= MANY;
                Style::Marks(mark, if few { DOT_RADIUS } else { SMALL_RADIUS }, colour)
            }
        }
    };
    panel.series.iter().enumerate().map(&mut style).collect()
}

/// What is drawn of the series of a panel.
#[derive(Debug, Default)]
pub(crate) struct Curves {
    /// Lines, then dashed lines, then marks: each is seen beside or through the next.
    pub(crate) shapes: Vec<Shape>,
    /// Points on what is drawn, about one unit apart, for what must find a free place.
    pub(crate) samples: Vec<Point>,
}

/// Draws the series of a panel inside its frame.
pub(crate) fn curves(panel: &Panel, axes: &Axes) -> Curves {
    let mut lines = Vec::new();
    let mut curves = Curves::default();
    let mut marks = Vec::new();
    for (series, style) in panel.series.iter().zip(styles(panel)) {
        match style {
            Style::Line(stroke) => {
                let pieces = pieces(series, axes);
                if !pieces.is_empty() {
                    lines.push((pieces, stroke));
                }
            }
            Style::Marks(mark, radius, colour) => {
                let places = series.points.iter().filter_map(|&point| axes.place(point));
                let at: Vec<Point> = places.filter(|at| axes.area.holds(*at)).collect();
                curves.samples.extend(&at);
                if !at.is_empty() {
                    marks.push(Shape::Marks { at, mark, radius, colour });
                }
            }
        }
    }
    lines.sort_by_key(|(_, stroke)| stroke.dashes.is_some());
    let samples: Vec<Sampled> = lines
        .iter()
        .map(|(pieces, how)| {
            let pieces = pieces.iter().map(|piece| sampled(piece)).collect();
            Sampled { pieces, dashed: how.dashes.is_some() }
        })
        .collect();
    for ((_, stroke), stretches) in lines.iter().zip(covered(&samples, &axes.area)) {
        for (depth, stretch) in stretches {
            let stroke = Stroke { width: LINE_WIDTH + WIDER * f64::from(depth), ..*stroke };
            curves.shapes.push(Shape::Lines { lines: vec![stretch], stroke });
        }
    }
    for (lines, stroke) in lines {
        curves.shapes.push(Shape::Lines { lines, stroke });
    }
    curves.shapes.extend(marks);
    curves.samples.extend(samples.into_iter().flat_map(|line| line.pieces).flatten());
    curves
}

/// The pieces of a line that can be seen. A gap in the data is a gap in the line.
fn pieces(series: &Series, axes: &Axes) -> Vec<Vec<Point>> {
    let places: Vec<Option<Point>> = series.points.iter().map(|&at| axes.place(at)).collect();
    let runs = places.split(Option::is_none).filter(|run| !run.is_empty());
    runs.flat_map(|run| {
        let line: Vec<Point> = run.iter().flatten().copied().collect();
        clip(&line, &axes.area)
    })
    .map(|mut piece| {
        // A lone point between gaps is seen as a short line.
        if let [(x, y)] = piece[..] {
            piece = vec![(x - 0.5 * LINE_WIDTH, y), (x + 0.5 * LINE_WIDTH, y)];
        }
        piece
    })
    .collect()
}
