//! How fast the mirror flow converges: constants, bounds, and one coordinate in closed form.
//!
//! With D(t) = D(beta*, beta(t)) of Phi_r and beta* the limit, paper `mirror` shows
//!
//! - D(t) <= D(0) e^(-kappa_1 t), kappa_1 = (min_j r_j) / |X^(T+)|^2;
//! - D(t) <= 1 / (kappa_2 t + 1/D(0)), kappa_2 = 1 / (C |X^(T+)|)^2, C = 2 m log(1 + 2 M / (m min_j r_j)),
//!   M = sup_t sum_j |beta_j|.
//!
//! |X^(T+)| is one over the least nonzero singular value of X. Both constants are half of what the proofs
//! give for the potential Phi_r / 2 that the flow has: they hold, with a factor 2 to spare.

use crate::real::Real;

/// kappa_1 and kappa_2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates<T> {
    /// Of the exponential bound; goes to 0 with r.
    pub kappa_1: T,
    /// Of the bound 1/t; goes to 0 with r as 1/log(1/r)^2 only.
    pub kappa_2: T,
}

impl<T: Real> Rates<T> {
    /// From min_j r_j, |X^(T+)|, M and m.
    pub fn new(inf_r: T, norm_pinv: T, l1_max: T, m: usize) -> Self {
        let (m, two) = (T::from_usize(m), T::ONE + T::ONE);
        // m inf_r may underflow where the quotient is fine.
        let c = two * m * (two * (l1_max / m) / inf_r).ln_1p();
        let root = T::ONE / (c * norm_pinv);
        Rates { kappa_1: inf_r / norm_pinv / norm_pinv, kappa_2: root * root }
    }

    /// D(0) e^(-kappa_1 t).
    pub fn exponential(&self, d0: T, t: T) -> T {
        d0 * (-(self.kappa_1 * t)).exp()
    }

    /// 1 / (kappa_2 t + 1/D(0)).
    pub fn hyperbolic(&self, d0: T, t: T) -> T {
        d0 / (self.kappa_2 * t * d0 + T::ONE)
    }
}

/// beta(t) of the flow in one coordinate with one sample (x, 0), from beta(0) = `start`, r >= 0:
/// tanh(u/2) falls as e^(-2 x^2 r t). At r = 0 it is start / (1 + 2 x^2 |start| t).
///
/// From 1/(2 x^2 r) on D(0, beta(t)) falls as e^(-4 x^2 r t), before as 1/t: for small r as slowly as one likes,
/// from the same start on the same data (as in Lemma 5.1, which has another objective and the entropy).
pub fn relaxation<T: Real>(x: T, r: T, start: T, t: T) -> T {
    if start == T::ZERO {
        return start;
    }
    let (two, four) = (T::from_f64(2.0), T::from_f64(4.0));
    let sum = T::ONE / super::hypentropy::second(start, r) + r;
    // tanh(u/2) = beta / (sqrt(beta^2 + r^2) + r), and 1 - tanh^2(u/2) = 2 r / (sqrt(beta^2 + r^2) + r).
    let half = start / sum;
    let speed = two * x * x * t;
    let spent = if r > T::ZERO { -(-(two * speed * r)).exp_m1() / r } else { four * x * x * t };
    two * half * (-(speed * r)).exp() / (two / sum + half * half * spent)
}
