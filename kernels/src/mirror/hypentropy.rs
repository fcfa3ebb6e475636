//! The hypentropy potential phi_r and its Bregman divergence, accurate for any r >= 0.
//!
//! phi_r(x) = x asinh(x/r) - sqrt(x^2 + r^2) + r, so phi_r' = asinh(x/r), phi_r'' = 1/sqrt(x^2 + r^2):
//! x^2 / (2 r) where |x| << r, |x| log(2 |x| / (e r)) where |x| >> r. Paper `mirror`, section 3.
//!
//! # r = 0
//! Every function takes the limit r -> 0, which may be infinite:
//!
//! | | x = 0 | otherwise |
//! |---|---|---|
//! | phi | 0 | infinity |
//! | phi' | 0 | infinity with the sign of x |
//! | phi'' | infinity | 1 / abs(x) |
//! | inverse of phi' | | 0 for any u: what was x is lost |
//! | D(b1, b0), b0 != 0 | abs(b0) (b1 = 0) | abs(b1) log(b1/b0) - abs(b1) + abs(b0) for equal signs, else infinity |
//! | D(b1, 0) | 0 | infinity |
//!
//! So the divergence, a relative entropy, outlives the potential.
//!
//! # Accuracy
//! phi, D: some 20 roundings of the result itself, also where b1 is next to b0 and where r is far below or far
//! above both, as long as it is a normal number. Nothing overflows before the result does.

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::sum;
use crate::real::Real;

/// Largest change of asinh(b/r) for which the divergence is summed as a series; beyond it the terms
/// of the definition differ enough to be subtracted.
const NEAR: f64 = 2.0;

/// Coefficients k = 1, ..., 13; the last is below 1e-17 of the first at z = NEAR^2.
type Coefficients = [f64; 13];
/// cosh d - 1 over d^2, in powers of d^2: 1/(2k)!.
const COSH: Coefficients = coefficients(0, false);
/// sinh d - d over d^3: 1/(2k+1)!.
const SINH: Coefficients = coefficients(1, false);
/// d sinh d - cosh d + 1 over d^2: (2k-1)/(2k)!.
const COSH_BACK: Coefficients = coefficients(0, true);
/// d cosh d - sinh d over d^3: 2k/(2k+1)!.
const SINH_BACK: Coefficients = coefficients(1, true);

/// (l - 1 or 1)/l!, l = 2k + `odd`.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn coefficients(odd: usize, back: bool) -> Coefficients {
    let mut out = [0.0; 13];
    let (mut factorial, mut at, mut k) = (1.0, 1, 0);
    while k < out.len() {
        while at < 2 * k + 2 + odd {
            at += 1;
            factorial *= at as f64;
        }
        out[k] = if back { (at - 1) as f64 / factorial } else { 1.0 / factorial };
        k += 1;
    }
    out
}

/// sum_k c(k) z^(k-1), all terms of one sign.
#[inline(always)]
fn series<T: Real>(z: T, coefficients: &Coefficients) -> T {
    coefficients.iter().rev().fold(T::ZERO, |sum, &c| sum * z + T::from_f64(c))
}

/// sqrt(x^2 + r^2) = 1/phi_r''(x), without overflow or underflow of the squares.
#[inline(always)]
fn hypotenuse<T: Real>(x: T, r: T) -> T {
    let (x, r) = (x.abs(), r.abs());
    let (large, small) = (x.max(r), x.min(r));
    if large == T::ZERO || x.is_nan() || r.is_nan() {
        return x + r;
    }
    let ratio = small / large;
    large * (T::ONE + ratio * ratio).sqrt()
}

/// asinh(x/r), also where x/r overflows.
#[inline(always)]
fn asinh_ratio<T: Real>(x: T, r: T) -> T {
    let ratio = x / r;
    if ratio.is_finite() {
        return ratio.asinh();
    }
    if x.is_nan() || r.is_nan() {
        return x + r;
    }
    let size = x.abs().ln() - r.ln() + T::from_f64(core::f64::consts::LN_2);
    if x < T::ZERO { -size } else { size }
}

/// phi_r(x) = x asinh(x/r) - sqrt(x^2 + r^2) + r. Zero at x = 0, even in x. Cost: one asinh.
pub fn potential<T: Real>(x: T, r: T) -> T {
    let delta = gradient(x, r);
    if !(delta.abs() <= T::from_f64(NEAR)) {
        // sqrt(x^2 + r^2) - r.
        return x * delta - square_over_sum(x, r);
    }
    delta * (delta * (r * series(delta * delta, &COSH_BACK)))
}

/// D(0, x) = sqrt(x^2 + r^2) - r = x^2 / (sqrt(x^2 + r^2) + r).
#[inline(always)]
fn square_over_sum<T: Real>(x: T, r: T) -> T {
    if x == T::ZERO {
        return T::ZERO;
    }
    x * (x / (hypotenuse(x, r) + r))
}

/// phi_r'(x) = asinh(x/r), the dual coordinate u of x. Cost: one asinh.
pub fn gradient<T: Real>(x: T, r: T) -> T {
    if x == T::ZERO {
        return x;
    }
    asinh_ratio(x, r)
}

/// phi_r''(x) = 1/sqrt(x^2 + r^2).
pub fn second<T: Real>(x: T, r: T) -> T {
    T::ONE / hypotenuse(x, r)
}

/// r sinh(u), the x whose phi_r' is u. Its relative error is |u| eps, from that of u. Cost: one sinh.
pub fn inverse<T: Real>(u: T, r: T) -> T {
    let size = u.abs();
    // e^-2u is below eps, and r e^u may be representable where e^u is not.
    if size > T::from_f64(20.0) && r > T::ZERO {
        let half = (T::from_f64(0.5) * size).exp();
        let x = T::from_f64(0.5) * r * half * half;
        return if u < T::ZERO { -x } else { x };
    }
    if r == T::ZERO && !u.is_nan() { T::ZERO } else { r * u.sinh() }
}

/// D(b1, b0) = phi_r(b1) - phi_r(b0) - phi_r'(b0) (b1 - b0) >= 0, zero where b1 = b0 only.
///
/// With delta = asinh(b1/r) - asinh(b0/r) and q = sqrt(b^2 + r^2) it is q1 (cosh delta - 1) - b1 (sinh
/// delta - delta), and the same from b0; one of the two has no cancellation, and where b1 and b0 differ
/// in sign D(b1, b0) = phi(b1) + D(0, b0) + |b1 asinh(b0/r)|. delta itself comes from b1 - b0.
/// Cost: one or two asinh.
pub fn divergence<T: Real>(b1: T, b0: T, r: T) -> T {
    if b1 == b0 {
        return T::ZERO;
    }
    if b1 == T::ZERO {
        return square_over_sum(b0, r);
    }
    if b0 == T::ZERO {
        return potential(b1, r);
    }
    if (b1 < T::ZERO) != (b0 < T::ZERO) {
        return potential(b1, r) + square_over_sum(b0, r) + (b1 * gradient(b0, r)).abs();
    }
    let (b1, b0) = (b1.abs(), b0.abs());
    let (q1, q0) = (hypotenuse(b1, r), hypotenuse(b0, r));
    // sinh delta = (b1 - b0) (b1 + b0) / (b1 q0 + b0 q1).
    let half = T::from_f64(0.5);
    let mean = half * b1 + half * b0;
    // b q / (b1 + b0): which quotient comes first decides what over- or underflows.
    let part = |b: T, q: T| {
        if q < b || half * half * q > mean { half * b / mean * q } else { half * b * (q / mean) }
    };
    let delta = asinh_ratio(b1 - b0, part(b1, q0) + part(b0, q1));
    let z = delta * delta;
    if !(z <= T::from_f64(NEAR * NEAR)) {
        return b1 * delta - (q1 - q0);
    }
    let terms = if delta > T::ZERO {
        q0 * series(z, &COSH_BACK) + b0 * (delta * series(z, &SINH_BACK))
    } else {
        q1 * series(z, &COSH) - b1 * (delta * series(z, &SINH))
    };
    delta * (delta * terms)
}

/// Checks that all of `lengths` are `expected`.
fn same(expected: usize, lengths: &[usize]) -> Result<(), Error> {
    lengths.iter().try_for_each(|&found| expect(Dim::D, expected, found))
}

/// Phi_r(x) = sum_j phi_{r_j}(x_j). Cost: m asinh.
///
/// # Errors
/// [`Error::Shape`] when the lengths differ.
pub fn potential_sum<L: Lanes>(x: &[L::Elem], r: &[L::Elem]) -> Result<L::Elem, Error> {
    same(x.len(), &[r.len()])?;
    Ok(sum::<L>(x.iter().zip(r).map(|(&x, &r)| potential(x, r))))
}

/// D(b1, b0) = sum_j D_{r_j}(b1_j, b0_j). Cost: m to 2 m asinh.
///
/// # Errors
/// [`Error::Shape`] when the lengths differ.
pub fn divergence_sum<L: Lanes>(
    b1: &[L::Elem],
    b0: &[L::Elem],
    r: &[L::Elem],
) -> Result<L::Elem, Error> {
    same(b1.len(), &[b0.len(), r.len()])?;
    let terms = b1.iter().zip(b0.iter().zip(r));
    Ok(sum::<L>(terms.map(|(&b1, (&b0, &r))| divergence(b1, b0, r))))
}

/// `u` = asinh(x/r), coordinate by coordinate: from primal to dual.
///
/// # Errors
/// [`Error::Shape`] when the lengths differ.
pub fn to_dual<T: Real>(x: &[T], r: &[T], u: &mut [T]) -> Result<(), Error> {
    same(x.len(), &[r.len(), u.len()])?;
    for (u, (&x, &r)) in u.iter_mut().zip(x.iter().zip(r)) {
        *u = gradient(x, r);
    }
    Ok(())
}

/// `x` = r sinh(u), coordinate by coordinate: from dual to primal.
///
/// # Errors
/// [`Error::Shape`] when the lengths differ.
pub fn to_primal<T: Real>(u: &[T], r: &[T], x: &mut [T]) -> Result<(), Error> {
    same(u.len(), &[r.len(), x.len()])?;
    for (x, (&u, &r)) in x.iter_mut().zip(u.iter().zip(r)) {
        *x = inverse(u, r);
    }
    Ok(())
}

/// `out` = 1/sqrt(x^2 + r^2), the diagonal of the Hessian of Phi_r.
///
/// # Errors
/// [`Error::Shape`] when the lengths differ.
pub fn hessian<T: Real>(x: &[T], r: &[T], out: &mut [T]) -> Result<(), Error> {
    same(x.len(), &[r.len(), out.len()])?;
    for (out, (&x, &r)) in out.iter_mut().zip(x.iter().zip(r)) {
        *out = second(x, r);
    }
    Ok(())
}
