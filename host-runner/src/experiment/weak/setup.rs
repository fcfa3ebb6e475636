//! What decides a network's result beside its sizes, and the kernels that it runs on.
use super::law::{INNER, inner};
use crate::control::Control;
use crate::experiment::{Context, Precision};
use crate::trajectory::ARITHMETIC;
use reluflow::init::Inner;

/// From the flags and keys that the experiments share.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// Seed of the run.
    pub seed: u64,
    /// Law of w.
    pub inner: Inner,
    /// Planted wrong physics.
    pub control: Option<Control>,
    /// Float type.
    pub precision: Precision,
    /// Same bits on every machine instead of the fastest arithmetic.
    pub canonical: bool,
}

impl Setup {
    /// As the context says.
    pub fn of(context: &Context) -> Self {
        Self {
            seed: context.config.seed,
            inner: inner(context.choice(INNER.name)),
            control: context.control(),
            precision: context.config.precision,
            canonical: context.choice(ARITHMETIC.name) == "canonical",
        }
    }
}

/// Memory of a thread at each precision, kept from network to network.
#[derive(Debug, Default)]
pub struct Desk<S, D> {
    /// For f32.
    pub single: S,
    /// For f64.
    pub double: D,
}

/// `work` with `L` the lanes that a [`Setup`] asks for and `memory` that of a [`Desk`].
macro_rules! with_lanes {
    ($setup:expr, $desk:expr, |$lanes:ident, $memory:ident| $work:expr) => {{
        use $crate::experiment::Precision;
        match ($setup.precision, $setup.canonical) {
            (Precision::F32, false) => {
                type $lanes = <f32 as reluflow::Real>::Native;
                let $memory = &mut $desk.single;
                $work
            }
            (Precision::F32, true) => {
                type $lanes = reluflow::Canonical<<f32 as reluflow::Real>::Native>;
                let $memory = &mut $desk.single;
                $work
            }
            (Precision::F64, false) => {
                type $lanes = <f64 as reluflow::Real>::Native;
                let $memory = &mut $desk.double;
                $work
            }
            (Precision::F64, true) => {
                type $lanes = reluflow::Canonical<<f64 as reluflow::Real>::Native>;
                let $memory = &mut $desk.double;
                $work
            }
        }
    }};
}
pub(crate) use with_lanes;
