//! What `repro` prints: a table of verdicts, or one JSON document.
use super::args::ReproArgs;
use super::done::{Done, claims, exit_code, passes};
use crate::report::{self, plain};
use crate::table::aligned;
use lab::failure::Kind;
use lab::{Paper, short, unicode};
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

/// The verdicts of each statement that is judged, in the order of the ledger.
fn by_statement(paper: &Paper, all: &[Done]) -> Vec<Value> {
    let judged = paper.statements.iter().enumerate().map(|(at, row)| {
        let cites = |claim: &&Value| places(paper, claim).contains(&at);
        let verdicts = all.iter().flat_map(|done| {
            let document = done.result.as_ref().ok();
            document.into_iter().flat_map(claims).filter(cites).map(|claim| {
                json!({
                    "experiment": done.job.experiment.id,
                    "set": done.job.set,
                    "claim": claim["claim"],
                    "pass": claim["pass"],
                })
            })
        });
        (row, verdicts.collect::<Vec<_>>())
    });
    let judged = judged.filter(|(_, verdicts)| !verdicts.is_empty());
    judged
        .map(|(row, verdicts)| {
            json!({
                "number": row.number,
                "says": row.says,
                "state": row.state.word(),
                "passed": verdicts.iter().filter(|verdict| passes(verdict)).count(),
                "failed": verdicts.iter().filter(|verdict| !passes(verdict)).count(),
                "verdicts": verdicts,
            })
        })
        .collect()
}

/// Where in the ledger a claim belongs; a test holds every citation to it.
fn places(paper: &Paper, claim: &Value) -> Vec<usize> {
    paper.cited(claim["source"].as_str().unwrap_or_default()).unwrap_or_default()
}

pub(super) fn json(paper: &Paper, args: &ReproArgs, all: &[Done]) -> Value {
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
    document.insert("statements".into(), json!(by_statement(paper, all)));
    document.insert("errors".into(), errors.collect());
    document.insert("passed".into(), json!(passed));
    document.insert("failed".into(), json!(failed));
    document.insert("exit".into(), json!(exit_code(all)));
    Value::Object(document)
}

pub(super) fn text(paper: &Paper, args: &ReproArgs, all: &[Done]) -> String {
    let head = ["STATEMENT", "EXPERIMENT", "CLAIM", "EXPECTED", "MEASURED", "PASS"];
    let mut table: Vec<_> = all.iter().flat_map(|done| rows(paper, done)).collect();
    // What belongs to no statement comes last.
    table.sort_by_key(|(place, _)| place.unwrap_or(usize::MAX));
    let mut last = None;
    for (place, row) in &mut table {
        row[0] = match *place {
            Some(_) if *place == last => String::new(),
            Some(at) => paper.statements[at].number.into(),
            None => "-".into(),
        };
        last = *place;
    }
    let table: Vec<_> = std::iter::once(head.map(String::from))
        .chain(table.into_iter().map(|(_, row)| row))
        .collect();
    let mut text = aligned(&table);
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

/// A row for each claim and its place in the ledger, or one that says why there is none. The first column is left empty.
fn rows(paper: &Paper, done: &Done) -> Vec<(Option<usize>, [String; 6])> {
    let row = |claim: &str, expected: String, measured: String, mark: &str| {
        ["".into(), done.job.title(), claim.into(), expected, measured, mark.into()]
    };
    let no_claim = |why, mark| vec![(None, row(why, "-".into(), "-".into(), mark))];
    match &done.result {
        Err(failure) if failure.kind() == Kind::Interrupted => no_claim("(interrupted)", "-"),
        Err(_) => no_claim("(failed; the error is on stderr)", "ERROR"),
        Ok(document) if claims(document).is_empty() => {
            no_claim("(judges nothing at these settings)", "-")
        }
        Ok(document) => claims(document)
            .iter()
            .map(|claim| {
                let row = row(
                    &unicode(&plain(&claim["claim"])),
                    plain(&claim["expected"]),
                    measured(&claim["measured"]),
                    if passes(claim) { "pass" } else { "FAIL" },
                );
                (places(paper, claim).first().copied(), row)
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
