//! What decides a result, from flags, a file and defaults.
use crate::choices::{Precision, Preset};
use crate::control::Control;
use crate::experiment::Experiment;
use crate::failure::Failure;
use crate::settings::{Settings, split_assignment};
use clap::ValueEnum;
use serde_json::{Map, Value, json};
use std::path::Path;

/// All that decides a result. Threads do not, so they are not here.
#[derive(Debug, Clone)]
pub struct Config {
    /// Id of the experiment.
    pub experiment: &'static str,
    /// Defaults of the keys.
    pub preset: Preset,
    /// Seed of every random stream.
    pub seed: u64,
    /// Float type of the kernels.
    pub precision: Precision,
    /// Wrong physics, planted on purpose; `None` for a true run.
    pub control: Option<Control>,
    /// The experiment's own keys.
    pub settings: Settings,
}

/// What the user said on the command line; `None` means nothing.
#[derive(Debug, Clone, Default)]
pub struct Wishes<'a> {
    /// A set of defaults.
    pub preset: Option<Preset>,
    /// Of every random stream.
    pub seed: Option<u64>,
    /// Float type of the kernels.
    pub precision: Option<Precision>,
    /// Wrong physics.
    pub control: Option<Control>,
    /// Assignments `KEY=VALUE`.
    pub set: &'a [String],
    /// Name, for messages, and content of a config file.
    pub file: Option<(&'a Path, Map<String, Value>)>,
}

impl Config {
    /// Seed of a run whose user names none.
    pub const DEFAULT_SEED: u64 = 1;
    /// Names that no key may have: they stand beside the keys in `config`.
    pub const RESERVED: [&'static str; 5] =
        ["experiment", "preset", "seed", "precision", "control"];

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

    /// The flat map that `config.toml` and the `config` of the JSON document both print.
    pub fn to_map(&self) -> Map<String, Value> {
        let mut map = Map::new();
        map.insert("experiment".into(), json!(self.experiment));
        map.insert("preset".into(), json!(self.preset));
        map.insert("seed".into(), json!(self.seed));
        map.insert("precision".into(), json!(self.precision));
        if let Some(control) = self.control {
            map.insert("control".into(), json!(control));
        }
        for (name, value) in self.settings.iter() {
            map.insert(name.into(), json!(value));
        }
        map
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
