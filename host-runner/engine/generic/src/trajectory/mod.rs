//! One way for an experiment to follow a training run from a start to a flow time.
//!
//! | question | file |
//! |---|---|
//! | what is trained, from where? | `problem` |
//! | how long, and what is kept? | `plan` |
//! | what became of it? | `course` |
//! | what is kept of a run, what does a checkpoint hold? | `journal` |
//! | how does gradient descent take its steps? | `descent` |
//! | and the gradient flow itself? | `flow` |
//! | what does the flow vouch for? | `account` |
//!
//! Everything here is in flow time t, the time of dw_j/dt = (a_j/n) sum_i r_i `1[z_ji > 0]` x_i:
//! an experiment says when to look and is told when things happened, whatever took the steps.
//! Gradient descent at rate lr is Euler's method with dt = lr s on L = 1/(2n) sum_i r_i^2, and with
//! dt = 2 lr s on the mean of r^2, so iteration k is the time k dt.
mod account;
mod course;
mod descent;
mod flow;
mod journal;
mod plan;
mod problem;

pub use account::Account;
pub use course::Trajectory;
pub use descent::descend;
pub use flow::{ACCELERATION, COORDINATES, Form, Shortcuts, TOLERANCE, integrate};
pub use journal::{Record, Snapshot};
pub use plan::Plan;
pub use problem::{Problem, Start};

use crate::numerics::ARITHMETIC;
use lab::settings::Keys;

/// What every experiment accepts that lets [`METHOD`](lab::METHOD) choose who takes the steps.
pub const KEYS: Keys = &[&ARITHMETIC, &ACCELERATION, &COORDINATES, &TOLERANCE];
