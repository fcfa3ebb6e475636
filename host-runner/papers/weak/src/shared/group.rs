//! One neuron and its group of orthonormal samples in closed form (paper `weak`, (66) to (69)).
//!
//! The k samples of the group have targets of the sign of a, the start is balanced, |a| = |w|, and in
//! the span of the group. With T = |sum_i y_i x_i| over the group, kappa = T/n, tau = kappa t, the
//! alignment c of w with sum_i y_i x_i and f = |w|^2/(p T), what there is of the limit:
//!
//! ```text
//! c = (sinh tau + c_0 cosh tau) / (cosh tau + c_0 sinh tau)
//! f = E / (1/f_0 + I)     E = (cosh tau + c_0 sinh tau)^2     sum_i r_i^2 = T^2 (1 - 2 f c + f^2)
//! I = (1 - c_0^2) tau + (1 + c_0^2) sinh(2 tau)/2 + c_0 (cosh(2 tau) - 1)
//! ```
//!
//! E and I grow as e^(2 tau), which is taken out of both, so that no size overflows.
use lab::statistics::larger;

/// A group at its start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// Alignment c_0, in (-1, 1].
    pub aligned: f64,
    /// log(1/f_0) = log(p T/|w|^2).
    pub growth: f64,
}

impl Group {
    /// c at tau.
    pub fn alignment(self, tau: f64) -> f64 {
        let tanh = tau.tanh();
        (tanh + self.aligned) / (1.0 + self.aligned * tanh)
    }

    /// f at tau.
    pub fn norm(self, tau: f64) -> f64 {
        let (c, fall) = (self.aligned, (-2.0 * tau).exp());
        let integral = (1.0 - c * c) * tau * fall
            + (1.0 + c * c) * (1.0 - fall * fall) / 4.0
            + c * (1.0 - fall).powi(2) / 2.0;
        self.square(fall) / ((self.growth - 2.0 * tau).exp() + integral)
    }

    /// sum_i r_i^2 / T^2 at tau.
    pub fn loss(self, tau: f64) -> f64 {
        // 1 - c^2 without the loss of its digits.
        let fall = (-2.0 * tau).exp();
        let across = (1.0 - self.aligned * self.aligned) * fall / self.square(fall);
        (self.norm(tau) - self.alignment(tau)).powi(2) + across
    }

    /// When sum_i r_i^2 falls to this share of T^2.
    pub fn time(self, loss: f64) -> f64 {
        falls_to(loss, 0.5 * larger(self.growth, 0.0) + 100.0, |tau| self.loss(tau))
    }

    /// f as (69) is printed, whose rate c is `rate` kappa. For c_0 = 1 and c = 2 kappa it is right.
    pub fn printed_norm(self, tau: f64, rate: f64) -> f64 {
        let (c, first) = (self.aligned, (-self.growth).exp());
        let (sinh, cosh) = ((rate * tau).sinh(), (rate * tau).cosh());
        first * (cosh + c * sinh) / (1.0 + first * (sinh + c * (cosh - 1.0)))
    }

    /// E e^(-2 tau), of `fall` = e^(-2 tau).
    fn square(self, fall: f64) -> f64 {
        (0.5 * (1.0 + self.aligned + (1.0 - self.aligned) * fall)).powi(2)
    }
}

/// The canonical basis, n x n: orthonormal samples.
pub fn identity(n: usize) -> Vec<f64> {
    let mut x = vec![0.0; n * n];
    (0..n).for_each(|i| x[i * (n + 1)] = 1.0);
    x
}

/// Where a falling function passes `level` between 0 and `end`, to the last bit.
pub fn falls_to(level: f64, end: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, end);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return high;
        }
        if f(middle) > level {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oracle::{group_alignment, group_norm};

    #[test]
    fn it_is_the_closed_form_where_that_does_not_overflow() {
        let (n, p, kappa) = (12, 4.0, 0.3);
        for aligned in [-0.5, 0.2, 0.74, 1.0] {
            for first in [0.8, 1e-3, 1e-9] {
                let limit = p * kappa * f64::from(n);
                let group = Group { aligned, growth: -f64::ln(first) };
                for t in [0.0, 0.7, 5.0, 30.0, 200.0] {
                    let tau = kappa * t;
                    let norm = group_norm(t, kappa, aligned, first * limit, 1.0 / p, n as usize);
                    assert!((group.norm(tau) * limit / norm - 1.0).abs() < 1e-12);
                    let exact = group_alignment(t, kappa, aligned);
                    assert!((group.alignment(tau) - exact).abs() < 1e-14);
                }
            }
        }
    }

    #[test]
    fn nothing_overflows() {
        let group = Group { aligned: 1.0, growth: 5000.0 };
        assert_eq!((group.norm(0.0), group.loss(0.0)), (0.0, 1.0));
        let half = group.time(0.25);
        assert!((half - 2500.0).abs() < 1e-9 && (group.norm(half) - 0.5).abs() < 1e-9);
        assert!((group.norm(1e4) - 1.0).abs() < 1e-15);
    }
}
