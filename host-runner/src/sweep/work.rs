//! `sweep run`: the jobs of one shard, several at once.
use super::args::RunArgs;
use super::job::{Job, Record};
use super::journal::{Journal, Opened, agree};
use super::lines;
use super::plan::Plan;
use super::shard::{Header, Shard, files};
use engine::parallel::{Pool, cores};
use lab::Experiment;
use lab::failure::{DONE, Failure, PARTIAL, print};
use lab::progress::Progress;
use lab::run_folder::pretty;
use serde_json::json;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Runs the command and prints the result; returns the exit code.
pub fn run(
    all: &[&'static Experiment],
    args: &RunArgs,
    interrupt: &AtomicBool,
) -> Result<u8, Failure> {
    let plan = Plan::read(&args.plan, all)?;
    let shard = args.shard.unwrap_or(Shard::ALL);
    let threads = args.threads.map_or_else(cores, usize::from);
    let progress = Progress::new(args.quiet);
    let done = shard_of(&plan, shard, &args.out, threads, &progress, interrupt)?;
    let failed = done.records.iter().filter(|record| record.failed.is_some()).count();
    let jobs = done.records.len();
    let text = if args.json {
        pretty(&json!({
            "file": done.file,
            "shard": shard.number,
            "shards": shard.of,
            "jobs": jobs,
            "found": done.found,
            "failed": failed,
        }))
    } else {
        let found = match done.found {
            0 => String::new(),
            found if found == jobs => ", all of them from before".into(),
            found => format!(", {found} of them from before"),
        };
        format!("{}: {shard}, {jobs} jobs, {failed} failed{found}\n", done.file.display())
    };
    print(&text)?;
    Ok(if failed == 0 { DONE } else { PARTIAL })
}

/// A shard that is complete.
#[derive(Debug)]
pub struct Done {
    pub file: PathBuf,
    pub records: Vec<Record>,
    /// How many of them were there already.
    pub found: usize,
}

/// Runs what is missing of a shard.
pub fn shard_of(
    plan: &Plan,
    shard: Shard,
    folder: &Path,
    threads: usize,
    progress: &Progress,
    interrupt: &AtomicBool,
) -> Result<Done, Failure> {
    let header = Header::new(plan, shard);
    if folder.exists() {
        neighbours_agree(folder, &header)?;
    }
    let journal = match Journal::open(folder, shard, header)? {
        Opened::Begun(journal) => *journal,
        Opened::Complete(records) => {
            let (file, total) = (folder.join(shard.file()), shard.jobs(plan.jobs()).count());
            if records.len() != total {
                return Err(Failure::bad_input(format!(
                    "{}: found {} jobs, expected {total}; delete the file and run the shard again",
                    file.display(),
                    records.len()
                )));
            }
            return Ok(Done { file, found: total, records });
        }
    };
    if journal.torn > 0 {
        progress.warn(&format!(
            "{}: {} line(s) at the end were cut short by a kill; the jobs run again",
            journal.path().display(),
            journal.torn
        ));
    }
    let found = journal.records.len();
    let there: HashSet<u64> = journal.records.iter().map(|record| record.job).collect();
    let missing = shard.jobs(plan.jobs()).filter(|job| !there.contains(job));
    let journal = all_of(plan, missing.collect(), journal, threads, progress, interrupt)?;
    let (file, records) = journal.finish()?;
    Ok(Done { file, records, found })
}

/// One folder, one sweep: said now rather than after hours, by the merge.
fn neighbours_agree(folder: &Path, header: &Header) -> Result<(), Failure> {
    for file in files(folder)? {
        // A file that is just being begun, or damaged, is for its own process to judge.
        if let Ok(Some(found)) = lines::header(&file.path) {
            agree(&file.path, &found, header)?;
        }
    }
    Ok(())
}

/// The long jobs first, so that none of them begins when the others end; each goes to whichever
/// thread is free.
fn all_of(
    plan: &Plan,
    missing: Vec<u64>,
    journal: Journal,
    threads: usize,
    progress: &Progress,
    interrupt: &AtomicBool,
) -> Result<Journal, Failure> {
    let total = journal.records.len() + missing.len();
    let mut jobs: Vec<(f64, u64)> =
        missing.into_iter().map(|index| (plan.cost(&plan.job(index)), index)).collect();
    jobs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let pool = Pool::new(threads.min(jobs.len()))?;
    let queue = Mutex::new(jobs.into_iter());
    let part = journal.path().to_path_buf();
    let journal = Mutex::new(journal);
    let lock = || journal.lock().unwrap_or_else(PoisonError::into_inner);
    // Of one thread, for the others: a disk that is full stays full.
    let stop = AtomicBool::new(false);
    progress.start(total as u64, "jobs");
    let work = |job: &Job| -> Result<(), Failure> {
        let record = plan.carry_out(job, interrupt)?;
        if let Some(why) = &record.failed {
            progress.warn(&format!(
                "job {} failed: {why}\n  alone: {}",
                job.index,
                plan.command(job)
            ));
        }
        let mut journal = lock();
        journal.push(record)?;
        progress.at(journal.records.len() as u64);
        Ok(())
    };
    let scratches = pool.per_thread(|| ());
    let ended = pool.each(&scratches, vec![(); pool.threads()], |(), _, ()| {
        while !stop.load(Ordering::Relaxed) && !interrupt.load(Ordering::Relaxed) {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((_, index)) = next else { break };
            work(&plan.job(index)).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
        }
        Ok(())
    });
    progress.finish();
    let journal = journal.into_inner().unwrap_or_else(PoisonError::into_inner);
    if journal.records.len() < total && interrupt.load(Ordering::Relaxed) {
        return Err(Failure::interrupted(format!(
            "interrupted; {} of {total} jobs are in {}, the same command goes on with the others",
            journal.records.len(),
            part.display()
        )));
    }
    ended.map(|_| journal)
}

#[cfg(test)]
mod tests;
