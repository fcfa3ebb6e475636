//! The only place where kernels meet lane types. What the kernels are generic over, a precision and an arithmetic, are
//! values here: behind every door below, each kernel is compiled once.
//!
//! | question | file |
//! |---|---|
//! | which arithmetic? | `numerics` |
//! | f32 and f64 | `number` |
//! | gradient descent, step by step | `descent` |
//! | the gradient flow, step by step | `flow` |
//! | a run from a start to a flow time | `trajectory` |
//! | a run on the user's own data | `training` |
//! | deep networks and their tangent kernels | `deep` |
//! | flows without kinks | `smooth`, `mirror` |
//! | what is computed once; sums over vectors | `exact`, `linalg` |
//! | what the theory asks of data, measured | `facts` |
//! | when is a run looked at? | `schedule` |
//! | which coordinates suit them? | `coordinates` |
//! | the events of a flow as a file | `event_log` |
//! | threads, pieces of samples, files of them | `parallel`, `sample_file` |
//! | is this build right? | `golden` |
//! | time on a core, the core's peak, what the machine offers | `clock`, `peak`, `cpu` |
#![forbid(unsafe_code)]

pub mod clock;
pub mod coordinates;
pub mod cpu;
pub mod deep;
pub mod descent;
pub mod event_log;
pub mod exact;
pub mod facts;
pub mod flow;
mod flow_memory;
mod golden;
pub mod linalg;
pub mod mirror;
mod number;
mod numerics;
pub mod parallel;
pub mod peak;
mod sample_file;
pub mod schedule;
pub mod smooth;
mod state;
pub mod training;
pub mod trajectory;

pub use coordinates::Kind;
pub use flow_memory::FlowMemory;
pub use golden::golden;
pub use number::{Number, Report, narrow, widen};
pub use numerics::{ARITHMETIC, Numerics};
pub use sample_file::{Rows, SampleFile};
