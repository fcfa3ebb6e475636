//! Which index lies in the lanes of a register during a dense step.
//!
//! Both products of a step, Z = W X and D = G X^T, can be worked with either index of the result in
//! the lanes:
//!
//! | layout | lanes of Z | lanes of D | registers of work |
//! |---|---|---|---|
//! | [`Samples`](Layout::Samples) | samples | coordinates | `p ([n] d + n [d]) + 5 p [n] + 30 p` |
//! | [`Neurons`](Layout::Neurons) | neurons | neurons | `2 [p] n d + 5 [p] n + 10 n` |
//!
//! `[x]` is x / 16 rounded up for f32, x / 8 for f64. The first term is the products with their
//! padding, then what is done to each register of Z, then the sums across lanes: two and some for
//! each neuron, or one for each sample. Of 26 sizes measured, p 1 to 256, n to 3000, d to 1000, the
//! model names the faster layout of all but one, that one a loss of 5 % (docs/performance.md).

use crate::lanes::Lanes;
use crate::samples::block_len;
use crate::shape::Shape;

/// What is done to a register of Z outside the products, in multiply-adds: relu, its part of h, gate.
const EPILOGUE: u64 = 5;
/// A sum across the lanes of a register, in multiply-adds.
const FOLD: u64 = 10;

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
    /// The layout that takes less time for p neurons on n samples in d dimensions by the model of
    /// the module; samples where it is close.
    #[inline(always)]
    pub const fn of<L: Lanes>(p: usize, n: usize, d: usize) -> Self {
        let (p_lanes, n_lanes, d_lanes) = (lanes::<L>(p), lanes::<L>(n), lanes::<L>(d));
        let (p, n, d) = (p as u64, n as u64, d as u64);
        let samples = sum(&[
            product(p, n_lanes, d),
            product(p, n, d_lanes),
            product(EPILOGUE, p, n_lanes),
            product(2, FOLD + EPILOGUE, p),
        ]);
        let neurons =
            sum(&[product(2 * p_lanes, n, d), product(EPILOGUE, p_lanes, n), product(FOLD, n, 1)]);
        if neurons.saturating_mul(29) <= samples.saturating_mul(28) {
            Layout::Neurons
        } else {
            Layout::Samples
        }
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
    pub(crate) const fn scratch(self) -> usize {
        self.w + self.z + self.sums + self.h
    }

    /// Elements of a state of dense steps: the above, W, and a of p neurons.
    pub(crate) const fn elements<L: Lanes>(p: usize, n: usize, d: usize) -> usize {
        let extent = Layout::of::<L>(p, n, d).extent::<L>(p, block_len(n), d);
        (extent.w + extent.scratch()) * L::WIDTH + p.next_multiple_of(L::WIDTH)
    }
}

/// Can a state of shape S have this layout? Asked in constants, so that code for the other layout is
/// not even instantiated where the sizes are constants.
pub(crate) const fn possible<L: Lanes, S: Shape>(layout: Layout) -> bool {
    if !S::FIXED {
        return true;
    }
    matches!(
        (Layout::of::<L>(S::P, S::N, S::D), layout),
        (Layout::Samples, Layout::Samples) | (Layout::Neurons, Layout::Neurons)
    )
}

/// Registers that hold a full set of virtual lanes.
#[inline(always)]
pub(crate) const fn set<L: Lanes>() -> usize {
    L::VIRTUAL / L::WIDTH
}

/// Registers of all virtual lanes that x numbers fill.
const fn lanes<L: Lanes>(x: usize) -> u64 {
    x.div_ceil(L::VIRTUAL) as u64
}

const fn product(x: u64, y: u64, z: u64) -> u64 {
    x.saturating_mul(y).saturating_mul(z)
}

const fn sum(terms: &[u64]) -> u64 {
    let (mut sum, mut rest) = (0u64, terms);
    while let [first, tail @ ..] = rest {
        sum = sum.saturating_add(*first);
        rest = tail;
    }
    sum
}
