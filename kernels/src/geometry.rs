//! What the data alone decide: norms, correlation, and the constants of the theorems.
//!
//! Notation of paper `weak`: C_x^-, C_x^+ are the smallest and largest |x_i|, C_y^-, C_y^+ those of
//! |y_i|, D_X = diag |x_i|^2, and the *defect* is the operator norm |X^T X - D_X| (X is d x n), which
//! is 0 exactly when the samples are orthogonal.

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, norm_sq};
use crate::real::Real;
use crate::rows::change;
use crate::samples::SamplesView;

/// Checks that |<x_i, x_k>| <= tol |x_i| |x_k| for all i < k. Cost: n^2 d / 2.
///
/// # Errors
/// [`Error::NotOrthogonal`] with the first pair that fails.
pub fn check_orthogonal<L: Lanes>(
    samples: SamplesView<'_, L::Elem>,
    tol: L::Elem,
) -> Result<(), Error> {
    for (i, x) in samples.rows().enumerate() {
        let norm = norm_sq::<L>(x);
        for (k, other) in samples.rows().enumerate().skip(i + 1) {
            let (overlap, bound) = (dot::<L>(x, other), norm * norm_sq::<L>(other));
            // Negated so that NaN is not orthogonal.
            if !(overlap * overlap <= tol * tol * bound) {
                return Err(Error::NotOrthogonal { i, k });
            }
        }
    }
    Ok(())
}

/// A bracket of the defect |X^T X - D_X|.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Defect<T> {
    /// The power iteration's estimate |A v| with |v| = 1: never above the defect.
    pub lower: T,
    /// The smaller of the Frobenius norm and the largest absolute row sum: never below it.
    pub upper: T,
    /// |A^2 v - |A v|^2 v| / |A v|^2 of the last iterate: 0 at an eigenvector of A^2.
    pub residual: T,
}

impl<T: Real> Defect<T> {
    /// A defect known exactly, e.g. from an eigenvalue solver.
    pub const fn exact(defect: T) -> Self {
        Defect { lower: defect, upper: defect, residual: T::ZERO }
    }

    /// Elements of memory that [`of`](Defect::of) needs.
    pub const fn len(n: usize, d: usize) -> usize {
        3 * n + d
    }

    /// Power iteration on A = X^T X - D_X without forming it, `iterations` times from a fixed
    /// start, plus the two upper bounds. `memory` needs [`len`](Defect::len) elements.
    ///
    /// Rounding is not part of the bracket: it widens it by about n eps. Cost: 4 n d an
    /// iteration, n^2 d / 2 for the upper bounds.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn of<L: Lanes<Elem = T>>(
        samples: SamplesView<'_, T>,
        iterations: usize,
        memory: &mut [T],
    ) -> Result<Self, Error> {
        let (n, d) = (samples.n(), samples.d());
        let (needed, found) = (Self::len(n, d), memory.len());
        let parts = memory.split_at_mut_checked(n).and_then(|(v, rest)| {
            let (av, rest) = rest.split_at_mut_checked(n)?;
            let (aav, rest) = rest.split_at_mut_checked(n)?;
            Some((v, av, aav, rest.get_mut(..d)?))
        });
        let Some((v, av, aav, xv)) = parts else { return Err(Error::Memory { needed, found }) };
        let upper = Self::bound::<L>(samples, v);
        // Irrational steps: not orthogonal to an eigenvector by accident of symmetry.
        let (mut phase, step) = (T::from_f64(0.5), T::from_f64(0.618_033_988_749_894_9));
        for v in v.iter_mut() {
            *v = T::from_f64(0.25) + phase;
            phase += step;
            if phase > T::ONE {
                phase = phase - T::ONE;
            }
        }
        let (mut lower, mut residual) = (T::ZERO, T::ZERO);
        for _ in 0..iterations.max(1) {
            let size = norm_sq::<L>(v).sqrt();
            if !(size > T::ZERO) {
                break;
            }
            v.iter_mut().for_each(|v| *v = *v / size);
            // On A^2, because a pair of eigenvalues +-lambda would make the iteration on A swing.
            apply::<L>(samples, v, xv, av);
            apply::<L>(samples, av, xv, aav);
            let square = norm_sq::<L>(av);
            lower = lower.max(square.sqrt());
            axpy::<L>(-square, v, aav);
            residual = norm_sq::<L>(aav).sqrt() / square.max(T::MIN_POSITIVE);
            axpy::<L>(square, v, aav);
            for (v, &next) in v.iter_mut().zip(aav.iter()) {
                *v = next;
            }
        }
        Ok(Defect { lower, upper: upper.max(lower), residual })
    }

    /// min(Frobenius norm, largest absolute row sum) of X^T X - D_X; `sums` has n.
    fn bound<L: Lanes<Elem = T>>(samples: SamplesView<'_, T>, sums: &mut [T]) -> T {
        let mut squares = T::ZERO;
        sums.fill(T::ZERO);
        for (i, x) in samples.rows().enumerate() {
            let mut row = T::ZERO;
            for (other, sum) in samples.rows().zip(sums.iter_mut()).skip(i + 1) {
                let overlap = dot::<L>(x, other).abs();
                squares += overlap * overlap;
                *sum += overlap;
                row += overlap;
            }
            change(sums, i, |sum| *sum += row);
        }
        let largest = sums.iter().fold(T::ZERO, |most, &sum| most.max(sum));
        (squares + squares).sqrt().min(largest)
    }
}

/// out = (X^T X - D_X) v; `xv` has d.
fn apply<L: Lanes>(
    samples: SamplesView<'_, L::Elem>,
    v: &[L::Elem],
    xv: &mut [L::Elem],
    out: &mut [L::Elem],
) {
    xv.fill(L::Elem::ZERO);
    for (x, &v) in samples.rows().zip(v) {
        axpy::<L>(v, x, xv);
    }
    for (out, (x, &v)) in out.iter_mut().zip(samples.rows().zip(v)) {
        *out = dot::<L>(x, xv) - norm_sq::<L>(x) * v;
    }
}

/// Extremes of the data and the defect: what every bound of paper `weak` asks of a data set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry<T> {
    /// Samples.
    pub n: usize,
    /// C_x^-: smallest |x_i|.
    pub x_min: T,
    /// C_x^+: largest |x_i|.
    pub x_max: T,
    /// C_y^-: smallest |y_i|.
    pub y_min: T,
    /// C_y^+: largest |y_i|.
    pub y_max: T,
    /// |X^T X - D_X|.
    pub defect: Defect<T>,
}

impl<T: Real> Geometry<T> {
    /// Measures the extremes; the defect is the caller's, from [`Defect::of`] or a solver.
    pub fn of<L: Lanes<Elem = T>>(samples: SamplesView<'_, T>, defect: Defect<T>) -> Self {
        let (mut x_min, mut x_max) = (T::INFINITY, T::ZERO);
        for x in samples.rows() {
            let norm = norm_sq::<L>(x).sqrt();
            (x_min, x_max) = (x_min.min(norm), x_max.max(norm));
        }
        let (mut y_min, mut y_max) = (T::INFINITY, T::ZERO);
        for y in samples.y() {
            (y_min, y_max) = (y_min.min(y.abs()), y_max.max(y.abs()));
        }
        Geometry { n: samples.n(), x_min, x_max, y_min, y_max, defect }
    }

    /// The right-hand side of Assumption 2 (paper `weak`, eq. 4): the defect must not exceed
    /// (C_x^-)^2 / (2 sqrt n) C_y^- / C_y^+.
    pub fn defect_allowed(&self) -> T {
        let count = T::from_usize(self.n).sqrt();
        self.x_min * self.x_min / (count + count) * (self.y_min / self.y_max)
    }

    /// Does Assumption 2 hold? `None` when the bracket of the defect does not decide it.
    pub fn assumption_2(&self) -> Option<bool> {
        let allowed = self.defect_allowed();
        if self.defect.upper <= allowed {
            Some(true)
        } else if self.defect.lower > allowed {
            Some(false)
        } else {
            None
        }
    }

    /// Theorem 1's constant C = (6/5) (C_x^-)^2 / C_x^+ C_y^- (paper `weak`): under Assumptions 1
    /// and 2 the curvature is at least (C/n) min_i |1 - r_i/y_i|.
    pub fn theorem_1_constant(&self) -> T {
        T::from_f64(1.2) * self.x_min * self.x_min / self.x_max * self.y_min
    }

    /// Theorem 1's lower bound of mu, (C/n) min_i |1 - r_i/y_i|, at the residuals `r`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `r` does not have n elements.
    pub fn theorem_1(&self, samples: SamplesView<'_, T>, r: &[T]) -> Result<T, Error> {
        expect(Dim::N, self.n, samples.n())?;
        expect(Dim::N, self.n, r.len())?;
        let least = r
            .iter()
            .zip(samples.y())
            .fold(T::INFINITY, |least, (&r, &y)| least.min((T::ONE - r / y).abs()));
        Ok(self.theorem_1_constant() / T::from_usize(self.n) * least)
    }
}

/// Lemma 5 (paper `weak`): p neurons of random sign and direction start with an active neuron of
/// the right sign for every one of n samples with at least this probability, max(0, 1 - n (3/4)^p).
pub fn lemma_5_probability(n: usize, p: usize) -> f64 {
    (1.0 - n as f64 * libm::pow(0.75, p as f64)).max(0.0)
}

/// Assumption 3 (paper `orthogonal`): among m neurons of independent random signs and isotropic directions there is one
/// of each sign that sees all samples of that sign, `positive` and `negative` orthogonal ones. Its probability, exactly:
/// with p = 2^{-positive-1}, q = 2^{-negative-1}, 1 - (1 - p)^m - (1 - q)^m + (1 - p - q)^m, without cancellation.
pub fn assumption_3_probability(positive: usize, negative: usize, m: f64) -> f64 {
    // One neuron has one sign.
    if m < 2.0 {
        return 0.0;
    }
    let [p, q] = [positive, negative].map(|k| libm::exp2(-(k as f64) - 1.0));
    let (a, b) = (m * libm::log1p(-p), m * libm::log1p(-q));
    // 1 - p - q = (1 - p) (1 - q) - p q.
    let one_sign = m * libm::log1p(-(p / (1.0 - p)) * (q / (1.0 - q)));
    let both = libm::expm1(a) * libm::expm1(b) + libm::exp(a + b) * libm::expm1(one_sign);
    both.max(0.0)
}

/// The smallest width m for which [`assumption_3_probability`] is at least 1 - eps, exact below 2^53; infinite where
/// there are so many samples that no number holds it; `None` unless 0 < eps < 1. Exponential in the number of samples.
pub fn assumption_3_width(positive: usize, negative: usize, eps: f64) -> Option<f64> {
    let enough = |m: f64| assumption_3_probability(positive, negative, m) >= 1.0 - eps;
    if !(eps > 0.0 && eps < 1.0) {
        return None;
    }
    let mut most = 1.0;
    while !enough(most) {
        most *= 2.0;
        if most == f64::INFINITY {
            return Some(most);
        }
    }
    let mut least = libm::floor(most / 2.0);
    // The bracket halves until it is one wide, or two neighbouring numbers.
    loop {
        let middle = libm::floor(least + (most - least) / 2.0);
        if !(middle > least && middle < most) {
            return Some(most);
        }
        if enough(middle) { most = middle } else { least = middle }
    }
}

/// The smallest width p for which [`lemma_5_probability`] is at least 1 - eps:
/// ceil(log(n / eps) / log(4/3)); `None` unless 0 < eps < 1.
pub fn lemma_5_width(n: usize, eps: f64) -> Option<usize> {
    (eps > 0.0 && eps < 1.0)
        .then(|| libm::ceil(libm::log(n as f64 / eps) / libm::log(4.0 / 3.0)).max(1.0) as usize)
}
