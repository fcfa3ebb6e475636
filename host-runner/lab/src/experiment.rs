//! What an experiment is.
use crate::choices::{Precision, Preset};
use crate::context::Context;
use crate::control::Control;
use crate::failure::{Failure, nearest};
use crate::outcome::Outcome;
use crate::settings::{Entry, Key, Keys, Value as _, Word};
use serde_json::{Value, json};

/// Who takes the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Gradient descent.
    Descent,
    /// An integrator of the gradient flow.
    Flow,
}

impl Word for Method {
    const WORDS: &'static [(&'static str, Self)] = &[("gd", Self::Descent), ("flow", Self::Flow)];
}

/// The key of it.
pub const METHOD: Key<Method> = Key::choice(
    "method",
    Method::Descent,
    "method: gradient descent, or the gradient flow itself by an adaptive integrator",
);

/// What the command line needs to know of an experiment, and how to run it.
#[derive(Debug)]
pub struct Experiment {
    /// `<paper>-<what>`.
    pub id: &'static str,
    /// Short name of the paper.
    pub paper: &'static str,
    /// The figure or statement that it reproduces, e.g. `Figure 2`.
    pub figure: &'static str,
    /// One line.
    pub about: &'static str,
    /// Rough wall time of the `paper` preset on two cores.
    pub cost_seconds: f64,
    /// Precision where the user names none.
    pub precision: Precision,
    /// What `--set` accepts, in groups: keys of its own, and those that experiments share.
    pub keys: &'static [Keys],
    /// What `repro` runs: the assignments of each run, usually `&[&[]]`, the experiment as it is.
    pub variants: &'static [&'static [&'static str]],
    /// The controls that it applies and that its verdicts should notice.
    pub controls: &'static [Control],
    /// Runs it. Takes everything from the context, prints nothing.
    pub run: fn(&Context) -> Result<Outcome, Failure>,
}

impl Experiment {
    /// What `--set` accepts.
    pub fn keys(&self) -> impl Iterator<Item = Entry> + use<> {
        self.keys.iter().copied().flatten().map(|key| key.entry())
    }

    /// The variants that can be run with this control: the gradient flow with the wrong sign leaves
    /// every bound at once, so that it is a control of gradient descent only.
    pub fn variants_under(
        &self,
        control: Option<Control>,
    ) -> impl Iterator<Item = &'static [&'static str]> {
        let flow = |key: Entry| key.name == METHOD.name && key.default == Method::Flow.setting();
        let usual = self.keys().any(flow);
        let impossible = move |set: &[&str]| {
            let flows =
                if usual { !set.contains(&"method=gd") } else { set.contains(&"method=flow") };
            control == Some(Control::WrongSign) && flows
        };
        self.variants.iter().copied().filter(move |set| !impossible(set))
    }

    /// The cost estimate in words.
    pub fn cost(&self) -> String {
        match self.cost_seconds {
            s if s < 1.0 => "under 1 s".into(),
            s if s < 90.0 => format!("about {s:.0} s"),
            s if s < 90.0 * 60.0 => format!("about {:.0} min", s / 60.0),
            s => format!("about {:.0} h", s / 3600.0),
        }
    }

    /// The numbers in `figure` that belong to figures: 2 and 3 in `Figures 2 and 3, Theorem 1`.
    pub fn figures(&self) -> Vec<u32> {
        let (mut numbers, mut listing) = (Vec::new(), false);
        for word in self.figure.split([' ', ',', ';']).filter(|word| !word.is_empty()) {
            let digits = |part: &str| -> Option<u32> {
                part.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
            };
            let ends: Vec<u32> = word.split(['-', '\u{2013}']).filter_map(digits).collect();
            match ends[..] {
                [] => listing = word.starts_with("Fig") || (listing && word == "and"),
                [from, .., to] if listing => numbers.extend(from..=to),
                [number] if listing => numbers.push(number),
                _ => {}
            }
        }
        numbers
    }

    /// The entry of `list --json`.
    pub fn describe(&self) -> Value {
        let keys = self.keys().map(|key| {
            json!({
                "name": key.name,
                "accepts": key.accepts(),
                "default": key.default,
                "quick": key.under(Preset::Quick),
                "extended": key.under(Preset::Extended),
                "about": key.doc,
            })
        });
        json!({
            "id": self.id,
            "paper": self.paper,
            "figure": self.figure,
            "about": self.about,
            "cost": self.cost(),
            "cost_seconds": self.cost_seconds,
            "precision": self.precision,
            "keys": keys.collect::<Vec<_>>(),
            "variants": self.variants,
            "controls": self.controls,
        })
    }
}

/// The experiment of that id, or a sentence with the nearest one.
pub fn find(all: &[&'static Experiment], id: &str) -> Result<&'static Experiment, Failure> {
    if let Some(found) = all.iter().find(|e| e.id == id) {
        return Ok(found);
    }
    let hint = match nearest(id, all.iter().map(|e| e.id)) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => "`reluflow list` shows them".into(),
    };
    Err(Failure::bad_input(format!("there is no experiment '{id}'; {hint}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn an_unknown_experiment_gets_the_nearest_name() {
        let all = [&fake::FAKE];
        assert!(find(&all, "fake-count").is_ok());
        let said = find(&all, "fake-cuont").unwrap_err().to_string();
        assert!(said.contains("did you mean 'fake-count'"), "{said}");
        assert!(find(&all, "zzz").unwrap_err().to_string().contains("reluflow list"));
    }

    #[test]
    fn numbers_of_figures_are_told_from_those_of_theorems() {
        for (figure, numbers) in [
            ("Figure 2", &[2][..]),
            ("Figures 2 and 3", &[2, 3]),
            ("Figures 2, 4-6 and 8b; Theorem 1", &[2, 4, 5, 6, 8]),
            ("Theorem 2, Figure 7", &[7]),
            ("Section 4 of the appendix", &[]),
        ] {
            assert_eq!(Experiment { figure, ..fake::FAKE }.figures(), numbers, "{figure}");
        }
    }
}
