//! The user's own network against the reference, and runs that are interrupted.
use super::descent::Course;
use super::family::Family;
use super::journal::History;
use super::pace::Pace;
use crate::EXPERIMENTS;
use lab::failure::{Failure, Kind};
use lab::progress::Progress;
use lab::run_folder::{Opened, RunFolder};
use lab::statistics::smaller;
use lab::{Config, Context, Outcome, Preset, Wishes, find};
use oracle::{DeepLayer, DeepNet, Sigma, symmetric_eigenvalues};
use reluflow::init;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn config(id: &str, set: &[String]) -> Result<Config, Failure> {
    let experiment = find(EXPERIMENTS, id).unwrap();
    let preset = Some(Preset::Quick);
    Config::resolve(experiment, &Wishes { preset, set, ..Wishes::default() })
}

fn run(set: &[String]) -> Result<Outcome, Failure> {
    let interrupt = AtomicBool::new(false);
    let context =
        Context::new(config("general-dnn", set)?, 1, Progress::new(true), None, &interrupt);
    super::run(&context, Family::Dense)
}

/// Two inputs, two targets, hidden layers of 5 and 4; the files of it, and the reference.
fn own(folder: &Path) -> (DeepNet, Vec<String>) {
    let mut rng = init::stream(1, "own", 0, 0);
    let mut numbers = |count: usize| {
        (0..count).map(|_| 2.0 * init::uniform(&mut rng) - 1.0).collect::<Vec<f64>>()
    };
    let n = 3;
    let theta = numbers(5 * 2 + 5 + 4 * 5 + 4 + 2 * 4 + 2);
    let (x, y) = (numbers(n * 2), numbers(n * 2));
    let rows =
        x.chunks(2).zip(y.chunks(2)).map(|(x, y)| format!("{},{},{},{}", x[0], x[1], y[0], y[1]));
    fs::write(folder.join("data.csv"), rows.collect::<Vec<_>>().join("\n")).unwrap();
    let list: Vec<String> = theta.iter().map(f64::to_string).collect();
    fs::write(folder.join("theta.csv"), list.join("\n")).unwrap();
    let path = |name: &str| folder.join(name).display().to_string();
    let set = [
        format!("data={}", path("data.csv")),
        format!("theta={}", path("theta.csv")),
        "hidden=5x4".into(),
        "targets=2".into(),
        "epochs=30".into(),
        "lr=0.01".into(),
    ];
    let leaky: Sigma = |z, _| if z > 0.0 { [z, 1.0, 0.0] } else { [0.01 * z, 0.01, 0.0] };
    let linear: Sigma = |z, _| [z, 1.0, 0.0];
    let layer = |inputs, outputs, sigma| DeepLayer {
        inputs,
        outputs,
        sigma,
        parametric: false,
        bias: true,
        residual: false,
        graph: false,
    };
    let layers = vec![layer(2, 5, leaky), layer(5, 4, leaky), layer(4, 2, linear)];
    (DeepNet { layers, theta, x, y, n, mix: Vec::new() }, set.to_vec())
}

/// The least eigenvalue of J J^T of the reference.
fn least(net: &DeepNet) -> f64 {
    let size = net.y.len();
    let unit = |k: usize| (0..size).map(|i| f64::from(u8::from(i == k))).collect::<Vec<_>>();
    let rows: Vec<Vec<f64>> = (0..size).map(|k| net.pullback(&unit(k))).collect();
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let kernel: Vec<f64> = rows.iter().flat_map(|x| rows.iter().map(move |y| dot(x, y))).collect();
    symmetric_eigenvalues(&kernel, size)[0]
}

#[test]
fn a_network_of_the_users_own_is_the_references() {
    let folder = tempfile::tempdir().unwrap();
    let (mut net, mut set) = own(folder.path());
    for arithmetic in ["fused", "canonical"] {
        set.push(format!("arithmetic={arithmetic}"));
        let interrupt = AtomicBool::new(false);
        let experiment = find(EXPERIMENTS, "general-dnn").unwrap();
        let wishes = Wishes {
            preset: Some(Preset::Quick),
            precision: Some(lab::Precision::F64),
            set: &set,
            ..Wishes::default()
        };
        let config = Config::resolve(experiment, &wishes).unwrap();
        let context = Context::new(config, 1, Progress::new(true), None, &interrupt);
        let metrics = super::run(&context, Family::Dense).unwrap().metrics;
        let near = |name: &str, expected: f64| {
            let found = metrics.get(name).unwrap();
            assert!((found / expected - 1.0).abs() < 1e-9, "{name}: {found} {expected}");
        };
        let mut net = net.clone();
        near("loss_0", net.loss());
        assert!(least(&net) > 1e-6, "{}", least(&net));
        near("lambda_min_0", least(&net));
        let mut lambda0 = least(&net);
        for _ in 0..30 {
            net.euler_step(0.01);
            lambda0 = smaller(lambda0, least(&net));
        }
        near("loss_final", net.loss());
        near("lambda_min_final", least(&net));
        // With 31 epochs and 41 looks every epoch is looked at, more or less.
        assert!(metrics.get("lambda0").unwrap() >= lambda0 * (1.0 - 1e-9));
        assert_eq!(metrics.get("parameters"), Some(net.theta.len() as f64));
    }
    // What is planted is seen.
    net.theta[0] += 1e-3;
    let metrics = run(&set).unwrap().metrics;
    assert!((metrics.get("loss_0").unwrap() / net.loss() - 1.0).abs() > 1e-6);
}

#[test]
fn what_does_not_fit_is_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let (_, set) = own(folder.path());
    for (change, part) in [
        ("hidden=3x3", "found 49 numbers, expected 29"),
        ("hidden=none", "a start of one network, found 3"),
        ("hidden=3xx2", "'' is not one"),
        ("hidden=no", "'no' is not one"),
        ("width=abc", "'abc' is not one"),
        ("targets=4", "has 4 columns, expected more than 4"),
        ("hidden=60000x60000", "expected at most 134217728"),
        ("data=missing.csv", "no such file"),
        ("data=theta.npz", "no such file"),
        ("theta=missing.npy", "no such file"),
    ] {
        let mut set = set.clone();
        set.retain(|one| {
            change != "width=abc" || !(one.starts_with("hidden") || one.starts_with("theta"))
        });
        set.push(change.into());
        let failure = run(&set).map(|_| ()).expect_err(change);
        assert!(failure.to_string().contains(part), "{change}: {failure}");
        assert_eq!(failure.kind(), Kind::BadInput, "{change}");
    }
}

#[test]
fn a_run_interrupted_again_and_again_ends_with_the_same_bits() {
    let set: Vec<String> = ["width=3,5", "epochs=200", "looks=5"].map(String::from).to_vec();
    let train = |folder: Option<&RunFolder>, stop: bool| {
        let interrupt = AtomicBool::new(stop);
        let config = config("general-dnn", &set).unwrap();
        let context = Context::new(config, 1, Progress::new(true), folder, &interrupt);
        let journals = Course::new(&context, Family::Dense).unwrap().train()?;
        let timeless = journals.into_iter().map(|one| History { pace: Pace::default(), ..one });
        Ok::<Vec<History>, Failure>(timeless.collect())
    };
    let straight = train(None, false).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let (mut stops, path) = (0, parent.path().join("run"));
    let resumed = loop {
        let map = config("general-dnn", &set).unwrap().to_map();
        let folder = match RunFolder::open(&path, &map, "x").unwrap() {
            Opened::Ready(folder) => folder,
            Opened::Complete(..) => panic!("nothing finished this folder"),
        };
        match train(Some(&folder), true) {
            Ok(journals) => break journals,
            Err(failure) => assert_eq!(failure.kind(), Kind::Interrupted),
        }
        stops += 1;
    };
    assert!(stops >= 10, "one a block, two networks of four stretches: {stops}");
    assert_eq!(straight, resumed);
    assert_eq!(straight.len(), 2);
}
