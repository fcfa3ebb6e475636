//! Training data: rows x_i and targets y_i, as the caller has them and packed for the kernels.

use crate::buffer::{Block, Buffer, len};
use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::pack::{fill_chunks, pack_columns, pack_rows};
use crate::real::Real;
use crate::rows::{lines, slice, slice_mut};
use crate::shape::Sizes;

/// N samples in D dimensions that own their numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Samples<T, const N: usize, const D: usize> {
    /// One row x_i for each sample.
    pub x: [[T; D]; N],
    /// Targets y_i.
    pub y: [T; N],
}

impl<T: Real, const N: usize, const D: usize> Samples<T, N, D> {
    /// The same samples, with sizes known at run time only.
    #[inline(always)]
    pub const fn view(&self) -> SamplesView<'_, T> {
        const { assert!(N > 0 && D > 0, "n and d must be at least 1") };
        SamplesView { x: self.x.as_flattened(), y: &self.y, n: N, d: D }
    }
}

/// Borrowed samples: `x` is n x d row-major, `y` has n.
#[derive(Clone, Copy, Debug)]
pub struct SamplesView<'a, T> {
    x: &'a [T],
    y: &'a [T],
    n: usize,
    d: usize,
}

impl<'a, T: Real> SamplesView<'a, T> {
    /// Borrows `x` (n x d, row-major) and `y` (n); n is the length of `y`.
    ///
    /// # Errors
    /// [`Error::Empty`] when n or d is 0, [`Error::Shape`] when `x` does not have n d elements.
    pub const fn new(x: &'a [T], y: &'a [T], d: usize) -> Result<Self, Error> {
        if y.is_empty() {
            return Err(Error::Empty { dim: Dim::N });
        }
        if d == 0 {
            return Err(Error::Empty { dim: Dim::D });
        }
        let Some(expected) = y.len().checked_mul(d) else {
            return Err(Error::TooLarge);
        };
        match expect(Dim::X, expected, x.len()) {
            Ok(()) => Ok(SamplesView { x, y, n: y.len(), d }),
            Err(error) => Err(error),
        }
    }
    /// Samples.
    #[inline(always)]
    pub const fn n(self) -> usize {
        self.n
    }
    /// Input dimension.
    #[inline(always)]
    pub const fn d(self) -> usize {
        self.d
    }
    /// Inputs, n x d.
    #[inline(always)]
    pub const fn x(self) -> &'a [T] {
        self.x
    }
    /// Targets, n.
    #[inline(always)]
    pub const fn y(self) -> &'a [T] {
        self.y
    }
    /// x_i for i = 0, 1, ..., n - 1.
    pub fn rows(self) -> impl Iterator<Item = &'a [T]> {
        lines(self.x, self.d)
    }
}

/// Most samples in a block of a dense step: forward and backward of one block run while its pre-activations are
/// in cache. 144 is three panels of three 16-lane registers; 48, 96, 192 and 288 time the same
/// (docs/design.md).
pub const BLOCK: usize = 144;

/// Samples in every block but the last: n dealt into the fewest blocks, rounded up to whole
/// registers of the widest type. It depends on n alone, so that the order of summation does too.
#[inline(always)]
pub(crate) const fn block_len(n: usize) -> usize {
    let blocks = n.div_ceil(BLOCK);
    if blocks <= 1 { n } else { n.div_ceil(blocks).next_multiple_of(16) }
}

/// n if it is known and one block, else 0: the samples of a block as a constant.
pub(crate) const fn known_block(n: usize) -> usize {
    if n <= BLOCK { n } else { 0 }
}

/// (first sample, samples) of each block.
#[inline(always)]
fn blocks(n: usize) -> impl Iterator<Item = (usize, usize)> {
    let per = block_len(n).max(1);
    (0..n.div_ceil(per)).map(move |block| {
        let first = block * per;
        (first, if n - first < per { n - first } else { per })
    })
}

/// Samples packed for the kernels, once per data set, in the caller's memory.
///
/// Holds x twice (samples in lanes for the forward pass, coordinates in lanes for the backward
/// pass) and y once. Pack once a data set, not once a step.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'m, L: Lanes> {
    n: usize,
    d: usize,
    /// By block: panels of samples, `[block][panel][k][chunk]`.
    columns: &'m [L::Chunk],
    /// By block: panels of coordinates, `[block][panel][i][chunk]`.
    rows: &'m [L::Chunk],
    y: &'m [L::Chunk],
}

impl<'m, L: Lanes> Batch<'m, L> {
    /// Elements of memory that [`pack`](Batch::pack) needs for n samples in d dimensions.
    pub const fn len(n: usize, d: usize) -> usize {
        len::<L>(n, d)
    }

    /// Packs `samples` into `memory`, which needs [`len`](Batch::len) elements.
    ///
    /// # Errors
    /// [`Error::Memory`] when the memory is too small, [`Error::TooLarge`].
    pub fn pack(
        samples: SamplesView<'_, L::Elem>,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        let (n, d) = (samples.n(), samples.d());
        Sizes::new(1, n, d)?;
        let (needed, found) = (Self::len(n, d), memory.len());
        let Some(Buffer { columns, rows, y, .. }) = Buffer::<L>::carve(n, d, memory) else {
            return Err(Error::Memory { needed, found });
        };
        let depth = d.div_ceil(L::WIDTH);
        for (first, len) in blocks(n) {
            let x = slice(samples.x(), first * d..(first + len) * d);
            let (from, to) = (first / L::WIDTH, (first + len).div_ceil(L::WIDTH));
            let columns = slice_mut(columns, from * d..to * d);
            let rows = slice_mut(rows, first * depth..(first + len) * depth);
            pack_columns::<L>(x, d, columns);
            pack_rows::<L>(x, d, rows);
        }
        fill_chunks::<L>(y, samples.y());
        Ok(Batch { n, d, columns, rows, y })
    }

    /// Samples.
    pub const fn n(self) -> usize {
        self.n
    }

    /// Input dimension.
    pub const fn d(self) -> usize {
        self.d
    }

    /// The blocks in order. `n` and `d` are the batch's own, passed by callers that know them as
    /// constants.
    #[inline(always)]
    pub(crate) fn blocks(self, n: usize, d: usize) -> impl Iterator<Item = Block<'m, L>> {
        let depth = d.div_ceil(L::WIDTH);
        blocks(n).map(move |(first, len)| {
            let (from, to) = (first / L::WIDTH, (first + len).div_ceil(L::WIDTH));
            Block {
                n: len,
                columns: slice(self.columns, from * d..to * d),
                rows: slice(self.rows, first * depth..(first + len) * depth),
                y: slice(self.y, from..to),
            }
        })
    }
}
