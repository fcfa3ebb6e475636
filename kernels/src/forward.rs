//! Forward pass: pre-activations z_ji = <w_j, x_i>, predictions h_i = s sum_j a_j relu(z_ji),
//! residuals r_i = y_i - h_i, loss L = 1/(2n) sum_i r_i^2.
//!
//! Order of summation: z over k ascending; h over j, ascending with samples in the lanes and in
//! virtual lanes with neurons in them; sum r^2 in virtual lanes of i inside a block of samples,
//! then block by block. Cost: p n d multiply-adds.

use crate::buffer::Block;
use crate::dense::Dense;
use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::layout::{Layout, possible, set};
use crate::linalg::pairs;
use crate::pack::{each_chunk, unpack_panels};
use crate::part::Part;
use crate::parts::Parts;
use crate::real::Real;
use crate::rows::{change, impossible, lines, lines_mut, slice, slice_mut, up_to};
use crate::samples::known_block;
use crate::shape::Shape;
use crate::tile::{
    Band, Tiled, accumulate, accumulate_rows, bands, cover, group, group_columns, known_band, load,
    panel, panel_mut,
};
use crate::weights::Weights;

/// Z = W X for one block with samples in the lanes; h is accumulated while a tile of Z is in
/// registers.
struct Samples<'a, L: Lanes, S: Shape> {
    shape: S,
    w: &'a [L::Chunk],
    a: &'a [L::Elem],
    columns: &'a [L::Chunk],
    /// relu(z), or z itself where `relu` is false, in row groups.
    z: &'a mut [L::Chunk],
    relu: bool,
    /// sum_j a_j relu(z_ji).
    h: &'a mut [L::Chunk],
}

impl<L: Lanes, S: Shape> Tiled<L> for Samples<'_, L, S> {
    const FIXED: bool = S::FIXED;
    const ROWS: usize = S::P;
    const COLS: usize = known_block(S::N).div_ceil(L::WIDTH);
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, col: usize) {
        let d = self.shape.d();
        let Some((w, x)) = group::<L, M>(self.w, row, d.div_ceil(L::WIDTH)).zip(panel::<L, V>(
            self.columns,
            col,
            d,
        )) else {
            return impossible();
        };
        let acc = accumulate::<L, M, V>(w, x);
        let a = slice(self.a, row..row + M);
        let cols = self.h.len();
        let h = slice_mut(self.h, col..col + V);
        let z = group_columns::<L, M, V>(self.z, row, cols, col);
        for (v, (h, z)) in h.iter_mut().zip(z).enumerate() {
            let mut sum = L::load(h);
            for ((z, acc), &a) in z.iter_mut().zip(&acc).zip(a) {
                let Some(&acc) = acc.get(v) else { return impossible() };
                let active = acc.relu();
                sum = L::splat(a).mul_add(active, sum);
                // relu(z) gates as well as z does.
                if self.relu { active.store(z) } else { acc.store(z) }
            }
            sum.store(h);
        }
    }
}

/// Z^T = X^T W^T for one panel of samples with neurons in the lanes; the virtual lanes of h are
/// accumulated while a tile is in registers.
struct Neurons<'a, L: Lanes, S: Shape> {
    shape: S,
    x: Band<'a, L>,
    w: &'a [L::Chunk],
    a: &'a [L::Chunk],
    /// As in [`Samples`], in panels of `n` rows.
    z: &'a mut [L::Chunk],
    n: usize,
    relu: bool,
    sums: &'a mut [L::Chunk],
}

impl<L: Lanes, S: Shape> Tiled<L> for Neurons<'_, L, S> {
    const FIXED: bool = S::FIXED;
    const ROWS: usize = known_band::<L>(known_block(S::N));
    const COLS: usize = S::P.div_ceil(L::WIDTH);
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, col: usize) {
        let i = self.x.first + row;
        let (Some(w), Some(a), Some(z), Some(sums)) = (
            panel::<L, V>(self.w, col, self.shape.d()),
            panel::<L, V>(self.a, col, 1).and_then(<[_]>::first),
            panel_mut::<L, V>(self.z, col, self.n).and_then(|z| z.get_mut(i..i + M)),
            self.sums.get_mut(i * set::<L>()..(i + M) * set::<L>()),
        ) else {
            return impossible();
        };
        let acc = accumulate_rows::<L, M, V>(&self.x, row, w);
        // Once: LLVM would read it again after each write of a sum.
        let a = load::<L, V>(a);
        let lane = col % set::<L>();
        for ((acc, z), sums) in acc.iter().zip(z).zip(lines_mut(sums, set::<L>())) {
            let active = acc.map(L::relu);
            for (z, value) in z.iter_mut().zip(if self.relu { &active } else { acc }) {
                value.store(z);
            }
            let terms = a.iter().zip(active);
            // Neighbours, unless they begin anew at lane 0.
            if let Some(sums) = sums.get_mut(lane..).and_then(<[_]>::first_chunk_mut::<V>) {
                let first = col < set::<L>();
                for (sum, (&a, active)) in sums.iter_mut().zip(terms) {
                    add::<L>(first, a, active, sum);
                }
            } else {
                for (v, (&a, active)) in terms.enumerate() {
                    let first = col + v < set::<L>();
                    change(sums, (lane + v) % set::<L>(), |sum| add::<L>(first, a, active, sum));
                }
            }
        }
    }
}

/// Adds a relu(z) to a virtual lane of h, of which it is the first term or not.
#[inline(always)]
fn add<L: Lanes>(first: bool, a: L, active: L, sum: &mut L::Chunk) {
    let sum_now = if first { a * active } else { a.mul_add(active, L::load(sum)) };
    sum_now.store(sum);
}

/// One chunk of h from the virtual lanes of each, at most WIDTH of them; zeros for the rest.
#[inline(always)]
fn fold_rows<L: Lanes>(sums: &[L::Chunk]) -> L {
    // In a register throughout: lanes written one by one to memory would hold up the load of the
    // whole that follows.
    let rows = lines(sums, set::<L>()).enumerate();
    rows.fold(L::zero(), |h, (lane, sums)| h + L::alone(L::fold(L::gather(sums)), lane))
}

/// r = y - s h over h, and sum r^2 of the block.
#[inline(always)]
pub(crate) fn residual<L: Lanes>(y: &[L::Chunk], h: &mut [L::Chunk], s: L::Elem) -> L::Elem {
    let minus_s = L::splat(-s);
    let mut bank = L::bank(L::zero());
    let set = set::<L>();
    for (h, y) in h.iter_mut().zip(y) {
        minus_s.mul_add(L::load(h), L::load(y)).store(h);
    }
    for (r, _) in pairs(h, h, set) {
        for (sum, r) in bank.as_mut().iter_mut().zip(r) {
            let r = L::load(r);
            *sum = r.mul_add(r, *sum);
        }
    }
    L::fold(bank)
}

/// g_ji = r_i `1[z_ji > 0]`, over z by [`Lanes::gate`] or over relu(z) by [`Lanes::open`].
#[inline(always)]
pub(crate) fn gate<L: Lanes>(
    rows: usize,
    r: &[L::Chunk],
    z: &mut [L::Chunk],
    by: impl Fn(L, L) -> L,
) {
    let cols = r.len();
    for (first, size) in Parts::of(rows, L::ROWS).each() {
        let group = slice_mut(z, first * cols..(first + size) * cols);
        for (column, r) in lines_mut(group, size).zip(r) {
            let r = L::load(r);
            for z in column {
                by(r, L::load(z)).store(z);
            }
        }
    }
}

impl<L: Lanes, S: Shape> Weights<'_, L, S> {
    /// relu(z), or z where `relu` is false, and sum_j a_j relu(z) of one block.
    #[inline(always)]
    pub fn forward(&self, block: &Block<'_, L>, part: &mut Part<'_, L>, relu: bool) {
        let (shape, n, w) = (self.shape, block.n, self.w);
        let (p, d) = (shape.p(), shape.d());
        let Some(h) = part.h.get_mut(..n.div_ceil(L::WIDTH)) else { return impossible() };
        if const { possible::<L, S>(Layout::Samples) } && self.layout == Layout::Samples {
            h.fill(L::EMPTY);
            let (a, columns, z) = (self.a, block.columns, &mut *part.z);
            let mut job = Samples::<L, S> { shape, w, a, columns, z, relu, h };
            cover::<L, _>(p, n.div_ceil(L::WIDTH), &mut job);
        } else if const { possible::<L, S>(Layout::Neurons) } {
            let Some(sums) = part.sums.get_mut(..n * set::<L>()) else { return impossible() };
            if p.div_ceil(L::WIDTH) < set::<L>() {
                // Lanes without a neuron.
                sums.fill(L::EMPTY);
            }
            for x in bands::<L>(block.columns, d, n) {
                let (a, z, rows) = (L::chunks(self.a), &mut *part.z, x.rows);
                let mut job = Neurons::<L, S> { shape, x, w, a, z, n, relu, sums };
                cover::<L, _>(rows, p.div_ceil(L::WIDTH), &mut job);
            }
            let mut rest = &*sums;
            for h in h {
                let set = L::WIDTH * set::<L>();
                let (sums, next) = up_to(rest, set);
                rest = next;
                fold_rows::<L>(sums).store(h);
            }
        }
    }

    /// Turns h of a block into r; returns sum r^2.
    #[inline(always)]
    pub fn residual(&self, block: &Block<'_, L>, part: &mut Part<'_, L>) -> L::Elem {
        let cols = block.n.div_ceil(L::WIDTH);
        residual::<L>(block.y, slice_mut(part.h, ..cols), self.s)
    }

    /// g_ji = r_i `1[z_ji > 0]`, over relu(z).
    #[inline(always)]
    pub fn gate(&self, block: &Block<'_, L>, part: &mut Part<'_, L>) {
        let r = slice(part.h, ..block.n.div_ceil(L::WIDTH));
        match self.layout {
            Layout::Samples => gate::<L>(self.shape.p(), r, part.z, L::open),
            Layout::Neurons => {
                let (r, cols) = (L::flat(r), self.shape.p().div_ceil(L::WIDTH));
                for (first, size) in Parts::of(cols, L::PANEL).each() {
                    let panel = slice_mut(part.z, first * block.n..(first + size) * block.n);
                    for (row, &r) in lines_mut(panel, size).zip(r) {
                        for z in row {
                            L::splat(r).open(L::load(z)).store(z);
                        }
                    }
                }
            }
        }
    }

    /// Calls `f(j, i, z)` with the z of a block, i counted from its start.
    fn each_z(
        &self,
        block: &Block<'_, L>,
        part: &Part<'_, L>,
        mut f: impl FnMut(usize, usize, L::Elem),
    ) {
        let (p, n) = (self.shape.p(), block.n);
        match self.layout {
            Layout::Samples => each_chunk::<L>(p, n.div_ceil(L::WIDTH), |at, j, chunk| {
                let Some(lanes) = part.z.get(at) else { return impossible() };
                for (lane, &z) in lanes.as_ref().iter().enumerate() {
                    f(j, chunk * L::WIDTH + lane, z);
                }
            }),
            Layout::Neurons => unpack_panels::<L>(n, p, part.z, |i, j, z| f(j, i, z)),
        }
    }
}

impl<L: Lanes, S: Shape> Dense<'_, L, S> {
    /// z_ji = <w_j, x_i>, written to `z` as p x n row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] when `z` does not have p n elements.
    pub fn pre_activations(&mut self, z: &mut [L::Elem]) -> Result<(), Error> {
        let (p, n, d) = (self.state.shape.p(), self.state.shape.n(), self.state.shape.d());
        expect(Dim::Output, p * n, z.len())?;
        let (weights, batch, part) = self.open();
        let mut first = 0;
        for block in batch.blocks(n, d) {
            weights.forward(&block, part, false);
            weights.each_z(&block, part, |j, i, value| {
                let target = z.get_mut(j * n + first + i).filter(|_| i < block.n);
                if let Some(target) = target {
                    *target = value;
                }
            });
            first += block.n;
        }
        Ok(())
    }

    /// h_i = s sum_j a_j relu(z_ji), written to `h`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `h` does not have n elements.
    pub fn predictions(&mut self, h: &mut [L::Elem]) -> Result<(), Error> {
        let s = self.state.s();
        self.each_output(h, |h, _| s * h)
    }

    /// r_i = y_i - h_i, written to `r`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `r` does not have n elements.
    pub fn residuals(&mut self, r: &mut [L::Elem]) -> Result<(), Error> {
        let s = self.state.s();
        self.each_output(r, |h, y| y - s * h)
    }

    fn each_output(
        &mut self,
        out: &mut [L::Elem],
        f: impl Fn(L::Elem, L::Elem) -> L::Elem,
    ) -> Result<(), Error> {
        let (n, d) = (self.state.shape.n(), self.state.shape.d());
        expect(Dim::Output, n, out.len())?;
        let (weights, batch, part) = self.open();
        let mut out = out.iter_mut();
        for block in batch.blocks(n, d) {
            weights.forward(&block, part, true);
            let (h, y) = (L::flat(part.h), L::flat(block.y));
            // `out` last: a `zip` that ends has already taken from its left side.
            for ((&h, &y), out) in h.iter().zip(y).take(block.n).zip(out.by_ref()) {
                *out = f(h, y);
            }
        }
        Ok(())
    }

    /// L = 1/(2n) sum_i r_i^2.
    pub fn loss(&mut self) -> L::Elem {
        let (n, d) = (self.state.shape.n(), self.state.shape.d());
        let (weights, batch, part) = self.open();
        let mut sum = L::Elem::ZERO;
        for block in batch.blocks(n, d) {
            weights.forward(&block, part, true);
            sum += weights.residual(&block, part);
        }
        sum / L::Elem::from_usize(2 * n)
    }
}
