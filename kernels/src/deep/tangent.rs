//! The tangent kernel K = J J^T of a deep network by products: J v, J^T u and K u without J or K.
//!
//! J is nM x P: the derivatives of all outputs f(x_i)_m (row-major, as predictions are) by the parameters.
//! Where a relu meets 0 it is the J that backward passes use.

use super::offsets::{Extent, all_offsets, chunks};
use super::product::{Finish, Out, rows};
use super::theta::{load, unpack_rows};
use super::walk::onto;
use super::{Deep, Layer, parameters};
use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{aligned, norm_sq, slack};
use crate::pack::pack_rows;
use crate::real::Real;
use crate::rows::{item, slice, slice_mut};

impl<L: Lanes> Deep<'_, L> {
    /// Elements of memory for [`push`](Deep::push) and [`kernel_product`](Deep::kernel_product).
    pub const fn tangent_len(layers: &[Layer], n: usize) -> usize {
        let at = Extent::of::<L>(layers, n);
        (at.w + at.across + at.b + at.widest) * L::WIDTH + slack::<L>()
    }

    /// J^T u into `out`, in the order of the parameters; `u` is n x M row-major.
    ///
    /// Cost: that of a step.
    ///
    /// # Errors
    /// [`Error::Shape`] when `u` does not have n M elements or `out` not [`parameters`].
    pub fn pullback(&mut self, u: &[L::Elem], out: &mut [L::Elem]) -> Result<(), Error> {
        expect(Dim::Output, parameters(self.layers), out.len())?;
        self.pull(u)?;
        self.save_slopes(out);
        Ok(())
    }

    /// J v into `out` (n x M row-major); `v` has the order of the parameters.
    ///
    /// Cost: 3 multiply-adds for each weight and sample.
    ///
    /// # Errors
    /// [`Error::Shape`] when `v` does not have [`parameters`] elements or `out` not n M;
    /// [`Error::Memory`] where `memory` has not [`tangent_len`](Deep::tangent_len) elements.
    pub fn push(
        &mut self,
        v: &[L::Elem],
        out: &mut [L::Elem],
        memory: &mut [L::Elem],
    ) -> Result<(), Error> {
        expect(Dim::W, parameters(self.layers), v.len())?;
        let mut direction = Direction::<L>::carve(self.layers, self.n, memory)?;
        for offsets in all_offsets::<L>(self.layers, self.n) {
            load::<L>(&offsets, v, direction.w, direction.b);
            offsets.turn::<L>(direction.w, direction.across);
        }
        self.along(&mut direction, out)
    }

    /// K u = J J^T u into `out`; both n x M row-major.
    ///
    /// Cost: 6 multiply-adds for each weight and sample.
    ///
    /// # Errors
    /// [`Error::Shape`] when `u` or `out` do not have n M elements; [`Error::Memory`] as
    /// [`push`](Deep::push).
    pub fn kernel_product(
        &mut self,
        u: &[L::Elem],
        out: &mut [L::Elem],
        memory: &mut [L::Elem],
    ) -> Result<(), Error> {
        let mut direction = Direction::<L>::carve(self.layers, self.n, memory)?;
        expect(Dim::Output, self.n * self.outputs(), out.len())?;
        self.pull(u)?;
        for (to, from) in direction.b.iter_mut().zip(self.slope_b.iter()) {
            *to = *from;
        }
        for offsets in all_offsets::<L>(self.layers, self.n) {
            offsets.turn::<L>(self.slope_w, direction.across);
        }
        self.along(&mut direction, out)
    }

    /// The Rayleigh quotient of K at u, |J^T u|^2 / |u|^2, which lies between the extreme eigenvalues of K
    /// (paper `rayleigh`, section 3). `None` where u is 0.
    ///
    /// At u = r it is |grad L|^2 / (2 L), half the rate -d log L/dt. Cost: that of a step.
    ///
    /// # Errors
    /// [`Error::Shape`] when `u` does not have n M elements.
    pub fn rayleigh(&mut self, u: &[L::Elem]) -> Result<Option<L::Elem>, Error> {
        self.pull(u)?;
        let size = norm_sq::<L>(u);
        Ok((size > L::Elem::ZERO).then(|| self.speed_sq() / size))
    }

    /// Forward pass, then the slopes for `u` instead of r.
    fn pull(&mut self, u: &[L::Elem]) -> Result<(), Error> {
        let outputs = self.outputs();
        expect(Dim::Y, self.n * outputs, u.len())?;
        self.forward();
        let down = slice_mut(self.down, ..self.n * chunks::<L>(outputs));
        pack_rows::<L>(u, outputs, down);
        self.backward();
        Ok(())
    }

    /// Forward pass with the derivative along a direction.
    fn along(&mut self, along: &mut Direction<'_, L>, out: &mut [L::Elem]) -> Result<(), Error> {
        let (n, outputs) = (self.n, self.outputs());
        expect(Dim::Output, n * outputs, out.len())?;
        for (l, offsets) in all_offsets::<L>(self.layers, n).enumerate() {
            self.forward_layer(&offsets);
            let (inputs, cols) = (offsets.layer.inputs, offsets.outputs);
            let w = offsets.of_across(self.across);
            let sums = slice_mut(along.sums, ..n * cols);
            // Nothing has moved the inputs of the first layer.
            if l > 0 {
                rows::<L>(
                    n,
                    (self.down, inputs),
                    (w, cols),
                    Out::Into(sums),
                    self.packed,
                    Finish::Store,
                );
            }
            let (before, after) = offsets.of_x(n, self.x);
            let across = (offsets.of_across(along.across), cols);
            let out = onto(l > 0, sums);
            rows::<L>(n, (before, inputs), across, out, self.packed, Finish::Store);
            let mut dz: &[L::Chunk] = sums;
            if let Some(graph) = self.graph.filter(|_| offsets.layer.graph) {
                let mixed = slice_mut(self.mixed, ..n * cols);
                graph.mix::<L>(cols, dz, mixed);
                dz = mixed;
            }
            let (_, slope) = offsets.of_b(self.b);
            let (b, steep) = offsets.of_b(along.b);
            let steep = item(L::flat(steep), 0);
            let z = offsets.of_z(n, after, self.z);
            let residual = offsets.layer.residual && l > 0;
            offsets.pass::<L>(n, slope).tangent::<L>(steep, b, z, dz, self.down, residual);
        }
        let down = slice(self.down, ..n * chunks::<L>(outputs));
        unpack_rows::<L>(n, outputs, down, out);
        Ok(())
    }
}

/// A direction of the parameters, in the forms of the weights.
struct Direction<'a, L: Lanes> {
    w: &'a mut [L::Chunk],
    across: &'a mut [L::Chunk],
    b: &'a mut [L::Chunk],
    /// The derivative of z.
    sums: &'a mut [L::Chunk],
}

impl<'a, L: Lanes> Direction<'a, L> {
    fn carve(layers: &[Layer], n: usize, memory: &'a mut [L::Elem]) -> Result<Self, Error> {
        let (at, needed) = (Extent::of::<L>(layers, n), Deep::<L>::tangent_len(layers, n));
        let short = Error::Memory { needed, found: memory.len() };
        let all = aligned::<L>(memory, needed - slack::<L>()).map(L::chunks_mut).ok_or(short)?;
        let (w, all) = all.split_at_mut_checked(at.w).ok_or(short)?;
        let (across, all) = all.split_at_mut_checked(at.across).ok_or(short)?;
        let (b, sums) = all.split_at_mut_checked(at.b).ok_or(short)?;
        // What pads the outputs of `across` is never written.
        across.fill(L::EMPTY);
        Ok(Direction { w, across, b, sums })
    }
}
