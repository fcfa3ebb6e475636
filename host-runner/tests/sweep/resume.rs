//! What is interrupted, killed or torn is run again, and the hash is that of an undisturbed sweep.
use crate::support::*;
use serde_json::{Value, json};
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn one_process_two_threads_seven_shards_and_ten_kills_give_one_hash() {
    let sweep = Sweep::new(PLAN);
    run_one(&sweep, "one");
    let hash = sweep.hash(&["one"]);
    assert_eq!(hash.len(), 64);

    sweep.done(&["run", "plan.toml", "--out", "two", "--quiet", "--threads", "2"]);
    assert_eq!(sweep.hash(&["two"]), hash);

    for number in [5, 1, 7, 2, 6, 3, 4] {
        let (shard, out) = (format!("{number}/7"), if number % 2 == 0 { "even" } else { "odd" });
        sweep.done(&["run", "plan.toml", "--shard", &shard, "--out", out, "--quiet"]);
    }
    assert_eq!(sweep.hash(&["even", "odd"]), hash);
    assert_eq!(sweep.hash(&["odd", "even"]), hash);

    // Moments that differ between the kills and not between runs of this test.
    let mut random = reluflow::init::stream(1, "kills", 0, 0);
    let mut up_to = |n: f64| (reluflow::init::uniform(&mut random) * n) as u64;
    let (arguments, part) =
        (["run", "plan.toml", "--out", "killed"], "killed/shard-1-of-1.jsonl.part");
    for _ in 0..10 {
        let mut child = sweep.spawn(&arguments);
        let lines = count(&sweep.path(part)) + up_to(12.0) as usize;
        sweep.wait_for(part, lines, &mut child);
        std::thread::sleep(Duration::from_micros(up_to(3000.0)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let document = sweep.done(&[&arguments[..], &["--quiet"]].concat());
    let found = document["found"].as_u64().unwrap();
    assert!((1..280).contains(&found), "{found}");
    assert_eq!(sweep.hash(&["killed"]), hash);
}

#[test]
fn a_scheduler_that_wants_the_machine_back_gets_130_and_the_rest_is_run_later() {
    let sweep = Sweep::new(PLAN);
    let (arguments, part) = (["run", "plan.toml", "--out", "out"], "out/shard-1-of-1.jsonl.part");
    let mut child = sweep.command(&arguments).stderr(Stdio::piped()).spawn().unwrap();
    sweep.wait_for(part, 5, &mut child);
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted;") && said.contains("of 280 jobs are in"), "{said}");
    assert!(said.contains("the same command goes on with the others"), "{said}");

    let status = sweep.run(&["status", "out", "--json"]);
    assert_eq!(status.status.code(), Some(4));
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!((&status["complete"], &status["jobs"]), (&json!(false), &json!(280)));
    let entry = &status["shards"][0];
    assert_eq!((&entry["state"], &entry["done"]), (&json!("unfinished"), &status["done"]));
    sweep.refused(
        &["merge", "out"],
        4,
        &["nothing was merged", "of 280 jobs done", "run the same"],
    );

    let document = sweep.done(&[&arguments[..], &["--quiet"]].concat());
    assert_eq!(document["found"], status["done"]);
    assert_eq!(sweep.done(&["status", "out"])["complete"], true);
    run_one(&sweep, "one");
    assert_eq!(sweep.hash(&["out"]), sweep.hash(&["one"]));
    let again = sweep.run(&arguments);
    let said = String::from_utf8(again.stdout).unwrap();
    assert!(said.ends_with("280 jobs, 0 failed, all of them from before\n"), "{said}");
}

#[test]
fn a_torn_last_line_is_run_again_and_a_damaged_one_before_it_is_named() {
    let sweep = Sweep::new(SMALL);
    run_one(&sweep, "one");
    let (whole, part) = ("one/shard-1-of-1.jsonl", "torn/shard-1-of-1.jsonl.part");
    let good = fs::read_to_string(sweep.path(whole)).unwrap();
    fs::create_dir(sweep.path("torn")).unwrap();
    fs::write(sweep.path(part), &good[..good.len() - 9]).unwrap();
    let status = sweep.run(&["status", "torn"]);
    let table = String::from_utf8(status.stdout).unwrap();
    assert_eq!(status.status.code(), Some(4));
    assert!(table.contains("unfinished  5/6") && table.contains("1 line(s) cut short"), "{table}");
    let output = sweep.run(&["run", "plan.toml", "--out", "torn"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("warning:") && said.contains("cut short by a kill"), "{said}");
    assert_eq!(sweep.hash(&["torn"]), sweep.hash(&["one"]));

    let damaged = good.replacen("\"job\":2", "\"job\":7", 1);
    fs::create_dir(sweep.path("damaged")).unwrap();
    let part = "damaged/shard-1-of-1.jsonl.part";
    fs::write(sweep.path(part), &damaged).unwrap();
    let named = format!("{part}:4: found a damaged line");
    let advice = "delete this line and run the shard again";
    sweep.refused(&["run", "plan.toml", "--out", "damaged"], 2, &[&named, advice]);
    sweep.refused(&["merge", "damaged"], 2, &[&named]);
    let status = sweep.run(&["status", "damaged"]);
    let table = String::from_utf8(status.stdout).unwrap();
    assert!(status.status.code() == Some(4) && table.contains(&named), "{table}");
    // What it says to do helps.
    let cured: Vec<&str> = damaged.lines().enumerate().filter(|l| l.0 != 3).map(|l| l.1).collect();
    fs::write(sweep.path(part), cured.join("\n") + "\n").unwrap();
    assert_eq!(sweep.done(&["run", "plan.toml", "--out", "damaged", "--quiet"])["found"], 5);
    assert_eq!(sweep.hash(&["damaged"]), sweep.hash(&["one"]));

    fs::write(sweep.path(whole), &damaged).unwrap();
    let advice = "rename the file to one/shard-1-of-1.jsonl.part";
    let named = format!("{whole}:4: found a damaged line");
    for arguments in [&["merge", "one"][..], &["run", "plan.toml", "--out", "one"]] {
        sweep.refused(arguments, 2, &[&named, advice]);
    }
    fs::write(sweep.path(whole), &good[..good.len() - 9]).unwrap();
    sweep.refused(&["merge", "one"], 2, &[&format!("{whole}:7: found a damaged line")]);
}
