//! Guides: grey lines across a panel, with their labels where they hide least.
use crate::axes::Axes;
use crate::font::{Block, fit};
use crate::scale::Scale;
use crate::scene::{Anchor, Area, Colour, Point, Shape, Stroke, Text, WHITE};
use lab::figure::{Guide, Panel};

const COLOUR: Colour = Colour(112, 112, 112);
const TEXT_COLOUR: Colour = Colour(70, 70, 70);
const SIZES: (f64, f64) = (12.0, 10.0);
/// Between a label and the line, and the frame.
const GAP: f64 = 4.0;

/// The lines, behind the curves.
pub(crate) fn draw_lines(panel: &Panel, axes: &Axes, shapes: &mut Vec<Shape>) {
    let lines: Vec<Vec<Point>> =
        panel.guides.iter().filter_map(|guide| line(guide, axes)).collect();
    if !lines.is_empty() {
        let stroke = Stroke { colour: COLOUR, width: 1.2, dashes: Some((5.0, 3.0)) };
        shapes.push(Shape::Lines { lines, stroke });
    }
}

/// `None` outside the frame.
fn line(guide: &Guide, axes: &Axes) -> Option<Vec<Point>> {
    let area = &axes.area;
    let seen = |scale: &Scale| scale.share(guide.at).filter(|at| (0.0..=1.0).contains(at));
    Some(if guide.vertical {
        let x = area.x + seen(&axes.x)? * area.width;
        vec![(x, area.y), (x, area.bottom())]
    } else {
        let y = area.bottom() - seen(&axes.y)? * area.height;
        vec![(area.x, y), (area.right(), y)]
    })
}

/// The labels, over the curves: each where it meets no other label or `taken` place, and else the
/// fewest `samples` of the curves.
pub(crate) fn draw_labels(
    panel: &Panel,
    axes: &Axes,
    mut taken: Vec<Area>,
    samples: &[Point],
    shapes: &mut Vec<Shape>,
) {
    for guide in panel.guides.iter().filter(|guide| !guide.label.is_empty()) {
        let Some(line) = line(guide, axes) else {
            continue;
        };
        let label = fit(&guide.label, 0.6 * axes.area.width, SIZES, 3);
        // Where it meets least; the first of equals, because the usual places come first.
        let cost = |place: &Area| {
            let others = taken.iter().filter(|other| other.meets(place)).count();
            let inside = |corner| axes.area.holds(corner);
            let out = !inside((place.x, place.y)) || !inside((place.right(), place.bottom()));
            let hidden = samples.iter().filter(|&&at| place.holds(at)).count();
            (out, others, hidden)
        };
        let Some(place) =
            places(guide.vertical, line[0], &label, &axes.area).into_iter().min_by_key(cost)
        else {
            continue;
        };
        draw_label(&label, place, shapes);
        taken.push(place);
    }
}

/// Places beside a guide that starts at `start`, the usual ones first.
fn places(vertical: bool, start: Point, label: &Block, area: &Area) -> Vec<Area> {
    let (width, height) = (label.width(), label.height());
    let steps = |room: f64, step: f64| {
        (0..).map(move |k| f64::from(k) * step).take_while(move |at| *at <= room)
    };
    let at = |x: f64, y: f64| Area { x, y, width, height };
    if vertical {
        let tops = steps(area.height - height - 2.0 * GAP, height);
        tops.flat_map(|down| {
            let top = area.y + GAP + down;
            [at(start.0 + GAP, top), at(start.0 - GAP - width, top)]
        })
        .collect()
    } else {
        let rights = steps(area.width - width - 2.0 * GAP, 0.5 * width.max(20.0));
        rights
            .flat_map(|back| {
                let left = area.right() - GAP - width - back;
                [at(left, start.1 - 1.0 - height), at(left, start.1 + 2.0)]
            })
            .collect()
    }
}

fn draw_label(label: &Block, place: Area, shapes: &mut Vec<Shape>) {
    // A little to the sides, none above or below: the line itself is to be seen.
    let behind = Area { x: place.x - 2.0, width: place.width + 4.0, ..place };
    shapes.push(Shape::Area { area: behind, fill: Some((WHITE, 0.75)), edge: None });
    for (down, line) in label.baselines() {
        shapes.push(Shape::Text(Text {
            text: line.clone(),
            at: (place.x, place.y + down),
            size: label.size,
            anchor: Anchor::Start,
            turned: false,
            colour: TEXT_COLOUR,
        }));
    }
}
