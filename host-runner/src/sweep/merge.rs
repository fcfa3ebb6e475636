//! `sweep merge`: all shards of a sweep, none twice, none missing, or no result at all.
use super::args::MergeArgs;
use super::cells::{self, CellStats};
use super::digest;
use super::job::Record;
use super::lines;
use super::plan::Plan;
use super::shard::{Header, Shard, ShardFile, some_files};
use lab::Experiment;
use lab::failure::{DONE, Failure, PARTIAL, print};
use lab::run_folder::{pretty, write_whole};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Lines of the table for people; a sweep with more has them in `cells.csv`.
const SHOWN: usize = 200;

/// A shard's file with what is in it.
struct Part {
    file: ShardFile,
    header: Header,
    records: Vec<Record>,
}

/// Runs the command and prints the result; returns the exit code.
pub fn run(all: &[&'static Experiment], args: &MergeArgs) -> Result<u8, Failure> {
    let mut files = Vec::new();
    for folder in &args.folders {
        files.extend(some_files(folder)?);
    }
    let (plan, records) = joined(all, files)?;
    let mut content = String::new();
    for record in &records {
        content.push_str(&format!("{}\n", json!(record)));
    }
    let hash = digest::hex(&content);
    let cells = cells::of(&plan, &records);
    if let Some(folder) = &args.out {
        let head = json!({ "plan": plan.text(), "jobs": records.len(), "hash": hash });
        write_whole(&folder.join("merged.jsonl"), format!("{head}\n{content}").as_bytes())?;
        write_whole(&folder.join("cells.csv"), cells::csv(&plan, &cells)?.as_bytes())?;
    }
    let failed = records.iter().filter(|record| record.failed.is_some()).count();
    print(&if args.json {
        pretty(&json!({
            "experiment": plan.experiment.id,
            "hash": hash,
            "jobs": records.len(),
            "failed": failed,
            "cells": cells.iter().map(CellStats::to_json).collect::<Vec<Value>>(),
        }))
    } else {
        let (id, cells_count) = (plan.experiment.id, cells.len());
        let table = cells::table(&cells, SHOWN, args.out.as_deref());
        let jobs = records.len();
        format!(
            "{id}: {jobs} jobs in {cells_count} cells, {failed} failed\n\n{table}\nhash {hash}\n"
        )
    })?;
    Ok(if failed == 0 { DONE } else { PARTIAL })
}

/// The plan and all records in order, or every reason why not.
fn joined(
    all: &[&'static Experiment],
    files: Vec<ShardFile>,
) -> Result<(Plan, Vec<Record>), Failure> {
    let mut wrong = Vec::new();
    let mut parts = Vec::new();
    let mut unfinished = Vec::new();
    for file in files {
        let read = if file.whole {
            lines::read_whole(&file.path).map(|(header, records)| (Some(header), records))
        } else {
            lines::read(&file.path).map(|lines| (lines.header, lines.records))
        };
        match read {
            Ok((Some(header), records)) => parts.push(Part { file, header, records }),
            Ok((None, _)) => unfinished.push(format!("{}: not begun", file.path.display())),
            Err(failure) => wrong.push(failure.to_string()),
        }
    }
    let Some(first) = parts.first() else {
        return Err(refused(wrong, unfinished));
    };
    let mut known = Vec::new();
    for other in &parts[1..] {
        let differences =
            first.header.differences(&other.header, ["in the first", "in the second"]);
        if !differences.is_empty() && !known.contains(&differences) {
            wrong.push(mixed(first, other, &differences));
            known.push(differences);
        }
    }
    let plan = first.header.read_plan(&first.file.path, all)?;
    let shards = first.header.shards;
    if !wrong.is_empty() {
        // With another plan among them nobody knows what is missing.
        return Err(refused(wrong, unfinished));
    }
    let mut by_number: BTreeMap<u64, Part> = BTreeMap::new();
    for part in parts {
        match by_number.get(&part.file.shard.number) {
            Some(earlier) => wrong.push(twice(earlier, &part)),
            None => drop(by_number.insert(part.file.shard.number, part)),
        }
    }
    for number in 1..=shards {
        let shard = Shard { number, of: shards };
        match by_number.get_mut(&number) {
            Some(part) => {
                part.records.sort_by_key(|record| record.job);
                unfinished.extend(gap(&plan, shard, part));
            }
            None => {
                unfinished.push(format!("{shard}: missing; run it with --shard {number}/{shards}"))
            }
        }
    }
    if !wrong.is_empty() || !unfinished.is_empty() {
        return Err(refused(wrong, unfinished));
    }
    let mut records: Vec<Record> = by_number.into_values().flat_map(|part| part.records).collect();
    records.sort_by_key(|record| record.job);
    records.iter_mut().for_each(|record| record.wall.clear());
    Ok((plan, records))
}

/// Exit code 2 where something is wrong, 4 where something is only missing.
fn refused(wrong: Vec<String>, unfinished: Vec<String>) -> Failure {
    let bad = !wrong.is_empty();
    let all = [wrong, unfinished].concat();
    let sentence = format!("nothing was merged:\n  {}", all.join("\n  "));
    if bad { Failure::bad_input(sentence) } else { Failure::partial(sentence) }
}

fn mixed(first: &Part, other: &Part, differences: &[String]) -> String {
    let (one, two) = (first.file.path.display(), other.file.path.display());
    format!(
        "{one} and {two} are of different sweeps or programs, expected the same; merge what belongs \
         together, run the rest again. They differ in\n  {}",
        differences.join("\n  ")
    )
}

fn twice(one: &Part, two: &Part) -> String {
    let bare = |part: &Part| -> BTreeMap<u64, Record> {
        let bare = |record: &Record| Record { wall: serde_json::Map::new(), ..record.clone() };
        part.records.iter().map(|record| (record.job, bare(record))).collect()
    };
    let (left, right) = (bare(one), bare(two));
    let differs = left.keys().chain(right.keys()).find(|job| left.get(job) != right.get(job));
    let how = match differs {
        None => "with the same numbers; leave one out".to_string(),
        Some(job) => format!("and job {job} differs; find out why before you trust either"),
    };
    let (one, two, shard) = (one.file.path.display(), two.file.path.display(), one.file.shard);
    format!("{shard} is there twice, in {one} and {two}, {how}")
}

/// What a shard lacks, if anything; its records are in order.
fn gap(plan: &Plan, shard: Shard, part: &Part) -> Option<String> {
    let path: &Path = &part.file.path;
    let total = shard.jobs(plan.jobs()).count();
    let mut records = part.records.iter().map(|record| record.job);
    let lacks = shard.jobs(plan.jobs()).find(|job| records.next() != Some(*job));
    let advice = "run the same command again to finish it";
    match lacks {
        None if part.file.whole => None,
        None => Some(format!("{}: all jobs done, not yet renamed; {advice}", path.display())),
        Some(_) if !part.file.whole => {
            let done = part.records.len();
            Some(format!("{}: {done} of {total} jobs done; {advice}", path.display()))
        }
        Some(job) => Some(format!(
            "{}: gap, job {job} is missing; delete the file and run the shard again",
            path.display()
        )),
    }
}
