//! `PLAN.toml`: what a sweep is made of. Every mistake in it is found before anything runs, and its
//! line named.
mod axis;

use axis::Axis;
use lab::Control;
use lab::failure::{Failure, nearest};
use lab::run_folder::line_at;
use lab::settings::Setting;
use lab::{Config, Experiment, Precision, Preset, Wishes, find};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// More jobs than this are several sweeps: their records would not fit the memory of a merge.
const MOST_JOBS: u64 = 1_000_000;

const FIELDS: [&str; 8] =
    ["experiment", "preset", "precision", "control", "seed", "repetitions", "set", "grid"];

/// Seeds and counts are integers of TOML.
const MOST: u64 = i64::MAX as u64;

/// The file as it is written. Tables are sorted by name here; their spans know the order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    experiment: Spanned<String>,
    preset: Option<Preset>,
    precision: Option<Precision>,
    control: Option<Spanned<Control>>,
    seed: Option<u64>,
    repetitions: Option<Spanned<u64>>,
    #[serde(default)]
    set: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    #[serde(default)]
    grid: BTreeMap<Spanned<String>, Axis>,
}

/// A setting and its value.
pub type Assignment = (&'static str, Setting);

/// A checked plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What runs.
    pub experiment: &'static Experiment,
    /// Defaults of its settings.
    pub preset: Preset,
    /// Float type.
    pub precision: Precision,
    /// Wrong physics.
    pub control: Option<Control>,
    /// Of the whole sweep; each job derives its own.
    pub seed: u64,
    /// Of each cell, with a seed of its own each.
    pub repetitions: u64,
    /// The same in all cells, sorted by name.
    pub set: Vec<Assignment>,
    /// The axes in the order written.
    pub grid: Vec<(&'static str, Vec<Setting>)>,
}

/// The text of a plan with its name, for messages.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Plan {
    /// Reads and checks a file.
    pub fn read(path: &Path, all: &[&'static Experiment]) -> Result<Self, Failure> {
        let text = fs::read_to_string(path).map_err(|e| Failure::read(path, &e))?;
        Self::parse(path, &text, all)
    }

    /// Checks a text; `path` is its name in messages.
    pub fn parse(path: &Path, text: &str, all: &[&'static Experiment]) -> Result<Self, Failure> {
        let reader = Reader { path, text };
        let file: File = toml::from_str(text).map_err(|error| reader.syntax(&error))?;
        let experiment = find(all, file.experiment.get_ref())
            .map_err(|failure| reader.wrong(file.experiment.span().start, failure.to_string()))?;
        if let Some(control) = &file.control
            && !experiment.controls.contains(control.get_ref())
        {
            let sentence = format!(
                "control {} changes nothing in {}; its controls: {}",
                control.get_ref().name(),
                experiment.id,
                Control::names(experiment.controls)
            );
            return Err(reader.wrong(control.span().start, sentence));
        }
        let wishes = Wishes { preset: file.preset, precision: file.precision, ..Wishes::default() };
        let Config { preset, precision, .. } = Config::resolve(experiment, &wishes)?;
        let mut plan = Self {
            experiment,
            preset,
            precision,
            control: file.control.map(Spanned::into_inner),
            seed: file.seed.unwrap_or(Config::DEFAULT_SEED),
            repetitions: 1,
            set: Vec::new(),
            grid: Vec::new(),
        };
        if let Some(repetitions) = file.repetitions {
            plan.repetitions = *repetitions.get_ref();
            if plan.repetitions == 0 {
                let sentence = "found repetitions = 0, expected at least 1".to_string();
                return Err(reader.wrong(repetitions.span().start, sentence));
            }
        }
        for (name, value) in &file.set {
            let text = axis::spelled(value.get_ref())
                .map_err(|sentence| reader.wrong(value.span().start, sentence))?;
            plan.set.push(plan.checked(&reader, name, value.span().start, text)?);
        }
        let mut axes: Vec<_> = file.grid.into_iter().collect();
        axes.sort_by_key(|(name, _)| name.span().start);
        for (name, axis) in axes {
            if let Some(twice) = file.set.keys().find(|other| **other == name) {
                let line = line_at(text, twice.span().start);
                let sentence =
                    format!("'{}' is set in line {line} already; remove one", name.get_ref());
                return Err(reader.wrong(name.span().start, sentence));
            }
            let values = plan.values(&reader, &name, axis)?;
            plan.grid.push(values);
        }
        plan.bounded(&reader)
    }

    /// The values of an axis, each checked, none twice: they would be the same job.
    fn values(
        &self,
        reader: &Reader,
        name: &Spanned<String>,
        axis: Axis,
    ) -> Result<(&'static str, Vec<Setting>), Failure> {
        let start = name.span().start;
        let mut key = None;
        let mut values: Vec<Setting> = Vec::new();
        let texts = axis.texts(start).map_err(|(at, sentence)| reader.wrong(at, sentence))?;
        for (at, text) in texts {
            let (checked, value) = self.checked(reader, name, at, text)?;
            if values.contains(&value) {
                return Err(reader.wrong(at, format!("{checked} = {value} is there twice")));
            }
            key = Some(checked);
            values.push(value);
        }
        key.map(|key| (key, values)).ok_or_else(|| {
            reader.wrong(start, format!("found no value of '{}', expected one", name.get_ref()))
        })
    }

    /// The key of that name and the value that `text` spells, if the experiment takes it.
    fn checked(
        &self,
        reader: &Reader,
        name: &Spanned<String>,
        at: usize,
        text: String,
    ) -> Result<Assignment, Failure> {
        let name = name.get_ref().as_str();
        if FIELDS.contains(&name) {
            let sentence = format!(
                "'{name}' is no setting of the experiment; write it above the tables, before [set] \
                 and [grid]"
            );
            return Err(reader.wrong(at, sentence));
        }
        let origin = PathBuf::from(reader.at(at));
        let one = Map::from_iter([(name.to_string(), Value::String(text))]);
        let wishes = Wishes { file: Some((&origin, one)), ..Wishes::default() };
        let config = Config::resolve(self.experiment, &wishes)?;
        let found = config.settings.iter().find(|(key, _)| *key == name);
        found.ok_or_else(|| reader.wrong(at, format!("there is no key '{name}'")))
    }

    /// Itself, unless it has too many jobs.
    fn bounded(self, reader: &Reader) -> Result<Self, Failure> {
        let lengths = self.grid.iter().map(|(_, values)| values.len() as u64);
        let jobs = lengths.fold(self.repetitions, u64::saturating_mul);
        if jobs > MOST_JOBS {
            let sentence = format!(
                "found {jobs} jobs, expected at most {MOST_JOBS}; split the grid into several plans"
            );
            return Err(reader.wrong(0, sentence));
        }
        if self.seed > MOST {
            return Err(
                reader.wrong(0, format!("found seed {}, expected at most {MOST}", self.seed))
            );
        }
        Ok(self)
    }

    /// How many cells there are.
    pub fn cells(&self) -> u64 {
        self.grid.iter().map(|(_, values)| values.len() as u64).product()
    }

    /// How many jobs there are.
    pub fn jobs(&self) -> u64 {
        self.cells() * self.repetitions
    }

    /// The plan in one spelling, which is a plan again: two plans with the same text are the same.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: Value| text.push_str(&format!("{name} = {value}\n"));
        line("experiment", json!(self.experiment.id));
        line("preset", json!(self.preset));
        line("precision", json!(self.precision));
        if let Some(control) = self.control {
            line("control", json!(control));
        }
        line("seed", json!(self.seed));
        line("repetitions", json!(self.repetitions));
        for (name, value) in &self.set {
            line(&format!("set.{name}"), json!(value));
        }
        for (name, values) in &self.grid {
            line(&format!("grid.{name}"), json!(values));
        }
        text
    }
}

impl Reader<'_> {
    fn at(&self, offset: usize) -> String {
        format!("{}:{}", self.path.display(), line_at(self.text, offset))
    }

    fn wrong(&self, offset: usize, sentence: String) -> Failure {
        Failure::bad_input(format!("{}: {sentence}", self.at(offset)))
    }

    /// What the parser says, with the field that was meant where one is near.
    fn syntax(&self, error: &toml::de::Error) -> Failure {
        let span = error.span().unwrap_or(0..0);
        let found = self.text.get(span.clone()).unwrap_or_default();
        let unknown = error.message().starts_with("unknown field");
        let hint = match nearest(found, FIELDS).filter(|_| unknown) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => "see `reluflow sweep --help` for a plan that works".into(),
        };
        self.wrong(span.start, format!("{}; {hint}", error.message()))
    }
}

#[cfg(test)]
mod tests;
