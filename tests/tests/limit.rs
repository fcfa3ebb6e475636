//! Where a small start goes: the minimum norm, D_+ and D_-, S_+ and S_-.

use conformance::precision::{Tolerance, check, check_all};
use conformance::{Problem, SIZES, Way, for_each_lanes, run};
use reluflow::limit::{Sign, carriers, carries, direction, minimum_norm};
use reluflow::{Error, Health, Lanes, Real, Scale};

use crate::forward::zeros;

/// The two inputs of the first experiment of paper `orthogonal`.
pub fn two_points<T: Real>(p: usize) -> Problem<T> {
    let t = |v: &[f64]| v.iter().map(|&v| T::from_f64(v)).collect::<Vec<_>>();
    let (x, y) = (t(&[-0.5, 1.0, 2.0, 1.0]), t(&[-1.0, 1.0]));
    Problem { p, n: 2, d: 2, w: zeros(2 * p), a: zeros(p), x, y, scale: Scale::One }
}

fn published_case<L: Lanes>() {
    let problem = two_points::<L::Elem>(1);
    let tolerance = Tolerance::Rounded { roundings: 10 };
    // 2 (1/sqrt 5 + 1/sqrt 1.25) = 2.6832816; 2n(|D_+| + |D_-|) would be 6.7082.
    let want = 2.0 * (0.2f64.sqrt() + 0.8f64.sqrt());
    assert!((want - 2.683_281_6).abs() < Tolerance::Rounded { roundings: 1 }.of::<f32>(1.0));
    check("norm", minimum_norm::<L>(problem.samples()).unwrap(), want, want, tolerance);
    let mut out = zeros(2);
    let plus = direction::<L>(problem.samples(), Sign::Plus, &mut out).unwrap();
    assert_eq!(out, [L::Elem::ONE, L::Elem::from_f64(0.5)]);
    check("|D+|", plus, 1.25f64.sqrt(), 1.0, tolerance);
    let minus = direction::<L>(problem.samples(), Sign::Minus, &mut out).unwrap();
    assert_eq!(out, [L::Elem::from_f64(0.25), L::Elem::from_f64(-0.5)]);
    check("|D-|", minus, 0.3125f64.sqrt(), 1.0, tolerance);
}
for_each_lanes!(native published_case);

fn matches_the_oracle<L: Lanes>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let mut problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), Scale::One);
        // One neuron on the boundary of every half space belongs to both sets but for its sign.
        problem.w[..d].fill(L::Elem::ZERO);
        let (net, data) = problem.reference();
        let at = format!("p{p} n{n} d{d}");
        let want = oracle::minimum_norm(&data);
        let tolerance = Tolerance::Dot { len: n + d + 6 };
        let got = minimum_norm::<L>(problem.samples()).unwrap();
        check(format_args!("norm {at}"), got, want, want, tolerance);

        let mut out = zeros(d);
        for (sign, want, set) in [
            (Sign::Plus, oracle::d_plus(&data), oracle::s_plus(&net, &data)),
            (Sign::Minus, oracle::d_minus(&data), oracle::s_minus(&net, &data)),
        ] {
            let norm = direction::<L>(problem.samples(), sign, &mut out).unwrap();
            let sizes = vec![2.0; d];
            check_all(format_args!("{sign:?} {at}"), &out, &want, &sizes, tolerance);
            let want = want.iter().map(|v| v * v).sum::<f64>().sqrt();
            check(format_args!("{sign:?} {at}"), norm, want, 2.0 * d as f64, tolerance);
            assert_eq!(carriers::<L>(problem.net(), problem.samples(), sign), Ok(set.len()));
            for (j, (w, &a)) in problem.net().rows().zip(problem.net().a()).enumerate() {
                let carries = carries::<L>(w, a, problem.samples(), sign);
                assert_eq!(carries, set.contains(&j), "{sign:?} {j} {at}");
            }
        }
        problem.x[(n - 1) * d..].fill(L::Elem::ZERO);
        assert_eq!(minimum_norm::<L>(problem.samples()), Err(Error::ZeroSample { i: n - 1 }));
    }
}
for_each_lanes!(native matches_the_oracle);

/// From a balanced start of size 1e-6 the flow ends at the minimum norm, having passed the saddle
/// at half the loss.
fn the_flow_ends_there<L: Lanes>() {
    let mut problem = two_points::<L::Elem>(20);
    let mut rng = reluflow::init::stream(1, "two-point", 0, 0);
    let mut net = reluflow::NetViewMut::new(&mut problem.w, &mut problem.a, 2).unwrap();
    reluflow::init::balanced::<L>(&mut net, 1e-6, &mut rng);
    let trace = run::<L>(&problem, Way::Orthogonal, 12_000, 4e-3);
    let norm: f64 = trace.w.iter().chain(&trace.a).map(|v| v.to_f64().powi(2)).sum();
    let want = minimum_norm::<L>(problem.samples()).unwrap().to_f64();
    // The excess is that of the start's scale and of Euler's drift of the balance.
    let tolerance = Tolerance::FirstOrder { dt: 4e-3, constant: 0.05 };
    check("norm", L::Elem::from_f64(norm), want, want, tolerance);
    let near = Tolerance::FirstOrder { dt: 4e-3, constant: 0.1 }.of::<L::Elem>(1.0);
    let at =
        |level: f64| trace.loss.iter().filter(|loss| (loss.to_f64() - level).abs() < near).count();
    assert!(at(0.5) > 500 && at(0.25) > 500 && at(0.0) > 500, "the two saddles and the end");
    // At the end nothing moves any more.
    assert!(Health::STALLED.contains(trace.health), "{}", trace.health);
}
for_each_lanes!(native the_flow_ends_there);
