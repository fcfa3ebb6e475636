//! Forward pass: pre-activations z_ji = <w_j, x_i>, predictions h_i = s sum_j a_j relu(z_ji),
//! residuals r_i = y_i - h_i, loss L = 1/(2n) sum_i r_i^2.
//!
//! Order of summation: z over k ascending, h over j ascending, sum r^2 in virtual lanes of i inside
//! a block of samples, then block by block. Cost: p n d multiply-adds.

use crate::dense::Dense;
use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{lines_mut, pairs};
use crate::real::Real;
use crate::samples::Block;
use crate::shape::Shape;
use crate::tile::{Parts, Tiled, accumulate, cover, group, group_columns, panel, unpack_groups};

/// Z = W X for one block, with h accumulated while a tile of Z is in registers.
struct Forward<'a, L: Lanes, const RELU: bool, const FIXED: bool> {
    w: &'a [L::Chunk],
    depth: usize,
    a: &'a [L::Elem],
    columns: &'a [L::Chunk],
    d: usize,
    /// relu(z), or z itself where `RELU` is false, in row groups.
    z: &'a mut [L::Chunk],
    /// sum_j a_j relu(z_ji).
    h: &'a mut [L::Chunk],
}

impl<L: Lanes, const RELU: bool, const FIXED: bool> Tiled<L> for Forward<'_, L, RELU, FIXED> {
    const FIXED: bool = FIXED;
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, col: usize) {
        let acc = accumulate::<L, M, V>(
            group::<L, M>(self.w, row, self.depth),
            panel::<L, V>(self.columns, col, self.d),
        );
        let a = self.a.get(row..row + M).unwrap_or(&[]);
        let cols = self.h.len();
        let h = self.h.get_mut(col..col + V).unwrap_or(&mut []);
        let z = group_columns::<L, M, V>(self.z, row, cols, col);
        for (v, (h, z)) in h.iter_mut().zip(z).enumerate() {
            let mut sum = L::load(h);
            for ((z, acc), &a) in z.iter_mut().zip(&acc).zip(a) {
                let Some(&acc) = acc.get(v) else { return };
                let active = acc.relu();
                sum = L::splat(a).mul_add(active, sum);
                // relu(z) gates as well as z does.
                if RELU { active.store(z) } else { acc.store(z) }
            }
            sum.store(h);
        }
    }
}

/// r = y - s h over h, and sum r^2 of the block.
#[inline(always)]
pub(crate) fn residual<L: Lanes>(y: &[L::Chunk], h: &mut [L::Chunk], s: L::Elem) -> L::Elem {
    let minus_s = L::splat(-s);
    let mut bank = L::bank(L::zero());
    let set = L::VIRTUAL / L::WIDTH;
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

/// g_ji = r_i `1[z_ji > 0]`, over relu(z).
#[inline(always)]
pub(crate) fn gate<L: Lanes>(rows: usize, r: &[L::Chunk], z: &mut [L::Chunk]) {
    let cols = r.len();
    for (first, size) in Parts::of(rows, L::ROWS).each() {
        let group = z.get_mut(first * cols..(first + size) * cols).unwrap_or(&mut []);
        for (column, r) in lines_mut(group, size).zip(r) {
            let r = L::load(r);
            for z in column {
                r.gate(L::load(z)).store(z);
            }
        }
    }
}

impl<L: Lanes, S: Shape> Dense<'_, L, S> {
    /// Z and sum_j a_j relu(z) of one block; the number of chunks that the block has.
    #[inline(always)]
    pub(crate) fn forward<const RELU: bool>(&mut self, block: &Block<'_, L>) -> usize {
        let (p, d) = (self.shape.p(), self.shape.d());
        let cols = block.n.div_ceil(L::WIDTH);
        let h = self.h.get_mut(..cols).unwrap_or(&mut []);
        h.fill(L::EMPTY);
        let (w, a, z) = (&*self.w, &*self.a, &mut *self.z);
        let (depth, columns) = (d.div_ceil(L::WIDTH), block.columns);
        if S::FIXED {
            let mut job = Forward::<L, RELU, true> { w, depth, a, columns, d, z, h };
            cover::<L, _>(p, cols, &mut job);
        } else {
            let mut job = Forward::<L, RELU, false> { w, depth, a, columns, d, z, h };
            cover::<L, _>(p, cols, &mut job);
        }
        cols
    }

    /// Turns h of a block into r; returns sum r^2.
    #[inline(always)]
    pub(crate) fn residual(&mut self, block: &Block<'_, L>, cols: usize) -> L::Elem {
        let s = self.scale.factor(self.shape.p());
        residual::<L>(block.y, self.h.get_mut(..cols).unwrap_or(&mut []), s)
    }

    /// z_ji = <w_j, x_i>, written to `z` as p x n row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] when `z` does not have p n elements.
    pub fn pre_activations(&mut self, z: &mut [L::Elem]) -> Result<(), Error> {
        let (p, n, d) = (self.shape.p(), self.shape.n(), self.shape.d());
        expect(Dim::Output, p * n, z.len())?;
        let mut first = 0;
        for block in self.batch.blocks(n, d) {
            let cols = self.forward::<false>(&block);
            if block.n == n {
                unpack_groups::<L>(self.z, p, n, z);
            } else {
                crate::tile::each_chunk::<L>(p, cols, |at, j, chunk| {
                    let line = z.get_mut(j * n + first..j * n + first + block.n);
                    let part = line.unwrap_or(&mut []).chunks_mut(L::WIDTH).nth(chunk);
                    let source = self.z.get(at).map_or(&[][..], |chunk| chunk.as_ref());
                    for (z, &x) in part.unwrap_or(&mut []).iter_mut().zip(source) {
                        *z = x;
                    }
                });
            }
            first += block.n;
        }
        Ok(())
    }

    /// h_i = s sum_j a_j relu(z_ji), written to `h`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `h` does not have n elements.
    pub fn predictions(&mut self, h: &mut [L::Elem]) -> Result<(), Error> {
        let s = self.scale.factor::<L::Elem>(self.shape.p());
        self.each_output(h, |h, _| s * h)
    }

    /// r_i = y_i - h_i, written to `r`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `r` does not have n elements.
    pub fn residuals(&mut self, r: &mut [L::Elem]) -> Result<(), Error> {
        let s = self.scale.factor::<L::Elem>(self.shape.p());
        self.each_output(r, |h, y| y - s * h)
    }

    fn each_output(
        &mut self,
        out: &mut [L::Elem],
        f: impl Fn(L::Elem, L::Elem) -> L::Elem,
    ) -> Result<(), Error> {
        let (n, d) = (self.shape.n(), self.shape.d());
        expect(Dim::Output, n, out.len())?;
        let mut out = out.iter_mut();
        for block in self.batch.blocks(n, d) {
            let cols = self.forward::<true>(&block);
            let h = self.h.get(..cols).unwrap_or(&[]).iter().flat_map(|h| h.as_ref());
            let y = block.y.iter().flat_map(|y| y.as_ref());
            // `out` last: a `zip` that ends has already taken from its left side.
            for ((&h, &y), out) in h.zip(y).take(block.n).zip(out.by_ref()) {
                *out = f(h, y);
            }
        }
        Ok(())
    }

    /// L = 1/(2n) sum_i r_i^2.
    pub fn loss(&mut self) -> L::Elem {
        let (n, d) = (self.shape.n(), self.shape.d());
        let mut sum = L::Elem::ZERO;
        for block in self.batch.blocks(n, d) {
            let cols = self.forward::<true>(&block);
            sum += self.residual(&block, cols);
        }
        sum / L::Elem::from_usize(2 * n)
    }
}
