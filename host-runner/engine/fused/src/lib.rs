//! The kernels compiled for the fastest lanes of this build.
#![forbid(unsafe_code)]

use engine_generic::{Compiled, Kernels};
use reluflow::lanes::{NativeF32, NativeF64};

/// The fastest arithmetic of this machine.
pub static KERNELS: &dyn Kernels = &Compiled::<NativeF32, NativeF64>::KERNELS;
