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
pub use flow::{ACCELERATION, COORDINATES, Form, Shortcuts, TOLERANCE};
pub use journal::{Record, Snapshot};
pub use plan::Plan;
pub use problem::{Problem, Start};

use crate::coordinates::Kind;
use crate::numerics::{ARITHMETIC, Exact, Numerics, with_lanes};
use lab::settings::Keys;
use lab::{Context, Failure, METHOD, Method};

/// What every experiment accepts that lets [`METHOD`] choose who takes the steps.
pub const KEYS: Keys = &[&ARITHMETIC, &ACCELERATION, &COORDINATES, &TOLERANCE];

/// Follows `problem` as `plan` says, in the coordinates that suit its data, with the precision
/// and the [`ARITHMETIC`] of the context. Resumes from the checkpoint of the run folder and saves
/// there; a run folder keeps one trajectory.
pub fn follow(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Trajectory, Failure> {
    if context.get(METHOD) == Method::Flow {
        return integrate(context, problem, plan, kind);
    }
    with_lanes!(Numerics::of(context), |L| descent::descend::<L>(context, problem, plan, kind))
}

/// The gradient flow itself, whatever the method: as the keys [`ACCELERATION`], [`COORDINATES`]
/// and [`TOLERANCE`] say.
pub fn integrate(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Trajectory, Failure> {
    with_lanes!(Numerics::of(context), |L| flow::integrate::<L>(context, problem, plan, kind))
}

/// Gradient descent on the same problem, whatever the method: to lay it under the flow.
pub fn descend(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Trajectory, Failure> {
    descent::descend::<Exact>(context, problem, plan, kind)
}

/// Gradient descent beside a flow, for the figures; nothing where descent took the steps anyway.
pub fn beside(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Option<Trajectory>, Failure> {
    if context.get(METHOD) != Method::Flow {
        return Ok(None);
    }
    let plan = Plan { snapshots: Vec::new(), ..plan.clone() };
    descend(context, problem, &plan, kind).map(Some)
}
