//! The probability of convergence against n.
use super::trial::Ended;
use lab::statistics::{Count, Share, Threshold, crossing, fixed_slope, mean_and_error};
use std::collections::BTreeMap;

/// What a grid asks for: n, each with a width of its own or that of the row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Neurons.
    pub p: usize,
    /// Input dimension.
    pub d: usize,
    /// Samples.
    pub n: Vec<(usize, Option<usize>)>,
}

/// The networks of one n.
#[derive(Debug, Clone)]
pub struct Point {
    /// Neurons.
    pub p: usize,
    /// How each ended.
    pub ended: Vec<Ended>,
}

impl Point {
    /// P(convergence).
    pub fn share(&self) -> Share {
        Share::of(&self.ended, |ended| ended.converged)
    }

    /// Mean of L(end)/L(0), where those that converged count as 0, and its standard error.
    pub fn left(&self) -> (f64, f64) {
        let left = |ended: &Ended| if ended.converged { 0.0 } else { ended.left };
        mean_and_error(&self.ended.iter().map(left).collect::<Vec<_>>())
    }
}

/// P(convergence) against n.
#[derive(Debug, Clone)]
pub struct Curve {
    /// Neurons of the row.
    pub p: usize,
    /// Input dimension.
    pub d: usize,
    /// By n.
    pub points: BTreeMap<usize, Point>,
}

impl Curve {
    /// Without points.
    pub fn of(row: &Row) -> Self {
        Self { p: row.p, d: row.d, points: BTreeMap::new() }
    }

    /// Networks trained.
    pub fn networks(&self) -> usize {
        self.points.values().map(|point| point.ended.len()).sum()
    }

    /// The logistic fit.
    pub fn threshold(&self) -> Option<Threshold> {
        let count = |(&n, point): (&usize, &Point)| {
            let Share { successes, trials } = point.share();
            Count { x: n as f64, successes, trials }
        };
        Threshold::fit(&self.points.iter().map(count).collect::<Vec<_>>())
    }

    /// (n, P).
    pub fn shares(&self) -> Vec<(f64, f64)> {
        self.points.iter().map(|(&n, point)| (n as f64, point.share().value())).collect()
    }

    /// Where straight lines from point to point last pass one half; NaN where they do not.
    pub fn crossing(&self) -> f64 {
        crossing(&self.shares(), 0.5).unwrap_or(f64::NAN)
    }

    /// The authors' estimate, with n in units of 1/80 of the first, or as it is.
    pub fn published_estimate(&self, rescaled: bool) -> f64 {
        let shares = self.shares();
        let first = shares.first().map_or(f64::NAN, |share| share.0);
        fixed_slope(&shares, if rescaled { 80.0 / first } else { 1.0 })
    }
}
