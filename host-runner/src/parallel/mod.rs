//! One network on several threads: samples are cut into pieces, threads gather the gradients of
//! pieces, and one thread adds them in the order of the samples.
//!
//! | question | file |
//! |---|---|
//! | where are the cuts? | `cuts` |
//! | who computes? | `crew` |
//! | where do samples come from: memory, or a file? | `source` |
//! | how is a step taken? | `pieces` |
//!
//! Cuts depend on n alone and sums run in their order, so the number of threads changes no bit.
mod crew;
mod cuts;
mod pieces;
mod source;
#[cfg(test)]
mod tests;

pub use crew::{Crew, cores, desks};
pub use cuts::Cuts;
pub use pieces::{Pieces, PiecesMemory};
pub use source::{Rows, Source};

use reluflow::Lanes;

/// Lanes whose numbers threads may share, as those of every register may.
pub trait Shared: Lanes<Elem: Send + Sync, Chunk: Send + Sync> {}
impl<L: Lanes<Elem: Send + Sync, Chunk: Send + Sync>> Shared for L {}
