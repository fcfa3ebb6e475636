//! The lemmas of `weak-lemmas`, a file each: what it says, how it is measured, what is claimed.
pub mod correlation;
pub mod curvature;
pub mod deaths;
pub mod neurons;

use crate::experiment::Context;
use crate::failure::Failure;
use crate::parallel::{Crew, desks};

/// Streams of this experiment.
pub const STREAM: &str = "weak-lemmas";

/// `work(trial)` of each trial, shared among the threads.
pub fn trials<R: Send>(
    context: &Context,
    crew: &Crew,
    count: usize,
    work: impl Fn(u64) -> Result<R, Failure> + Sync,
) -> Result<Vec<R>, Failure> {
    let all = (0..count as u64).collect();
    crew.each(&desks(crew, || ()), all, |(), _, trial| {
        if context.interrupted() {
            return Err(context.stopped());
        }
        work(trial)
    })
}
