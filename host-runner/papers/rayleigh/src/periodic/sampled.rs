//! The same model on n samples of the window instead of all of it: its kernel is n x n and of rank 2 m at most, and R(K*; h, h) stays.
use crate::shared::waves::{Pair, signal};
use lab::statistics::{max, min};
use nalgebra::{DMatrix, DVector};
use reluflow::init::{Rng, uniform};

/// Numbers of samples.
pub const COUNTS: [usize; 4] = [20, 100, 1000, 10_000];
/// The most for which all eigenvalues of K are computed.
const ALL: usize = 100;

/// What n samples show.
#[derive(Debug, Clone, Copy)]
pub struct Sampled {
    /// n.
    pub n: usize,
    /// R(K*; h, h).
    pub quotient: f64,
    /// lambda_min(K) over the largest, where all are computed.
    pub least: Option<f64>,
}

impl Sampled {
    /// On n samples, uniform on [-R, R].
    pub fn draw(pair: &Pair, radius: f64, n: usize, rng: &mut impl Rng) -> Self {
        let (a, w) = pair.theta.split_at(pair.theta.len() / 2);
        let x: Vec<f64> = (0..n).map(|_| radius * (2.0 * uniform(rng) - 1.0)).collect();
        let m = a.len();
        // Of samples with weight 1/n.
        let d = DMatrix::from_fn(n, 2 * m, |i, k| {
            let (j, x) = (k % m, x[i]);
            let slope = if k < m { (w[j] * x).sin() } else { a[j] * x * (w[j] * x).cos() };
            slope / (n as f64).sqrt()
        });
        let h = x.iter().map(|&x| signal(&pair.theta, x) - signal(&pair.star, x));
        let h = DVector::from_iterator(n, h);
        let quotient = (d.transpose() * &h).norm_squared() / h.norm_squared();
        let least = (n <= ALL).then(|| {
            let eigenvalues = (&d * d.transpose()).symmetric_eigenvalues();
            min(&eigenvalues) / max(&eigenvalues)
        });
        Self { n, quotient, least }
    }
}
