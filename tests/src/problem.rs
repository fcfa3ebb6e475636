//! Seeded networks and data, rounded once to the kernel's precision and widened for the oracle.

use reluflow::{NetView, Real, SamplesView, Scale};

/// SplitMix64: its own generator, so that a change of `reluflow::init` cannot move the fixtures.
pub struct Random(pub u64);

impl Random {
    /// The next word.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// Uniform on [low, high).
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.word() >> 11) as f64 / (1u64 << 53) as f64)
    }
    /// Uniform on [0, below).
    pub fn index(&mut self, below: usize) -> usize {
        (self.word() % below as u64) as usize
    }
    /// `len` numbers uniform on [-1, 1), rounded to `T`.
    pub fn vector<T: Real>(&mut self, len: usize) -> Vec<T> {
        (0..len).map(|_| T::from_f64(self.uniform(-1.0, 1.0))).collect()
    }
    /// Labels of either sign, 1 <= |y| < 2.
    pub fn labels<T: Real>(&mut self, len: usize) -> Vec<T> {
        let mut label = || self.uniform(1.0, 2.0) * self.uniform(-1.0, 1.0).signum();
        (0..len).map(|_| T::from_f64(label())).collect()
    }
    /// 0, ..., len - 1 in random order.
    pub fn permutation(&mut self, len: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..len).collect();
        for last in (1..len).rev() {
            order.swap(last, self.index(last + 1));
        }
        order
    }
}

/// s = 1 for even seeds, 1/p for odd ones.
pub fn either_scale(seed: usize) -> Scale {
    if seed.is_multiple_of(2) { Scale::One } else { Scale::OneOverP }
}

/// A network and its data.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem<T> {
    /// Neurons.
    pub p: usize,
    /// Samples.
    pub n: usize,
    /// Input dimension.
    pub d: usize,
    /// Inner weights, p x d.
    pub w: Vec<T>,
    /// Outer weights, p.
    pub a: Vec<T>,
    /// Inputs, n x d.
    pub x: Vec<T>,
    /// Targets, n.
    pub y: Vec<T>,
    /// Output scale.
    pub scale: Scale,
}

/// No fixture starts with 0 < |z_ji| < MARGIN max_k |x_ik|: so rounding decides no gate, and a finite difference
/// of a smaller step crosses no kink.
const MARGIN: f64 = 1e-4;

fn margin<T: Real>(x: &[T]) -> f64 {
    MARGIN * x.iter().fold(0.0, |most: f64, x| most.max(x.to_f64().abs()))
}

impl<T: Real> Problem<T> {
    /// Dense random data: entries uniform on [-1, 1), labels 1 <= |y| < 2.
    pub fn random(seed: u64, (p, n, d): (usize, usize, usize), scale: Scale) -> Self {
        let mut random = Random(seed);
        let (x, y) = (random.vector(n * d), random.labels(n));
        Self::on(&mut random, (p, n, d), x, y, scale)
    }

    /// Exactly orthogonal samples, d >= n: x_i lives on coordinates i, i + n, i + 2n, ..., with
    /// entries of size 1/2 to 3/2.
    pub fn orthogonal(seed: u64, (p, n, d): (usize, usize, usize), scale: Scale) -> Self {
        assert!(d >= n, "n = {n} samples in {d} dimensions cannot be orthogonal");
        let mut random = Random(seed);
        let mut x = vec![T::ZERO; n * d];
        for i in 0..n {
            for k in (i..d).step_by(n) {
                let size = random.uniform(0.5, 1.5);
                x[i * d + k] = T::from_f64(size * random.uniform(-1.0, 1.0).signum());
            }
        }
        let y = random.labels(n);
        Self::on(&mut random, (p, n, d), x, y, scale)
    }

    fn on(
        random: &mut Random,
        (p, n, d): (usize, usize, usize),
        x: Vec<T>,
        y: Vec<T>,
        scale: Scale,
    ) -> Self {
        let mut w: Vec<T> = Vec::with_capacity(p * d);
        for _ in 0..p {
            let row = loop {
                let row: Vec<T> = random.vector(d);
                let clear = |x: &[T]| dot(&row, x) == 0.0 || dot(&row, x).abs() > margin(x);
                if x.chunks(d).all(clear) {
                    break row;
                }
            };
            w.extend(row);
        }
        let a = random.vector(p);
        Problem { p, n, d, w, a, x, y, scale }
    }

    /// The network as the kernels take it.
    pub fn net(&self) -> NetView<'_, T> {
        NetView::new(&self.w, &self.a, self.d).expect("p x d")
    }

    /// The samples as the kernels take them.
    pub fn samples(&self) -> SamplesView<'_, T> {
        SamplesView::new(&self.x, &self.y, self.d).expect("n x d")
    }

    /// The same numbers for the oracle.
    pub fn reference(&self) -> (oracle::Net, oracle::Data) {
        let (p, n, d) = (self.p, self.n, self.d);
        let net = oracle::Net { p, d, w: widen(&self.w), a: widen(&self.a) };
        (net, oracle::Data { n, d, x: widen(&self.x), y: widen(&self.y) })
    }

    /// Output scale s.
    pub fn s(&self) -> f64 {
        match self.scale {
            Scale::One => 1.0,
            Scale::OneOverP => 1.0 / self.p as f64,
        }
    }

    /// |w|, |a|, |x|, |y|: what bounds of rounding errors are made of.
    pub fn magnitudes(&self) -> Magnitudes {
        let (mut net, mut data) = self.reference();
        for v in net.w.iter_mut().chain(&mut net.a).chain(&mut data.x).chain(&mut data.y) {
            *v = v.abs();
        }
        let (p, n, d, s) = (self.p, self.n, self.d, self.s());
        let z = oracle::pre_activations(&net, &data);
        let h: Vec<f64> =
            (0..n).map(|i| s * (0..p).map(|j| net.a[j] * z[j * n + i]).sum::<f64>()).collect();
        let r: Vec<f64> = h.iter().zip(&data.y).map(|(h, y)| h + y).collect();
        let per = s / n as f64;
        let mut grad_w = vec![0.0; p * d];
        for (at, grad) in grad_w.iter_mut().enumerate() {
            let (j, k) = (at / d, at % d);
            *grad = per * net.a[j] * (0..n).map(|i| r[i] * data.x[i * d + k]).sum::<f64>();
        }
        let grad_a =
            (0..p).map(|j| per * (0..n).map(|i| r[i] * z[j * n + i]).sum::<f64>()).collect();
        let loss = r.iter().map(|r| r * r).sum::<f64>() / (2.0 * n as f64);
        Magnitudes { z, h, r, grad_w, grad_a, loss }
    }
}

/// Each quantity with every term replaced by its absolute value and every gate open.
pub struct Magnitudes {
    /// sum_k |w_jk| |x_ik|, p x n.
    pub z: Vec<f64>,
    /// s sum_j |a_j| z_ji.
    pub h: Vec<f64>,
    /// |y_i| + h_i.
    pub r: Vec<f64>,
    /// (s |a_j| / n) sum_i r_i |x_ik|, p x d.
    pub grad_w: Vec<f64>,
    /// (s / n) sum_i r_i z_ji.
    pub grad_a: Vec<f64>,
    /// 1/(2n) sum_i r_i^2.
    pub loss: f64,
}

/// Exact widening.
pub fn widen<T: Real>(values: &[T]) -> Vec<f64> {
    values.iter().map(|v| v.to_f64()).collect()
}

fn dot<T: Real>(x: &[T], y: &[T]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x.to_f64() * y.to_f64()).sum()
}
