//! The memory of packed samples while they are written.

use crate::lanes::Lanes;
use crate::linalg::{aligned, slack};
use crate::pack::fill_chunks;
use crate::parts::Parts;
use crate::rows::{beyond, put, slice_mut};

/// One block of packed samples.
pub(crate) struct Block<'m, L: Lanes> {
    /// Samples in the block.
    pub n: usize,
    pub columns: &'m [L::Chunk],
    pub rows: &'m [L::Chunk],
    pub y: &'m [L::Chunk],
}

/// Elements of memory for n packed samples in d dimensions.
pub(crate) const fn len<L: Lanes>(n: usize, d: usize) -> usize {
    let (padded_n, padded_d) = (n.next_multiple_of(L::WIDTH), d.next_multiple_of(L::WIDTH));
    padded_n * d + n * padded_d + padded_n + slack::<L>()
}

/// What will be a [`Batch`](crate::Batch), in the same layout.
#[derive(Debug)]
pub(crate) struct Buffer<'m, L: Lanes> {
    pub n: usize,
    pub d: usize,
    pub columns: &'m mut [L::Chunk],
    pub rows: &'m mut [L::Chunk],
    pub y: &'m mut [L::Chunk],
}

impl<'m, L: Lanes> Buffer<'m, L> {
    /// Cuts the arrays for n samples in d dimensions out of `memory`.
    pub fn carve(n: usize, d: usize, memory: &'m mut [L::Elem]) -> Option<Self> {
        let (chunks, depth) = (n.div_ceil(L::WIDTH), d.div_ceil(L::WIDTH));
        let all = aligned::<L>(memory, len::<L>(n, d) - slack::<L>()).map(L::chunks_mut)?;
        let (columns, rest) = all.split_at_mut_checked(chunks * d)?;
        let (rows, y) = rest.split_at_mut_checked(n * depth)?;
        Some(Buffer { n, d, columns, rows, y })
    }

    /// The samples, which are one block of `n`, passed by callers that know it as a constant.
    #[inline(always)]
    pub fn block(&self, n: usize) -> Block<'_, L> {
        Block { n, columns: self.columns, rows: self.rows, y: self.y }
    }

    /// Writes x_i and y_i into the only block, zeros where `x` ends.
    pub fn put(&mut self, i: usize, x: &[L::Elem], y: L::Elem) {
        let (chunk, lane) = (i / L::WIDTH, i % L::WIDTH);
        let (first, size) = Parts::of(self.n.div_ceil(L::WIDTH), L::PANEL).holding(chunk);
        let panel = slice_mut(self.columns, first * self.d..(first + size) * self.d);
        let column = panel.iter_mut().skip(chunk - first).step_by(size.max(1));
        for (k, lanes) in column.enumerate() {
            put(lanes.as_mut(), lane, x.get(k).copied().unwrap_or_default());
        }
        for (first, size) in Parts::of(self.d.div_ceil(L::WIDTH), L::PANEL).each() {
            let at = first * self.n + i * size;
            let row = slice_mut(self.rows, at..at + size);
            fill_chunks::<L>(row, beyond(x, first * L::WIDTH));
        }
        put(L::flat_mut(self.y), i, y);
    }
}
