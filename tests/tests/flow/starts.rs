//! Starts and data at the edge: on a kink, next to one, samples that are equal, opposite or zero.

use conformance::precision::{Tolerance, check};
use reluflow::Scale;
use reluflow::flow::{Coordinates, Kind, Mode, Rules};

use crate::sliding::replayed_modes;
use crate::support::{Task, by_hand, reference, size_sq, weak};

/// Every way to run at 1e-8.
fn all() -> impl Iterator<Item = Rules<f64>> {
    (0..8).map(|on| Rules {
        coordinates: if on & 1 > 0 { Coordinates::Polar } else { Coordinates::Cartesian },
        repair: on & 2 > 0,
        alignment: on & 4 > 0,
        plateau: on & 4 > 0,
        curvature: true,
        ..Rules::new(1e-8)
    })
}

/// Inner weight along x_1 after time 1, from <w, x_1> = z and samples x.
fn pulled(z: f64, x: &[f64], rules: Rules<f64>, orthogonal: bool) -> (f64, usize) {
    let problem = by_hand((&[z, 0.5], &[0.5]), (x, &[1.0, 1.0]), Scale::One);
    let task = Task::new(&problem, rules, 1.0);
    let run = if orthogonal { task.orthogonal() } else { task }.run::<f64>();
    (run.net.w[0], run.events.len())
}

const APART: [f64; 4] = [1.0, 0.0, 0.0, 1.0];

/// relu'(0) = 0: z = 0 with a r > 0 is a start that two flows leave, and this one is dead.
#[test]
fn pair_on_its_kink_at_the_start_stays_dead() {
    for rules in all() {
        for orthogonal in [false, true] {
            assert_eq!(pulled(0.0, &APART, rules, orthogonal), (0.0, 0));
        }
        // Where x_2 pulls it across it goes; where x_2 pulls it away it goes there.
        let (across, events) = pulled(0.0, &[1.0, 0.0, 0.5, 1.0], rules, false);
        let near = pulled(1e-300, &[1.0, 0.0, 0.5, 1.0], rules, false).0;
        check("across", across, near, 1.0, Tolerance::Flow { tolerance: 1e-8, units: 5.0 });
        assert!(across > 0.1 && events == 1);
        assert!(pulled(0.0, &[1.0, 0.0, -0.5, 1.0], rules, false).0 < -0.01);
    }
}

#[test]
fn tiny_positive_start_leaves() {
    let problem = by_hand::<f64>((&[1e-300, 0.5], &[0.5]), (&APART, &[1.0, 1.0]), Scale::One);
    let want = reference(&problem, 1.0, &[]).end.net.w[0];
    assert!(want > 0.1);
    for rules in all() {
        for orthogonal in [false, true] {
            let (z, events) = pulled(1e-300, &APART, rules, orthogonal);
            check("z", z, want, 1.0, Tolerance::Flow { tolerance: 1e-8, units: 5.0 });
            assert_eq!(events, 0);
        }
    }
}

/// One neuron slides on x_1 from the start: w = (0, v) with v = a and v^2 logistic.
#[test]
fn sliding_by_hand() {
    let x = [1.0, 0.0, 1.0, 1.0];
    for lift in [0.0, 1e-3] {
        let problem = by_hand((&[lift, 0.5], &[0.5]), (&x, &[-3.0, 1.0]), Scale::One);
        for rules in all() {
            let run = Task::new(&problem, rules, 5.0).run::<f64>();
            assert_eq!(run.modes, [Mode::Sliding, Mode::Active]);
            assert_eq!((run.events.len(), run.events[0].kind), (1, Kind::Slides));
            if lift == 0.0 {
                let within = Tolerance::Flow { tolerance: 1e-8, units: 10.0 };
                let exact = 1.0 / (1.0 + 3.0 * (-5.0f64).exp());
                check("a^2", run.net.a[0].powi(2), exact, 1.0, within);
                check("v^2", run.net.w[1].powi(2), exact, 1.0, within);
                check("w_1", run.net.w[0], 0.0, 1.0, within);
                check("slid", run.certificate.sliding_time, 5.0, 5.0, within);
            }
        }
    }
}

/// `weak`, Proposition 3: an outer weight below |w| passes 0, and y_2 is never learnt.
#[test]
fn an_outer_weight_changes_its_sign() {
    let problem = by_hand((&[1.0; 4], &[0.01, -0.01]), (&APART, &[10.0, -3.0]), Scale::OneOverP);
    let truth = reference(&problem, 60.0, &[]);
    for rules in all() {
        for task in
            [Task::new(&problem, rules, 60.0), Task::new(&problem, rules, 60.0).orthogonal()]
        {
            let run = task.run::<f64>();
            let error = oracle::theta_error(&run.net, &truth.end.net);
            check("theta", error, 0.0, 1.0, Tolerance::Flow { tolerance: 1e-8, units: 20.0 });
            assert!(run.net.a.iter().all(|&a| a > 0.0));
        }
    }
}

/// Equal, opposite and scaled samples, in few and many dimensions: the velocity is unique, b is not.
#[test]
fn dependent_samples_keep_the_certificate() {
    let mut slid = 0.0;
    for (seed, d) in [(41, 60), (42, 60), (43, 3), (44, 3)] {
        for factor in [1.0, -1.0, 0.5] {
            let mut problem = weak::<f64>(seed, (20, 5, d));
            for k in 0..d {
                problem.x[3 * d + k] = factor * problem.x[d + k];
            }
            for rules in all() {
                let run = Task::new(&problem, rules, 10.0).run::<f64>();
                let at = format!("{seed} d{d} {factor} {rules:?}: {:?}", run.certificate);
                assert_eq!(run.certificate.broken(&rules, size_sq(&run.net)), None, "{at}");
                assert_eq!(run.modes, replayed_modes(&problem, &run.events), "{at}");
                slid += run.certificate.sliding_time;
            }
        }
    }
    assert!(slid > 1000.0, "{slid}");
}

/// A sample at 0 is never learnt: without it the flow is the same, n/(n - 1) times as fast.
#[test]
fn a_zero_sample_only_slows() {
    let without = weak::<f64>(41, (20, 4, 6));
    let mut problem = without.clone();
    problem.n = 5;
    problem.x.extend([0.0; 6]);
    problem.y.push(1.5);
    let truth = reference(&without, 8.0, &[]);
    for rules in all() {
        let run = Task::new(&problem, rules, 10.0).run::<f64>();
        let error = oracle::theta_error(&run.net, &truth.end.net);
        check("theta", error, 0.0, 1.0, Tolerance::Flow { tolerance: 1e-8, units: 20.0 });
        assert!(run.events.iter().all(|event| event.sample < 4));
    }
}
