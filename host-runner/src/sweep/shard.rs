//! A shard: every N-th job, the files that hold it, and the line at their head.
use super::digest;
use super::plan::Plan;
use crate::manifest;
use engine::cpu;
use lab::Experiment;
use lab::failure::Failure;
use lab::run_folder::difference;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fmt, fs};

/// Raised when a line of a shard's file changes its meaning.
const SCHEMA: u32 = 1;

/// The ending of a file that is not complete.
const PART: &str = ".part";

/// Which of how many, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    pub number: u64,
    pub of: u64,
}

impl Shard {
    /// All jobs.
    pub const ALL: Self = Self { number: 1, of: 1 };

    /// Its jobs among `total`.
    pub fn jobs(self, total: u64) -> impl Iterator<Item = u64> {
        // A step beyond the address space passes every job but the first.
        (self.number - 1..total).step_by(usize::try_from(self.of).unwrap_or(usize::MAX))
    }

    /// The name of its file, once it is complete.
    pub fn file(self) -> String {
        format!("shard-{}-of-{}.jsonl", self.number, self.of)
    }

    /// The name of its file until then.
    pub fn part(self) -> String {
        self.file() + PART
    }

    fn of_file(name: &str) -> Option<Self> {
        let name = name.strip_suffix(PART).unwrap_or(name);
        let (number, of) =
            name.strip_prefix("shard-")?.strip_suffix(".jsonl")?.split_once("-of-")?;
        let shard: Self = format!("{number}/{of}").parse().ok()?;
        // shard-01-of-7 is not ours.
        (shard.file() == name).then_some(shard)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let both = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match both {
            Some((number, of)) if 1 <= number && number <= of => Ok(Self { number, of }),
            _ => Err("expected I/N with I from 1 to N, e.g. 3/8".into()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shard {} of {}", self.number, self.of)
    }
}

/// A file of a shard.
#[derive(Debug, Clone)]
pub struct ShardFile {
    pub path: PathBuf,
    pub shard: Shard,
    /// Renamed from its `.part`: all jobs are there.
    pub whole: bool,
}

/// The shards of a folder, in order; where a shard has a complete file, only that.
pub fn files(folder: &Path) -> Result<Vec<ShardFile>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| Failure::read(folder, &e))? {
        let path = entry.map_err(|e| Failure::read(folder, &e))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(shard) = Shard::of_file(&name) {
            found.push(ShardFile { path, shard, whole: !name.ends_with(PART) });
        }
    }
    found.sort_by_key(|file| (file.shard, !file.whole));
    found.dedup_by_key(|file| file.shard);
    Ok(found)
}

/// As [`files`]; a folder without any is the user's mistake.
pub fn some_files(folder: &Path) -> Result<Vec<ShardFile>, Failure> {
    let found = files(folder)?;
    if found.is_empty() {
        return Err(Failure::bad_input(format!(
            "{}: found no file shard-I-of-N.jsonl, expected those of a sweep; `reluflow sweep run \
             PLAN.toml --out {0}` writes them",
            folder.display()
        )));
    }
    Ok(found)
}

/// The first line of a shard's file: all that decides its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub schema: u32,
    pub version: String,
    pub git: String,
    pub target: String,
    /// Those that the program was compiled for: lanes of another width round otherwise.
    pub features: Vec<String>,
    pub plan_hash: String,
    pub plan: String,
    pub shard: u64,
    pub shards: u64,
}

impl Header {
    /// That of this program.
    pub fn new(plan: &Plan, shard: Shard) -> Self {
        let plan = plan.text();
        Self {
            schema: SCHEMA,
            version: manifest::VERSION.into(),
            git: manifest::GIT.into(),
            target: manifest::TARGET.into(),
            features: cpu::names(|f| f.compiled).into_iter().map(String::from).collect(),
            plan_hash: digest::hex(&plan),
            plan,
            shard: shard.number,
            shards: shard.of,
        }
    }

    /// The plan in the header of `path`.
    pub fn read_plan(&self, path: &Path, all: &[&'static Experiment]) -> Result<Plan, Failure> {
        Plan::parse(Path::new("plan"), &self.plan, all).map_err(|failure| {
            Failure::bad_input(format!(
                "{}:1: the plan in this line is for another version of reluflow ({failure}); use \
                 that one",
                path.display()
            ))
        })
    }

    /// What differs from another shard of what should be the same sweep, a line each.
    pub fn differences(&self, other: &Self, places: [&str; 2]) -> Vec<String> {
        difference(&self.facts(), &other.facts(), places)
    }

    /// All but the shard's number, flat, so that a difference names one feature and one setting.
    fn facts(&self) -> Map<String, Value> {
        let mut facts = Map::from_iter([
            ("schema".to_string(), json!(self.schema)),
            ("version".into(), json!(self.version)),
            ("git".into(), json!(self.git)),
            ("target".into(), json!(self.target)),
            ("number of shards".into(), json!(self.shards)),
        ]);
        facts.extend(self.features.iter().map(|name| (format!("CPU feature {name}"), true.into())));
        let lines = self.plan.lines().filter_map(|line| line.split_once(" = "));
        // The order of the grid is part of the plan: it numbers the jobs.
        let grid = lines.clone().filter_map(|(name, _)| name.strip_prefix("grid."));
        facts.insert("order of the grid".into(), json!(grid.collect::<Vec<_>>().join(", ")));
        facts.extend(lines.map(|(name, value)| {
            (name.to_string(), serde_json::from_str(value).unwrap_or_else(|_| json!(value)))
        }));
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_the_jobs_out() {
        for (of, total) in [(1, 5), (3, 10), (7, 7), (8, 3)] {
            let each = (1..=of).flat_map(|number| Shard { number, of }.jobs(total));
            let mut jobs: Vec<u64> = each.collect();
            jobs.sort_unstable();
            assert_eq!(jobs, (0..total).collect::<Vec<_>>());
        }
        assert_eq!(Shard { number: 2, of: 3 }.jobs(8).collect::<Vec<_>>(), [1, 4, 7]);
    }

    #[test]
    fn names_and_flags_are_read_as_they_are_written() {
        let shard: Shard = "3/8".parse().unwrap();
        assert_eq!((shard, shard.to_string()), (Shard { number: 3, of: 8 }, "shard 3 of 8".into()));
        assert_eq!(Shard::of_file("shard-3-of-8.jsonl"), Some(shard));
        assert_eq!(Shard::of_file("shard-3-of-8.jsonl.part"), Some(shard));
        for wrong in ["0/8", "9/8", "3", "a/b", "3/8/9", "", "-1/2"] {
            assert!(wrong.parse::<Shard>().unwrap_err().contains("e.g. 3/8"), "{wrong}");
        }
        for other in ["shard-03-of-8.jsonl", "shard-9-of-8.jsonl", ".shard-3-of-8.jsonl.part", "x"]
        {
            assert_eq!(Shard::of_file(other), None);
        }
    }

    #[test]
    fn a_complete_file_hides_its_leftover() {
        let folder = tempfile::tempdir().unwrap();
        let names =
            ["shard-2-of-10.jsonl", "shard-2-of-10.jsonl.part", "shard-10-of-10.jsonl.part"];
        for name in names.iter().chain(&["merged.jsonl"]) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = files(folder.path()).unwrap();
        let found: Vec<_> = found.iter().map(|file| (file.shard.number, file.whole)).collect();
        assert_eq!(found, [(2, true), (10, false)]);
    }
}
