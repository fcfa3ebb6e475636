//! One network on several threads: samples are cut into pieces, threads gather the gradients of
//! pieces, and one thread adds them in the order of the samples.
//!
//! | question | file |
//! |---|---|
//! | where are the cuts? | `cuts` |
//! | who computes? | `pool` |
//! | where do samples come from: memory, or a file? | `source` |
//! | how is a step taken? | `pieces` |
//!
//! Cuts depend on n alone and sums run in their order, so the number of threads changes no bit.
mod cuts;
mod pieces;
mod pool;
mod source;

pub use cuts::Cuts;
pub use pieces::{Pieces, PiecesMemory};
pub use pool::{Pool, cores};
pub use source::Source;
