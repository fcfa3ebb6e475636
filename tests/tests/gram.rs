//! The Gram step: the oracle's, the dense one's, and the dual coefficients that rebuild w.

use conformance::precision::{Tolerance, check, check_vector};
use conformance::{Problem, SIZES, Way, for_each_lanes, run, with_gram};
use reluflow::{Dim, Error, Lanes, NetViewMut, Real, Scale};

use crate::dense::{curvature, reference, time_step};
use crate::forward::zeros;

fn problem<L: Lanes>(seed: usize, size: (usize, usize, usize)) -> Problem<L::Elem> {
    let scale = if seed.is_multiple_of(2) { Scale::One } else { Scale::OneOverP };
    Problem::random(seed as u64, size, scale)
}

fn matches_the_oracle<L: Lanes>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let problem = problem::<L>(seed, (p, n, d));
        let ((mut net, data), s) = (problem.reference(), problem.s());
        let mut want_u = oracle::pre_activations(&net, &data);
        let (gram, mut want_dual) = (oracle::gram(&data), vec![0.0; p * n]);
        const STEPS: usize = 10;
        let dt = L::Elem::from_f64(time_step(&problem, STEPS));
        let (mut u, mut dual) = (zeros(p * n), zeros(p * n));
        with_gram::<L, _>(&problem, |state| {
            state.pre_activations(&mut u).unwrap();
            check_vector("u(0)", &u, &want_u, Tolerance::Dot { len: d });
            for step in 0..STEPS {
                let at = format!("step {step} p{p} n{n} d{d}");
                let got = state.step(dt);
                let want = oracle::gram_step(
                    &mut want_u,
                    &mut net.a,
                    &mut want_dual,
                    &gram,
                    &data.y,
                    s,
                    dt.to_f64(),
                );
                if step == 0 {
                    let tolerance = Tolerance::Loss { p, n, d };
                    let size = problem.magnitudes().loss;
                    check(format_args!("L {at}"), got.loss, want.0, size, tolerance);
                    // g (G g) sums the cross terms of |D|^2 one by one: as many terms again.
                    let tolerance = Tolerance::Curvature { p, n: 2 * n, d };
                    let (_, size) = curvature(&problem);
                    check(format_args!("mu {at}"), got.mu().unwrap(), want.1, size, tolerance);
                }
                let tolerance = Tolerance::Path { p, n, d, steps: step + 1 };
                check(format_args!("L {at}"), got.loss, want.0, want.0.max(1.0), tolerance);
                state.pre_activations(&mut u).unwrap();
                state.dual(&mut dual).unwrap();
                check_vector(format_args!("u {at}"), &u, &want_u, tolerance);
                check_vector(format_args!("dual {at}"), &dual, &want_dual, tolerance);
                check_vector(format_args!("a {at}"), state.a(), &net.a, tolerance);
            }
            assert!(state.health().is_good(), "{}", state.health());
        });
    }
}
for_each_lanes!(matches_the_oracle);

fn agrees_with_the_dense_step<L: Lanes>() {
    const STEPS: usize = 20;
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let problem = problem::<L>(seed, (p, n, d));
        let dt = time_step(&problem, STEPS);
        let want = reference(&problem, STEPS, dt);
        let got = run::<L>(&problem, Way::Gram, STEPS, dt);
        let (at, tolerance) =
            (format!("p{p} n{n} d{d}"), Tolerance::Path { p, n, d, steps: STEPS });
        check_vector(format_args!("w {at}"), &got.w, &want.w, tolerance);
        check_vector(format_args!("a {at}"), &got.a, &want.a, tolerance);
        check_vector(format_args!("L {at}"), &got.loss, &want.loss, tolerance);
    }
}
for_each_lanes!(agrees_with_the_dense_step);

/// w_j = w_j(0) + sum_i c_ji x_i, and its pre-activations are the state's u.
fn duals_rebuild_the_network<L: Lanes>() {
    const STEPS: usize = 10;
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let problem = problem::<L>(seed, (p, n, d));
        let dt = L::Elem::from_f64(time_step(&problem, STEPS));
        let (mut u, mut dual) = (zeros::<L::Elem>(p * n), zeros::<L::Elem>(p * n));
        let (mut w, mut a) = (zeros::<L::Elem>(p * d), zeros(p));
        with_gram::<L, _>(&problem, |state| {
            for _ in 0..STEPS {
                state.step(dt);
            }
            state.pre_activations(&mut u).unwrap();
            state.dual(&mut dual).unwrap();
            let mut net = NetViewMut::new(&mut w, &mut a, d).unwrap();
            state.write(problem.net(), problem.samples(), &mut net).unwrap();
            assert_eq!(state.a(), a);
        });
        let (mut net, data) = problem.reference();
        for j in 0..p {
            for i in 0..n {
                for k in 0..d {
                    net.w[j * d + k] += dual[j * n + i].to_f64() * data.x[i * d + k];
                }
            }
        }
        let at = format!("p{p} n{n} d{d}");
        check_vector(format_args!("w {at}"), &w, &net.w, Tolerance::Dot { len: n });
        let z = oracle::pre_activations(&net, &data);
        let tolerance = Tolerance::Path { p, n, d, steps: STEPS };
        check_vector(format_args!("u {at}"), &u, &z, tolerance);
    }
}
for_each_lanes!(duals_rebuild_the_network);

/// Bit for bit, duals included, from another start than the one saved.
fn a_restored_state_goes_on<L: Lanes>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let problem = problem::<L>(seed, (p, n, d));
        let dt = L::Elem::from_f64(time_step(&problem, 10));
        let (mut u, mut dual, mut a) = (zeros(p * n), zeros(p * n), zeros(p));
        let end = |state: &reluflow::Gram<'_, L>| {
            let mut dual = zeros(p * n);
            state.dual(&mut dual).unwrap();
            dual
        };
        let want = with_gram::<L, _>(&problem, |state| {
            (0..5).for_each(|_| _ = state.step(dt));
            state.pre_activations(&mut u).unwrap();
            state.dual(&mut dual).unwrap();
            a.copy_from_slice(state.a());
            ([(); 5].map(|()| state.step(dt)), end(state))
        });
        let got = with_gram::<L, _>(&problem, |state| {
            state.restore(&u, &dual, &a).unwrap();
            ([(); 5].map(|()| state.step(dt)), end(state))
        });
        assert_eq!(got, want, "p{p} n{n} d{d}");
    }
}
for_each_lanes!(a_restored_state_goes_on);

/// U(c): the pre-activations of the network that `write` gives, in f64, and the largest
/// |u| + sum_i |c_ji| |<x_i, x_k>|, to which every rounding of U and of a dual is relative.
fn of_duals<T: Real>(problem: &Problem<T>, dual: &[T]) -> (Vec<f64>, f64) {
    let (p, n, d) = (problem.p, problem.n, problem.d);
    let (mut net, data) = problem.reference();
    let gram = oracle::gram(&data);
    let mut size = 0.0f64;
    for j in 0..p {
        for k in 0..n {
            let terms = (0..n).map(|i| (dual[j * n + i].to_f64() * gram[i * n + k]).abs());
            size = size.max(terms.sum());
        }
        for i in 0..n {
            for k in 0..d {
                net.w[j * d + k] += dual[j * n + i].to_f64() * data.x[i * d + k];
            }
        }
    }
    let u = oracle::pre_activations(&net, &data);
    let largest = u.iter().fold(0.0f64, |most, u| most.max(u.abs()));
    (u, largest + size)
}

fn distance<T: Real>(u: &[T], want: &[f64]) -> f64 {
    u.iter().zip(want).map(|(u, want)| (u.to_f64() - want).abs()).fold(0.0, f64::max)
}

/// U leaves what the duals say by at most 2 eps a step, and a refresh takes it back: to rounding,
/// to the same bits when done twice, and without a touch on a, duals and the loss.
fn refresh_forgets_the_drift<L: Lanes>() {
    const STEPS: usize = 3000;
    let eps = L::Elem::EPSILON.to_f64();
    for (seed, (p, n, d)) in [(9, 17, 19), (16, 33, 40)].into_iter().enumerate() {
        let (problem, at) = (problem::<L>(seed, (p, n, d)), format!("p{p} n{n} d{d}"));
        let dt = L::Elem::from_f64(time_step(&problem, 10 * STEPS));
        let (mut u, mut dual) = (zeros(p * n), zeros(p * n));
        with_gram::<L, _>(&problem, |state| {
            for _ in 0..STEPS {
                state.step(dt);
            }
            // A step of length 0 only reports.
            let before = state.step(L::Elem::ZERO).loss;
            state.pre_activations(&mut u).unwrap();
            state.dual(&mut dual).unwrap();
            let (want, size) = of_duals(&problem, &dual);
            let drift = distance(&u, &want);
            assert!(drift <= 2.0 * eps * STEPS as f64 * size, "{at}: U drifts by {drift:e}");
            let a = state.a().to_vec();
            state.refresh(problem.net(), problem.samples()).unwrap();
            state.pre_activations(&mut u).unwrap();
            check_vector(&at, &u, &want, Tolerance::Dot { len: n + d });
            let left = distance(&u, &want);
            assert!(left < drift / 2.0, "{at}: {drift:e} before, {left:e} after");
            let (mut again, mut kept) = (zeros(p * n), zeros(p * n));
            state.refresh(problem.net(), problem.samples()).unwrap();
            state.pre_activations(&mut again).unwrap();
            state.dual(&mut kept).unwrap();
            assert_eq!((&again, &kept, state.a()), (&u, &dual, &a[..]), "{at}");
            let after = state.step(L::Elem::ZERO).loss;
            check(&at, after, before.to_f64(), 1.0, Tolerance::Path { p, n, d, steps: STEPS });

            // A state built at the written network has the same U to rounding.
            let (mut w, mut outer) = (zeros(p * d), zeros(p));
            state.restore(&u, &dual, &a).unwrap();
            let mut net = NetViewMut::new(&mut w, &mut outer, d).unwrap();
            state.write(problem.net(), problem.samples(), &mut net).unwrap();
            let rebuilt = Problem { w, a: outer, ..problem.clone() };
            with_gram::<L, _>(&rebuilt, |state| state.pre_activations(&mut again).unwrap());
            check_vector(&at, &again, &want, Tolerance::Dot { len: n + 2 * d });
        });
    }
}
for_each_lanes!(refresh_forgets_the_drift);

#[test]
fn refresh_refuses_other_sizes() {
    let problem = Problem::<f32>::random(1, (3, 4, 5), Scale::One);
    let at = |size| Problem::<f32>::random(1, size, Scale::One);
    let mut before = zeros(12);
    with_gram::<f32, _>(&problem, |state| {
        state.pre_activations(&mut before).unwrap();
        for (size, dim) in [((2, 4, 5), Dim::P), ((3, 5, 5), Dim::N), ((3, 4, 6), Dim::D)] {
            let other = at(size);
            let error = state.refresh(other.net(), other.samples()).unwrap_err();
            assert!(matches!(error, Error::Shape { dim: found, .. } if found == dim), "{error}");
        }
        let mut after = zeros(12);
        state.pre_activations(&mut after).unwrap();
        assert_eq!(after, before);
    });
}
