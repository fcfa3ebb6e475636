//! `sweep` as its users, their schedulers and their accidents see it.
#![cfg(unix)]
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::{TempDir, tempdir};

/// 280 jobs of a millisecond or two.
const PLAN: &str = "experiment = \"orthogonal-two-point\"\npreset = \"quick\"\nrepetitions = 70\n\
                    [set]\niterations = 1500\n[grid]\nm = [4, 9]\nlambda = [1e-2, 1e-6]\n";
/// 6 jobs of the same.
const SMALL: &str = "experiment = \"orthogonal-two-point\"\npreset = \"quick\"\nrepetitions = 2\n\
                     [set]\niterations = 50\n[grid]\nm = [4, 9, 16]\n";

/// A folder with a plan in it.
struct Sweep {
    folder: TempDir,
}

impl Sweep {
    fn new(plan: &str) -> Self {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("plan.toml"), plan).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `reluflow sweep ...`, in the folder.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reluflow"));
        command.current_dir(self.folder.path()).arg("sweep").args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn done(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The command fails with `code`, says `parts` on stderr and prints nothing.
    fn refused(&self, arguments: &[&str], code: i32, parts: &[&str]) {
        let output = self.run(arguments);
        let said = stderr(&output);
        println!("{said}");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty() && !said.contains("panicked"), "{arguments:?}");
        for part in parts {
            assert!(said.contains(part), "{part} in {said}");
        }
    }

    /// Changes the document of a line, counted from 0, and gives it the check that belongs to it.
    fn alter(&self, file: &str, line: usize, change: impl Fn(&mut Value)) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        let mut lines: Vec<String> = text.lines().map(String::from).collect();
        let mut document: Value = serde_json::from_str(&lines[line]).unwrap();
        document.as_object_mut().unwrap().shift_remove("check");
        change(&mut document);
        let open = document.to_string().strip_suffix('}').unwrap().to_string();
        let check: String =
            Sha256::digest(&open).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        lines[line] = format!("{open},\"check\":\"{check}\"}}");
        fs::write(self.path(file), lines.join("\n") + "\n").unwrap();
    }

    fn remove_line(&self, file: &str, line: usize) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        let kept = text.lines().enumerate().filter(|(at, _)| *at != line).map(|(_, text)| text);
        let kept: String = kept.map(|text| format!("{text}\n")).collect();
        fs::write(self.path(file), kept).unwrap();
    }

    fn hash(&self, folders: &[&str]) -> String {
        let document = self.done(&[&["merge"], folders].concat());
        document["hash"].as_str().unwrap().to_string()
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Waits until the unfinished file has so many lines.
    fn wait_for(&self, file: &str, lines: usize, child: &mut Child) {
        let began = Instant::now();
        while count(&self.path(file)) < lines {
            assert!(child.try_wait().unwrap().is_none(), "it ended too early to be stopped");
            assert!(began.elapsed() < Duration::from_secs(120), "it does not get on");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn count(path: &Path) -> usize {
    fs::read(path).map_or(0, |bytes| bytes.iter().filter(|byte| **byte == b'\n').count())
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn run_one(sweep: &Sweep, out: &str) {
    let document = sweep.done(&["run", "plan.toml", "--out", out, "--quiet", "--threads", "1"]);
    assert_eq!((&document["failed"], &document["shards"]), (&json!(0), &json!(1)));
}

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
fn a_merge_writes_every_number_and_its_hash() {
    let sweep = Sweep::new(SMALL);
    run_one(&sweep, "out");
    let document = sweep.done(&["merge", "out", "--out", "merged"]);
    let text = fs::read_to_string(sweep.path("merged/merged.jsonl")).unwrap();
    let (head, content) = text.split_once('\n').unwrap();
    let sum: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(document["hash"], sum, "that of `tail -n +2 merged.jsonl | sha256sum`");
    assert_eq!(serde_json::from_str::<Value>(head).unwrap()["hash"], sum);
    let records: Vec<Value> = content.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let losses = |cell: usize| {
        let of = |at: usize| records[at]["metrics"]["loss_final"].as_f64().unwrap();
        [of(2 * cell), of(2 * cell + 1)]
    };
    assert_eq!((&document["jobs"], records.len()), (&json!(6), 6));
    let cells = document["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 3);
    for (at, cell) in cells.iter().enumerate() {
        let [a, b] = losses(at);
        let loss = &cell["metrics"]["loss_final"];
        assert_eq!((&loss["count"], &cell["jobs"]), (&json!(2), &json!(2)));
        assert_eq!(loss["mean"], (a + b) / 2.0);
        assert!(cell["metrics"].get("ns_per_step").is_none(), "a clock has no place here");
    }
    let csv = fs::read_to_string(sweep.path("merged/cells.csv")).unwrap();
    assert!(csv.starts_with("cell,m,metric,count,nulls,mean,"), "{csv}");
    assert!(csv.lines().any(|line| line.contains(",16,loss_final,2,0,")), "{csv}");
    let table = String::from_utf8(sweep.run(&["merge", "out"]).stdout).unwrap();
    assert!(table.contains("iterations=50 m=16  loss_final"), "{table}");
    assert!(table.ends_with(&format!("\nhash {sum}\n")), "{table}");
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

#[test]
fn a_merge_of_too_little_or_too_much_is_refused_with_every_reason() {
    let sweep = Sweep::new(SMALL);
    sweep.refused(&["merge", "."], 2, &["found no file shard-I-of-N.jsonl", "sweep run PLAN.toml"]);
    sweep.refused(&["status", "nowhere"], 2, &["cannot read nowhere"]);
    let shard = |shard: &str, out: &str| {
        sweep.done(&["run", "plan.toml", "--shard", shard, "--out", out, "--quiet"]);
    };
    ["1/4", "3/4"].iter().for_each(|number| shard(number, "gaps"));
    let parts = ["shard 2 of 4: missing; run it with --shard 2/4", "shard 4 of 4: missing"];
    sweep.refused(&["merge", "gaps"], 4, &parts);
    ["2/4", "4/4"].iter().for_each(|number| shard(number, "rest"));
    let hash = sweep.hash(&["gaps", "rest"]);

    assert_eq!(hash.len(), 64);

    let twice = ["merge", "gaps", "rest", "gaps"];
    let parts = ["shard 1 of 4 is there twice", "shard 3 of 4 is there", "same numbers; leave one"];
    sweep.refused(&twice, 2, &parts);

    shard("1/4", "other");
    sweep.refused(
        &["merge", "gaps", "rest", "other"],
        2,
        &["shard 1 of 4 is there twice, in gaps"],
    );
    let file = "other/shard-1-of-4.jsonl";
    sweep.alter(file, 1, |record| record["metrics"]["kinks"] = json!(77));
    let parts = ["shard 1 of 4 is there twice", "and job 0 differs; find out why"];
    sweep.refused(&["merge", "gaps", "rest", "other"], 2, &parts);
    sweep.remove_line(file, 1);
    sweep.refused(
        &["merge", "other"],
        4,
        &["shard-1-of-4.jsonl: gap, job 0 is missing", "shard 2"],
    );
    let again = ["run", "plan.toml", "--shard", "1/4", "--out", "other"];
    sweep.refused(&again, 2, &["shard-1-of-4.jsonl: found 1 jobs, expected 2; delete the file"]);
    let table = String::from_utf8(sweep.run(&["status", "other"]).stdout).unwrap();
    assert!(table.contains("damaged  1/2") && table.contains("before all jobs"), "{table}");
}

#[test]
fn shards_of_different_sweeps_or_programs_do_not_mix() {
    let sweep = Sweep::new(SMALL);
    let run = |shard: &str, out: &str| {
        sweep.done(&["run", "plan.toml", "--shard", shard, "--out", out]);
    };
    run("1/2", "a");
    run("2/2", "b");
    let feature = |header: &mut Value| {
        header["features"].as_array_mut().unwrap().push("avx1024".into());
    };
    sweep.alter("b/shard-2-of-2.jsonl", 0, feature);
    let parts = [
        "a/shard-1-of-2.jsonl and b/shard-2-of-2.jsonl are of different sweeps or programs",
        "CPU feature avx1024: (absent) in the first, true in the second",
    ];
    sweep.refused(&["merge", "a", "b"], 2, &parts);

    fs::remove_dir_all(sweep.path("b")).unwrap();
    let other = SMALL.replace("[4, 9, 16]", "[4, 9, 17]").replace("preset", "seed = 5\npreset");
    fs::write(sweep.path("plan.toml"), other).unwrap();
    run("2/2", "b");
    let parts = ["seed: 1 in the first, 5 in the second", "grid.m: [4,9,16] in the first"];
    sweep.refused(&["merge", "a", "b"], 2, &parts);
    let parts =
        ["a/shard-1-of-2.jsonl: this shard is of another sweep", "seed: 1 in the file, 5 now"];
    for number in ["1/2", "2/2"] {
        sweep.refused(&["run", "plan.toml", "--shard", number, "--out", "a"], 2, &parts);
    }
    assert_eq!(fs::read_dir(sweep.path("a")).unwrap().count(), 1, "nothing was begun");
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
    let readme = include_str!("../../README.md").split_once("## Sweeps").unwrap().1;
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
