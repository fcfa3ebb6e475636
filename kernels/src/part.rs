//! The gradient of some of the samples: what one worker of a step computes.
//!
//! A step over all samples is [`Dense::step`](crate::Dense::step). For a data set that several
//! threads share, or that passes by in pieces, each piece is gathered into a [`Part`] of its own by
//! [`Dense::gather`](crate::Dense::gather), which only reads the state, and
//! [`Dense::merge`](crate::Dense::merge) adds the parts in the order given and takes the step. The
//! pieces decide the order of summation, hence the bits; who computes them, and when, does not.

use crate::lanes::Lanes;
use crate::layout::Layout;
use crate::real::Real;

/// D_j = sum_i r_i `1[z_ji > 0]` x_i and sum_i r_i^2 over some samples, with the scratch to compute
/// them, in the caller's memory.
#[derive(Debug)]
pub struct Part<'m, L: Lanes> {
    pub(crate) layout: Layout,
    /// Neurons and input dimension of the state that it belongs to.
    pub(crate) p: usize,
    pub(crate) d: usize,
    /// Of one block: relu(z), then g; in row groups, or in panels of neurons.
    pub(crate) z: &'m mut [L::Chunk],
    /// Virtual lanes of h, for neurons in the lanes.
    pub(crate) sums: &'m mut [L::Chunk],
    /// Of one block: h, then r.
    pub(crate) h: &'m mut [L::Chunk],
    /// D, laid out as W is.
    pub(crate) slope: &'m mut [L::Chunk],
    /// Most samples of a block.
    pub(crate) block: usize,
    /// Samples gathered.
    pub(crate) n: usize,
    /// sum r^2.
    pub(crate) sum: L::Elem,
}

impl<'m, L: Lanes> Part<'m, L> {
    /// Cuts the arrays out of `chunks`.
    pub(crate) fn carve(
        layout: Layout,
        (p, block, d): (usize, usize, usize),
        chunks: &'m mut [L::Chunk],
    ) -> Option<Self> {
        let extent = layout.extent::<L>(p, block, d);
        let (slope, rest) = chunks.split_at_mut_checked(extent.w)?;
        let (z, rest) = rest.split_at_mut_checked(extent.z)?;
        let (sums, rest) = rest.split_at_mut_checked(extent.sums)?;
        let h = rest.get_mut(..extent.h)?;
        Some(Part { layout, p, d, z, sums, h, slope, block, n: 0, sum: L::Elem::ZERO })
    }

    /// Samples gathered last; 0 before the first time.
    pub fn n(&self) -> usize {
        self.n
    }
}
