//! The weights of a state while a step reads them: what all workers share.

use crate::buffer::Block;
use crate::lanes::Lanes;
use crate::layout::Layout;
use crate::pack::{each_chunk, unpack_panels};
use crate::part::Part;
use crate::real::Real;
use crate::rows::impossible;
use crate::samples::Batch;
use crate::shape::Shape;

/// A network in the layout of its state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights<'a, L: Lanes, S: Shape> {
    pub shape: S,
    pub layout: Layout,
    /// Output scale.
    pub s: L::Elem,
    /// W: in row groups (samples in lanes), or W^T in panels of neurons.
    pub w: &'a [L::Chunk],
    /// a, padded to whole chunks with zeros.
    pub a: &'a [L::Elem],
}

impl<L: Lanes, S: Shape> Weights<'_, L, S> {
    /// D and sum r^2 of the `n` samples of `batch`. Forward and backward run block by block of
    /// samples while the block is in cache.
    #[inline(always)]
    pub fn gather(self, batch: Batch<'_, L>, n: usize, part: &mut Part<'_, L>) {
        part.n = n;
        part.sum = L::Elem::ZERO;
        for (index, block) in batch.blocks(n, self.shape.d()).enumerate() {
            self.add(&block, part, index > 0);
        }
    }

    /// D and sum r^2 of one block; `add`: D to what is there. sum r^2 always is added.
    #[inline(always)]
    pub fn add(self, block: &Block<'_, L>, part: &mut Part<'_, L>, add: bool) {
        self.forward(block, part, true);
        let sum = self.residual(block, part);
        part.sum += sum;
        self.gate(block, part);
        self.backward(block, part, add);
    }

    /// Calls `f(j, k, x)` for each number of `matrix`, which is laid out as W is.
    pub fn each(&self, matrix: &[L::Chunk], mut f: impl FnMut(usize, usize, L::Elem)) {
        let (p, d) = (self.shape.p(), self.shape.d());
        match self.layout {
            Layout::Samples => each_chunk::<L>(p, d.div_ceil(L::WIDTH), |at, j, chunk| {
                let Some(lanes) = matrix.get(at) else { return impossible() };
                let lanes = lanes.as_ref().iter().enumerate();
                for (k, &x) in lanes.map(|(lane, x)| (chunk * L::WIDTH + lane, x)) {
                    if k < d {
                        f(j, k, x);
                    }
                }
            }),
            Layout::Neurons => unpack_panels::<L>(d, p, matrix, |k, j, x| f(j, k, x)),
        }
    }
}
