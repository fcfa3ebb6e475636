//! What is asked of the bounds, and what they say.

use crate::real::Real;

/// What is known and what is asked of the bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules<T> {
    /// Probability, over the random start, that a bound fails.
    pub failure: T,
    /// Relative error of the caller's product: |computed - A x| <= product |A| |x|.
    pub product: T,
    /// The matrix has no negative eigenvalue, so no lower bound is below 0.
    pub semidefinite: bool,
}

impl<T: Real> Rules<T> {
    /// Failure 1e-12; the product is n dot products of length n, (n + 1) eps; any symmetric matrix.
    pub fn new(size: usize) -> Self {
        let product = T::from_usize(size + 1) * T::EPSILON;
        Rules { failure: T::from_f64(1e-12), product, semidefinite: false }
    }
}

/// An end of the spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The least eigenvalue.
    Least,
    /// The greatest eigenvalue.
    Greatest,
}

/// An extreme eigenvalue: in [low, high], but for [`Rules::failure`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extreme<T> {
    /// The Ritz value.
    pub value: T,
    /// |A x - value x| of the Ritz vector x as the recurrence has it: *some* eigenvalue is that close.
    pub residual: T,
    /// Never above the eigenvalue.
    pub low: T,
    /// Never below it.
    pub high: T,
}

impl<T: Real> Extreme<T> {
    /// high - low.
    pub fn width(&self) -> T {
        self.high - self.low
    }
    /// Is the eigenvalue known to `tolerance` of itself?
    pub fn converged(&self, tolerance: T) -> bool {
        self.width() <= tolerance * self.low.abs().min(self.high.abs())
    }
}

/// Both ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spectrum<T> {
    /// The least eigenvalue.
    pub least: Extreme<T>,
    /// The greatest eigenvalue.
    pub greatest: Extreme<T>,
}

impl<T: Real> Spectrum<T> {
    /// An upper bound of the operator norm |A|.
    pub fn norm(&self) -> T {
        self.least.low.abs().max(self.greatest.high.abs())
    }
    /// Are both ends known to `tolerance` |A|?
    pub fn converged(&self, tolerance: T) -> bool {
        let allowed = tolerance * self.least.high.abs().max(self.greatest.low.abs());
        allowed.is_finite() && self.least.width() <= allowed && self.greatest.width() <= allowed
    }
}
