//! What is timed, and how: for `reluflow bench`, criterion and the comparison with other programs.
//!
//! | question | file |
//! |---|---|
//! | which sizes, which numbers? | `grid` |
//! | which steps, and are they right? | `case` |
//! | the same of a deep network | `deep` |
//! | the same with constant sizes | `fixed` |
//! | how is time taken? | `measure` |
//!
//! A crate of its own, so that benches are built without the experiments and beside them.
#![forbid(unsafe_code)]

pub mod case;
pub mod deep;
pub mod fixed;
pub mod grid;
pub mod measure;
