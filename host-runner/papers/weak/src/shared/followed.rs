//! Runs of the flow with both sides of every bound of mu, at a hundred times.
use super::folded::folded;
use super::law::{Draw, NetworkId, cell};
use super::lemma::mu;
use engine::Kind;
use engine::exact::lemma_7;
use engine::facts::Facts;
use engine::trajectory::{Plan, Problem, Snapshot, Trajectory, integrate};
use lab::Context;
use lab::failure::Failure;
use lab::settings::{Key, Word};
use lab::statistics::{max, min};
use reluflow::init::Inner;
use reluflow::{Bounds, NetView, SamplesView};
use std::f64::consts::PI;

/// Samples.
pub const N: Key<usize> = Key::count("n", 8, "number of samples").between(2, 64);
/// Dimension.
pub const D: Key<usize> = Key::count("d", 6000, "input dimension, above n").between(3, 1 << 17);
/// Neurons.
pub const P: Key<usize> = Key::count("p", 40, "number of neurons").between(2, 1 << 10);

/// The law of the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// Of uniform direction.
    Sphere,
    /// Along the axes.
    Orthogonal,
}

impl Word for Data {
    const WORDS: &'static [(&'static str, Self)] =
        &[("sphere", Self::Sphere), ("orthogonal", Self::Orthogonal)];
}

/// The key of it.
pub const DATA: Key<Data> = Key::choice(
    "data",
    Data::Sphere,
    "law of the samples: uniform directions, or orthogonal; lengths U[1, 2] in both",
);

/// L(0) over the loss until which a run is looked at.
const FALL: f64 = 1e10;
/// Times at which a run is looked at.
const LOOKS: u32 = 100;
/// A pair whose |z| is below this share of |x_i| |w_j| lies on its kink.
const KINK: f64 = 1e-7;
/// Starts to try until one sees every sample.
const TRIES: u64 = 1000;

/// Both sides of every bound at one time.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Flow time.
    pub t: f64,
    /// Of the flow, sliding pairs and all.
    pub mu: f64,
    /// Its bracket.
    pub lemma_7: Bounds<f64>,
    /// Theorem 1's lower bound.
    pub theorem_1: f64,
    /// Proposition 1's upper bound, once no pair of the wrong sign is active.
    pub proposition_1: Option<f64>,
}

/// A followed run.
#[derive(Debug)]
pub struct Followed {
    /// Of the samples.
    pub facts: Facts,
    /// In order of time.
    pub readings: Vec<Reading>,
    /// log(L(0)/L)/t at the end.
    pub mean: f64,
    /// mu of the flow over that of the gradient, at the start.
    pub first: f64,
    /// The run.
    pub trajectory: Trajectory,
}

impl Followed {
    /// Draws and follows run `trial`.
    pub fn new(context: &Context, trial: u64) -> Result<Self, Failure> {
        let problem = draw(context, trial)?;
        let samples = SamplesView::new(&problem.x, &problem.y, problem.d)?;
        let facts = Facts::of(samples, f64::EPSILON)?;
        let longest = 10.0 * problem.y.len() as f64;
        let share = |k: u32| (f64::from(k) / f64::from(LOOKS)).powi(2);
        let times: Vec<f64> = (0..=LOOKS).map(|k| longest * share(k)).collect();
        let start = NetView::new(&problem.start.w, &problem.start.a, problem.d)?;
        let origin = start.loss(samples, problem.scale)?;
        let plan = Plan {
            until: longest,
            records: times.clone(),
            snapshots: times,
            levels: vec![origin / FALL],
            curvature: true,
            ..Plan::new(longest, 1)
        };
        let trajectory = integrate(context, &problem, &plan, Kind::Gram)?;
        let (end, fall) = match trajectory.crossings.first().copied().flatten() {
            Some(t) => (t, FALL),
            None => (trajectory.last().t, origin / trajectory.last().loss),
        };
        let looked = trajectory.snapshots.iter().zip(&trajectory.curve);
        let readings = looked
            .filter(|(shot, _)| shot.t <= end)
            .map(|(shot, at)| read(&problem, &facts, shot, at.mu.unwrap_or(f64::NAN)))
            .collect::<Result<Vec<_>, _>>()?;
        let first = readings.first().map_or(f64::NAN, |reading| reading.mu);
        let first = first / mu(start, samples, problem.scale)?;
        Ok(Self { facts, readings, mean: fall.ln() / end, first, trajectory })
    }

    /// Why Theorem 1 and Proposition 1 claim nothing, if so; starts are such that Assumption 1 holds.
    pub fn why_not(&self) -> Option<String> {
        self.facts.why_not_assumption_2()
    }

    /// C/n of Theorem 1.
    pub fn rate(&self) -> f64 {
        self.facts.geometry.theorem_1_constant() / self.facts.geometry.n as f64
    }

    /// Least value over the readings.
    pub fn least(&self, ratio: impl Fn(&Reading) -> f64) -> f64 {
        min(self.readings.iter().map(ratio))
    }
}

/// Samples and a start that sees each of them with a neuron of its sign.
fn draw(context: &Context, trial: u64) -> Result<Problem, Failure> {
    let sizes = (context.get(P), context.get(N), context.get(D));
    let (_, n, d) = sizes;
    if d <= n {
        return Err(Failure::bad_input(format!("n = {n}, d = {d}: choose d above n")));
    }
    for attempt in 0..TRIES {
        let place = NetworkId {
            seed: context.config.seed,
            name: "weak-bounds",
            cell: cell(sizes),
            trial: trial * TRIES + attempt,
        };
        let mut draw = Draw::sphere(place, sizes, Inner::Uniform)?;
        if context.get(DATA) == Data::Orthogonal {
            for (i, x) in draw.x.chunks_exact_mut(d).enumerate() {
                let length = x.iter().map(|x| x * x).sum::<f64>().sqrt();
                x.fill(0.0);
                x[i] = length;
            }
        }
        let problem = folded(&draw, d)?;
        let z = products(&problem, &problem.start.w);
        let sees = |i: usize| {
            let mut pairs = z.iter().skip(i).step_by(n).zip(&problem.start.a);
            pairs.any(|(&z, a)| z > 0.0 && a * problem.y[i] > 0.0)
        };
        if (0..n).all(sees) {
            return Ok(problem);
        }
    }
    Err(Failure::bad_input(format!(
        "none of {TRIES} starts sees every sample with a neuron of its sign; choose a larger p"
    )))
}

/// z, p x n; 0 where a pair lies on its kink.
fn products(problem: &Problem, w: &[f64]) -> Vec<f64> {
    let square = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>();
    let pairs = w.chunks_exact(problem.d).flat_map(|w| {
        problem.x.chunks_exact(problem.d).map(move |x| {
            let z = w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
            if z * z < KINK * KINK * square(w) * square(x) { 0.0 } else { z }
        })
    });
    pairs.collect()
}

fn read(problem: &Problem, facts: &Facts, shot: &Snapshot, mu: f64) -> Result<Reading, Failure> {
    let (n, p, geometry) = (problem.y.len(), shot.a.len(), &facts.geometry);
    let samples = SamplesView::new(&problem.x, &problem.y, problem.d)?;
    let (net, z) = (shot.net(problem.d)?, products(problem, &shot.w));
    let mut norms = vec![0.0; p];
    let lemma_7 = lemma_7(net, &z, problem.scale, geometry, &mut norms)?;
    let mut h = vec![0.0; n];
    let mut wrong = false;
    // mean_j (a_j^2 + |w_j|^2 - 2 |w_j,+|^2)
    let mut constant = 0.0;
    for ((z, &a), norm) in z.chunks_exact(n).zip(&shot.a).zip(&norms) {
        constant += (a * a + norm) / p as f64;
        for (i, &z) in z.iter().enumerate().filter(|(_, z)| **z > 0.0) {
            h[i] += a * z / p as f64;
            wrong |= a * problem.y[i] < 0.0;
            let x = &problem.x[i * problem.d..(i + 1) * problem.d];
            constant -= 2.0 * z * z / x.iter().map(|x| x * x).sum::<f64>() / p as f64;
        }
    }
    let r: Vec<f64> = problem.y.iter().zip(&h).map(|(y, h)| y - h).collect();
    let most = max(h.iter().map(|h| h.abs()));
    let root = 2.0 * PI / 6f64.sqrt() * ((n * p) as f64).sqrt() * most / geometry.x_min;
    let upper = 2.0 * geometry.x_max.powi(2) / n as f64 * (constant + root);
    Ok(Reading {
        t: shot.t,
        mu,
        lemma_7,
        theorem_1: geometry.theorem_1(samples, &r)?,
        proposition_1: (!wrong).then_some(upper),
    })
}
