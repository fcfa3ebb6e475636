//! Gradient descent, that is Euler's method on the flow: iteration k is at flow time k dt.
use super::course::Trajectory;
use super::journal::{Journal, Record, Snapshot};
use super::plan::Plan;
use super::problem::Problem;
use crate::coordinates::Kind;
use crate::number::{Shared, narrow, widen};
use crate::parallel::Pool;
use crate::state::{ProblemIn, State, StateMemory};
use lab::checkpoint::{decode, encode};
use lab::{Context, Control, Failure};
use reluflow::Real;
use std::time::Instant;

/// Iterations between two looks at the clock and the interrupt.
const LOOK: u64 = 256;
/// Single-precision Gram coordinates gather rounding errors; they are computed anew so often.
const REFRESH: u64 = 1000;

/// Runs or resumes the descent.
pub fn descend<L: Shared>(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Trajectory, Failure> {
    let problem = problem.at::<L::Elem>()?;
    let (mut journal, saved) = match context.load_checkpoint()? {
        Some(bytes) => {
            let (journal, values) = decode(&bytes, State::<L>::values_len(kind, problem.sizes()))?;
            (journal, Some(narrow(&values)))
        }
        None => (Journal::new(plan), None),
    };
    let pool = Pool::ALONE;
    let mut memory = StateMemory::new::<L>(kind, &problem)?;
    let mut state = State::<L>::new(kind, &problem, saved.as_deref(), &pool, &mut memory)?;

    let time = |k: u64| plan.dt * k as f64;
    let iterations = plan.iteration(plan.until);
    let (begun, began) = (journal.steps, Instant::now());
    let mut records = Agenda::new(plan, &plan.records, begun);
    let mut snapshots = Agenda::new(plan, &plan.snapshots, begun);
    let refresh = kind == Kind::Gram && L::Elem::EPSILON.to_f64() > 1e-10;
    let earlier = journal.health;
    context.progress.start(iterations, "iterations");
    // One look more than there are steps: the last one reports where the run ended.
    let end = loop {
        let (k, t) = (journal.steps, time(journal.steps));
        if refresh && k > 0 && k.is_multiple_of(REFRESH) {
            state.refresh(&problem)?;
        }
        if snapshots.is_due(k) {
            journal.snapshots.push(snapshot(t, &state, &problem)?);
        }
        let before = (k == iterations).then(|| snapshot(t, &state, &problem)).transpose()?;
        let step =
            state.step(L::Elem::from_f64(Control::effective_dt(context.control(), plan.dt)))?;
        let loss = step.loss.to_f64();
        journal.look(t, loss, plan);
        let broken = !loss.is_finite();
        if records.is_due(k) || before.is_some() || broken {
            let mu = step.mu().map(Real::to_f64).filter(|mu| mu.is_finite());
            journal.curve.push(Record { t, loss, mu });
        }
        if let Some(end) = before {
            break end;
        }
        if broken {
            break snapshot(t, &state, &problem)?;
        }
        journal.steps += 1;
        if k.is_multiple_of(LOOK) {
            context.progress.at(k);
            if context.interrupted() || context.checkpoint_due() {
                journal.health = earlier | state.health().bits();
                save(context, &journal, &state, &problem)?;
                if context.interrupted() {
                    return Err(context.stopped());
                }
            }
        }
    };
    let steps = (journal.steps - begun).max(1) as f64;
    Ok(Trajectory {
        ns_per_step: began.elapsed().as_secs_f64() * 1e9 / steps,
        plateaus: journal.plateaus(),
        health: earlier | state.health().bits(),
        steps: journal.steps,
        start: Snapshot { t: 0.0, w: widen(&problem.w), a: widen(&problem.a) },
        end,
        curve: journal.curve,
        snapshots: journal.snapshots,
        crossings: journal.crossings,
        account: None,
    })
}

/// Iterations to come at which something is due.
struct Agenda {
    at: Vec<u64>,
    next: usize,
}

impl Agenda {
    /// Of the times from iteration `begun` on.
    fn new(plan: &Plan, times: &[f64], begun: u64) -> Self {
        let mut at: Vec<u64> = times.iter().map(|&t| plan.iteration(t)).collect();
        at.sort_unstable();
        at.dedup();
        let next = at.partition_point(|&k| k < begun);
        Self { at, next }
    }

    /// Ask for every iteration, in order.
    fn is_due(&mut self, k: u64) -> bool {
        let due = self.at.get(self.next) == Some(&k);
        self.next += usize::from(due);
        due
    }
}

fn snapshot<L: Shared>(
    t: f64,
    state: &State<L>,
    problem: &ProblemIn<L::Elem>,
) -> Result<Snapshot, Failure> {
    let (mut w, mut a) = (problem.w.clone(), problem.a.clone());
    state.write(problem, &mut w, &mut a)?;
    Ok(Snapshot { t, w: widen(&w), a: widen(&a) })
}

fn save<L: Shared>(
    context: &Context,
    journal: &Journal,
    state: &State<L>,
    problem: &ProblemIn<L::Elem>,
) -> Result<(), Failure> {
    context.save_checkpoint(&encode(journal, &widen(&state.values(problem)?))?)
}
