//! What an experiment is and what it gets: its keys and their values, the context it runs in, what it hands back,
//! the folder of its results.
//!
//! | question | file |
//! |---|---|
//! | what does the command line know of an experiment? | `experiment` |
//! | what does a paper state, and what shows it? | `statement` |
//! | what can be set about it? | `settings`, `choices`, `control` |
//! | what decides a result? | `config`, `resolve` |
//! | what is an experiment given? | `context` |
//! | what does it hand back? | `outcome`, `figure` |
//! | what is kept, where and when? | `keeper`, `checkpoint`, `run_folder` |
//! | how is mathematics printed? | `typography` |
//! | how are repeated runs summed up? | `statistics` |
//! | what went wrong? | `failure` |
//! | how far is it? | `progress`, `interrupt` |
//!
//! Nothing here knows a paper, a kernel (but for its error) or the command line.
#![forbid(unsafe_code)]

pub mod checkpoint;
pub mod checks;
mod choices;
mod config;
mod context;
mod control;
mod experiment;
pub mod failure;
pub mod fake;
pub mod figure;
pub mod interrupt;
pub mod keeper;
mod number;
mod outcome;
pub mod progress;
mod resolve;
pub mod run_folder;
pub mod settings;
pub mod statement;
pub mod statistics;
mod typography;

pub use choices::{Arithmetic, Precision, Preset};
pub use config::{Config, Wishes};
pub use context::Context;
pub use control::Control;
pub use experiment::{Experiment, METHOD, Method, find};
pub use failure::Failure;
pub use number::short;
pub use outcome::{Numbers, Outcome, Verdict};
pub use statement::{Evidence, Paper, State, Statement};
pub use typography::unicode;
