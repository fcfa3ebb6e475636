//! Scenes as PNG.
use crate::font::FACE;
use crate::scene::{Anchor, Area, Colour, Mark, Point, Scene, Shape, Stroke, Text};
use tiny_skia::{
    FillRule, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, StrokeDash, Transform,
};
use ttf_parser::OutlineBuilder;

/// Pixels per unit of the scene.
const SCALE: f32 = 2.0;

pub(crate) fn png(scene: &Scene) -> Result<Vec<u8>, String> {
    let pixels = |v: f64| (v * f64::from(SCALE)).ceil() as u32;
    let mut pixmap = Pixmap::new(pixels(scene.width), pixels(scene.height))
        .ok_or("the picture has no size, or too large a one")?;
    pixmap.fill(tiny_skia::Color::WHITE);
    for shape in &scene.shapes {
        draw(&mut pixmap, shape);
    }
    pixmap.encode_png().map_err(|why| why.to_string())
}

fn draw(pixmap: &mut Pixmap, shape: &Shape) {
    match shape {
        Shape::Area { area, fill, edge } => {
            let path = outline(area);
            if let Some((colour, opacity)) = fill {
                fill_path(pixmap, path.clone(), *colour, *opacity, Transform::identity());
            }
            if let Some(edge) = edge {
                stroke(pixmap, path, edge);
            }
        }
        Shape::Lines { lines, stroke: how } => {
            let mut path = PathBuilder::new();
            for line in lines {
                polygon(&mut path, line.iter().copied());
            }
            stroke(pixmap, path.finish(), how);
        }
        Shape::Marks { at, mark, radius, colour } => {
            let mut path = PathBuilder::new();
            let corners = mark.corners(*radius);
            for &(x, y) in at {
                if *mark == Mark::Dot {
                    path.push_circle(x as f32, y as f32, *radius as f32);
                } else {
                    polygon(&mut path, corners.iter().map(|corner| (x + corner.0, y + corner.1)));
                    path.close();
                }
            }
            fill_path(pixmap, path.finish(), *colour, 1.0, Transform::identity());
        }
        Shape::Text(text) => {
            let (path, place) = glyphs(text);
            fill_path(pixmap, path, text.colour, 1.0, place);
        }
    }
}

fn outline(area: &Area) -> Option<Path> {
    let (width, height) = (area.width as f32, area.height as f32);
    Rect::from_xywh(area.x as f32, area.y as f32, width, height).map(PathBuilder::from_rect)
}

fn polygon(path: &mut PathBuilder, corners: impl Iterator<Item = Point>) {
    for (k, (x, y)) in corners.enumerate() {
        if k == 0 {
            path.move_to(x as f32, y as f32);
        } else {
            path.line_to(x as f32, y as f32);
        }
    }
}

fn paint(Colour(red, green, blue): Colour, opacity: f64) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, (255.0 * opacity).round() as u8);
    paint.anti_alias = true;
    paint
}

/// A path of nothing is no path.
fn fill_path(
    pixmap: &mut Pixmap,
    path: Option<Path>,
    colour: Colour,
    opacity: f64,
    place: Transform,
) {
    if let Some(path) = path {
        let place = place.post_scale(SCALE, SCALE);
        pixmap.fill_path(&path, &paint(colour, opacity), FillRule::Winding, place, None);
    }
}

fn stroke(pixmap: &mut Pixmap, path: Option<Path>, how: &Stroke) {
    if let Some(path) = path {
        let stroke = tiny_skia::Stroke {
            width: how.width as f32,
            line_join: LineJoin::Round,
            dash: how
                .dashes
                .and_then(|(dash, gap)| StrokeDash::new(vec![dash as f32, gap as f32], 0.0)),
            ..tiny_skia::Stroke::default()
        };
        let paint = paint(how.colour, 1.0);
        pixmap.stroke_path(&path, &paint, &stroke, Transform::from_scale(SCALE, SCALE), None);
    }
}

/// The letters of a text side by side, and how they come to their place.
fn glyphs(text: &Text) -> (Option<Path>, Transform) {
    let scale = (text.size / f64::from(FACE.units_per_em())) as f32;
    let mut pen = Pen { path: PathBuilder::new(), scale, x: 0.0 };
    for c in text.text.chars() {
        let glyph = FACE.glyph_index(c).unwrap_or_default();
        // A space has no outline, which is as it should be.
        let _ = FACE.outline_glyph(glyph, &mut pen);
        pen.x += scale * f32::from(FACE.glyph_hor_advance(glyph).unwrap_or(0));
    }
    let start = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -0.5 * pen.x,
        Anchor::End => -pen.x,
    };
    let (x, y) = (text.at.0 as f32, text.at.1 as f32);
    let turn = if text.turned { Transform::from_rotate(-90.0) } else { Transform::identity() };
    (pen.path.finish(), turn.pre_translate(start, 0.0).post_translate(x, y))
}

/// Takes outlines, in which y goes upwards.
struct Pen {
    path: PathBuilder,
    scale: f32,
    x: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + self.scale * x, -self.scale * y)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
