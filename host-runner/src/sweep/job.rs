//! A job: one cell of the grid, one repetition, and the random numbers of its own.
use super::digest;
use super::plan::{Assignment, Plan};
use lab::failure::{Failure, Kind};
use lab::progress::Progress;
use lab::settings::Setting;
use lab::{Config, Context, Outcome, Wishes};
use rand_core::Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// What is to be run.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its place in the list of all jobs: cells in order, repetitions inside.
    pub index: u64,
    /// Which run of its cell.
    pub repetition: u64,
    /// Hash of what makes its cell.
    pub cell: u64,
    /// Seed of the run.
    pub seed: u64,
    /// All assignments, those of `[set]` first.
    pub set: Vec<Assignment>,
}

/// What is kept of a job that was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// As in [`Job`], here and below; the cell in hexadecimal.
    pub job: u64,
    pub cell: String,
    pub set: Map<String, Value>,
    pub repetition: u64,
    pub seed: u64,
    /// The headline numbers; null where one is not finite.
    pub metrics: Map<String, Value>,
    /// How the claims did.
    pub verdicts: Tally,
    /// Why there are no metrics, if so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failed: Option<String>,
    /// What the machine took, which no hash may hold.
    #[serde(skip_serializing_if = "Map::is_empty", default)]
    pub wall: Map<String, Value>,
}

/// Verdicts counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub passed: usize,
    pub total: usize,
}

impl Plan {
    /// The job at `index` of the list: the first axis turns slowest, repetitions fastest.
    pub fn job(&self, index: u64) -> Job {
        let (mut cell, repetition) = (index / self.repetitions, index % self.repetitions);
        let mut point: Vec<Assignment> = Vec::new();
        for (name, values) in self.grid.iter().rev() {
            let length = values.len() as u64;
            point.push((name, values[(cell % length) as usize]));
            cell /= length;
        }
        let set: Vec<Assignment> =
            self.set.iter().copied().chain(point.into_iter().rev()).collect();
        let cell = self.cell(&set);
        let stream = format!("sweep/{}", self.experiment.id);
        let mut stream = reluflow::init::stream(self.seed, &stream, cell, repetition);
        // 53 bits: what every reader of JSON takes for the same integer.
        let seed = stream.next_u64() >> 11;
        Job { index, repetition, cell, seed, set }
    }

    /// What the seeds of a cell hang on: its own settings, by name and value, and nothing of where
    /// it stands in the grid. A control is left out: it then runs on the same random numbers as the
    /// truth, and what differs is its doing.
    fn cell(&self, set: &[Assignment]) -> u64 {
        let mut lines: Vec<String> =
            set.iter().map(|(name, value)| format!("{name}={value}")).collect();
        lines.sort_unstable();
        let [preset, precision] = self.level();
        digest::word(&format!("preset={preset}\nprecision={precision}\n{}", lines.join("\n")))
    }

    /// Preset and precision as on the command line.
    fn level(&self) -> [String; 2] {
        [json!(self.preset), json!(self.precision)]
            .map(|word| word.as_str().unwrap_or_default().to_string())
    }

    /// The command that runs this job alone.
    pub fn command(&self, job: &Job) -> String {
        let [preset, precision] = self.level();
        let id = self.experiment.id;
        let mut text = format!(
            "reluflow run {id} --preset {preset} --precision {precision} --seed {}",
            job.seed
        );
        for (name, value) in &job.set {
            text.push_str(&format!(" --set {name}={value}"));
        }
        if let Some(control) = self.control {
            text.push_str(&format!(" --control {}", control.name()));
        }
        text
    }

    /// How much work a job is, up to a factor that nobody knows: the product of the whole numbers of
    /// its point in the grid, which are sizes and lengths. Only the order of the work hangs on it.
    pub fn cost(&self, job: &Job) -> f64 {
        let on_grid = |name: &str| self.grid.iter().any(|(key, _)| *key == name);
        job.set
            .iter()
            .filter(|(name, _)| on_grid(name))
            .map(|(_, value)| if let Setting::Count(n) = value { *n as f64 } else { 1.0 })
            .product()
    }

    /// Runs a job on the thread that asks. Only an interrupt is a failure: everything else that
    /// goes wrong, a panic too, is the job's result.
    pub fn carry_out(&self, job: &Job, interrupt: &AtomicBool) -> Result<Record, Failure> {
        let began = Instant::now();
        let set: Vec<String> = job.set.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let wishes = Wishes {
            preset: Some(self.preset),
            seed: Some(job.seed),
            precision: Some(self.precision),
            control: self.control,
            set: &set,
            file: None,
        };
        let outcome = Config::resolve(self.experiment, &wishes).and_then(|config| {
            let context = Context::new(config, 1, Progress::new(true), None, interrupt);
            catch_unwind(AssertUnwindSafe(|| (self.experiment.run)(&context)))
                .unwrap_or_else(|panic| Err(Failure::failed(said(&*panic))))
        });
        let mut record = Record {
            job: job.index,
            cell: format!("{:016x}", job.cell),
            set: job.set.iter().map(|(name, value)| (name.to_string(), json!(value))).collect(),
            repetition: job.repetition,
            seed: job.seed,
            metrics: Map::new(),
            verdicts: Tally::default(),
            failed: None,
            wall: Map::new(),
        };
        match outcome {
            Ok(outcome) => record.take(&outcome),
            Err(failure) if failure.kind() == Kind::Interrupted => return Err(failure),
            Err(failure) => record.failed = Some(failure.to_string()),
        }
        record.wall.insert("seconds".into(), json!(began.elapsed().as_secs_f64()));
        Ok(record)
    }
}

impl Record {
    fn take(&mut self, outcome: &Outcome) {
        let Value::Object(numbers) = json!(outcome.metrics) else { return };
        (self.wall, self.metrics) = numbers.into_iter().partition(|(name, _)| is_time(name));
        let total = outcome.verdicts.len();
        let passed = outcome.verdicts.iter().filter(|verdict| verdict.pass).count();
        self.verdicts = Tally { passed, total };
    }
}

/// By their names, the numbers that a clock measured: another run has others.
fn is_time(metric: &str) -> bool {
    const MEASURED: [&str; 5] = ["ns_per_", "wall_", "seconds_", "gflops", "share_of_peak"];
    MEASURED.iter().any(|start| metric.starts_with(start))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
    format!("the experiment panicked: {words}; please report this")
}

#[cfg(test)]
mod tests;
