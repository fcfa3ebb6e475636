//! What an experiment is given: its configuration and the services of the command.
use crate::config::Config;
use crate::control::Control;
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::progress::Progress;
use crate::run_folder::RunFolder;
use crate::settings::{Key, Value};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Given to an experiment's `run`.
#[derive(Debug)]
pub struct Context<'a> {
    /// What to run.
    pub config: Config,
    /// How many threads to use; must not change the result.
    pub threads: usize,
    /// Call [`Progress::start`] once and [`Progress::at`] now and then.
    pub progress: Progress,
    keeper: Keeper<'a>,
    /// Which keys were asked for, in the order of the settings.
    read: Vec<AtomicBool>,
    strays: Mutex<BTreeSet<&'static str>>,
}

impl<'a> Context<'a> {
    /// What a run of `config` gets. Without a folder nothing is saved.
    pub fn new(
        config: Config,
        threads: usize,
        progress: Progress,
        folder: Option<&'a RunFolder>,
        interrupt: &'a AtomicBool,
    ) -> Self {
        let read = config.settings.iter().map(|_| AtomicBool::new(false)).collect();
        let (strays, keeper) = (Mutex::default(), Keeper::new(folder, interrupt));
        Self { config, threads, progress, keeper, read, strays }
    }

    /// The wrong physics to apply, if this is a controlled run.
    pub fn control(&self) -> Option<Control> {
        self.config.control
    }

    /// The value of a key that the experiment's table lists.
    ///
    /// One that it lacks is a slip in code, never in the input: [`crate::checks::controls`] finds it, a debug
    /// build stops there, and any other goes on with the key's own value under the preset.
    pub fn get<T: Value>(&self, key: Key<T>) -> T {
        match self.config.settings.find(key) {
            Some((at, value)) => {
                self.read[at].store(true, Ordering::Relaxed);
                value
            }
            None => {
                self.strays.lock().unwrap_or_else(PoisonError::into_inner).insert(key.name);
                debug_assert!(false, "{} has no key {key:?}", self.config.experiment);
                key.under(self.config.preset)
            }
        }
    }

    /// Keys that were asked for and that the table lacks.
    pub fn strays(&self) -> Vec<&'static str> {
        let strays = self.strays.lock().unwrap_or_else(PoisonError::into_inner);
        strays.iter().copied().collect()
    }

    /// Keys of the table that nobody has asked for yet.
    pub fn unread(&self) -> Vec<&'static str> {
        let keys = self.config.settings.iter().zip(&self.read);
        keys.filter(|(_, read)| !read.load(Ordering::Relaxed)).map(|((name, _), _)| name).collect()
    }

    /// As [`Keeper::interrupted`].
    pub fn interrupted(&self) -> bool {
        self.keeper.interrupted()
    }

    /// As [`Keeper::stopped`].
    pub fn stopped(&self) -> Failure {
        self.keeper.stopped()
    }

    /// As [`Keeper::save`].
    pub fn save_checkpoint(&self, state: &[u8]) -> Result<(), Failure> {
        self.keeper.save(state)
    }

    /// As [`Keeper::load`].
    pub fn load_checkpoint(&self) -> Result<Option<Vec<u8>>, Failure> {
        self.keeper.load()
    }

    /// As [`Keeper::due`].
    pub fn checkpoint_due(&self) -> bool {
        self.keeper.due()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Wishes;
    use crate::fake::{DT, FAKE, STEPS};

    fn on_context(work: impl FnOnce(&Context)) {
        let config = Config::resolve(&FAKE, &Wishes::default()).unwrap();
        work(&Context::new(config, 1, Progress::new(true), None, &AtomicBool::new(false)));
    }

    #[test]
    fn a_context_knows_what_was_read() {
        on_context(|context| {
            assert_eq!(context.unread(), ["steps", "dt", "wanted"]);
            assert_eq!((context.get(STEPS), context.get(DT)), (1000, 0.5));
            assert_eq!(context.unread(), ["wanted"]);
            assert!(context.strays().is_empty());
        });
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic = "fake-count has no key")]
    fn a_key_that_the_table_lacks_has_its_own_default() {
        on_context(|context| {
            assert_eq!(context.get(Key::count("m", 60, "number of neurons").quick(6)), 60);
            assert_eq!(context.strays(), ["m"]);
        });
    }
}
