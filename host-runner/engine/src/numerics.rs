//! Precision and arithmetic of a run, and the one place where they become a lane type.
use lab::settings::Key;
use lab::{Arithmetic, Context, Precision};
use reluflow::Lanes;

/// `$work` with `$lanes` the widest type of this build that computes as `$numerics` say. Every kernel that runs at
/// a choice of the user's is instantiated through here.
macro_rules! with_lanes {
    ($numerics:expr, |$lanes:ident| $work:expr) => {{
        let numerics: $crate::numerics::Numerics = $numerics;
        match (numerics.precision, numerics.arithmetic) {
            (lab::Precision::F32, lab::Arithmetic::Fused) => {
                type $lanes = reluflow::lanes::NativeF32;
                $work
            }
            (lab::Precision::F32, lab::Arithmetic::Canonical) => {
                type $lanes = reluflow::Canonical<reluflow::lanes::NativeF32>;
                $work
            }
            (lab::Precision::F64, lab::Arithmetic::Fused) => {
                type $lanes = reluflow::lanes::NativeF64;
                $work
            }
            (lab::Precision::F64, lab::Arithmetic::Canonical) => {
                type $lanes = $crate::numerics::Exact;
                $work
            }
        }
    }};
}
pub(crate) use with_lanes;

/// The same where numbers are f64.
macro_rules! with_wide_lanes {
    ($arithmetic:expr, |$lanes:ident| $work:expr) => {{
        match $arithmetic {
            lab::Arithmetic::Fused => {
                type $lanes = reluflow::lanes::NativeF64;
                $work
            }
            lab::Arithmetic::Canonical => {
                type $lanes = $crate::numerics::Exact;
                $work
            }
        }
    }};
}
pub(crate) use with_wide_lanes;

/// The key that every experiment with a trajectory has.
pub const ARITHMETIC: Key<Arithmetic> = Key::choice(
    "arithmetic",
    Arithmetic::Canonical,
    "arithmetic: the same bits on every machine, or the fastest of this one",
);

/// What decides the bits of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numerics {
    /// Float type.
    pub precision: Precision,
    /// Order of sums, and whether multiply-adds are fused.
    pub arithmetic: Arithmetic,
}

impl Numerics {
    /// f64 with the same bits on every machine: of everything measured beside training.
    pub const EXACT: Self = Self { precision: Precision::F64, arithmetic: Arithmetic::Canonical };
    /// The fastest f64 of this build.
    pub const FAST: Self = Self { precision: Precision::F64, arithmetic: Arithmetic::Fused };

    /// As the flag `--precision` and the key [`ARITHMETIC`] say.
    pub fn of(context: &Context) -> Self {
        Self { precision: context.config.precision, arithmetic: context.get(ARITHMETIC) }
    }

    /// Spelling of the lanes in ids, e.g. `f32x16` or `canonical-f64x8`.
    pub fn lanes(self) -> String {
        with_lanes!(self, |L| {
            let before = if <L as Lanes>::CANONICAL { "canonical-" } else { "" };
            format!("{before}{}", <L as Lanes>::NAME)
        })
    }

    /// The same arithmetic in f64.
    pub fn wide(self) -> Self {
        Self { precision: Precision::F64, ..self }
    }
}

/// Lanes of [`Numerics::EXACT`].
pub(crate) type Exact = reluflow::Canonical<reluflow::lanes::NativeF64>;
