//! Where a data set is cut.
use std::ops::Range;

use reluflow::samples::BLOCK;

/// Blocks of a piece, which is made of whole ones: enough work to make up for handing it out.
const BLOCKS: usize = 16;
/// Most pieces. Each keeps a gradient of p d numbers until all are added.
const MOST: usize = 64;

/// n samples in pieces of equal length, the last one shorter; a function of n alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cuts {
    n: usize,
    per: usize,
}

impl Cuts {
    /// The cuts of `n` samples.
    pub fn of(n: usize) -> Self {
        let blocks = n.div_ceil(BLOCK).max(1);
        let pieces = blocks.div_ceil(BLOCKS).min(MOST);
        Self { n, per: blocks.div_ceil(pieces) * BLOCK }
    }

    /// Number of pieces; 1 means that nothing is cut.
    pub fn count(self) -> usize {
        self.n.div_ceil(self.per).max(1)
    }

    /// Samples in the longest piece.
    pub fn longest(self) -> usize {
        self.per.min(self.n)
    }

    /// The samples of a piece.
    pub fn piece(self, index: usize) -> Range<usize> {
        (index * self.per).min(self.n)..((index + 1) * self.per).min(self.n)
    }

    /// The samples of each piece, ascending.
    pub fn each(self) -> impl Iterator<Item = Range<usize>> {
        (0..self.count()).map(move |index| self.piece(index))
    }
}
