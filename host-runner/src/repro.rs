//! `repro`: every experiment of a paper, one after the other, with one table of verdicts.
use crate::run::{RunArgs, document};
use lab::Control;
use lab::failure::{DONE, Failure, Kind, NOT_REPRODUCED, nearest, print};
use lab::interrupt;
use lab::run_folder::pretty;
use lab::{Experiment, Preset};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

mod report;

/// Flags of `repro`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ReproArgs {
    /// Short name of the paper, `orthogonal` for one; `reluflow list` shows all
    pub paper: String,
    /// Only the experiments that reproduce this figure
    #[arg(long, value_name = "N")]
    pub fig: Option<u32>,
    /// Smaller runs, to see it work; this is the default
    #[arg(long, conflicts_with = "full")]
    pub quick: bool,
    /// The published protocol; `reluflow list` says how long it takes
    #[arg(long)]
    pub full: bool,
    /// Seed of all random numbers [default: 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Threads to use; the result does not depend on them [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Keep everything in folders DIR/ID; the same command again resumes
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Plant wrong physics; the exit code must then be 3
    #[arg(long, value_enum)]
    pub control: Option<Control>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    /// No progress on stderr
    #[arg(long)]
    pub quiet: bool,
}

impl ReproArgs {
    fn preset(&self) -> Preset {
        if self.full { Preset::Paper } else { Preset::Quick }
    }
}

/// Runs the command and prints the result; returns the exit code.
pub fn run(all: &[&'static Experiment], args: &ReproArgs) -> Result<u8, Failure> {
    let jobs = jobs(all, args)?;
    let done = carry_out(&jobs, args, interrupt::listen()?);
    print(&if args.json { pretty(&report::json(args, &done)) } else { report::text(args, &done) })?;
    Ok(exit_code(&done))
}

/// One run that is wanted.
#[derive(Debug, Clone, Copy)]
struct Job {
    experiment: &'static Experiment,
    /// Assignments as for `--set`.
    set: &'static [&'static str],
}

impl Job {
    /// Id and assignments, for people.
    fn title(&self) -> String {
        [&[self.experiment.id], self.set].concat().join(" ")
    }

    /// The run folder's name: the id alone for the experiment as it is.
    fn folder(&self) -> String {
        [&[self.experiment.id], self.set].concat().join("+")
    }
}

/// A run that was carried out, or failed in the attempt.
#[derive(Debug)]
struct Done {
    job: Job,
    result: Result<Value, Failure>,
}

/// What was asked for, in the order of `list`.
fn jobs(all: &[&'static Experiment], args: &ReproArgs) -> Result<Vec<Job>, Failure> {
    let of_paper: Vec<_> = all.iter().copied().filter(|e| e.paper == args.paper).collect();
    if of_paper.is_empty() {
        let mut papers: Vec<&str> = all.iter().map(|e| e.paper).collect();
        papers.dedup();
        let hint = match nearest(&args.paper, papers.iter().copied()) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => format!("there are {}", papers.join(", ")),
        };
        return Err(Failure::bad_input(format!(
            "there is no paper '{}' with experiments; {hint}",
            args.paper
        )));
    }
    let shows = |e: &Experiment| args.fig.is_none_or(|figure| e.figures().contains(&figure));
    let wanted: Vec<_> = of_paper.iter().copied().filter(|e| shows(e)).collect();
    if let (true, Some(figure)) = (wanted.is_empty(), args.fig) {
        let mut figures: Vec<u32> = of_paper.iter().flat_map(|e| e.figures()).collect();
        figures.sort_unstable();
        figures.dedup();
        let figures: Vec<String> = figures.iter().map(u32::to_string).collect();
        return Err(Failure::bad_input(format!(
            "--fig {figure}: no experiment reproduces figure {figure} of '{}'; choose one of {}, or \
             leave --fig out",
            args.paper,
            figures.join(", ")
        )));
    }
    let breakable = |e: &Experiment| args.control.is_none_or(|c| e.controls.contains(&c));
    let chosen: Vec<_> = wanted.iter().copied().filter(|e| breakable(e)).collect();
    if let (true, Some(control)) = (chosen.is_empty(), args.control) {
        let offers = wanted.iter().map(|e| format!("\n  {}: {}", e.id, Control::names(e.controls)));
        return Err(Failure::bad_input(format!(
            "--control {}: it changes nothing in these experiments; they offer{}",
            control.name(),
            offers.collect::<String>()
        )));
    }
    let each = |experiment: &'static Experiment| {
        experiment.variants_under(args.control).map(move |set| Job { experiment, set })
    };
    Ok(chosen.into_iter().flat_map(each).collect())
}

/// Runs all of them; only an interrupt stops it. Errors are said when they happen.
fn carry_out(jobs: &[Job], args: &ReproArgs, interrupt: &AtomicBool) -> Vec<Done> {
    let mut all = Vec::new();
    for (at, &job) in jobs.iter().enumerate() {
        if !args.quiet {
            eprintln!("{} ({} of {})", job.title(), at + 1, jobs.len());
        }
        let run = RunArgs {
            id: job.experiment.id.into(),
            preset: Some(args.preset()),
            set: job.set.iter().map(ToString::to_string).collect(),
            seed: args.seed,
            threads: args.threads,
            out: args.out.as_ref().map(|folder| folder.join(job.folder())),
            control: args.control,
            quiet: args.quiet,
            ..RunArgs::default()
        };
        let result = document(job.experiment, &run, interrupt);
        if let Err(failure) = &result {
            eprintln!("error: {}: {failure}", job.title());
        }
        let stop = matches!(&result, Err(failure) if failure.kind() == Kind::Interrupted);
        all.push(Done { job, result });
        if stop {
            break;
        }
    }
    all
}

/// An interrupt before an error before a claim that failed.
fn exit_code(all: &[Done]) -> u8 {
    let failures = || all.iter().filter_map(|done| done.result.as_ref().err());
    if let Some(stop) = failures().find(|failure| failure.kind() == Kind::Interrupted) {
        return stop.exit_code();
    }
    // 1, the machine's fault, before 2, the user's.
    if let Some(code) = failures().map(Failure::exit_code).min() {
        return code;
    }
    let claims = all.iter().filter_map(|done| done.result.as_ref().ok()).flat_map(report::claims);
    if claims.into_iter().all(report::passes) { DONE } else { NOT_REPRODUCED }
}

#[cfg(test)]
mod tests;
