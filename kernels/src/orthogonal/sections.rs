//! Where the pairs of a state lie.
//!
//! Samples with y_i >= 0 come before those with y_i < 0, each section in the caller's order and
//! padded to whole registers: what dies together lies together, for in training the pairs with
//! sign(a_j) != sign(y_i) die. Which samples a section holds depends on y alone, and each begins
//! at virtual lane 0, so that neither the width nor what is dead moves the order of summation.

use core::ops::Range;

use crate::lanes::Lanes;
use crate::real::Real;
use crate::rows::{self, impossible, item};
use crate::shape::Shape;

/// Chunks of samples in a panel: the first pass brings it into L1, the second works on it there.
pub(super) const PANEL: usize = 4;

/// Up to so many full sets of virtual lanes are one section: two would be padded more than they save.
const WHOLE: usize = 4;

/// Are the samples kept in two sections?
const fn is_split<L: Lanes>(n: usize) -> bool {
    n > WHOLE * L::VIRTUAL
}

/// Most chunks of one neuron's pairs, whatever the signs of y.
pub(super) const fn most_chunks<L: Lanes>(n: usize) -> usize {
    let padding = if is_split::<L>(n) { 2 * (L::WIDTH - 1) } else { L::WIDTH - 1 };
    (n + padding) / L::WIDTH
}

/// Most panels, whatever the signs of y.
pub(super) const fn most_panels<L: Lanes>(n: usize) -> usize {
    let padding = if is_split::<L>(n) { 2 * (PANEL - 1) } else { PANEL - 1 };
    (most_chunks::<L>(n) + padding) / PANEL
}

/// Is a sample with target `y` in the first section?
#[inline(always)]
fn leads<L: Lanes>(n: usize, y: L::Elem) -> bool {
    !is_split::<L>(n) || y >= L::Elem::ZERO
}

/// Samples in the first section.
pub(super) fn leading<L: Lanes>(y: &[L::Elem]) -> usize {
    y.iter().filter(|&&target| leads::<L>(y.len(), target)).count()
}

/// The sizes that decide where a pair lies.
#[derive(Clone, Copy)]
pub(super) struct Sections {
    p: usize,
    n: usize,
    /// Samples in the first section.
    leading: usize,
}

/// Some chunks of one section, for all neurons: `[j][chunk]`.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    /// First chunk, of all.
    pub first: usize,
    /// First chunk, of the section's: says which virtual lanes the samples are in.
    pub slot: usize,
    /// Chunks.
    pub len: usize,
    /// Samples; the other lanes are padding.
    pub samples: usize,
}

impl Panel {
    /// The panel's chunks of y, norms, h.
    #[inline(always)]
    pub fn columns(self) -> Range<usize> {
        self.first..self.first + self.len
    }
    /// The panel's chunks of u.
    #[inline(always)]
    pub fn pairs(self, p: usize) -> Range<usize> {
        self.first * p..(self.first + self.len) * p
    }
    /// Neuron j's chunks of u.
    #[inline(always)]
    pub fn row(self, p: usize, j: usize) -> Range<usize> {
        let start = self.first * p + j * self.len;
        start..start + self.len
    }
}

impl Sections {
    /// `leading` is not asked for where n alone decides, so that constant sizes stay constant.
    #[inline(always)]
    pub fn of<L: Lanes>(shape: impl Shape, leading: usize) -> Self {
        let (p, n) = (shape.p(), shape.n());
        Sections { p, n, leading: if is_split::<L>(n) { leading } else { n } }
    }

    /// Chunks of the two sections.
    #[inline(always)]
    fn sections<L: Lanes>(self) -> (usize, usize) {
        (self.leading.div_ceil(L::WIDTH), (self.n - self.leading).div_ceil(L::WIDTH))
    }

    /// Chunks of one neuron's pairs.
    #[inline(always)]
    pub fn chunks<L: Lanes>(self) -> usize {
        let (first, second) = self.sections::<L>();
        first + second
    }

    /// How many panels there are.
    #[inline(always)]
    pub fn count<L: Lanes>(self) -> usize {
        let (first, second) = self.sections::<L>();
        first.div_ceil(PANEL) + second.div_ceil(PANEL)
    }

    /// The panels in order.
    #[inline(always)]
    pub fn panels<L: Lanes>(self) -> impl Iterator<Item = Panel> {
        let (first, second) = self.sections::<L>();
        let turn = first.div_ceil(PANEL);
        (0..self.count::<L>()).map(move |panel| {
            let (start, chunks, samples, panel) = if panel < turn {
                (0, first, self.leading, panel)
            } else {
                (first, second, self.n - self.leading, panel - turn)
            };
            let slot = panel * PANEL;
            let least = |x: usize, most: usize| if x < most { x } else { most };
            let samples = least(samples - slot * L::WIDTH, PANEL * L::WIDTH);
            Panel { first: start + slot, slot, len: least(chunks - slot, PANEL), samples }
        })
    }

    /// For each sample in the caller's order, where it lies in a line of padded sections.
    #[inline(always)]
    pub fn positions<L: Lanes>(self, y: &[L::Elem]) -> impl Iterator<Item = usize> {
        let (mut first, mut second) = (0, self.leading.next_multiple_of(L::WIDTH));
        y.iter().map(move |&y| {
            let next = if leads::<L>(self.n, y) { &mut first } else { &mut second };
            let position = *next;
            *next += 1;
            position
        })
    }

    /// Where the chunk of neuron j lies that holds position `position` of its line.
    #[inline(always)]
    pub fn chunk<L: Lanes>(self, j: usize, position: usize) -> usize {
        let (first, second) = self.sections::<L>();
        let chunk = position / L::WIDTH;
        let (start, chunks) = if chunk < first { (0, first) } else { (first, second) };
        let slot = (chunk - start) / PANEL * PANEL;
        let len = if chunks - slot < PANEL { chunks - slot } else { PANEL };
        (start + slot) * self.p + j * len + (chunk - start - slot)
    }
}

/// Lane `position` of chunk `chunk`.
#[inline(always)]
pub(super) fn get<L: Lanes>(chunks: &[L::Chunk], chunk: usize, position: usize) -> L::Elem {
    let Some(chunk) = chunks.get(chunk) else { return impossible() };
    item(chunk.as_ref(), position % L::WIDTH)
}

/// As [`get`], to write.
#[inline(always)]
pub(super) fn put<L: Lanes>(chunks: &mut [L::Chunk], chunk: usize, position: usize, x: L::Elem) {
    let Some(chunk) = chunks.get_mut(chunk) else { return impossible() };
    rows::put(chunk.as_mut(), position % L::WIDTH, x);
}
