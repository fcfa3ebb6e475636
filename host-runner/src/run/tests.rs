//! Run folders and precedence, exercised with an experiment that counts.
use super::*;
use lab::failure::Kind;
use lab::fake::FAKE;
use std::fs;
use std::path::Path;
use tempfile::{TempDir, tempdir};

fn args(folder: Option<&Path>, set: &[&str]) -> RunArgs {
    RunArgs {
        id: FAKE.id.into(),
        set: set.iter().map(|s| s.to_string()).collect(),
        out: folder.map(Into::into),
        quiet: true,
        ..RunArgs::default()
    }
}

fn go(args: &RunArgs) -> Result<Value, Failure> {
    document(&FAKE, args, &AtomicBool::new(false))
}

fn fresh() -> (TempDir, PathBuf) {
    let parent = tempdir().unwrap();
    let folder = parent.path().join("runs/one");
    (parent, folder)
}

fn files(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            names.extend(files(&entry.path()).into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            names.push(name);
        }
    }
    names.sort();
    names
}

#[test]
fn a_folder_holds_what_is_promised_and_nothing_else() {
    let (_parent, folder) = fresh();
    let document = go(&args(Some(&folder), &[])).unwrap();
    assert_eq!(
        files(&folder),
        [
            "config.toml",
            "figures/sum.csv",
            "figures/sum.html",
            "figures/sum.png",
            "figures/sum.svg",
            "manifest.json",
            "metrics.jsonl",
            "verdict.json",
        ]
    );
    let lines = fs::read_to_string(folder.join("metrics.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 1000);
    assert!(lines.starts_with("{\"step\":1,\"sum\":0.5}\n"), "{lines}");
    let names: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(names, ["experiment", "seed", "config", "metrics", "verdicts", "notes", "manifest"]);
    assert_eq!(document["metrics"]["undefined"], Value::Null);
    assert_eq!(document["manifest"]["schema"], 1);
}

#[test]
fn a_complete_folder_gives_the_same_document_without_computing() {
    let (_parent, folder) = fresh();
    let first = go(&args(Some(&folder), &[])).unwrap();
    let second = go(&args(Some(&folder), &[])).unwrap();
    assert_eq!(pretty(&first), pretty(&second), "with the same wall time, so not run again");
    assert_eq!(exit_code(&second), DONE);
}

#[test]
fn a_failed_verdict_is_exit_code_3_and_stays_so() {
    let (_parent, folder) = fresh();
    for _ in 0..2 {
        assert_eq!(exit_code(&go(&args(Some(&folder), &["wanted=7"])).unwrap()), NOT_REPRODUCED);
    }
}

#[test]
fn another_configuration_is_refused_with_the_keys_that_differ() {
    let (_parent, folder) = fresh();
    go(&args(Some(&folder), &["steps=4"])).unwrap();
    let before = files(&folder);
    let other = RunArgs { seed: Some(9), ..args(Some(&folder), &["steps=5"]) };
    let failure = go(&other).unwrap_err();
    let said = failure.to_string();
    assert_eq!(failure.exit_code(), 2);
    assert!(said.contains("seed: 1 in the folder, 9 now"), "{said}");
    assert!(said.contains("steps: 4 in the folder, 5 now") && !said.contains("dt"), "{said}");
    assert_eq!(files(&folder), before);
}

#[test]
fn a_folder_of_something_else_is_refused_and_untouched() {
    let (parent, _) = fresh();
    fs::write(parent.path().join("thesis.tex"), "x").unwrap();
    let failure = go(&args(Some(parent.path()), &[])).unwrap_err();
    assert_eq!(failure.exit_code(), 2);
    assert!(failure.to_string().contains("thesis.tex"), "{failure}");
    assert_eq!(files(parent.path()), ["thesis.tex"]);
}

#[test]
fn an_interrupted_run_resumes_and_ends_with_the_same_bits() {
    let (_parent, folder) = fresh();
    let interrupt = AtomicBool::new(true);
    let stopped = document(&FAKE, &args(Some(&folder), &["dt=0.1"]), &interrupt).unwrap_err();
    assert_eq!((stopped.kind(), stopped.exit_code()), (Kind::Interrupted, 130));
    assert!(stopped.to_string().contains("the same command continues"), "{stopped}");
    assert_eq!(files(&folder), [".lock", "checkpoint", "config.toml"]);
    let resumed = go(&args(Some(&folder), &["dt=0.1"])).unwrap();
    let straight = go(&args(None, &["dt=0.1"])).unwrap();
    assert_eq!(resumed["metrics"]["resumed_at"], 500);
    assert_eq!(resumed["metrics"]["third"], straight["metrics"]["third"]);
    assert!(!folder.join("checkpoint").exists());
}

#[test]
fn leftovers_of_a_killed_run_do_not_stop_the_next() {
    let (_parent, folder) = fresh();
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(".lock"), "").unwrap();
    fs::write(folder.join(".config.toml.part"), "experi").unwrap();
    assert!(go(&args(Some(&folder), &[])).is_ok());
}

#[test]
fn a_checkpoint_of_another_version_is_refused() {
    let (_parent, folder) = fresh();
    let interrupt = AtomicBool::new(true);
    document(&FAKE, &args(Some(&folder), &[]), &interrupt).unwrap_err();
    fs::write(folder.join("checkpoint"), "reluflow 0.0.0 checkpoint\n").unwrap();
    let failure = go(&args(Some(&folder), &[])).unwrap_err();
    assert_eq!(failure.exit_code(), 2);
    assert!(failure.to_string().contains("another version"), "{failure}");
}

#[test]
fn two_at_once_are_refused() {
    let (_parent, folder) = fresh();
    let config = configure(&FAKE, &args(None, &[])).unwrap();
    let held = RunFolder::open(&folder, &config.to_map(), RESULT).unwrap();
    let failure = go(&args(Some(&folder), &[])).unwrap_err();
    assert!(failure.to_string().contains("another reluflow"), "{failure}");
    drop(held);
    assert!(go(&args(Some(&folder), &[])).is_ok());
}

#[test]
fn a_folder_that_cannot_be_made_is_exit_code_1() {
    let (parent, _) = fresh();
    let file = parent.path().join("file");
    fs::write(&file, "x").unwrap();
    for path in [file.clone(), file.join("inside")] {
        let failure = go(&args(Some(&path), &[])).unwrap_err();
        assert_eq!(failure.exit_code(), 1, "{failure}");
        assert!(failure.to_string().contains("cannot write"), "{failure}");
    }
}

#[test]
fn damaged_files_get_a_sentence_with_the_line() {
    let (_parent, folder) = fresh();
    go(&args(Some(&folder), &[])).unwrap();
    fs::write(folder.join("verdict.json"), "{\n oops").unwrap();
    let said = go(&args(Some(&folder), &[])).unwrap_err().to_string();
    assert!(said.contains("verdict.json:2:"), "{said}");
    fs::write(folder.join("config.toml"), "seed = 1\nseed : 2\n").unwrap();
    let failure = go(&args(Some(&folder), &[])).unwrap_err();
    assert_eq!(failure.exit_code(), 2);
    assert!(failure.to_string().contains("config.toml:2:"), "{failure}");
}

#[test]
fn flag_before_file_before_preset() {
    let parent = tempdir().unwrap();
    let file = parent.path().join("my.toml");
    fs::write(&file, "preset = \"quick\"\nseed = 5\ndt = 2\n").unwrap();
    let run = RunArgs { config: Some(file.clone()), ..args(None, &[]) };
    let config = &go(&run).unwrap()["config"];
    assert_eq!((&config["steps"], &config["seed"]), (&json!(10), &json!(5)));
    assert_eq!(config["dt"], 2.0);
    let run = RunArgs { seed: Some(6), preset: Some(Preset::Paper), ..run };
    let run = RunArgs { set: vec!["dt=3".into()], ..run };
    let config = &go(&run).unwrap()["config"];
    assert_eq!((&config["steps"], &config["seed"]), (&json!(1000), &json!(6)));
    assert_eq!(config["dt"], 3.0);
    for (wrong, says) in [
        ("stps = 3", "did you mean 'steps'"),
        ("steps = \"x\"", "'x' is not a whole number"),
        ("seed = -1", "seed = -1: expected a whole number"),
        ("preset = \"fast\"", "expected quick, paper or extended"),
        ("experiment = \"weak-phase\"", "not for fake-count"),
    ] {
        fs::write(&file, wrong).unwrap();
        let failure = go(&RunArgs { config: Some(file.clone()), ..args(None, &[]) }).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        assert!(failure.to_string().contains(says), "{failure}");
        assert!(failure.to_string().contains("my.toml"), "{failure}");
    }
}

#[test]
fn config_of_a_folder_repeats_the_run() {
    let (_parent, folder) = fresh();
    let first = go(&args(Some(&folder), &["steps=7", "dt=1e-300"])).unwrap();
    let again = RunArgs { config: Some(folder.join("config.toml")), ..args(None, &[]) };
    assert_eq!(go(&again).unwrap()["config"], first["config"]);
}

#[test]
fn the_text_report_says_what_the_document_says() {
    let text = report::text(&go(&args(None, &["wanted=1"])).unwrap());
    for part in [
        "fake-count, seed 1",
        "steps      1000",
        "undefined   not finite",
        "FAIL  the sum is right: measured 500.0, expected 1 +- 0.000000001 (fake, Theorem 1)",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn keys_are_listed_with_their_defaults() {
    let text = keys(&FAKE);
    assert!(
        text.contains(
            "steps: number of steps; a whole number of at least 1 [default 1000, quick 10]"
        ),
        "{text}"
    );
}
