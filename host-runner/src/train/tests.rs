//! Training, resuming and run folders, in this process.
use super::*;
use clap::Parser;
use lab::failure::Kind as Fault;
use lab::statistics::larger;
use std::fs;
use std::path::Path;
use tempfile::{TempDir, tempdir};

mod large;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: TrainArgs,
}

/// Twelve samples of four features, without structure.
fn table() -> String {
    let cell = |i: u64, k: u64| {
        let mixed = (5 * i + k + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed >> 48) as f64 / 32768.0 - 0.5
    };
    let row = |i| (0..5).map(|k| cell(i, k).to_string()).collect::<Vec<_>>().join(",");
    (0..12).map(|i| row(i) + "\n").collect()
}

fn fresh() -> (TempDir, String) {
    let folder = tempdir().unwrap();
    let data = folder.path().join("t.csv");
    fs::write(&data, table()).unwrap();
    let data = data.to_string_lossy().into_owned();
    (folder, data)
}

fn args(data: &str, more: &[&str]) -> TrainArgs {
    let mut line = vec!["train", "--quiet", "--data", data];
    for [flag, value] in [["--width", "8"], ["--steps", "1000"]] {
        if !more.contains(&flag) {
            line.extend([flag, value]);
        }
    }
    Line::try_parse_from(line.iter().chain(more)).unwrap().args
}

fn go(args: &TrainArgs) -> Result<Value, Failure> {
    document(args, &AtomicBool::new(false))
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

const SHAPES: [&[&str]; 6] = [
    &["--coordinates", "dense"],
    &["--coordinates", "gram"],
    &["--coordinates", "dense", "--precision", "f32", "--standardize", "--bias"],
    &["--coordinates", "gram", "--arithmetic", "canonical", "--precision", "f32"],
    &["--init", "balanced", "--scale", "one", "--bias"],
    &["--init", "asymmetric-gaussian", "--lambda", "0.1"],
];

#[test]
fn the_loss_falls_between_the_bounds_whatever_the_step() {
    let (_folder, data) = fresh();
    for more in SHAPES {
        let document = go(&args(&data, more)).unwrap();
        let metrics = &document["metrics"];
        let loss = |name: &str| metrics[name].as_f64().unwrap();
        assert!(loss("loss_final") < 0.5 * loss("loss_start"), "{more:?}: {metrics:#}");
        assert_eq!(metrics["bound_violations"], 0, "{more:?}");
        assert_eq!(metrics["health"], 0, "{more:?}");
        let rows = document["checkpoints"].as_array().unwrap();
        assert_eq!(rows.first().unwrap()["iteration"], 0);
        assert_eq!(rows.last().unwrap()["iteration"], 1000);
    }
}

/// Four orthonormal samples of four features and a bias, made by `--whiten`.
const WHITE: [&str; 4] = ["--whiten", "--bias", "--target", "4"];

fn white() -> (TempDir, String) {
    let (folder, data) = fresh();
    let first: Vec<String> = table().lines().take(4).map(|line| format!("{line}\n")).collect();
    fs::write(&data, first.concat()).unwrap();
    (folder, data)
}

#[test]
fn on_orthogonal_data_the_three_steps_agree() {
    let (_folder, data) = white();
    let run = |kind: &str| {
        let more = [&WHITE[..], &["--coordinates", kind, "--stop-loss", "1e-9"]].concat();
        go(&args(&data, &more)).unwrap()
    };
    let auto = run("auto");
    assert_eq!(auto["step"]["kind"], "orthogonal");
    assert_eq!(auto["data"]["geometry"]["assumption_2"], true);
    assert_eq!(auto["metrics"]["theorem_1_violations"], 0);
    assert!(auto["checkpoints"][0]["theorem_1"].is_f64());
    let loss = |document: &Value| document["checkpoints"][30]["loss"].as_f64().unwrap();
    for kind in ["dense", "gram"] {
        let other = run(kind);
        assert_eq!(other["metrics"]["bound_violations"], 0);
        assert!((loss(&other) / loss(&auto) - 1.0).abs() < 1e-9, "{kind}");
    }
}

#[test]
fn an_interrupted_run_ends_with_the_same_bits() {
    let (folder, data) = white();
    let orthogonal = [&WHITE[..], &["--coordinates", "orthogonal"]].concat();
    for (index, more) in [SHAPES[0], SHAPES[3], &orthogonal].into_iter().enumerate() {
        let out = |name: &str| folder.path().join(format!("{name}{index}"));
        let run = |name: &str, stop: bool| {
            let out = out(name).to_string_lossy().into_owned();
            let more = [more, &["--out", &out]].concat();
            document(&args(&data, &more), &AtomicBool::new(stop))
        };
        run("straight", false).unwrap();
        let mut sessions = 0;
        while sessions < 3 {
            let stopped = run("stopped", true).unwrap_err();
            assert_eq!(stopped.kind(), Fault::Interrupted);
            sessions += 1;
        }
        let resumed = run("stopped", false).unwrap();
        assert_eq!(resumed["manifest"]["schema"], 1);
        for name in ["weights.json", "metrics.jsonl"] {
            assert_eq!(read(&out("straight"), name), read(&out("stopped"), name), "{more:?}");
        }
        for name in ["w.npy", "a.npy"] {
            let bytes = |run| fs::read(out(run).join(name)).unwrap();
            assert_eq!(bytes("straight"), bytes("stopped"));
        }
        assert!(!out("stopped").join("checkpoint").exists());
    }
}

#[test]
fn a_longer_run_repeats_a_shorter_one() {
    let (_folder, data) = fresh();
    let short = go(&args(&data, &["--steps", "100"])).unwrap();
    let long = go(&args(&data, &[])).unwrap();
    let at = |document: &Value, k: u64| {
        let rows = document["checkpoints"].as_array().unwrap();
        rows.iter().find(|row| row["iteration"] == k).unwrap().clone()
    };
    assert_eq!(at(&short, 90), at(&long, 90));
}

#[test]
fn a_folder_of_other_data_is_refused_with_what_differs() {
    let (folder, data) = fresh();
    let out = folder.path().join("run").to_string_lossy().into_owned();
    let run = |more: &[&str]| go(&args(&data, &[more, &["--out", &out]].concat()));
    let first = run(&[]).unwrap();
    assert_eq!(pretty(&run(&[]).unwrap()), pretty(&first), "complete, so not run again");
    let said = run(&["--width", "9"]).unwrap_err().to_string();
    assert!(said.contains("width: 8 in the folder, 9 now") && !said.contains("seed"), "{said}");
    fs::write(&data, table().replacen('1', "2", 1)).unwrap();
    let failure = run(&[]).unwrap_err();
    assert_eq!(failure.exit_code(), 2);
    assert!(failure.to_string().contains("data_fnv1a"), "{failure}");
}

#[test]
fn a_step_that_is_too_long_is_caught_at_once() {
    let (folder, data) = fresh();
    let out = folder.path().join("run").to_string_lossy().into_owned();
    let failure = go(&args(&data, &["--dt", "1e3", "--out", &out])).unwrap_err();
    assert_eq!(failure.exit_code(), 1);
    let said = failure.to_string();
    for part in ["diverged at iteration 1:", "dt = 1.000e3", "--dt ", "leave --dt away", &out] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(Path::new(&out).join("config.toml").exists());
    let advised = said.split("--dt ").nth(1).unwrap().split(',').next().unwrap();
    assert!(go(&args(&data, &["--dt", advised])).is_ok(), "{advised}");
}

#[test]
fn test_data_go_through_the_same_transforms() {
    let (folder, data) = fresh();
    let test = folder.path().join("copy.csv");
    fs::copy(&data, &test).unwrap();
    let test = test.to_string_lossy().into_owned();
    let more = ["--standardize", "--bias", "--test-data", &test];
    for row in go(&args(&data, &more)).unwrap()["checkpoints"].as_array().unwrap() {
        let loss = |name: &str| row[name].as_f64().unwrap();
        assert!((loss("loss") - loss("test_loss")).abs() <= 1e-12 * loss("loss"), "{row}");
    }
}

#[test]
fn the_weights_predict_what_the_loss_says() {
    let (folder, data) = fresh();
    let out = folder.path().join("run");
    let more = ["--standardize", "--out", &out.to_string_lossy()];
    let document = go(&args(&data, &more)).unwrap();
    let weights: Value = serde_json::from_str(&read(&out, "weights.json")).unwrap();
    let numbers = |value: &Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
    };
    let rows: Vec<Vec<f64>> = weights["w"].as_array().unwrap().iter().map(numbers).collect();
    let (a, s) = (numbers(&weights["a"]), weights["s"].as_f64().unwrap());
    let transform = &weights["standardization"];
    let (mean, std) = (numbers(&transform["feature_mean"]), numbers(&transform["feature_std"]));
    let mut sum = 0.0;
    for line in table().lines() {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let z = |w: &[f64]| -> f64 {
            larger((0..4).map(|k| w[k] * (cells[k] - mean[k]) / std[k]).sum(), 0.0)
        };
        let h: f64 = s * rows.iter().zip(&a).map(|(w, a)| a * z(w)).sum::<f64>();
        let unit = transform["target_std"].as_f64().unwrap();
        let y = (cells[4] - transform["target_mean"].as_f64().unwrap()) / unit;
        sum += (y - h).powi(2) / 24.0;
    }
    let loss = document["metrics"]["loss_final"].as_f64().unwrap();
    assert!((sum / loss - 1.0).abs() < 1e-9, "{sum} {loss}");
}
