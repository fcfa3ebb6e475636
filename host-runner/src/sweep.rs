//! `sweep`: one experiment over a grid of settings, in any order, on any number of machines.
//!
//! A plan (`plan.rs`) names the cells; a job is a cell and a repetition, with random numbers of its
//! own (`job.rs`). Shards share the jobs out, one file each (`shard.rs`, `lines.rs`, `journal.rs`);
//! `work.rs` runs one, `status.rs` says what is there, and `merge.rs` joins them. What was decided, and
//! why, stands in docs/sweeps.md.
mod args;
mod cells;
mod digest;
mod job;
mod journal;
mod lines;
mod merge;
mod plan;
mod shard;
mod status;
mod work;

pub use args::SweepCommand;

use lab::Experiment;
use lab::failure::Failure;
use lab::interrupt;

/// Runs the command and prints the result; returns the exit code.
pub fn run(all: &[&'static Experiment], command: &SweepCommand) -> Result<u8, Failure> {
    match command {
        SweepCommand::Run(args) => work::run(all, args, interrupt::listen()?),
        SweepCommand::Status { folder, json } => status::run(all, folder, *json),
        SweepCommand::Merge(args) => merge::run(all, args),
    }
}
