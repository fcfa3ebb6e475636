//! Flags of `repro`.
use lab::{Control, Preset};
use std::path::PathBuf;

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
    /// The preset that they ask for.
    pub fn preset(&self) -> Preset {
        if self.full { Preset::Paper } else { Preset::Quick }
    }
}
