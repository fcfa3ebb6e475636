//! Flags of `sweep`.
use super::shard::Shard;
use clap::Subcommand;
use std::path::PathBuf;

/// What `sweep` can be asked.
#[derive(Debug, Subcommand)]
pub enum SweepCommand {
    /// Run the jobs of a plan, or of one shard of it; the same command again resumes
    #[command(
        after_help = "Example:\n  reluflow sweep run plan.toml --out sweeps/first\n  reluflow sweep run plan.toml --shard 3/8 --threads 1 --out sweeps/first"
    )]
    Run(RunArgs),
    /// Say what is done and what is missing; exit code 4 while anything is
    #[command(after_help = "Example:\n  reluflow sweep status sweeps/first")]
    Status {
        /// Folder of the shards
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Join all shards of a plan: statistics of each cell, and a hash of every number
    #[command(
        after_help = "Example:\n  reluflow sweep merge sweeps/first --out sweeps/first\n  reluflow sweep merge node-1 node-2 --json > first.json"
    )]
    Merge(MergeArgs),
}

/// Flags of `sweep run`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// What to run: experiment, settings, grid; see docs/sweeps.md
    #[arg(value_name = "PLAN.toml")]
    pub plan: PathBuf,
    /// Folder of the results; shards may share it
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Only every N-th job, from the I-th on [default: 1/1, all of them]
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Jobs to run at once; the result does not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    /// No progress on stderr
    #[arg(long)]
    pub quiet: bool,
}

/// Flags of `sweep merge`.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// Folders of the shards
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Write merged.jsonl and cells.csv into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}
