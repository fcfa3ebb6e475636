//! Initialisations of the papers, from any generator of `rand_core`.
//!
//! All draws are made in f64 from 64-bit words by libm, then rounded to the network's precision:
//! the same generator gives the same network on every target, and the f32 network is the f64 one
//! rounded. [`stream`] gives every (seed, experiment, cell, trial) a generator of its own, so that
//! no order of evaluation changes a result.

pub use rand_core::Rng;
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::deep::{Activation, Layer, parameters};
use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{axpy, norm_sq};
use crate::network::NetViewMut;
use crate::real::Real;
use crate::samples::SamplesView;

/// The generator of trial `trial` of cell `cell` of experiment `experiment` under `seed`.
pub fn stream(seed: u64, experiment: &str, cell: u64, trial: u64) -> Xoshiro256PlusPlus {
    let mut state = mix(seed);
    for byte in experiment.bytes() {
        state = mix(state ^ u64::from(byte));
    }
    // A separator, so that ("ab", 1) and ("a", ...) cannot meet.
    state = mix(mix(mix(state ^ 0x100) ^ cell) ^ trial);
    Xoshiro256PlusPlus::seed_from_u64(state)
}

/// One step of splitmix64: a bijection that scatters neighbouring inputs.
const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ x >> 31
}

/// Uniform on [0, 1), 53 bits.
pub fn uniform(rng: &mut impl Rng) -> f64 {
    const SCALE: f64 = 1.0 / (1u64 << 53) as f64;
    (rng.next_u64() >> 11) as f64 * SCALE
}

/// Standard normal, by the polar method; the second of each pair is thrown away, which keeps the
/// generator the only state.
pub fn normal(rng: &mut impl Rng) -> f64 {
    loop {
        let (x, y) = (2.0 * uniform(rng) - 1.0, 2.0 * uniform(rng) - 1.0);
        let square = x * x + y * y;
        if square < 1.0 && square > 0.0 {
            return x * libm::sqrt(-2.0 * libm::log(square) / square);
        }
    }
}

/// Exponential with mean 1.
pub fn exponential(rng: &mut impl Rng) -> f64 {
    -libm::log(1.0 - uniform(rng))
}

/// +1 or -1 with equal probability.
pub fn sign(rng: &mut impl Rng) -> f64 {
    if rng.next_u64() >> 63 == 0 { 1.0 } else { -1.0 }
}

/// Law of the inner weights in [`asymmetric`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inner {
    /// w_jk ~ N(0, 1/d): the text of paper `weak`.
    Gaussian,
    /// w_jk ~ U(-1/sqrt d, 1/sqrt d), PyTorch's default for a linear layer: its published code.
    Uniform,
}

/// Balanced start at scale `lambda` (paper `orthogonal`): w_jk ~ N(0, lambda^2), a_j = +-|w_j| with
/// a fair sign.
pub fn balanced<L: Lanes>(net: &mut NetViewMut<'_, L::Elem>, lambda: f64, rng: &mut impl Rng) {
    for (w, a) in net.neurons() {
        let mut square = 0.0;
        for w in w {
            let x = lambda * normal(rng);
            square += x * x;
            *w = L::Elem::from_f64(x);
        }
        *a = L::Elem::from_f64(sign(rng) * libm::sqrt(square));
    }
}

/// Asymmetric norms (paper `weak`, Assumption 1): a_j = +-(|w_j| + Exp(1)) with a fair sign, w_j by
/// `inner`.
pub fn asymmetric<L: Lanes>(net: &mut NetViewMut<'_, L::Elem>, inner: Inner, rng: &mut impl Rng) {
    let scale = 1.0 / libm::sqrt(net.d() as f64);
    for (w, a) in net.neurons() {
        let mut square = 0.0;
        for w in w {
            let x = scale
                * match inner {
                    Inner::Gaussian => normal(rng),
                    Inner::Uniform => 2.0 * uniform(rng) - 1.0,
                };
            square += x * x;
            *w = L::Elem::from_f64(x);
        }
        *a = L::Elem::from_f64(sign(rng) * (libm::sqrt(square) + exponential(rng)));
    }
}

/// Kaiming uniform: W_l ~ U(-c, c) with c = sqrt(6 / ((1 + slope^2) inputs)), which keeps the size of
/// what a leaky relu passes on (He et al., arXiv 1502.01852), and b_l ~ U(-1, 1) / sqrt(inputs), as
/// PyTorch draws it. A parametric slope starts at 1/4; relu has slope 0, and sigmoid and identity have c =
/// sqrt(3 / inputs).
///
/// # Errors
/// [`Error::Shape`] when `theta` does not have [`parameters`] elements.
pub fn kaiming_uniform<T: Real>(
    layers: &[Layer],
    theta: &mut [T],
    rng: &mut impl Rng,
) -> Result<(), Error> {
    uniform_layers(layers, theta, rng, |layer| {
        let slope = match layer.activation {
            Activation::Relu => 0.0,
            Activation::Leaky { slope } => slope,
            Activation::Parametric => PARAMETRIC,
            Activation::Identity | Activation::Sigmoid => 1.0,
        };
        libm::sqrt(6.0 / ((1.0 + slope * slope) * layer.inputs as f64))
    })
}

/// What PyTorch's `nn.Linear` starts from: W_l and b_l ~ U(-1, 1) / sqrt(inputs), which is Kaiming's bound with the gain of a
/// leaky relu of slope sqrt 5. A parametric slope starts at 1/4.
///
/// # Errors
/// [`Error::Shape`] when `theta` does not have [`parameters`] elements.
pub fn linear_uniform<T: Real>(
    layers: &[Layer],
    theta: &mut [T],
    rng: &mut impl Rng,
) -> Result<(), Error> {
    uniform_layers(layers, theta, rng, |layer| 1.0 / libm::sqrt(layer.inputs as f64))
}

/// Where a parametric slope starts.
const PARAMETRIC: f64 = 0.25;

/// W_l ~ U(-1, 1) times the layer's reach, b_l ~ U(-1, 1) / sqrt(inputs).
fn uniform_layers<T: Real>(
    layers: &[Layer],
    theta: &mut [T],
    rng: &mut impl Rng,
    reach: impl Fn(&Layer) -> f64,
) -> Result<(), Error> {
    expect(Dim::W, parameters(layers), theta.len())?;
    let mut theta = theta.iter_mut();
    for layer in layers {
        let of_w = reach(layer);
        for weight in theta.by_ref().take(layer.inputs * layer.outputs) {
            *weight = T::from_f64(of_w * (2.0 * uniform(rng) - 1.0));
        }
        let of_b = 1.0 / libm::sqrt(layer.inputs as f64);
        for bias in theta.by_ref().take(if layer.bias { layer.outputs } else { 0 }) {
            *bias = T::from_f64(of_b * (2.0 * uniform(rng) - 1.0));
        }
        for slope in theta.by_ref().take(usize::from(layer.activation.is_parametric())) {
            *slope = T::from_f64(PARAMETRIC);
        }
    }
    Ok(())
}

/// Group start (paper `weak`, section on orthogonal data): the n samples are dealt into p
/// consecutive groups of sizes that differ by at most one, and neuron j lies in the cone of its
/// group: w_j = radius v / |v| with v = sum_{i in group j} xi_i x_i / |x_i|^2, xi_i ~ U[0, 1), and
/// a_j = |w_j| times the sign of the group's sum of targets.
///
/// # Errors
/// [`Error::Shape`] when `net` and `samples` differ in d, or when there are fewer samples than
/// neurons; [`Error::ZeroSample`].
pub fn grouped<L: Lanes>(
    net: &mut NetViewMut<'_, L::Elem>,
    samples: SamplesView<'_, L::Elem>,
    radius: f64,
    rng: &mut impl Rng,
) -> Result<(), Error> {
    expect(Dim::D, samples.d(), net.d())?;
    let (p, n) = (net.p(), samples.n());
    if n < p {
        return Err(Error::Shape { dim: Dim::N, expected: p, found: n });
    }
    for (i, x) in samples.rows().enumerate() {
        if norm_sq::<L>(x) == L::Elem::ZERO {
            return Err(Error::ZeroSample { i });
        }
    }
    for (j, (w, a)) in net.neurons().enumerate() {
        w.fill(L::Elem::ZERO);
        let (from, to) = (j * n / p.max(1), (j + 1) * n / p.max(1));
        let mut target = L::Elem::ZERO;
        for (x, &y) in samples.rows().zip(samples.y()).skip(from).take(to - from) {
            axpy::<L>(L::Elem::from_f64(uniform(rng)) / norm_sq::<L>(x), x, w);
            target += y;
        }
        let size = norm_sq::<L>(w).sqrt();
        if size > L::Elem::ZERO {
            let scale = L::Elem::from_f64(radius) / size;
            w.iter_mut().for_each(|w| *w = scale * *w);
        }
        let norm = norm_sq::<L>(w).sqrt();
        *a = if target < L::Elem::ZERO { -norm } else { norm };
    }
    Ok(())
}
