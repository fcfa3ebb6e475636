//! dL/dw and dL/da against the oracle and against finite differences.

use conformance::precision::{STEP, Tolerance, check, check_all};
use conformance::{Problem, Random, SIZES, for_each_lanes, with_dense};
use reluflow::{Lanes, Real, Scale};

use crate::forward::zeros;

/// (dL/dw, dL/da).
fn gradients<L: Lanes>(problem: &Problem<L::Elem>) -> (Vec<L::Elem>, Vec<L::Elem>) {
    let (mut w, mut a) = (zeros(problem.p * problem.d), zeros(problem.p));
    with_dense::<L, _>(problem, |state| {
        // Each callable alone, in any order, any number of times.
        state.grad_a(&mut a).unwrap();
        state.grad_w(&mut w).unwrap();
        let first = (w.clone(), a.clone());
        state.grad_w(&mut w).unwrap();
        state.grad_a(&mut a).unwrap();
        assert_eq!(first, (w.clone(), a.clone()));
    });
    (w, a)
}

fn matches_the_oracle<L: Lanes>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        for scale in [Scale::One, Scale::OneOverP] {
            let problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), scale);
            let ((net, data), s) = (problem.reference(), problem.s());
            let size = problem.magnitudes();
            let (w, a) = gradients::<L>(&problem);
            let (at, tolerance) =
                (format!("{scale:?} p{p} n{n} d{d}"), Tolerance::Backward { p, n, d });
            let want = oracle::grad_w(&net, &data, s);
            check_all(format_args!("dL/dw {at}"), &w, &want, &size.grad_w, tolerance);
            let want = oracle::grad_a(&net, &data, s);
            check_all(format_args!("dL/da {at}"), &a, &want, &size.grad_a, tolerance);
        }
    }
}
for_each_lanes!(matches_the_oracle);

fn matches_finite_differences<L: Lanes>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), Scale::OneOverP);
        let ((net, data), s, size) = (problem.reference(), problem.s(), problem.magnitudes());
        let (w, a) = gradients::<L>(&problem);
        let tolerance = Tolerance::Difference { p, n, d };
        let mut random = Random(seed as u64);
        for _ in 0..20 {
            let at = random.index(p * d);
            let loss = |step: f64| {
                let mut net = net.clone();
                net.w[at] += step;
                oracle::loss(&net, &data, s)
            };
            let want = (loss(STEP) - loss(-STEP)) / (2.0 * STEP);
            let size = size.grad_w[at] + size.loss;
            check(format_args!("dL/dw[{at}] p{p} n{n} d{d}"), w[at], want, size, tolerance);
        }
        for at in 0..p {
            let loss = |step: f64| {
                let mut net = net.clone();
                net.a[at] += step;
                oracle::loss(&net, &data, s)
            };
            let want = (loss(STEP) - loss(-STEP)) / (2.0 * STEP);
            let size_a = size.grad_a[at] + size.loss;
            check(format_args!("dL/da[{at}] p{p} n{n} d{d}"), a[at], want, size_a, tolerance);
        }
    }
}
for_each_lanes!(matches_finite_differences);

/// relu'(0) = 0: where z is exactly 0, whatever its sign, nothing flows.
fn a_pair_at_zero_has_no_gradient<L: Lanes>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let mut problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), Scale::One);
        let j = seed % p;
        for (k, w) in problem.w[j * d..(j + 1) * d].iter_mut().enumerate() {
            *w = if k % 2 == 0 { L::Elem::ZERO } else { -L::Elem::ZERO };
        }
        let (w, a) = gradients::<L>(&problem);
        assert!(w[j * d..(j + 1) * d].iter().all(|&w| w == L::Elem::ZERO), "p{p} n{n} d{d}");
        assert_eq!(a[j], L::Elem::ZERO);
    }
}
for_each_lanes!(a_pair_at_zero_has_no_gradient);
