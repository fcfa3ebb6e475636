//! Which index lies in the lanes of a register during a dense step.
//!
//! Both products of a step, Z = W X and D = G X^T, can be worked with either index of the result in
//! the lanes:
//!
//! | layout | lanes of Z | lanes of D | multiply-adds, padding included |
//! |---|---|---|---|
//! | [`Samples`](Layout::Samples) | samples | coordinates | p ([n] d + n [d]) |
//! | [`Neurons`](Layout::Neurons) | neurons | neurons | 2 [p] n d |
//!
//! with [x] = x rounded up to the virtual lanes, 16 for f32. Neurons are eight times cheaper at
//! p = 60, n = d = 2, and their update of w needs no sum across lanes.

use crate::lanes::Lanes;
use crate::samples::block_len;

/// The index that lies in the lanes: a function of the sizes alone, never of the width of a
/// register, for it decides the order of some sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Samples in the forward pass, coordinates in the backward pass.
    Samples,
    /// Neurons in both.
    Neurons,
}

impl Layout {
    /// The layout that does fewer operations for p neurons on n samples in d dimensions; neurons
    /// on a tie.
    #[inline(always)]
    pub const fn of<L: Lanes>(p: usize, n: usize, d: usize) -> Self {
        let (samples, neurons) = (
            saturating(p, pad::<L>(n), d).saturating_add(saturating(p, n, pad::<L>(d))),
            saturating(pad::<L>(p), n, d).saturating_mul(2),
        );
        if neurons <= samples { Layout::Neurons } else { Layout::Samples }
    }

    /// Chunks of the arrays of a state whose blocks have `block` samples.
    #[inline(always)]
    pub(crate) const fn extent<L: Lanes>(self, p: usize, block: usize, d: usize) -> Extent {
        let h = block.div_ceil(L::WIDTH);
        match self {
            Layout::Samples => Extent { w: p * d.div_ceil(L::WIDTH), z: p * h, sums: 0, h },
            Layout::Neurons => {
                let across = p.div_ceil(L::WIDTH);
                Extent { w: d * across, z: block * across, sums: block * set::<L>(), h }
            }
        }
    }
}

/// Chunks of the arrays of a state.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    /// W, and D.
    pub w: usize,
    /// Z of one block.
    pub z: usize,
    /// Virtual lanes of h of one block, before they are added up.
    pub sums: usize,
    /// h of one block.
    pub h: usize,
}

impl Extent {
    /// Chunks of what a step writes beside the weights.
    pub const fn scratch(self) -> usize {
        self.w + self.z + self.sums + self.h
    }

    /// Elements of a state of dense steps: the above, W, and a of p neurons.
    pub const fn elements<L: Lanes>(p: usize, n: usize, d: usize) -> usize {
        let extent = Layout::of::<L>(p, n, d).extent::<L>(p, block_len(n), d);
        (extent.w + extent.scratch()) * L::WIDTH + p.next_multiple_of(L::WIDTH)
    }
}

/// Registers that hold a full set of virtual lanes.
#[inline(always)]
pub(crate) const fn set<L: Lanes>() -> usize {
    L::VIRTUAL / L::WIDTH
}

const fn pad<L: Lanes>(x: usize) -> usize {
    x.next_multiple_of(L::VIRTUAL)
}

const fn saturating(x: usize, y: usize, z: usize) -> u64 {
    (x as u64).saturating_mul(y as u64).saturating_mul(z as u64)
}
