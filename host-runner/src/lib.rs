//! Library face of the `reluflow` command: experiments, data loading, run folders.
#![deny(unsafe_code)] // allowed in `mapped` alone

pub mod bench;
pub mod check;
pub mod checkpoint;
pub mod cli;
pub mod control;
pub mod cpu;
pub mod dataset;
pub mod doctor;
mod event_log;
pub mod experiment;
pub mod facts;
pub mod failure;
pub mod figure;
pub mod golden;
pub mod interrupt;
pub mod keeper;
pub mod list;
pub mod manifest;
mod mapped;
pub mod parallel;
pub mod prepare;
pub mod preprocess;
pub mod progress;
pub mod replay;
pub mod report;
pub mod repro;
pub mod run;
pub mod run_folder;
pub mod settings;
pub mod statistics;
pub mod sweep;
mod table;
pub mod train;
pub mod trajectory;
