//! The threads of a run.
use lab::Failure;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Some threads that take work from one list.
#[derive(Debug)]
pub struct Pool {
    /// `None`: the caller's own thread, without the cost of waking another.
    pool: Option<ThreadPool>,
}

/// Threads that the machine runs at once.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The scratch of the thread that asks. No thread works at another's, so the lock never waits.
pub(crate) fn own<S>(scratches: &[Mutex<S>]) -> MutexGuard<'_, S> {
    let at = rayon::current_thread_index().unwrap_or(0) % scratches.len();
    scratches[at].lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    /// The caller's own thread.
    pub const ALONE: Self = Self { pool: None };

    /// Starts `threads` threads.
    pub fn new(threads: usize) -> Result<Self, Failure> {
        if threads <= 1 {
            return Ok(Self::ALONE);
        }
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| {
            Failure::failed(format!(
                "cannot start {threads} threads: {error}; use fewer, --threads 1 needs none"
            ))
        })?;
        Ok(Self { pool: Some(pool) })
    }

    /// Memory for each thread, which it need not ask for again.
    pub fn per_thread<S>(&self, scratch: impl Fn() -> S) -> Vec<Mutex<S>> {
        (0..self.threads()).map(|_| Mutex::new(scratch())).collect()
    }

    /// How many threads work.
    pub fn threads(&self) -> usize {
        self.pool.as_ref().map_or(1, ThreadPool::current_num_threads)
    }

    /// `f(scratch, index, item)` of each item, in any order; results in the order of the items. Of
    /// several failures the first in that order is returned. `scratches` is from
    /// [`per_thread`](Pool::per_thread).
    pub fn each<S: Send, I: Send, R: Send>(
        &self,
        scratches: &[Mutex<S>],
        items: Vec<I>,
        f: impl Fn(&mut S, usize, I) -> Result<R, Failure> + Sync,
    ) -> Result<Vec<R>, Failure> {
        let tasks: Vec<Mutex<Task<I, R>>> =
            items.into_iter().map(|item| Mutex::new(Task::Open(item))).collect();
        self.run(tasks.len(), &|index| {
            let lock = || tasks[index].lock().unwrap_or_else(PoisonError::into_inner);
            let Task::Open(item) = std::mem::replace(&mut *lock(), Task::Taken) else {
                return true;
            };
            let result = f(&mut own(scratches), index, item);
            let goes_on = result.is_ok();
            *lock() = Task::Done(result);
            goes_on
        });
        let done =
            tasks.into_iter().map(|task| task.into_inner().unwrap_or_else(PoisonError::into_inner));
        done.filter_map(|task| match task {
            Task::Done(result) => Some(result),
            Task::Open(_) | Task::Taken => None,
        })
        .collect()
    }

    /// `work(index)` of each index below `count`, from one queue rather than by halves of the list: whoever sorts the
    /// items by cost has all threads busy to the end. A caller that is alone stops where `work` says false. Apart from
    /// [`each`](Pool::each), so that it is compiled once.
    fn run(&self, count: usize, work: &(dyn Fn(usize) -> bool + Sync)) {
        match &self.pool {
            None => {
                let _ = (0..count).all(work);
            }
            Some(pool) => {
                let next = AtomicUsize::new(0);
                pool.broadcast(|_| {
                    let mine =
                        || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&at| at < count);
                    while let Some(index) = mine() {
                        work(index);
                    }
                });
            }
        }
    }
}

/// What has become of an item.
enum Task<I, R> {
    Open(I),
    Taken,
    Done(Result<R, Failure>),
}
