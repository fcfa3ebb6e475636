//! The result of a run, for a person.
use lab::unicode;
use serde_json::{Map, Value};
use std::fmt::Write;

/// Text of the document that `run --json` prints.
pub fn text(document: &Value) -> String {
    let mut text = String::new();
    let experiment = document["experiment"].as_str().unwrap_or_default();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "{experiment}, seed {}", document["seed"]);
    if let Some(control) = document["control"].as_str() {
        let _ =
            writeln!(text, "CONTROL {control}: the physics is wrong on purpose, a claim must fail");
    }
    text.push('\n');
    section(&mut text, "config", &document["config"], &["experiment", "seed"]);
    section(&mut text, "metrics", &document["metrics"], &[]);
    verdicts(&mut text, document["verdicts"].as_array().map_or(&[], Vec::as_slice));
    let said = document["notes"].as_array().map_or(&[][..], Vec::as_slice);
    text.push_str(&notes(&said.iter().collect::<Vec<_>>()));
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
            unicode(&plain(&verdict["claim"])),
            plain(&verdict["measured"]),
            plain(&verdict["expected"]),
            plain(&verdict["source"])
        );
    }
    text.push('\n');
}

/// The section of notes, a paragraph each; empty without any.
pub fn notes(paragraphs: &[&Value]) -> String {
    let mut text = String::new();
    if paragraphs.is_empty() {
        return text;
    }
    text.push_str("notes\n");
    for paragraph in paragraphs {
        let lines = wrapped(&unicode(&plain(paragraph)), 96);
        let _ = writeln!(text, "  - {}", lines.join("\n    "));
    }
    text.push('\n');
    text
}

/// Lines of at most `width` characters where words allow it.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

/// Strings without quotes, and null as what it stands for.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "not finite".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{text, wrapped};
    use serde_json::json;

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrapped("a bb  ccc\ndddddd e", 5), ["a bb", "ccc", "dddddd", "e"]);
        assert!(wrapped(" ", 5).is_empty());
    }

    #[test]
    fn notes_stand_below_the_verdicts() {
        let text = text(&json!({ "experiment": "e", "seed": 1, "notes": ["n = 1", "m"] }));
        assert!(text.contains("\nnotes\n  - n = 1\n  - m\n\nwall time"), "{text}");
    }
}
