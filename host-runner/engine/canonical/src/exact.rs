//! What is computed once for a data set or a network, in f64 and in the canonical order: the same bits on every machine.
//!
//! Each function is the kernel of the same name at `Exact` lanes; what it computes, its shapes and its errors are said
//! there.
use engine_generic::Exact;
use reluflow::init::{Inner, Rng};
use reluflow::limit::Sign;
use reluflow::rayleigh::{Differential, Split};
use reluflow::softmax::Labelled;
use reluflow::{
    Bounds, Defect, Error, Geometry, NetView, NetViewMut, SamplesView, Scale, curvature, init,
    limit, linalg, mirror,
};

/// <x, y>.
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    linalg::dot::<Exact>(x, y)
}

/// |x|^2.
pub fn norm_sq(x: &[f64]) -> f64 {
    linalg::norm_sq::<Exact>(x)
}

/// y += c x.
pub fn axpy(c: f64, x: &[f64], y: &mut [f64]) {
    linalg::axpy::<Exact>(c, x, y);
}

/// The least |theta|^2 of a network that fits orthogonal samples.
pub fn minimum_norm(samples: SamplesView<'_, f64>) -> Result<f64, Error> {
    limit::minimum_norm::<Exact>(samples)
}

/// D_+ or D_-; returns its norm.
pub fn direction(samples: SamplesView<'_, f64>, sign: Sign, out: &mut [f64]) -> Result<f64, Error> {
    limit::direction::<Exact>(samples, sign, out)
}

/// Whether a neuron sees all samples of its sign.
pub fn carries(w: &[f64], a: f64, samples: SamplesView<'_, f64>, sign: Sign) -> bool {
    limit::carries::<Exact>(w, a, samples, sign)
}

/// How many neurons see all samples of a sign.
pub fn carriers(
    net: NetView<'_, f64>,
    samples: SamplesView<'_, f64>,
    sign: Sign,
) -> Result<usize, Error> {
    limit::carriers::<Exact>(net, samples, sign)
}

/// The largest change of a_j^2 - |w_j|^2.
pub fn balance_drift(now: NetView<'_, f64>, start: NetView<'_, f64>) -> Result<f64, Error> {
    let drift = curvature::balance_drift::<Exact>(now, start)?;
    // The kernel passes over a neuron whose squares overflow.
    let mut neurons = now.rows().zip(now.a());
    let known = neurons.all(|(w, a)| w.iter().fold(a * a, |sum, w| sum + w * w).is_finite());
    Ok(if known { drift } else { f64::NAN })
}

/// A balanced start.
pub fn balanced(net: &mut NetViewMut<'_, f64>, lambda: f64, rng: &mut impl Rng) {
    init::balanced::<Exact>(net, lambda, rng);
}

/// The start of paper `weak`.
pub fn asymmetric(net: &mut NetViewMut<'_, f64>, inner: Inner, rng: &mut impl Rng) {
    init::asymmetric::<Exact>(net, inner, rng);
}

/// A start in groups of orthogonal samples.
pub fn grouped(
    net: &mut NetViewMut<'_, f64>,
    samples: SamplesView<'_, f64>,
    radius: f64,
    rng: &mut impl Rng,
) -> Result<(), Error> {
    init::grouped::<Exact>(net, samples, radius, rng)
}

/// Norms of the samples and targets, the defect given.
pub fn geometry(samples: SamplesView<'_, f64>, defect: Defect<f64>) -> Geometry<f64> {
    Geometry::of::<Exact>(samples, defect)
}

/// Lemma 7's bracket of mu.
pub fn lemma_7(
    net: NetView<'_, f64>,
    z: &[f64],
    scale: Scale,
    geometry: &Geometry<f64>,
    norms: &mut [f64],
) -> Result<Bounds<f64>, Error> {
    Bounds::lemma_7::<Exact>(net, z, scale, geometry, norms)
}

/// D v.
pub fn apply(model: &Differential<'_, f64>, v: &[f64], out: &mut [f64]) -> Result<(), Error> {
    model.apply::<Exact>(v, out)
}

/// Proposition 3.5 of paper `rayleigh` at h over all of its parameters; memory as the kernel's.
pub fn split(
    model: &Differential<'_, f64>,
    h: &[f64],
    memory: &mut [f64],
) -> Result<Split<f64>, Error> {
    model.split::<Exact>(h, memory)
}

/// The separation margin of a direction.
pub fn margin(data: &Labelled<'_, f64>, w: &[f64], memory: &mut [f64]) -> Result<f64, Error> {
    data.margin::<Exact>(w, memory)
}

/// The logistic loss and its gradient.
pub fn logistic_gradient(
    data: &Labelled<'_, f64>,
    theta: &[f64],
    gradient: &mut [f64],
    memory: &mut [f64],
) -> Result<f64, Error> {
    data.gradient::<Exact>(theta, gradient, memory)
}

/// relu(<theta_j, x_i>).
pub fn features(inputs: SamplesView<'_, f64>, theta: &[f64], out: &mut [f64]) -> Result<(), Error> {
    mirror::network::features::<Exact>(inputs, theta, out)
}

/// 1/2 |X beta - y|^2.
pub fn mirror_loss(samples: SamplesView<'_, f64>, beta: &[f64]) -> Result<f64, Error> {
    mirror::descent::loss::<Exact>(samples, beta)
}

/// D(b1, b0) of the hypentropy.
pub fn divergence_sum(b1: &[f64], b0: &[f64], r: &[f64]) -> Result<f64, Error> {
    mirror::hypentropy::divergence_sum::<Exact>(b1, b0, r)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_that_overflow_have_no_drift() {
        let (w, a) = ([1.0, 0.0, 0.0, 2.0], [1.5, 2.0]);
        let start = NetView::new(&w, &a, 2).unwrap();
        assert_eq!(balance_drift(start, start), Ok(0.0));
        for huge in [f64::NAN, f64::INFINITY, 1e200] {
            let (w, a) = ([1.0, 0.0, 0.0, huge], [1.5, huge]);
            assert!(balance_drift(NetView::new(&w, &a, 2).unwrap(), start).unwrap().is_nan());
        }
    }
}
