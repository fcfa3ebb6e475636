//! Which of the three steps suits the data, and why.
use crate::facts::Facts;
use lab::failure::Failure;
use serde::{Deserialize, Serialize};

/// One of the three ways to take a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// In w itself.
    Dense,
    /// In coordinates along orthogonal samples.
    Orthogonal,
    /// In coordinates that move by the Gram matrix.
    Gram,
}

impl Kind {
    /// The word of `--coordinates`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::Orthogonal => "orthogonal",
            Self::Gram => "gram",
        }
    }

    /// Predicted multiply-adds a step.
    pub fn cost(self, p: usize, n: usize, d: usize) -> f64 {
        let (p, n, d) = (p as f64, n as f64, d as f64);
        match self {
            Self::Dense => 2.0 * p * n * d,
            Self::Orthogonal => 3.0 * p * n,
            Self::Gram => p * n * n,
        }
    }
}

/// The step taken and the reason.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Which.
    pub kind: Kind,
    /// Why, for people.
    pub why: String,
    /// Predicted multiply-adds a step.
    pub cost: f64,
}

/// Decides, or takes what was asked for by `--coordinates`.
pub fn plan(facts: &Facts, p: usize, d: usize, wish: Option<Kind>) -> Result<Choice, Failure> {
    let n = facts.geometry.n;
    let (kind, reason) = match wish {
        Some(Kind::Dense) => (Kind::Dense, "asked for".to_owned()),
        Some(Kind::Gram) => (Kind::Gram, "asked for".to_owned()),
        Some(Kind::Orthogonal) => match facts.why_not_orthogonal() {
            None => (Kind::Orthogonal, "asked for".to_owned()),
            Some(why) => {
                return Err(Failure::bad_input(format!(
                    "--coordinates orthogonal: {why}, expected 0 for every pair; leave the flag away, \
                     or add --whiten to make the samples orthogonal"
                )));
            }
        },
        None if facts.orthogonal() => {
            (Kind::Orthogonal, "the samples are pairwise orthogonal".to_owned())
        }
        None => {
            let oblique = facts.why_not_orthogonal().unwrap_or_default();
            if n < 2 * d {
                (Kind::Gram, format!("{oblique} and n = {n} is below 2d = {}", 2 * d))
            } else {
                (Kind::Dense, format!("{oblique} and n = {n} is not below 2d = {}", 2 * d))
            }
        }
    };
    let cost = kind.cost(p, n, d);
    let others = [Kind::Orthogonal, Kind::Gram, Kind::Dense]
        .into_iter()
        .filter(|&other| other != kind && (other != Kind::Orthogonal || facts.orthogonal()))
        .map(|other| format!("{}: {}", other.word(), count(other.cost(p, n, d))))
        .collect::<Vec<_>>();
    let why = format!("{reason}; {} multiply-adds a step ({})", count(cost), others.join(", "));
    Ok(Choice { kind, why, cost })
}

/// A large number with three digits.
pub fn count(x: f64) -> String {
    match x {
        x if x < 1e4 => format!("{x:.0}"),
        x if x < 1e6 => format!("{} thousand", significant(x / 1e3)),
        x if x < 1e9 => format!("{} million", significant(x / 1e6)),
        x => format!("{} billion", significant(x / 1e9)),
    }
}

fn significant(x: f64) -> f64 {
    let digits = 10f64.powf(2.0 - x.abs().log10().floor());
    (x * digits).round() / digits
}
