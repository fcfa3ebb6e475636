//! The ledger of a paper: each of its statements, and what shows it here.
use crate::experiment::Experiment;
use serde_json::{Value, json};

/// A paper, its experiments and its statements.
#[derive(Debug)]
pub struct Paper {
    /// Short name, `orthogonal` for one.
    pub name: &'static str,
    /// Authors and title.
    pub title: &'static str,
    /// How its verdicts cite it: `arXiv 2206.00939` for one.
    pub source: &'static str,
    /// In the order of `list`.
    pub experiments: &'static [&'static Experiment],
    /// In the order of the text.
    pub statements: &'static [Statement],
}

/// A theorem, a figure, a numbered equation that is computed, ...
#[derive(Debug)]
pub struct Statement {
    /// As the paper writes it: `Lemma 12`, `Figure 7`, `(28)`.
    pub number: &'static str,
    /// What it says, in one line of our own words.
    pub says: &'static str,
    /// What it assumes; empty where nothing.
    pub under: &'static str,
    /// How much of it is shown.
    pub state: State,
    /// By what.
    pub shown_by: &'static [Evidence],
}

/// How much of a statement is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// All that it says, by verdicts or tests that can fail.
    Shown,
    /// A part; here is what is missing.
    Partly(&'static str),
    /// It does not hold as it is printed, which verdicts or tests show at the paper's own constants; here is how.
    Refuted(&'static str),
    /// Nothing yet; here is what it would take.
    Open(&'static str),
    /// Nothing that is computed could show it; here is why.
    Beyond(&'static str),
}

/// Something that shows a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Id of an experiment, and a part of the claim of one of its verdicts, which cites the statement.
    Verdict(&'static str, &'static str),
    /// Id of an experiment that computes or draws it; a reader is the judge.
    Run(&'static str),
    /// `folder/file.rs::function` from the top of the repository.
    Test(&'static str),
}

impl State {
    /// The words of [`State::word`], in the order of the counts.
    pub const WORDS: [&'static str; 5] = ["shown", "partly", "refuted", "open", "beyond"];

    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            State::Shown => "shown",
            State::Partly(_) => "partly",
            State::Refuted(_) => "refuted",
            State::Open(_) => "open",
            State::Beyond(_) => "beyond",
        }
    }

    /// What is missing, how it fails, or why nothing can show it.
    pub fn why(self) -> Option<&'static str> {
        match self {
            State::Shown => None,
            State::Partly(why) | State::Refuted(why) | State::Open(why) | State::Beyond(why) => {
                Some(why)
            }
        }
    }
}

impl Paper {
    /// The place in the ledger of each statement that a verdict's `source` cites, or the number that the ledger lacks.
    pub fn cited(&self, source: &str) -> Result<Vec<usize>, String> {
        if !source.contains(self.source) {
            return Ok(Vec::new());
        }
        let find = |number: &str| self.statements.iter().position(|s| s.number == number);
        let panel = |c: char| c.is_ascii_lowercase();
        let place = |number: String| {
            // Figure 7b is a part of Figure 7.
            let found = find(&number).or_else(|| find(number.trim_end_matches(panel)));
            found.ok_or(number)
        };
        numbers(source).into_iter().map(place).collect()
    }

    /// Statements in each state, in the order of [`State::WORDS`].
    pub fn counts(&self) -> [usize; State::WORDS.len()] {
        State::WORDS.map(|word| self.statements.iter().filter(|s| s.state.word() == word).count())
    }
}

impl Statement {
    /// Its entry in `list --statements --json`.
    pub fn describe(&self) -> Value {
        let evidence = self.shown_by.iter().map(|evidence| match evidence {
            Evidence::Verdict(experiment, claim) => {
                json!({ "experiment": experiment, "verdict": claim })
            }
            Evidence::Run(experiment) => json!({ "experiment": experiment }),
            Evidence::Test(test) => json!({ "test": test }),
        });
        json!({
            "number": self.number,
            "says": self.says,
            "under": self.under,
            "state": self.state.word(),
            "why": self.state.why(),
            "shown_by": evidence.collect::<Vec<_>>(),
        })
    }
}

/// What a paper gives numbers to, as it is written in the singular.
const KINDS: [&str; 11] = [
    "Theorem",
    "Lemma",
    "Proposition",
    "Corollary",
    "Fact",
    "Conjecture",
    "Remark",
    "Assumption",
    "Definition",
    "Figure",
    "Section",
];

/// Every number that is cited in a text: `Lemma 2` and `Lemma 3` in `Lemmas 2 and 3`, `(28)` in `see (28)`.
pub fn numbers(text: &str) -> Vec<String> {
    let (mut found, mut kind) = (Vec::new(), None);
    for word in text.split([' ', ',', ';', ':']).filter(|word| !word.is_empty()) {
        let is = |of: &str| {
            word == of
                || word.strip_suffix('s') == Some(of)
                || word.strip_suffix("ies").is_some_and(|stem| of.strip_suffix('y') == Some(stem))
        };
        if let Some(of) = KINDS.iter().find(|of| is(of)) {
            kind = Some(*of);
        } else if let Some(number) = word.strip_prefix('(').and_then(|w| w.strip_suffix(')')) {
            if number.starts_with(|c: char| c.is_ascii_digit()) {
                found.push(format!("({number})"));
            }
        } else if let (Some(of), true) = (kind, numbered(word)) {
            found.push(format!("{of} {}", word.trim_end_matches('.')));
        } else if word != "and" {
            kind = None;
        }
    }
    found
}

/// Whether a word is a number of a statement: `12`, `4.7`, `7b`, `A.3`.
fn numbered(word: &str) -> bool {
    let mut parts = word.trim_end_matches('.').split('.');
    let first = parts.next().unwrap_or_default();
    let digits = |part: &str| {
        let bare = part.trim_end_matches(|c: char| c.is_ascii_lowercase());
        !bare.is_empty() && part.len() <= bare.len() + 1 && bare.bytes().all(|b| b.is_ascii_digit())
    };
    let letter = first.len() == 1 && first.bytes().all(|b| b.is_ascii_uppercase());
    (digits(first) || letter && word.contains('.')) && parts.all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_found() {
        for (text, cited) in [
            ("arXiv 2206.00939, Lemma 12", &["Lemma 12"][..]),
            (
                "arXiv 2206.00939, Lemmas 2, 3 and 14; (28)",
                &["Lemma 2", "Lemma 3", "Lemma 14", "(28)"],
            ),
            ("Proposition 4.7 with the factor min(1, R^2/2)", &["Proposition 4.7"]),
            ("proof of Theorem 3.1: dF/dt = G (y - F)", &["Theorem 3.1"]),
            ("Lemma A.3, Figure 7b", &["Lemma A.3", "Figure 7b"]),
            (
                "Lemma 2 (ii) at 3 samples, Corollaries 3.1.1 and 3.1.2",
                &["Lemma 2", "Corollary 3.1.1", "Corollary 3.1.2"],
            ),
            ("arithmetic of 12 samples", &[]),
        ] {
            assert_eq!(numbers(text), cited, "{text}");
        }
    }

    #[test]
    fn a_citation_is_looked_up_and_a_panel_belongs_to_its_figure() {
        let paper = &crate::fake::PAPER;
        assert_eq!(paper.cited("fake, Figure 0b and Theorem 1"), Ok(vec![1, 0]));
        assert_eq!(paper.cited("fake, Lemma 9"), Err("Lemma 9".into()));
        assert_eq!(paper.cited("another paper, Lemma 9"), Ok(vec![]));
        assert_eq!(paper.counts(), [1, 1, 0, 0, 0]);
    }
}
