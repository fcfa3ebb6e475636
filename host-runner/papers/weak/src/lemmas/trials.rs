//! The trials of a lemma, shared among the threads.
use engine::parallel::Pool;
use lab::Context;
use lab::failure::Failure;
use lab::settings::Key;

/// Draws of each size.
pub const REPETITIONS: Key<usize> =
    Key::count("repetitions", 400, "number of draws of each size; a tenth for Lemma 8")
        .between(10, 1 << 20)
        .quick(100);

/// Streams of this experiment.
pub const STREAM: &str = "weak-lemmas";

/// `work(trial)` of each trial, shared among the threads.
pub fn trials<R: Send>(
    context: &Context,
    pool: &Pool,
    count: usize,
    work: impl Fn(u64) -> Result<R, Failure> + Sync,
) -> Result<Vec<R>, Failure> {
    let all = (0..count as u64).collect();
    pool.each(&pool.per_thread(|| ()), all, |(), _, trial| {
        if context.interrupted() {
            return Err(context.stopped());
        }
        work(trial)
    })
}
