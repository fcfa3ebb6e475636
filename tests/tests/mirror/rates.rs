//! Constants and bounds by hand; one coordinate in closed form; the bounds along a flow.

use conformance::for_each_lanes;
use conformance::precision::{Tolerance, check};
use reluflow::mirror::descent::Mirror;
use reluflow::mirror::hypentropy::{divergence, divergence_sum, to_dual, to_primal};
use reluflow::mirror::rates::{Rates, relaxation};
use reluflow::{Lanes, Real, SamplesView, Smooth};

use crate::support::{runge_kutta, wide};

/// The paper's own figures: inf r = .13, |X^(T+)| = 1.5, M = 14, m = 50 give .058 and 1.7e-5.
fn by_hand<L: Lanes>() {
    let t = L::Elem::from_f64;
    let rates = Rates::new(t(0.125), t(2.0), t(4.0), 8);
    let close = Tolerance::Rounded { roundings: 16 };
    check("kappa 1", rates.kappa_1, 0.03125, 0.03125, close);
    // C = 16 log(1 + 8) = 32 log 3.
    let want = (64.0 * 3f64.ln()).powi(-2);
    check("kappa 2", rates.kappa_2, want, want, close);
    check("exponential", rates.exponential(t(3.0), t(32.0)), 3.0 / 1f64.exp(), 3.0, close);
    let want = 1.0 / (want * 1e4 + 1.0 / 3.0);
    check("hyperbolic", rates.hyperbolic(t(3.0), t(1e4)), want, want, close);
    assert_eq!(rates.exponential(t(3.0), t(0.0)), t(3.0));
    assert_eq!(rates.hyperbolic(t(3.0), t(0.0)), t(3.0));
    let paper = Rates::new(t(0.13), t(1.5), t(14.0), 50);
    assert!((paper.kappa_1.to_f64() - 0.058).abs() < 5e-4);
    assert!((paper.kappa_2.to_f64() - 1.6e-5).abs() < 1e-6);
}
for_each_lanes!(native by_hand);

fn relaxation_solves_its_equation<L: Lanes>() {
    // In f64 the reference, 20000 steps, is the less exact of the two.
    let close = Tolerance::Rounded { roundings: 200 };
    for (x, r, start) in
        [(1.0, 1.0, 2.0), (0.5, 0.125, -3.0), (2.0, 1e-6, 1.0), (1.0, 100.0, 0.5), (1.5, 0.0, 4.0)]
    {
        let f = |b: &[f64]| vec![-2.0 * b[0].hypot(r) * x * x * b[0]];
        for t in [0.0, 0.01, 0.3, 2.0] {
            // Steps longer than the time scale are no reference.
            if x * x * r * t > 5.0 {
                continue;
            }
            let want = runge_kutta(vec![start], t, 20_000, f)[0];
            let e = L::Elem::from_f64;
            let got = relaxation(e(x), e(r), e(start), e(t));
            let slack = 1.0 + 2.0 * x * x * r * t;
            check(format_args!("{x} {r} {start} {t}"), got, want, slack * want.abs(), close);
        }
    }
    assert_eq!(relaxation(L::Elem::ONE, L::Elem::ONE, L::Elem::ZERO, L::Elem::ONE), L::Elem::ZERO);
}
for_each_lanes!(native relaxation_solves_its_equation);

/// From one start on one sample: any r > 0 decays at 4 x^2 r in the end, and r = 0 as 1/t, exactly.
fn slower_than_any_rate<L: Lanes>() {
    let e = L::Elem::from_f64;
    for r in [1e-2, 1e-4, 1e-6] {
        let d = |t: f64| {
            divergence(L::Elem::ZERO, relaxation(L::Elem::ONE, e(r), L::Elem::ONE, e(t)), e(r))
        };
        // Half is left at 1/2, however small r is; a thousandth not before 1/r^(1/2).
        assert!((d(0.5).to_f64() - 0.5).abs() < 3.0 * r);
        let (early, late) = (d(10.0 / r).to_f64(), d(11.0 / r).to_f64());
        if early > 0.0 && late > 0.0 {
            let rate = (early / late).ln();
            assert!((rate - 4.0).abs() < 1e-3, "{rate}");
        }
    }
    for t in [0.5, 4.0, 1e6] {
        let d = divergence(L::Elem::ZERO, relaxation(e(1.0), e(0.0), e(2.0), e(t)), e(0.0));
        let want = 1.0 / (2.0 * t + 0.5);
        check("1/t", d, want, want, Tolerance::Rounded { roundings: 16 });
    }
}
for_each_lanes!(native slower_than_any_rate);

/// Orthogonal features, so that |X^(T+)| is known; neither bound is crossed on the way to the limit.
fn bounds_are_never_crossed<L: Lanes>() {
    let e = L::Elem::from_f64;
    let x = [3.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5].map(e);
    let y = [1.0, -1.0].map(e);
    let r = [0.25, 0.01, 0.5, 0.25].map(e);
    let samples = SamplesView::new(&x, &y, 4).unwrap();
    let mut u = [L::Elem::ZERO; 4];
    to_dual(&[0.1, 0.0, -0.2, 0.3].map(e), &r, &mut u).unwrap();
    let mut room = [L::Elem::ZERO; 4];
    let mut mirror = Mirror::<L>::new(samples, &r, &mut room).unwrap();
    let mut memory = vec![L::Elem::ZERO; Smooth::<L>::len(4)];
    let tolerance = if L::Elem::EPSILON.to_f64() > 1e-10 { 1e-5 } else { 1e-10 };
    let mut flow = Smooth::<L>::new(&u, e(tolerance), &mut memory).unwrap();
    let mut field = |u: &[L::Elem], du: &mut [L::Elem]| {
        mirror.velocity(u, du);
    };
    let mut path = vec![(L::Elem::ZERO, [L::Elem::ZERO; 4])];
    to_primal(&u, &r, &mut path[0].1).unwrap();
    while !flow.advance(e(100.0), &mut field).unwrap() {
        let mut beta = [L::Elem::ZERO; 4];
        to_primal(flow.state(), &r, &mut beta).unwrap();
        path.push((flow.t(), beta));
    }
    let limit = path.last().unwrap().1;
    let l1 = path.iter().map(|(_, beta)| wide(beta).iter().map(|b| b.abs()).sum::<f64>());
    let rates = Rates::new(e(0.01), e(2f64.sqrt()), e(l1.fold(0.0, f64::max)), 4);
    let d0 = divergence_sum::<L>(&limit, &path[0].1, &r).unwrap();
    for (t, beta) in &path {
        let d = divergence_sum::<L>(&limit, beta, &r).unwrap();
        assert!(d <= rates.exponential(d0, *t) && d <= rates.hyperbolic(d0, *t), "{t} {d}");
    }
    assert!(path.len() > 20);
}
for_each_lanes!(native bounds_are_never_crossed);
