//! One way for an experiment to follow a training run from a start to a flow time.
//!
//! Everything here is in flow time t, the time of dw_j/dt = (a_j/n) sum_i r_i `1[z_ji > 0]` x_i:
//! an experiment says when to look and is told when things happened, whatever took the steps.
//! Gradient descent at rate lr is Euler's method with dt = lr s on L = 1/(2n) sum_i r_i^2, and with
//! dt = 2 lr s on the mean of r^2, so iteration k is the time k dt.
use crate::choice::kernels;
pub use engine_generic::trajectory::{
    ACCELERATION, Account, COORDINATES, Form, KEYS, Plan, Problem, Record, Shortcuts, Snapshot,
    Start, TOLERANCE, Trajectory,
};
use engine_generic::{Kind, Numerics};
use lab::{Context, Failure, METHOD, Method};

/// Follows `problem` as `plan` says, in the coordinates that suit its data, with the precision
/// and the [`ARITHMETIC`](crate::ARITHMETIC) of the context. Resumes from the checkpoint of the run folder and saves
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
    let Numerics { precision, arithmetic } = Numerics::of(context);
    kernels(arithmetic).descend(precision, context, problem, plan, kind)
}

/// The gradient flow itself, whatever the method: as the keys [`ACCELERATION`], [`COORDINATES`]
/// and [`TOLERANCE`] say.
pub fn integrate(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Trajectory, Failure> {
    let Numerics { precision, arithmetic } = Numerics::of(context);
    kernels(arithmetic).integrate(precision, context, problem, plan, kind)
}

/// Gradient descent on the same problem, whatever the method: to lay it under the flow.
pub fn descend(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Trajectory, Failure> {
    let Numerics { precision, arithmetic } = Numerics::EXACT;
    kernels(arithmetic).descend(precision, context, problem, plan, kind)
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
