//! `check`: do the theorems apply to a data set, and what do they predict?
use crate::train::width;
use data::prepare::{DataArgs, Prepared};
use engine::coordinates::plan;
use engine::exact::direction;
use engine::facts::Facts;
use lab::failure::{DONE, Failure, print};
use lab::run_folder::pretty;
use lab::short;
use reluflow::SamplesView;
use reluflow::limit::Sign;
use serde_json::{Map, Value, json};
use std::fmt::Write;

mod claims;

/// Flags of `check`.
#[derive(Debug, Clone, clap::Args)]
pub struct CheckArgs {
    /// The data.
    #[command(flatten)]
    pub data: DataArgs,
    /// Number of neurons that the probabilities and the choice of step are for
    #[arg(long, value_name = "P", default_value_t = 64,
        value_parser = width)]
    pub width: u32,
    /// Probability with which a random start may fail a hypothesis
    #[arg(long, default_value_t = 0.05, value_parser = probability,
        allow_negative_numbers = true)]
    pub eps: f64,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x > 0.0 && x < 1.0 => Ok(x),
        Ok(_) => Err("expected a probability between 0 and 1, neither of them".into()),
        Err(_) => Err("expected a number".into()),
    }
}

/// Runs the command and prints the result; returns the exit code.
pub fn run(args: &CheckArgs) -> Result<u8, Failure> {
    let prepared = args.data.prepare(None)?;
    let document = document(args, &prepared)?;
    print(&if args.json { pretty(&document) } else { text(&document) })?;
    Ok(DONE)
}

fn document(args: &CheckArgs, prepared: &Prepared) -> Result<Value, Failure> {
    let data = &prepared.train;
    let samples = SamplesView::new(&data.x, &data.y, data.d)?;
    let facts = Facts::of(samples, f64::EPSILON)?;
    let mut map = Map::new();
    map.insert("data".into(), prepared.to_json());
    map.insert("width".into(), json!(args.width));
    map.insert("eps".into(), json!(args.eps));
    let mut geometry = facts.to_json();
    // Numbers of the data alone, whether a theorem speaks of them or not.
    let rates = rates(samples)?;
    (geometry["D_plus"], geometry["D_minus"]) = (json!(rates.0), json!(rates.1));
    map.insert("geometry".into(), geometry);
    let asked = claims::Asked { samples, facts: &facts, rates, width: args.width, eps: args.eps };
    map.insert("claims".into(), Value::Array(asked.claims()?));
    let plan = plan(&facts, args.width as usize, data.d, None)?;
    let step = json!({ "kind": plan.kind, "why": plan.why, "multiply_adds": plan.cost });
    map.insert("step".into(), step);
    Ok(Value::Object(map))
}

/// |D_+| and |D_-|.
fn rates(samples: SamplesView<'_, f64>) -> Result<(f64, f64), Failure> {
    let mut out = vec![0.0; samples.d()];
    let plus = direction(samples, Sign::Plus, &mut out)?;
    Ok((plus, direction(samples, Sign::Minus, &mut out)?))
}

fn text(document: &Value) -> String {
    let (data, geometry) = (&document["data"], &document["geometry"]);
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}: n = {}, d = {}, target {}",
        plain(&data["source"]),
        data["n"],
        data["d"],
        plain(&data["target"])
    );
    for warning in data["warnings"].as_array().map_or(&[][..], Vec::as_slice) {
        let _ = writeln!(text, "warning: {}", plain(warning));
    }
    let (low, high) = (&geometry["defect_lower"], &geometry["defect_upper"]);
    let defect = match low == high {
        true => plain(low),
        false => format!("{} to {}", plain(low), plain(high)),
    };
    let word = |yes: &Value| if *yes == true { "yes" } else { "no" };
    for (name, value) in [
        ("C_x^-, C_x^+", pair(geometry, "x_norm_min", "x_norm_max")),
        ("C_y^-, C_y^+", pair(geometry, "y_abs_min", "y_abs_max")),
        ("|D+|, |D-|", pair(geometry, "D_plus", "D_minus")),
        ("|X^T X - D_X|", format!("{defect} ({})", plain(&geometry["defect_method"]))),
        ("weak's Assumption 2 allows", plain(&geometry["defect_allowed"])),
        ("weak's Assumption 2 holds", word(&geometry["assumption_2"]).into()),
        ("orthogonal", word(&geometry["orthogonal"]).into()),
        (
            "train would step",
            format!("{}: {}", plain(&document["step"]["kind"]), plain(&document["step"]["why"])),
        ),
    ] {
        let _ = writeln!(text, "  {name:26}  {value}");
    }
    for claim in document["claims"].as_array().map_or(&[][..], Vec::as_slice) {
        let (paper, source) = (plain(&claim["paper"]), plain(&claim["source"]));
        let _ = writeln!(text, "\n{} ({paper}: {source})", plain(&claim["statement"]));
        if let Some(why) = claim.get("not_applicable") {
            let _ = writeln!(text, "  not applicable: {}", plain(why));
        }
        for condition in claim["if"].as_array().into_iter().flatten() {
            let _ = writeln!(text, "  if {}", plain(condition));
        }
        if let Some(note) = claim.get("note") {
            let _ = writeln!(text, "  note: {}", plain(note));
        }
        for (name, value) in claim["values"].as_object().into_iter().flatten() {
            let name = match name.as_str() {
                "width" => {
                    format!("width for probability {}", short(1.0 - number(&document["eps"])))
                }
                "probability_at_width" => format!("probability at width {}", document["width"]),
                "rate" => "guaranteed rate C/n".into(),
                "factor" => "(2/n) ((C_x^-)^2 - |X^T X - D_X|)".into(),
                "loss_allowed" => "2 (C_y^+)^2".into(),
                "theta_norm_sq" => "smallest |theta|^2".into(),
                "D_plus" => "|D+|".into(),
                "D_minus" => "|D-|".into(),
                other => other.to_owned(),
            };
            let _ = writeln!(text, "  {name} = {}", plain(value));
        }
    }
    text
}

fn pair(map: &Value, least: &str, most: &str) -> String {
    format!("{}, {}", plain(&map[least]), plain(&map[most]))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// Strings without quotes, numbers with five digits.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(n) if n.is_f64() => short(number(value)),
        other => other.to_string(),
    }
}
