//! The hash that every target must compute, at the width of this build.
use reluflow::Lanes;
use reluflow::golden::hash;
use reluflow::lanes::NativeF32;

/// Name of the lanes, and the hash of four runs in canonical order.
pub fn golden() -> (&'static str, u64) {
    (<NativeF32 as Lanes>::NAME, hash::<NativeF32>())
}
