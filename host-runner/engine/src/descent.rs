//! Gradient descent step by step: a network in training behind one object for every precision, arithmetic and
//! coordinates.
use crate::choice::kernels;
pub use engine_generic::descent::{Descent, Memory};
use engine_generic::parallel::Pool;
use engine_generic::trajectory::Problem;
use engine_generic::{Kind, Numerics};
use lab::Failure;

/// The network at the start of `problem`.
pub fn descent<'m>(
    numerics: Numerics,
    kind: Kind,
    problem: &Problem,
    pool: &'m Pool,
    memory: &'m mut Memory,
) -> Result<Box<dyn Descent + 'm>, Failure> {
    kernels(numerics.arithmetic).descent(numerics.precision, kind, problem, pool, memory)
}
