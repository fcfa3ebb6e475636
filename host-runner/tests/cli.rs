//! The command as its users and their scripts see it.
use assert_cmd::Command;
use serde_json::Value;

fn reluflow(arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_reluflow")).args(arguments).assert()
}

fn stdout(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn help_lists_subcommands_and_exit_codes() {
    let help = stdout(&reluflow(&["--help"]).success());
    for part in [
        "list",
        "run",
        "repro",
        "replay",
        "train",
        "check",
        "doctor",
        "completions",
        "130",
        "did not reproduce",
        "partial",
    ] {
        assert!(help.contains(part), "{part} in {help}");
    }
}

#[test]
fn every_subcommand_shows_an_example() {
    for command in ["list", "run", "repro", "train", "check", "doctor", "completions"] {
        let help = stdout(&reluflow(&[command, "--help"]).success());
        assert!(help.contains(&format!("Example:\n  reluflow {command}")), "{help}");
    }
}

#[test]
fn list_prints_a_table_and_nothing_on_stderr() {
    let assert = reluflow(&["list"]).success();
    assert!(stdout(&assert).starts_with("ID"));
    assert_eq!(stderr(&assert), "");
}

#[test]
fn list_json_is_one_document() {
    let document: Value =
        serde_json::from_str(&stdout(&reluflow(&["list", "--json"]).success())).unwrap();
    for experiment in document.as_array().unwrap() {
        for field in ["id", "paper", "figure", "about", "cost", "cost_seconds", "keys"] {
            assert!(!experiment[field].is_null(), "{field}");
        }
    }
}

/// Every experiment at its quick preset: all claims that it judges hold, and the figures it promises
/// are drawn.
#[test]
fn every_experiment_runs_quickly() {
    for (id, figures) in [
        ("orthogonal-two-point", &["loss", "network"][..]),
        ("orthogonal-five-point", &["loss", "network"]),
        ("orthogonal-lazy", &["loss", "network"]),
        ("orthogonal-highdim", &["loss", "neurons", "variance"]),
        ("orthogonal-subgradient", &["defect"]),
        ("orthogonal-phases", &["phases", "escapes", "distances", "assumption-3", "correlation"]),
    ] {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("run");
        let out = folder.to_str().unwrap();
        let run = ["run", id, "--preset", "quick", "--json", "--quiet", "--out", out];
        let document: Value = serde_json::from_str(&stdout(&reluflow(&run).success())).unwrap();
        assert_eq!(document["experiment"], id);
        let metrics = document["metrics"].as_object().unwrap();
        assert!(metrics.values().any(Value::is_number), "{id}");
        for figure in figures {
            let png = std::fs::read(folder.join("figures").join(figure).with_extension("png"));
            assert!(png.unwrap().starts_with(b"\x89PNG"), "{id}: {figure}");
        }
    }
}

/// A flow is its configuration: it runs again, and a log or a configuration of another run shows.
#[test]
fn a_flow_replays_and_whatever_was_changed_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("run");
    let out = folder.to_str().unwrap();
    let set = ["--set", "method=flow", "--preset", "quick", "--quiet", "--out", out];
    reluflow(&[&["run", "orthogonal-two-point"][..], &set].concat()).success();
    let said = stdout(&reluflow(&["replay", out, "--quiet"]).success());
    assert!(said.contains("the same") && said.contains("to the last bit"), "{said}");

    let refused = |part: &str| {
        let assert = reluflow(&["replay", out, "--quiet"]).code(2);
        assert!(stderr(&assert).contains(part), "{}", stderr(&assert));
        assert_eq!(stdout(&assert), "");
    };
    let (log, config) = (folder.join("events.csv"), folder.join("config.toml"));
    let whole = std::fs::read_to_string(&log).unwrap();
    // One digit of the time in the third line, which is the second event.
    let at = whole.match_indices('\n').nth(1).unwrap().0 + 1;
    let digit = if &whole[at..=at] == "9" { "8" } else { "9" };
    std::fs::write(&log, format!("{}{digit}{}", &whole[..at], &whole[at + 1..])).unwrap();
    refused("events.csv:3: found check");
    // A log that ends early has checks that are right.
    std::fs::write(&log, &whole[..at]).unwrap();
    refused("events.csv:3: found 'the end'");
    std::fs::write(&log, &whole).unwrap();
    let settings = std::fs::read_to_string(&config).unwrap();
    assert!(settings.contains("seed = 1"));
    std::fs::write(&config, settings.replace("seed = 1", "seed = 2")).unwrap();
    refused("events.csv:2: found");
    std::fs::remove_file(&log).unwrap();
    refused("--set method=flow");
}

#[test]
fn doctor_says_what_was_built_and_what_there_is() {
    let text = stdout(&reluflow(&["doctor"]).success());
    for part in ["reluflow 0.", "commit", "rustc", "target", "cores", "build", "machine"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let document: Value =
        serde_json::from_str(&stdout(&reluflow(&["doctor", "--json"]).success())).unwrap();
    assert!(document["compiled"]["features"].is_array() && document["warnings"].is_array());
}

#[test]
fn doctor_computes_the_golden_hash() {
    let text = stdout(&reluflow(&["doctor", "--golden"]).success());
    assert_eq!(text, format!("{:#018x}\n", reluflow::golden::HASH));
    let json = stdout(&reluflow(&["doctor", "--golden", "--json"]).success());
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["golden"].as_str(), Some(text.trim()));
    let lanes = document["lanes"].as_object().unwrap();
    assert_eq!(lanes.len(), 1, "the width of this build");
    assert!(lanes.values().all(|hash| hash == text.trim()), "{json}");
}

#[test]
fn completions_name_the_subcommands() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(stdout(&reluflow(&["completions", shell]).success()).contains("doctor"));
    }
}

#[test]
fn mistakes_are_exit_code_2_with_a_hint_and_an_empty_stdout() {
    for (arguments, hint) in [
        (&["run", "orthogonal-two-piont-x"][..], "there is no experiment"),
        (&["lits"], "list"),
        (&[], "Usage"),
        (&["run"], "ID"),
        (&["run", "x", "--seed", "minus"], "--seed"),
        (&["run", "x", "--precision", "f16"], "f32"),
        (&["run", "x", "--threads", "0"], "--threads"),
        (&["completions", "tcsh"], "bash"),
        (&["repro"], "PAPER"),
        (&["repro", "ortogonal"], "did you mean 'orthogonal'"),
        (&["repro", "orthogonal", "--fig", "99"], "choose one of 2, 3"),
        (&["repro", "orthogonal", "--quick", "--full"], "cannot be used with"),
        (&["repro", "orthogonal", "--control", "none"], "sigma-prime-one"),
        (&["run", "orthogonal-two-point", "--control", "sigma-prime-one"], "changes nothing"),
    ] {
        let assert = reluflow(arguments).code(2);
        assert!(stderr(&assert).contains(hint), "{arguments:?}: {}", stderr(&assert));
        assert_eq!(stdout(&assert), "");
        assert!(!stderr(&assert).contains("panicked"));
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_reluflow"))
        .args(["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_stdout_is_exit_code_1() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_reluflow"));
    let output = command.arg("list").stdout(full).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("cannot write the result"), "{said}");
}

#[test]
fn a_paper_reproduces_and_every_control_of_it_is_noticed() {
    let table = stdout(&reluflow(&["repro", "orthogonal", "--fig", "2", "--quiet"]).success());
    assert!(table.contains("CLAIM") && !table.contains("FAIL"), "{table}");
    for control in ["doubled-rate", "wrong-sign"] {
        let arguments = ["repro", "orthogonal", "--fig", "2", "--control", control, "--json"];
        let assert = reluflow(&arguments).code(3);
        let document: Value = serde_json::from_str(&stdout(&assert)).unwrap();
        assert_eq!((&document["control"], &document["exit"]), (&Value::from(control), &3.into()));
        assert_eq!(document["unnoticed"], Value::Array(Vec::new()));
        for run in document["experiments"].as_array().unwrap() {
            assert_eq!(run["control"], control);
        }
        let (id, flag) = ("orthogonal-two-point", "--control");
        assert!(stdout(&reluflow(&["run", id, flag, control]).code(3)).contains("CONTROL"));
    }
}
