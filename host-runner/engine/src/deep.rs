//! Deep networks in training and their tangent kernels, behind one object for every precision and arithmetic.
use crate::choice::kernels;
use engine_generic::Numerics;
pub use engine_generic::deep::{DeepMemory, DeepNetwork, DeepProblem, Rows};
use lab::{Arithmetic, Failure};
use reluflow::Error;
use reluflow::spectrum::{Rules, Spectrum};

/// The network at its start.
pub fn deep<'m>(
    numerics: Numerics,
    problem: &DeepProblem<'m, '_>,
    memory: &'m mut DeepMemory,
) -> Result<Box<dyn DeepNetwork + 'm>, Failure> {
    kernels(numerics.arithmetic).deep(numerics.precision, problem, memory)
}

/// Bounds of the ends of a symmetric matrix's spectrum by Lanczos' method with `steps` products at most, from a start
/// of the random stream (seed, name, cell); `product` writes A x to its second argument.
pub fn ends(
    arithmetic: Arithmetic,
    sizes: (usize, usize),
    rules: Rules<f64>,
    stream: (u64, &str, u64),
    product: &mut dyn FnMut(&[f64], &mut [f64]),
) -> Result<Spectrum<f64>, Error> {
    kernels(arithmetic).ends(sizes, rules, stream, product)
}
