//! `list`: what there is to run.
use crate::experiment::Experiment;
use crate::run_folder::pretty;
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
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (id, paper, figure, cost) = (width(0), width(1), width(2), width(3));
    rows.iter()
        .map(|[a, b, c, d, about]| {
            format!("{a:id$}  {b:paper$}  {c:figure$}  {d:cost$}  {about}\n")
        })
        .collect()
}
