//! `sweep status`: what is there of each shard.
use super::lines;
use super::plan::Plan;
use super::shard::{Header, Shard, ShardFile, some_files};
use crate::table::aligned;
use lab::Experiment;
use lab::failure::{DONE, Failure, PARTIAL, print};
use lab::run_folder::pretty;
use serde_json::{Value, json};
use std::path::Path;

/// A shard as it was found.
#[derive(Debug)]
struct Row {
    shard: Shard,
    /// `complete`, `unfinished`, `damaged` or `missing`.
    state: &'static str,
    done: usize,
    failed: usize,
    note: String,
}

/// Runs the command and prints the result; returns the exit code.
pub fn run(all: &[&'static Experiment], folder: &Path, json: bool) -> Result<u8, Failure> {
    let files = some_files(folder)?;
    let first =
        |file: &ShardFile| Some((file.path.clone(), lines::header(&file.path).ok().flatten()?));
    let (path, header) = files.iter().find_map(first).unzip();
    let plan = match (path, &header) {
        (Some(path), Some(header)) => Some(header.read_plan(&path, all)?),
        _ => None,
    };
    let total = plan.as_ref().map_or(0, Plan::jobs);
    let mut rows: Vec<Row> = files.iter().map(|file| row(file, header.as_ref(), total)).collect();
    for number in 1..=header.as_ref().map_or(0, |header| header.shards) {
        if files.iter().all(|file| file.shard.number != number) {
            let shard = Shard { number, of: header.as_ref().map_or(1, |header| header.shards) };
            rows.push(Row { shard, state: "missing", done: 0, failed: 0, note: String::new() });
        }
    }
    rows.sort_by_key(|row| row.shard);
    let sum = |count: fn(&Row) -> usize| rows.iter().map(count).sum::<usize>();
    let (done, failed) = (sum(|row| row.done), sum(|row| row.failed));
    let complete = failed == 0 && rows.iter().all(|row| row.state == "complete");
    print(&if json {
        let entry = |row: &Row| {
            json!({
                "shard": row.shard.number,
                "state": row.state,
                "jobs": row.jobs(total),
                "done": row.done,
                "failed": row.failed,
                "note": row.note,
            })
        };
        pretty(&json!({
            "experiment": plan.as_ref().map(|plan| plan.experiment.id),
            "plan_hash": header.as_ref().map(|header| &header.plan_hash),
            "jobs": total,
            "done": done,
            "failed": failed,
            "complete": complete,
            "shards": rows.iter().map(entry).collect::<Vec<Value>>(),
        }))
    } else {
        let head = ["SHARD", "STATE", "DONE", "FAILED", "NOTE"].map(String::from);
        let line = |row: &Row| {
            let Row { shard, done, failed, .. } = row;
            [
                format!("{}/{}", shard.number, shard.of),
                row.state.into(),
                format!("{done}/{}", row.jobs(total)),
                failed.to_string(),
                row.note.clone(),
            ]
        };
        let table: Vec<_> = std::iter::once(head).chain(rows.iter().map(line)).collect();
        format!("{}\n{done} of {total} jobs done, {failed} failed\n", aligned(&table))
    })?;
    Ok(if complete { DONE } else { PARTIAL })
}

impl Row {
    fn jobs(&self, total: u64) -> usize {
        self.shard.jobs(total).count()
    }
}

fn row(file: &ShardFile, wanted: Option<&Header>, total: u64) -> Row {
    let mut row =
        Row { shard: file.shard, state: "damaged", done: 0, failed: 0, note: String::new() };
    let lines = match lines::read(&file.path) {
        Ok(lines) => lines,
        Err(failure) => return Row { note: failure.to_string(), ..row },
    };
    row.done = lines.records.len();
    row.failed = lines.records.iter().filter(|record| record.failed.is_some()).count();
    let differs = |wanted| lines.header.as_ref().map(|found| differences(found, wanted));
    row.note = match wanted.and_then(differs).unwrap_or_default() {
        differences if !differences.is_empty() => {
            format!("of another sweep than the others: {differences}")
        }
        _ if lines.torn > 0 && file.whole => match lines::read_whole(&file.path) {
            Err(failure) => failure.to_string(),
            Ok(_) => String::new(),
        },
        _ if file.whole && row.done != row.jobs(total) => {
            "renamed before all jobs were there; delete it and run the shard again".into()
        }
        _ => {
            row.state = if file.whole { "complete" } else { "unfinished" };
            match lines.torn {
                0 => String::new(),
                torn => format!("{torn} line(s) cut short at the end; the jobs run again"),
            }
        }
    };
    row
}

fn differences(found: &Header, wanted: &Header) -> String {
    let places = ["in this file", "in the first"];
    let lines = found.differences(wanted, places);
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join("; ")
}
