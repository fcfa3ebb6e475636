//! The result of a training run, for a person.
use lab::figure::log_spaced;
use lab::short;
use serde_json::Value;
use std::fmt::Write;

/// Rows of the table; the whole trace is in `metrics.jsonl` and in the document of `--json`.
const ROWS: usize = 16;

/// Text of the document that `train --json` prints.
pub fn text(document: &Value) -> String {
    let (data, config) = (&document["data"], &document["config"]);
    let mut text = format!(
        "{}: n = {}, d = {}, target {}, width {}, seed {}\n",
        plain(&data["source"]),
        data["n"],
        data["d"],
        plain(&data["target"]),
        config["width"],
        config["seed"]
    );
    // Writing to a String cannot fail, here and below.
    if let Some(transform) = data.get("standardization") {
        let unit = transform["target_std"].as_f64().unwrap_or(f64::NAN);
        let _ = writeln!(text, "standardized: the loss is in units of ({})^2", short(unit));
    }
    let step = &document["step"];
    let _ = writeln!(text, "step: {}, {}", plain(&step["kind"]), plain(&step["why"]));
    let _ = writeln!(text, "dt: {}", plain(&step["dt"]));
    for note in document["notes"].as_array().map_or(&[][..], Vec::as_slice) {
        let _ = writeln!(text, "note: {}", plain(note));
    }
    text.push('\n');
    table(&mut text, document["checkpoints"].as_array().map_or(&[], Vec::as_slice));
    text.push('\n');
    summary(&mut text, document);
    text
}

/// Columns that hold nothing in any row are left out.
fn table(text: &mut String, rows: &[Value]) {
    const COLUMNS: [(&str, &str); 10] = [
        ("iteration", "iteration"),
        ("t", "t"),
        ("dt", "dt"),
        ("loss", "loss"),
        ("test_loss", "test loss"),
        ("mu", "mu"),
        ("mu_lower", "lower"),
        ("mu_upper", "upper"),
        ("theorem_1", "weak Thm 1"),
        ("health", "health"),
    ];
    let shown: Vec<_> = COLUMNS
        .iter()
        .filter(|(name, _)| *name == "mu" || rows.iter().any(|row| !row[*name].is_null()))
        .collect();
    let header: String = shown.iter().map(|(_, title)| format!("{title:>12}")).collect();
    let _ = writeln!(text, "{header}");
    for at in log_spaced(rows.len(), ROWS) {
        let line: String =
            shown.iter().map(|(name, _)| format!("{:>12}", cell(name, &rows[at][*name]))).collect();
        let _ = writeln!(text, "{line}");
    }
}

fn cell(name: &str, value: &Value) -> String {
    match (name, value.as_f64()) {
        ("health", Some(bits)) => health(bits as u8),
        ("iteration", _) => value.to_string(),
        (_, None) => "-".into(),
        ("mu_lower", Some(bound)) if bound <= 0.0 => "vacuous".into(),
        (_, Some(0.0)) => "0".into(),
        (_, Some(x)) => format!("{x:.4e}"),
    }
}

/// The flags of `reluflow::Health` by name.
fn health(bits: u8) -> String {
    let names = ["nan", "infinite", "subnormal", "stalled"];
    let raised: Vec<&str> =
        names.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, n)| *n).collect();
    if raised.is_empty() { "good".into() } else { raised.join("+") }
}

fn summary(text: &mut String, document: &Value) {
    let (metrics, target) = (&document["metrics"], plain(&document["data"]["target"]));
    let number = |name: &str| metrics[name].as_f64().unwrap_or(f64::NAN);
    let _ = writeln!(
        text,
        "loss {:.4e} -> {:.4e} in {} iterations (flow time {:.4e})",
        number("loss_start"),
        number("loss_final"),
        metrics["iterations"],
        number("t_final")
    );
    let _ = writeln!(
        text,
        "root mean square error of {target}: {} (R^2 {:.4})",
        short(number("rmse")),
        number("r_squared")
    );
    if !metrics["test_rmse"].is_null() {
        let _ = writeln!(text, "  on the test data: {}", short(number("test_rmse")));
    }
    let count = document["checkpoints"].as_array().map_or(0, Vec::len);
    let bounds = match number("bound_violations") {
        0.0 => "inside its bounds".to_owned(),
        bad => format!("OUTSIDE its bounds at {bad} of them"),
    };
    let vacuous = match number("vacuous_lower_bounds") {
        0.0 => String::new(),
        some => format!(" (the lower one vacuous at {some})"),
    };
    let _ = writeln!(text, "mu at {count} checkpoints: {bounds}{vacuous}");
    let _ = writeln!(
        text,
        "wall time {:.3} s, {:.2} us a step",
        document["manifest"]["wall_seconds"].as_f64().unwrap_or(f64::NAN),
        number("ns_per_step") / 1e3
    );
}

/// Strings without quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
