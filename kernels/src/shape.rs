//! Sizes p, n, d: constants of the type, or numbers known at run time.

use crate::error::{Dim, Error};

mod sealed {
    pub trait Sealed {}
}

/// The sizes of a training problem. One kernel body serves both kinds: with [`Fixed`] the sizes
/// are constants and so are the trip counts of every loop.
pub trait Shape: sealed::Sealed + Copy {
    /// Are the sizes compile-time constants?
    const FIXED: bool;
    /// Neurons, if that is a constant; else 0, here and below.
    const P: usize;
    /// Samples.
    const N: usize;
    /// Input dimension.
    const D: usize;
    /// Neurons.
    fn p(self) -> usize;
    /// Samples.
    fn n(self) -> usize;
    /// Input dimension.
    fn d(self) -> usize;
}

/// p, n, d as constants: the fastest code, one copy of it for each size used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fixed<const P: usize, const N: usize, const D: usize>;

impl<const P: usize, const N: usize, const D: usize> sealed::Sealed for Fixed<P, N, D> {}

impl<const P: usize, const N: usize, const D: usize> Shape for Fixed<P, N, D> {
    const FIXED: bool = true;
    const P: usize = P;
    const N: usize = N;
    const D: usize = D;
    #[inline(always)]
    fn p(self) -> usize {
        P
    }
    #[inline(always)]
    fn n(self) -> usize {
        N
    }
    #[inline(always)]
    fn d(self) -> usize {
        D
    }
}

/// p, n, d at run time: one copy of the code for all sizes, the choice where flash is scarce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    p: usize,
    n: usize,
    d: usize,
}

impl Sizes {
    /// Checks that no size is 0 and that every array of the problem fits the address space.
    ///
    /// # Errors
    /// [`Error::Empty`] or [`Error::TooLarge`].
    pub const fn new(p: usize, n: usize, d: usize) -> Result<Self, Error> {
        if p == 0 {
            return Err(Error::Empty { dim: Dim::P });
        }
        if n == 0 {
            return Err(Error::Empty { dim: Dim::N });
        }
        if d == 0 {
            return Err(Error::Empty { dim: Dim::D });
        }
        // Padding to a register makes a length at most 16 times longer; two copies of 8 bytes each.
        let limit = usize::MAX / 512;
        match (p.checked_mul(d), n.checked_mul(d), p.checked_mul(n)) {
            (Some(pd), Some(nd), Some(pn)) if pd < limit && nd < limit && pn < limit => {
                Ok(Sizes { p, n, d })
            }
            _ => Err(Error::TooLarge),
        }
    }
}

impl sealed::Sealed for Sizes {}

impl Shape for Sizes {
    const FIXED: bool = false;
    const P: usize = 0;
    const N: usize = 0;
    const D: usize = 0;
    #[inline(always)]
    fn p(self) -> usize {
        self.p
    }
    #[inline(always)]
    fn n(self) -> usize {
        self.n
    }
    #[inline(always)]
    fn d(self) -> usize {
        self.d
    }
}
