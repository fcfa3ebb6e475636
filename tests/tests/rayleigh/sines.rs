//! Sums of sines against quadrature, and this project's bound beside Proposition 4.7 over random draws.

use conformance::precision::{Tolerance, check, check_all};
use conformance::{Random, for_each_lanes, widen};
use reluflow::sines::{INFLECTION, Recovery, Sines, phi, psi, sinc};
use reluflow::{Dim, Error, Lanes, Real};

/// E f over [-r, r] by the Gauss rule of five points on 200 panels.
fn mean(r: f64, f: impl Fn(f64) -> f64) -> f64 {
    const PANELS: usize = 200;
    let far = (5.0 + 2.0 * (10.0f64 / 7.0).sqrt()).sqrt() / 3.0;
    let near = (5.0 - 2.0 * (10.0f64 / 7.0).sqrt()).sqrt() / 3.0;
    let (low, high) =
        ((322.0 - 13.0 * 70f64.sqrt()) / 900.0, (322.0 + 13.0 * 70f64.sqrt()) / 900.0);
    let rule = [(-far, low), (-near, high), (0.0, 128.0 / 225.0), (near, high), (far, low)];
    let half = r / PANELS as f64;
    let sum: f64 = (0..PANELS)
        .map(|k| {
            let middle = half * (2 * k + 1) as f64 - r;
            rule.iter().map(|(x, weight)| weight * f(middle + half * x)).sum::<f64>()
        })
        .sum();
    sum / (2 * PANELS) as f64
}

/// sinc x = E cos(u x) over u in [-1, 1], psi x = E u sin(u x), phi x = E u^2 cos(u x).
fn functions_match_their_integrals<L: Lanes>() {
    let around = (0..200).map(|k| 1.95 + 5e-4 * f64::from(k));
    let points = [0.0, 1e-30, 1e-8, 1e-3, 0.1, 0.5, 1.0, 1.5, 2.1, 3.0, 5.0, 10.0];
    for x in points.into_iter().chain(around) {
        let x = L::Elem::from_f64(x);
        let y = x.to_f64();
        let tolerance = Tolerance::Rounded { roundings: 8 };
        let size = 1.0 / (1.0 + y / 3.0);
        check(format_args!("sinc {y}"), sinc(x), mean(1.0, |u| (u * y).cos()), size, tolerance);
        let want = mean(1.0, |u| u * (u * y).sin());
        check(format_args!("psi {y}"), psi(x), want, size * y.min(1.0), tolerance);
        let want = mean(1.0, |u| u * u * (u * y).cos());
        check(format_args!("phi {y}"), phi(x), want, size, tolerance);
        assert_eq!((sinc(-x), psi(-x), phi(-x)), (sinc(x), -psi(x), phi(x)), "parity at {y}");
    }
    for x in [10.0, 47.0, 120.0, 1e4] {
        let y = L::Elem::from_f64(x).to_f64();
        let (sine, cosine) = y.sin_cos();
        let tolerance = Tolerance::Rounded { roundings: 8 };
        let near = |what, got: L::Elem, want| check(what, got, want, 1.0 / y, tolerance);
        near("sinc", sinc(L::Elem::from_f64(x)), sine / y);
        near("psi", psi(L::Elem::from_f64(x)), sine / y.powi(2) - cosine / y);
        let want = sine / y + 2.0 * cosine / y.powi(2) - 2.0 * sine / y.powi(3);
        near("phi", phi(L::Elem::from_f64(x)), want);
    }
    let three = L::Elem::from_usize(3);
    assert_eq!((sinc(L::Elem::ZERO), phi(L::Elem::ZERO)), (L::Elem::ONE, L::Elem::ONE / three));
    let zero = phi(L::Elem::from_f64(INFLECTION));
    check("phi(x_0)", zero, 0.0, 1.0, Tolerance::Rounded { roundings: 8 });
}
for_each_lanes!(native functions_match_their_integrals);

/// Both forms agree where the series ends, and phi is the slope of psi.
#[test]
fn series_and_closed_forms_meet() {
    let below = f64::from_bits(2f64.to_bits() - 1);
    assert!((phi(below) - phi(2.0)).abs() < 1e-15 && (psi(below) - psi(2.0)).abs() < 1e-15);
    for k in 1..600 {
        let (x, h) = (0.02 * f64::from(k), 1e-5);
        assert!(((psi(x + h) - psi(x - h)) / (2.0 * h) - phi(x)).abs() < 1e-9, "{x}");
        assert!(((sinc(x - h) - sinc(x + h)) / (2.0 * h) - psi(x)).abs() < 1e-9, "{x}");
    }
}

fn expectations_match_quadrature<L: Lanes>() {
    for seed in 0..20 {
        let mut random = Random(seed);
        let (m, k) = (1 + random.index(4), 1 + random.index(4));
        let (a, b) = (random.vector::<L::Elem>(m), random.vector::<L::Elem>(k));
        let mut frequencies = |count| -> Vec<L::Elem> {
            (0..count).map(|_| L::Elem::from_f64(random.uniform(0.1, 9.0))).collect()
        };
        let (w, v) = (frequencies(m), frequencies(k));
        let radius = random.uniform(0.2, 4.0) as f32;
        let (model, target) = (Sines::new(&a, &w).unwrap(), Sines::new(&b, &v).unwrap());
        assert_eq!(model.terms(), m);
        let sum = |a: &[L::Elem], w: &[L::Elem], x: f64| -> f64 {
            widen(a).iter().zip(widen(w)).map(|(a, w)| a * (w * x).sin()).sum()
        };
        let h = |x: f64| sum(&a, &w, x) - sum(&b, &v, x);
        let r = f64::from(radius);
        let radius = L::Elem::from_f64(r);
        // U = u R is rounded: an error of |U| eps, up to 72.
        let tolerance = Tolerance::Dot { len: 4 * (m + k) + 80 };
        let at = L::Elem::from_f64(0.5);
        check("F", model.value(at), sum(&a, &w, 0.5), m as f64, tolerance);
        let want = mean(r, |x| sum(&a, &w, x) * sum(&b, &v, x));
        let size = (m * k) as f64;
        check("E F G", model.product(target, radius), want, size, tolerance);
        let mut out = vec![L::Elem::ZERO; 2 * m];
        let square = model.gradient(target, radius, &mut out).unwrap();
        let size = ((m + k) as f64).powi(2) * (1.0 + r);
        check("E h^2", square, mean(r, |x| h(x).powi(2)), size, tolerance);
        let want: Vec<f64> = (0..2 * m)
            .map(|at| {
                let (a, w) = (a[at % m].to_f64(), w[at % m].to_f64());
                if at < m {
                    mean(r, |x| h(x) * (w * x).sin())
                } else {
                    mean(r, |x| h(x) * a * x * (w * x).cos())
                }
            })
            .collect();
        check_all("D^T h", &out, &want, &vec![size; 2 * m], tolerance);
    }
}
for_each_lanes!(native expectations_match_quadrature);

/// R(K*; h, h) of a random model and target within the hypotheses, one row of frequencies for all: +-R w_j at least mu apart.
fn quotient(random: &mut Random, m: usize, mu: f64, eta: f64, radius: f64) -> (f64, f64) {
    let mut at = -0.5 * mu;
    let w: Vec<f64> = (0..m)
        .map(|_| {
            at += mu * (1.0 + 0.2 * random.uniform(0.0, 1.0));
            at / radius
        })
        .collect();
    let near: Vec<f64> = w.iter().map(|w| w + random.uniform(-eta, eta) / radius).collect();
    let mut amplitudes = |least: f64| -> Vec<f64> {
        (0..m).map(|_| random.uniform(least, 1.5) * random.uniform(-1.0, 1.0).signum()).collect()
    };
    let (a, other) = (amplitudes(0.5), amplitudes(0.5));
    // Half of the draws differ in frequencies only, where the bound is tightest.
    let b = if random.index(2) == 0 { a.clone() } else { other };
    let (model, target) = (Sines::new(&a, &w).unwrap(), Sines::new(&b, &near).unwrap());
    let mut out = vec![0.0; 2 * m];
    let square = model.gradient(target, radius, &mut out).unwrap();
    let alpha = a.iter().fold(1.0, |least: f64, a| least.min(a * a));
    (out.iter().map(|v| v * v).sum::<f64>() / square, alpha)
}

/// 24 cases of 400 draws: the bound is never broken; without min(1, R^2/2) it is, for R < sqrt 2 only.
#[test]
fn the_bound_is_never_broken() {
    for (at, (m, mu, eta)) in
        [(1, 20.0, 0.3), (2, 60.0, 0.1), (3, 90.0, 0.05), (4, 2000.0, 0.01)].into_iter().enumerate()
    {
        let constants = Recovery::new(m, mu, eta);
        assert!(constants.wide() > 0.15, "{constants:?}");
        for (k, radius) in [0.1, 0.5, 1.0, 1.414, 2.0, 5.0].into_iter().enumerate() {
            let mut random = Random(100 * at as u64 + k as u64);
            let (mut wide, mut all) = (f64::INFINITY, f64::INFINITY);
            for _ in 0..400 {
                let (value, alpha) = quotient(&mut random, m, mu, eta, radius);
                wide = wide.min(value / (alpha * constants.wide()));
                all = all.min(value / (alpha * constants.at(radius)));
            }
            assert!(all >= 1.0, "m {m} mu {mu} R {radius}: {all}");
            assert!((wide >= 1.0) || radius < 2f64.sqrt(), "m {m} R {radius}: {wide}");
            if m == 4 && radius == 1.0 {
                // E (x cos)^2 = R^2/6 against 1/3.
                assert!((0.5..0.6).contains(&wide), "{wide}");
            }
        }
    }
}

fn constants_by_hand<L: Lanes>() {
    let t = L::Elem::from_f64;
    let tolerance = Tolerance::Rounded { roundings: 16 };
    // m = 2: distances mu twice, 2 mu once.
    let envelope = |x: f64| (1.0 + 4.0 / x.powi(4)).sqrt() / x + (1.0 + x.powi(-2)).sqrt() / x;
    let rho = 3.0 * (2.0 * envelope(60.0) + envelope(120.0));
    let constants = Recovery::new(2, t(60.0), t(0.1));
    check("rho", constants.rho, rho, rho, tolerance);
    check("kappa", constants.kappa, 0.994, 1.0, tolerance);
    let bound = (0.994 - rho) / 3.0;
    check("wide", constants.wide(), bound, 1.0, tolerance);
    check("at", constants.at(t(2.0)), bound, 1.0, tolerance);
    check("at", constants.at(t(0.5)), bound / 8.0, 1.0, tolerance);
}
for_each_lanes!(native constants_by_hand);

/// The envelopes are those of |phi| and |psi|.
#[test]
fn no_value_is_above_its_envelope() {
    for k in 1..20_000 {
        let x = 0.05 * f64::from(k);
        assert!(phi(x).abs() <= (1.0 + 4.0 / x.powi(4)).sqrt() / x * (1.0 + 1e-12), "phi at {x}");
        assert!(psi(x).abs() <= (1.0 + x.powi(-2)).sqrt() / x * (1.0 + 1e-12), "psi at {x}");
    }
}

#[test]
fn wrong_shapes_are_named() {
    assert_eq!(Sines::<f64>::new(&[], &[]).err(), Some(Error::Empty { dim: Dim::P }));
    let shape = |dim, expected, found| Some(Error::Shape { dim, expected, found });
    assert_eq!(Sines::new(&[1.0], &[1.0, 2.0]).err(), shape(Dim::A, 2, 1));
    let one = Sines::new(&[1.0], &[1.0]).unwrap();
    assert_eq!(one.gradient(one, 1.0, &mut [0.0; 3]).err(), shape(Dim::Output, 2, 3));
}
