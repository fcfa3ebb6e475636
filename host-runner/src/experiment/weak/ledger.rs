//! Many networks in any order: what is done is kept, what is not is shared out.
//!
//! A network is named by its cell, that is its sizes, and its number there. Its random streams and its
//! result depend on these alone, so threads, interruptions and the order of work change nothing.
use crate::experiment::Context;
use crate::failure::Failure;
use crate::parallel::{Crew, desks};
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
    crew: Crew,
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
        Ok(Self { context, crew: Crew::new(context.threads)?, done: Mutex::new(done), finished })
    }

    /// The results of `tasks`, in their order; `work` makes those that are missing with a desk of its
    /// thread, made by `desk`. Costly tasks are begun first, so that all threads are busy to the end.
    pub fn results<S: Send>(
        &self,
        tasks: &[Task],
        cost: impl Fn(Task) -> f64,
        desk: impl Fn() -> S,
        work: impl Fn(&mut S, Task) -> Result<R, Failure> + Sync,
    ) -> Result<Vec<R>, Failure> {
        let known = |task: &Task| self.lock().get(task).cloned();
        let mut missing: Vec<Task> = tasks.iter().copied().filter(|t| known(t).is_none()).collect();
        missing.sort_by(|x, y| cost(*y).total_cmp(&cost(*x)).then(x.cmp(y)));
        missing.dedup();
        let outcome = self.crew.each(&desks(&self.crew, desk), missing, |desk, _, task| {
            if self.context.interrupted() {
                return Err(self.context.stopped());
            }
            let result = work(desk, task)?;
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
