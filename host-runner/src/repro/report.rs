//! What `repro` prints: a table of verdicts, or one JSON document.
use super::args::ReproArgs;
use super::done::{Done, claims, exit_code, passes};
use crate::report::{self, plain};
use crate::table::aligned;
use lab::failure::Kind;
use lab::short;
use serde_json::{Map, Value, json};

/// (claims that passed, claims that did not).
fn tally(all: &[Done]) -> (usize, usize) {
    let documents = all.iter().filter_map(|done| done.result.as_ref().ok());
    let (passed, failed): (Vec<_>, Vec<_>) = documents.flat_map(claims).partition(|c| passes(c));
    (passed.len(), failed.len())
}

/// Runs under a control whose claims all passed all the same.
fn unnoticed(all: &[Done]) -> Vec<String> {
    all.iter()
        .filter(|done| {
            done.result.as_ref().is_ok_and(|document| claims(document).iter().all(passes))
        })
        .map(|done| done.job.title())
        .collect()
}

pub(super) fn json(args: &ReproArgs, all: &[Done]) -> Value {
    let (passed, failed) = tally(all);
    let errors = all.iter().filter_map(|done| {
        let failure = done.result.as_ref().err()?;
        Some(json!({
            "experiment": done.job.experiment.id,
            "set": done.job.set,
            "error": failure.to_string(),
            "exit": failure.exit_code(),
        }))
    });
    let mut document = Map::new();
    document.insert("paper".into(), json!(args.paper));
    document.insert("preset".into(), json!(args.preset()));
    if let Some(control) = args.control {
        document.insert("control".into(), json!(control));
        document.insert("unnoticed".into(), json!(unnoticed(all)));
    }
    let documents: Vec<_> = all.iter().filter_map(|done| done.result.as_ref().ok()).collect();
    document.insert("experiments".into(), json!(documents));
    document.insert("errors".into(), errors.collect());
    document.insert("passed".into(), json!(passed));
    document.insert("failed".into(), json!(failed));
    document.insert("exit".into(), json!(exit_code(all)));
    Value::Object(document)
}

pub(super) fn text(args: &ReproArgs, all: &[Done]) -> String {
    let head = ["EXPERIMENT", "CLAIM", "EXPECTED", "MEASURED", "PASS"].map(String::from);
    let rows: Vec<_> = std::iter::once(head).chain(all.iter().flat_map(rows)).collect();
    let mut text = aligned(&rows);
    text.push('\n');
    text.push_str(&notes(all));
    let (passed, failed) = tally(all);
    let errors = all.iter().filter(|done| done.result.is_err()).count();
    let (runs, claims) = (counted(all.len(), "run"), counted(passed + failed, "claim"));
    text.push_str(&format!("{}: {passed} of {claims} reproduced in {runs}", args.paper));
    if errors > 0 {
        text.push_str(&format!(", {errors} without a result"));
    }
    text.push('\n');
    if let Some(control) = args.control {
        let blind = unnoticed(all);
        text.push_str(&format!(
            "control {}: the physics is wrong on purpose; {}\n",
            control.name(),
            match blind.len() {
                0 => "no run passes all of its claims".to_string(),
                _ => format!("NOT NOTICED by {}", blind.join("; ")),
            }
        ));
    }
    text
}

/// What the runs say beside their claims, each of it once.
fn notes(all: &[Done]) -> String {
    let mut said = Vec::new();
    for document in all.iter().filter_map(|done| done.result.as_ref().ok()) {
        let notes = document["notes"].as_array().map_or(&[][..], Vec::as_slice);
        said.extend(notes.iter().filter(|note| !said.contains(note)).collect::<Vec<_>>());
    }
    report::notes(&said)
}

/// A row for each claim, or one that says why there is none.
fn rows(done: &Done) -> Vec<[String; 5]> {
    let row = |claim: &str, expected: String, measured: String, mark: &str| {
        [done.job.title(), claim.into(), expected, measured, mark.into()]
    };
    let no_claim = |why, mark| vec![row(why, "-".into(), "-".into(), mark)];
    match &done.result {
        Err(failure) if failure.kind() == Kind::Interrupted => no_claim("(interrupted)", "-"),
        Err(_) => no_claim("(failed; the error is on stderr)", "ERROR"),
        Ok(document) if claims(document).is_empty() => {
            no_claim("(judges nothing at these settings)", "-")
        }
        Ok(document) => claims(document)
            .iter()
            .map(|claim| {
                row(
                    &plain(&claim["claim"]),
                    plain(&claim["expected"]),
                    measured(&claim["measured"]),
                    if passes(claim) { "pass" } else { "FAIL" },
                )
            })
            .collect(),
    }
}

/// Counts in full, other numbers with five digits.
fn measured(value: &Value) -> String {
    match value.as_f64() {
        Some(x) if x.fract() == 0.0 && x.abs() < 1e15 => format!("{x}"),
        Some(x) => short(x),
        None => plain(value),
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
