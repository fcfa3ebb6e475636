//! What decides a network's result beside its sizes, and the kernels that it runs on.
use super::law::INNER;
use engine::Numerics;
use lab::Context;
use lab::Control;
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
    /// Float type and arithmetic.
    pub numerics: Numerics,
}

impl Setup {
    /// As the context says.
    pub fn of(context: &Context) -> Self {
        Self {
            seed: context.config.seed,
            inner: context.get(INNER).0,
            control: context.control(),
            numerics: Numerics::of(context),
        }
    }
}
