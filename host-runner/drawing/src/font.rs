//! The font: how long texts are in it, and where to break them.
use std::sync::LazyLock;
use ttf_parser::Face;

/// DejaVu Sans, of which `fonts/subset.sh` keeps Latin, Greek and mathematics.
pub(crate) static FACE: LazyLock<Face<'static>> = LazyLock::new(|| {
    Face::parse(include_bytes!("../fonts/DejaVuSans-subset.ttf"), 0).expect("a font in this crate")
});

/// For SVG: fonts as wide as ours or narrower, because the layout was made with ours.
pub(crate) const FAMILY: &str = "DejaVu Sans, Verdana, Liberation Sans, Arial, sans-serif";

/// Verdana has a few wider letters.
const ROOM: f64 = 1.03;
/// From one baseline to the next.
const LINE_HEIGHT: f64 = 1.2;

/// A text broken into lines, at the size at which it fits.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) lines: Vec<String>,
    pub(crate) size: f64,
}

impl Block {
    pub(crate) fn width(&self) -> f64 {
        self.lines.iter().map(|line| width(line, self.size)).fold(0.0, f64::max)
    }

    pub(crate) fn height(&self) -> f64 {
        self.lines.len() as f64 * self.step()
    }

    /// From one baseline to the next.
    pub(crate) fn step(&self) -> f64 {
        LINE_HEIGHT * self.size
    }

    /// Below the top of the block, the baselines of its lines.
    pub(crate) fn baselines(&self) -> impl Iterator<Item = (f64, &String)> {
        let first = 0.95 * self.size;
        self.lines.iter().enumerate().map(move |(k, line)| (first + k as f64 * self.step(), line))
    }
}

/// The length of a text, with a little room.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let advance = |c| FACE.glyph_hor_advance(FACE.glyph_index(c).unwrap_or_default()).unwrap_or(0);
    let units: f64 = text.chars().map(|c| f64::from(advance(c))).sum();
    ROOM * units * size / f64::from(FACE.units_per_em())
}

/// The largest size between `most` and `least` at which `text` takes one line of `width`, or else
/// as few lines as it takes at the smallest; past `lines` it ends in an ellipsis.
pub(crate) fn fit(text: &str, width: f64, (most, least): (f64, f64), lines: usize) -> Block {
    if text.is_empty() {
        return Block { lines: Vec::new(), size: most };
    }
    let sizes = std::iter::successors(Some(most), |size| Some(size - 1.0));
    let blocks: Vec<Block> = sizes
        .take_while(|size| *size >= least)
        .map(|size| Block { lines: wrap(text, width, size), size })
        .collect();
    for count in 1..=lines {
        if let Some(block) = blocks.iter().find(|block| block.lines.len() <= count) {
            return block.clone();
        }
    }
    let mut broken = wrap(text, width, least);
    broken.truncate(lines);
    if let Some(last) = broken.last_mut() {
        while !last.is_empty() && self::width(&format!("{last}…"), least) > width {
            last.pop();
        }
        last.push('…');
    }
    Block { lines: broken, size: least }
}

/// Lines of at most `room`, broken between words, or inside a word that is longer than a line.
fn wrap(text: &str, room: f64, size: f64) -> Vec<String> {
    let space = width(" ", size);
    let (mut lines, mut line, mut length) = (Vec::new(), String::new(), 0.0);
    for word in text.split_whitespace() {
        let longer = width(word, size);
        if !line.is_empty() && length + space + longer <= room {
            line.push(' ');
            line += word;
            length += space + longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        length = 0.0;
        for c in word.chars() {
            let more = width(c.encode_utf8(&mut [0; 4]), size);
            if !line.is_empty() && length + more > room {
                lines.push(std::mem::take(&mut line));
                length = 0.0;
            }
            line.push(c);
            length += more;
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_of_mathematics_are_there() {
        let letters = "αβγδεζηθικλμνξοπρστυφχψωϕϵΓΔΘΛΞΠΣΦΨΩ‖·∙×±−∞→←↔↦⇒≥≤≪≫≠≈≃≡∝∂∇∈∉⊂∪∩∑∏∫√⟨⟩⌊⌋\
                       ℝℕℤℙℓ′″…–—¼½°⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀ₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙ‰äöüßéèçÉøŁřš⊥";
        for c in letters.chars().chain(' '..='~') {
            assert!(FACE.glyph_index(c).is_some(), "{c}");
        }
    }

    #[test]
    fn lines_fit_and_lose_nothing() {
        let text = "the distance to the second saddle, over aVeryLongWordWithoutAnyPlaceToBreakIt";
        let block = fit(text, 120.0, (15.0, 11.0), 9);
        assert!(block.width() <= 120.0 && block.lines.len() > 2, "{block:?}");
        assert_eq!(block.lines.concat().replace(' ', ""), text.replace(' ', ""));
        let short = fit(text, 120.0, (15.0, 11.0), 2);
        assert!(short.width() <= 120.0 && short.lines.len() == 2);
        assert!(short.lines[1].ends_with('…'));
        assert_eq!(fit("loss", 120.0, (15.0, 11.0), 2).lines, ["loss"]);
        assert!(fit("", 120.0, (15.0, 11.0), 2).lines.is_empty());
    }
}
