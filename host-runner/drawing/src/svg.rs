//! Scenes as SVG.
//!
//! Without ids, references and style sheets, so that drawings can stand beside each other in one
//! page, and in pieces that are the same text where they look the same.
use crate::font::FAMILY;
use crate::scene::{Anchor, Colour, Mark, Point, Scene, Shape, Stroke, Text, WHITE};
use std::fmt::Write;

/// A whole file.
pub(crate) fn document(scene: &Scene, title: &str) -> String {
    let (width, height) = (number(scene.width, 2), number(scene.height, 2));
    let label = match title {
        "" => String::new(),
        title => format!(" aria-label=\"{}\"", escaped(title)),
    };
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"{FAMILY}\" role=\"img\"{label}>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
        hex(WHITE),
    );
    for shape in &scene.shapes {
        text += &element(shape, 2);
        text.push('\n');
    }
    text + "</svg>\n"
}

/// One element; places have so many decimals.
pub(crate) fn element(shape: &Shape, decimals: usize) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = match shape {
        Shape::Area { area, fill, edge } => {
            let n = |v| number(v, decimals);
            let fill = match fill {
                None => " fill=\"none\"".into(),
                Some((colour, 1.0)) => format!(" fill=\"{}\"", hex(*colour)),
                Some((colour, opacity)) => {
                    format!(" fill=\"{}\" fill-opacity=\"{opacity}\"", hex(*colour))
                }
            };
            let edge = edge.map_or_else(String::new, |edge| stroke(&edge));
            let (x, y, width, height) = (n(area.x), n(area.y), n(area.width), n(area.height));
            write!(
                text,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{fill}{edge}/>"
            )
        }
        Shape::Lines { lines, stroke: how } => {
            let data: Vec<String> = lines.iter().map(|line| path(line, decimals)).collect();
            write!(
                text,
                "<path d=\"{}\" fill=\"none\" stroke-linejoin=\"round\"{}/>",
                data.concat(),
                stroke(how)
            )
        }
        Shape::Marks { at, mark, radius, colour } => {
            marks(&mut text, at, *mark, (*radius, *colour), decimals)
        }
        Shape::Text(label) => write_text(&mut text, label, decimals),
    };
    text
}

/// All in one path: a figure may have thousands.
fn marks(
    text: &mut String,
    at: &[Point],
    mark: Mark,
    (radius, colour): (f64, Colour),
    decimals: usize,
) -> std::fmt::Result {
    let mut before = (0.0, 0.0);
    let corners = mark.corners(radius).into_iter().enumerate();
    let outline: String = corners
        .map(|(k, (x, y))| {
            // To the hundredth, and so that the errors of the steps do not add up.
            let (x, y) = ((100.0 * x).round() / 100.0, (100.0 * y).round() / 100.0);
            let step = format!("{} {}", number(x - before.0, 2), number(y - before.1, 2));
            before = (x, y);
            if k == 0 { format!("m{step}l") } else { format!("{step} ") }
        })
        .collect();
    let mut data = String::new();
    for &(x, y) in at {
        let (x, y) = (number(x, decimals), number(y, decimals));
        match mark {
            // A dot is a round cap; some viewers leave out lines of no length at all.
            Mark::Dot => write!(data, "M{x} {y}h.01")?,
            _ => write!(data, "M{x} {y}{}z", outline.trim_end())?,
        }
    }
    match mark {
        Mark::Dot => write!(
            text,
            "<path d=\"{data}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" \
             stroke-linecap=\"round\"/>",
            hex(colour),
            number(2.0 * radius, 2)
        ),
        _ => write!(text, "<path d=\"{data}\" fill=\"{}\"/>", hex(colour)),
    }
}

fn write_text(text: &mut String, label: &Text, decimals: usize) -> std::fmt::Result {
    let (x, y) = (number(label.at.0, decimals), number(label.at.1, decimals));
    let anchor = match label.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let place = match label.turned {
        true => format!("transform=\"translate({x} {y}) rotate(-90)\""),
        false => format!("x=\"{x}\" y=\"{y}\""),
    };
    let (size, colour) = (number(label.size, 2), hex(label.colour));
    let content = escaped(&label.text);
    write!(text, "<text {place} font-size=\"{size}\" fill=\"{colour}\"{anchor}>{content}</text>")
}

fn path(line: &[Point], decimals: usize) -> String {
    let mut data = String::new();
    for (k, &(x, y)) in line.iter().enumerate() {
        let mark = if k == 0 { "M" } else { " " };
        let _ = write!(data, "{mark}{} {}", number(x, decimals), number(y, decimals));
    }
    data
}

fn stroke(how: &Stroke) -> String {
    let mut text =
        format!(" stroke=\"{}\" stroke-width=\"{}\"", hex(how.colour), number(how.width, 2));
    if let Some((dash, gap)) = how.dashes {
        let _ = write!(text, " stroke-dasharray=\"{} {}\"", number(dash, 2), number(gap, 2));
    }
    text
}

fn hex(Colour(red, green, blue): Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Without zeros that say nothing.
pub(crate) fn number(v: f64, decimals: usize) -> String {
    let text = format!("{v:.decimals$}");
    let short = if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if short == "-0" { "0".into() } else { short.into() }
}

/// For the text and the attributes of XML. What XML cannot hold becomes a space.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
