//! The commands of `reluflow`, a file each. A library, so that it is compiled beside the crates that it links; the binary is
//! its `main` alone.
#![forbid(unsafe_code)]

mod bench;
mod catalogue;
mod check;
pub mod cli;
mod doctor;
mod golden;
mod list;
mod manifest;
mod replay;
mod report;
mod repro;
mod run;
mod statements;
mod sweep;
mod table;
mod train;
