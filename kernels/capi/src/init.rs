//! Weights to start from, by seed.

use core::ffi::c_int;

use reluflow::{NetViewMut, init};

use crate::L;
use crate::memory::{Out, slices};
use crate::status::{self, Status};
use crate::types::{Inner, sizes};

/// The stream that `reluflow train --seed` draws from.
const STREAM: &str = "train";

/// Starts w and a by `fill`.
fn start(
    (p, d): (usize, usize),
    (w, a): (Out, Out),
    fill: impl FnOnce(&mut NetViewMut<'_, f32>),
) -> Result<(), Status> {
    sizes(p, 1, d)?;
    let ([], [w, a]) = slices([], [(w, p * d), (a, p)], &[])?;
    fill(&mut NetViewMut::new(w, a, d)?);
    Ok(())
}

/// Balanced start: w_jk ~ N(0, lambda^2), a_j = +|w_j| or -|w_j| with equal probability. The same
/// seed gives the same bits on every target, those of `reluflow train --init balanced --seed`.
///
/// lambda: positive; w: p x d row-major, written; a: p, written.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_init_balanced(
    p: usize,
    d: usize,
    seed: u64,
    lambda: f64,
    w: Out,
    a: Out,
) -> c_int {
    status::report(|| {
        if !lambda.is_finite() {
            return Err(Status::NotFinite);
        }
        // No normal number that the generator can draw is above 9.
        let most = lambda * 9.0 * d as f64;
        if !(lambda > 0.0 && most < f64::from(f32::MAX)) {
            return Err(Status::Argument);
        }
        start((p, d), (w, a), |net| {
            init::balanced::<L>(net, lambda, &mut init::stream(seed, STREAM, 0, 0))
        })
    })
}

/// Start with |a_j| > |w_j|, so that no outer weight ever changes its sign: w_jk by `inner`,
/// a_j = +(|w_j| + Exp(1)) or -(|w_j| + Exp(1)) with equal probability. The same seed gives the same
/// bits on every target, those of `reluflow train --init asymmetric-gaussian --seed` or
/// asymmetric-uniform.
///
/// inner: enum reluflow_inner; w: p x d row-major, written; a: p, written.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_init_asymmetric(
    p: usize,
    d: usize,
    seed: u64,
    inner: c_int,
    w: Out,
    a: Out,
) -> c_int {
    status::report(|| {
        const GAUSSIAN: c_int = Inner::Gaussian as c_int;
        const UNIFORM: c_int = Inner::Uniform as c_int;
        let inner = match inner {
            GAUSSIAN => init::Inner::Gaussian,
            UNIFORM => init::Inner::Uniform,
            _ => return Err(Status::Argument),
        };
        start((p, d), (w, a), |net| {
            init::asymmetric::<L>(net, inner, &mut init::stream(seed, STREAM, 0, 0))
        })
    })
}
