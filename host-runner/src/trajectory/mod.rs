//! One way for an experiment to follow a training run from a start to a flow time.
//!
//! | question | file |
//! |---|---|
//! | what is trained, from where? | `problem` |
//! | what is kept of a run, what does a checkpoint hold? | `journal` |
//! | how does gradient descent take its steps? | `descent` |
//! | and the gradient flow itself? | `flow` |
//! | in which memory? | `room` |
//! | what does the flow vouch for? | `account` |
//!
//! Everything here is in flow time t, the time of dw_j/dt = (a_j/n) sum_i r_i `1[z_ji > 0]` x_i:
//! an experiment says when to look and is told when things happened, whatever took the steps.
//! Gradient descent at rate lr is Euler's method with dt = lr s on L = 1/(2n) sum_i r_i^2, and with
//! dt = 2 lr s on the mean of r^2, so iteration k is the time k dt.
mod account;
mod descent;
mod flow;
mod journal;
mod problem;

pub use account::Account;
pub use flow::{ACCELERATION, COORDINATES, METHOD, TOLERANCE, rules};
pub use journal::{Record, Snapshot};
pub use problem::{Problem, Start};

use crate::event_log;
use crate::experiment::{Context, Numbers, Precision, Verdict};
use crate::failure::Failure;
use crate::figure::log_spaced;
use crate::settings::Key;
use crate::train::Kind;
use reluflow::{Canonical, Real};

/// The key that every experiment with a trajectory has.
pub const ARITHMETIC: Key = Key::choice(
    "arithmetic",
    "canonical",
    &["canonical", "fused"],
    "arithmetic: the same bits on every machine, or the fastest of this one",
);

/// What every experiment accepts that lets [`METHOD`] choose who takes the steps.
pub const KEYS: &[Key] = &[ARITHMETIC, ACCELERATION, COORDINATES, TOLERANCE];

/// How long to train and what to keep. All times are flow times.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Length of a step of gradient descent.
    pub dt: f64,
    /// The run ends at this time.
    pub until: f64,
    /// When (t, L, mu) is kept, rising.
    pub records: Vec<f64>,
    /// When (w, a) is kept, rising. The end is kept in any case.
    pub snapshots: Vec<f64>,
    /// Losses L, falling, whose first crossing is wanted.
    pub levels: Vec<f64>,
    /// The fall of L that shows a plateau is measured over this long, or over a step if that is
    /// longer. Where samples are not orthogonal, pairs held at z = 0 chatter from step to step.
    pub window: f64,
    /// The flow holds log L to its tolerance, not the weights alone.
    pub curvature: bool,
}

impl Plan {
    /// `iterations` steps of length `dt`, a thousand evenly spaced records and some more on a log
    /// axis; no snapshots and no levels.
    pub fn new(dt: f64, iterations: u64) -> Self {
        let time = |k: u64| dt * k as f64;
        let records = recorded(iterations).into_iter().map(time).collect();
        Self {
            dt,
            until: time(iterations),
            records,
            snapshots: Vec::new(),
            levels: Vec::new(),
            window: 0.0,
            curvature: false,
        }
    }

    /// Records at these times too.
    pub fn also_at(mut self, times: impl IntoIterator<Item = f64>) -> Self {
        self.records.extend(times);
        self.records.sort_by(f64::total_cmp);
        self.records.dedup();
        self
    }

    /// The step of gradient descent that starts at time `t`, or nearest to it.
    pub fn iteration(&self, t: f64) -> u64 {
        (t / self.dt).round() as u64
    }
}

/// Iterations whose loss is kept.
fn recorded(iterations: u64) -> Vec<u64> {
    let total = usize::try_from(iterations).unwrap_or(usize::MAX).saturating_add(1);
    let mut at: Vec<u64> = log_spaced(total, 200).into_iter().map(|k| k as u64).collect();
    at.extend((0..=1000).map(|part| iterations / 1000 * part));
    at.sort_unstable();
    at.dedup();
    at
}

/// What became of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// (t, L, mu) at the times asked for and at the end.
    pub curve: Vec<Record>,
    /// (t, w, a) at the times asked for.
    pub snapshots: Vec<Snapshot>,
    /// The network that the run started from, in its precision.
    pub start: Snapshot,
    /// The network where the run ended: at the time asked for, or where the loss stopped being a
    /// finite number.
    pub end: Snapshot,
    /// For each level the first time at which L was below it.
    pub crossings: Vec<Option<f64>>,
    /// For each two successive levels, L where it fell slowest between their crossings: the height
    /// of the plateau there.
    pub plateaus: Vec<Option<f64>>,
    /// Flags of `reluflow::Health` raised on the way, as bits.
    pub health: u8,
    /// Steps taken.
    pub steps: u64,
    /// Time of one of them, looking included.
    pub ns_per_step: f64,
    /// What the flow reports; absent of gradient descent.
    pub account: Option<Account>,
}

impl Trajectory {
    /// (t, L, mu) at the end.
    pub fn last(&self) -> Record {
        self.curve.last().copied().unwrap_or_default()
    }

    /// L at the record nearest to `t`; NaN for a time that the run did not reach.
    pub fn loss_at(&self, t: f64) -> f64 {
        if t > self.last().t * (1.0 + 1e-9) {
            return f64::NAN;
        }
        let nearest = self.curve.iter().min_by(|x, y| (x.t - t).abs().total_cmp(&(y.t - t).abs()));
        nearest.map_or(f64::NAN, |record| record.loss)
    }

    /// Time of the first crossing of level `index`; NaN if there was none.
    pub fn crossing(&self, index: usize) -> f64 {
        self.crossings.get(index).copied().flatten().unwrap_or(f64::NAN)
    }

    /// Height of the plateau after level `index`; NaN if there was none.
    pub fn plateau(&self, index: usize) -> f64 {
        self.plateaus.get(index).copied().flatten().unwrap_or(f64::NAN)
    }

    /// What every experiment adds to its result where the flow took the steps.
    pub fn vouch(&self, metrics: &mut Numbers, verdicts: &mut Vec<Verdict>) -> Option<String> {
        let account = self.account.as_ref()?;
        account.report(metrics);
        verdicts.push(account.verdict());
        Some(event_log::csv(&account.events))
    }

    /// The snapshots, or the end where none was asked for or reached.
    pub fn shots(&self) -> &[Snapshot] {
        if self.snapshots.is_empty() { std::slice::from_ref(&self.end) } else { &self.snapshots }
    }
}

/// Follows `problem` as `plan` says, in the coordinates that suit its data, with the precision
/// and the [`ARITHMETIC`] of the context. Resumes from the checkpoint of the run folder and saves
/// there; a run folder keeps one trajectory.
pub fn follow(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Trajectory, Failure> {
    if context.choice(METHOD.name) == "flow" {
        return integrate(context, problem, plan, kind);
    }
    let engine = match (context.config.precision, context.choice(ARITHMETIC.name)) {
        (Precision::F32, "fused") => descent::descend::<<f32 as Real>::Native>,
        (Precision::F32, _) => descent::descend::<Canonical<<f32 as Real>::Native>>,
        (Precision::F64, "fused") => descent::descend::<<f64 as Real>::Native>,
        (Precision::F64, _) => descent::descend::<Canonical<<f64 as Real>::Native>>,
    };
    engine(context, problem, plan, kind)
}

/// The gradient flow itself, whatever the method: as the keys [`ACCELERATION`], [`COORDINATES`]
/// and [`TOLERANCE`] say.
pub fn integrate(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Trajectory, Failure> {
    let engine = match (context.config.precision, context.choice(ARITHMETIC.name)) {
        (Precision::F32, "fused") => flow::integrate::<<f32 as Real>::Native>,
        (Precision::F32, _) => flow::integrate::<Canonical<<f32 as Real>::Native>>,
        (Precision::F64, "fused") => flow::integrate::<<f64 as Real>::Native>,
        (Precision::F64, _) => flow::integrate::<Canonical<<f64 as Real>::Native>>,
    };
    engine(context, problem, plan, kind)
}

/// Gradient descent on the same problem, whatever the method: to lay it under the flow.
pub fn descend(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Trajectory, Failure> {
    descent::descend::<Canonical<<f64 as Real>::Native>>(context, problem, plan, kind)
}

/// Gradient descent beside a flow, for the figures; nothing where descent took the steps anyway.
pub fn beside(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Option<Trajectory>, Failure> {
    if context.choice(METHOD.name) != "flow" {
        return Ok(None);
    }
    let plan = Plan { snapshots: Vec::new(), ..plan.clone() };
    descend(context, problem, &plan, kind).map(Some)
}

#[cfg(test)]
mod tests;
