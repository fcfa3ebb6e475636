//! The least eigenvalue of a symmetric tridiagonal matrix, and its eigenvector.

use super::ends::End;
use crate::real::Real;
use crate::rows::{item, put, slice};

/// T, or -T where `reflected`: its greatest eigenvalue is the least of -T, with the same vector.
pub(super) struct Tridiagonal<'a, T> {
    /// Diagonal, k.
    pub alpha: &'a [T],
    /// Beside it, k; 0 where T falls apart. The last is outside of T.
    pub beta: &'a [T],
    pub reflected: bool,
    /// Bounds |T|, and the last of `beta`.
    pub norm: T,
}

impl<'a, T: Real> Tridiagonal<'a, T> {
    /// The first `taken` rows of `alpha` and `beta`, seen from `end`.
    pub fn of(alpha: &'a [T], beta: &'a [T], taken: usize, end: End, norm: T) -> Self {
        Tridiagonal {
            alpha: slice(alpha, ..taken),
            beta: slice(beta, ..taken),
            reflected: end == End::Greatest,
            norm,
        }
    }

    /// (alpha_j - x, beta_j) row by row.
    fn rows(&self, x: T) -> impl DoubleEndedIterator<Item = (T, T)> + ExactSizeIterator {
        let reflected = self.reflected;
        self.alpha
            .iter()
            .zip(self.beta)
            .map(move |(&alpha, &beta)| (if reflected { -alpha - x } else { alpha - x }, beta))
    }

    /// (pivot, beta_j) of T - x = L D L^T row by row: all pivots are positive where x is below the
    /// spectrum.
    pub fn pivots(&self, x: T) -> impl Iterator<Item = (T, T)> {
        let (mut pivot, mut above) = (T::ONE, T::ZERO);
        self.rows(x).map(move |(diagonal, beta)| {
            pivot = diagonal - above * (above / pivot);
            above = beta;
            (pivot, beta)
        })
    }

    /// The least eigenvalue by bisection, from above to about eps |T|.
    pub fn least(&self) -> T {
        // Negated so that NaN, of a pivot 0 above a 0, counts as reached.
        let reached = |x: T| self.pivots(x).any(|(pivot, _)| !(pivot > T::ZERO));
        let (mut low, mut high) = (-self.norm, self.norm);
        let half = T::from_f64(0.5);
        // A bit a turn, so the limit is never met.
        for _ in 0..80 {
            let middle = low + half * (high - low);
            if !(high - low > T::EPSILON * half * self.norm) || middle <= low || middle >= high {
                break;
            }
            if reached(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }

    /// The unit eigenvector of the eigenvalue `x`, by the twisted factorisation: eliminated from both
    /// ends to the row where least is left (Parlett and Dhillon, Fernando's solution to Wilkinson's
    /// problem, Linear Algebra Appl. 267, 1997), so that no component is a difference. `out` and
    /// `scratch` have k.
    pub fn vector(&self, x: T, out: &mut [T], scratch: &mut [T]) {
        let tiny = (self.norm * T::EPSILON * T::EPSILON).max(T::MIN_POSITIVE);
        let safe = |pivot: T| if pivot.abs() > tiny { pivot } else { tiny };
        let (mut pivot, mut beside) = (T::ONE, T::ZERO);
        for (out, (diagonal, beta)) in out.iter_mut().zip(self.rows(x)) {
            pivot = safe(diagonal - beside * (beside / pivot));
            *out = pivot;
            beside = beta;
        }
        let sign = if self.reflected { -T::ONE } else { T::ONE };
        let beta = |j: usize| sign * item(self.beta, j);
        let (mut twist, mut least) = (0, T::INFINITY);
        pivot = T::ONE;
        for (j, (diagonal, beta)) in self.rows(x).enumerate().rev() {
            // The last of `beta` lies outside.
            beside = if j + 1 < self.alpha.len() { beta } else { T::ZERO };
            pivot = safe(diagonal - beside * (beside / pivot));
            put(scratch, j, pivot);
            let left = (item(out, j) + pivot - diagonal).abs();
            if left < least {
                (twist, least) = (j, left);
            }
        }
        let (mut share, mut square) = (T::ONE, T::ONE);
        for (j, out) in out.iter_mut().enumerate().take(twist).rev() {
            share = -share * (beta(j) / *out);
            *out = share;
            square += share * share;
        }
        share = T::ONE;
        for (j, (out, &below)) in out.iter_mut().zip(scratch.iter()).enumerate().skip(twist + 1) {
            if j >= self.alpha.len() {
                break;
            }
            share = -share * (beta(j - 1) / below);
            *out = share;
            square += share * share;
        }
        put(out, twist, T::ONE);
        let size = square.sqrt();
        out.iter_mut().take(self.alpha.len()).for_each(|out| *out = *out / size);
    }
}
