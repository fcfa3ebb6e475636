//! Backward pass: D_j = sum_i g_ji x_i with g_ji = r_i `1[z_ji > 0]`, and the gradients
//! dL/dw_j = -(s a_j / n) D_j and dL/da_j = -(s / n) sum_i r_i relu(z_ji).
//!
//! Order of summation: D over i ascending inside a block of samples, then block by block; dL/da in
//! virtual lanes of i inside a block, then block by block. Cost: p n d multiply-adds for D, p n for
//! dL/da; each needs the forward pass first.

use crate::dense::Dense;
use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::pairs;
use crate::real::Real;
use crate::samples::Block;
use crate::shape::Shape;
use crate::tile::{Product, Tiled, cover, cover_rows, each_chunk};

/// sum_i r_i relu(z_ji) of one block, added to each out_j.
struct Outer<'a, L: Lanes> {
    r: &'a [L::Chunk],
    z: &'a [L::Chunk],
    out: &'a mut [L::Elem],
}

impl<L: Lanes> Tiled<L> for Outer<'_, L> {
    const FIXED: bool = true;
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, _col: usize) {
        let z = crate::tile::group::<L, M>(self.z, row, self.r.len());
        let mut banks = [L::bank(L::zero()); M];
        let set = L::VIRTUAL / L::WIDTH;
        for (r, z) in pairs(self.r, z, set) {
            for (slot, (r, z)) in r.iter().zip(z).enumerate() {
                for (bank, z) in banks.iter_mut().zip(z) {
                    let Some(sum) = bank.as_mut().get_mut(slot) else {
                        return;
                    };
                    *sum = L::load(r).mul_add(L::load(z), *sum);
                }
            }
        }
        for (out, bank) in self.out.iter_mut().skip(row).zip(banks) {
            *out += L::fold(bank);
        }
    }
}

impl<L: Lanes, S: Shape> Dense<'_, L, S> {
    /// D of one block, from g; adds to what is there unless it is the first block.
    #[inline(always)]
    pub(crate) fn backward(&mut self, block: &Block<'_, L>, cols: usize, first: bool) {
        let (p, d) = (self.shape.p(), self.shape.d());
        let depth = d.div_ceil(L::WIDTH);
        let (b, x, out) = (&*self.z, block.rows, &mut *self.slope);
        let (height, add) = (block.n, !first);
        if S::FIXED {
            let mut job = Product::<L, true> { b, depth: cols, x, height, out, cols: depth, add };
            cover::<L, _>(p, depth, &mut job);
        } else {
            let mut job = Product::<L, false> { b, depth: cols, x, height, out, cols: depth, add };
            cover::<L, _>(p, depth, &mut job);
        }
    }

    /// dL/dw, written to `out` as p x d row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] when `out` does not have p d elements.
    pub fn grad_w(&mut self, out: &mut [L::Elem]) -> Result<(), Error> {
        let (p, d) = (self.shape.p(), self.shape.d());
        expect(Dim::Output, p * d, out.len())?;
        self.gather();
        let s: L::Elem = self.scale.factor(p);
        let speed = -s / L::Elem::from_usize(self.shape.n());
        each_chunk::<L>(p, d.div_ceil(L::WIDTH), |at, j, chunk| {
            let Some((&a, slope)) = self.a.get(j).zip(self.slope.get(at)) else {
                return;
            };
            let line = out.get_mut(j * d..(j + 1) * d).unwrap_or(&mut []);
            let part = line.chunks_mut(L::WIDTH).nth(chunk).unwrap_or(&mut []);
            for (out, &x) in part.iter_mut().zip(slope.as_ref()) {
                *out = speed * a * x;
            }
        });
        Ok(())
    }

    /// dL/da, written to `out`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `out` does not have p elements.
    pub fn grad_a(&mut self, out: &mut [L::Elem]) -> Result<(), Error> {
        let (p, n, d) = (self.shape.p(), self.shape.n(), self.shape.d());
        expect(Dim::Output, p, out.len())?;
        out.fill(L::Elem::ZERO);
        for block in self.batch.blocks(n, d) {
            let cols = self.forward::<true>(&block);
            self.residual(&block, cols);
            let r = self.h.get(..cols).unwrap_or(&[]);
            cover_rows::<L, _>(p, &mut Outer { r, z: self.z, out });
        }
        let s: L::Elem = self.scale.factor(p);
        let speed = -s / L::Elem::from_usize(n);
        for out in out {
            *out = speed * *out;
        }
        Ok(())
    }
}
