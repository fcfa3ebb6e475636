//! Least squares, mirror descent and the mirror flow against plain loops in f64.

use conformance::for_each_lanes;
use conformance::precision::{Tolerance, check, check_vector};
use reluflow::mirror::descent::{Descent, Mirror, gradient, loss};
use reluflow::mirror::hypentropy::{divergence_sum, to_dual};
use reluflow::{Lanes, Real, SamplesView, Smooth};

use crate::support::{Problem, SIZES, least_squares, runge_kutta, wide};

/// -2 sqrt(beta^2 + r^2) grad F: the flow in beta.
fn primal(x: &[f64], y: &[f64], r: &[f64], beta: &[f64]) -> Vec<f64> {
    let gradient = least_squares(x, y, beta).1;
    let speed = beta.iter().zip(r).map(|(b, r)| -2.0 * b.hypot(*r));
    speed.zip(gradient).map(|(speed, g)| speed * g).collect()
}

/// (tolerance, what errors may be).
pub fn rule<L: Lanes>() -> (L::Elem, Tolerance) {
    let tolerance = if L::Elem::EPSILON.to_f64() > 1e-10 { 1e-5 } else { 1e-10 };
    (L::Elem::from_f64(tolerance), Tolerance::Flow { tolerance, units: 60.0 })
}

fn loss_and_gradient<L: Lanes>() {
    for m in SIZES {
        for n in [1, 2, 7, 17] {
            let problem = Problem::<L::Elem>::random(n, m);
            let (x, y, beta) = (wide(&problem.x), wide(&problem.y), wide(&problem.beta));
            let (want, want_gradient) = least_squares(&x, &y, &beta);
            let residuals = n as f64 * (m as f64 + 2.0);
            let tolerance = Tolerance::Backward { p: m, n, d: m };
            let samples = problem.samples();
            let mut got = vec![L::Elem::ZERO; m];
            check(
                "F",
                loss::<L>(samples, &problem.beta).unwrap(),
                want,
                residuals + want,
                tolerance,
            );
            let with = gradient::<L>(samples, &problem.beta, &mut got).unwrap();
            assert_eq!(with, loss::<L>(samples, &problem.beta).unwrap());
            for (got, want) in got.iter().zip(&want_gradient) {
                check("gradient", *got, *want, residuals, tolerance);
            }
            // The field is -2 of that at r sinh(u).
            let mut memory = vec![L::Elem::ZERO; Mirror::<L>::len(m)];
            let mut mirror = Mirror::<L>::new(samples, &problem.r, &mut memory).unwrap();
            let mut u = vec![L::Elem::ZERO; m];
            to_dual(&problem.beta, &problem.r, &mut u).unwrap();
            let at = mirror.velocity(&u, &mut got);
            check("F(u)", at, want, residuals + want, tolerance);
            for (got, want) in got.iter().zip(&want_gradient) {
                check("velocity", *got, -2.0 * want, 10.0 * residuals, tolerance);
            }
            check_vector("beta", mirror.beta(), &beta, Tolerance::Rounded { roundings: 20 });
            assert_eq!(mirror.r(), &problem.r[..]);
        }
    }
}
for_each_lanes!(every loss_and_gradient);

/// By hand: X = (1 2), y = 3, beta = (1, 0): residual -2, F = 2, gradient (-2, -4).
fn by_hand<L: Lanes>() {
    let t = |v: &[f64]| v.iter().map(|&v| L::Elem::from_f64(v)).collect::<Vec<_>>();
    let (x, y, beta) = (t(&[1.0, 2.0]), t(&[3.0]), t(&[1.0, 0.0]));
    let samples = SamplesView::new(&x, &y, 2).unwrap();
    let mut out = t(&[0.0, 0.0]);
    assert_eq!(gradient::<L>(samples, &beta, &mut out), Ok(L::Elem::from_f64(2.0)));
    assert_eq!(out, t(&[-2.0, -4.0]));
    // A step of 1/4 moves u by -2/4 of the gradient, to asinh(1) + 1 and 2.
    let r = t(&[1.0, 1.0]);
    let mut memory = t(&[0.0; 6]);
    let mut descent = Descent::<L>::new(samples, &r, &beta, &mut memory).unwrap();
    assert_eq!(descent.step(L::Elem::from_f64(0.25)), L::Elem::from_f64(2.0));
    let tolerance = Tolerance::Rounded { roundings: 4 };
    check_vector("u", descent.dual(), &[1f64.asinh() + 1.0, 2.0], tolerance);
    descent.beta(&mut out).unwrap();
    check_vector("beta", &out, &[(1f64.asinh() + 1.0).sinh(), 2f64.sinh()], tolerance);
}
for_each_lanes!(every by_hand);

/// A coordinate with r = 0 rests at 0; the others move as without it.
fn a_coordinate_without_r_rests<L: Lanes>() {
    let t = |v: &[f64]| v.iter().map(|&v| L::Elem::from_f64(v)).collect::<Vec<_>>();
    let (y, x, r, start) = (t(&[1.0]), t(&[1.0, 1.0]), t(&[0.0, 1.0]), t(&[0.0, 0.0]));
    let mut memory = t(&[0.0; 6]);
    let samples = SamplesView::new(&x, &y, 2).unwrap();
    let mut both = Descent::<L>::new(samples, &r, &start, &mut memory).unwrap();
    let mut memory = t(&[0.0; 3]);
    let samples = SamplesView::new(&x[..1], &y, 1).unwrap();
    let mut alone = Descent::<L>::new(samples, &r[1..], &start[..1], &mut memory).unwrap();
    for _ in 0..20 {
        assert_eq!(both.step(L::Elem::from_f64(0.1)), alone.step(L::Elem::from_f64(0.1)));
    }
    let mut out = t(&[7.0, 7.0]);
    both.beta(&mut out).unwrap();
    assert_eq!(out[0], L::Elem::ZERO);
    assert!(out[1] > L::Elem::from_f64(0.9));
}
for_each_lanes!(native a_coordinate_without_r_rests);

fn descent_is_the_textbook_loop<L: Lanes>() {
    let steps = 20;
    for (at, m) in SIZES.into_iter().enumerate() {
        let n = 1 + at % 5;
        let problem = Problem::<L::Elem>::random(n, m);
        let (x, y, r) = (wide(&problem.x), wide(&problem.y), wide(&problem.r));
        let dt = 0.02 / m as f64;
        let mut memory = vec![L::Elem::ZERO; Descent::<L>::len(m)];
        let mut descent =
            Descent::<L>::new(problem.samples(), &problem.r, &problem.beta, &mut memory).unwrap();
        let mut beta = wide(&problem.beta);
        let dt_rounded = L::Elem::from_f64(dt).to_f64();
        let mut last = f64::INFINITY;
        for _ in 0..steps {
            let (want, gradient) = least_squares(&x, &y, &beta);
            let tolerance = Tolerance::Path { p: m, n, d: m, steps };
            check("F", descent.step(L::Elem::from_f64(dt)), want, 10.0 + want, tolerance);
            assert!(want < last, "descends");
            last = want;
            for k in 0..m {
                let u = (beta[k] / r[k]).asinh() - 2.0 * dt_rounded * gradient[k];
                beta[k] = r[k] * u.sinh();
            }
        }
        let mut got = vec![L::Elem::ZERO; m];
        descent.beta(&mut got).unwrap();
        check_vector("beta", &got, &beta, Tolerance::Path { p: m, n, d: m, steps });
    }
}
for_each_lanes!(every descent_is_the_textbook_loop);

/// In the dual by Smooth, in the primal by Runge and Kutta; D falls at 4 F along it.
fn the_flow_is_that_of_beta<L: Lanes>() {
    let (tolerance, rule) = rule::<L>();
    for m in [1, 2, 3, 8, 9, 17] {
        let n = 1 + m / 2;
        let problem = Problem::<L::Elem>::random(n, m);
        let (x, y, r) = (wide(&problem.x), wide(&problem.y), wide(&problem.r));
        let (mut room, mut memory) =
            (vec![L::Elem::ZERO; m], vec![L::Elem::ZERO; Smooth::<L>::len(m)]);
        let mut u = vec![L::Elem::ZERO; m];
        to_dual(&problem.beta, &problem.r, &mut u).unwrap();
        let mut mirror = Mirror::<L>::new(problem.samples(), &problem.r, &mut room).unwrap();
        let mut flow = Smooth::<L>::new(&u, tolerance, &mut memory).unwrap();
        let mut velocity = |u: &[L::Elem], du: &mut [L::Elem]| {
            mirror.velocity(u, du);
        };
        assert!(flow.run(L::Elem::from_f64(0.5), 10_000, &mut velocity).unwrap());
        let mut got = vec![L::Elem::ZERO; m];
        let f = |beta: &[f64]| primal(&x, &y, &r, beta);
        reluflow::mirror::hypentropy::to_primal(flow.state(), &problem.r, &mut got).unwrap();
        let want = runge_kutta(wide(&problem.beta), 0.5, 4000, f);
        check_vector(format_args!("beta, m {m}"), &got, &want, rule);
        // dD(b, beta(t))/dt = <du/dt, beta - b> for any b, by a difference in time.
        let target = vec![L::Elem::from_f64(0.25); m];
        let dt = 1e-4;
        let divergence = |beta: &[f64]| {
            let beta: Vec<f64> = beta.to_vec();
            divergence_sum::<f64>(&wide(&target), &beta, &r).unwrap()
        };
        let (before, after) =
            (runge_kutta(want.clone(), -dt, 10, f), runge_kutta(want.clone(), dt, 10, f));
        let slope = (divergence(&after) - divergence(&before)) / (2.0 * dt);
        let gradient = least_squares(&x, &y, &want).1;
        let expected: f64 =
            gradient.iter().zip(&want).map(|(g, beta)| -2.0 * g * (beta - 0.25)).sum();
        assert!((slope - expected).abs() < 1e-4 * (1.0 + expected.abs()), "{slope} {expected}");
    }
}
for_each_lanes!(native the_flow_is_that_of_beta);
