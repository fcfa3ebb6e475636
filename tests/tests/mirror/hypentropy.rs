//! The potential, its derivatives and its divergence against a quadrature, and where r = 0.

use conformance::precision::{Tolerance, check, check_vector};
use conformance::{Random, for_each_lanes};
use reluflow::mirror::hypentropy::{
    divergence, divergence_sum, gradient, hessian, inverse, potential, potential_sum, second,
    to_dual, to_primal,
};
use reluflow::{Lanes, Real};

use crate::support::{self, SIZES, wide};

/// What the module says of itself: some 20 roundings.
const CLOSE: Tolerance = Tolerance::Rounded { roundings: 24 };

/// D(b1, b0) with 80 digits: each of the formulas, both sides of where they meet.
const KNOWN: [(f64, f64, f64, f64); 12] = [
    (1.0, 0.5, 1e-12, 0.19314718055994531),
    (0.5, 1.0, 1e-12, 0.15342640972002736),
    (1.0, 0.9999999999999998, 1e-12, 2.4651903288156624e-32),
    (1.0, 1.0000000000000002, 1000.0, 2.465189096221422e-35),
    (-1.0, 0.5, 1e-12, 55.45518941241704),
    (3.0, 1e-09, 1e-06, 43.8188110820774),
    (1e-09, 3.0, 1e-06, 2.9999989843933967),
    (2.0, -3.0, 1000.0, 0.012499980208416145),
    (1e-08, 2e-08, 0.125, 3.999999999999964e-16),
    (1e+200, 1e-200, 1e-12, 4.878411868952977e202),
    (7.0, 0.9, 1.0, 7.121071370682822),
    (0.9, 7.0, 1.0, 4.073976964292842),
];

#[test]
fn the_quadrature_knows_what_80_digits_know() {
    for (b1, b0, r, want) in KNOWN {
        // Where b spans 400 orders of magnitude it has not enough panels.
        if b1 < 1e100 {
            let got = support::divergence(b1, b0, r);
            check(format_args!("{b1} {b0} {r}"), got, want, want, CLOSE);
        }
    }
}

#[test]
fn the_divergence_knows_what_80_digits_know() {
    for (b1, b0, r, want) in KNOWN {
        let got = divergence(b1, b0, r);
        check(format_args!("{b1} {b0} {r}"), got, want, want, CLOSE);
    }
}

/// Pairs far apart, next to each other and on either side of 0, r from 1e-12 to 1e3.
fn cases<T: Real>() -> Vec<(T, T, T)> {
    let mut random = Random(5);
    let mut all = Vec::new();
    for exponent in -12..=3 {
        for _ in 0..150 {
            let r = T::from_f64(random.uniform(1.0, 10.0) * 10f64.powi(exponent - 1));
            let mut size = || {
                let sign = random.uniform(-1.0, 1.0).signum();
                sign * 10f64.powf(random.uniform(-13.0, 4.0))
            };
            let (b1, b0) = (size(), size());
            // Next to b1, down to one unit in the last place.
            let near = T::from_f64(b1 * (1.0 + 10f64.powf(random.uniform(-17.0, 0.0))));
            let b1 = T::from_f64(b1);
            let zero = T::ZERO;
            for b0 in [T::from_f64(b0), near, -near, zero] {
                all.extend([(b1, b0, r), (b0, b1, r)]);
            }
        }
    }
    all
}

fn divergence_is_accurate_everywhere<L: Lanes>() {
    for (b1, b0, r) in cases::<L::Elem>() {
        let want = support::divergence(b1.to_f64(), b0.to_f64(), r.to_f64());
        let what = format_args!("{} D({b1:e}, {b0:e}) r {r:e}", L::NAME);
        let got = divergence(b1, b0, r);
        check(what, got, want, want, CLOSE);
        assert!(got >= L::Elem::ZERO && (got > L::Elem::ZERO || want < 1e-37), "{what}");
        if b0 == L::Elem::ZERO {
            check(format_args!("phi({b1:e}) r {r:e}"), potential(b1, r), want, want, CLOSE);
        }
    }
}
for_each_lanes!(native divergence_is_accurate_everywhere);

fn derivatives_and_inverse<L: Lanes>() {
    for (x, _, r) in cases::<L::Elem>() {
        let (wide_x, wide_r) = (x.to_f64(), r.to_f64());
        let u = (wide_x / wide_r).asinh();
        check(format_args!("phi'({x:e}) r {r:e}"), gradient(x, r), u, u.abs(), CLOSE);
        let want = 1.0 / wide_x.hypot(wide_r);
        check(format_args!("phi''({x:e}) r {r:e}"), second(x, r), want, want, CLOSE);
        // The error of u, and what sinh makes of it.
        let tolerance = Tolerance::Rounded { roundings: 24 + 2 * u.abs() as usize };
        let back = inverse(gradient(x, r), r);
        check(format_args!("{x:e} r {r:e} and back"), back, wide_x, wide_x.abs(), tolerance);
    }
}
for_each_lanes!(native derivatives_and_inverse);

/// The table of the module, and that small r come near it.
fn at_r_zero_it_is_the_limit<L: Lanes>() {
    let t = L::Elem::from_f64;
    let (zero, infinity) = (L::Elem::ZERO, L::Elem::INFINITY);
    for x in [2.0, -2.0].map(t) {
        assert_eq!(potential(x, zero), infinity);
        assert_eq!(gradient(x, zero), if x > zero { infinity } else { -infinity });
        assert_eq!(second(x, zero), t(0.5));
        assert_eq!(divergence(x, zero, zero), infinity);
        assert_eq!(divergence(x, -x, zero), infinity);
        assert_eq!(divergence(zero, x, zero), t(2.0));
        assert_eq!(inverse(x, zero), zero);
    }
    assert_eq!((potential(zero, zero), gradient(zero, zero)), (zero, zero));
    assert_eq!(second(zero, zero), infinity);
    assert_eq!(divergence(zero, zero, zero), zero);
    let mut random = Random(9);
    for _ in 0..300 {
        let b0 = 10f64.powf(random.uniform(-6.0, 6.0));
        let ratio = 10f64.powf(random.uniform(-9.0, 3.0));
        let (b0, b1) = (t(b0), t(b0 * ratio));
        // |b1| log(b1/b0) - |b1| + |b0|, as its own quadrature.
        let want = support::divergence(b1.to_f64(), b0.to_f64(), 0.0);
        check("relative entropy", divergence(b1, b0, zero), want, want, CLOSE);
        check("of negative numbers", divergence(-b1, -b0, zero), want, want, CLOSE);
        // The first correction is of relative size r^2 / (b1 b0).
        let small = t(1e-9 * b0.to_f64().min(b1.to_f64()));
        check("r -> 0", divergence(b1, b0, small), want, want, CLOSE);
    }
}
for_each_lanes!(native at_r_zero_it_is_the_limit);

/// Where x/r, e^u or a square overflows, and the result does not.
fn nothing_overflows_early<L: Lanes>() {
    let single = L::Elem::EPSILON.to_f64() > 1e-10;
    let t = L::Elem::from_f64;
    let (large, small) = if single { (1e30, 1e-30) } else { (1e290, 1e-290) };
    let u = std::f64::consts::LN_2 + (large.ln() - small.ln());
    check("phi'", gradient(t(large), t(small)), u, u, CLOSE);
    check("phi' of -x", gradient(-t(large), t(small)), -u, u, CLOSE);
    let rounded = gradient(t(large), t(small));
    let tolerance = Tolerance::Rounded { roundings: 8 + 2 * u as usize };
    check("back", inverse(rounded, t(small)), large, large, tolerance);
    check("back", inverse(-rounded, t(small)), -large, large, tolerance);
    check("phi''", second(t(large), t(large)), 1.0 / (2f64.sqrt() * large), 1.0 / large, CLOSE);
    let want = large * (u - 1.0);
    check("phi", potential(t(large), t(small)), want, want, CLOSE);
    // From |b0| << |b1|, with r below both, and back.
    let ratio = large.ln() - small.ln();
    let got = divergence(t(large), t(small), L::Elem::ZERO);
    check("out", got, large * (ratio - 1.0), large * ratio, CLOSE);
    check("in", divergence(t(small), t(large), L::Elem::ZERO), large, large, CLOSE);
    let nan = t(f64::NAN);
    for (b1, b0, r) in [(nan, t(1.0), t(1.0)), (t(1.0), nan, t(1.0)), (t(1.0), t(2.0), nan)] {
        assert!(divergence(b1, b0, r).is_nan(), "{b1} {b0} {r}");
    }
    assert!(gradient(t(1.0), nan).is_nan() && second(nan, t(1.0)).is_nan());
    assert!(inverse(nan, t(1.0)).is_nan() && inverse(nan, L::Elem::ZERO).is_nan());
}
for_each_lanes!(native nothing_overflows_early);

/// D(a, c) = D(a, b) + D(b, c) + <phi'(b) - phi'(c), a - b>, and convexity in its first argument.
fn three_points<L: Lanes>() {
    let mut random = Random(11);
    for _ in 0..500 {
        let [a, b, c]: [L::Elem; 3] = random.vector(3)[..].try_into().unwrap();
        let r = L::Elem::from_f64(10f64.powf(random.uniform(-6.0, 1.0)));
        let cross = (gradient(b, r) - gradient(c, r)) * (a - b);
        let size = (divergence(a, b, r) + divergence(b, c, r)).to_f64()
            + ((gradient(b, r).abs() + gradient(c, r).abs()) * (a - b).abs()).to_f64();
        let want = (divergence(a, b, r) + divergence(b, c, r) + cross).to_f64();
        check(
            "three points",
            divergence(a, c, r),
            want,
            size,
            Tolerance::Rounded { roundings: 60 },
        );
        let middle = L::Elem::from_f64(0.5) * (a + b);
        let chord = L::Elem::from_f64(0.5) * (divergence(a, c, r) + divergence(b, c, r));
        assert!(divergence(middle, c, r).to_f64() <= chord.to_f64() + CLOSE.of::<L::Elem>(size));
    }
}
for_each_lanes!(native three_points);

fn vectors_are_their_coordinates<L: Lanes>() {
    for m in SIZES.into_iter().chain([100, 1000]) {
        let mut random = Random(m as u64);
        let (x, b): (Vec<L::Elem>, Vec<L::Elem>) = (random.vector(m), random.vector(m));
        let r: Vec<_> =
            (0..m).map(|_| L::Elem::from_f64(10f64.powf(random.uniform(-9.0, 2.0)))).collect();
        let mut got = vec![L::Elem::ZERO; m];
        to_dual(&x, &r, &mut got).unwrap();
        for k in 0..m {
            assert_eq!(got[k], gradient(x[k], r[k]));
        }
        let u = got.clone();
        to_primal(&u, &r, &mut got).unwrap();
        // |u| is at most 22.
        check_vector("back", &got, &wide(&x), Tolerance::Rounded { roundings: 70 });
        hessian(&x, &r, &mut got).unwrap();
        for k in 0..m {
            assert_eq!(got[k], second(x[k], r[k]));
        }
        let sum = |f: &dyn Fn(usize) -> f64| (0..m).map(f).sum::<f64>();
        let tolerance = Tolerance::Dot { len: m + 24 };
        let want = sum(&|k| support::divergence(x[k].to_f64(), b[k].to_f64(), r[k].to_f64()));
        check("D", divergence_sum::<L>(&x, &b, &r).unwrap(), want, want, tolerance);
        let want = sum(&|k| support::divergence(x[k].to_f64(), 0.0, r[k].to_f64()));
        check("Phi", potential_sum::<L>(&x, &r).unwrap(), want, want, tolerance);
    }
}
for_each_lanes!(every vectors_are_their_coordinates);

/// The canonical sums have the same bits at every width.
#[test]
fn canonical_sums_do_not_depend_on_the_width() {
    use conformance::wide::{f32x4, f32x8, f32x16};
    use reluflow::Canonical;
    for m in SIZES {
        let mut random = Random(m as u64);
        let (x, b, r): (Vec<f32>, Vec<f32>, Vec<f32>) =
            (random.vector(m), random.vector(m), vec![0.125; m]);
        let one = divergence_sum::<Canonical<f32>>(&x, &b, &r).unwrap().to_bits();
        assert_eq!(one, divergence_sum::<Canonical<f32x4>>(&x, &b, &r).unwrap().to_bits());
        assert_eq!(one, divergence_sum::<Canonical<f32x8>>(&x, &b, &r).unwrap().to_bits());
        assert_eq!(one, divergence_sum::<Canonical<f32x16>>(&x, &b, &r).unwrap().to_bits());
    }
}
