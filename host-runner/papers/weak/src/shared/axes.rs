//! Samples along the axes, x_i = c_i e_i: the second experiment of the published code.
//!
//! Training needs no more of w than u_ji = <w_j, x_i> = c_i w_ji, so no n x d table of samples is made.
use super::law::{NetworkId, cell};
use super::ledger::Task;
use lab::failure::Failure;
use reluflow::init::{Inner, sign, uniform};

/// Streams of all networks on samples along the axes.
const STREAM: &str = "weak-axes";
/// Starts to try until one is good. By Lemma 5 one in twenty is not, at the protocol's width.
const TRIES: u64 = 1000;

/// Samples and start.
#[derive(Debug, Clone)]
pub struct Axes {
    /// |x_i|.
    pub c: Vec<f64>,
    /// Targets.
    pub y: Vec<f64>,
    /// p x d row-major.
    pub w: Vec<f64>,
    /// p.
    pub a: Vec<f64>,
}

impl Axes {
    /// Draws once.
    pub fn once(
        place: NetworkId,
        sizes: (usize, usize, usize),
        law: Inner,
    ) -> Result<Self, Failure> {
        let (_, n, d) = sizes;
        if n > d {
            return Err(Failure::bad_input(format!(
                "n = {n}, d = {d}: no more than d samples can lie along the axes"
            )));
        }
        let mut rng = place.stream(0);
        let c = (0..n).map(|_| 1.0 + uniform(&mut rng)).collect();
        let y = (0..n).map(|_| sign(&mut rng) * (1.0 + uniform(&mut rng))).collect();
        let (w, a) = place.start(sizes, law)?;
        Ok(Self { c, y, w, a })
    }

    /// Draws samples and start anew until the start is good; how often it was not.
    pub fn good(seed: u64, task: Task, law: Inner) -> Result<(Self, u64), Failure> {
        let cell = cell(task.sizes());
        for tries in 0..TRIES {
            let trial = tries << 32 | task.trial;
            let place = NetworkId { seed, name: STREAM, cell, trial };
            let axes = Self::once(place, task.sizes(), law)?;
            if axes.well_initialised() {
                return Ok((axes, tries));
            }
        }
        Err(Failure::bad_input(format!(
            "p = {}, n = {}: none of {TRIES} starts has a neuron for every sample; choose a larger p",
            task.p, task.n
        )))
    }

    /// Whether every sample has a neuron with a_j y_i > 0 that is active at it.
    pub fn well_initialised(&self) -> bool {
        let d = self.w.len() / self.a.len().max(1);
        let active = |i: usize, y: f64| {
            self.a.iter().enumerate().any(|(j, &a)| a * y > 0.0 && self.w[j * d + i] > 0.0)
        };
        self.y.iter().enumerate().all(|(i, &y)| active(i, y))
    }

    /// u_ji for w scaled by `shrink`, p x n row-major.
    pub fn u(&self, shrink: f64) -> impl Iterator<Item = f64> {
        let d = self.w.len() / self.a.len().max(1);
        let row = move |w| self.c.iter().zip(w).map(move |(c, w)| shrink * c * w);
        self.w.chunks(d).flat_map(row)
    }
}
