//! `train` and `check` as their users and their scripts see them.
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::{TempDir, tempdir};

const WINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/wine.csv");

fn reluflow(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_reluflow")).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn document(arguments: &[&str]) -> Value {
    let output = reluflow(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).unwrap()
}

fn file(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

/// The command fails with `code`, says `parts` on stderr, prints nothing, and leaves no `out`.
fn refused(arguments: &[&str], code: i32, parts: &[&str], out: &Path) {
    let output = reluflow(arguments);
    let said = stderr(&output);
    println!("{said}");
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert_eq!(stdout(&output), "", "{arguments:?}");
    for part in parts {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("panicked") && !said.contains("backtrace"), "{said}");
    assert!(!out.exists(), "{arguments:?}: something was written");
}

#[test]
fn bad_data_get_a_sentence_and_leave_nothing_behind() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("run");
    let out_name = out.to_string_lossy().into_owned();
    let good = file(&folder, "good.csv", "a,b,y\n1,2,3\n4,5,7\n7,9,8\n");
    for (name, text, parts) in [
        ("empty.csv", "", &["empty.csv: found no rows", "check that"][..]),
        ("ragged.csv", "a,b,y\n1,2,3\n4,5\n", &["ragged.csv:3: found 2 columns, expected 3"]),
        ("text.csv", "a,b,y\n1,2,3\n4,five,6\n", &["text.csv:3:", "\"five\"", "column \"b\""]),
        ("nan.csv", "a,b,y\n1,nan,3\n4,5,6\n", &["nan.csv:2:", "finite"]),
        ("inf.csv", "a,b,y\n1,2,3\n4,inf,6\n", &["inf.csv:3:", "finite"]),
        ("flat.csv", "a,b,y\n1,2,3\n4,5,3\n", &["flat.csv:2:", "\"y\" equal to 3 in all 2 rows"]),
        ("one.csv", "a,b,y\n1,2,3\n", &["one.csv:2: found one row"]),
        ("huge.csv", "a,b,y\n1e200,2,3\n4,5,6\n", &["huge.csv", "--standardize"]),
        ("table.xlsx", "a,b,y\n1,2,3\n", &["table.xlsx", "\"xlsx\"", "export"]),
    ] {
        let data = file(&folder, name, text);
        refused(&["train", "--data", &data, "--out", &out_name], 2, parts, &out);
        refused(&["check", "--data", &data], 2, parts, &out);
    }
    let missing = folder.path().join("missing.csv").to_string_lossy().into_owned();
    let wide = file(&folder, "wide.csv", "a,b,c,y\n1,2,3,4\n");
    for (more, parts) in [
        (&["--data", &missing][..], &["missing.csv: no such file", "check the spelling"][..]),
        (&["--data", &good, "--test-data", &missing], &["missing.csv: no such file"]),
        (&["--data", &good, "--test-data", &wide], &["wide.csv:1: found 4 columns, expected 3"]),
        (&["--data", &good, "--target", "z"], &["no column \"z\"", "did you mean"]),
        (&["--data", &good, "--target", "7"], &["index 7", "0 to 2"]),
        (&["--data", &good, "--width", "0"], &["'--width <P>'", "whole number from 1 to 16777216"]),
        (&["--data", &good, "--steps", "0"], &["'--steps <N>'"]),
        (&["--data", &good, "--dt", "-1"], &["'--dt <DT>'", "finite number above 0"]),
        (&["--data", &good, "--dt", "nan"], &["finite number above 0"]),
        (&["--data", &good, "--stop-loss", "x"], &["expected a number"]),
        (&["--data", &good, "--widht", "9"], &["unexpected argument '--widht'", "'--width'"]),
        (&["--data", &good, "--scale", "two"], &["one-over-p"]),
        (&["--data", &good, "--precision", "f16"], &["f32, f64"]),
        (&["--data", &good, "--coordinates", "orthogonal"], &["samples 0 and 1", "--whiten"]),
        (&["--data", &good, "--whiten"], &["cannot whiten", "n = 3 rows of d = 2"]),
        (&["--data", &good, "--whiten", "--test-data", &good], &["leave one of the two away"]),
        (&["--width", "9"], &["--data <FILE>"]),
    ] {
        let all = [&["train"], more, &["--out", &out_name]].concat();
        refused(&all, 2, parts, &out);
    }
    for (more, parts) in [
        (&["--eps", "0"][..], &["'--eps <EPS>'", "between 0 and 1"][..]),
        (&["--width", "0"], &["'--width <P>'"]),
        (&["--target", "z"], &["no column \"z\""]),
    ] {
        refused(&[&["check", "--data", &good], more].concat(), 2, parts, &out);
    }
}

#[test]
fn an_unwritable_folder_is_exit_code_1_before_any_training() {
    let folder = tempdir().unwrap();
    let inside = file(&folder, "file", "x") + "/run";
    let out = Path::new(&inside);
    refused(&["train", "--data", WINE, "--out", &inside], 1, &["cannot write", "choose"], out);
}

#[test]
fn a_folder_of_another_run_is_refused() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("run").to_string_lossy().into_owned();
    let run = |more: &[&str]| {
        let base = ["train", "--data", WINE, "--steps", "3", "--quiet", "--out", &out];
        reluflow(&[&base, more].concat())
    };
    let first = run(&[]);
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    assert_eq!(stdout(&run(&[])), stdout(&first), "complete");
    let other = run(&["--width", "9", "--dt", "1e-9"]);
    assert_eq!((other.status.code(), stdout(&other)), (Some(2), String::new()));
    for part in ["another configuration", "width: 64 in the folder, 9 now", "dt: \"auto\""] {
        assert!(stderr(&other).contains(part), "{}", stderr(&other));
    }
    let mut names: Vec<String> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let expected = "a.npy config.toml figures manifest.json metrics.jsonl result.json w.npy \
                    weights.json";
    assert_eq!(names.join(" "), expected);
}

#[test]
fn the_shipped_data_train_between_the_bounds() {
    for more in [&[][..], &["--standardize", "--bias"], &["--precision", "f32"]] {
        let base = ["train", "--data", WINE, "--width", "64", "--steps", "300", "--json"];
        let document = document(&[&base[..], more].concat());
        let names: Vec<&String> = document.as_object().unwrap().keys().collect();
        let parts = ["data", "config", "step", "notes", "metrics", "checkpoints", "manifest"];
        assert_eq!(names, parts);
        assert_eq!(document["step"]["kind"], "dense");
        let metrics = &document["metrics"];
        assert_eq!(metrics["bound_violations"], 0, "{more:?}");
        assert!(metrics["loss_final"].as_f64() < metrics["loss_start"].as_f64());
        for row in document["checkpoints"].as_array().unwrap() {
            let number = |name: &str| row[name].as_f64().unwrap();
            assert!(number("mu_lower") <= number("mu") && number("mu") <= number("mu_upper"));
        }
    }
}

#[test]
fn the_flow_of_the_shipped_data_keeps_its_certificate() {
    let base = ["train", "--data", WINE, "--standardize", "--bias", "--width", "16", "--json"];
    let flow = ["--method", "flow", "--until", "10", "--quiet"];
    let document = document(&[&base[..], &flow].concat());
    let number = |name: &str| document["metrics"][name].as_f64().unwrap();
    assert!(number("loss_final") < 0.5 * number("loss_start"));
    assert_eq!((number("t_final"), number("bound_violations")), (10.0, 0.0));
    assert!(number("rhs_evaluations") > 6.0 && number("events") > 0.0);
    for promise in ["certificate_drift", "lemma2_defect", "energy_defect"] {
        assert!((0.0..1e-3).contains(&number(promise)), "{promise}: {}", number(promise));
    }
    assert!(!document["notes"].to_string().contains("certificate"), "{}", document["notes"]);
    let rows = document["checkpoints"].as_array().unwrap();
    let losses: Vec<f64> = rows.iter().map(|row| row["loss"].as_f64().unwrap()).collect();
    assert!(losses.len() > 100 && losses.is_sorted_by(|x, y| x >= y), "{losses:?}");
}

#[test]
fn the_text_says_which_step_and_why() {
    let output = reluflow(&["train", "--data", WINE, "--steps", "20"]);
    let text = stdout(&output);
    for part in [
        "n = 178, d = 12, target alcohol",
        "step: dense, samples 0 and 1 (counted from 0) have the cosine",
        "273 thousand multiply-adds a step (gram: 2.03 million)",
        "dt: 1/U",
        "vacuous",
        "inside its bounds",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(stderr(&output).contains("--standardize"), "features of different size");
    let quiet = reluflow(&["train", "--data", WINE, "--steps", "2", "--quiet"]);
    assert_eq!(stderr(&quiet), "");
}

#[test]
fn check_says_what_does_not_apply_and_why() {
    let document = document(&["check", "--data", WINE, "--json"]);
    assert_eq!(document["geometry"]["assumption_2"], false);
    assert_eq!(document["geometry"]["orthogonal"], false);
    assert_eq!(document["step"]["kind"], "dense");
    let claims = document["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 5);
    let lemma_5 = &claims[2]["values"];
    // ceil(log(178 / 0.05) / log(4/3)), 1 - 178 (3/4)^64
    assert_eq!(lemma_5["width"], 29);
    assert!((lemma_5["probability_at_width"].as_f64().unwrap() - 0.999_998_2).abs() < 1e-7);
    for claim in [0, 1, 3, 4] {
        assert!(claims[claim]["not_applicable"].is_string(), "{}", claims[claim]);
    }
}

#[test]
fn check_predicts_on_orthogonal_data() {
    let folder = tempdir().unwrap();
    let data = file(&folder, "two.csv", "-0.5,1,-1\n2,1,1\n");
    let document = document(&["check", "--data", &data, "--width", "60", "--json"]);
    let claim = |at: usize, name: &str| document["claims"][at]["values"][name].as_f64().unwrap();
    // C = 6/5 (5/4) / sqrt 5, |D+| = sqrt 5 / 2, |D-| = sqrt 5 / 4, 2 (1/sqrt 5 + 2/sqrt 5)
    let root = 5f64.sqrt();
    for (at, name, expected) in [
        (0, "factor", 1.25),
        (1, "C", 1.5 / root),
        (1, "rate", 0.75 / root),
        (3, "D_plus", root / 2.0),
        (3, "D_minus", root / 4.0),
        (4, "theta_norm_sq", 6.0 / root),
    ] {
        assert!((claim(at, name) - expected).abs() < 1e-12, "{name}");
    }
    assert_eq!(document["step"]["kind"], "orthogonal");
    let text = stdout(&reluflow(&["check", "--data", &data]));
    for part in ["smallest |theta|^2 = 2.6833", "weak's Assumption 2 holds   yes", "C/n = 0.33541"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
}

/// Each case breaks one hypothesis: what rests on it is not asserted, and the hypothesis is named.
#[test]
fn check_asserts_no_theorem_outside_its_hypotheses() {
    let folder = tempdir().unwrap();
    let four = "1,0,0,0,1\n0,1,0,0,2\n0,0,1,0,-1\n0,0,0,1,-3\n";
    for (table, width, weak, orthogonal) in [
        ("1,0,1\n0,1,-1\n", "64", None, "Assumption 2 fails: |D+| = |D-| = 0.5"),
        ("3,4,1\n-4,3,-1\n", "64", None, "Assumption 2 fails: |D+| = |D-|"),
        (
            "1,0,1\n0,1,0\n",
            "64",
            Some("Assumption 2 fails: a target is 0"),
            "Assumption 2 fails: the target of sample 1 (counted from 0) is 0",
        ),
        (four, "1", Some("Lemma 5 gives that a probability of 0 at width 1"), "Assumption 3"),
        (four, "20", None, "Assumption 3"),
        ("1,0,1\n0.1,1,-2\n", "64", None, "Assumption 1, orthogonal inputs, fails"),
    ] {
        let data = file(&folder, "data.csv", table);
        let document = document(&["check", "--data", &data, "--width", width, "--json"]);
        let claims = document["claims"].as_array().unwrap();
        for claim in claims {
            let theorem = claim["source"].as_str().unwrap().contains("Theorem");
            let why = claim["not_applicable"].as_str();
            let expected = match (claim["paper"].as_str().unwrap(), theorem) {
                ("orthogonal", _) => Some(orthogonal),
                (_, true) => weak,
                (_, false) => continue,
            };
            match expected {
                Some(part) => assert!(why.is_some_and(|why| why.contains(part)), "{claim}"),
                // What is left to the start is said.
                None => {
                    assert!(claim["if"].as_array().is_some_and(|all| all.len() == 3), "{claim}")
                }
            }
        }
        let text = stdout(&reluflow(&["check", "--data", &data, "--width", width]));
        assert!(text.contains(orthogonal), "{text}");
        for line in text.lines().filter(|line| line.contains("arXiv")) {
            assert!(line.contains("(weak: ") || line.contains("(orthogonal: "), "{line}");
        }
    }
    // Four samples at a width at which both hold: 80 of 1/64 and 1/64, exactly.
    let data = file(&folder, "data.csv", four);
    let document = document(&["check", "--data", &data, "--width", "80", "--json"]);
    let probability = document["claims"][4]["values"]["probability_at_width"].as_f64().unwrap();
    let expected = 1.0 - 2.0 * 0.875f64.powi(80) + 0.75f64.powi(80);
    assert!((probability - expected).abs() < 1e-14, "{probability}");
}

/// A table in .npy.
fn npy(folder: &TempDir, rows: usize, columns: usize) -> String {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let header =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    bytes.extend((header.len() as u16 + 1).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.push(b'\n');
    for cell in 0..rows * columns {
        let value = ((cell * cell + 7 * cell) % 1013) as f32 / 506.0 - 1.0;
        bytes.extend(value.to_le_bytes());
    }
    let path = folder.path().join("table.npy");
    fs::write(&path, bytes).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn threads_and_streams_print_the_same_numbers() {
    let folder = tempdir().unwrap();
    let data = npy(&folder, 3000, 5);
    let run = |more: &[&str]| {
        let base = ["train", "--data", &data, "--width", "8", "--steps", "50", "--json", "--bias"];
        let mut document = document(&[&base, more].concat());
        document["metrics"]["ns_per_step"] = Value::Null;
        document["manifest"] = Value::Null;
        document
    };
    let one = run(&["--threads", "1"]);
    assert_eq!(one["data"]["n"], 3000);
    assert_eq!(one, run(&["--threads", "2"]));
    assert_eq!(one, run(&["--stream"]));
    let all = ["train", "--data", &data, "--threads", "2", "--steps", "1", "--stream"];
    assert!(stderr(&reluflow(&all)).contains("2 threads share 2 pieces of the samples"));
    let out = folder.path().join("run");
    let whiten = ["train", "--data", &data, "--stream", "--whiten"];
    refused(&whiten, 2, &["--whiten with --stream", "leave one of the two away"], &out);
}
