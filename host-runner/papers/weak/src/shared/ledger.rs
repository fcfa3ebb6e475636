//! Many networks in any order: what is done is kept, what is not is shared out.
//!
//! A network is named by its cell, that is its sizes, and its number there. Its random streams and its
//! result depend on these alone, so threads, interruptions and the order of work change nothing.
use engine::parallel::Pool;
use lab::Context;
use lab::failure::Failure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// One network that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Task {
    /// Neurons.
    pub p: usize,
    /// Samples.
    pub n: usize,
    /// Input dimension.
    pub d: usize,
    /// Number within the cell.
    pub trial: u64,
}

impl Task {
    /// (p, n, d).
    pub fn sizes(self) -> (usize, usize, usize) {
        (self.p, self.n, self.d)
    }
}

/// Results by task.
#[derive(Debug)]
pub struct Ledger<'a, R> {
    context: &'a Context<'a>,
    pool: Pool,
    done: Mutex<BTreeMap<Task, R>>,
    /// How many, for the progress shown.
    finished: AtomicUsize,
}

impl<'a, R> Ledger<'a, R>
where
    R: Clone + Send + Serialize + DeserializeOwned,
{
    /// What an earlier run left in the run folder, or nothing; `total` networks will be wanted in all.
    pub fn open(context: &'a Context<'a>, total: usize) -> Result<Self, Failure> {
        let done: BTreeMap<Task, R> = match context.load_checkpoint()? {
            Some(bytes) => read(&bytes)?.into_iter().collect(),
            None => BTreeMap::new(),
        };
        context.progress.start(total as u64, "networks");
        let finished = AtomicUsize::new(done.len());
        Ok(Self { context, pool: Pool::new(context.threads)?, done: Mutex::new(done), finished })
    }

    /// The results of `tasks`, in their order; `work` makes those that are missing with a scratch of its
    /// thread, made by `scratch`. Costly tasks are begun first, so that all threads are busy to the end.
    pub fn results<S: Send>(
        &self,
        tasks: &[Task],
        cost: impl Fn(Task) -> f64,
        scratch: impl Fn() -> S,
        work: impl Fn(&mut S, Task) -> Result<R, Failure> + Sync,
    ) -> Result<Vec<R>, Failure> {
        let known = |task: &Task| self.lock().get(task).cloned();
        let mut missing: Vec<Task> = tasks.iter().copied().filter(|t| known(t).is_none()).collect();
        missing.sort_by(|x, y| cost(*y).total_cmp(&cost(*x)).then(x.cmp(y)));
        missing.dedup();
        let outcome =
            self.pool.each(&self.pool.per_thread(scratch), missing, |scratch, _, task| {
                if self.context.interrupted() {
                    return Err(self.context.stopped());
                }
                let result = work(scratch, task)?;
                let mut done = self.lock();
                done.insert(task, result);
                if self.context.checkpoint_due() {
                    self.save(&done)?;
                }
                drop(done);
                self.context.progress.at(1 + self.finished.fetch_add(1, Ordering::Relaxed) as u64);
                Ok(())
            });
        if let Err(failure) = outcome {
            if self.context.interrupted() {
                self.save(&self.lock())?;
            }
            return Err(failure);
        }
        Ok(tasks.iter().filter_map(known).collect())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Task, R>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, done: &BTreeMap<Task, R>) -> Result<(), Failure> {
        let list: Vec<_> = done.iter().collect();
        let bytes = serde_json::to_vec(&list)
            .map_err(|error| Failure::failed(format!("cannot save a checkpoint: {error}")))?;
        self.context.save_checkpoint(&bytes)
    }
}

fn read<R: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<(Task, R)>, Failure> {
    serde_json::from_slice(bytes).map_err(|error| {
        Failure::bad_input(format!(
            "the checkpoint in the --out folder is damaged: {error}; delete the file `checkpoint` to \
             start again"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EXPERIMENTS;
    use lab::progress::Progress;
    use lab::run_folder::{Opened, RunFolder};
    use lab::{Config, Wishes, find};
    use std::sync::atomic::AtomicBool;

    fn context<'a>(
        threads: usize,
        folder: Option<&'a RunFolder>,
        interrupt: &'a AtomicBool,
    ) -> Context<'a> {
        let experiment = find(EXPERIMENTS, "weak-probability").unwrap();
        let config = Config::resolve(experiment, &Wishes::default()).unwrap();
        Context::new(config, threads, Progress::new(true), folder, interrupt)
    }

    fn tasks() -> Vec<Task> {
        (0..40).map(|k| Task { p: 2, n: 5 + k % 7, d: 3, trial: k as u64 }).collect()
    }

    fn value(task: Task) -> u64 {
        task.n as u64 * 1000 + task.trial
    }

    #[test]
    fn results_come_in_the_order_asked_whatever_comes_first() {
        let interrupt = AtomicBool::new(false);
        for threads in [1, 3] {
            let context = context(threads, None, &interrupt);
            let ledger = Ledger::open(&context, 40).unwrap();
            let order = Mutex::new(Vec::new());
            let work = |_: &mut (), task: Task| {
                order.lock().unwrap().push(task.n);
                Ok(value(task))
            };
            let results = ledger.results(&tasks(), |task| task.n as f64, || (), work).unwrap();
            assert_eq!(results, tasks().into_iter().map(value).collect::<Vec<_>>());
            let order = order.into_inner().unwrap();
            assert!(threads > 1 || order.is_sorted_by(|x, y| x >= y), "{order:?}");
        }
    }

    #[test]
    fn after_an_interrupt_only_what_is_missing_is_done() {
        let path = tempfile::tempdir().unwrap();
        let interrupt = AtomicBool::new(false);
        let config = context(1, None, &interrupt).config.to_map();
        let Opened::Ready(folder) = RunFolder::open(path.path(), &config, "result.json").unwrap()
        else {
            panic!("not ready");
        };
        let count = AtomicUsize::new(0);
        let work = |_: &mut (), task: Task| {
            if count.fetch_add(1, Ordering::Relaxed) == 24 {
                interrupt.store(true, Ordering::Relaxed);
            }
            Ok(value(task))
        };
        let stopped = context(1, Some(&folder), &interrupt);
        let ledger = Ledger::open(&stopped, 40).unwrap();
        let failure = ledger.results(&tasks(), |_| 0.0, || (), work).unwrap_err();
        assert_eq!(failure.exit_code(), 130);
        interrupt.store(false, Ordering::Relaxed);
        let resumed = context(1, Some(&folder), &interrupt);
        let ledger = Ledger::open(&resumed, 40).unwrap();
        let results = ledger.results(&tasks(), |_| 0.0, || (), work).unwrap();
        assert_eq!(results, tasks().into_iter().map(value).collect::<Vec<_>>());
        assert_eq!(count.into_inner(), 40);
    }
}
