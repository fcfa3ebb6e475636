//! What the flow refuses, and what it says of a run that cannot go on.

use conformance::Problem;
use reluflow::flow::{Advance, Broken, Coordinates, Event, Failed, Mode, Rules, Span, Start};
use reluflow::{Dim, Error, Flow, NetViewMut, Scale};

use crate::support::{Task, size_sq, weak};

const SIZE: (usize, usize, usize) = (4, 3, 5);

fn none() -> impl FnMut(Event<f64>) {
    |_| ()
}

#[test]
fn exact_lengths_are_enough_and_less_is_refused() {
    for (p, n, d) in [SIZE, (1, 1, 1), (3, 7, 2), (5, 4, 4)] {
        let problem = Problem::<f64>::random(1, (p, n, d), Scale::One);
        let (samples, start) = (problem.samples(), Start::at(problem.net()));
        let needed = Span::<f64>::len(n, d);
        let mut room = vec![0.0; needed];
        let short = Span::<f64>::new(samples, &mut room[1..]).err();
        assert_eq!(short, Some(Error::Memory { needed, found: needed - 1 }));
        let span = Span::<f64>::new(samples, &mut room).unwrap();
        assert_eq!((span.n(), span.r()), (n, n.min(d)));
        let rules = Rules::new(1e-6);
        let (needed, pairs) = (Flow::<f64>::len(p, n, d), Flow::<f64>::modes(p, n));
        let try_with = |numbers: usize, modes: usize| {
            let (mut memory, mut modes) = (vec![f64::NAN; numbers], vec![Mode::Active; modes]);
            let flow = Flow::new(start, samples, span, Scale::One, rules, &mut memory, &mut modes);
            flow.map(|flow| assert_eq!((flow.t(), flow.pair_modes().len()), (0.0, p * n))).err()
        };
        assert_eq!(try_with(needed, pairs), None);
        let refused = |needed, found| Some(Error::Memory { needed, found });
        assert_eq!(try_with(needed - 1, pairs), refused(needed, needed - 1));
        assert_eq!(try_with(0, pairs), refused(needed, 0));
        assert_eq!(try_with(needed, pairs - 1), refused(pairs, pairs - 1));
    }
    let problem = Problem::<f64>::orthogonal(1, (4, 3, 5), Scale::One);
    let (needed, mut modes) = (Span::<f64>::len_orthogonal(3), vec![Mode::Active; 36]);
    let mut room = vec![0.0; needed];
    let short = Span::<f64>::orthogonal(problem.samples(), &mut room[1..]).err();
    assert_eq!(short, Some(Error::Memory { needed, found: needed - 1 }));
    let span = Span::<f64>::orthogonal(problem.samples(), &mut room).unwrap();
    let mut memory = vec![0.0; Flow::<f64>::len_orthogonal(4, 3)];
    let (start, rules) = (Start::at(problem.net()), Rules::new(1e-6));
    let samples = problem.samples();
    assert!(Flow::new(start, samples, span, Scale::One, rules, &mut memory, &mut modes).is_ok());
}

#[test]
fn other_sizes_and_broken_numbers_are_refused() {
    let (p, n, d) = SIZE;
    let problem = Problem::<f64>::random(1, SIZE, Scale::One);
    let shape = |dim, expected, found| Some(Error::Shape { dim, expected, found });
    let mut room = vec![0.0; 500];
    let mut memory = vec![0.0; 5000];
    let mut modes = vec![Mode::Active; 500];
    let span = Span::<f64>::new(problem.samples(), &mut room).unwrap();
    let mut build = |net: &Problem<f64>, samples: &Problem<f64>| {
        let (start, samples) = (Start::at(net.net()), samples.samples());
        let rules = Rules::new(1e-6);
        Flow::new(start, samples, span, Scale::One, rules, &mut memory, &mut modes).err()
    };
    let other = |size| Problem::<f64>::random(2, size, Scale::One);
    assert_eq!(build(&problem, &problem), None);
    assert_eq!(build(&problem, &other((p, n + 1, d))), shape(Dim::N, n, n + 1));
    assert_eq!(build(&problem, &other((p, n, d - 1))), shape(Dim::D, d, d - 1));
    assert_eq!(build(&other((p, n, d + 1)), &problem), shape(Dim::D, d, d + 1));
    for broken in [f64::NAN, f64::INFINITY] {
        let mut net = problem.clone();
        net.w[7] = broken;
        assert_eq!(build(&net, &problem), Some(Error::NonFinite { at: 7 }));
        let mut net = problem.clone();
        net.a[2] = broken;
        assert_eq!(build(&net, &problem), Some(Error::NonFinite { at: p * d + 2 }));
        let mut data = [problem.clone(), problem.clone()];
        data[0].x[4] = broken;
        data[1].y[1] = broken;
        for (data, at) in data.iter().zip([4, 1]) {
            let refused = Some(Error::NonFinite { at });
            let mut room = vec![0.0; 500];
            assert_eq!(Span::<f64>::new(data.samples(), &mut room).err(), refused);
            assert_eq!(Span::<f64>::orthogonal(data.samples(), &mut room).err(), refused);
        }
    }
    let mut zero = Problem::<f64>::orthogonal(1, SIZE, Scale::One);
    zero.x[d..2 * d].fill(0.0);
    let refused = Span::<f64>::orthogonal(zero.samples(), &mut [0.0; 99]).err();
    assert_eq!(refused, Some(Error::ZeroSample { i: 1 }));
}

#[test]
fn a_flow_writes_to_its_own_sizes_only() {
    let problem = weak::<f64>(41, SIZE);
    let (p, n, d) = SIZE;
    Task::new(&problem, Rules::new(1e-6), 1.0).with::<f64, _>(|flow, start| {
        // Untouched, it gives back the start; under a magnifier, larger.
        let (mut w, mut a) = (vec![0.0; p * d], vec![0.0; p]);
        for (log_factor, factor) in [(0.0, 1.0), (8f64.ln(), 8.0)] {
            let mut net = NetViewMut::new(&mut w, &mut a, d).unwrap();
            flow.write(start, problem.samples(), log_factor, &mut net).unwrap();
            for (&now, &then) in w.iter().chain(&a).zip(problem.w.iter().chain(&problem.a)) {
                assert!((now - factor * then).abs() < 1e-13, "{now} {then}");
            }
        }
        let (mut w, mut a) = (vec![0.0; (p + 1) * d], vec![0.0; p + 1]);
        let mut net = NetViewMut::new(&mut w, &mut a, d).unwrap();
        let refused = flow.write(start, problem.samples(), 0.0, &mut net);
        assert_eq!(refused, Err(Error::Shape { dim: Dim::P, expected: p, found: p + 1 }));
        let other = weak::<f64>(41, (p, n + 1, d));
        let mut net = NetViewMut::new(&mut w[d..], &mut a[1..], d).unwrap();
        assert!(flow.write(start, other.samples(), 0.0, &mut net).is_err());
        assert!(flow.neuron(p - 1).is_some_and(|neuron| neuron.omega.len() == n.min(d)));
        assert!(flow.neuron(p).is_none());
    });
}

#[test]
fn time_does_not_run_back_and_mu_is_the_slope_of_the_loss() {
    let problem = weak::<f64>(41, (10, 4, 6));
    let rules = Rules { longest: 1e-4, ..Rules::plain(1e-8) };
    Task::new(&problem, rules, 1.0).with::<f64, _>(|flow, _| {
        assert_eq!(flow.advance(0.0, &mut none()), Ok(Advance::Arrived));
        assert_eq!(flow.advance(-1.0, &mut none()), Ok(Advance::Arrived));
        assert_eq!(flow.advance(f64::NAN, &mut none()), Ok(Advance::Arrived));
        assert_eq!(flow.loss_at(0.0), None);
        while flow.t() < 0.1 {
            let (t, loss, mu) = (flow.t(), flow.loss(), flow.mu());
            let events = flow.certificate().events;
            let step = flow.advance(0.2, &mut none()).unwrap();
            let Advance::Step(length) = step else { panic!("{step:?}") };
            assert!((flow.t() - t - length).abs() < 1e-15);
            // Where a pair begins to slide its velocity, and so mu, jumps.
            if t > 0.0 && flow.certificate().events == events {
                let mean = 0.5 * (mu.unwrap() + flow.mu().unwrap());
                let slope = (loss / flow.loss()).ln() / length;
                assert!((slope - mean).abs() < 1e-4 * mean, "{slope} {mean}");
            }
        }
    });
}

/// A start whose predictions overflow: the step cannot begin, and says so.
#[test]
fn infinity_is_an_error() {
    let problem = weak::<f64>(41, (10, 4, 6));
    for coordinates in [Coordinates::Cartesian, Coordinates::Polar] {
        let rules = Rules { coordinates, ..Rules::new(1e-6) };
        let task = Task { log_scale: 800.0, ..Task::new(&problem, rules, 1.0) };
        assert_eq!(task.try_run::<f64>().err(), Some(Failed::NonFinite), "{coordinates:?}");
    }
    for failed in [Failed::Livelock { neuron: 3 }, Failed::Events, Failed::Step, Failed::NonFinite]
    {
        assert!(failed.to_string().len() > 10);
    }
}

#[test]
fn a_broken_promise_is_named() {
    let problem = weak::<f64>(41, (10, 4, 6));
    let rules = Rules { curvature: true, ..Rules::new(1e-8) };
    let run = Task::new(&problem, rules, 5.0).run::<f64>();
    let (good, size) = (run.certificate, size_sq(&run.net));
    assert_eq!(good.broken(&rules, size), None);
    for wrong in [1.0, f64::NAN, f64::INFINITY] {
        let mut bad = [good; 3];
        bad[0].balance_drift = wrong;
        bad[1].energy_defect = wrong;
        bad[2].curvature_defect = wrong;
        let found = bad.map(|certificate| certificate.broken(&rules, size));
        assert_eq!(found, [Broken::Balance, Broken::Energy, Broken::Curvature].map(Some));
    }
    // Log L is held to less where it is not asked for.
    let loose = Rules { curvature: false, ..rules };
    let some = reluflow::flow::Certificate { curvature_defect: 1e-4, ..good };
    assert_eq!(some.broken(&loose, size), None);
    assert_eq!(some.broken(&rules, size), Some(Broken::Curvature));
}
