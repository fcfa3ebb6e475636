//! Predictions, loss and gradients of plain arrays, without a state and without workspace.

use core::ffi::c_int;

use reluflow::NetView;

use crate::memory::{In, Out, slices};
use crate::status;
use crate::types::{self, Problem, Report, ReportSlot, finite, rows, sizes};

/// Predictions h_i = s sum_j a_j relu(<w_j, x_i>) of plain arrays, for any number of inputs.
///
/// w: p x d row-major; a: p; x: n x d row-major; h: n, written; scale: enum reluflow_scale.
/// Cost: p n d multiply-adds.
#[unsafe(no_mangle)]
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
        let scale = types::scale(scale)?;
        let ([w, a, x], [h]) = slices([(w, p * d), (a, p), (x, n * d)], [(h, n)], &[])?;
        finite([w, a, x])?;
        let net = NetView::new(w, a, d)?;
        for (h, x) in h.iter_mut().zip(rows(x, d)) {
            *h = net.predict(x, scale)?;
        }
        Ok(())
    })
}

/// Loss L = 1/(2n) sum_i (y_i - h_i)^2 of plain arrays.
///
/// w: p x d; a: p; x: n x d; y: n; loss: one float, written. Cost: p n d multiply-adds.
#[unsafe(no_mangle)]
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
        let scale = types::scale(scale)?;
        let reads = [(w, p * d), (a, p), (x, n * d), (y, n)];
        let (arrays, [loss]) = slices(reads, [(loss, 1)], &[])?;
        let Problem { net, samples } = Problem::of(arrays, d)?;
        loss.fill(net.loss(samples, scale)?);
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
        let scale = types::scale(scale)?;
        let reads = [(w, p * d), (a, p), (x, n * d), (y, n)];
        let writes = [(grad_w, p * d), (grad_a, p)];
        let (arrays, [grad_w, grad_a]) = slices(reads, writes, &[report.span()?])?;
        let Problem { net, samples } = Problem::of(arrays, d)?;
        report.put(Report::alone(net.gradient(samples, scale, grad_w, grad_a)?))
    })
}
