//! What the host does with kernels, generic over their lanes: nothing here is compiled for one. `engine` is the door; the
//! crates `engine-fused` and `engine-canonical` compile this for the lanes of this build, each for one arithmetic and
//! beside each other.
//!
//! | question | file |
//! |---|---|
//! | what is compiled for a lane type? | `kernels` |
//! | which arithmetic? | `numerics` |
//! | f32 and f64 | `number` |
//! | gradient descent, step by step | `descent` |
//! | a run from a start to a flow time | `trajectory` |
//! | a run on the user's own data | `training` |
//! | deep networks and their tangent kernels | `deep` |
//! | flows without kinks | `smooth` |
//! | what the theory asks of data, measured | `facts` |
//! | when is a run looked at? | `schedule` |
//! | which coordinates suit them? | `coordinates` |
//! | the events of a flow as a file | `event_log` |
//! | threads, pieces of samples, files of them | `parallel`, `sample_file` |
//! | time on a core, the core's peak, what the machine offers | `clock`, `peak`, `cpu` |
#![forbid(unsafe_code)]

pub mod clock;
pub mod coordinates;
pub mod cpu;
pub mod deep;
pub mod descent;
pub mod event_log;
pub mod facts;
mod flow_memory;
mod kernels;
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
pub use kernels::{Compiled, Kernels};
pub use number::{Number, Report, Shared, narrow, widen};
pub use numerics::{ARITHMETIC, Exact, Numerics};
pub use sample_file::{Rows, SampleFile};
