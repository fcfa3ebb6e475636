//! What the conformance suites share: one test per lane type, seeded problems that the kernels and
//! the `f64` oracle see as the same numbers, and the tolerance table.
//!
//! A suite is a generic function `fn suite<L: Lanes>()`; `for_each_lanes!(suite)` makes one named
//! test of it for each lane type, so that a failure reads `backward::matches_the_oracle::f64x4`.
#![forbid(unsafe_code)]

pub mod precision;
mod problem;
mod run;

pub use problem::{Magnitudes, Problem, Random, either_scale, widen};
pub use run::{Trace, Way, fnv, run, with_dense, with_gram, with_orthogonal};
pub use wide;

/// (p, n, d) around every tail: each of 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33 occurs as every one of
/// the three, and n = 145, 150, 288, 300 are two and three blocks of samples.
pub const SIZES: [(usize, usize, usize); 16] = [
    (1, 1, 1),
    (2, 3, 7),
    (3, 2, 9),
    (7, 8, 15),
    (8, 7, 3),
    (9, 17, 2),
    (15, 16, 33),
    (16, 15, 8),
    (17, 31, 16),
    (31, 9, 17),
    (33, 33, 31),
    (3, 144, 2),
    (5, 145, 3),
    (9, 150, 7),
    (2, 288, 4),
    (8, 300, 17),
];

/// One `#[test]` for each lane type, `f32` to `f64x8`.
///
/// - `for_each_lanes!(suite)`: the eight plain types and [`Canonical`](reluflow::Canonical) at one
///   width a precision. The other widths of `Canonical` compute the same bits, which
///   `canonical::same_bits_at_every_width` checks; a kernel costs seconds of compilation a type.
/// - `for_each_lanes!(every suite)`: all sixteen, for code that is cheap to compile.
/// - `for_each_lanes!(native suite)`: the widest type and its `Canonical` in each precision, for
///   code whose only lanes are those of `dot`, `norm_sq` and `axpy`.
#[macro_export]
macro_rules! for_each_lanes {
    ($suite:ident) => {
        $crate::for_each_lanes! { @ $suite
            f32: f32, f32x4: wide::f32x4, f32x8: wide::f32x8, f32x16: wide::f32x16,
            f64: f64, f64x2: wide::f64x2, f64x4: wide::f64x4, f64x8: wide::f64x8,
            canonical_f32x8: reluflow::Canonical<wide::f32x8>,
            canonical_f64x4: reluflow::Canonical<wide::f64x4>,
        }
    };
    (every $suite:ident) => {
        $crate::for_each_lanes! { @ $suite
            f32: f32, f32x4: wide::f32x4, f32x8: wide::f32x8, f32x16: wide::f32x16,
            f64: f64, f64x2: wide::f64x2, f64x4: wide::f64x4, f64x8: wide::f64x8,
            canonical_f32: reluflow::Canonical<f32>,
            canonical_f32x4: reluflow::Canonical<wide::f32x4>,
            canonical_f32x8: reluflow::Canonical<wide::f32x8>,
            canonical_f32x16: reluflow::Canonical<wide::f32x16>,
            canonical_f64: reluflow::Canonical<f64>,
            canonical_f64x2: reluflow::Canonical<wide::f64x2>,
            canonical_f64x4: reluflow::Canonical<wide::f64x4>,
            canonical_f64x8: reluflow::Canonical<wide::f64x8>,
        }
    };
    (native $suite:ident) => {
        $crate::for_each_lanes! { @ $suite
            native_f32: reluflow::lanes::NativeF32,
            native_f64: reluflow::lanes::NativeF64,
            canonical_f32: reluflow::Canonical<wide::f32x8>,
            canonical_f64: reluflow::Canonical<wide::f64x4>,
        }
    };
    (@ $suite:ident $($name:ident: $lanes:ty,)+) => {
        mod $suite {
            use $crate::wide;
            $(
                #[test]
                fn $name() {
                    super::$suite::<$lanes>();
                }
            )+
        }
    };
}
