//! A root of a function of one variable, by bisection helped by secants.

use crate::real::Real;

/// Where `f`, negative at 1, passes 0 from above: Illinois, to the last digits of tau. A pair that
/// has just left its kink has f = 0 at 0 and is above it soon after; 0 where it never is.
pub fn bisect<T: Real>(mut f: impl FnMut(T) -> T) -> T {
    let (mut low, mut high) = (T::ZERO, T::ONE);
    let (mut above, mut below) = (f(low), f(high));
    while !(above > T::ZERO) {
        // From the end to the start, so that what is found is on the last arc above 0.
        let tau = if low == T::ZERO { T::from_f64(0.5) } else { T::from_f64(0.5) * low };
        if tau < T::EPSILON {
            return T::ZERO;
        }
        (low, above) = (tau, f(tau));
        if !(above > T::ZERO) {
            (high, below) = (low, above);
        }
    }
    let half = T::from_f64(0.5);
    let mut kept = 0;
    for _ in 0..60 {
        if !(high - low > T::EPSILON * (high + T::EPSILON)) {
            break;
        }
        let guess = low + (high - low) * (above / (above - below));
        let inside = guess > low && guess < high;
        let tau = if inside { guess } else { half * (low + high) };
        if tau == low || tau == high {
            break;
        }
        let value = f(tau);
        if value > T::ZERO {
            (low, above) = (tau, value);
            below = if kept == 1 { half * below } else { below };
            kept = 1;
        } else {
            (high, below) = (tau, value);
            above = if kept == -1 { half * above } else { above };
            kept = -1;
        }
        if value == T::ZERO {
            break;
        }
    }
    high
}
