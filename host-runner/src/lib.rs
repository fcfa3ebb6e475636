//! Library face of the `reluflow` command: the oracle, data loading, run folders.
#![forbid(unsafe_code)]

pub mod reference;
