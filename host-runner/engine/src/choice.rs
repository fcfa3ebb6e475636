//! Which of the compiled kernels a run uses.
use engine_generic::{Kernels, Numerics};
use lab::{Arithmetic, Precision};

/// Those of an arithmetic.
pub(crate) fn kernels(arithmetic: Arithmetic) -> &'static dyn Kernels {
    match arithmetic {
        Arithmetic::Fused => engine_fused::KERNELS,
        Arithmetic::Canonical => engine_canonical::KERNELS,
    }
}

/// Spelling of the lanes in ids, e.g. `f32x16` or `canonical-f64x8`.
pub fn lanes(numerics: Numerics) -> String {
    let [single, double] = kernels(numerics.arithmetic).names();
    let before = match numerics.arithmetic {
        Arithmetic::Fused => "",
        Arithmetic::Canonical => "canonical-",
    };
    match numerics.precision {
        Precision::F32 => format!("{before}{single}"),
        Precision::F64 => format!("{before}{double}"),
    }
}
