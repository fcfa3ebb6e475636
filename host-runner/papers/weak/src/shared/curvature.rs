//! One network on orthogonal samples, trained until the residual is gone, and its curvatures.
//!
//! The state knows samples by |x_i|^2 only: it is built on samples of dimension 1 and given its u.
use super::axes::Axes;
use super::ledger::Task;
use super::protocol::{Protocol, epochs};
use super::setup::Setup;
use super::slowest::slowest;
use engine::Kind;
use engine::descent::{self, descent};
use engine::parallel::Pool;
use engine::trajectory::{Problem, Start};
use lab::Control;
use lab::failure::Failure;
use lab::statistics::{larger, range};
use reluflow::Scale;
use serde::{Deserialize, Serialize};

/// The code averages its curvature over so many differences of the loss.
const WINDOW: usize = 100;
/// Keeps the code's quotients finite where the loss is 0.
const GUARD: f64 = 1e-10;

/// What is measured of one network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// The code's curvature over its last steps, see [`trend`].
    pub mu: f64,
    /// log(L(0) / L(end)) / t.
    pub average: f64,
    /// The code's lower bound: (2/n) min_i A_i with A_i = (1/p) sum_j a_j^2 `1[u_ji > 0]`.
    pub lower: f64,
    /// The code's upper bound: (16/n) max_i A_i.
    pub upper: f64,
    /// mu = |grad L|^2 / (s L) of the last step.
    pub last: f64,
    /// Where mu goes as t -> infinity: see [`slowest`].
    pub limit: f64,
    /// The fewest neurons that any sample has at the end.
    pub fewest: usize,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Whether sum r^2 fell below the threshold.
    pub converged: bool,
    /// Steps taken.
    pub steps: u64,
    /// Starts thrown away because a sample had no neuron.
    pub redrawn: u64,
    /// `None` where the loss was not finite in the end.
    pub measures: Option<Measures>,
}

/// What decides a result, beside the sizes.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// What the experiments share.
    pub setup: Setup,
    /// How mu is taken from the losses, and when a run is given up.
    pub protocol: Protocol,
    /// Factor of w once a is drawn.
    pub shrink: f64,
    /// Length of a step in flow time.
    pub dt: f64,
    /// The run is over when sum r^2 is below.
    pub until: f64,
}

/// Workspace of a thread.
#[derive(Debug, Default)]
pub struct Workspace {
    state: descent::Memory,
    u: Vec<f64>,
    losses: Vec<f64>,
}

impl Rules {
    /// Trains the network of `task`.
    pub fn train(&self, memory: &mut Workspace, task: Task) -> Result<Ended, Failure> {
        let (start, redrawn) = Axes::good(self.setup.seed, task, self.setup.inner)?;
        Ok(Ended { redrawn, ..self.run(start, task, memory)? })
    }

    /// Steps after which a run is given up.
    fn patience(&self, task: Task) -> u64 {
        let times = if self.protocol == Protocol::Published { 10 } else { 1 };
        (epochs(task.p, task.n) as f64 * times as f64 / self.dt) as u64
    }

    fn run(&self, start: Axes, task: Task, memory: &mut Workspace) -> Result<Ended, Failure> {
        let (p, n, _) = task.sizes();
        let Workspace { state, u, losses } = memory;
        u.clear();
        u.extend(start.u(self.shrink));
        let Axes { c, y, w, a } = start;
        // 40 MB at n = 100 000.
        drop(w);
        // In one dimension: of the weights only u moves anything.
        let axis = Start { w: vec![1.0; p], a: a.clone(), exponent: 0 };
        let problem = Problem { x: c.clone(), y, d: 1, start: axis, scale: Scale::OneOverP };
        let numerics = self.setup.numerics;
        let mut state = descent(numerics, Kind::Orthogonal, &problem, &Pool::ALONE, state)?;
        state.restore(u, &a)?;
        let dt = Control::effective_dt(self.setup.control, self.dt);
        // L = 1/(2n) sum r^2.
        let (learned, patience) = (self.until / (2.0 * n as f64), self.patience(task));
        let (mut loss, mut last) = (f64::NAN, f64::NAN);
        losses.clear();
        while (losses.len() as u64) < patience {
            let step = state.step(dt)?;
            loss = step.loss;
            last = step.mu.unwrap_or(f64::NAN);
            losses.push(loss);
            if loss < learned || !loss.is_finite() {
                break;
            }
        }
        let (converged, steps) = (loss < learned, losses.len() as u64);
        let mut measures = None;
        if loss.is_finite() {
            state.pre_activations(u)?;
            let (mu, average) = trend(losses, p as f64, self);
            let known = Measures { mu, average, last, ..bounds(u, &state.a(), &c) };
            measures = [mu, average, last, known.upper, known.limit]
                .iter()
                .all(|x| x.is_finite())
                .then_some(known);
        }
        Ok(Ended { converged, steps, redrawn: 0, measures })
    }
}

/// The code's two curvatures, from p L before each step: over the last steps, and over all.
///
/// The published code divides differences by means, that of the text takes logarithms. Both leave
/// out the very last loss.
fn trend(losses: &[f64], p: f64, rules: &Rules) -> (f64, f64) {
    let len = losses.len();
    let late = &losses[len.saturating_sub(WINDOW + 2)..len.saturating_sub(1)];
    let rate = |pair: &[f64]| match rules.protocol {
        Protocol::Published => 2.0 * p * (pair[0] - pair[1]) / (p * (pair[0] + pair[1]) + GUARD),
        Protocol::Text => (pair[0] / pair[1] + GUARD).ln(),
    };
    let pairs = late.len().saturating_sub(1) as f64;
    let mu = late.windows(2).map(rate).sum::<f64>() / pairs / rules.dt;
    let (first, end) = (losses.first(), losses.last());
    let fall = first.zip(end).map_or(f64::NAN, |(first, end)| (first / end).ln());
    (mu, fall / (len as f64 * rules.dt))
}

/// The measures of the weights alone.
fn bounds(u: &[f64], a: &[f64], c: &[f64]) -> Measures {
    let (p, n) = (a.len() as f64, c.len());
    let mut outer = vec![0.0; n];
    let mut neurons = vec![0; n];
    for (row, a) in u.chunks(n).zip(a) {
        let square = a.powi(2) / p;
        for ((u, outer), neurons) in row.iter().zip(&mut outer).zip(&mut neurons) {
            if *u > 0.0 {
                *outer += square;
                *neurons += 1;
            }
        }
    }
    let ends = range(&outer);
    let per = 2.0 / n as f64;
    let own: Vec<f64> = outer.iter().zip(c).map(|(outer, c)| c * c * outer).collect();
    let rank: Vec<f64> = u.iter().map(|u| larger(*u, 0.0) / p.sqrt()).collect();
    Measures {
        lower: per * ends.0,
        upper: 8.0 * per * ends.1,
        limit: per * slowest(&own, &rank),
        fewest: neurons.into_iter().min().unwrap_or(0),
        mu: f64::NAN,
        average: f64::NAN,
        last: f64::NAN,
    }
}

/// What a network costs, relatively.
pub fn cost(task: Task) -> f64 {
    (task.p * task.n) as f64 * epochs(task.p, task.n) as f64
}
