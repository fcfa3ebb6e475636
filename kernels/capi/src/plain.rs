//! Predictions, loss and gradients of plain arrays, without a state and without workspace.
//!
//! z_ji = <w_j, x_i> over k ascending, h_i over j ascending, sums over i ascending.

use core::ffi::c_int;

use reluflow::{NetView, Step};

use crate::memory::{In, Out, slices};
use crate::status;
use crate::types::{self, Problem, Report, ReportSlot, finite, rows, rows_mut, sizes};

/// <w, x>, k ascending.
#[inline(always)]
fn pre_activation(w: &[f32], x: &[f32]) -> f32 {
    w.iter().zip(x).fold(0.0, |sum, (&w, &x)| sum + w * x)
}

/// max(0, z); NaN stays NaN.
#[inline(always)]
fn relu(z: f32) -> f32 {
    if z <= 0.0 { 0.0 } else { z }
}

/// h(x) / s.
fn output(net: NetView<'_, f32>, x: &[f32]) -> f32 {
    let neurons = net.rows().zip(net.a());
    neurons.fold(0.0, |sum, (w, &a)| sum + a * relu(pre_activation(w, x)))
}

/// (x_i, r_i) for i = 0, 1, ..., n - 1.
pub fn residuals<'a>(problem: &'a Problem<'a>, s: f32) -> impl Iterator<Item = (&'a [f32], f32)> {
    let Problem { net, samples } = problem;
    samples.rows().zip(samples.y()).map(move |(x, &y)| (x, y - s * output(*net, x)))
}

/// dL/dw and dL/da into `grad_w` and `grad_a`.
fn gradient(problem: &Problem<'_>, s: f32, grad_w: &mut [f32], grad_a: &mut [f32]) -> Step<f32> {
    let (net, count) = (problem.net, problem.samples.n() as f32);
    grad_w.fill(0.0);
    grad_a.fill(0.0);
    let mut squares = 0.0;
    // D_j = sum_i r_i 1[z_ji > 0] x_i and sum_i r_i relu(z_ji) first.
    for (x, r) in residuals(problem, s) {
        squares += r * r;
        let gradients = rows_mut(grad_w, net.d()).zip(grad_a.iter_mut());
        for (w, (slope, outer)) in net.rows().zip(gradients) {
            let z = pre_activation(w, x);
            *outer += r * relu(z);
            if z > 0.0 {
                slope.iter_mut().zip(x).for_each(|(slope, &x)| *slope += r * x);
            }
        }
    }
    let speed = -s / count;
    let mut speed_sq = 0.0;
    for (slope, (outer, &a)) in rows_mut(grad_w, net.d()).zip(grad_a.iter_mut().zip(net.a())) {
        let mut steep = 0.0;
        for slope in slope {
            steep += *slope * *slope;
            *slope *= speed * a;
        }
        speed_sq += a * a * steep + *outer * *outer;
        *outer *= speed;
    }
    Step { loss: squares / (count + count), speed_sq: speed_sq / (count * count), scale: s }
}

/// Predictions h_i = s sum_j a_j relu(<w_j, x_i>) of plain arrays, for any number of inputs.
///
/// w: p x d row-major; a: p; x: n x d row-major; h: n, written; scale: enum reluflow_scale.
/// Cost: p n d multiply-adds.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "C has no slices")]
pub extern "C" fn reluflow_predict(
    p: usize,
    n: usize,
    d: usize,
    scale: c_int,
    w: In,
    a: In,
    x: In,
    h: Out,
) -> c_int {
    status::report(|| {
        sizes(p, n, d)?;
        let s: f32 = types::scale(scale)?.factor(p);
        let ([w, a, x], [h]) = slices([(w, p * d), (a, p), (x, n * d)], [(h, n)], &[])?;
        finite([w, a, x])?;
        let net = NetView::new(w, a, d)?;
        rows(x, d).zip(h).for_each(|(x, h)| *h = s * output(net, x));
        Ok(())
    })
}

/// Loss L = 1/(2n) sum_i (y_i - h_i)^2 of plain arrays.
///
/// w: p x d; a: p; x: n x d; y: n; loss: one float, written. Cost: p n d multiply-adds.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "C has no slices")]
pub extern "C" fn reluflow_loss(
    p: usize,
    n: usize,
    d: usize,
    scale: c_int,
    w: In,
    a: In,
    x: In,
    y: In,
    loss: Out,
) -> c_int {
    status::report(|| {
        sizes(p, n, d)?;
        let s = types::scale(scale)?.factor(p);
        let reads = [(w, p * d), (a, p), (x, n * d), (y, n)];
        let (arrays, [loss]) = slices(reads, [(loss, 1)], &[])?;
        let problem = Problem::of(arrays, d)?;
        let squares = residuals(&problem, s).fold(0.0, |sum, (_, r)| sum + r * r);
        loss.fill(squares / (2.0 * n as f32));
        Ok(())
    })
}

/// Gradients of the loss of plain arrays, and with them the loss and mu:
/// dL/dw_j = -(s a_j / n) sum_i r_i 1[z_ji > 0] x_i, dL/da_j = -(s/n) sum_i r_i relu(z_ji) with
/// z_ji = <w_j, x_i> and r_i = y_i - h_i.
///
/// w: p x d; a: p; x: n x d; y: n; grad_w: p x d, written; grad_a: p, written; report: written.
/// Cost: 3 p n d multiply-adds and no workspace; a state takes 2 p n d in SIMD registers.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "C has no slices")]
pub extern "C" fn reluflow_gradient(
    p: usize,
    n: usize,
    d: usize,
    scale: c_int,
    w: In,
    a: In,
    x: In,
    y: In,
    grad_w: Out,
    grad_a: Out,
    report: ReportSlot,
) -> c_int {
    status::report(|| {
        sizes(p, n, d)?;
        let s = types::scale(scale)?.factor(p);
        let reads = [(w, p * d), (a, p), (x, n * d), (y, n)];
        let writes = [(grad_w, p * d), (grad_a, p)];
        let (arrays, [grad_w, grad_a]) = slices(reads, writes, &[report.span()?])?;
        let problem = Problem::of(arrays, d)?;
        report.put(Report::alone(gradient(&problem, s, grad_w, grad_a)))
    })
}
