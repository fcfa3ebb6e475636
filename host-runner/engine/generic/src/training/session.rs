//! The training loop: steps, the step length, checkpoints, saving and resuming.
use super::monitor::{Monitor, Reading, Test, growth_rate, step_length};
use crate::coordinates::Choice;
use crate::facts::Facts;
use crate::number::{Shared, narrow, widen};
use crate::parallel::Pool;
use crate::schedule;
use crate::state::{ProblemIn, State, StateMemory};
use crate::trajectory::Account;
use lab::Failure;
use lab::checkpoint::{decode, encode};
use lab::keeper::Keeper;
use lab::progress::Progress;
use lab::statistics::{larger, min, smaller};
use reluflow::Real;
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// What the user decides about the loop.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Most steps to take.
    pub steps: u64,
    /// Step length; chosen from the weights if `None`.
    pub dt: Option<f64>,
    /// Stop at the first iteration after the loss is at or below this.
    pub stop_loss: Option<f64>,
}

/// One row of the trace. Everything is measured at the weights of `iteration`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Steps taken before.
    pub iteration: u64,
    /// Flow time.
    pub t: f64,
    /// Length of the step that follows.
    pub dt: f64,
    /// L = 1/(2n) sum r^2.
    pub loss: f64,
    /// Local-PL curvature; absent where the loss is 0.
    pub mu: Option<f64>,
    /// Lemma 7; says nothing where it is not positive.
    pub mu_lower: f64,
    /// Lemma 7, corrected.
    pub mu_upper: f64,
    /// Theorem 1's lower bound; absent where its assumptions fail.
    pub theorem_1: Option<f64>,
    /// L on the test data.
    pub test_loss: Option<f64>,
    /// Flags of `reluflow::Health` raised so far.
    pub health: u8,
}

/// The result.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The trace.
    pub checkpoints: Vec<Checkpoint>,
    /// Inner weights at the last checkpoint, p x d.
    pub w: Vec<f64>,
    /// Outer weights, p.
    pub a: Vec<f64>,
    /// Steps taken in this session, which may have resumed.
    pub session_steps: u64,
    /// Time that they took, in seconds.
    pub seconds: f64,
    /// What the gradient flow reports; absent of gradient descent.
    pub account: Option<Account>,
}

/// What a saved run holds beside the state of the flow. Serialised floats keep every bit.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct SavedDescent {
    iteration: u64,
    t: f64,
    dt: f64,
    /// Bound of the growth of log |neuron| since the step length was chosen.
    grown: f64,
    /// The smallest loss so far.
    lowest: Option<f64>,
    /// Where the run ends.
    last: u64,
    health: u8,
    checkpoints: Vec<Checkpoint>,
}

/// The step length is chosen anew when the neurons' squared norms may have doubled, ...
const REGROWN: f64 = 0.35;
/// ... and in any case after so many steps, for neurons wake and sleep. Not tied to the
/// checkpoints: a longer run repeats a shorter one.
const REFRESH: u64 = 256;
/// A loss this many times the smallest so far is no longer descent.
const DIVERGED: f64 = 2.0;

/// Runs or resumes the loop.
pub fn train<L: Shared>(
    problem: &ProblemIn<L::Elem>,
    facts: &Facts,
    plan: &Choice,
    options: Options,
    mut test: Option<Test<'_, L>>,
    pool: &Pool,
    (keeper, progress): (&Keeper, &Progress),
) -> Result<Trained, Failure> {
    let sizes = problem.sizes();
    let (mut journal, saved) = match keeper.load()? {
        Some(bytes) => {
            let (journal, values) = decode(&bytes, State::<L>::values_len(plan.kind, sizes))?;
            (journal, Some(narrow(&values)))
        }
        None => (SavedDescent { last: options.steps, ..SavedDescent::default() }, None),
    };
    let mut memory = StateMemory::new::<L>(plan.kind, problem)?;
    let mut state = State::<L>::new(plan.kind, problem, saved.as_deref(), pool, &mut memory)?;
    let mut monitor = Monitor::new(problem, facts, pool);
    let noise = noise_floor::<L::Elem>(problem.mean_square);
    let recorded = schedule::descent(options.steps);
    // Looking at the clock must not cost more than the steps.
    let stride = (1e6 / larger(plan.cost, 1.0)).clamp(1.0, 256.0) as u64;
    let earlier = journal.health;
    let (begun, began) = (journal.iteration, Instant::now());
    progress.start(options.steps, "iterations");
    loop {
        let k = journal.iteration;
        let record = recorded.binary_search(&k).is_ok() || k == journal.last;
        let choose = options.dt.is_none() && (k.is_multiple_of(REFRESH) || journal.grown > REGROWN);
        let reading = match record || choose || k == 0 {
            true => Some(monitor.read(&mut state)?),
            false => None,
        };
        match (options.dt, &reading) {
            (Some(dt), _) => journal.dt = dt,
            (None, Some(reading)) if choose => {
                (journal.dt, journal.grown) = (step_length(facts, reading), 0.0);
            }
            _ => {}
        }
        let test_loss = match &mut test {
            Some(test) if record => Some(test.loss(monitor.weights())?),
            _ => None,
        };
        let step = state.step(L::Elem::from_f64(journal.dt))?;
        let loss = step.loss.to_f64();
        let lowest = journal.lowest.unwrap_or(loss);
        if !loss.is_finite() || loss > DIVERGED * larger(lowest, noise) {
            return Err(diverged(&journal, loss, lowest, options.dt.is_some(), keeper));
        }
        journal.lowest = Some(smaller(lowest, loss));
        journal.health = earlier | state.health().bits();
        if let Some(Reading { bounds, theorem_1, .. }) = reading.filter(|_| record) {
            journal.checkpoints.push(Checkpoint {
                iteration: k,
                t: journal.t,
                dt: journal.dt,
                loss,
                mu: step.mu().map(Real::to_f64),
                mu_lower: bounds.lower,
                mu_upper: bounds.upper,
                theorem_1,
                test_loss,
                health: journal.health,
            });
            progress.note(format!("loss {loss:.4e}"));
        }
        if k == journal.last {
            break;
        }
        if options.stop_loss.is_some_and(|stop| loss <= stop) {
            journal.last = k + 1;
        }
        journal.t += journal.dt;
        journal.grown += journal.dt * growth_rate(facts, loss);
        journal.iteration += 1;
        if k.is_multiple_of(stride) {
            progress.at(k);
            if keeper.interrupted() || keeper.due() {
                keeper.save(&encode(&journal, &widen(&state.values(problem)?))?)?;
                if keeper.interrupted() {
                    progress.finish();
                    return Err(keeper.stopped());
                }
            }
        }
    }
    progress.finish();
    let (w, a) = monitor.weights();
    Ok(Trained {
        w: widen(w),
        a: widen(a),
        session_steps: journal.last - begun,
        seconds: began.elapsed().as_secs_f64(),
        checkpoints: journal.checkpoints,
        account: None,
    })
}

/// A loss below this is the rounding of the predictions and may rise and fall.
fn noise_floor<T: Real>(mean_square: f64) -> f64 {
    (256.0 * T::EPSILON.to_f64()).powi(2) * mean_square / 2.0
}

fn diverged(
    journal: &SavedDescent,
    loss: f64,
    lowest: f64,
    fixed: bool,
    keeper: &Keeper,
) -> Failure {
    let k = journal.iteration;
    let what = if loss.is_finite() {
        format!("the loss rose to {loss:.4e} after {lowest:.4e}")
    } else {
        format!("the loss is no longer a finite number (smallest so far {lowest:.4e})")
    };
    // 1/U at the last checkpoint: what the automatic choice would have taken.
    let safe = journal.checkpoints.last().map_or(journal.dt, |c| 1.0 / c.mu_upper);
    // A reading of weights that overflow gives no such number.
    let smaller = min([safe, journal.dt / 4.0].iter().filter(|dt| dt.is_finite()));
    let advice = if fixed {
        format!("use a smaller step, --dt {smaller:.0e}, or leave --dt away to have it chosen")
    } else {
        format!("use a smaller step, --dt {smaller:.0e}, or --standardize the data")
    };
    let kept = match keeper.folder() {
        Some(folder) => format!(
            "; {} keeps what was saved before, so choose another --out",
            folder.path().display()
        ),
        None => String::new(),
    };
    Failure::failed(format!(
        "training diverged at iteration {k}: {what}, dt = {:.3e}; {advice}{kept}",
        journal.dt
    ))
}
