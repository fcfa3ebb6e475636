//! The arithmetics that are timed, and how numbers are printed.
use engine::Numerics;
use lab::{Arithmetic, Precision};

/// The fastest f32 of this build.
pub const FAST_F32: Numerics =
    Numerics { precision: Precision::F32, arithmetic: Arithmetic::Fused };
/// The f32 with the same bits on every machine.
pub const CANONICAL_F32: Numerics =
    Numerics { precision: Precision::F32, arithmetic: Arithmetic::Canonical };

/// Four digits: the rest is noise.
pub fn rounded(x: f64) -> f64 {
    format!("{x:.3e}").parse().unwrap_or(f64::NAN)
}
