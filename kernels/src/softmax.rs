//! Logistic regression: softmax cross-entropy of a linear model, with the bound of its loss along the
//! gradient flow (paper `rayleigh`, Proposition 4.5).
//!
//! Logits z_i = theta x_i with theta of c x d, labels y_i < c,
//! L = (1/n) sum_i l_i, l_i = -ln p_i(y_i) = ln sum_k e^(z_ik - z_iy).
//!
//! # Large and small
//! The largest logit is taken out of every sum, and the sum of the others is kept apart: l_i = (z_max -
//! z_y) + ln(1 + S) with S = sum_(k != max) e^(z_k - z_max). So l_i is right to relative accuracy where it is
//! 1e-300 and where it is 1e+300, and so is 1 - p_i(y_i), which is summed and not subtracted.
//!
//! # The bound
//! Let a direction w separate the data: eps = min_i (<w, x_i>_y - max_(k != y) <w, x_i>_k) / |w|_F > 0, and let the
//! losses be kappa-isolated (Definition 4.3 of paper `rayleigh`): P(l >= E l) >= kappa, which n equally likely samples are with kappa = 1/n.
//! Then E psi(l) >= kappa psi(E l) for increasing psi >= 0.
//! Along d theta/dt = -grad L:
//!
//! -dL/dt = |grad L|^2 >= (<-grad L, w> / |w|)^2 >= eps^2 (E(1 - p(y)))^2 >= eps^2 kappa^2 (1 - e^(-L))^2,
//!
//! the last because 1 - p_i(y_i) = 1 - e^(-l_i), which increases with l_i, and E l = L. Its solution is
//! L(t) <= ln(1 + 1/W0(e^(eps^2 kappa^2 t - C))), C = ln(e^L(0) - 1) - 1/(e^L(0) - 1), with equality at t = 0.

use crate::error::{Dim, Error, expect};
use crate::lambert::w0_exp;
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, norm_sq};
use crate::real::Real;
use crate::rows::{item, lines, lines_mut};

/// Samples with labels, for a model of c classes.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a, T> {
    x: &'a [T],
    labels: &'a [usize],
    d: usize,
    classes: usize,
}

impl<'a, T: Real> Labelled<'a, T> {
    /// `x` is n x d row-major, `labels` has n numbers below `classes`.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Shape`], [`Error::TooLarge`], [`Error::Label`].
    pub fn new(x: &'a [T], labels: &'a [usize], d: usize, classes: usize) -> Result<Self, Error> {
        for (dim, size) in [(Dim::N, labels.len()), (Dim::D, d), (Dim::P, classes)] {
            if size == 0 {
                return Err(Error::Empty { dim });
            }
        }
        classes.checked_mul(d).ok_or(Error::TooLarge)?;
        expect(Dim::X, labels.len().checked_mul(d).ok_or(Error::TooLarge)?, x.len())?;
        match labels.iter().position(|&label| label >= classes) {
            Some(i) => Err(Error::Label { i }),
            None => Ok(Labelled { x, labels, d, classes }),
        }
    }

    /// Samples.
    pub const fn n(&self) -> usize {
        self.labels.len()
    }

    /// kappa = 1/n: of n numbers one at least is not below their mean.
    pub fn isolation(&self) -> T {
        T::ONE / T::from_usize(self.n())
    }

    /// L at `theta`, c x d row-major; `memory` needs c elements. Cost: n c (d + one exponential).
    ///
    /// # Errors
    /// [`Error::Shape`] for `theta`, [`Error::Memory`].
    pub fn loss<L: Lanes<Elem = T>>(&self, theta: &[T], memory: &mut [T]) -> Result<T, Error> {
        let logits = self.check(theta, memory)?;
        let mut sum = T::ZERO;
        for (x, &label) in lines(self.x, self.d).zip(self.labels) {
            fill_logits::<L>(theta, x, logits);
            sum += Row::of(logits).loss(logits, label);
        }
        Ok(sum / T::from_usize(self.n()))
    }

    /// L, with grad L = (1/n) sum_i (p_i - e_y) x_i^T written to `out`, c x d. Memory and cost as for
    /// [`loss`](Self::loss), n c d more.
    ///
    /// # Errors
    /// [`Error::Shape`] for `theta` and `out`, [`Error::Memory`].
    pub fn gradient<L: Lanes<Elem = T>>(
        &self,
        theta: &[T],
        out: &mut [T],
        memory: &mut [T],
    ) -> Result<T, Error> {
        let logits = self.check(theta, memory)?;
        expect(Dim::Output, theta.len(), out.len())?;
        out.fill(T::ZERO);
        let (mut sum, count) = (T::ZERO, T::from_usize(self.n()));
        for (x, &label) in lines(self.x, self.d).zip(self.labels) {
            fill_logits::<L>(theta, x, logits);
            let row = Row::of(logits);
            sum += row.loss(logits, label);
            // The others' share, summed: 1 - p(y) would be lost in rounding.
            let (mut others, scale) = (T::ZERO, T::ONE / ((T::ONE + row.rest) * count));
            for (k, z) in logits.iter_mut().enumerate() {
                *z = (*z - row.most).exp() * scale;
                others += if k == label { T::ZERO } else { *z };
            }
            for (k, (&p, out)) in logits.iter().zip(lines_mut(out, self.d)).enumerate() {
                axpy::<L>(if k == label { -others } else { p }, x, out);
            }
        }
        Ok(sum / count)
    }

    /// eps = min_i (<w, x_i>_y - max_(k != y) <w, x_i>_k) / |w|_F of a direction `w`, c x d: above 0
    /// where it separates the samples; infinite for a single class. `memory` needs c elements.
    ///
    /// # Errors
    /// As [`loss`](Self::loss).
    pub fn margin<L: Lanes<Elem = T>>(&self, w: &[T], memory: &mut [T]) -> Result<T, Error> {
        let logits = self.check(w, memory)?;
        let mut least = T::INFINITY;
        for (x, &label) in lines(self.x, self.d).zip(self.labels) {
            fill_logits::<L>(w, x, logits);
            let own = item(logits, label);
            for (k, &z) in logits.iter().enumerate() {
                if k != label {
                    least = least.min(own - z);
                }
            }
        }
        Ok(least / norm_sq::<L>(w).sqrt())
    }

    fn check<'m>(&self, theta: &[T], memory: &'m mut [T]) -> Result<&'m mut [T], Error> {
        expect(Dim::W, self.classes * self.d, theta.len())?;
        let found = memory.len();
        memory.get_mut(..self.classes).ok_or(Error::Memory { needed: self.classes, found })
    }
}

fn fill_logits<L: Lanes>(theta: &[L::Elem], x: &[L::Elem], logits: &mut [L::Elem]) {
    for (z, w) in logits.iter_mut().zip(lines(theta, x.len())) {
        *z = dot::<L>(w, x);
    }
}

/// One sample's logits: the largest, and the others' exponentials relative to it.
struct Row<T> {
    most: T,
    rest: T,
}

impl<T: Real> Row<T> {
    fn of(logits: &[T]) -> Self {
        let (mut at, mut most) = (0, -T::INFINITY);
        for (k, &z) in logits.iter().enumerate() {
            // NaN wins, and stays.
            if z > most || z.is_nan() {
                (at, most) = (k, z);
            }
        }
        let mut rest = T::ZERO;
        for (k, &z) in logits.iter().enumerate() {
            if k != at {
                rest += (z - most).exp();
            }
        }
        Row { most, rest }
    }

    fn loss(&self, logits: &[T], label: usize) -> T {
        let own = item(logits, label);
        (self.most - own) + self.rest.ln_1p()
    }
}

/// The bound of Proposition 4.5 (paper `rayleigh`) for a flow that starts at a loss L(0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossBound<T> {
    /// eps^2 kappa^2.
    pub rate: T,
    /// C = ln(e^L(0) - 1) - 1/(e^L(0) - 1).
    pub constant: T,
}

impl<T: Real> LossBound<T> {
    /// For margin `eps`, isolation `kappa` and L(0) = `start`. No L(0) > 0 overflows.
    pub fn new(eps: T, kappa: T, start: T) -> Self {
        let product = eps * kappa;
        let constant = if start > T::ONE {
            let q = (-start).exp();
            start + (-q).ln_1p() - q / (T::ONE - q)
        } else {
            let e = start.exp_m1();
            e.ln() - T::ONE / e
        };
        LossBound { rate: product * product, constant }
    }

    /// ln(1 + 1/W0(e^(rate t - C))): never below L(t). No t >= 0 overflows: where W = W0(e^z) is small,
    /// -ln W = W - z takes its logarithm's place.
    pub fn at(&self, t: T) -> T {
        let z = self.rate * t - self.constant;
        let w = w0_exp(z);
        if w > T::ONE { (T::ONE / w).ln_1p() } else { w.ln_1p() + (w - z) }
    }

    /// rate (1 - e^(-L))^2: never above -dL/dt where the loss is `loss`.
    pub fn decrease(&self, loss: T) -> T {
        let share = (-loss).exp_m1();
        self.rate * share * share
    }
}
