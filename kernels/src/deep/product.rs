//! The three matrix products of a layer, in register tiles.
//!
//! Everything that belongs to a sample lies in panels with the numbers of a sample in the lanes, the
//! samples as their rows ([`crate::tile`]). Then all three read and write that form:
//!
//! - Z = X W^T and X' = D W: rows of the left side are broadcast; W lies in panels, once with its
//!   inputs in the lanes and once with its outputs. The left side is copied into row groups, a
//!   block of samples at a time, which a product with many columns hardly notices.
//! - W' = D^T X: the panels of D are read across.
//!
//! Sums run in segments of [`SEGMENT`] terms, each ascending in one accumulator, which are added in
//! order. A segment of a panel then stays in the fastest cache while all rows pass by.

use super::passes::Pass;
use core::ops::Range;

use crate::lanes::Lanes;
use crate::parts::Parts;
use crate::rows::{impossible, lines_mut, slice, slice_mut};
use crate::tile::{
    Band, Tiled, accumulate, accumulate_rows, bands, cover, group, panel, panel_mut,
};

/// Terms of a sum that are added before the next ones begin: 3 chunks of 16 lanes by 128 rows are
/// 24 KB. A multiple of every width.
pub(crate) const SEGMENT: usize = 128;
/// Samples of a block.
pub(crate) const ROWS: usize = 144;

/// Chunks that [`rows`] needs for a left side of `depth` chunks a row and `n` rows.
pub(crate) const fn groups(n: usize, depth: usize) -> usize {
    depth * if n < ROWS { n } else { ROWS }
}

/// What becomes of a number of a product once its sum is whole.
pub(crate) enum Finish<'a, L: Lanes> {
    /// It is kept.
    Store,
    /// It is the z of a layer but for b: b is added, and sigma(z) takes its place.
    Fold { pass: Pass<L::Elem>, b: &'a [L::Chunk] },
    /// The same, but z stays and x = sigma(z), plus `before` where the layer is residual.
    Activate {
        pass: Pass<L::Elem>,
        b: &'a [L::Chunk],
        before: Option<&'a [L::Chunk]>,
        x: &'a mut [L::Chunk],
    },
    /// It is the derivative by what comes out of a layer: z becomes that by z, `b` their sum over the
    /// samples. Not for parametric activations.
    Gate { pass: Pass<L::Elem>, z: &'a mut [L::Chunk], b: &'a mut [L::Chunk] },
}

/// Where a product goes.
pub(crate) enum Out<'a, L: Lanes> {
    /// Into this matrix.
    Into(&'a mut [L::Chunk]),
    /// This matrix plus the product, into it.
    Onto(&'a mut [L::Chunk]),
    /// Nowhere but to [`Finish`]: scratch for a block of a panel.
    Past(&'a mut [L::Chunk]),
}

/// Out = B X: B has n rows of `height` numbers, X has `height` rows of `cols` chunks.
///
/// All in panels; `packed` is scratch of [`groups`] chunks.
pub(crate) fn rows<L: Lanes>(
    n: usize,
    (b, height): (&[L::Chunk], usize),
    (x, cols): (&[L::Chunk], usize),
    out: Out<'_, L>,
    packed: &mut [L::Chunk],
    mut finish: Finish<'_, L>,
) {
    let depth = height.div_ceil(L::WIDTH);
    let (out, kept, onto) = match out {
        Out::Into(out) => (out, true, false),
        Out::Onto(out) => (out, true, true),
        Out::Past(out) => (out, false, false),
    };
    let mut first = 0;
    while first < n {
        let rows = ROWS.min(n - first);
        pack::<L>(n, b, first, rows, depth, packed);
        for (col, size) in Parts::of(cols, L::PANEL).each() {
            let x = slice(x, col * height..(col + size) * height);
            let at = col * n + first * size;
            let start = if kept { at } else { 0 };
            let out = slice_mut(out, start..start + rows * size);
            let mut from = 0;
            while from < height {
                let to = (from + SEGMENT).min(height);
                let x = slice(x, from * size..to * size);
                let mut job = Through {
                    b: packed,
                    depth,
                    chunks: (from / L::WIDTH, to.div_ceil(L::WIDTH)),
                    x,
                    height: to - from,
                    rows,
                    out,
                    add: onto || from > 0,
                };
                cover::<L, _>(rows, size, &mut job);
                from = to;
            }
            // Of a block of a panel, while it is in the fastest cache; in the tiles themselves the sums
            // went through the stack.
            finish.panel(col, size, at..at + rows * size, out);
        }
        first += rows;
    }
}

impl<L: Lanes> Finish<'_, L> {
    /// Of the panel of `size` chunks from `col` on, the samples whose chunks are `part` of every array.
    fn panel(&mut self, col: usize, size: usize, part: Range<usize>, out: &mut [L::Chunk]) {
        match self {
            Finish::Store => {}
            Finish::Fold { pass, b } => {
                pass.fold_panel::<L>(col, slice(b, col..col + size), out);
            }
            Finish::Activate { pass, b, before, x } => {
                let before = before.map(|before| slice(before, part.clone()));
                let (b, x) = (slice(b, col..col + size), slice_mut(x, part));
                pass.forward_panel::<L>(col, b, out, before, x);
            }
            Finish::Gate { pass, z, b } => {
                let (b, z) = (slice_mut(b, col..col + size), slice_mut(z, part));
                for (v, b) in b.iter_mut().enumerate() {
                    let (sum, _) = pass.backward_chunk::<L>((v, size), L::load(b), out, z);
                    sum.store(b);
                }
            }
        }
    }
}

/// Copies rows `first..first + rows` of a matrix in panels into row groups.
fn pack<L: Lanes>(
    n: usize,
    b: &[L::Chunk],
    first: usize,
    rows: usize,
    depth: usize,
    packed: &mut [L::Chunk],
) {
    for (start, size) in Parts::of(depth, L::PANEL).each() {
        let at = start * n + first * size;
        let panel = slice(b, at..at + rows * size);
        match size {
            1 => pack_panel::<L, 1>(panel, rows, (depth, start), packed),
            2 => pack_panel::<L, 2>(panel, rows, (depth, start), packed),
            3 => pack_panel::<L, 3>(panel, rows, (depth, start), packed),
            _ => pack_panel::<L, 4>(panel, rows, (depth, start), packed),
        }
    }
}

/// The V chunks from `start` on of each row.
fn pack_panel<L: Lanes, const V: usize>(
    panel: &[L::Chunk],
    rows: usize,
    (depth, start): (usize, usize),
    packed: &mut [L::Chunk],
) {
    let mut panel = panel.as_chunks::<V>().0;
    for (row, group) in Parts::of(rows, L::ROWS).each() {
        let Some((from, rest)) = panel.split_at_checked(group) else { return impossible() };
        let at = row * depth + start * group;
        let target = slice_mut(packed, at..at + group * V);
        for (v, target) in lines_mut(target, group).enumerate() {
            for (to, from) in target.iter_mut().zip(from) {
                let Some(from) = from.get(v) else { return impossible() };
                *to = *from;
            }
        }
        panel = rest;
    }
}

/// One segment of one panel of B X.
struct Through<'a, L: Lanes> {
    /// In row groups of `depth` chunks.
    b: &'a [L::Chunk],
    depth: usize,
    /// The chunks of B of this segment.
    chunks: (usize, usize),
    /// The rows of X of this segment.
    x: &'a [L::Chunk],
    height: usize,
    rows: usize,
    out: &'a mut [L::Chunk],
    add: bool,
}

impl<L: Lanes> Tiled<L> for Through<'_, L> {
    const FIXED: bool = false;
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, _col: usize) {
        let (from, to) = self.chunks;
        let (Some(b), Some(x), Some(out)) = (
            group::<L, M>(self.b, row, self.depth).and_then(|b| b.get(from..to)),
            panel::<L, V>(self.x, 0, self.height),
            panel_mut::<L, V>(self.out, 0, self.rows).and_then(|out| out.get_mut(row..row + M)),
        ) else {
            return impossible();
        };
        finish::<L, M, V>(accumulate::<L, M, V>(b, x), out, self.add);
    }
}

/// Out += D^T X over n samples: D has `height` numbers a sample, X has `cols` chunks; Out has `height`
/// rows. All in panels. Overwrites Out where it does not `add`.
pub(crate) fn across<L: Lanes>(
    n: usize,
    (d, height): (&[L::Chunk], usize),
    (x, cols): (&[L::Chunk], usize),
    out: &mut [L::Chunk],
) {
    for (col, size) in Parts::of(cols, L::PANEL).each() {
        let x = slice(x, col * n..(col + size) * n);
        let out = slice_mut(out, col * height..(col + size) * height);
        let mut from = 0;
        while from < n {
            let to = (from + SEGMENT).min(n);
            let x = slice(x, from * size..to * size);
            for band in bands::<L>(d, n, height) {
                let out = slice_mut(out, band.first * size..(band.first + band.rows) * size);
                let (rows, add) = (band.rows, from > 0);
                let mut job =
                    Across { band: band.columns(from, to), x, height: to - from, rows, out, add };
                cover::<L, _>(rows, size, &mut job);
            }
            from = to;
        }
    }
}

/// One segment of one panel of D^T X for one band of D.
struct Across<'a, L: Lanes> {
    band: Band<'a, L>,
    x: &'a [L::Chunk],
    height: usize,
    rows: usize,
    out: &'a mut [L::Chunk],
    add: bool,
}

impl<L: Lanes> Tiled<L> for Across<'_, L> {
    const FIXED: bool = false;
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, _col: usize) {
        let (Some(x), Some(out)) = (
            panel::<L, V>(self.x, 0, self.height),
            panel_mut::<L, V>(self.out, 0, self.rows).and_then(|out| out.get_mut(row..row + M)),
        ) else {
            return impossible();
        };
        finish::<L, M, V>(accumulate_rows::<L, M, V>(&self.band, row, x), out, self.add);
    }
}

#[inline(always)]
fn finish<L: Lanes, const M: usize, const V: usize>(
    sums: [[L; V]; M],
    out: &mut [[L::Chunk; V]],
    add: bool,
) {
    for (sums, out) in sums.into_iter().zip(out) {
        for (sum, out) in sums.into_iter().zip(out) {
            let sum = if add { L::load(out) + sum } else { sum };
            sum.store(out);
        }
    }
}
