//! What was wanted, and what became of it.
use lab::Experiment;
use lab::failure::{DONE, Failure, Kind, NOT_REPRODUCED};
use serde_json::Value;

/// One run that is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// What.
    pub experiment: &'static Experiment,
    /// Assignments as for `--set`.
    pub set: &'static [&'static str],
}

impl Job {
    /// Id and assignments, for people.
    pub fn title(&self) -> String {
        [&[self.experiment.id], self.set].concat().join(" ")
    }

    /// The run folder's name: the id alone for the experiment as it is.
    pub fn folder(&self) -> String {
        [&[self.experiment.id], self.set].concat().join("+")
    }
}

/// A run that was carried out, or failed in the attempt.
#[derive(Debug)]
pub struct Done {
    /// Which.
    pub job: Job,
    /// The document of `run --json`.
    pub result: Result<Value, Failure>,
}

/// The verdicts of a document of `run`.
pub fn claims(document: &Value) -> &[Value] {
    document["verdicts"].as_array().map_or(&[], Vec::as_slice)
}

/// Whether a claim was reproduced.
pub fn passes(claim: &Value) -> bool {
    claim["pass"] == true
}

/// An interrupt before an error before a claim that failed.
pub fn exit_code(all: &[Done]) -> u8 {
    let failures = || all.iter().filter_map(|done| done.result.as_ref().err());
    if let Some(stop) = failures().find(|failure| failure.kind() == Kind::Interrupted) {
        return stop.exit_code();
    }
    // 1, the machine's fault, before 2, the user's.
    if let Some(code) = failures().map(Failure::exit_code).min() {
        return code;
    }
    let claims = all.iter().filter_map(|done| done.result.as_ref().ok()).flat_map(claims);
    if claims.into_iter().all(passes) { DONE } else { NOT_REPRODUCED }
}
