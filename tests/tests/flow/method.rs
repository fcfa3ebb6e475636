//! The integrator on smooth stretches: its order, that of the interpolant, closed forms.

use conformance::precision::{Tolerance, check};
use conformance::{Problem, Random};
use reluflow::flow::tableau::{narrow, weights};
use reluflow::flow::{Advance, Coordinates, Event, Rules};
use reluflow::{Lanes, NetViewMut, Real, Scale};

use crate::support::{Data, Task, by_hand, reference, slope};

const BOTH: [Coordinates; 2] = [Coordinates::Cartesian, Coordinates::Polar];

/// Nothing meets a kink: all inputs, weights and targets are positive, and r stays so.
fn smooth(orthogonal: bool) -> Problem<f64> {
    let mut random = Random(5);
    let mut positive = |len: usize, low: f64, high: f64| -> Vec<f64> {
        (0..len).map(|_| random.uniform(low, high)).collect()
    };
    let mut x = positive(12, 0.2, 1.0);
    if orthogonal {
        x.iter_mut().enumerate().filter(|(at, _)| at % 4 != at / 4).for_each(|(_, x)| *x = 0.0);
    }
    let (w, a, y) = (positive(20, 0.1, 0.6), positive(5, 0.1, 0.6), positive(3, 4.0, 8.0));
    by_hand((&w, &a), (&x, &y), Scale::One)
}

/// Fixed steps: order 5 of the state (6.3 where the leading term is small), at least 4 of the loss inside a step.
#[test]
fn orders_are_measured() {
    let end = 1.0;
    for (orthogonal, coordinates) in BOTH.into_iter().flat_map(|c| [(false, c), (true, c)]) {
        let problem = smooth(orthogonal);
        let (net, data) = problem.reference();
        let truth = oracle::Flow::new(&net, &data, 1.0, 1e-14);
        let (mut states, mut losses) = (Vec::new(), Vec::new());
        for steps in [6, 9, 14, 20, 30] {
            let length = end / f64::from(steps);
            // So large a tolerance never binds.
            let rules = Rules { coordinates, longest: length, ..Rules::plain(1.0) };
            let data = if orthogonal { Data::Orthogonal } else { Data::Any };
            let task = Task { data, ..Task::new(&problem, rules, end) };
            let run = task.run::<f64>();
            assert!(run.events.is_empty() && run.certificate.rejected == 0);
            assert!(run.certificate.steps.abs_diff(steps as u64) <= 1);
            let times: Vec<f64> = (1..20).map(|k| end * f64::from(k) / 20.0).collect();
            let truth = truth.run(end, &[], &times).unwrap();
            assert!(truth.events.is_empty());
            let worst = task.with::<f64, _>(|flow, _| {
                let (mut worst, mut seen) = (0.0f64, 0);
                while flow.advance(end, &mut |_: Event<f64>| ()).unwrap() != Advance::Arrived {
                    for at in truth.snapshots.iter().skip(seen) {
                        let Some(loss) = flow.loss_at(at.t) else { break };
                        worst = worst.max((loss - at.loss).abs());
                        seen += 1;
                    }
                }
                assert_eq!((seen, flow.loss_at(2.0 * end), flow.loss_at(0.0)), (19, None, None));
                worst
            });
            states.push((length.ln(), oracle::theta_error(&run.net, &truth.end.net).ln()));
            losses.push((length.ln(), worst.ln()));
        }
        let (state, loss) = (slope(&states), slope(&losses));
        assert!((4.7..6.6).contains(&state), "{coordinates:?} {orthogonal}: {state} {states:?}");
        assert!(loss > 4.0, "{coordinates:?} {orthogonal}: {loss} {losses:?}");
    }
}

/// The network written inside a step has the loss of that time, and a leap ends where it is told to.
#[test]
fn a_look_inside_a_step_and_a_pause_in_a_leap() {
    let (problem, end) = (smooth(false), 1.0);
    let (mut w, mut a) = (problem.w.clone(), problem.a.clone());
    let task = Task::new(&problem, Rules::plain(1e-6), end);
    let looks = task.with::<f64, _>(|flow, start| {
        let mut looks = 0;
        while let Advance::Step(length) = flow.advance(end, &mut |_: Event<f64>| ()).unwrap() {
            let at = flow.t() - 0.3 * length;
            let mut net = NetViewMut::new(&mut w, &mut a, problem.d).unwrap();
            assert!(flow.write_at(at, start, problem.samples(), &mut net).unwrap());
            let product =
                |x: &[f64], y: &[f64]| -> f64 { x.iter().zip(y).map(|(x, y)| x * y).sum() };
            let squares = problem.x.chunks(problem.d).zip(&problem.y).map(|(x, y)| {
                let h: f64 =
                    w.chunks(problem.d).zip(&a).map(|(w, a)| a * product(w, x).max(0.0)).sum();
                (y - h).powi(2)
            });
            let loss = squares.sum::<f64>() / (2 * problem.n) as f64;
            assert!((loss - flow.loss_at(at).unwrap()).abs() < 1e-12 * (1.0 + loss), "t = {at}");
            looks += 1;
        }
        looks
    });
    assert!(looks > 3, "{looks}");
    let tiny = Task { log_scale: -50.0, ..Task::new(&problem, Rules::new(1e-6), end) };
    tiny.with::<f64, _>(|flow, start| {
        flow.pause_leaps_at(0.25);
        let go = |flow: &mut reluflow::Flow<'_, f64>| {
            flow.advance(end, &mut |_: Event<f64>| ()).unwrap()
        };
        assert_eq!(go(flow), Advance::Leap(0.25));
        let mut net = NetViewMut::new(&mut w, &mut a, problem.d).unwrap();
        let inside = flow.write_at(0.1, start, problem.samples(), &mut net).unwrap();
        assert!(!inside, "a leap keeps no states");
        assert_eq!(go(flow), Advance::Leap(0.75));
    });
}

/// Neurons of size 1 and of size 1e-7 are followed to the same relative error.
#[test]
fn errors_are_relative_to_each_neuron() {
    let mut problem = smooth(false);
    for j in [1, 3] {
        problem.w[4 * j..4 * j + 4].iter_mut().for_each(|w| *w *= 1e-7);
        problem.a[j] *= 1e-7;
    }
    let truth = reference(&problem, 3.0, &[]);
    for coordinates in BOTH {
        for tolerance in [1e-5, 1e-8] {
            let rules = Rules { coordinates, ..Rules::plain(tolerance) };
            let run = Task::new(&problem, rules, 3.0).run::<f64>();
            let error = oracle::theta_error(&run.net, &truth.end.net);
            check("theta", error, 0.0, 1.0, Tolerance::Flow { tolerance, units: 3.0 });
        }
    }
}

/// One neuron on a group of k orthonormal samples with labels of its sign: norm and alignment in
/// closed form (`weak`, group initialisation), from starts that are not aligned.
fn a_group_follows_its_closed_form<L: Lanes>() {
    let single = L::Elem::EPSILON.to_f64() > 1e-10;
    let (tolerance, k, n) = (if single { 1e-5 } else { 1e-9 }, 3, 7);
    for sign in [1.0, -1.0] {
        let mut random = Random(31);
        let mut x = vec![0.0; n * n];
        (0..n).for_each(|i| x[i * (n + 1)] = 1.0);
        let y: Vec<f64> = (0..n).map(|_| sign * random.uniform(0.5, 2.0)).collect();
        let mut w: Vec<f64> = (0..n).map(|_| random.uniform(0.05, 1.0)).collect();
        // z = 0: never active.
        w[k..].fill(0.0);
        let norm = |w: &[f64]| w.iter().map(|w| w * w).sum::<f64>().sqrt();
        let problem = by_hand::<L::Elem>((&w, &[sign * norm(&w)]), (&x, &y), Scale::One);
        let (start, data) = problem.reference();
        let target = norm(&data.y[..k]);
        let align =
            |w: &[f64]| (0..k).map(|i| sign * data.y[i] * w[i]).sum::<f64>() / (target * norm(w));
        let (c0, u0, kappa) = (align(&start.w), norm(&start.w).powi(2), target / n as f64);
        assert!(c0 < 0.97, "{c0}: aligned already");
        for coordinates in BOTH {
            for end in [0.5, 5.0, 20.0, 60.0] {
                let rules = Rules { coordinates, ..Rules::new(L::Elem::from_f64(tolerance)) };
                let run = Task::new(&problem, rules, end).orthogonal().run::<L>();
                let (u, c) = (norm(&run.net.w).powi(2), align(&run.net.w));
                let within = Tolerance::Flow { tolerance, units: 5.0 };
                let want = oracle::group_norm(end, kappa, c0, u0, 1.0, n);
                check(format_args!("|w|^2 {end}"), u, want, want, within);
                check("c", c, oracle::group_alignment(end, kappa, c0), 1.0, within);
                assert!(run.net.w[k..].iter().all(|&w| w == 0.0));
            }
        }
    }
}
conformance::for_each_lanes!(native a_group_follows_its_closed_form);

/// The interpolant's weights make the end of a step from the numbers of the method itself.
#[test]
fn interpolant_meets_the_step() {
    use reluflow::flow::tableau::{ROWS, STAGES};
    let end: [f64; STAGES] = weights(1.0);
    let row = narrow::<f64, 6>(ROWS[6]);
    for (dense, step) in end.iter().zip(row) {
        check("weight", *dense, step, 4.0, Tolerance::Rounded { roundings: 20 });
    }
    assert_eq!(weights::<f32>(0.0), [0.0; STAGES]);
}
