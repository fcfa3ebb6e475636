//! What an experiment is given: its configuration and the services of the command.
use super::Experiment;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::run_folder::RunFolder;
use crate::settings::{Settings, split_assignment};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Float type of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single.
    F32,
    /// Double.
    F64,
}

/// A set of defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Smaller, to see it work.
    Quick,
    /// The published protocol.
    Paper,
}

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
    /// The experiment's own keys.
    pub settings: Settings,
}

/// What the user said on the command line; `None` means nothing.
#[derive(Debug, Clone, Default)]
pub struct Wishes<'a> {
    pub(crate) preset: Option<Preset>,
    pub(crate) seed: Option<u64>,
    pub(crate) precision: Option<Precision>,
    pub(crate) set: &'a [String],
    /// Name, for messages, and content of a config file.
    pub(crate) file: Option<(&'a Path, Map<String, Value>)>,
}

impl Config {
    /// Seed of a run whose user names none.
    pub const DEFAULT_SEED: u64 = 1;
    /// Names that no key may have: they stand beside the keys in `config`.
    pub const RESERVED: [&'static str; 4] = ["experiment", "preset", "seed", "precision"];

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
        let preset = from_file(&origin, file, "preset", "quick or paper")?;
        let preset = wishes.preset.or(preset).unwrap_or(Preset::Paper);
        let seed = from_file(&origin, file, "seed", "a whole number of at least 0")?;
        let precision = from_file(&origin, file, "precision", "f32 or f64")?;
        let mut settings = Settings::preset(experiment.keys, preset == Preset::Quick);
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

/// Given to an experiment's `run`.
#[derive(Debug)]
pub struct Context<'a> {
    /// What to run.
    pub config: Config,
    /// How many threads to use; must not change the result.
    pub threads: usize,
    /// Call [`Progress::start`] once and [`Progress::at`] now and then.
    pub progress: Progress,
    folder: Option<&'a RunFolder>,
    interrupt: &'a AtomicBool,
    last_checkpoint: Mutex<Instant>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        config: Config,
        threads: usize,
        progress: Progress,
        folder: Option<&'a RunFolder>,
        interrupt: &'a AtomicBool,
    ) -> Self {
        let last_checkpoint = Mutex::new(Instant::now());
        Self { config, threads, progress, folder, interrupt, last_checkpoint }
    }

    /// The value of a count among the keys; the others likewise.
    pub fn count(&self, key: &str) -> usize {
        self.config.settings.count(key)
    }

    /// The value of a number.
    pub fn number(&self, key: &str) -> f64 {
        self.config.settings.number(key)
    }

    /// The value of a choice.
    pub fn choice(&self, key: &str) -> &'static str {
        self.config.settings.choice(key)
    }

    /// The value of a flag.
    pub fn flag(&self, key: &str) -> bool {
        self.config.settings.flag(key)
    }

    /// The user pressed Ctrl-C, or the scheduler wants the machine back. Cheap; ask often, save a
    /// checkpoint, and return [`Context::stopped`].
    pub fn interrupted(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }

    /// The failure to return after an interrupt.
    pub fn stopped(&self) -> Failure {
        Failure::interrupted(match self.folder {
            Some(folder) => format!(
                "interrupted; the same command continues from what is saved in {}",
                folder.path().display()
            ),
            None => "interrupted; nothing is saved without --out DIR".into(),
        })
    }

    /// Replaces the checkpoint. `state` must hold all that the outcome needs, the trace so far
    /// included, and floats as bits. Does nothing without a run folder.
    pub fn save_checkpoint(&self, state: &[u8]) -> Result<(), Failure> {
        self.folder.map_or(Ok(()), |folder| folder.save_checkpoint(state))
    }

    /// What a previous, unfinished run of the same configuration saved.
    pub fn load_checkpoint(&self) -> Result<Option<Vec<u8>>, Failure> {
        self.folder.map_or(Ok(None), RunFolder::load_checkpoint)
    }

    /// Whether it is time to save one: there is a run folder, and either an interrupt is pending
    /// or the last checkpoint is [`Context::CHECKPOINT_PERIOD`] old. Reads the clock: ask every
    /// some hundred steps.
    pub fn checkpoint_due(&self) -> bool {
        if self.folder.is_none() {
            return false;
        }
        let mut last = self.last_checkpoint.lock().unwrap_or_else(PoisonError::into_inner);
        let due = self.interrupted() || last.elapsed() >= Self::CHECKPOINT_PERIOD;
        if due {
            *last = Instant::now();
        }
        due
    }

    /// How much work a killed run may lose.
    pub const CHECKPOINT_PERIOD: Duration = Duration::from_secs(2);
}
