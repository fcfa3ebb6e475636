//! Sums of sines with unknown amplitudes and frequencies (paper `rayleigh`, Proposition 4.7: recovery of a
//! periodic signal beyond the window in which it was seen).
//!
//! F(x) = sum_j a_j sin(w_j x) with m terms, x uniform on [-R, R], h = F - F*. With sinc x = sin(x)/x, psi = -sinc',
//! phi = -sinc'' all expectations are closed forms in U = u R, V = v R:
//!
//! - E sin(u x) sin(v x) = (sinc(U - V) - sinc(U + V)) / 2,
//! - E x cos(u x) sin(v x) = R (psi(U + V) - psi(U - V)) / 2,
//! - E x cos(u x) x cos(v x) = R^2 (phi(U - V) + phi(U + V)) / 2,
//!
//! so that no sample is drawn and E h^2 and the derivatives D^T h are those of the whole window.
//!
//! # A bound of this project
//! Proposition 4.7 bounds R(K*; h, h) from below near the target. This one stands beside it, under hypotheses about the model: let
//! the 2m numbers +-R w_j be mu apart from each other, R |w_j - w*_j| <= eta, and alpha = min(1, min_j a_j^2). Then, with K* = D D^T,
//!
//! R(K*; h, h) >= alpha (kappa - rho)/3 min(1, R^2/2), kappa = 1 - 0.3 m eta^2,
//! rho = 3 sum (phi^ + psi^)(k mu), twice for k = 1, .., m - 1 and once for k = m,
//!
//! where phi^(x) = sqrt(1 + 4/x^4)/x and psi^(x) = sqrt(1 + 1/x^2)/x are the decreasing envelopes of |phi| and |psi|. Proof:
//!
//! 1. The Gram matrix G of sqrt 2 sin(w_j x) and sqrt 2 x cos(w_j x)/R has 1 and 1/3 on its diagonal; by Gershgorin it
//!    is at least the diagonal with 1 - rho/3 and (1 - rho)/3, for the other 2m - 1 of the points +-R w_j are, at worst, on
//!    both sides of one at k mu.
//! 2. D has these columns times 1/sqrt 2 and |a_j| R/sqrt 2, so its least singular value squared is at least
//!    min((1 - rho/3)/2, alpha R^2 (1 - rho)/6).
//! 3. h is a vector g of the range of D less e = sum_j a*_j r_j with |r_j| <= (w_j - w*_j)^2 x^2/2, whence |e|^2 <= (m
//!    eta^2/10) |v|^2 <= 0.3 m eta^2/(1 - rho) |g|^2 for the coefficients v of the cosines in g. So cos^2(h, range D) >= 1 -
//!    0.3 m eta^2/(1 - rho), and Proposition 3.5 (see [`rayleigh`](crate::rayleigh)) gives
//!    (kappa - rho)/3 min(3/2, alpha R^2/2), which is more than claimed.
//!
//! The factor min(1, R^2/2) is there because E (x cos)^2 is R^2/6, which is 1/3 at R = sqrt 2 only. Neither this bound nor the paper's
//! is the larger one throughout: kappa falls with m eta^2, which the paper's constants do not.

use crate::error::{Dim, Error, expect};
use crate::real::Real;
use crate::rows::split_mut;

/// x_0, the first zero of phi: psi grows up to it, and frequencies that are further apart pull each other less and less.
pub const INFLECTION: f64 = 2.081_575_977_818_101;

/// Below it, the power series loses nothing; above it, the closed form loses at most two bits.
const SERIES: f64 = 2.0;

/// sum_k (-x^2)^k / (2k + first)! * weight(k): x^2 <= 4, so that twelve terms are enough for f64.
fn series<T: Real>(x: T, first: usize, weight: impl Fn(T) -> T) -> T {
    let (square, mut term, mut sum) = (-(x * x), T::ONE, T::ZERO);
    for k in 0..13 {
        let at = T::from_usize(2 * k);
        sum += term * weight(at);
        let next = at + T::from_usize(first);
        term = term * square / ((next + T::ONE) * (next + T::ONE + T::ONE));
    }
    sum
}

/// sin(x)/x, 1 at 0.
pub fn sinc<T: Real>(x: T) -> T {
    if x == T::ZERO { T::ONE } else { x.sin() / x }
}

/// -sinc'(x) = (sin x - x cos x)/x^2 = sum_k (-1)^k x^(2k+1) / ((2k+1)! (2k+3)): odd, x/3 at 0. Error: some eps, relatively
/// up to 2 and of 1/x beyond.
pub fn psi<T: Real>(x: T) -> T {
    if x.abs() < T::from_f64(SERIES) {
        let three = T::from_usize(3);
        return x * series(x, 1, |at| T::ONE / (at + three));
    }
    (x.sin() / x - x.cos()) / x
}

/// -sinc''(x) = sin x/x + 2 cos x/x^2 - 2 sin x/x^3 = sum_k (-1)^k x^(2k) / ((2k)! (2k+3)): even, 1/3 at 0. Error: some
/// eps of the larger of 1/3 and 1/x.
pub fn phi<T: Real>(x: T) -> T {
    if x.abs() < T::from_f64(SERIES) {
        let three = T::from_usize(3);
        return series(x, 0, |at| T::ONE / (at + three));
    }
    let (inverse, two) = (T::ONE / x, T::ONE + T::ONE);
    (x.sin() + two * (x.cos() - x.sin() * inverse) * inverse) * inverse
}

/// The amplitudes and frequencies of a sum of sines.
#[derive(Clone, Copy, Debug)]
pub struct Sines<'a, T> {
    a: &'a [T],
    w: &'a [T],
}

impl<'a, T: Real> Sines<'a, T> {
    /// sum_j a_j sin(w_j x).
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Shape`] when the lengths differ.
    pub fn new(a: &'a [T], w: &'a [T]) -> Result<Self, Error> {
        if a.is_empty() {
            return Err(Error::Empty { dim: Dim::P });
        }
        expect(Dim::A, w.len(), a.len())?;
        Ok(Sines { a, w })
    }

    /// m.
    pub const fn terms(&self) -> usize {
        self.a.len()
    }

    fn pairs(&self) -> impl Iterator<Item = (T, T)> {
        self.a.iter().copied().zip(self.w.iter().copied())
    }

    /// F(x).
    pub fn value(&self, x: T) -> T {
        self.pairs().fold(T::ZERO, |sum, (a, w)| sum + a * (w * x).sin())
    }

    /// E F G over x uniform on [-`radius`, `radius`]. Error: eps sum |a_j| |b_k|. Cost: two sines for each pair.
    pub fn product(&self, other: Sines<'_, T>, radius: T) -> T {
        let mut sum = T::ZERO;
        for (a, u) in self.pairs() {
            for (b, v) in other.pairs() {
                sum += a * b * overlap(u * radius, v * radius);
            }
        }
        sum / (T::ONE + T::ONE)
    }

    /// E h^2 for h = F - F*, and D^T h: E h sin(w_j x) for the m amplitudes and then a_j E h x cos(w_j x) for
    /// the m frequencies. grad (E h^2)/2 is D^T h.
    ///
    /// E h^2 is a difference of sums, with an error of some eps (sum |a| + sum |a*|)^2. Cost: four functions for each pair.
    ///
    /// # Errors
    /// [`Error::Shape`] when `gradient` does not have 2 m elements.
    pub fn gradient(
        &self,
        target: Sines<'_, T>,
        radius: T,
        gradient: &mut [T],
    ) -> Result<T, Error> {
        let m = self.terms();
        expect(Dim::Output, m + m, gradient.len())?;
        let (amplitudes, frequencies) = split_mut(gradient, m);
        let half = T::ONE / (T::ONE + T::ONE);
        let mut square = T::ZERO;
        for ((a, w), (da, dw)) in self.pairs().zip(amplitudes.iter_mut().zip(frequencies)) {
            let (mut level, mut slope) = (T::ZERO, T::ZERO);
            let minus = target.pairs().map(|(b, v)| (-b, v));
            for (b, v) in self.pairs().chain(minus) {
                let (sum, gap) = ((w + v) * radius, (w - v) * radius);
                level += b * (sinc(gap) - sinc(sum));
                slope += b * (psi(sum) - psi(gap));
            }
            *da = half * level;
            *dw = a * half * radius * slope;
            square += a * *da;
        }
        for (b, v) in target.pairs() {
            let minus = target.pairs().map(|(b, v)| (-b, v));
            let mut level = T::ZERO;
            for (a, u) in self.pairs().chain(minus) {
                level += a * overlap(u * radius, v * radius);
            }
            square = square - b * half * level;
        }
        Ok(square)
    }
}

/// 2 E sin(U x) sin(V x) over [-1, 1].
fn overlap<T: Real>(u: T, v: T) -> T {
    sinc(u - v) - sinc(u + v)
}

/// The constants of this project's bound for m terms, separation mu and closeness eta.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recovery<T> {
    /// kappa = 1 - 0.3 m eta^2.
    pub kappa: T,
    /// rho, about 6 (2 H_(m-1) + 1/m) / mu.
    pub rho: T,
}

impl<T: Real> Recovery<T> {
    /// For m >= 1, mu > 0. Cost: 2 m square roots.
    pub fn new(m: usize, mu: T, eta: T) -> Self {
        let mut sum = T::ZERO;
        for k in 1..=m {
            let x = T::from_usize(k) * mu;
            let square = T::ONE / (x * x);
            let four = T::from_usize(4);
            let both = (T::ONE + four * square * square).sqrt() + (T::ONE + square).sqrt();
            sum += if k < m { both + both } else { both } / x;
        }
        let kappa = T::ONE - T::from_f64(0.3) * T::from_usize(m) * eta * eta;
        Recovery { kappa, rho: T::from_usize(3) * sum }
    }

    /// (kappa - rho)/3: what bounds R(K*; h, h)/alpha from below for R >= sqrt 2. Not above 0, hence empty, for
    /// frequencies too close to each other or too far from the target's.
    pub fn wide(&self) -> T {
        (self.kappa - self.rho) / T::from_usize(3)
    }

    /// The same times min(1, R^2/2): for every R.
    pub fn at(&self, radius: T) -> T {
        let half = radius * radius / (T::ONE + T::ONE);
        self.wide() * half.min(T::ONE)
    }
}
