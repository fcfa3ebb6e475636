//! What the data decide: the defect against Jacobi's exact value, extremes, Assumption 2, Lemma 5.

use conformance::precision::{Tolerance, check};
use conformance::{Problem, SIZES, for_each_lanes};
use reluflow::geometry::{
    assumption_3_probability, assumption_3_width, check_orthogonal, lemma_5_probability,
    lemma_5_width,
};
use reluflow::{Defect, Error, Geometry, Lanes, Real, Scale};

use crate::forward::zeros;

fn defect<L: Lanes>(problem: &Problem<L::Elem>, iterations: usize) -> Defect<L::Elem> {
    let mut memory = zeros(Defect::<L::Elem>::len(problem.n, problem.d));
    Defect::of::<L>(problem.samples(), iterations, &mut memory).unwrap()
}

fn defect_brackets_the_exact_value<L: Lanes>() {
    // Jacobi at n = 300 costs seconds; the kernel has no blocks here.
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate().filter(|(_, size)| size.1 < 151) {
        let problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), Scale::One);
        let (_, data) = problem.reference();
        let exact = oracle::defect_norm(&data);
        // X^T X v and D_X v cancel: the error is that of |X|^2, at most the trace.
        let gram = oracle::gram(&data);
        let trace: f64 = (0..n).map(|i| gram[i * n + i]).sum();
        let slack = Tolerance::Dot { len: n + d }.of::<L::Elem>(trace);
        for iterations in [0, 1, 3, 400] {
            let got = defect::<L>(&problem, iterations);
            let (lower, upper) = (got.lower.to_f64(), got.upper.to_f64());
            let at = format!("n{n} d{d} {iterations}: {exact} in {got:?}");
            assert!(lower <= exact + slack && exact <= upper + slack && lower <= upper, "{at}");
            // Frobenius is within sqrt(n) of the operator norm.
            assert!(upper <= (n as f64).sqrt() * exact + slack, "{at}");
            if iterations == 400 {
                // |A v| is within residual^2 of the eigenvalue it belongs to, from below.
                let loss = got.residual.to_f64().max(L::Elem::EPSILON.to_f64().sqrt());
                assert!(lower >= exact * (1.0 - loss) - slack, "{at}");
            }
        }
        let got = Defect::exact(L::Elem::from_f64(exact));
        assert_eq!((got.lower, got.upper, got.residual), (got.upper, got.lower, L::Elem::ZERO));
    }
}
for_each_lanes!(native defect_brackets_the_exact_value);

/// Two inputs with <x_1, x_2> = 2: eigenvalues +-2, the bracket closes.
fn defect_by_hand<L: Lanes>() {
    let t = |v: &[f64]| v.iter().map(|&v| L::Elem::from_f64(v)).collect::<Vec<_>>();
    let problem = Problem {
        p: 1,
        n: 2,
        d: 2,
        w: t(&[1.0, 0.0]),
        a: t(&[1.0]),
        x: t(&[1.0, 1.0, 2.0, 0.0]),
        y: t(&[1.0, -4.0]),
        scale: Scale::One,
    };
    let got = defect::<L>(&problem, 5);
    check("lower", got.lower, 2.0, 2.0, Tolerance::Dot { len: 8 });
    assert_eq!(got.upper, L::Elem::from_f64(2.0));
    let geometry = Geometry::of::<L>(problem.samples(), got);
    assert_eq!(geometry.n, 2);
    check("C_x^-", geometry.x_min, 2f64.sqrt(), 2.0, Tolerance::Rounded { roundings: 1 });
    let extremes = (geometry.x_max, geometry.y_min, geometry.y_max);
    assert_eq!(extremes, (L::Elem::from_f64(2.0), L::Elem::ONE, L::Elem::from_f64(4.0)));
    // 2 / (2 sqrt 2) / 4.
    let tolerance = Tolerance::Rounded { roundings: 6 };
    check("allowed", geometry.defect_allowed(), 0.25 / 2f64.sqrt(), 1.0, tolerance);
    check("C", geometry.theorem_1_constant(), 1.2, 1.2, tolerance);
    let zero = [L::Elem::ZERO; 2];
    check("bound", geometry.theorem_1(problem.samples(), &zero).unwrap(), 0.6, 0.6, tolerance);
}
for_each_lanes!(native defect_by_hand);

/// Yes, no, and undecided where the bracket straddles.
fn assumption_2_three_answers<L: Lanes>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate().filter(|(_, size)| size.1 < 50) {
        let problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), Scale::One);
        let (_, data) = problem.reference();
        let exact = oracle::defect_norm(&data);
        let geometry =
            Geometry::of::<L>(problem.samples(), Defect::exact(L::Elem::from_f64(exact)));
        let slack = oracle::assumption2_slack(&data);
        assert_eq!(geometry.assumption_2(), Some(slack >= 0.0), "n{n} d{d}: {slack}");
        let allowed = geometry.defect_allowed();
        let want = slack + exact;
        let tolerance = Tolerance::Dot { len: d + 6 };
        check(format_args!("n{n} d{d}"), allowed, want, want + exact, tolerance);
        let mut straddling = geometry;
        straddling.defect.lower = L::Elem::ZERO;
        straddling.defect.upper = allowed + allowed;
        assert_eq!(straddling.assumption_2(), None);
        straddling.defect.upper = allowed;
        assert_eq!(straddling.assumption_2(), Some(true));
    }
}
for_each_lanes!(native assumption_2_three_answers);

fn check_orthogonal_names_the_pair<L: Lanes>() {
    let zero = L::Elem::ZERO;
    for (seed, (p, n, d)) in crate::orthogonal::sizes().filter(|(_, size)| size.1 < 151) {
        let mut problem = Problem::<L::Elem>::orthogonal(seed as u64, (p, n, d), Scale::One);
        assert_eq!(check_orthogonal::<L>(problem.samples(), zero), Ok(()));
        check("defect", defect::<L>(&problem, 3).upper, 0.0, 10.0, Tolerance::Dot { len: n + d });
        if n < 3 {
            continue;
        }
        // Sample n - 1 gets a little of sample 1.
        for k in 0..d {
            let little = L::Elem::from_f64(1e-3) * problem.x[d + k];
            problem.x[(n - 1) * d + k] += little;
        }
        let loose = L::Elem::from_f64(0.1);
        assert_eq!(check_orthogonal::<L>(problem.samples(), loose), Ok(()));
        let failed = Err(Error::NotOrthogonal { i: 1, k: n - 1 });
        let tight = L::Elem::from_f64(1e-5);
        assert_eq!(check_orthogonal::<L>(problem.samples(), tight), failed);
        problem.x[(n - 1) * d] = L::Elem::from_f64(f64::NAN);
        let failed = Err(Error::NotOrthogonal { i: 0, k: n - 1 });
        assert_eq!(check_orthogonal::<L>(problem.samples(), loose), failed);
    }
}
for_each_lanes!(native check_orthogonal_names_the_pair);

/// Against the sum of the probabilities of all pairs of counts: k neurons see all positive samples with a_j > 0, l of the
/// others all negative ones with a_j < 0.
#[test]
fn assumption_3_matches_the_sum_over_counts() {
    let choose =
        |n: u32, k: u32| (0..k).map(|i| f64::from(n - i) / f64::from(i + 1)).product::<f64>();
    for (positive, negative) in [(0, 1), (1, 1), (2, 2), (3, 1), (1, 6), (8, 8)] {
        let [p, q] = [positive, negative].map(|k| 0.5f64.powi(k + 1));
        for m in [1u32, 2, 3, 10, 40] {
            let mut want = 0.0;
            for k in 1..=m {
                for l in 1..=m - k {
                    let rest = (1.0 - p - q).powi((m - k - l) as i32);
                    let seen = p.powi(k as i32) * q.powi(l as i32);
                    want += choose(m, k) * choose(m - k, l) * seen * rest;
                }
            }
            let found = assumption_3_probability(positive as usize, negative as usize, m.into());
            let tolerance = Tolerance::Rounded { roundings: 200 };
            check(
                format_args!("{positive}+{negative} m{m}"),
                found,
                want,
                want.max(1e-300),
                tolerance,
            );
        }
        for eps in [0.5, 0.05, 1e-6] {
            let of = |m: f64| assumption_3_probability(positive as usize, negative as usize, m);
            let m = assumption_3_width(positive as usize, negative as usize, eps).unwrap();
            assert!(of(m) >= 1.0 - eps && of(m - 1.0) < 1.0 - eps, "{positive}+{negative} {eps}");
        }
    }
    // Far below the rounding of 1, and far above every width: m^2 p q, and 2^{k+1} log(2/eps).
    let rare = assumption_3_probability(100, 90, 64.0);
    assert!((rare / (64.0 * 63.0 * 0.5f64.powi(192)) - 1.0).abs() < 1e-12, "{rare:e}");
    let wide = assumption_3_width(100, 100, 0.05).unwrap();
    assert!(
        (wide / (2f64.powi(101) * -(1.0 - 0.95f64.sqrt()).ln()) - 1.0).abs() < 1e-9,
        "{wide:e}"
    );
    assert_eq!(assumption_3_width(5000, 5000, 0.05), Some(f64::INFINITY));
    for eps in [0.0, 1.0, f64::NAN] {
        assert_eq!(assumption_3_width(2, 2, eps), None);
    }
}

#[test]
fn lemma_5_matches_the_oracle() {
    for n in [1, 2, 10, 100, 1300, 2100] {
        for p in [1, 2, 10, 35, 36, 50] {
            let want = oracle::lemma5_probability(n, p);
            let tolerance = Tolerance::Rounded { roundings: 4 };
            check(format_args!("n{n} p{p}"), lemma_5_probability(n, p), want, 1.0, tolerance);
        }
        for eps in [0.5, 0.05, 1e-6] {
            let width = lemma_5_width(n, eps).unwrap();
            assert_eq!(width, oracle::lemma5_width(n, eps).max(1), "n{n} eps{eps}");
            assert!(lemma_5_probability(n, width) >= 1.0 - eps);
            assert!(width == 1 || lemma_5_probability(n, width - 1) < 1.0 - eps);
        }
    }
    for eps in [0.0, -1.0, 1.0, 2.0, f64::NAN] {
        assert_eq!(lemma_5_width(10, eps), None);
    }
}
