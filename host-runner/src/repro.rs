//! `repro`: every experiment of a paper, one after the other, with one table of verdicts.
use crate::run::{RunArgs, document};
use crate::statements;
use lab::failure::{Failure, Kind, print};
use lab::interrupt;
use lab::run_folder::pretty;
use lab::{Control, Experiment, Paper};
use std::sync::atomic::AtomicBool;

mod args;
mod done;
mod report;

pub use args::ReproArgs;
use done::{Done, Job, exit_code};

/// Runs the command and prints the result; returns the exit code.
pub fn run(papers: &[&'static Paper], args: &ReproArgs) -> Result<u8, Failure> {
    let paper = statements::find(papers, &args.paper)?;
    let jobs = jobs(paper, args)?;
    let done = carry_out(&jobs, args, interrupt::listen()?);
    print(&if args.json {
        pretty(&report::json(paper, args, &done))
    } else {
        report::text(paper, args, &done)
    })?;
    Ok(exit_code(&done))
}

/// What was asked for, in the order of `list`.
fn jobs(paper: &Paper, args: &ReproArgs) -> Result<Vec<Job>, Failure> {
    let of_paper = paper.experiments;
    let shows = |e: &Experiment| args.fig.is_none_or(|figure| e.figures().contains(&figure));
    let wanted: Vec<_> = of_paper.iter().copied().filter(|e| shows(e)).collect();
    if let (true, Some(figure)) = (wanted.is_empty(), args.fig) {
        let mut figures: Vec<u32> = of_paper.iter().flat_map(|e| e.figures()).collect();
        figures.sort_unstable();
        figures.dedup();
        let figures: Vec<String> = figures.iter().map(u32::to_string).collect();
        let named = format!("Figure {figure}");
        let row = paper.statements.iter().find(|row| row.number == named);
        let state = match row.and_then(|row| row.state.why()) {
            Some(why) => format!(" ({why})"),
            None => String::new(),
        };
        return Err(Failure::bad_input(format!(
            "--fig {figure}: no experiment reproduces figure {figure} of '{}'{state}; choose one of {}, \
             or leave --fig out",
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

#[cfg(test)]
mod tests;
