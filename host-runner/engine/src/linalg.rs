//! Sums over vectors of f64, in the arithmetic of a run; [`exact`](crate::exact) has those that never depend on it.
use crate::choice::kernels;
use lab::Arithmetic;

/// <x, y>.
pub fn dot(arithmetic: Arithmetic, x: &[f64], y: &[f64]) -> f64 {
    kernels(arithmetic).dot(x, y)
}

/// |x|^2.
pub fn norm_sq(arithmetic: Arithmetic, x: &[f64]) -> f64 {
    kernels(arithmetic).norm_sq(x)
}
