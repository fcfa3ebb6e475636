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

    /// Appends a number, whose name must be new.
    pub fn push(&mut self, name: impl Into<Cow<'static, str>>, value: f64) {
        let name = name.into();
        debug_assert!(self.get(&name).is_none(), "there is a number '{name}' already");
        self.0.push((name, value));
    }

    /// The number of that name, which must be there: that it is not is a slip in the code. Without it NaN, which
    /// passes no verdict.
    pub fn number(&self, name: &str) -> f64 {
        let found = self.get(name);
        debug_assert!(found.is_some(), "there is no number '{name}'");
        found.unwrap_or(f64::NAN)
    }

    /// The number of that name, where it need not be there.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, value)| *value)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// The same, but for NaN in place of the number at `index`.
    pub(crate) fn without(&self, index: usize) -> Self {
        let mut numbers = self.clone();
        numbers.0[index].1 = f64::NAN;
        numbers
    }
}

impl<const N: usize> From<[(&'static str, f64); N]> for Numbers {
    fn from(numbers: [(&'static str, f64); N]) -> Self {
        let mut all = Self::new();
        numbers.into_iter().for_each(|(name, value)| all.push(name, value));
        all
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
    /// A number that is none, or that JSON prints as null, passes nothing: an infinite one is not above a bound but
    /// without measure.
    fn new(claim: &str, source: &str, expected: String, measured: f64, pass: bool) -> Self {
        let pass = pass && measured.is_finite();
        Self { claim: claim.into(), source: source.into(), expected, measured, pass }
    }

    /// Passes if `least <= measured <= most`; neither NaN nor infinities pass, here and below.
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
    fn what_json_prints_as_null_passes_no_verdict() {
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!Verdict::between("c", "s", x, f64::NEG_INFINITY, f64::INFINITY).pass);
            assert!(!Verdict::near("c", "s", x, 0.0, 1.0).pass);
            assert!(!Verdict::near("c", "s", x, 0.0, f64::INFINITY).pass);
            assert!(!Verdict::near("c", "s", 0.0, f64::NAN, f64::INFINITY).pass);
            assert!(!Verdict::equal("c", "s", x, x).pass);
            assert!(!Verdict::at_most("c", "s", x, 1.0).pass);
            assert!(!Verdict::at_most("c", "s", 1.0, f64::NAN).pass);
            assert!(!Verdict::at_least("c", "s", x, 1.0).pass);
            assert!(!Verdict::at_least("c", "s", 1.0, f64::NAN).pass);
        }
        assert!(Verdict::at_least("c", "s", 2.0, 1.0).pass);
        assert!(Verdict::near("c", "s", 2.6833, 2.68328, 1e-3).pass);
    }

    #[test]
    fn a_number_is_found_by_its_name() {
        let numbers = Numbers::from([("a", 1.0), ("b", f64::NAN)]);
        assert_eq!((numbers.number("a"), numbers.get("c")), (1.0, None));
        assert!(numbers.number("b").is_nan() && numbers.without(0).number("a").is_nan());
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic = "there is no number 'aa'")]
    fn a_missing_number_is_noticed() {
        let missing = Numbers::from([("a", 1.0)]).number("aa");
        assert!(!Verdict::at_most("c", "s", missing, 1.0).pass);
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic = "there is a number 'a' already"]
    fn a_name_is_given_once() {
        Numbers::from([("a", 1.0), ("b", 2.0)]).push("a", 3.0);
    }
}
