//! Register tiles: the one loop nest that carries every matrix product of the crate.
//!
//! A product B X (B has `rows` rows and `height` columns, X has `height` rows and `cols` chunks of
//! lanes) is covered by tiles of M rows by V chunks, held in registers while k runs over the
//! height. The two operands are stored so that a tile reads both as one ascending stream:
//!
//! - B in **row groups** of M rows: `[group][chunk of k][row in group]`, each entry a chunk of
//!   WIDTH consecutive k. Elements are broadcast from it; the same chunks are registers when B is
//!   updated lane-wise.
//! - X in **panels** of V chunks: `[panel][k][chunk in panel]`.
//!
//! `p` rows make ceil(p / ROWS) groups whose sizes differ by at most one, and chunks make panels
//! likewise: 39 rows are 8 8 8 8 7 and 9 rows are 5 4, so that no tile is left nearly empty. Every
//! sum over k is one accumulator in ascending k, hence tile shapes never change a result.

use crate::lanes::Lanes;
use crate::parts::{Parts, occurs};
use crate::rows::{beyond, impossible, item, slice, slice_mut};
use crate::shape::Shape;

/// What is done with each register tile.
pub(crate) trait Tiled<L: Lanes> {
    /// Are the sizes compile-time constants? Then a tile is inlined into the loops, else it is a
    /// function of its own: one register allocation each, instead of one for all together.
    const FIXED: bool;
    /// Rows of the whole job where that is a constant, else 0: tiles that cannot occur are then
    /// not instantiated.
    const ROWS: usize = 0;
    /// Chunks across the whole job, likewise.
    const COLS: usize = 0;
    /// Does rows `row..row + M` (one whole row group) and chunks `col..col + V` (one panel).
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, col: usize);
}

/// Calls `job.tile` once for each row group and panel, panels outermost.
///
/// With run-time sizes the loops are a function of their own, as each tile is: every shape stands in them eight times, and
/// they are the same in a step, a part of one and a pass alone.
#[inline(always)]
pub(crate) fn cover<L: Lanes, J: Tiled<L>>(rows: usize, cols: usize, job: &mut J) {
    #[inline(never)]
    fn apart<L: Lanes, J: Tiled<L>>(rows: usize, cols: usize, job: &mut J) {
        loops::<L, J>(rows, cols, job);
    }
    if J::FIXED {
        loops::<L, J>(rows, cols, job);
    } else {
        apart::<L, J>(rows, cols, job);
    }
}

#[inline(always)]
fn loops<L: Lanes, J: Tiled<L>>(rows: usize, cols: usize, job: &mut J) {
    let panels = Parts::of(cols, L::PANEL);
    let first = panels.longer * (panels.size + 1);
    width::<L, J>(rows, 0, panels.longer, panels.size + 1, job);
    width::<L, J>(rows, first, panels.shorter, panels.size, job);
}

/// [`cover`] for a job without columns: each row group once, with V = 1. Saves the compiler the
/// other widths, which it could not rule out before it had inlined them.
#[inline(always)]
pub(crate) fn cover_rows<L: Lanes, J: Tiled<L>>(rows: usize, job: &mut J) {
    panels::<L, J, 1>(rows, 0, 1, job);
}

/// `count` panels of `v` chunks each.
#[inline(always)]
fn width<L: Lanes, J: Tiled<L>>(rows: usize, col: usize, count: usize, v: usize, job: &mut J) {
    if count == 0 {
        return;
    }
    match v {
        1 if const { occurs(J::COLS, L::PANEL, 1) } => panels::<L, J, 1>(rows, col, count, job),
        2 if const { occurs(J::COLS, L::PANEL, 2) } => panels::<L, J, 2>(rows, col, count, job),
        3 if const { occurs(J::COLS, L::PANEL, 3) } => panels::<L, J, 3>(rows, col, count, job),
        4 if const { occurs(J::COLS, L::PANEL, 4) } => panels::<L, J, 4>(rows, col, count, job),
        _ => {}
    }
}

#[inline(always)]
fn panels<L: Lanes, J: Tiled<L>, const V: usize>(
    rows: usize,
    col: usize,
    count: usize,
    job: &mut J,
) {
    let groups = Parts::of(rows, L::ROWS);
    let first = groups.longer * (groups.size + 1);
    for panel in 0..count {
        let col = col + panel * V;
        height::<L, J, V>(0, groups.longer, groups.size + 1, col, job);
        height::<L, J, V>(first, groups.shorter, groups.size, col, job);
    }
}

/// `count` row groups of `m` rows each.
#[inline(always)]
fn height<L: Lanes, J: Tiled<L>, const V: usize>(
    row: usize,
    count: usize,
    m: usize,
    col: usize,
    job: &mut J,
) {
    macro_rules! arms {
        ($($m:literal)+) => {
            match m {
                $($m if const { occurs(J::ROWS, L::ROWS, $m) } => {
                    for group in 0..count {
                        run::<L, J, $m, V>(row + group * $m, col, job);
                    }
                })+
                _ => {}
            }
        };
    }
    arms!(1 2 3 4 5 6 7 8);
}

#[inline(always)]
fn run<L: Lanes, J: Tiled<L>, const M: usize, const V: usize>(row: usize, col: usize, job: &mut J) {
    #[inline(never)]
    fn apart<L: Lanes, J: Tiled<L>, const M: usize, const V: usize>(
        row: usize,
        col: usize,
        job: &mut J,
    ) {
        job.tile::<M, V>(row, col);
    }
    if J::FIXED {
        job.tile::<M, V>(row, col);
    } else {
        apart::<L, J, M, V>(row, col, job);
    }
}

/// The microkernel: sum over k of b[m][k] x[k][v], k ascending, k < x.len().
///
/// `b`: one row group, `x`: one panel.
#[inline(always)]
pub(crate) fn accumulate<L: Lanes, const M: usize, const V: usize>(
    b: &[[L::Chunk; M]],
    mut x: &[[L::Chunk; V]],
) -> [[L; V]; M] {
    let mut acc = [[L::zero(); V]; M];
    for column in b {
        // The whole chunks have a constant trip count; the last one may be shorter.
        let Some((whole, rest)) = x.split_at_checked(L::WIDTH) else { break };
        for (k, x) in whole.iter().enumerate() {
            multiply::<L, M, V>(&mut acc, |m| element::<L, M>(column, m, k), load(x));
        }
        x = rest;
    }
    if let Some(column) = b.last() {
        for (k, x) in x.iter().enumerate() {
            multiply::<L, M, V>(&mut acc, |m| element::<L, M>(column, m, k), load(x));
        }
    }
    acc
}

/// Element k of row m of a row group's chunk column.
#[inline(always)]
fn element<L: Lanes, const M: usize>(column: &[L::Chunk; M], m: usize, k: usize) -> L::Elem {
    let Some(chunk) = column.get(m) else { return impossible() };
    item(chunk.as_ref(), k)
}

/// [`accumulate`] with the rows of B in the lanes of a panel: one copy of the samples serves as
/// either operand. M rows, from row `at` of the band; `x`: the rows of X.
#[inline(always)]
pub(crate) fn accumulate_band<L: Lanes, const M: usize, const V: usize>(
    band: &Band<'_, L>,
    at: usize,
    x: impl Iterator<Item = [L; V]>,
) -> [[L; V]; M] {
    let mut acc = [[L::zero(); V]; M];
    let mut lines = slice(band.lines, at..);
    for x in x {
        let Some(b) = lines.first_chunk::<M>() else {
            impossible::<()>();
            break;
        };
        multiply::<L, M, V>(&mut acc, |m| item(b, m), x);
        // The last row has none after it.
        lines = beyond(lines, band.stride);
    }
    acc
}

/// [`accumulate_band`] for rows of X in memory.
#[inline(always)]
pub(crate) fn accumulate_rows<L: Lanes, const M: usize, const V: usize>(
    band: &Band<'_, L>,
    at: usize,
    x: &[[L::Chunk; V]],
) -> [[L; V]; M] {
    if L::WIDTH > 1 || band.stride != M {
        return accumulate_band::<L, M, V>(band, at, x.iter().map(load));
    }
    // Single lanes make a band one row group high.
    let mut acc = [[L::zero(); V]; M];
    // The first alone, so that the accumulators are not zeroed on each of the ways into the loop.
    let (Some((first_b, b)), Some((first_x, x))) =
        (band.lines.as_chunks::<M>().0.split_first(), x.split_first())
    else {
        return acc;
    };
    product::<L, M, V>(&mut acc, first_b, first_x);
    // Two at a time: more of them in flight than that do not fit the registers.
    let ((b, last_b), (x, last_x)) = (b.as_chunks::<2>(), x.as_chunks::<2>());
    for (b, x) in rolled(b).iter().zip(x) {
        for (b, x) in b.iter().zip(x) {
            product::<L, M, V>(&mut acc, b, x);
        }
    }
    for (b, x) in last_b.iter().zip(last_x) {
        product::<L, M, V>(&mut acc, b, x);
    }
    acc
}

#[inline(always)]
fn product<L: Lanes, const M: usize, const V: usize>(
    acc: &mut [[L; V]; M],
    b: &[L::Elem; M],
    x: &[L::Chunk; V],
) {
    multiply::<L, M, V>(acc, |m| item(b, m), load(x));
}

/// `rows` with a length that the compiler does not know, where it would unroll the whole sum over k of
/// a scalar tile: it then keeps all operands at once, in 32 registers and the stack.
#[inline(always)]
fn rolled<T>(rows: &[T]) -> &[T] {
    if rows.len() <= 1 {
        return rows;
    }
    slice(rows, ..core::hint::black_box(rows.len()))
}

/// The registers of a row of a panel.
#[inline(always)]
pub(crate) fn load<L: Lanes, const V: usize>(row: &[L::Chunk; V]) -> [L; V] {
    row.each_ref().map(|x| L::load(x))
}

#[inline(always)]
fn multiply<L: Lanes, const M: usize, const V: usize>(
    acc: &mut [[L; V]; M],
    b: impl Fn(usize) -> L::Elem,
    x: [L; V],
) {
    for (m, acc) in acc.iter_mut().enumerate() {
        let b = L::splat(b(m));
        for (acc, &x) in acc.iter_mut().zip(&x) {
            *acc = b.mul_add(x, *acc);
        }
    }
}

/// A panel read across: its lanes are rows `first..first + rows` of B, its rows are k.
pub(crate) struct Band<'a, L: Lanes> {
    pub first: usize,
    pub rows: usize,
    /// Element k of row m at `k * stride + m`.
    lines: &'a [L::Elem],
    stride: usize,
}

impl<L: Lanes> Band<'_, L> {
    /// Columns `from..to` of the same rows of B.
    #[inline(always)]
    pub fn columns(&self, from: usize, to: usize) -> Self {
        let lines = slice(self.lines, from * self.stride..to * self.stride);
        Band { first: self.first, rows: self.rows, lines, stride: self.stride }
    }
}

/// Rows of a band of `len` lanes where that is a constant and one band; else 0.
pub(crate) const fn known_band<L: Lanes>(len: usize) -> usize {
    if len <= L::PANEL * L::WIDTH { len } else { 0 }
}

/// The panels of `x`, `height` rows of `len` numbers, each read across.
#[inline(always)]
pub(crate) fn bands<L: Lanes>(
    x: &[L::Chunk],
    height: usize,
    len: usize,
) -> impl Iterator<Item = Band<'_, L>> {
    Parts::of(len.div_ceil(L::WIDTH), L::PANEL).each().filter_map(move |(chunk, size)| {
        let (first, stride) = (chunk * L::WIDTH, size * L::WIDTH);
        let rows = if len - first < stride { len - first } else { stride };
        let lines = L::flat(x.get(chunk * height..(chunk + size) * height)?);
        Some(Band { first, rows, lines, stride })
    })
}

/// Out = B X, or Out += B X: both operands and the result as the module says.
///
/// Its sizes are those of `shape`: rows p, chunks across d, or n where `GRAM`.
pub(crate) struct Product<'a, L: Lanes, S: Shape, const GRAM: bool> {
    pub shape: S,
    /// B, in row groups, `depth` chunks of k each.
    pub b: &'a [L::Chunk],
    /// Chunks of k in a row of B.
    pub depth: usize,
    /// X, in panels of `height` rows.
    pub x: &'a [L::Chunk],
    /// Rows of X; at most `depth * WIDTH`.
    pub height: usize,
    /// Out, in row groups, `cols` chunks each.
    pub out: &'a mut [L::Chunk],
    /// Add to Out instead of overwriting it.
    pub add: bool,
}

impl<L: Lanes, S: Shape, const GRAM: bool> Tiled<L> for Product<'_, L, S, GRAM> {
    const FIXED: bool = S::FIXED;
    const ROWS: usize = S::P;
    const COLS: usize = if GRAM { S::N } else { S::D }.div_ceil(L::WIDTH);
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, col: usize) {
        let Some((b, x)) =
            group::<L, M>(self.b, row, self.depth).zip(panel::<L, V>(self.x, col, self.height))
        else {
            return impossible();
        };
        let acc = accumulate::<L, M, V>(b, x);
        let cols = if GRAM { self.shape.n() } else { self.shape.d() }.div_ceil(L::WIDTH);
        for (v, out) in group_columns::<L, M, V>(self.out, row, cols, col).enumerate() {
            for (out, acc) in out.iter_mut().zip(&acc) {
                let Some(&acc) = acc.get(v) else { return impossible() };
                let sum = if self.add { L::load(out) + acc } else { acc };
                sum.store(out);
            }
        }
    }
}

/// The row group that starts at `row`, as its chunk columns.
///
/// Here and below `None`, which no caller sees unless a state was built wrong, instead of an empty
/// slice: with constant sizes the length is then a constant where the slice is used.
#[inline(always)]
pub(crate) fn group<L: Lanes, const M: usize>(
    b: &[L::Chunk],
    row: usize,
    depth: usize,
) -> Option<&[[L::Chunk; M]]> {
    Some(b.get(row * depth..(row + M) * depth)?.as_chunks().0)
}

/// As [`group`], to write.
#[inline(always)]
pub(crate) fn group_mut<L: Lanes, const M: usize>(
    b: &mut [L::Chunk],
    row: usize,
    depth: usize,
) -> Option<&mut [[L::Chunk; M]]> {
    Some(b.get_mut(row * depth..(row + M) * depth)?.as_chunks_mut().0)
}

/// The panel that starts at chunk `col`, as its rows.
#[inline(always)]
pub(crate) fn panel<L: Lanes, const V: usize>(
    x: &[L::Chunk],
    col: usize,
    height: usize,
) -> Option<&[[L::Chunk; V]]> {
    Some(x.get(col * height..(col + V) * height)?.as_chunks().0)
}

/// As [`panel`], to write.
#[inline(always)]
pub(crate) fn panel_mut<L: Lanes, const V: usize>(
    x: &mut [L::Chunk],
    col: usize,
    height: usize,
) -> Option<&mut [[L::Chunk; V]]> {
    Some(x.get_mut(col * height..(col + V) * height)?.as_chunks_mut().0)
}

/// Columns `col..col + V` of the row group that starts at `row`, to write.
#[inline(always)]
pub(crate) fn group_columns<L: Lanes, const M: usize, const V: usize>(
    out: &mut [L::Chunk],
    row: usize,
    cols: usize,
    col: usize,
) -> impl Iterator<Item = &mut [L::Chunk; M]> {
    let group = slice_mut(out, row * cols..(row + M) * cols);
    group.as_chunks_mut().0.iter_mut().skip(col).take(V)
}
