//! `run`: one experiment, from flags to document, with or without a run folder.
use crate::manifest::manifest;
use crate::{replay, report};
use lab::Control;
use lab::failure::{DONE, Failure, NOT_REPRODUCED, print};
use lab::interrupt;
use lab::progress::Progress;
use lab::run_folder::{Opened, RunFolder, pretty, read_toml};
use lab::settings::Setting;
use lab::{Config, Context, Experiment, Outcome, Precision, Preset, Wishes, find};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// File of a run folder that holds metrics, verdicts and notes.
const RESULT: &str = "verdict.json";

/// Flags of `run`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct RunArgs {
    /// Experiment to run; `reluflow list` shows them
    pub id: String,
    /// Defaults of the settings: quick to see it work, paper for the published protocol, extended
    /// (where there is one) for what the paper could not run [default: paper]
    #[arg(long, value_enum)]
    pub preset: Option<Preset>,
    /// Change one setting, again for more; `--set help` lists those of the experiment
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Read settings from a file such as the config.toml of a run folder; flags win over it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Seed of all random numbers [default: 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Float type [default: the experiment's]
    #[arg(long, value_enum)]
    pub precision: Option<Precision>,
    /// Threads to use; the result does not depend on them [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Plant wrong physics; the exit code must then be 3
    #[arg(long, value_enum)]
    pub control: Option<Control>,
    /// Keep everything in this folder; the same command again resumes
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    /// No progress on stderr
    #[arg(long)]
    pub quiet: bool,
}

/// Runs the command and prints the result; returns the exit code.
pub fn run(all: &[&'static Experiment], args: &RunArgs) -> Result<u8, Failure> {
    let experiment = find(all, &args.id)?;
    if args.set.iter().any(|text| text == "help") {
        print(&keys(experiment))?;
        return Ok(DONE);
    }
    let document = document(experiment, args, interrupt::listen()?)?;
    print(&if args.json { pretty(&document) } else { report::text(&document) })?;
    Ok(exit_code(&document))
}

/// The result of the run, or that of an earlier one of the same configuration.
pub(crate) fn document(
    experiment: &'static Experiment,
    args: &RunArgs,
    interrupt: &AtomicBool,
) -> Result<Value, Failure> {
    let config = configure(experiment, args)?;
    let folder = match &args.out {
        None => None,
        Some(path) => match RunFolder::open(path, &config.to_map(), RESULT)? {
            Opened::Ready(folder) => Some(folder),
            Opened::Complete(manifest, verdict) => {
                if !args.quiet {
                    eprintln!("{}: this run is complete; here is its result", path.display());
                }
                return Ok(assemble(&verdict, manifest));
            }
        },
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.map_or(cores, usize::from);
    let started = Instant::now();
    let progress = Progress::new(args.quiet);
    let context = Context::new(config, threads, progress, folder.as_ref(), interrupt);
    let outcome = (experiment.run)(&context);
    context.progress.finish();
    let outcome = outcome?;
    let verdict = json!({
        "metrics": outcome.metrics,
        "verdicts": outcome.verdicts,
        "notes": outcome.notes,
    });
    if let Some(folder) = &folder {
        write_results(folder, &outcome, &verdict)?;
    }
    let manifest = manifest(context.config.to_map(), threads, started.elapsed());
    if let Some(folder) = folder {
        folder.finish(&manifest)?;
    }
    Ok(assemble(&verdict, manifest))
}

fn configure(experiment: &'static Experiment, args: &RunArgs) -> Result<Config, Failure> {
    let file = match &args.config {
        Some(path) => Some((path.as_path(), read_toml(path)?)),
        None => None,
    };
    let (preset, seed, precision) = (args.preset, args.seed, args.precision);
    let (control, set) = (args.control, &args.set[..]);
    Config::resolve(experiment, &Wishes { preset, seed, precision, control, set, file })
}

/// All but the manifest, which says that the rest is there.
fn write_results(folder: &RunFolder, outcome: &Outcome, verdict: &Value) -> Result<(), Failure> {
    folder.write_lines("metrics.jsonl", &outcome.trace)?;
    drawing::write_figures(folder, &outcome.figures)?;
    drawing::write_films(folder, &outcome.films)?;
    if let Some(events) = &outcome.events {
        folder.write(replay::LOG, events.as_bytes())?;
    }
    folder.write(RESULT, pretty(verdict).as_bytes())
}

/// The document of `--json`, from the two files that hold it.
fn assemble(verdict: &Value, manifest: Value) -> Value {
    let mut document = json!({
        "experiment": manifest["config"]["experiment"],
        "seed": manifest["seed"],
        "config": manifest["config"],
        "metrics": verdict["metrics"],
        "verdicts": verdict["verdicts"],
        "notes": verdict["notes"],
        "manifest": manifest,
    });
    if let Some(control) = document["manifest"].get("control").cloned() {
        document["control"] = control;
    }
    document
}

pub(crate) fn exit_code(document: &Value) -> u8 {
    let verdicts = document["verdicts"].as_array().map_or(&[][..], Vec::as_slice);
    if verdicts.iter().all(|verdict| verdict["pass"] == true) { DONE } else { NOT_REPRODUCED }
}

fn keys(experiment: &Experiment) -> String {
    let mut text = format!("{}: {}\n", experiment.id, experiment.about);
    for key in experiment.keys() {
        let other = |name: &str, value: Option<Setting>| {
            value.map_or_else(String::new, |value| format!(", {name} {value}"))
        };
        let (quick, extended) = (other("quick", key.quick), other("extended", key.extended));
        text.push_str(&format!(
            "  {}: {}; {} [default {}{quick}{extended}]\n",
            key.name,
            key.doc,
            key.accepts(),
            key.default
        ));
    }
    text
}

#[cfg(test)]
mod tests;
