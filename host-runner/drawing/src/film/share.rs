//! SVG drawings that have most of their elements in common, each element kept once.
//!
//! Made for what the plotting crate writes: a flat row of shapes and texts inside groups, one block
//! of clip paths, two decimals with noise behind them. Coordinates are rounded to a tenth of a pixel,
//! so that what looks the same is the same text.
use std::collections::HashMap;
use std::fmt::Write;

/// An element shorter than this is not worth a reference.
const WORTHWHILE: usize = 40;

/// Drawings and what they refer to.
pub(super) struct Shared {
    /// Content of the `defs` that all drawings need.
    pub(super) defs: String,
    /// One for each drawing.
    pub(super) drawings: Vec<Drawing>,
}

/// The content of one `svg` element.
pub(super) struct Drawing {
    /// Attributes of the `svg` element, but for its size.
    pub(super) attributes: String,
    /// Width and height.
    pub(super) size: (String, String),
    /// What is inside.
    pub(super) body: String,
}

/// Splits `svgs` into what they share and what each has for itself.
pub(super) fn share(svgs: &[String]) -> Shared {
    let mut clips = Vec::new();
    let parsed: Vec<Parsed> = svgs.iter().map(|svg| Parsed::of(svg, &mut clips)).collect();
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for element in parsed.iter().flat_map(|svg| &svg.elements) {
        *uses.entry(element).or_default() += 1;
    }
    let mut defs = String::new();
    for (index, clip) in clips.iter().enumerate() {
        // Writing to a String cannot fail, here and below.
        let _ = write!(defs, "<clipPath id=\"{}\">{clip}</clipPath>", clip_id(index));
    }
    let mut ids: HashMap<&str, usize> = HashMap::new();
    let mut drawings = Vec::new();
    for svg in &parsed {
        let mut body = String::new();
        for element in &svg.elements {
            if element.len() < WORTHWHILE || uses[element.as_str()] < 2 || is_group(element) {
                body.push_str(element);
                continue;
            }
            let next = ids.len();
            let id = *ids.entry(element).or_insert_with(|| {
                let (name, rest) = element.split_at(name_end(element));
                let _ = write!(defs, "{name} id=\"e{next}\"{rest}");
                next
            });
            let _ = write!(body, "<use href=\"#e{id}\"/>");
        }
        let (attributes, size) = (svg.attributes.clone(), svg.size.clone());
        drawings.push(Drawing { attributes, size, body });
    }
    Shared { defs, drawings }
}

/// A drawing in pieces that may not be broken further.
struct Parsed {
    attributes: String,
    size: (String, String),
    elements: Vec<String>,
}

impl Parsed {
    /// Adds its clip paths to `clips`, unless they are there already.
    fn of(svg: &str, clips: &mut Vec<String>) -> Self {
        let (tag, mut rest) = svg.split_at(svg.find('>').map_or(svg.len(), |at| at + 1));
        let (mut attributes, mut size) = (String::new(), (String::new(), String::new()));
        for (name, value) in attributes_of(tag) {
            match name {
                "width" => size.0 = rounded(value),
                "height" => size.1 = rounded(value),
                _ => {
                    let _ = write!(attributes, " {name}=\"{value}\"");
                }
            }
        }
        let (mut elements, mut renamed) = (Vec::new(), Vec::new());
        while let Some(element) = next_element(rest) {
            rest = &rest[element.len()..];
            if element.starts_with("<defs") {
                for clip in element.split("<clipPath id=\"").skip(1) {
                    let (id, shape) = clip.split_once("\">").unwrap_or((clip, ""));
                    let shape = rounded(shape.split("</clipPath>").next().unwrap_or(shape));
                    let index = clips.iter().position(|c| *c == shape).unwrap_or_else(|| {
                        clips.push(shape);
                        clips.len() - 1
                    });
                    renamed.push((format!("url(#{id})"), format!("url(#{})", clip_id(index))));
                }
            } else if element.starts_with('<') && !element.starts_with("<!--") {
                let (tag, inside) = element.split_at(element.find('>').map_or(0, |at| at + 1));
                let mut tag = rounded(tag);
                for (old, new) in &renamed {
                    tag = tag.replace(old, new);
                }
                elements.push(tag + inside);
            }
        }
        Self { attributes, size, elements }
    }
}

fn clip_id(index: usize) -> String {
    format!("clip{index}")
}

fn is_group(element: &str) -> bool {
    element.starts_with("<g") || element.starts_with("</")
}

/// Where the name of an element that starts here ends.
fn name_end(element: &str) -> usize {
    element.find([' ', '/', '>']).unwrap_or(element.len())
}

fn attributes_of(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = &tag[name_end(tag)..];
    std::iter::from_fn(move || {
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        Some((name.trim(), value))
    })
}

/// The comment, tag of a group, or whole element that `text` starts with; `None` at the end.
fn next_element(text: &str) -> Option<&str> {
    let through = |end: &str| text.find(end).map(|at| &text[..at + end.len()]);
    if text.is_empty() || text.starts_with("</svg") {
        return None;
    }
    if text.starts_with("<!--") {
        return through("-->");
    }
    if !text.starts_with('<') {
        return text.split('<').next();
    }
    let tag = through(">")?;
    if is_group(text) || tag.ends_with("/>") { Some(tag) } else { through(&closing(tag)) }
}

fn closing(tag: &str) -> String {
    format!("</{}>", &tag[1..name_end(tag)])
}

/// The numbers of a tag with one decimal, two below 1.
fn rounded(tag: &str) -> String {
    let mut text = String::with_capacity(tag.len());
    let mut rest = tag;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        text.push_str(before);
        match number.parse::<f64>() {
            // Whole numbers stay as they are: they may belong to a name or a colour.
            Ok(value) if number.contains('.') => {
                let digits = format!("{value:.*}", if value < 1.0 { 2 } else { 1 });
                text.push_str(digits.trim_end_matches('0').trim_end_matches('.'));
            }
            _ => text.push_str(number),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_names_are_not() {
        assert_eq!(
            rounded(r##"<path d="M64.46000000000001 -0.004 L1.96,20" fill="#d55e00" x="7.04"/>"##),
            r##"<path d="M64.5 -0 L2,20" fill="#d55e00" x="7"/>"##
        );
    }

    #[test]
    fn what_two_drawings_share_is_kept_once() {
        let svg = |clip: u32, x: u32| {
            format!(
                "<svg width=\"10.04\" height=\"5\" fill=\"black\"><!-- by us --><defs>\
                 <clipPath id=\"k-{clip}\"><rect x=\"1\"/></clipPath></defs>\
                 <g clip-path=\"url(#k-{clip})\"><text x=\"1.2345\" font-size=\"13\">0.125 &lt; x\
                 </text><circle cx=\"{x}\" cy=\"4.5\" r=\"3\" fill=\"#112233\" /></g></svg>"
            )
        };
        let shared = share(&[svg(1, 5), svg(10, 6)]);
        assert_eq!(
            shared.defs,
            "<clipPath id=\"clip0\"><rect x=\"1\"/></clipPath>\
             <text id=\"e0\" x=\"1.2\" font-size=\"13\">0.125 &lt; x</text>"
        );
        assert_eq!(shared.drawings[0].size, ("10".into(), "5".into()));
        assert_eq!(shared.drawings[0].attributes, " fill=\"black\"");
        assert_eq!(
            shared.drawings[1].body,
            "<g clip-path=\"url(#clip0)\"><use href=\"#e0\"/>\
             <circle cx=\"6\" cy=\"4.5\" r=\"3\" fill=\"#112233\" /></g>"
        );
    }
}
