//! Training on the user's own data: `reluflow train`, behind a door that is not generic.
use crate::choice::kernels;
pub use engine_generic::training::*;
use lab::Failure;

/// Draws the start, measures the data and chooses the step.
pub fn training<'a>(spec: &Spec<'a>) -> Result<Box<dyn Training + 'a>, Failure> {
    kernels(spec.numerics.arithmetic).training(spec)
}
