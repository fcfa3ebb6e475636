//! Lambert's function W0 where its argument is given by its logarithm.
//!
//! W0(x) is the solution w > 0 of w e^w = x > 0. With x = e^z it is that of w + ln w = z, in which nothing
//! overflows: paper `rayleigh` needs it at z = eps^2 kappa^2 t - C, which passes 709 soon.

use crate::real::Real;

/// W0(e^z) for any z: Newton's method on w + ln w = z, whose left side is concave and increasing,
/// so that from the left it converges from one side, by squares.
///
/// Error: a few eps relatively where |z| is of size 1, eps |z| / (1 + w) where z is large and negative:
/// that is what the rounding of z itself does. 0 where e^z underflows, infinite at z = infinity.
/// Cost: two to five logarithms.
pub fn w0_exp<T: Real>(z: T) -> T {
    if z == T::INFINITY || z.is_nan() {
        return z;
    }
    // W0(x) = x - x^2 + ..
    let x = z.exp();
    if x < T::EPSILON {
        return x;
    }
    // Both are below the solution: z - ln w > z - ln z where 1 < w < z, and x e^(-w) > x/(1 + x) since
    // e^w < 1 + x.
    let mut w = if z > T::from_f64(1.5) { z - z.ln() } else { x / (T::ONE + x) };
    // Five squarings are enough from either start; more would turn in the last digit.
    for _ in 0..8 {
        let step = (z - (w + w.ln())) * (w / (T::ONE + w));
        w += step;
        if !(step.abs() > T::EPSILON * w) {
            break;
        }
    }
    w
}

/// W0(x) for x >= 0; NaN below, where the branch is not the one that is meant here.
pub fn w0<T: Real>(x: T) -> T {
    if x == T::ZERO { x } else { w0_exp(x.ln()) }
}
