//! From flags, a file and defaults to what decides a result. Apart from [`Config`], which an experiment is given and so
//! cannot know of.
use crate::choices::Preset;
use crate::config::{Config, Wishes};
use crate::control::Control;
use crate::experiment::Experiment;
use crate::failure::Failure;
use crate::settings::{Settings, split_assignment};
use clap::ValueEnum;
use serde_json::{Map, Value};

impl Config {
    /// Flag before config file before default.
    pub fn resolve(experiment: &'static Experiment, wishes: &Wishes) -> Result<Self, Failure> {
        let empty = Map::new();
        let (origin, file) = match &wishes.file {
            Some((path, content)) => (path.display().to_string(), content),
            None => (String::new(), &empty),
        };
        if let Some(other) = file.get("experiment").filter(|id| **id != experiment.id) {
            return Err(Failure::bad_input(format!(
                "{origin}: this configuration is for {other}, not for {}",
                experiment.id
            )));
        }
        let preset = from_file(&origin, file, "preset", "quick, paper or extended")?;
        let preset = wishes.preset.or(preset).unwrap_or(Preset::Paper);
        if preset == Preset::Extended && experiment.keys().all(|key| key.extended.is_none()) {
            return Err(Failure::bad_input(format!(
                "--preset extended: {} has none; choose quick or paper, or change its keys by --set",
                experiment.id
            )));
        }
        let seed = from_file(&origin, file, "seed", "a whole number of at least 0")?;
        let precision = from_file(&origin, file, "precision", "f32 or f64")?;
        let named = Control::names(Control::value_variants());
        let control = from_file(&origin, file, "control", &format!("one of {named}"))?;
        let control = wishes.control.or(control);
        if let Some(control) = control.filter(|control| !experiment.controls.contains(control)) {
            return Err(Failure::bad_input(format!(
                "--control {}: it changes nothing in {}; its controls: {}",
                control.name(),
                experiment.id,
                Control::names(experiment.controls)
            )));
        }
        let mut settings = Settings::preset(experiment.keys(), preset);
        for (name, value) in file.iter().filter(|(k, _)| !Self::RESERVED.contains(&k.as_str())) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
            settings.set(&origin, name, &text)?;
        }
        for assignment in wishes.set {
            let (name, value) = split_assignment(assignment)?;
            settings.set(&format!("--set {assignment}"), name, value)?;
        }
        let seed = wishes.seed.or(seed).unwrap_or(Self::DEFAULT_SEED);
        if i64::try_from(seed).is_err() {
            return Err(Failure::bad_input(format!(
                "--seed {seed}: a seed is at most {}, the largest integer of config.toml",
                i64::MAX
            )));
        }
        Ok(Self {
            experiment: experiment.id,
            preset,
            seed,
            precision: wishes.precision.or(precision).unwrap_or(experiment.precision),
            control,
            settings,
        })
    }
}

fn from_file<T: serde::de::DeserializeOwned>(
    origin: &str,
    file: &Map<String, Value>,
    name: &str,
    accepts: &str,
) -> Result<Option<T>, Failure> {
    let Some(value) = file.get(name) else {
        return Ok(None);
    };
    serde_json::from_value(value.clone())
        .map(Some)
        .map_err(|_| Failure::bad_input(format!("{origin}: {name} = {value}: expected {accepts}")))
}
