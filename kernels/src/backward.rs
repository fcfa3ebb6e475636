//! Backward pass: D_j = sum_i g_ji x_i with g_ji = r_i `1[z_ji > 0]`, and the gradients
//! dL/dw_j = -(s a_j / n) D_j and dL/da_j = -(s / n) sum_i r_i relu(z_ji).
//!
//! Order of summation: D over i ascending inside a block of samples, then block by block; dL/da over
//! i inside a block, in virtual lanes with samples in the lanes and ascending with neurons in them,
//! then block by block. Cost: p n d multiply-adds for D, p n for
//! dL/da; each needs the forward pass first.

use crate::buffer::Block;
use crate::dense::Dense;
use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::layout::{Layout, possible, set};
use crate::linalg::pairs;
use crate::part::Part;
use crate::parts::Parts;
use crate::real::Real;
use crate::rows::{change, impossible, item, put, slice};
use crate::shape::Shape;
use crate::tile::{
    Band, Product, Tiled, accumulate_rows, bands, cover, cover_rows, group, known_band, panel,
    panel_mut,
};
use crate::weights::Weights;

/// D^T = X G^T for one panel of coordinates with neurons in the lanes.
struct Neurons<'a, L: Lanes, S: Shape> {
    shape: S,
    x: Band<'a, L>,
    g: &'a [L::Chunk],
    /// Samples of the block.
    n: usize,
    slope: &'a mut [L::Chunk],
    /// Add to D instead of overwriting it.
    add: bool,
}

impl<L: Lanes, S: Shape> Tiled<L> for Neurons<'_, L, S> {
    const FIXED: bool = S::FIXED;
    const ROWS: usize = known_band::<L>(S::D);
    const COLS: usize = S::P.div_ceil(L::WIDTH);
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, col: usize) {
        let k = self.x.first + row;
        let (Some(g), Some(slope)) = (
            panel::<L, V>(self.g, col, self.n),
            panel_mut::<L, V>(self.slope, col, self.shape.d())
                .and_then(|slope| slope.get_mut(k..k + M)),
        ) else {
            return impossible();
        };
        let acc = accumulate_rows::<L, M, V>(&self.x, row, g);
        for (slope, acc) in slope.iter_mut().zip(&acc) {
            for (slope, &acc) in slope.iter_mut().zip(acc) {
                let sum = if self.add { L::load(slope) + acc } else { acc };
                sum.store(slope);
            }
        }
    }
}

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
        let Some(z) = group::<L, M>(self.z, row, self.r.len()) else {
            return impossible();
        };
        let mut banks = [L::bank(L::zero()); M];
        let set = set::<L>();
        for (r, z) in pairs(self.r, z, set) {
            for (slot, (r, z)) in r.iter().zip(z).enumerate() {
                for (bank, z) in banks.iter_mut().zip(z) {
                    change(bank.as_mut(), slot, |sum| *sum = L::load(r).mul_add(L::load(z), *sum));
                }
            }
        }
        for (out, bank) in self.out.iter_mut().skip(row).zip(banks) {
            *out += L::fold(bank);
        }
    }
}

impl<L: Lanes, S: Shape> Weights<'_, L, S> {
    /// D of one block, from g; `add`: to what is there.
    #[inline(always)]
    pub fn backward(&self, block: &Block<'_, L>, part: &mut Part<'_, L>, add: bool) {
        let (shape, n) = (self.shape, block.n);
        let (p, d) = (shape.p(), shape.d());
        if const { possible::<L, S>(Layout::Samples) } && self.layout == Layout::Samples {
            let (b, x, out) = (&*part.z, block.rows, &mut *part.slope);
            let depth = n.div_ceil(L::WIDTH);
            let mut job = Product::<L, S, false> { shape, b, depth, x, height: n, out, add };
            cover::<L, _>(p, d.div_ceil(L::WIDTH), &mut job);
        }
        if const { possible::<L, S>(Layout::Neurons) } && self.layout == Layout::Neurons {
            for x in bands::<L>(block.rows, n, d) {
                let (g, slope, rows) = (&*part.z, &mut *part.slope, x.rows);
                let mut job = Neurons::<L, S> { shape, x, g, n, slope, add };
                cover::<L, _>(rows, p.div_ceil(L::WIDTH), &mut job);
            }
        }
    }

    /// sum_i r_i relu(z_ji) of one block, added to each out_j.
    fn outer(&self, block: &Block<'_, L>, part: &Part<'_, L>, out: &mut [L::Elem]) {
        let (p, n) = (self.shape.p(), block.n);
        let r = slice(part.h, ..n.div_ceil(L::WIDTH));
        match self.layout {
            Layout::Samples => cover_rows::<L, _>(p, &mut Outer { r, z: part.z, out }),
            Layout::Neurons => {
                let mut out = out.chunks_mut(L::WIDTH);
                for (first, size) in Parts::of(p.div_ceil(L::WIDTH), L::PANEL).each() {
                    let z = slice(part.z, first * n..(first + size) * n);
                    for (v, out) in (0..size).zip(out.by_ref()) {
                        let mut sum = L::zero();
                        for (z, &r) in z.iter().skip(v).step_by(size.max(1)).zip(L::flat(r)) {
                            sum = L::splat(r).mul_add(L::load(z), sum);
                        }
                        let mut lanes = L::EMPTY;
                        sum.store(&mut lanes);
                        for (out, &sum) in out.iter_mut().zip(lanes.as_ref()) {
                            *out += sum;
                        }
                    }
                }
            }
        }
    }
}

impl<L: Lanes, S: Shape> Dense<'_, L, S> {
    /// dL/dw, written to `out` as p x d row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] when `out` does not have p d elements.
    pub fn grad_w(&mut self, out: &mut [L::Elem]) -> Result<(), Error> {
        let (p, n, d) = (self.state.shape.p(), self.state.shape.n(), self.state.shape.d());
        expect(Dim::Output, p * d, out.len())?;
        let (weights, batch, part) = self.open();
        weights.gather(batch, n, part);
        let speed = -weights.s / L::Elem::from_usize(n);
        weights.each(part.slope, |j, k, x| {
            put(out, j * d + k, speed * item(weights.a, j) * x);
        });
        Ok(())
    }

    /// dL/da, written to `out`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `out` does not have p elements.
    pub fn grad_a(&mut self, out: &mut [L::Elem]) -> Result<(), Error> {
        let (p, n, d) = (self.state.shape.p(), self.state.shape.n(), self.state.shape.d());
        expect(Dim::Output, p, out.len())?;
        out.fill(L::Elem::ZERO);
        let (weights, batch, part) = self.open();
        for block in batch.blocks(n, d) {
            weights.forward(&block, part, true);
            weights.residual(&block, part);
            weights.outer(&block, part, out);
        }
        let speed = -weights.s / L::Elem::from_usize(n);
        for out in out {
            *out = speed * *out;
        }
        Ok(())
    }
}
