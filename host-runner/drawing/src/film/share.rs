//! Drawings that have most of their elements in common, each element kept once.
use std::collections::HashMap;
use std::fmt::Write;

/// An element shorter than this is not worth a reference.
const WORTHWHILE: usize = 40;

/// Drawings and what they refer to.
pub(super) struct Shared {
    /// Content of the `defs` that all drawings need.
    pub(super) defs: String,
    /// What is inside the `svg` element of each.
    pub(super) bodies: Vec<String>,
}

/// Splits drawings, given by their elements, into what they share and what each has for itself.
pub(super) fn share(drawings: &[Vec<String>]) -> Shared {
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for element in drawings.iter().flatten() {
        *uses.entry(element).or_default() += 1;
    }
    let mut defs = String::new();
    let mut ids: HashMap<&str, usize> = HashMap::new();
    let mut bodies = Vec::new();
    for elements in drawings {
        let mut body = String::new();
        for element in elements {
            if element.len() < WORTHWHILE || uses[element.as_str()] < 2 {
                body.push_str(element);
                continue;
            }
            let next = ids.len();
            let id = *ids.entry(element).or_insert_with(|| {
                let name_end = element.find([' ', '/', '>']).unwrap_or(element.len());
                let (name, rest) = element.split_at(name_end);
                // Writing to a String cannot fail, here and below.
                let _ = write!(defs, "{name} id=\"e{next}\"{rest}");
                next
            });
            let _ = write!(body, "<use href=\"#e{id}\"/>");
        }
        bodies.push(body);
    }
    Shared { defs, bodies }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_drawings_share_is_kept_once() {
        let text = "<text x=\"1.2\" font-size=\"13\">0.125 &lt; x</text>";
        let dot = |x: u32| format!("<circle cx=\"{x}\" cy=\"4.5\" r=\"3\" fill=\"#112233\"/>");
        let shared = share(&[vec![text.into(), dot(5)], vec![text.into(), dot(6), "<g/>".into()]]);
        assert_eq!(shared.defs, "<text id=\"e0\" x=\"1.2\" font-size=\"13\">0.125 &lt; x</text>");
        assert_eq!(shared.bodies[0], format!("<use href=\"#e0\"/>{}", dot(5)));
        assert_eq!(shared.bodies[1], format!("<use href=\"#e0\"/>{}<g/>", dot(6)));
    }
}
