//! What is measured of a network at a checkpoint, and the step length that it allows.
use super::flow::{Flow, Problem};
use crate::facts::{Exact, Facts};
use crate::failure::Failure;
use reluflow::{Batch, Bounds, Dense, Lanes, NetView, Real, SamplesView, Scale};

/// A neuron grows by at most this share a step, so that small starts are followed through their
/// exponential escape.
const GROWTH: f64 = 1.0 / 16.0;

/// Rounding slack of Assumption 1, |a_j| >= |w_j|, which holds with equality at balanced starts.
const BALANCE: f64 = 1e-6;

/// Measures in f64 and canonical order whatever the precision of the training.
#[derive(Debug)]
pub struct Gauge<'a, T> {
    problem: &'a Problem<T>,
    facts: &'a Facts,
    x: Vec<f64>,
    y: Vec<f64>,
    z: Vec<f64>,
    w: Vec<f64>,
    a: Vec<f64>,
    r: Vec<f64>,
    norms: Vec<f64>,
    narrow_z: Vec<T>,
    narrow_w: Vec<T>,
    narrow_a: Vec<T>,
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

impl<'a, T: Real> Gauge<'a, T> {
    /// A gauge for the problem's sizes.
    pub fn new(problem: &'a Problem<T>, facts: &'a Facts) -> Self {
        let (p, n, d) = problem.sizes();
        Self {
            problem,
            facts,
            x: widen(&problem.x),
            y: widen(&problem.y),
            z: vec![0.0; p * n],
            w: vec![0.0; p * d],
            a: vec![0.0; p],
            r: vec![0.0; n],
            norms: vec![0.0; p],
            narrow_z: vec![T::ZERO; p * n],
            narrow_w: vec![T::ZERO; p * d],
            narrow_a: vec![T::ZERO; p],
        }
    }

    /// Reads the flow at its present weights.
    pub fn read<L: Lanes<Elem = T>>(&mut self, flow: &mut Flow<'_, L>) -> Result<Reading, Failure> {
        let (p, n, d) = self.problem.sizes();
        flow.pre_activations(&mut self.narrow_z)?;
        flow.write(self.problem, &mut self.narrow_w, &mut self.narrow_a)?;
        for (wide, narrow) in [
            (&mut self.z, &self.narrow_z),
            (&mut self.w, &self.narrow_w),
            (&mut self.a, &self.narrow_a),
        ] {
            for (wide, narrow) in wide.iter_mut().zip(narrow) {
                *wide = narrow.to_f64();
            }
        }
        let net = NetView::new(&self.w, &self.a, d)?;
        let (scale, geometry) = (self.problem.scale, &self.facts.geometry);
        let bounds = Bounds::lemma_7::<Exact>(net, &self.z, scale, geometry, &mut self.norms)?;
        self.r.fill(0.0);
        for (z, &a) in self.z.chunks_exact(n).zip(&self.a) {
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
        // `norms` holds |w_j|^2 now.
        let outer = self.a.iter().zip(&self.norms);
        let assumption_1 = outer.into_iter().all(|(a, norm)| a * a >= (1.0 - BALANCE) * norm);
        let theorem_1 = match self.facts.why_not_assumption_2() {
            None if assumption_1 => {
                let samples = SamplesView::new(&self.x, &self.y, d)?;
                Some(geometry.theorem_1(samples, &self.r)?)
            }
            _ => None,
        };
        Ok(Reading { loss: sum / (2 * n) as f64, bounds, theorem_1 })
    }

    /// The weights that were read last, in the precision of the training.
    pub fn weights(&self) -> (&[T], &[T]) {
        (&self.narrow_w, &self.narrow_a)
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
    let fastest = reading.bounds.upper.max(growth_rate(facts, reading.loss) / GROWTH);
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

/// To f64, exactly.
pub fn widen<T: Real>(x: &[T]) -> Vec<f64> {
    x.iter().map(|x| x.to_f64()).collect()
}

/// To the precision of the training.
pub fn narrow<T: Real>(x: &[f64]) -> Vec<T> {
    x.iter().map(|&x| T::from_f64(x)).collect()
}
