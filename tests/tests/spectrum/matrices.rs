//! Symmetric matrices with every kind of spectrum that a bound could stumble over, rounded once to the kernel's
//! precision, and their extreme eigenvalues by Jacobi rotations in `f64`.

use conformance::{Random, widen};
use reluflow::init::{self, stream};
use reluflow::spectrum::{Lanczos, Rules, Spectrum};
use reluflow::{Lanes, Real, linalg};

/// A symmetric n x n matrix.
pub struct Matrix<T> {
    pub n: usize,
    pub entries: Vec<T>,
}

impl<T: Real> Matrix<T> {
    /// Rounds the upper triangle of `entries` and mirrors it.
    pub fn new(n: usize, entries: &[f64]) -> Self {
        let entry = |at: usize| entries[(at / n).min(at % n) * n + (at / n).max(at % n)];
        Matrix { n, entries: (0..n * n).map(|at| T::from_f64(entry(at))).collect() }
    }

    /// Q diag(values) Q^T for a random orthogonal Q.
    pub fn with_spectrum(random: &mut Random, values: &[f64]) -> Self {
        let n = values.len();
        let mut a = vec![0.0; n * n];
        (0..n).for_each(|i| a[i * n + i] = values[i]);
        let mut rng = stream(random.word(), "similar", 0, 0);
        // Three random reflections mix every eigenvector with every other one.
        for _ in 0..3 {
            let v: Vec<f64> = (0..n).map(|_| init::normal(&mut rng)).collect();
            let square: f64 = v.iter().map(|v| v * v).sum();
            for _ in 0..2 {
                for row in a.chunks_mut(n) {
                    let overlap = row.iter().zip(&v).map(|(a, v)| a * v).sum::<f64>();
                    row.iter_mut().zip(&v).for_each(|(a, v)| *a -= 2.0 * overlap / square * v);
                }
                a = (0..n * n).map(|at| a[at % n * n + at / n]).collect();
            }
        }
        Self::new(n, &a)
    }

    /// (least, greatest) eigenvalue.
    pub fn truth(&self) -> (f64, f64) {
        let values = oracle::symmetric_eigenvalues(&widen(&self.entries), self.n);
        (values[0], values[self.n - 1])
    }

    /// ax = A x.
    pub fn product<L: Lanes<Elem = T>>(&self, x: &[T], ax: &mut [T]) {
        for (row, ax) in self.entries.chunks(self.n).zip(ax) {
            *ax = linalg::dot::<L>(row, x);
        }
    }

    /// The bounds after `steps` steps.
    pub fn ends<L: Lanes<Elem = T>>(&self, steps: usize, seed: u64) -> Spectrum<T> {
        let mut memory = vec![T::ZERO; Lanczos::<L>::len(self.n, steps)];
        let rng = stream(seed, "spectrum", 0, 0);
        let mut lanczos =
            Lanczos::<L>::new(self.n, steps, Rules::new(self.n), rng, &mut memory).unwrap();
        lanczos.run(&mut |x: &[T], ax: &mut [T]| self.product::<L>(x, ax)).unwrap()
    }
}

/// 1 to 40, now and then up to 120.
fn size(random: &mut Random) -> usize {
    if random.index(100) == 0 { 41 + random.index(80) } else { 1 + random.index(40) }
}

/// 1e-8 to 1e8.
fn scale(random: &mut Random) -> f64 {
    10f64.powf(random.uniform(-8.0, 8.0))
}

/// Spectra from 1 downwards: the last eigenvalues are what differs.
fn decay(random: &mut Random, n: usize, end: f64) -> Vec<f64> {
    let sign = random.uniform(-1.0, 1.0).signum();
    (0..n).map(|i| sign * end.powf(i as f64 / n.max(2) as f64)).collect()
}

/// A kind of matrix; `Debug` is what a failure says.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Gaussian orthogonal ensemble: a semicircle.
    Goe,
    /// J J^T with at least as many columns as rows.
    Full,
    /// J J^T with fewer.
    Deficient,
    /// Extreme eigenvalues in clusters with gaps of 1e-3 to 1e-12.
    Clustered,
    /// Extreme eigenvalues with multiplicity.
    Multiple,
    /// Geometric decay, to 1e-16.
    Decay,
    /// One eigenvalue far out, or alone in a gap.
    Outlier,
    /// No mixing: the eigenvectors are the unit vectors.
    Diagonal,
    /// 0, 1 and other multiples of the identity, perturbed in one entry or not.
    Trivial,
    /// Projections: 0 and 1 only.
    Projection,
}

impl Kind {
    pub fn draw<T: Real>(self, random: &mut Random) -> Matrix<T> {
        let (n, scale) = (size(random), scale(random));
        match self {
            Kind::Goe => {
                let mut rng = stream(random.word(), "goe", 0, 0);
                let a: Vec<f64> = (0..n * n).map(|_| scale * init::normal(&mut rng)).collect();
                Matrix::new(n, &a)
            }
            Kind::Full | Kind::Deficient => {
                let m = match self {
                    Kind::Full => n + random.index(n),
                    _ => 1 + random.index(n),
                };
                let mut rng = stream(random.word(), "gram", 0, 0);
                let j: Vec<f64> = (0..n * m).map(|_| init::normal(&mut rng)).collect();
                let dot = |i: usize, k: usize| {
                    (0..m).map(|l| j[i * m + l] * j[k * m + l]).sum::<f64>() * scale
                };
                let a: Vec<f64> = (0..n * n).map(|at| dot(at / n, at % n)).collect();
                Matrix::new(n, &a)
            }
            Kind::Clustered | Kind::Multiple | Kind::Outlier | Kind::Projection => {
                let mut values: Vec<f64> = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
                let (low, high) = (1 + random.index(5), 1 + random.index(5));
                let gap = match self {
                    Kind::Clustered => 10f64.powf(random.uniform(-12.0, -3.0)),
                    _ => 0.0,
                };
                match self {
                    Kind::Outlier => {
                        let far = 10f64.powf(random.uniform(-6.0, 4.0));
                        values[0] = if random.index(2) == 0 { -1.0 - far } else { 1.0 + far };
                    }
                    Kind::Projection => values.iter_mut().for_each(|v| *v = f64::from(*v > 0.5)),
                    _ => {
                        let clusters = values.len().min(low + high);
                        for (i, v) in values[..clusters].iter_mut().enumerate() {
                            let end = if i < low { -1.0 } else { 1.0 };
                            *v = end * (1.0 - i as f64 * gap);
                        }
                    }
                }
                values.iter_mut().for_each(|v| *v *= scale);
                Matrix::with_spectrum(random, &values)
            }
            Kind::Decay => {
                let end = 10f64.powf(random.uniform(-16.0, -4.0));
                let mut values = decay(random, n, end);
                values.iter_mut().for_each(|v| *v *= scale);
                Matrix::with_spectrum(random, &values)
            }
            Kind::Diagonal => {
                let mut a = vec![0.0; n * n];
                (0..n).for_each(|i| a[i * n + i] = scale * random.uniform(-1.0, 1.0));
                Matrix::new(n, &a)
            }
            Kind::Trivial => {
                let value = [0.0, scale, -scale][random.index(3)];
                let mut a = vec![0.0; n * n];
                (0..n).for_each(|i| a[i * n + i] = value);
                if random.index(2) == 0 {
                    a[0] += 10f64.powf(random.uniform(-12.0, 0.0)) * scale;
                }
                Matrix::new(n, &a)
            }
        }
    }
}
