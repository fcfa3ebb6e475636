//! Precision and arithmetic of a run.
use lab::settings::Key;
use lab::{Arithmetic, Context, Precision};

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

    /// The same arithmetic in f64.
    pub fn wide(self) -> Self {
        Self { precision: Precision::F64, ..self }
    }
}

/// Lanes of [`Numerics::EXACT`].
pub type Exact = reluflow::Canonical<reluflow::lanes::NativeF64>;
