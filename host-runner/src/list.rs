//! `list`: what there is to run.
use crate::table::aligned;
use lab::Experiment;
use lab::run_folder::pretty;
use serde_json::Value;

/// The text of the command.
pub fn list(all: &[&Experiment], json: bool) -> String {
    if json {
        return pretty(&Value::Array(all.iter().map(|e| e.describe()).collect()));
    }
    let head = ["ID", "PAPER", "FIGURE", "COST", "ABOUT"].map(String::from);
    let rows = all
        .iter()
        .map(|e| [e.id.into(), e.paper.into(), e.figure.into(), e.cost(), e.about.into()]);
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(rows).collect();
    aligned(&rows)
}
