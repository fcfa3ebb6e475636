//! The functions of the two precisions against the standard library's in f64.

use conformance::precision::{Tolerance, check};
use reluflow::Real;

/// libm promises less than one ulp for these, 1.5 for the hyperbolic ones in f64, and the standard library's own
/// last digit counts too: three roundings of eps.
const FEW: Tolerance = Tolerance::Rounded { roundings: 3 };

fn functions_are_accurate<T: Real>() {
    let mut points = vec![0.0f64];
    for exponent in -60..=6 {
        for mantissa in [1.0, 1.3, 1.7] {
            let x = f64::from(mantissa as f32) * 2f64.powi(exponent);
            points.extend([x, -x]);
        }
    }
    for x in points {
        let at = T::from_f64(x);
        let near = |name: &str, got: T, want: f64| {
            if T::from_f64(want).abs() == T::INFINITY {
                return assert_eq!(got, T::from_f64(want), "{name}({x:e}) overflows");
            }
            check(format_args!("{name}({x:e})"), got, want, want.abs(), FEW);
        };
        near("sin", at.sin(), x.sin());
        near("cos", at.cos(), x.cos());
        near("tanh", at.tanh(), x.tanh());
        near("asinh", at.asinh(), asinh(x));
        near("exp", at.exp(), x.exp());
        near("exp_m1", at.exp_m1(), x.exp_m1());
        near("sinh", at.sinh(), x.sinh());
        if x > -1.0 {
            near("ln_1p", at.ln_1p(), x.ln_1p());
        }
        if x > 0.0 {
            near("ln", at.ln(), x.ln());
            near("sqrt", at.sqrt(), x.sqrt());
        }
    }
    assert!(T::from_f64(-2.0).ln_1p().is_nan() && T::from_f64(-2.0).ln().is_nan());
    for x in [T::from_f64(f64::NAN).sin(), T::INFINITY.sin(), T::INFINITY.cos()] {
        assert!(x.is_nan());
    }
}

/// The standard library's loses digits below 1e-5: x - x^3/6 + 3 x^5/40 there, and by ln(1 + ..) above.
fn asinh(x: f64) -> f64 {
    let size = x.abs();
    let value = if size < 1e-3 {
        let square = size * size;
        size * (1.0 - square / 6.0 * (1.0 - 9.0 / 20.0 * square))
    } else {
        (size + size * size / (1.0 + (size * size + 1.0).sqrt())).ln_1p()
    };
    value.copysign(x)
}

#[test]
fn functions_are_accurate_f32() {
    functions_are_accurate::<f32>();
}

#[test]
fn functions_are_accurate_f64() {
    functions_are_accurate::<f64>();
}
