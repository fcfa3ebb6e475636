//! `train --method flow`: the gradient flow itself on the user's own data.
use super::monitor::{Monitor, Test};
use super::session::{Checkpoint, Trained};
use crate::coordinates::{Choice, Kind};
use crate::facts::Facts;
use crate::flow_memory::FlowMemory;
use crate::number::{Shared, widen};
use crate::parallel::Pool;
use crate::schedule;
use crate::state::ProblemIn;
use crate::trajectory::Account;
use lab::Failure;
use lab::keeper::Keeper;
use lab::progress::Progress;
use reluflow::flow::{Advance, Event, Rules, Start};
use reluflow::{NetView, NetViewMut, Real, SamplesView};
use std::time::Instant;

/// What the user decides about the run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Flow time at the end.
    pub until: f64,
    /// Local error of a step, relative to each neuron's size.
    pub tolerance: f64,
    /// Stop at the first checkpoint or step at or below this loss.
    pub stop_loss: Option<f64>,
}

/// Runs the flow. Checkpoints are at times, a hundred evenly spaced and as many on a log axis; the
/// `iteration` of one counts the steps before it.
pub fn integrate<L: Shared>(
    problem: &ProblemIn<L::Elem>,
    facts: &Facts,
    plan: &Choice,
    options: Options,
    mut test: Option<Test<'_, L>>,
    pool: &Pool,
    (keeper, progress): (&Keeper, &Progress),
) -> Result<Trained, Failure> {
    let (p, _, d) = problem.sizes();
    let (number, zero) = (L::Elem::from_f64, L::Elem::ZERO);
    let samples = SamplesView::new(&problem.x, &problem.y, d)?;
    let start = Start::at(NetView::new(&problem.w, &problem.a, d)?);
    let rules = Rules { curvature: true, ..Rules::new(number(options.tolerance)) };
    let mut memory = FlowMemory::<L>::new(p, samples, plan.kind == Kind::Orthogonal);
    let mut flow = memory.flow(start, problem.scale, rules)?;

    let mut monitor = Monitor::new(problem, facts, pool);
    let (mut w, mut a) = (problem.w.clone(), problem.a.clone());
    let mut events: Vec<Event<f64>> = Vec::new();
    let mut checkpoints = Vec::new();
    let (began, mut steps, mut last) = (Instant::now(), 0, 0.0);
    progress.start(1000, "thousandths");
    for t in schedule::flow(options.until) {
        let mut stopped = false;
        while !stopped {
            let mut log = |event: Event<L::Elem>| {
                let Event { t, neuron, sample, kind } = event;
                events.push(Event { t: t.to_f64(), neuron, sample, kind });
            };
            let advance = flow.advance(number(t), &mut log).map_err(|failed| {
                let t = flow.t();
                Failure::failed(format!("the flow stops at t = {t}: {failed} (--tolerance)"))
            })?;
            match advance {
                Advance::Arrived => break,
                Advance::Step(dt) | Advance::Leap(dt) => last = dt.to_f64(),
            }
            steps += 1;
            progress.at((1000.0 * flow.t().to_f64() / options.until) as u64);
            stopped = options.stop_loss.is_some_and(|stop| flow.loss().to_f64() <= stop);
            if keeper.interrupted() {
                progress.finish();
                return Err(Failure::interrupted(
                    "interrupted; the flow keeps nothing on the way, the same command starts again",
                ));
            }
        }
        flow.write(start, samples, zero, &mut NetViewMut::new(&mut w, &mut a, d)?)?;
        let reading = monitor.read_weights::<L>(&w, &a)?;
        let test_loss = match &mut test {
            Some(test) => Some(test.loss((&w, &a))?),
            None => None,
        };
        if steps == 0 {
            warn_of_length(options.until * reading.bounds.upper, progress);
        }
        let loss = flow.loss().to_f64();
        checkpoints.push(Checkpoint {
            iteration: steps,
            t: flow.t().to_f64(),
            dt: last,
            loss,
            mu: flow.mu().map(Real::to_f64),
            mu_lower: reading.bounds.lower,
            mu_upper: reading.bounds.upper,
            theorem_1: reading.theorem_1,
            test_loss,
            health: 0,
        });
        progress.note(format!("loss {loss:.4e}"));
        if stopped {
            break;
        }
    }
    progress.finish();
    Ok(Trained {
        w: widen(&w),
        a: widen(&a),
        session_steps: steps,
        seconds: began.elapsed().as_secs_f64(),
        checkpoints,
        account: Some(Account::of(&flow, &rules, events, 1.0)),
    })
}

/// Explicit steps are stable up to about 3 over the fastest rate, which the upper bound of mu is
/// twice of at most.
fn warn_of_length(rates: f64, progress: &Progress) {
    let steps = rates / 6.0;
    if steps > 1e5 {
        progress.warn(&format!(
            "some {steps:.0e} steps may be needed, for the fastest rate is high: --standardize the \
             data, or choose a smaller --until"
        ));
    }
}
