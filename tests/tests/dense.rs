//! The dense step: loss, mu and weights after one step and after many, both scales.

use conformance::precision::{Tolerance, check, check_all, check_vector};
use conformance::{Problem, SIZES, Trace, Way, either_scale, for_each_lanes, run, with_dense};
use reluflow::{Lanes, Real, Scale};

/// What the oracle makes of the same run.
pub fn reference<T: Real>(problem: &Problem<T>, steps: usize, dt: f64) -> Trace<f64> {
    let ((mut net, data), s) = (problem.reference(), problem.s());
    let dt = T::from_f64(dt).to_f64();
    let step = |_| oracle::euler_step(&mut net, &data, s, dt);
    let (loss, mu) = (0..steps).map(step).unzip();
    Trace { loss, mu, w: net.w, a: net.a, health: reluflow::Health::default() }
}

/// The step length with which `steps` steps cover flow time 1 / mu(0), where the loss falls by about
/// e, unless that exceeds a quarter of the stability limit 2 / |M| (M of the flow R' = -M R).
pub fn time_step<T: Real>(problem: &Problem<T>, steps: usize) -> f64 {
    let ((net, data), s) = (problem.reference(), problem.s());
    let row = |row: &[f64]| row.iter().map(|g| g.abs()).sum::<f64>();
    let gram = oracle::gram(&data).chunks(data.n).map(row).fold(0.0, f64::max);
    let weights: f64 = net.w.iter().chain(&net.a).map(|v| v * v).sum();
    let stiffest = s * gram * weights / data.n as f64;
    (1.0 / (steps as f64 * oracle::curvature(&net, &data, s))).min(0.5 / stiffest)
}

/// mu of the oracle and its condition.
pub fn curvature<T: Real>(problem: &Problem<T>) -> (f64, f64) {
    let ((net, data), s, size) = (problem.reference(), problem.s(), problem.magnitudes());
    let (mu, loss) = (oracle::curvature(&net, &data, s), oracle::loss(&net, &data, s));
    let speed = size.grad_w.iter().chain(&size.grad_a).map(|g| g * g).sum::<f64>() / s;
    (mu, speed / loss + mu * size.loss / loss)
}

fn one_step_matches_the_oracle<L: Lanes>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        for scale in [Scale::One, Scale::OneOverP] {
            let problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), scale);
            let (at, size) = (format!("{scale:?} p{p} n{n} d{d}"), problem.magnitudes());
            let dt = time_step(&problem, 4);
            let (got, want) = (run::<L>(&problem, Way::Dense, 1, dt), reference(&problem, 1, dt));
            let tolerance = Tolerance::Loss { p, n, d };
            check(format_args!("L {at}"), got.loss[0], want.loss[0], size.loss, tolerance);
            let (mu, condition) = curvature(&problem);
            let tolerance = Tolerance::Curvature { p, n, d };
            check(format_args!("mu {at}"), got.mu[0], mu, condition, tolerance);
            let (net, _) = problem.reference();
            let moved = |from: &[f64], grad: &[f64]| -> Vec<f64> {
                let pairs = from.iter().zip(grad);
                pairs.map(|(from, grad)| from.abs() + dt * grad / problem.s()).collect()
            };
            let tolerance = Tolerance::Backward { p, n, d };
            let sizes = moved(&net.w, &size.grad_w);
            check_all(format_args!("w {at}"), &got.w, &want.w, &sizes, tolerance);
            let sizes = moved(&net.a, &size.grad_a);
            check_all(format_args!("a {at}"), &got.a, &want.a, &sizes, tolerance);
        }
    }
}
for_each_lanes!(one_step_matches_the_oracle);

fn many_steps_match_the_oracle<L: Lanes>() {
    const STEPS: usize = 30;
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let scale = either_scale(seed);
        let problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), scale);
        let dt = time_step(&problem, STEPS);
        let got = run::<L>(&problem, Way::Dense, STEPS, dt);
        let want = reference(&problem, STEPS, dt);
        let (at, tolerance) =
            (format!("p{p} n{n} d{d}"), Tolerance::Path { p, n, d, steps: STEPS });
        check_vector(format_args!("w {at}"), &got.w, &want.w, tolerance);
        check_vector(format_args!("a {at}"), &got.a, &want.a, tolerance);
        check_vector(format_args!("L {at}"), &got.loss, &want.loss, tolerance);
        assert!(got.health.is_good(), "{at}: {}", got.health);
    }
}
for_each_lanes!(many_steps_match_the_oracle);

/// The report of a step is the loss and the gradient that the state gives before it.
fn reports_its_own_loss_and_gradient<L: Lanes>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), Scale::OneOverP);
        let (mut w, mut a) = (vec![L::Elem::ZERO; p * d], vec![L::Elem::ZERO; p]);
        let (loss, step) = with_dense::<L, _>(&problem, |state| {
            state.grad_w(&mut w).unwrap();
            state.grad_a(&mut a).unwrap();
            let loss = state.loss();
            let step = state.step(L::Elem::ZERO);
            assert_eq!(state.a(), problem.a, "dt = 0 moves nothing");
            (loss, step)
        });
        let sum: f64 = w.iter().chain(&a).map(|g| g.to_f64().powi(2)).sum();
        let want = sum / problem.s() / loss.to_f64();
        let tolerance = Tolerance::Curvature { p, n, d };
        let size = curvature(&problem).1;
        check(format_args!("p{p} n{n} d{d}"), step.mu().unwrap(), want, size, tolerance);
        let tolerance = Tolerance::Rounded { roundings: 2 };
        check("loss", step.loss, loss.to_f64(), loss.to_f64(), tolerance);
    }
}
for_each_lanes!(reports_its_own_loss_and_gradient);

/// A network that fits exactly has loss 0 and no mu.
fn a_perfect_fit_has_no_curvature<L: Lanes>() {
    let one = L::Elem::ONE;
    let (w, a, x, y) = (vec![one; 2], vec![one; 1], vec![one; 2], vec![one + one]);
    let problem = Problem { p: 1, n: 1, d: 2, w, a, x, y, scale: Scale::One };
    let step = with_dense::<L, _>(&problem, |state| {
        let step = state.step(one);
        assert!(state.health().is_good(), "a fit is not a stall: {}", state.health());
        step
    });
    assert_eq!((step.loss, step.mu()), (L::Elem::ZERO, None));
}
for_each_lanes!(a_perfect_fit_has_no_curvature);
