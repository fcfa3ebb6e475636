//! What an experiment is given: its configuration and the services of the command.
use crate::config::Config;
use crate::control::Control;
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::progress::Progress;
use crate::run_folder::RunFolder;
use std::sync::atomic::AtomicBool;

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
        Self { config, threads, progress, keeper: Keeper::new(folder, interrupt) }
    }

    /// The wrong physics to apply, if this is a controlled run.
    pub fn control(&self) -> Option<Control> {
        self.config.control
    }

    /// The value of a count among the keys; the others likewise.
    pub fn count(&self, key: &str) -> usize {
        self.config.settings.count(key)
    }

    /// The value of a number.
    pub fn number(&self, key: &str) -> f64 {
        self.config.settings.number(key)
    }

    /// The value of a choice.
    pub fn choice(&self, key: &str) -> &'static str {
        self.config.settings.choice(key)
    }

    /// The value of a flag.
    pub fn flag(&self, key: &str) -> bool {
        self.config.settings.flag(key)
    }

    /// The value of a text.
    pub fn text(&self, key: &str) -> &'static str {
        self.config.settings.text(key)
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
