//! What the flow conserves and what the network does not see: Lemma 1, Lemma 2, permutations,
//! rescalings.

use conformance::precision::{Tolerance, check, check_all, check_vector};
use conformance::{Problem, Random, SIZES, Way, for_each_lanes, run, with_dense};
use reluflow::curvature::balance_drift;
use reluflow::{Lanes, NetView, Real, Scale};

use crate::dense::time_step;
use crate::forward::zeros;

const WAYS: [Way; 3] = [Way::Dense, Way::Gram, Way::Orthogonal];

/// The same network with its neurons in another order.
fn permuted<T: Real>(problem: &Problem<T>, order: &[usize]) -> Problem<T> {
    let d = problem.d;
    let w = order.iter().flat_map(|&j| problem.w[j * d..(j + 1) * d].iter().copied()).collect();
    let a = order.iter().map(|&j| problem.a[j]).collect();
    Problem { w, a, ..problem.clone() }
}

fn neurons_may_be_permuted<L: Lanes>() {
    const STEPS: usize = 10;
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), Scale::OneOverP);
        let order = Random(seed as u64).permutation(p);
        let dt = time_step(&problem, STEPS);
        let first = run::<L>(&problem, Way::Dense, STEPS, dt);
        let other = run::<L>(&permuted(&problem, &order), Way::Dense, STEPS, dt);
        let ordered = permuted(&Problem { w: first.w, a: first.a, ..problem }, &order);
        let (want, _) = ordered.reference();
        let (at, tolerance) =
            (format!("p{p} n{n} d{d}"), Tolerance::Path { p, n, d, steps: STEPS });
        check_vector(format_args!("w {at}"), &other.w, &want.w, tolerance);
        check_vector(format_args!("a {at}"), &other.a, &want.a, tolerance);
        let want = conformance::widen(&first.loss);
        check_vector(format_args!("L {at}"), &other.loss, &want, tolerance);
    }
}
for_each_lanes!(neurons_may_be_permuted);

/// relu(c z) = c relu(z) for c > 0: c w and a / c give the same h; bit for bit where c is a power
/// of two.
fn layers_may_be_rescaled<L: Lanes>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), Scale::OneOverP);
        let predictions = |c: f64| {
            let c = L::Elem::from_f64(c);
            let w = problem.w.iter().map(|&w| c * w).collect();
            let a = problem.a.iter().map(|&a| a / c).collect();
            let mut h = zeros(n);
            let scaled = Problem { w, a, ..problem.clone() };
            with_dense::<L, _>(&scaled, |state| state.predictions(&mut h).unwrap());
            h
        };
        let plain = predictions(1.0);
        assert_eq!(predictions(8.0), plain, "p{p} n{n} d{d}");
        assert_eq!(predictions(0.25), plain, "p{p} n{n} d{d}");
        // Two networks, each rounded once more.
        let tolerance = Tolerance::Forward { p: 2 * p + 2, d: 2 * d };
        let sizes = problem.magnitudes().r;
        check_all("h", &predictions(3.0), &conformance::widen(&plain), &sizes, tolerance);
    }
}
for_each_lanes!(layers_may_be_rescaled);

/// Drift of Lemma 1 and gap of Lemma 2 after flow time T in steps of dt.
fn euler_errors<L: Lanes>(problem: &Problem<L::Elem>, way: Way, time: f64, dt: f64) -> (f64, f64) {
    let steps = (time / dt).round() as usize;
    // One more report, so that log L is known at T.
    let trace = run::<L>(problem, way, steps + 1, dt);
    let ended = run::<L>(problem, way, steps, dt);
    let net = NetView::new(&ended.w, &ended.a, problem.d).unwrap();
    let drift = balance_drift::<L>(net, problem.net()).unwrap().to_f64();
    let integral: f64 = trace.mu[..steps].iter().map(|mu| mu.to_f64() * dt).sum();
    let log = |step: usize| trace.loss[step].to_f64().ln();
    (drift, (log(steps) - log(0) + integral).abs())
}

/// Does any pair open or close within flow time T? Then the time of it jumps with the grid.
fn crosses_a_kink<T: Real>(problem: &Problem<T>, time: f64, dt: f64) -> bool {
    let ((mut net, data), s) = (problem.reference(), problem.s());
    let before = oracle::pattern(&net, &data);
    for _ in 0..(time / dt).round() as usize {
        oracle::euler_step(&mut net, &data, s, dt);
    }
    oracle::pattern(&net, &data) != before
}

/// Lemma 1, a_j^2 - |w_j|^2 is conserved, and Lemma 2, log L(t) = log L(0) - int mu: Euler misses
/// both by O(dt), so that half the step is half the error.
fn lemmas_1_and_2_to_first_order<L: Lanes>() {
    const TIME: f64 = 1.0;
    let mut smooth = 0;
    for seed in 0..12 {
        let problem = Problem::<L::Elem>::orthogonal(seed, (8, 5, 6), Scale::OneOverP);
        if crosses_a_kink(&problem, TIME, 1.0 / 256.0) {
            continue;
        }
        smooth += 1;
        for way in WAYS {
            let (drift, gap) = euler_errors::<L>(&problem, way, TIME, 1.0 / 128.0);
            let (half_drift, half_gap) = euler_errors::<L>(&problem, way, TIME, 1.0 / 256.0);
            let at = format!("{way:?} seed {seed}");
            assert!(half_drift > 0.0 && half_gap > 0.0, "{at}: Euler is not exact");
            for (what, ratio) in [("drift", drift / half_drift), ("gap", gap / half_gap)] {
                let ratio = L::Elem::from_f64(ratio);
                check(format_args!("{what} {at}"), ratio, 2.0, 1.0, Tolerance::Halving);
            }
        }
    }
    assert!(smooth >= 3, "{smooth}");
}
for_each_lanes!(native lemmas_1_and_2_to_first_order);

/// The loss falls at every small step, in every way, at both scales.
fn the_loss_falls<L: Lanes>() {
    for way in WAYS {
        for scale in [Scale::One, Scale::OneOverP] {
            let problem = Problem::<L::Elem>::orthogonal(6, (9, 17, 20), scale);
            let trace = run::<L>(&problem, way, 100, time_step(&problem, 100));
            assert!(trace.loss.windows(2).all(|pair| pair[1] < pair[0]), "{way:?} {scale:?}");
        }
    }
}
for_each_lanes!(the_loss_falls);
