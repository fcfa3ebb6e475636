//! The two-point problem of `orthogonal`, section 5: times of escape, final weights, events and
//! evaluations against the Taylor reference, down to starts that no number holds.

use conformance::precision::{Tolerance, check};
use conformance::{Problem, widen};
use reluflow::flow::{Coordinates, Kind, Rules};
use reluflow::{Lanes, Real};

use crate::support::{Task, reference, size_sq, two_points};

/// Half of 19/20 of L(0) = 1/2, and of 19/20 of the saddle's 1/4: where L leaves both.
const LEVELS: [f64; 2] = [0.475, 0.2375];
const END: f64 = 40.0;
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

/// No acceleration, each alone, all.
const ACCELERATIONS: [[bool; 3]; 5] = [
    [false, false, false],
    [true, false, false],
    [false, true, false],
    [false, false, true],
    [true, true, true],
];

fn rules<T: Real>(
    tolerance: f64,
    coordinates: Coordinates,
    [alignment, plateau, repair]: [bool; 3],
) -> Rules<T> {
    Rules { coordinates, alignment, plateau, repair, ..Rules::new(T::from_f64(tolerance)) }
}

/// Measured over eight seeds, 1e-6 to 1e-10: times to 3.7 tolerances, theta to 2.9, energy to 1.4.
fn within(tolerance: f64) -> Tolerance {
    Tolerance::Flow { tolerance, units: 6.0 }
}

/// Every combination meets the reference, and the first evaluation counts stay.
#[test]
fn times_weights_and_events_are_the_references() {
    let mut evaluations = [[0; ACCELERATIONS.len()]; 2];
    for seed in SEEDS {
        let problem = two_points::<f64>(seed, 1e-6);
        let truth = reference(&problem, END, &LEVELS);
        for (row, coordinates) in
            [Coordinates::Cartesian, Coordinates::Polar].into_iter().enumerate()
        {
            for (column, on) in ACCELERATIONS.into_iter().enumerate() {
                let tolerance = 1e-8;
                let rules = rules(tolerance, coordinates, on);
                let task = Task { levels: &LEVELS, ..Task::new(&problem, rules, END).orthogonal() };
                let (run, at) = (task.run::<f64>(), format!("{seed} {coordinates:?} {on:?}"));
                for (&time, want) in run.times.iter().zip(&truth.crossings) {
                    check(format_args!("t {at}"), time, want.unwrap(), 1.0, within(tolerance));
                }
                let error = oracle::theta_error(&run.net, &truth.end.net);
                check(format_args!("theta {at}"), error, 0.0, 1.0, within(tolerance));
                // Pairs die, each once, in the reference's order up to ties within the tolerance.
                assert!(run.events.iter().all(|event| event.kind == Kind::Dies), "{at}");
                let sorted = |mut pairs: Vec<(usize, usize)>| {
                    pairs.sort_unstable();
                    pairs
                };
                let met = sorted(run.events.iter().map(|e| (e.neuron, e.sample)).collect());
                let want = sorted(truth.events.iter().map(|e| (e.neuron, e.sample)).collect());
                assert_eq!(met, want, "{at}");
                for event in &run.events {
                    let same =
                        |e: &&oracle::Event| (e.neuron, e.sample) == (event.neuron, event.sample);
                    let true_t = truth.events.iter().find(same).unwrap().t;
                    check(format_args!("{event:?} {at}"), event.t, true_t, 1.0, DEATH);
                }
                assert_eq!(run.certificate.events, run.events.len() as u64);
                assert_eq!(run.certificate.broken(&rules, size_sq(&run.net)), None, "{at}");
                assert_eq!(run.certificate.sliding_time, 0.0);
                evaluations[row][column] += run.certificate.evaluations;
            }
        }
    }
    // Means of the five seeds; measured 1703, 1270, 1268, 1561, 1256 and 1335, 883, 891, 1193, 877.
    let mean = evaluations.map(|row| row.map(|sum| sum / SEEDS.len() as u64));
    for ([plain, alignment, plateau, repair, all], [most, most_repair, most_all]) in
        mean.into_iter().zip([[2100, 1700, 1400], [1500, 1300, 950]])
    {
        assert!(plain <= most && repair <= most_repair && all <= most_all, "{mean:?}");
        assert!(repair < plain && alignment < plain && plateau < plain, "{mean:?}");
        assert!(all <= alignment && all <= plateau && all < repair, "{mean:?}");
    }
}

/// A neuron whose last component decays dies at a time that errors move by their ratio to its
/// speed across the kink: measured 9 tolerances.
const DEATH: Tolerance = Tolerance::Flow { tolerance: 1e-8, units: 20.0 };

/// 1e-6 to 1e-10: errors fall with the tolerance.
#[test]
fn errors_are_proportional_to_the_tolerance() {
    let problem = two_points::<f64>(2, 1e-6);
    let truth = reference(&problem, END, &LEVELS);
    for coordinates in [Coordinates::Cartesian, Coordinates::Polar] {
        for on in ACCELERATIONS {
            let mut errors = Vec::new();
            for tolerance in [1e-6, 1e-7, 1e-8, 1e-9, 1e-10] {
                let task = Task::new(&problem, rules(tolerance, coordinates, on), END).orthogonal();
                let run = Task { levels: &LEVELS, ..task }.run::<f64>();
                let times = run.times.iter().zip(&truth.crossings);
                let times = times.map(|(t, want)| (t - want.unwrap()).abs()).fold(0.0, f64::max);
                let error = times.max(oracle::theta_error(&run.net, &truth.end.net));
                check(format_args!("{tolerance:e}"), error, 0.0, 1.0, within(tolerance));
                errors.push((tolerance.ln(), error.ln()));
            }
            let slope = crate::support::slope(&errors);
            assert!((0.8..1.25).contains(&slope), "{coordinates:?} {on:?}: {slope} {errors:?}");
        }
    }
}

/// d t / d log(1/lambda) of both escapes, 1/|D_+| = 2/sqrt 5 and 1/|D_-| = 4/sqrt 5, from starts
/// of 1e-30, 1e-100 and 1e-300, of which f32 holds none; the cost does not grow.
fn slopes_do_not_depend_on_the_start<L: Lanes>() {
    let single = L::Elem::EPSILON.to_f64() > 1e-10;
    let (tolerance, units, most) = if single { (1e-6, 10.0, 600) } else { (1e-8, 1.0, 1000) };
    let problem = two_points::<L::Elem>(1, 1.0);
    let runs = [6.0, 30.0, 100.0, 300.0].map(|digits: f64| {
        let log_scale = -digits * 10f64.ln();
        let rules = Rules::new(L::Elem::from_f64(tolerance));
        let task = Task::new(&problem, rules, 20.0 - 1.8 * log_scale).orthogonal();
        let run = Task { log_scale, levels: &LEVELS, ..task }.run::<L>();
        assert!(run.certificate.evaluations <= most, "{:?}", run.certificate);
        assert!(run.certificate.leaps > 0 && run.loss < 1e-3);
        (log_scale, run)
    });
    let slope = |m: usize, [(near, first), (far, second)]: [&(f64, crate::support::Run<_>); 2]| {
        (second.times[m] - first.times[m]) / (near - far)
    };
    let [_, near, middle, far] = &runs;
    for (m, twice) in [2.0, 4.0].into_iter().enumerate() {
        for pair in [[near, middle], [middle, far]] {
            // Each time is known to the tolerance, and to the spacing of numbers at t.
            let tolerance = Tolerance::Flow { tolerance: 1e-6f64.min(tolerance), units };
            check("slope", slope(m, pair), twice / 5f64.sqrt(), 1.0, tolerance);
        }
    }
    let cost = |(_, run): &(f64, crate::support::Run<_>)| run.certificate.evaluations as f64;
    assert!(cost(far) < 1.5 * cost(&runs[0]), "{} {}", cost(far), cost(&runs[0]));
}
conformance::for_each_lanes!(native slopes_do_not_depend_on_the_start);

/// Without leaps the step cannot exceed the stability limit on a plateau: the cost grows with
/// log(1/lambda), and the answer is the same.
#[test]
fn leaps_change_the_cost_and_not_the_answer() {
    let problem = two_points::<f64>(1, 1.0);
    let log_scale = -100.0 * 10f64.ln();
    let run = |rules: Rules<f64>| {
        let task = Task::new(&problem, rules, 430.0).orthogonal();
        Task { log_scale, levels: &LEVELS, ..task }.run::<f64>()
    };
    let (leaps, plain) = (run(Rules::new(1e-8)), run(Rules::plain(1e-8)));
    assert!(2 * leaps.certificate.evaluations < plain.certificate.evaluations);
    assert_eq!(plain.certificate.leaps, 0);
    for (&leap, &plain) in leaps.times.iter().zip(&plain.times) {
        check("t", leap, plain, 1.0, within(1e-8));
    }
}

/// In f32, through 20 000 short steps from 1e-100: the logarithm of a size starts at -230, where
/// numbers are 1.5e-5 apart, and every step adds to it. What rounding takes is carried along.
#[test]
fn log_sizes_are_kept_to_twice_the_digits() {
    let single = two_points::<f32>(1, 1.0);
    let log_scale = f64::from(-100.0 * std::f32::consts::LN_10);
    let double = Problem {
        p: 60,
        n: 2,
        d: 2,
        w: widen(&single.w),
        a: widen(&single.a),
        x: widen(&single.x),
        y: widen(&single.y),
        scale: single.scale,
    };
    let rules = Rules { longest: 0.02, ..Rules::plain(1e-5) };
    let task = Task::new(&single, rules, 420.0).orthogonal();
    let run = Task { log_scale, levels: &LEVELS, ..task }.run::<f32>();
    let task = Task::new(&double, Rules::new(1e-8), 420.0).orthogonal();
    let truth = Task { log_scale, levels: &LEVELS, ..task }.run::<f64>();
    for (&time, &want) in run.times.iter().zip(&truth.times) {
        // Measured 7e-7 and 1e-6; 1e-4 where rho is a plain sum.
        check("t", time, want, want, Tolerance::Flow { tolerance: 1e-6, units: 3.0 });
    }
}
