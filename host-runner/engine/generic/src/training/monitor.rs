//! What is measured of a network at a checkpoint, and the step length that it allows.
use crate::facts::Facts;
use crate::number::{Number, Shared};
use crate::numerics::Exact;
use crate::parallel::Pool;
use crate::state::{ProblemIn, State};
use lab::Failure;
use lab::statistics::{larger, smaller};
use reluflow::linalg::{dot, norm_sq};
use reluflow::{Batch, Bounds, Dense, Geometry, Lanes, NetView, Real, SamplesView, Scale};
use std::sync::{Mutex, PoisonError};

/// A neuron grows by at most this share a step, so that small starts are followed through their
/// exponential escape.
const GROWTH: f64 = 1.0 / 16.0;

/// Rounding slack of Assumption 1, |a_j| >= |w_j|, which holds with equality at balanced starts.
const BALANCE: f64 = 1e-6;

/// Measures in f64 and canonical order whatever the precision of the training.
#[derive(Debug)]
pub struct Monitor<'a, T> {
    problem: &'a ProblemIn<T>,
    facts: &'a Facts,
    w: Vec<f64>,
    a: Vec<f64>,
    narrow_w: Vec<T>,
    narrow_a: Vec<T>,
    /// Of all samples, where they are one piece.
    narrow_z: Vec<T>,
    /// One for each thread.
    scratches: Vec<Mutex<Scratch>>,
}

/// The measurement.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// L.
    pub loss: f64,
    /// Lemma 7.
    pub bounds: Bounds<f64>,
    /// Theorem 1's lower bound of mu, where its assumptions hold.
    pub theorem_1: Option<f64>,
}

/// What one piece of the samples says.
struct Share {
    n: usize,
    /// sum r^2.
    sum: f64,
    /// As if there were no other samples.
    bounds: Bounds<f64>,
    /// Likewise.
    theorem_1: f64,
}

/// Memory of one thread.
#[derive(Debug, Default)]
struct Scratch {
    z: Vec<f64>,
    y: Vec<f64>,
    r: Vec<f64>,
    norms: Vec<f64>,
}

impl Scratch {
    /// Measures the samples that z, p x n, and y are of.
    fn share<T: Real>(
        &mut self,
        net: NetView<'_, f64>,
        scale: Scale,
        geometry: &Geometry<f64>,
        z: &[T],
        y: &[T],
    ) -> Result<Share, Failure> {
        let (p, n) = (net.p(), y.len());
        for (wide, narrow) in [(&mut self.z, z), (&mut self.y, y)] {
            wide.clear();
            wide.extend(narrow.iter().map(|x| x.to_f64()));
        }
        self.norms.resize(p, 0.0);
        let geometry = Geometry { n, ..*geometry };
        let bounds = Bounds::lemma_7::<Exact>(net, &self.z, scale, &geometry, &mut self.norms)?;
        self.r.clear();
        self.r.resize(n, 0.0);
        for (z, &a) in self.z.chunks_exact(n).zip(net.a()) {
            for (h, &z) in self.r.iter_mut().zip(z) {
                *h += if z > 0.0 { a * z } else { 0.0 };
            }
        }
        let s: f64 = scale.factor(p);
        let mut sum = 0.0;
        for (r, &y) in self.r.iter_mut().zip(&self.y) {
            *r = y - s * *r;
            sum += *r * *r;
        }
        // The bound reads no inputs, only targets.
        let theorem_1 = geometry.theorem_1(SamplesView::new(&self.y, &self.y, 1)?, &self.r)?;
        Ok(Share { n, sum, bounds, theorem_1 })
    }
}

impl<'a, T: Number> Monitor<'a, T> {
    /// One for the problem's sizes and as many threads as `pool` has.
    pub fn new(problem: &'a ProblemIn<T>, facts: &'a Facts, pool: &Pool) -> Self {
        let (p, _, d) = problem.sizes();
        Self {
            problem,
            facts,
            w: vec![0.0; p * d],
            a: vec![0.0; p],
            narrow_w: vec![T::ZERO; p * d],
            narrow_a: vec![T::ZERO; p],
            narrow_z: Vec::new(),
            scratches: pool.per_thread(Scratch::default),
        }
    }

    /// Reads a state at its present weights.
    pub fn read<L: Shared<Elem = T>>(
        &mut self,
        state: &mut State<'_, L>,
    ) -> Result<Reading, Failure> {
        state.write(self.problem, &mut self.narrow_w, &mut self.narrow_a)?;
        let State::Pieces(pieces) = state else {
            let (p, n, _) = self.problem.sizes();
            self.narrow_z.resize(p * n, T::ZERO);
            state.pre_activations(&mut self.narrow_z)?;
            return self.read_whole();
        };
        let d = self.widen();
        let net = NetView::new(&self.w, &self.a, d)?;
        let (scale, geometry) = (self.problem.scale, &self.facts.geometry);
        let narrow = NetView::new(&self.narrow_w, &self.narrow_a, d)?;
        let shares = pieces.measure(narrow, &self.scratches, |scratch, z, y| {
            scratch.share(net, scale, geometry, z, y)
        })?;
        Ok(self.conclude(net, &shares))
    }

    /// Reads a network whose samples are in memory.
    pub fn read_weights<L: Lanes<Elem = T>>(
        &mut self,
        w: &[T],
        a: &[T],
    ) -> Result<Reading, Failure> {
        let (p, n, d) = self.problem.sizes();
        self.narrow_w.copy_from_slice(w);
        self.narrow_a.copy_from_slice(a);
        self.narrow_z.resize(p * n, T::ZERO);
        for (w, z) in w.chunks_exact(d).zip(self.narrow_z.chunks_exact_mut(n)) {
            for (x, z) in self.problem.x.chunks_exact(d).zip(z) {
                *z = dot::<L>(w, x);
            }
        }
        self.read_whole()
    }

    /// Reads the narrow weights, whose z are in place.
    fn read_whole(&mut self) -> Result<Reading, Failure> {
        let d = self.widen();
        let net = NetView::new(&self.w, &self.a, d)?;
        let (scale, geometry) = (self.problem.scale, &self.facts.geometry);
        let mut scratch = self.scratches[0].lock().unwrap_or_else(PoisonError::into_inner);
        let share = scratch.share(net, scale, geometry, &self.narrow_z, &self.problem.y)?;
        Ok(self.conclude(net, &[share]))
    }

    /// Widens the weights; returns d.
    fn widen(&mut self) -> usize {
        for (wide, narrow) in [(&mut self.w, &self.narrow_w), (&mut self.a, &self.narrow_a)] {
            for (wide, narrow) in wide.iter_mut().zip(narrow) {
                *wide = narrow.to_f64();
            }
        }
        self.problem.sizes().2
    }

    fn conclude(&self, net: NetView<'_, f64>, shares: &[Share]) -> Reading {
        let norms = net.rows().map(norm_sq::<Exact>);
        let assumption_1 =
            self.a.iter().zip(norms).all(|(a, norm)| a * a >= (1.0 - BALANCE) * norm);
        let theorem_1 = self.facts.why_not_assumption_2().is_none() && assumption_1;
        whole(shares, self.problem.sizes().1, &self.facts.geometry, theorem_1)
    }

    /// The weights that were read last, in the precision of the training.
    pub fn weights(&self) -> (&[T], &[T]) {
        (&self.narrow_w, &self.narrow_a)
    }
}

/// The reading of all samples: bounds are extremes over them, divided by their number.
fn whole(shares: &[Share], n: usize, geometry: &Geometry<f64>, theorem_1: bool) -> Reading {
    let extreme = |of: fn(&Share) -> f64, pick: fn(f64, f64) -> f64| {
        let scaled = shares.iter().map(|share| of(share) * (share.n as f64 / n as f64));
        scaled.reduce(pick).unwrap_or(f64::NAN)
    };
    // Where the defect exceeds (C_x^-)^2 the lower bound is a negative multiple of the extreme.
    let negative = geometry.x_min * geometry.x_min < geometry.defect.upper;
    let sum: f64 = shares.iter().map(|share| share.sum).sum();
    Reading {
        loss: sum / (2 * n) as f64,
        bounds: Bounds {
            lower: extreme(|share| share.bounds.lower, if negative { larger } else { smaller }),
            upper: extreme(|share| share.bounds.upper, larger),
            upper_printed: extreme(|share| share.bounds.upper_printed, larger),
        },
        theorem_1: theorem_1.then(|| extreme(|share| share.theorem_1, smaller)),
    }
}

/// |X|^2, at most: the largest eigenvalue of X^T X.
fn spectral_sq(facts: &Facts) -> f64 {
    facts.geometry.x_max * facts.geometry.x_max + facts.geometry.defect.upper
}

/// A bound of the rate at which any neuron grows at loss `loss`:
/// d/dt log(a^2 + |w|^2) / 2 <= |X| |r| / n = |X| sqrt(2 L / n).
pub fn growth_rate(facts: &Facts, loss: f64) -> f64 {
    (spectral_sq(facts) * 2.0 * loss / facts.geometry.n as f64).sqrt()
}

/// The step length for these weights. The tangent kernel's largest eigenvalue is at most U/2 with
/// U the upper bound of mu, so Euler steps are stable below 4/U; 1/U leaves a factor of 4 for the
/// weights to grow before the next reading.
pub fn step_length(facts: &Facts, reading: &Reading) -> f64 {
    let fastest = larger(reading.bounds.upper, growth_rate(facts, reading.loss) / GROWTH);
    // All neurons dead on all samples, or all residuals zero: nothing moves, at any length.
    if fastest > 0.0 { 1.0 / fastest } else { 1.0 }
}

/// The loss on test data.
pub struct Test<'m, L: Lanes> {
    batch: Batch<'m, L>,
    memory: Vec<L::Elem>,
    scale: Scale,
}

impl<'m, L: Lanes> Test<'m, L> {
    /// Packs the samples into `data`, which needs [`Batch::len`] elements.
    pub fn new(
        samples: SamplesView<'_, L::Elem>,
        p: usize,
        scale: Scale,
        data: &'m mut [L::Elem],
    ) -> Result<Self, Failure> {
        let memory = vec![L::Elem::ZERO; Dense::<L>::len(p, samples.n(), samples.d())];
        Ok(Self { batch: Batch::pack(samples, data)?, memory, scale })
    }

    /// L of the network.
    pub fn loss(&mut self, (w, a): (&[L::Elem], &[L::Elem])) -> Result<f64, Failure> {
        let net = NetView::new(w, a, self.batch.d())?;
        Ok(Dense::<L>::new(net, self.batch, self.scale, &mut self.memory)?.loss().to_f64())
    }
}
