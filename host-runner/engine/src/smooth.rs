//! Flows without kinks, u' = f(u), in f64: Tsitouras' method of the kernels on memory of the caller's.
use crate::choice::kernels;
pub use engine_generic::smooth::{Field, SmoothFlow};
use lab::Arithmetic;
use reluflow::Error;

/// The flow from `start` at t = 0 with local errors of `tolerance`, in `memory`, which is made long enough.
pub fn smooth<'m>(
    arithmetic: Arithmetic,
    start: &[f64],
    tolerance: f64,
    memory: &'m mut Vec<f64>,
) -> Result<Box<dyn SmoothFlow + 'm>, Error> {
    kernels(arithmetic).smooth(start, tolerance, memory)
}
