//! Library face of the `reluflow` command: the oracle, data loading, run folders.
#![forbid(unsafe_code)]

pub mod dataset;
pub mod preprocess;
pub mod reference;
