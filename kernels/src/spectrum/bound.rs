//! How far beyond its least Ritz value a matrix can have an eigenvalue.

use super::tridiagonal::Tridiagonal;
use crate::real::Real;

/// What is known of the random starts.
pub(super) struct Start<T> {
    /// n.
    pub size: usize,
    /// Probability that the bound fails.
    pub failure: T,
    /// Rounding of T over |T|.
    pub noise: T,
}

impl<T: Real> Start<T> {
    /// The least t, to a percent from above, such that no eigenvalue is below `value` - t, where
    /// `value` is the least eigenvalue of `t`: infinite where nothing can be said.
    pub fn reach(&self, t: &Tridiagonal<'_, T>, value: T) -> T {
        let floor = self.noise * t.norm;
        let complete = t.beta.iter().filter(|&&beta| beta == T::ZERO).count();
        let open = t.beta.last().is_some_and(|&beta| beta != T::ZERO);
        if t.alpha.len() >= self.size || t.norm == T::ZERO {
            return T::ZERO;
        }
        // A space that has only begun says little; then those before it alone say more.
        let before =
            if complete > 0 { self.search(t, value, complete, floor) } else { T::INFINITY };
        let all = if open { self.search(t, value, complete + 1, floor) } else { T::INFINITY };
        before.min(all)
    }

    /// [`reach`](Start::reach) by the first `spaces` Krylov spaces.
    fn search(&self, t: &Tridiagonal<'_, T>, value: T, spaces: usize, floor: T) -> T {
        // Two ends, two choices of the spaces; then each space has to fail.
        let share = (self.failure / T::from_f64(4.0)).ln() / T::from_usize(spaces);
        let free = |reach: T| self.excludes(t, value - reach, spaces, share);
        if free(floor) {
            return floor;
        }
        let (mut low, mut high) = (floor, t.norm);
        let factor = T::from_f64(16.0);
        while !free(high) {
            low = high;
            high = high * factor;
            if !high.is_finite() {
                return T::INFINITY;
            }
        }
        while high > T::from_f64(1.01) * low {
            let middle = low.sqrt() * high.sqrt();
            if !(middle > low && middle < high) {
                break;
            }
            if free(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }

    /// Is |p(x)| >= 1/delta in each of the spaces? ln p is the sum of ln(pivot / beta).
    fn excludes(&self, t: &Tridiagonal<'_, T>, x: T, spaces: usize, share: T) -> bool {
        let rounding = (self.noise + self.noise) * t.norm;
        let (mut grown, mut left, mut free) = (T::ZERO, spaces, T::from_usize(self.size));
        let mut dimension = free;
        let rows = t.alpha.len();
        for (row, (pivot, beta)) in t.pivots(x).enumerate() {
            if !(pivot > T::ZERO) {
                return false;
            }
            let ends = beta == T::ZERO;
            grown += (pivot / if ends { rounding } else { beta }).ln();
            free = free - T::ONE;
            if ends || row + 1 == rows {
                // 1/2: what of the eigenvector the spaces before may hold.
                let circle = T::from_f64(8.0 / core::f64::consts::PI) * dimension;
                if !(grown >= T::from_f64(0.5) * circle.ln() - share) {
                    return false;
                }
                left -= 1;
                if left == 0 {
                    return true;
                }
                (grown, dimension) = (T::ZERO, free);
            }
        }
        false
    }
}
