//! Runs from a start to a flow time.
use engine::descent::{Memory, descent};
use engine::parallel::Pool;
use engine::trajectory::{KEYS, Plan, Problem, Start, Trajectory, descend, follow};
use engine::{Kind, Numerics};
use lab::failure::Kind as FailureKind;
use lab::progress::Progress;
use lab::run_folder::{Opened, RunFolder};
use lab::statistics::max;
use lab::{Config, Context, Experiment, Failure, METHOD, Outcome, Precision, Wishes};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// An experiment with the keys that a trajectory reads.
static FOLLOWED: Experiment = Experiment {
    id: "test-trajectory",
    paper: "test",
    figure: "",
    about: "",
    cost_seconds: 0.0,
    precision: Precision::F64,
    keys: &[&[&METHOD], KEYS],
    variants: &[&[]],
    controls: &[],
    run: |_| Ok(Outcome::default()),
};

/// Three orthogonal samples, a start of order 1.
fn problem() -> Problem {
    let start = Start::balanced((3, "test"), (5, 3), 0.3).unwrap();
    Problem::new(&[[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, -1.0]], &[1.0, -1.0, 0.5], start)
}

fn plan() -> Plan {
    let snapshots = vec![0.0, 0.5, 5.0];
    Plan { snapshots, levels: vec![0.3, 0.1, 0.01], ..Plan::new(0.01, 1000) }
}

fn config(precision: Precision) -> Config {
    Config::resolve(&FOLLOWED, &Wishes { precision: Some(precision), ..Wishes::default() }).unwrap()
}

fn go(
    precision: Precision,
    kind: Kind,
    folder: Option<&Path>,
    interrupt: bool,
) -> Result<Trajectory, Failure> {
    let config = config(precision);
    let folder = folder.map(|path| match RunFolder::open(path, &config.to_map(), "x").unwrap() {
        Opened::Ready(folder) => folder,
        Opened::Complete(..) => panic!("nothing finished this folder"),
    });
    let interrupt = AtomicBool::new(interrupt);
    let context = Context::new(config, 1, Progress::new(true), folder.as_ref(), &interrupt);
    follow(&context, &problem(), &plan(), kind)
}

#[test]
fn a_run_interrupted_again_and_again_ends_with_the_same_bits() {
    for kind in [Kind::Orthogonal, Kind::Gram, Kind::Dense] {
        for precision in [Precision::F32, Precision::F64] {
            let straight = go(precision, kind, None, false).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let mut stops = 0;
            let resumed = loop {
                match go(precision, kind, Some(&folder.path().join("run")), true) {
                    Ok(trajectory) => break trajectory,
                    Err(failure) => assert_eq!(failure.kind(), FailureKind::Interrupted),
                }
                stops += 1;
            };
            assert_eq!(stops, 4, "one every 256 steps");
            assert_eq!(
                Trajectory { ns_per_step: 0.0, ..straight },
                Trajectory { ns_per_step: 0.0, ..resumed },
            );
        }
    }
}

#[test]
fn the_coordinates_do_not_matter_on_orthogonal_samples() {
    let [dense, gram, orthogonal] = [Kind::Dense, Kind::Gram, Kind::Orthogonal]
        .map(|kind| go(Precision::F64, kind, None, false).unwrap());
    for other in [gram, orthogonal] {
        assert_eq!(other.crossings, dense.crossings);
        let gap = |x: &[f64], y: &[f64]| max(x.iter().zip(y).map(|(x, y)| (x - y).abs()));
        assert!(gap(&other.end.w, &dense.end.w) < 1e-12);
        assert!((other.last().loss - dense.last().loss).abs() < 1e-12);
    }
}

#[test]
fn what_was_asked_for_is_kept() {
    let trajectory = go(Precision::F64, Kind::Dense, None, false).unwrap();
    assert_eq!(trajectory.snapshots.iter().map(|shot| shot.t).collect::<Vec<_>>(), [0.0, 0.5, 5.0]);
    assert_eq!(trajectory.snapshots[0], trajectory.start);
    assert_eq!((trajectory.end.t, trajectory.last().t, trajectory.steps), (10.0, 10.0, 1000));
    assert!(trajectory.crossing(0) < trajectory.crossing(1));
    assert!((0.1..0.3).contains(&trajectory.plateau(0)));
    assert_eq!(trajectory.loss_at(0.5), {
        let record = trajectory.curve.iter().find(|record| record.t == 0.5);
        record.unwrap().loss
    });
    assert!(trajectory.loss_at(11.0).is_nan() && trajectory.crossing(9).is_nan());
}

#[test]
fn a_start_that_the_precision_cannot_hold_is_refused() {
    let tiny = Start::balanced((1, "test"), (2, 3), 1e-300).unwrap();
    assert!(tiny.a.iter().all(|a| a.abs() > 1e-3), "the direction is of order 1");
    let problem = Problem { start: tiny, ..problem() };
    let begin = |numerics| {
        let mut memory = Memory::default();
        descent(numerics, Kind::Dense, &problem, &Pool::ALONE, &mut memory).map(drop)
    };
    assert!(begin(Numerics::EXACT).is_ok());
    let single = Numerics { precision: Precision::F32, ..Numerics::EXACT };
    let said = begin(single).unwrap_err().to_string();
    assert!(said.contains("choose a larger lambda"), "{said}");
}

#[test]
fn a_start_multiplied_out_has_the_bits_of_one_drawn_at_its_scale() {
    let lambda = 1e-6 / 60f64.sqrt();
    let start = Start::balanced((7, "test"), (60, 2), lambda).unwrap();
    let (mut w, mut a) = (vec![0.0; 120], vec![0.0; 60]);
    let mut rng = reluflow::init::stream(7, "test", 0, 0);
    let mut net = reluflow::NetViewMut::new(&mut w, &mut a, 2).unwrap();
    engine::exact::balanced(&mut net, lambda, &mut rng);
    let (problem, mut memory) = (Problem::new(&[[1.0, 0.0]], &[1.0], start), Memory::default());
    let state = descent(Numerics::EXACT, Kind::Dense, &problem, &Pool::ALONE, &mut memory);
    assert_eq!(state.unwrap().weights().unwrap(), (w, a));
}

#[test]
fn a_loss_that_is_no_number_ends_the_run() {
    let interrupt = AtomicBool::new(false);
    let context = Context::new(config(Precision::F64), 1, Progress::new(true), None, &interrupt);
    let problem = Problem { y: vec![f64::NAN; 3], ..problem() };
    let trajectory = follow(&context, &problem, &Plan::new(1.0, 1000), Kind::Dense).unwrap();
    assert_eq!(trajectory.steps, 0);
    assert!(trajectory.last().loss.is_nan() && trajectory.health > 0);
}

/// The flow of `problem` on its orthogonal samples under these settings.
fn flow(problem: &Problem, plan: &Plan, set: &[&str]) -> Trajectory {
    let set: Vec<String> = set.iter().chain(&["method=flow"]).map(ToString::to_string).collect();
    let experiment = &FOLLOWED;
    let config = Config::resolve(experiment, &Wishes { set: &set, ..Wishes::default() }).unwrap();
    let interrupt = AtomicBool::new(false);
    let context = Context::new(config, 1, Progress::new(true), None, &interrupt);
    follow(&context, problem, plan, Kind::Orthogonal).unwrap()
}

/// While h stands still the flow leaps, and a snapshot that is due inside a leap ends it there: it
/// must be the network of its time, neuron by neuron, not that of the leap's end.
#[test]
fn a_snapshot_inside_a_leap_is_that_of_its_time() {
    let start = Start::balanced((3, "test"), (5, 3), 1e-30).unwrap();
    let problem = Problem { start, ..problem() };
    let times = vec![0.0, 1.0, 2.5, 40.0, 90.0];
    let plan = Plan { snapshots: times.clone(), ..Plan::new(0.1, 1000) };
    let leaping = flow(&problem, &plan, &["tolerance=1e-10"]);
    let stepping = flow(&problem, &plan, &["tolerance=1e-10", "acceleration=none"]);
    let whole = flow(&problem, &Plan { snapshots: Vec::new(), ..plan.clone() }, &[]);
    let [leaps, none, fewer] =
        [&leaping, &stepping, &whole].map(|run| run.account.as_ref().unwrap().leaps);
    assert_eq!(none, 0);
    assert!(fewer >= 1 && leaps > fewer, "{leaps} leaps with snapshots, {fewer} without");
    for ((shot, slow), &t) in leaping.snapshots.iter().zip(&stepping.snapshots).zip(&times) {
        assert_eq!((shot.t, slow.t), (t, t));
        let neurons = shot.w.chunks(3).zip(slow.w.chunks(3)).zip(shot.a.iter().zip(&slow.a));
        for ((w, v), (a, b)) in neurons {
            let pairs = || w.iter().zip(v).chain([(a, b)]);
            let apart = max(pairs().map(|(x, y)| (x - y).abs()));
            let size = max(pairs().map(|(_, y)| y.abs()));
            assert!(apart < 1e-6 * size, "t = {t}: {w:?} {a}, by steps {v:?} {b}");
        }
    }
    let moved = |at: usize| leaping.snapshots[at].norm_sq() / leaping.start.norm_sq();
    assert!(moved(1) != moved(2) && moved(3) > 10.0, "the neurons move inside a leap");
}

/// Descent crosses a level at the end of a step and is off by its step: with the step the time
/// comes down to that of the flow, which knows it inside its own much longer ones.
#[test]
fn levels_are_crossed_where_descent_comes_to_cross_them() {
    let exact = flow(&problem(), &plan(), &["tolerance=1e-10"]);
    assert!(exact.crossing(0) < exact.crossing(1) && exact.crossing(1) < exact.crossing(2));
    for dt in [1e-2, 1e-3, 1e-4] {
        let plan = Plan { dt, ..plan() };
        let context_steps = plan.iteration(plan.until);
        assert!(exact.steps < context_steps / 5);
        let interrupt = AtomicBool::new(false);
        let context =
            Context::new(config(Precision::F64), 1, Progress::new(true), None, &interrupt);
        let descent = descend(&context, &problem(), &plan, Kind::Orthogonal).unwrap();
        for level in 0..plan.levels.len() {
            let late = descent.crossing(level) - exact.crossing(level);
            assert!(late.abs() < 3.0 * dt, "dt = {dt}, level {level}: {late}");
        }
    }
}
