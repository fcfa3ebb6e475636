//! The exact motion of one neuron while the residual stands still.
//!
//! With g frozen and no kink crossed, omega' = a D and a' = D . omega: (omega, a) turns hyperbolically
//! in the plane of D. Along the light cone, P = (a + e . omega)/2 and M = (a - e . omega)/2 with
//! e = D/|D|, P grows as X = e^{|D| t} and M decays as 1/X. Every z_i = R_i . omega then is
//! z_i(0) + (R_i . e) [P (X - 1) - M (1/X - 1)], so that it reaches 0 at a root of a quadratic in X.

use super::Row;
use super::span::Span;
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, norm_sq};
use crate::real::Real;

/// A neuron's plane of motion.
#[derive(Clone, Copy, Debug)]
pub struct Boost<T> {
    /// |D|.
    pub rate: T,
    /// e . omega.
    along: T,
    grows: T,
    decays: T,
}

impl<T: Real> Boost<T> {
    /// Of the neuron in `row` under the pull D.
    pub fn of<L: Lanes<Elem = T>>(row: Row<'_, T>, pull: &[T]) -> Self {
        let rate = dot::<L>(pull, pull).sqrt();
        let along = if rate > T::ZERO { dot::<L>(pull, row.omega) / rate } else { T::ZERO };
        let half = T::from_f64(0.5);
        Boost { rate, along, grows: half * (row.a + along), decays: half * (row.a - along) }
    }

    /// The first x = |D| t in `[0, limit]` at which pair i, on the side that `outward` is the sign
    /// of and at `z` now, reaches its kink; |z| <= `band` counts as on it. None where it does not.
    pub fn hit<L: Lanes<Elem = T>>(
        &self,
        span: &Span<'_, L>,
        i: usize,
        (z, band, outward): (T, T, T),
        pull: &[T],
        limit: T,
    ) -> Option<T> {
        let slope = span.dot(i, pull) / self.rate;
        if !(slope.abs() > T::ZERO) {
            return None;
        }
        let (up, down) = (slope * self.grows, slope * self.decays);
        let inside = |x: T| (x > T::ZERO && x <= limit).then_some(x);
        if z.abs() <= band {
            // On the kink and leaving to the wrong side: now. By less than rounding: it stays.
            let (along, size) = ((up + down) * outward, (up.abs() + down.abs()) * T::EPSILON);
            if along < -T::from_f64(64.0) * size {
                return Some(T::ZERO);
            }
            // X = 1 is a root of the quadratic below; this is the other one.
            return log_ratio(-down, up).and_then(inside);
        }
        // up X^2 + (z - up + down) X - down = 0.
        let middle = z - up + down;
        let four = T::from_f64(4.0);
        let under = middle * middle + four * up * down;
        if !(under >= T::ZERO) {
            return None;
        }
        let root = under.sqrt();
        let sum = if middle > T::ZERO { middle + root } else { middle - root };
        let q = T::from_f64(-0.5) * sum;
        let (one, two) = (log_ratio(q, up).and_then(inside), log_ratio(-down, q).and_then(inside));
        match (one, two) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        }
    }

    /// The x at which a changes its sign, if it does.
    pub fn turn(&self, limit: T) -> Option<T> {
        let twice = log_ratio(-self.decays, self.grows)?;
        let x = T::from_f64(0.5) * twice;
        (x > T::ZERO && x <= limit).then_some(x)
    }

    /// Moves the neuron by x = |D| t. In polar coordinates the row is scaled back to a^2 + |omega|^2
    /// as before over the growth, whose logarithm is returned; else 0 is.
    ///
    /// Sums of exponentials are taken relative to the largest: a neuron that decays must not meet
    /// infinity, nor one that grows.
    pub fn apply<L: Lanes<Elem = T>>(&self, row: &mut [T], pull: &[T], x: T, polar: bool) -> T {
        if !(self.rate > T::ZERO) {
            return T::ZERO;
        }
        let before = Row::of(row).size_sq::<L>();
        let dominant = if polar { self.shift(x, before) } else { T::ZERO };
        let grown = self.grows * (x - dominant).exp();
        let decayed = self.decays * (-x - dominant).exp();
        let still = (-dominant).exp();
        let [omega @ .., a, _] = row else { return T::ZERO };
        // omega = (omega - along_0 e) still + along e.
        omega.iter_mut().for_each(|omega| *omega = *omega * still);
        axpy::<L>((grown - decayed - self.along * still) / self.rate, pull, omega);
        *a = grown + decayed;
        if !polar {
            return T::ZERO;
        }
        let ratio = ((norm_sq::<L>(omega) + *a * *a) / before).sqrt();
        if !(ratio > T::ZERO) || !ratio.is_finite() {
            return dominant;
        }
        omega.iter_mut().for_each(|omega| *omega = *omega / ratio);
        *a = *a / ratio;
        dominant + ratio.ln()
    }

    /// The largest of the exponents that the moved neuron is made of.
    fn shift(&self, x: T, size_sq: T) -> T {
        let exponent = |c: T, x: T| if c == T::ZERO { -T::INFINITY } else { x + c.abs().ln() };
        let still =
            size_sq - (self.grows * self.grows + self.decays * self.decays) * T::from_f64(2.0);
        // The part across D does not move; where it is rounding it does not count.
        let across =
            if still > T::EPSILON * size_sq { T::from_f64(0.5) * still.ln() } else { -T::INFINITY };
        let most = exponent(self.grows, x).max(exponent(self.decays, -x)).max(across);
        if most.is_finite() { most } else { T::ZERO }
    }
}

/// log(above/below) where the ratio is positive; the ratio itself may overflow.
fn log_ratio<T: Real>(above: T, below: T) -> Option<T> {
    let alike = (above > T::ZERO) == (below > T::ZERO);
    if above == T::ZERO || below == T::ZERO || !alike {
        return None;
    }
    let ratio = above / below;
    // Near 1 the logarithm of the ratio, far from it the difference of logarithms.
    if ratio.is_ordinary() && ratio > T::ZERO {
        Some(ratio.ln())
    } else {
        Some(above.abs().ln() - below.abs().ln())
    }
}
