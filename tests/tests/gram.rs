//! The Gram step: the oracle's, the dense one's, and the dual coefficients that rebuild w.

use conformance::precision::{Tolerance, check, check_vector};
use conformance::{Problem, SIZES, Way, for_each_lanes, run, with_gram};
use host_runner::reference as oracle;
use reluflow::{Lanes, NetViewMut, Real, Scale};

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
