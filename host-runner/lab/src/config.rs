//! What decides a result.
use crate::choices::{Precision, Preset};
use crate::control::Control;
use crate::settings::Settings;
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
