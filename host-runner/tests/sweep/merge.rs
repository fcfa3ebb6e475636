//! What a merge writes, and what it refuses to join.
use crate::support::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;

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
