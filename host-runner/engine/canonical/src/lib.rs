//! The kernels compiled for the canonical order of sums, the same bits on every machine; and what is computed in that order
//! and f64 alone.
#![forbid(unsafe_code)]

pub mod exact;
pub mod flow;
mod golden;
pub mod mirror;

use engine_generic::{Compiled, Exact, Kernels};
pub use golden::golden;
use reluflow::Canonical;
use reluflow::lanes::NativeF32;

/// The same bits on every machine.
pub static KERNELS: &dyn Kernels = &Compiled::<Canonical<NativeF32>, Exact>::KERNELS;
