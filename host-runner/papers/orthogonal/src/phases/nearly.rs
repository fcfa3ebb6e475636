//! Samples with a small inner product delta: how the times and the limit move.
//!
//! A growing neuron (w, a) that misses a sample of its sign, z_i of order -lambda, now has z_i' = a
//! <D_K, x_i> > 0, of order delta a. It wakes when a is of order lambda/delta and is a carrier from
//! then on; what it has across D then, of order lambda/delta, stays. It wakes before the escape
//! where delta is above lambda^{kappa}. Then the excess of the norm is of order (lambda/delta)^2
//! and not lambda^{2 (1 - kappa)}.
use super::data::Data;
use super::follow::Request;
use super::measures;
use super::sweep::{InitialValueProblem, SHARE};
use super::theory::{sliding_rate, whole_rate};
use engine::parallel::Pool;
use lab::failure::Failure;
use lab::statistics::Line;

/// Inner products of unit samples.
pub const DELTAS: [f64; 9] = [0.0, 1e-11, 1e-10, 1e-9, 1e-7, 1e-5, 1e-3, 1e-2, 0.1];
/// -log10 lambda.
pub const DECADES: [f64; 5] = [6.0, 12.0, 30.0, 100.0, 300.0];
/// Where in both the excess of neurons that wake is followed.
pub const WAKING: (std::ops::Range<usize>, usize) = (2..4, 1);

/// One flow.
#[derive(Debug, Clone, Copy)]
pub struct Moved {
    pub delta: f64,
    /// log(1/lambda).
    pub log: f64,
    /// When each side escapes.
    pub times: [f64; 2],
    /// |theta|^2 at the end.
    pub norm_sq: f64,
    pub final_loss: f64,
    pub sliding: f64,
    pub defect: f64,
}

/// What the times are over log(1/lambda) as lambda falls.
///
/// While the leading side grows both slide on each other's kinks. Once it is fitted its residual is
/// 0, nothing holds the neurons of the other side on its kinks, and they grow at the whole |D|.
pub fn slopes(problem: &InitialValueProblem, delta: f64) -> [f64; 2] {
    let [lead, second] = &problem.sides;
    let first = 1.0 / sliding_rate(lead, second, delta);
    let until_then = sliding_rate(second, lead, delta) * first;
    [first, first + (1.0 - until_then) / whole_rate(second, delta)]
}

/// |theta|^2 over that at the smallest lambda and the same delta, less 1.
pub fn excess(rows: &[&[Moved]]) -> Vec<Vec<f64>> {
    let over = |runs: &&[Moved]| -> Vec<f64> {
        let least = runs.last().map_or(f64::NAN, |run| run.norm_sq);
        runs.iter().map(|run| run.norm_sq / least - 1.0).collect()
    };
    rows.iter().map(over).collect()
}

/// The power of delta with which the excess falls where neurons wake.
pub fn woken_power(rows: &[&[Moved]]) -> f64 {
    let (deltas, at) = WAKING;
    let excess = excess(rows);
    let points: Vec<_> =
        deltas.map(|row| (rows[row][0].delta.ln(), excess[row][at].ln())).collect();
    Line::through(&points).slope
}

/// Every delta at every lambda, in this order.
pub fn flows(
    problem: &InitialValueProblem,
    tolerance: f64,
    rate: f64,
    pool: &Pool,
) -> Result<Vec<Moved>, Failure> {
    let grid = DELTAS.iter().flat_map(|&delta| DECADES.map(|decades| (delta, decades)));
    pool.each(&pool.per_thread(|| ()), grid.collect(), |(), _, (delta, decades)| {
        flow(problem, delta, decades * std::f64::consts::LN_10, tolerance, rate)
    })
}

fn flow(
    problem: &InitialValueProblem,
    delta: f64,
    log: f64,
    tolerance: f64,
    rate: f64,
) -> Result<Moved, Failure> {
    let data: Data = problem.data.correlated(delta);
    let [lead, second] = &problem.sides;
    let plan = Request {
        data: &data,
        start: &problem.start,
        log_scale: -log,
        tolerance,
        looks: &[slopes(problem, delta)[1] * log + 30.0 / second.rate],
        levels: &[second.loss() + (1.0 - SHARE) * lead.loss(), (1.0 - SHARE) * second.loss()],
        rate,
        orthogonal: false,
    };
    let course = plan.follow(|_| {})?;
    let certificate = &course.certificate;
    Ok(Moved {
        delta,
        log,
        times: [course.crossings[0], course.crossings[1]],
        norm_sq: measures::norm_sq(&course.end),
        final_loss: course.end.loss / data.first_loss(),
        sliding: certificate.sliding_time,
        defect: certificate.energy_defect,
    })
}
