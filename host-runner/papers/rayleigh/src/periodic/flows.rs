//! Flows towards a sum of sines, from within and beyond the region of Proposition 4.7.
use crate::shared::descent::{Point, decades, follow};
use crate::shared::region::Region;
use crate::shared::waves::{Pair, Sizes, gap};
use lab::Context;
use lab::failure::Failure;
use lab::statistics::{larger, max, min, smaller};
use reluflow::init::{stream, uniform};

/// Cell of the streams of the first flow.
const FIRST: u64 = 100;
/// How far beyond the window the recovered signal is compared, in windows.
pub const BEYOND: f64 = 100.0;

/// One flow from `far` etas away.
pub struct Flow {
    /// Largest R |w_j - w*_j| of the start over eta.
    pub far: f64,
    /// L along it.
    pub curve: Vec<Point>,
    /// Its start and target.
    pub pair: Pair,
    /// Its end.
    pub last: Vec<f64>,
    /// max |F - F*| at the end on [0, R] and [0, 100 R], and at the start on the latter.
    pub inside: f64,
    pub beyond: f64,
    pub start_beyond: f64,
    /// L over L(0) e^(-4 bound t) with the factor min(1, R^2/2), the largest while L is not rounding.
    pub over: f64,
    /// Largest R |w_j - w*_j| over eta.
    pub away: f64,
}

impl Flow {
    /// Followed until the slowest direction has settled.
    pub fn new(context: &Context, sizes: Sizes, far: f64, cell: u64) -> Result<Self, Failure> {
        let bound = Region::new(sizes.m, sizes.mu, sizes.eta).bound();
        let mut rng = stream(context.config.seed, "rayleigh-periodic", FIRST + cell, 0);
        // Kind 1 differs in all frequencies; amplitudes start within a fifth, for one of the wrong sign would have to pass 0, where
        // alpha is 0; and within 2 eta, for what is missing of them pulls the frequencies out of the region.
        let spread = Sizes { eta: far * sizes.eta, ..sizes };
        let mut pair = Pair::draw(spread, 1, &mut rng);
        let (m, radius) = (sizes.m, sizes.radius);
        let part = smaller(0.2, 2.0 * sizes.eta);
        let amplitudes = pair.theta.iter_mut().take(m);
        amplitudes.for_each(|a| *a *= 1.0 + part * (2.0 * uniform(&mut rng) - 1.0));
        let alpha = |theta: &[f64]| min(theta[..m].iter().map(|a| a * a).chain([1.0]));
        let factor = smaller(radius * radius / 2.0, 1.0);
        // The slowest direction moves at a rate of R^2/3 or 1.
        let until = 60.0 / smaller(radius * radius / 3.0 * 0.25, 1.0);
        let times = decades(1e-3, until, 300);
        let (mut curve, mut last, mut over, mut away) = (Vec::new(), Vec::new(), 0.0f64, 0.0f64);
        let mut smallest = f64::INFINITY;
        // R w is rounded, and a step cannot be more accurate than what it is computed from.
        let tolerance = larger(1e-12, 4.0 * f64::EPSILON * m as f64 * sizes.mu);
        let (mut loss, mut back) = (pair.loss(radius), pair.loss(radius));
        let start = loss.chart(&pair.theta);
        follow(context, &mut loss, &start, tolerance, &times, |point: Point, chart| {
            curve.push(point);
            last = back.theta(chart).to_vec();
            smallest = smaller(smallest, alpha(chart));
            let rate = 4.0 * smallest * bound * factor;
            let first = curve[0].loss;
            // E h^2 is a difference of sums of size m.
            let clear = larger(1e-10 * first, 1e-13 * m as f64);
            if point.loss.is_nan() || point.loss > clear {
                over = larger(over, point.loss / (first * (-rate * point.t).exp()));
            }
            away = larger(away, max(chart[m..].iter().map(|off| off.abs())) / sizes.eta);
            point.loss < 1e6
        })?;
        Ok(Self {
            far,
            curve,
            inside: gap(&last, &pair.star, radius),
            beyond: gap(&last, &pair.star, BEYOND * radius),
            start_beyond: gap(&pair.theta, &pair.star, BEYOND * radius),
            last,
            pair,
            over,
            away,
        })
    }
}
