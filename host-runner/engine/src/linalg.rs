//! Sums over vectors of f64, in the arithmetic of a run; [`exact`](crate::exact) has those that never depend on it.
use crate::numerics::with_wide_lanes;
use lab::Arithmetic;
use reluflow::linalg;

/// <x, y>.
pub fn dot(arithmetic: Arithmetic, x: &[f64], y: &[f64]) -> f64 {
    with_wide_lanes!(arithmetic, |L| linalg::dot::<L>(x, y))
}

/// |x|^2.
pub fn norm_sq(arithmetic: Arithmetic, x: &[f64]) -> f64 {
    with_wide_lanes!(arithmetic, |L| linalg::norm_sq::<L>(x))
}
