//! Plans, and the jobs that they make.
use crate::support::*;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

#[test]
fn any_job_can_be_run_alone_with_the_same_numbers() {
    let sweep = Sweep::new(SMALL);
    run_one(&sweep, "out");
    let text = fs::read_to_string(sweep.path("out/shard-1-of-1.jsonl")).unwrap();
    let record: Value = serde_json::from_str(text.lines().nth(4).unwrap()).unwrap();
    assert_eq!((&record["job"], &record["repetition"]), (&json!(3), &json!(1)));
    let seed = record["seed"].to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_reluflow"));
    command.args(["run", "orthogonal-two-point", "--preset", "quick", "--seed", &seed, "--json"]);
    for (name, value) in record["set"].as_object().unwrap() {
        command.args(["--set", &format!("{name}={value}")]);
    }
    let alone: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    let mut metrics = alone["metrics"].as_object().unwrap().clone();
    assert!(metrics.shift_remove("ns_per_step").is_some(), "the clock's number is not compared");
    assert_eq!(json!(metrics), record["metrics"]);
    assert!(metrics["loss_final"].as_f64().unwrap() > 0.0);
}

#[test]
fn jobs_that_fail_are_kept_and_the_others_go_on() {
    let plan = "experiment = \"orthogonal-two-point\"\npreset = \"quick\"\n[set]\nmethod = \"flow\"\n\
                m = 3\n[grid]\nlambda = [1e300, 1e-3]\n";
    let sweep = Sweep::new(plan);
    let output = sweep.run(&["run", "plan.toml", "--out", "out"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("job 0 failed: the flow stops"), "{said}");
    assert!(said.contains("alone: reluflow run orthogonal-two-point --preset quick"), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with("2 jobs, 1 failed\n"), "{text}");
    let merge = sweep.run(&["merge", "out", "--json"]);
    let document: Value = serde_json::from_slice(&merge.stdout).unwrap();
    assert_eq!((merge.status.code(), &document["failed"]), (Some(4), &json!(1)));
    assert_eq!(document["cells"][1]["metrics"]["loss_final"]["count"], 1);
    assert_eq!(sweep.run(&["status", "out"]).status.code(), Some(4));
}

#[test]
fn a_mistake_in_a_plan_is_named_before_anything_is_written() {
    let sweep = Sweep::new(SMALL);
    let run = ["run", "wrong.toml", "--out", "out"];
    for (from, to, parts) in [
        ("m =", "mm =", &["wrong.toml:7: there is no key 'mm'"][..]),
        ("4, 9", "4, -9", &["wrong.toml:7: '-9' is not a whole number", "default 60"]),
        ("two-point", "two-piont", &["wrong.toml:1: ", "did you mean 'orthogonal-two-point'?"]),
        ("repetitions", "repetition", &["wrong.toml:3: ", "did you mean 'repetitions'?"]),
        ("iterations", "itrations", &["wrong.toml:5: ", "did you mean 'iterations'?"]),
    ] {
        let wrong = SMALL.replacen(from, to, 1);
        assert_ne!(wrong, SMALL);
        fs::write(sweep.path("wrong.toml"), wrong).unwrap();
        sweep.refused(&run, 2, parts);
    }
    sweep.refused(&["run", "none.toml", "--out", "out"], 2, &["cannot read none.toml"]);
    let shard = ["run", "plan.toml", "--out", "out", "--shard", "4/3"];
    sweep.refused(&shard, 2, &["'4/3'", "expected I/N with I from 1 to N"]);
    assert!(!sweep.path("out").exists());
}

#[test]
fn the_plans_of_the_readme_and_of_the_help_work() {
    let readme = include_str!("../../../README.md").split_once("## Sweeps").unwrap().1;
    let readme = readme.split_once("```toml\n").unwrap().1.split_once("```").unwrap().0;
    let help = String::from_utf8(Sweep::new("").run(&["--help"]).stdout).unwrap();
    let help = help.split_once("A plan:\n").unwrap().1.split_once("Example:").unwrap().0;
    for (plan, jobs) in [(readme, 90), (help, 40)] {
        let sweep = Sweep::new(plan);
        let document = sweep.done(&["run", "plan.toml", "--out", "out", "--shard", "2/40"]);
        assert_eq!(document["jobs"], json!((jobs - 2) / 40 + 1), "{plan}");
    }
}

#[test]
fn every_subcommand_shows_an_example() {
    for command in ["run", "status", "merge"] {
        let help = String::from_utf8(Sweep::new("").run(&[command, "--help"]).stdout).unwrap();
        assert!(help.contains(&format!("Example:\n  reluflow sweep {command} ")), "{help}");
    }
}
