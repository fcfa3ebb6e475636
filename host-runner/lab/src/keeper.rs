//! When a run saves its state, where, and what it says when it is stopped.
use crate::failure::Failure;
use crate::run_folder::RunFolder;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How much work a killed run may lose.
pub const CHECKPOINT_PERIOD: Duration = Duration::from_secs(2);

/// The folder of a run, if it has one, the user's Ctrl-C, and the clock between checkpoints.
#[derive(Debug)]
pub struct Keeper<'a> {
    folder: Option<&'a RunFolder>,
    interrupt: &'a AtomicBool,
    last: Mutex<Instant>,
}

impl<'a> Keeper<'a> {
    /// Starts the clock.
    pub fn new(folder: Option<&'a RunFolder>, interrupt: &'a AtomicBool) -> Self {
        Self { folder, interrupt, last: Mutex::new(Instant::now()) }
    }

    /// The user pressed Ctrl-C, or the scheduler wants the machine back. Cheap; ask often, save a
    /// checkpoint, and return [`Keeper::stopped`].
    pub fn interrupted(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }

    /// The failure to return after an interrupt.
    pub fn stopped(&self) -> Failure {
        Failure::interrupted(match self.folder {
            Some(folder) => format!(
                "interrupted; the same command continues from what is saved in {}",
                folder.path().display()
            ),
            None => "interrupted; nothing is saved without --out DIR".into(),
        })
    }

    /// The folder, if there is one.
    pub fn folder(&self) -> Option<&'a RunFolder> {
        self.folder
    }

    /// Replaces the checkpoint. Does nothing without a run folder.
    pub fn save(&self, state: &[u8]) -> Result<(), Failure> {
        self.folder.map_or(Ok(()), |folder| folder.save_checkpoint(state))
    }

    /// What a previous, unfinished run of the same configuration saved.
    pub fn load(&self) -> Result<Option<Vec<u8>>, Failure> {
        self.folder.map_or(Ok(None), RunFolder::load_checkpoint)
    }

    /// Whether it is time to save one: there is a run folder, and either an interrupt is pending
    /// or the last checkpoint is [`CHECKPOINT_PERIOD`] old. Reads the clock: ask every some
    /// hundred steps.
    pub fn due(&self) -> bool {
        if self.folder.is_none() {
            return false;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = self.interrupted() || last.elapsed() >= CHECKPOINT_PERIOD;
        if due {
            *last = Instant::now();
        }
        due
    }
}
