//! The orthogonal step: the oracle's, the dense one's, dead pairs, and the way back to w.

use conformance::precision::{Tolerance, check, check_vector};
use conformance::{Problem, SIZES, Way, for_each_lanes, run, with_orthogonal};
use reluflow::{Lanes, NetViewMut, Real, Scale};

use crate::dense::{curvature, reference, time_step};
use crate::forward::zeros;

/// The grid with as many dimensions as orthogonality needs, some with and some without a direction
/// that no sample sees.
pub fn sizes() -> impl Iterator<Item = (usize, (usize, usize, usize))> {
    SIZES.into_iter().map(|(p, n, d)| (p, n, n + d % 4)).enumerate()
}

pub fn problem<L: Lanes>(seed: usize, size: (usize, usize, usize)) -> Problem<L::Elem> {
    let scale = if seed.is_multiple_of(2) { Scale::One } else { Scale::OneOverP };
    Problem::orthogonal(seed as u64, size, scale)
}

fn matches_the_oracle<L: Lanes>() {
    for (seed, (p, n, d)) in sizes() {
        let problem = problem::<L>(seed, (p, n, d));
        let ((mut net, data), s) = (problem.reference(), problem.s());
        let mut want_u = oracle::pre_activations(&net, &data);
        let gram = oracle::gram(&data);
        let norm_sq: Vec<f64> = (0..n).map(|i| gram[i * n + i]).collect();
        const STEPS: usize = 25;
        let dt = L::Elem::from_f64(time_step(&problem, STEPS));
        let mut u = zeros(p * n);
        with_orthogonal::<L, _>(&problem, |state| {
            state.pre_activations(&mut u).unwrap();
            let tolerance = Tolerance::Dot { len: d };
            check_vector("u(0)", &u, &want_u, tolerance);
            for step in 0..STEPS {
                let at = format!("step {step} p{p} n{n} d{d}");
                let got = state.step(dt);
                let want = oracle::orthogonal_step(
                    &mut want_u,
                    &mut net.a,
                    &norm_sq,
                    &data.y,
                    s,
                    dt.to_f64(),
                );
                if step == 0 {
                    let tolerance = Tolerance::Loss { p, n, d };
                    let size = problem.magnitudes().loss;
                    check(format_args!("L {at}"), got.loss, want.0, size, tolerance);
                    let tolerance = Tolerance::Curvature { p, n, d };
                    let (_, size) = curvature(&problem);
                    check(format_args!("mu {at}"), got.mu().unwrap(), want.1, size, tolerance);
                }
                let tolerance = Tolerance::Path { p, n, d, steps: step + 1 };
                check(format_args!("L {at}"), got.loss, want.0, want.0.max(1.0), tolerance);
                state.pre_activations(&mut u).unwrap();
                check_vector(format_args!("u {at}"), &u, &want_u, tolerance);
                check_vector(format_args!("a {at}"), state.a(), &net.a, tolerance);
            }
            assert!(state.health().is_good(), "{}", state.health());
        });
    }
}
for_each_lanes!(matches_the_oracle);

/// On orthogonal data the three steps are one.
fn all_three_ways_agree<L: Lanes>() {
    const STEPS: usize = 30;
    for (seed, (p, n, d)) in sizes() {
        let problem = problem::<L>(seed, (p, n, d));
        let dt = time_step(&problem, STEPS);
        let want = reference(&problem, STEPS, dt);
        for way in [Way::Dense, Way::Gram, Way::Orthogonal] {
            let got = run::<L>(&problem, way, STEPS, dt);
            let at = format!("{way:?} p{p} n{n} d{d}");
            let tolerance = Tolerance::Path { p, n, d, steps: STEPS };
            check_vector(format_args!("w {at}"), &got.w, &want.w, tolerance);
            check_vector(format_args!("a {at}"), &got.a, &want.a, tolerance);
            check_vector(format_args!("L {at}"), &got.loss, &want.loss, tolerance);
            check_vector(format_args!("mu {at}"), &got.mu, &want.mu, tolerance);
        }
    }
}
for_each_lanes!(all_three_ways_agree);

/// A pair with u_ji <= 0 keeps its bits, also at exactly 0, whatever the step.
fn dead_pairs_never_revive<L: Lanes>() {
    for (seed, (p, n, d)) in sizes() {
        let mut problem = problem::<L>(seed, (p, n, d));
        let j = seed % p;
        problem.w[j * d..(j + 1) * d].fill(L::Elem::ZERO);
        let (mut before, mut after) = (zeros(p * n), zeros(p * n));
        with_orthogonal::<L, _>(&problem, |state| {
            state.pre_activations(&mut before).unwrap();
            for _ in 0..200 {
                state.step(L::Elem::from_f64(0.05));
                state.pre_activations(&mut after).unwrap();
                for (at, (before, after)) in before.iter().zip(&after).enumerate() {
                    let dead = *before <= L::Elem::ZERO;
                    assert!(!dead || before.bits() == after.bits(), "pair {at} p{p} n{n}");
                }
                before.copy_from_slice(&after);
            }
        });
        assert!(after[j * n..(j + 1) * n].iter().all(|&u| u == L::Elem::ZERO));
    }
}
for_each_lanes!(dead_pairs_never_revive);

/// `write` gives a network with the state's u, and leaves alone what no sample sees.
fn write_rebuilds_the_network<L: Lanes>() {
    for (seed, (p, n, d)) in sizes() {
        let mut problem = problem::<L>(seed, (p, n, d));
        // One more coordinate, zero in every sample.
        let widen = |rows: &[L::Elem], last: f64| -> Vec<L::Elem> {
            rows.chunks(d).flat_map(|row| [row, &[L::Elem::from_f64(last)]].concat()).collect()
        };
        (problem.w, problem.x, problem.d) =
            (widen(&problem.w, 0.75), widen(&problem.x, 0.0), d + 1);
        let dt = L::Elem::from_f64(time_step(&problem, 10));
        let (mut u, mut w, mut a) = (zeros(p * n), zeros(p * (d + 1)), zeros(p));
        with_orthogonal::<L, _>(&problem, |state| {
            for _ in 0..10 {
                state.step(dt);
            }
            state.pre_activations(&mut u).unwrap();
            let mut net = NetViewMut::new(&mut w, &mut a, d + 1).unwrap();
            state.write(problem.net(), problem.samples(), &mut net).unwrap();
            assert_eq!(state.a(), a);
        });
        assert!(w.chunks(d + 1).all(|row| row[d] == L::Elem::from_f64(0.75)));
        let written = Problem { w, ..problem.clone() };
        let (net, data) = written.reference();
        let z = oracle::pre_activations(&net, &data);
        check_vector(format_args!("p{p} n{n} d{d}"), &u, &z, Tolerance::Dot { len: 4 * d });
    }
}
for_each_lanes!(write_rebuilds_the_network);

/// Bit for bit, from another start than the one saved.
fn a_restored_state_goes_on<L: Lanes>() {
    for (seed, (p, n, d)) in sizes() {
        let problem = problem::<L>(seed, (p, n, d));
        let dt = L::Elem::from_f64(time_step(&problem, 10));
        let (mut u, mut a) = (zeros(p * n), zeros(p));
        let want = with_orthogonal::<L, _>(&problem, |state| {
            (0..5).for_each(|_| _ = state.step(dt));
            state.pre_activations(&mut u).unwrap();
            a.copy_from_slice(state.a());
            [(); 5].map(|()| state.step(dt))
        });
        let got = with_orthogonal::<L, _>(&problem, |state| {
            state.restore(&u, &a).unwrap();
            [(); 5].map(|()| state.step(dt))
        });
        assert_eq!(got, want, "p{p} n{n} d{d}");
    }
}
for_each_lanes!(a_restored_state_goes_on);
