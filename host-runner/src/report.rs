//! The result of a run, for a person.
use serde_json::{Map, Value};
use std::fmt::Write;

/// Text of the document that `run --json` prints.
pub fn text(document: &Value) -> String {
    let mut text = String::new();
    let experiment = document["experiment"].as_str().unwrap_or_default();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "{experiment}, seed {}\n", document["seed"]);
    section(&mut text, "config", &document["config"], &["experiment", "seed"]);
    section(&mut text, "metrics", &document["metrics"], &[]);
    verdicts(&mut text, document["verdicts"].as_array().map_or(&[], Vec::as_slice));
    let _ = writeln!(text, "wall time {} s", document["manifest"]["wall_seconds"]);
    text
}

fn section(text: &mut String, title: &str, content: &Value, skip: &[&str]) {
    let empty = Map::new();
    let rows: Vec<_> = content
        .as_object()
        .unwrap_or(&empty)
        .iter()
        .filter(|(name, _)| !skip.contains(&name.as_str()))
        .collect();
    if rows.is_empty() {
        return;
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let _ = writeln!(text, "{title}");
    for (name, value) in rows {
        let _ = writeln!(text, "  {name:width$}  {}", plain(value));
    }
    text.push('\n');
}

fn verdicts(text: &mut String, verdicts: &[Value]) {
    if verdicts.is_empty() {
        return;
    }
    let _ = writeln!(text, "verdicts");
    for verdict in verdicts {
        let mark = if verdict["pass"] == true { "pass" } else { "FAIL" };
        let _ = writeln!(
            text,
            "  {mark}  {}: measured {}, expected {} ({})",
            plain(&verdict["claim"]),
            plain(&verdict["measured"]),
            plain(&verdict["expected"]),
            plain(&verdict["source"])
        );
    }
    text.push('\n');
}

/// Strings without quotes, and null as what it stands for.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "not finite".into(),
        other => other.to_string(),
    }
}
