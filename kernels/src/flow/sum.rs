//! A number kept as a pair: what a sum of many small terms loses is carried along.

use crate::real::Real;

/// high + low, to about twice the digits of `T`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sum<T> {
    high: T,
    low: T,
}

impl<T: Real> Sum<T> {
    /// 0.
    pub const fn zero() -> Self {
        Sum { high: T::ZERO, low: T::ZERO }
    }

    /// Adds `x`, keeping what rounding takes away (Knuth's two-sum).
    pub fn add(&mut self, x: T) {
        (self.high, self.low) = two_sum(self.high, self.low, x);
    }

    /// The nearest number.
    pub fn value(self) -> T {
        self.high + self.low
    }

    /// `to` less this sum.
    pub fn until(self, to: T) -> T {
        (to - self.high) - self.low
    }
}

/// (high + low) + x as a new pair.
pub fn two_sum<T: Real>(high: T, low: T, x: T) -> (T, T) {
    let x = x + low;
    let sum = high + x;
    let part = sum - high;
    (sum, (high - (sum - part)) + (x - part))
}
