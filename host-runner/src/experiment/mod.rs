//! The experiments: one table entry and one file each.
//!
//! To add one, write `experiment/<id>.rs` with a `pub static` [`Experiment`] and list it in
//! [`ALL`]. Nothing else knows experiments by name.
mod candidate;
mod context;
mod footage;
mod general;
mod general_dnn;
mod general_gcn;
mod general_resnet;
mod general_singular;
mod lemmas;
mod mirror;
mod mirror_cone;
mod mirror_linear;
mod mirror_projection;
mod mirror_sublinear;
mod mirror_wide;
mod orthogonal_five_point;
mod orthogonal_highdim;
mod orthogonal_lazy;
mod orthogonal_phases;
mod orthogonal_subgradient;
mod orthogonal_two_point;
mod outcome;
mod pace;
mod phases;
mod principal;
mod rayleigh;
mod rayleigh_lemniscate;
mod rayleigh_linear;
mod rayleigh_logistic;
mod rayleigh_periodic;
mod rayleigh_twolayer;
mod univariate;
mod weak;
mod weak_bounds;
mod weak_collapse;
mod weak_conjecture;
mod weak_curvature;
mod weak_group;
mod weak_lemmas;
mod weak_phase;
mod weak_probability;
mod weak_sliding;
mod weak_threshold_d;
mod weak_threshold_p;

pub use context::{Config, Context, Precision, Preset, Wishes};
pub use outcome::{Numbers, Outcome, Verdict};

use crate::control::Control;
use crate::failure::{Failure, nearest};
use crate::settings::{Key, Setting};
use crate::trajectory::METHOD;
use serde_json::{Value, json};

/// Every experiment of this build, in the order of `list`.
pub static ALL: &[&Experiment] = &[
    &orthogonal_two_point::TWO_POINT,
    &orthogonal_five_point::FIVE_POINT,
    &orthogonal_lazy::LAZY,
    &orthogonal_highdim::HIGHDIM,
    &orthogonal_subgradient::SUBGRADIENT,
    &orthogonal_phases::PHASES,
    &weak_probability::PROBABILITY,
    &weak_threshold_d::THRESHOLD_D,
    &weak_threshold_p::THRESHOLD_P,
    &weak_curvature::CURVATURE,
    &weak_conjecture::CONJECTURE,
    &weak_lemmas::LEMMAS,
    &weak_sliding::SLIDING,
    &weak_phase::PHASE,
    &weak_group::GROUP,
    &weak_collapse::COLLAPSE,
    &weak_bounds::BOUNDS,
    &mirror_linear::LINEAR,
    &mirror_sublinear::SUBLINEAR,
    &mirror_wide::WIDE,
    &mirror_cone::CONE,
    &mirror_projection::PROJECTION,
    &rayleigh_linear::LINEAR,
    &rayleigh_lemniscate::LEMNISCATE,
    &rayleigh_logistic::LOGISTIC,
    &rayleigh_twolayer::TWOLAYER,
    &rayleigh_periodic::PERIODIC,
    &general_dnn::DNN,
    &general_resnet::RESNET,
    &general_gcn::GCN,
    &general_singular::SINGULAR_KERNELS,
];

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
    pub keys: &'static [&'static [Key]],
    /// What `repro` runs: the assignments of each run, usually `&[&[]]`, the experiment as it is.
    pub variants: &'static [&'static [&'static str]],
    /// The controls that it applies and that its verdicts should notice.
    pub controls: &'static [Control],
    /// Runs it. Takes everything from the context, prints nothing.
    pub run: fn(&Context) -> Result<Outcome, Failure>,
}

impl Experiment {
    /// What `--set` accepts.
    pub fn keys(&self) -> impl Iterator<Item = &'static Key> + use<> {
        self.keys.iter().copied().flatten()
    }

    /// The variants that can be run with this control: the gradient flow with the wrong sign leaves
    /// every bound at once, so that it is a control of gradient descent only.
    pub fn variants_under(
        &self,
        control: Option<Control>,
    ) -> impl Iterator<Item = &'static [&'static str]> {
        let flow = |key: &Key| key.name == METHOD.name && key.default == Setting::Choice("flow");
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
pub mod fake;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use rayon::prelude::*;

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

    #[test]
    fn every_variant_is_accepted_and_named_once() {
        for experiment in ALL {
            let mut seen: Vec<&[&str]> = Vec::new();
            for &variant in experiment.variants {
                let set: Vec<String> = variant.iter().map(ToString::to_string).collect();
                let config =
                    Config::resolve(experiment, &Wishes { set: &set, ..Wishes::default() });
                assert!(config.is_ok(), "{}: {config:?}", experiment.id);
                assert!(!seen.contains(&variant), "{}: {variant:?} twice", experiment.id);
                seen.push(variant);
            }
            assert!(!seen.is_empty(), "{}: repro would leave it out", experiment.id);
        }
    }

    /// The quick preset of every variant passes, and fails with every control that it declares.
    #[test]
    fn every_declared_control_is_noticed() {
        let interrupt = std::sync::atomic::AtomicBool::new(false);
        let runs = ALL.iter().flat_map(|&experiment| {
            let controls = experiment.controls.iter().copied().map(Some);
            std::iter::once(None).chain(controls).flat_map(move |control| {
                experiment.variants_under(control).map(move |set| (experiment, set, control))
            })
        });
        // On all cores, for these are some two hundred runs.
        runs.collect::<Vec<_>>().into_par_iter().for_each(|(experiment, set, control)| {
            let set: &[String] = &set.iter().map(ToString::to_string).collect::<Vec<_>>();
            let preset = Some(Preset::Quick);
            let wishes = Wishes { preset, control, set, ..Wishes::default() };
            let config = Config::resolve(experiment, &wishes).unwrap();
            let context = Context::new(config, 1, Progress::new(true), None, &interrupt);
            let verdicts = (experiment.run)(&context).unwrap().verdicts;
            let passes = verdicts.iter().all(|verdict| verdict.pass);
            let what = format!("{} {set:?} {control:?}: {verdicts:#?}", experiment.id);
            assert!(!verdicts.is_empty() && passes == control.is_none(), "{what}");
        });
    }

    #[test]
    fn ids_are_unique_and_named_after_their_paper() {
        for (at, experiment) in ALL.iter().enumerate() {
            assert!(experiment.id.starts_with(&format!("{}-", experiment.paper)));
            assert!(ALL[..at].iter().all(|other| other.id != experiment.id));
            for key in experiment.keys() {
                assert!(!Config::RESERVED.contains(&key.name), "{}: {}", experiment.id, key.name);
                assert_eq!(key.parse(&key.default.to_string()), Ok(key.default));
            }
        }
    }
}
