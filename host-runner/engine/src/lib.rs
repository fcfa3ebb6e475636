//! The only place where kernels meet lane types. What the kernels are generic over, a precision and an arithmetic, are
//! values here: behind every door below, each kernel is compiled once.
//!
//! `engine-generic` has the work, generic over lanes; `engine-fused` and `engine-canonical` compile it, each for one
//! arithmetic, beside each other; here one of them is chosen.
//!
//! | question | module |
//! |---|---|
//! | which arithmetic? | [`Numerics`] |
//! | gradient descent, step by step | [`descent`] |
//! | the gradient flow, step by step | [`flow`] |
//! | a run from a start to a flow time | [`trajectory`] |
//! | a run on the user's own data | [`training`] |
//! | deep networks and their tangent kernels | [`deep`] |
//! | flows without kinks | [`smooth`], [`mirror`] |
//! | what is computed once; sums over vectors | [`exact`], [`linalg`] |
//! | what the theory asks of data, measured | [`facts`] |
//! | when is a run looked at? | [`schedule`] |
//! | which coordinates suit them? | [`coordinates`] |
//! | the events of a flow as a file | [`event_log`] |
//! | threads, pieces of samples | [`parallel`] |
//! | is this build right? | [`golden()`] |
//! | time on a core, the core's peak, what the machine offers | [`clock`], [`peak`], [`cpu`] |
#![forbid(unsafe_code)]

mod choice;
pub mod deep;
pub mod descent;
pub mod linalg;
pub mod smooth;
pub mod training;
pub mod trajectory;

pub use choice::lanes;
pub use engine_canonical::{exact, flow, golden, mirror};
pub use engine_generic::{
    ARITHMETIC, Exact, FlowMemory, Kind, Number, Numerics, Report, Rows, SampleFile, clock,
    coordinates, cpu, event_log, facts, narrow, parallel, peak, schedule, widen,
};
