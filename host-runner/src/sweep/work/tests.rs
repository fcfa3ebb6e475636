//! Shards of the experiment that counts, with threads, stops and neighbours.
use super::*;
use lab::failure::Kind;
use lab::fake::{FAKE, STEPS};
use lab::{Context, Experiment, Outcome};
use std::fs;
use std::sync::atomic::AtomicUsize;
use tempfile::tempdir;

const TEXT: &str =
    "experiment = \"fake-count\"\nrepetitions = 3\n[grid]\nsteps = [4, 50]\ndt = [1, 2]";

fn plan(text: &str) -> Plan {
    Plan::parse(Path::new("plan.toml"), text, &[&FAKE]).unwrap()
}

fn go(plan: &Plan, shard: Shard, folder: &Path, threads: usize) -> Result<Done, Failure> {
    let silent = Progress::new(true);
    shard_of(plan, shard, folder, threads, &silent, &AtomicBool::new(false))
}

fn without_wall(records: &[Record]) -> Vec<Record> {
    let bare = |record: &Record| Record { wall: serde_json::Map::new(), ..record.clone() };
    records.iter().map(bare).collect()
}

#[test]
fn threads_and_shards_change_nothing() {
    let plan = plan(TEXT);
    let one = tempdir().unwrap();
    let all = go(&plan, Shard::ALL, one.path(), 1).unwrap();
    assert_eq!((all.records.len(), all.found), (12, 0));
    for threads in [2, 5] {
        let folder = tempdir().unwrap();
        let same = go(&plan, Shard::ALL, folder.path(), threads).unwrap();
        assert_eq!(without_wall(&same.records), without_wall(&all.records));
    }
    let parts = tempdir().unwrap();
    let mut records = Vec::new();
    for number in [3, 1, 2] {
        let shard = Shard { number, of: 3 };
        records.extend(go(&plan, shard, parts.path(), 2).unwrap().records);
    }
    records.sort_by_key(|record| record.job);
    assert_eq!(without_wall(&records), without_wall(&all.records));
}

#[test]
fn a_complete_shard_is_not_run_again() {
    let (plan, folder) = (plan(TEXT), tempdir().unwrap());
    let first = go(&plan, Shard::ALL, folder.path(), 1).unwrap();
    let again = go(&plan, Shard::ALL, folder.path(), 1).unwrap();
    assert_eq!(again.records, first.records, "with the same wall times");
    assert_eq!(again.found, 12);
}

#[test]
fn a_folder_of_another_sweep_or_another_number_of_shards_is_refused() {
    let folder = tempdir().unwrap();
    go(&plan(TEXT), Shard { number: 1, of: 2 }, folder.path(), 1).unwrap();
    let other = Shard { number: 1, of: 3 };
    let said = go(&plan(TEXT), other, folder.path(), 1).unwrap_err().to_string();
    assert!(said.contains("number of shards: 2 in the file, 3 now"), "{said}");
    let longer = TEXT.replace("[1, 2]", "[1, 2, 3]");
    let said = go(&plan(&longer), other, folder.path(), 1).unwrap_err().to_string();
    assert!(said.contains("grid.dt: [1.0,2.0] in the file, [1.0,2.0,3.0] now"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// The running job is lost, the queue is left, and what was done before stays.
#[test]
fn an_interrupt_keeps_what_is_done() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    static INTERRUPT: AtomicBool = AtomicBool::new(false);
    fn third_is_interrupted(context: &Context) -> Result<Outcome, Failure> {
        if RUNS.fetch_add(1, Ordering::Relaxed) == 2 {
            INTERRUPT.store(true, Ordering::Relaxed);
            return Err(context.stopped());
        }
        (FAKE.run)(context)
    }
    static STOPS: Experiment = Experiment { run: third_is_interrupted, ..FAKE };
    let plan = Plan::parse(Path::new("plan.toml"), TEXT, &[&STOPS]).unwrap();
    let folder = tempdir().unwrap();
    let silent = Progress::new(true);
    let run = || shard_of(&plan, Shard::ALL, folder.path(), 1, &silent, &INTERRUPT);
    let stopped = run().unwrap_err();
    assert_eq!((stopped.kind(), RUNS.load(Ordering::Relaxed)), (Kind::Interrupted, 3));
    let said = stopped.to_string();
    assert!(said.contains("interrupted; 2 of 12 jobs are in"), "{said}");
    assert!(said.contains("the same command goes on"), "{said}");
    INTERRUPT.store(false, Ordering::Relaxed);
    let done = run().unwrap();
    assert_eq!((done.found, done.records.len(), RUNS.load(Ordering::Relaxed)), (2, 12, 13));
    let straight = go(&plan, Shard::ALL, tempdir().unwrap().path(), 1).unwrap();
    assert_eq!(without_wall(&done.records), without_wall(&straight.records));
}

#[test]
fn failed_jobs_are_kept_and_the_sweep_goes_on() {
    fn large_fails(context: &Context) -> Result<Outcome, Failure> {
        match context.get(STEPS) {
            50 => Err(Failure::failed("fifty is too many")),
            _ => (FAKE.run)(context),
        }
    }
    static FAILS: Experiment = Experiment { run: large_fails, ..FAKE };
    let plan = Plan::parse(Path::new("plan.toml"), TEXT, &[&FAILS]).unwrap();
    let folder = tempdir().unwrap();
    let done = go(&plan, Shard::ALL, folder.path(), 2).unwrap();
    let failed: Vec<u64> =
        done.records.iter().filter(|r| r.failed.is_some()).map(|r| r.job).collect();
    assert_eq!((failed, done.records.len()), ((6..12).collect(), 12));
}
