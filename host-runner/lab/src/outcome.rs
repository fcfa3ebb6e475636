//! What an experiment hands back.
use crate::figure::{Figure, Film};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// Named numbers in the order they were added. In JSON a map; NaN and infinities become null,
/// which JSON has no other word for, and whole numbers lose their `.0`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Numbers(Vec<(Cow<'static, str>, f64)>);

impl Numbers {
    /// No numbers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a number.
    pub fn push(&mut self, name: impl Into<Cow<'static, str>>, value: f64) {
        self.0.push((name.into(), value));
    }

    /// The number of that name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, value)| *value)
    }
}

impl<const N: usize> From<[(&'static str, f64); N]> for Numbers {
    fn from(numbers: [(&'static str, f64); N]) -> Self {
        Self(numbers.map(|(name, value)| (name.into(), value)).to_vec())
    }
}

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            let value = *value;
            // Beyond 2^53 a float no longer says which integer it is.
            if value.fract() == 0.0
                && value.abs() < 9e15
                && !(value == 0.0 && value.is_sign_negative())
            {
                map.serialize_entry(name, &(value as i64))?;
            } else {
                map.serialize_entry(name, &value)?;
            }
        }
        map.end()
    }
}

/// A claim of a paper, and whether this run reproduced it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// What is claimed, e.g. `the second saddle is left near iteration 11000`.
    pub claim: String,
    /// Where, e.g. `arXiv 2206.00939, Figure 2`.
    pub source: String,
    /// What counts as reproduced, in words.
    pub expected: String,
    /// What this run measured.
    pub measured: f64,
    /// Whether it did.
    pub pass: bool,
}

impl Verdict {
    fn new(claim: &str, source: &str, expected: String, measured: f64, pass: bool) -> Self {
        Self { claim: claim.into(), source: source.into(), expected, measured, pass }
    }

    /// Passes if `least <= measured <= most`; NaN never passes, here and below.
    pub fn between(claim: &str, source: &str, measured: f64, least: f64, most: f64) -> Self {
        let pass = (least..=most).contains(&measured);
        Self::new(claim, source, format!("{least}..{most}"), measured, pass)
    }

    /// Passes if `measured` differs from `target` by at most `tolerance`.
    pub fn near(claim: &str, source: &str, measured: f64, target: f64, tolerance: f64) -> Self {
        let pass = (measured - target).abs() <= tolerance;
        Self::new(claim, source, format!("{target} +- {tolerance}"), measured, pass)
    }

    /// Passes if `measured` is `target` exactly: for counts.
    pub fn equal(claim: &str, source: &str, measured: f64, target: f64) -> Self {
        Self::new(claim, source, format!("{target}"), measured, measured == target)
    }

    /// Passes if `measured <= most`.
    pub fn at_most(claim: &str, source: &str, measured: f64, most: f64) -> Self {
        Self::new(claim, source, format!("at most {most}"), measured, measured <= most)
    }

    /// Passes if `measured >= least`.
    pub fn at_least(claim: &str, source: &str, measured: f64, least: f64) -> Self {
        Self::new(claim, source, format!("at least {least}"), measured, measured >= least)
    }
}

/// Everything that a run produced.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The headline numbers.
    pub metrics: Numbers,
    /// The claims, judged.
    pub verdicts: Vec<Verdict>,
    /// What a reader should know to compare them with the paper, a paragraph each: where its text and
    /// the published code differ, and which this run followed.
    pub notes: Vec<String>,
    /// One line of `metrics.jsonl` each; log-spaced, see [`crate::figure::log_spaced`].
    pub trace: Vec<Numbers>,
    /// Drawn into `figures/` when there is a run folder.
    pub figures: Vec<Figure>,
    /// Pages that play, beside the figures.
    pub films: Vec<Film>,
    /// `events.csv`, of a run of the gradient flow.
    pub events: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_json_can() {
        let numbers = Numbers::from([
            ("b", 2.0),
            ("a", 0.1),
            ("nan", f64::NAN),
            ("inf", f64::INFINITY),
            ("minus", -0.0),
            ("big", 1e300),
        ]);
        assert_eq!(
            serde_json::to_string(&numbers).unwrap(),
            r#"{"b":2,"a":0.1,"nan":null,"inf":null,"minus":-0.0,"big":1e+300}"#
        );
    }

    #[test]
    fn nan_passes_no_verdict() {
        let x = f64::NAN;
        assert!(!Verdict::between("c", "s", x, f64::NEG_INFINITY, f64::INFINITY).pass);
        assert!(!Verdict::near("c", "s", x, 0.0, 1.0).pass);
        assert!(!Verdict::equal("c", "s", x, x).pass);
        assert!(!Verdict::at_most("c", "s", x, 1.0).pass);
        assert!(!Verdict::at_least("c", "s", x, 1.0).pass);
        assert!(Verdict::near("c", "s", 2.6833, 2.68328, 1e-3).pass);
    }
}
