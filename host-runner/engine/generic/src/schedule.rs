//! When a run is looked at.
use lab::figure::log_spaced;

/// Iterations of an experiment's trajectory whose loss is kept: a thousand evenly spaced, 200 on a log axis.
pub fn trajectory(iterations: u64) -> Vec<u64> {
    let total = usize::try_from(iterations).unwrap_or(usize::MAX).saturating_add(1);
    let mut at: Vec<u64> = log_spaced(total, 200).into_iter().map(|k| k as u64).collect();
    at.extend((0..=1000).map(|part| iterations / 1000 * part));
    at.sort_unstable();
    at.dedup();
    at
}

/// Iterations of the checkpoints of `train`: a hundred evenly spaced, about as many on a log axis.
pub fn descent(steps: u64) -> Vec<u64> {
    let total = usize::try_from(steps).unwrap_or(usize::MAX).saturating_add(1);
    let mut at: Vec<u64> = log_spaced(total, 100).into_iter().map(|k| k as u64).collect();
    at.extend((0..=100).map(|part| (u128::from(steps) * part / 100) as u64));
    at.sort_unstable();
    at.dedup();
    at
}

/// Times of the checkpoints of `train --method flow`: 0, sixty on a log axis from a millionth of the run, sixty evenly spaced.
pub fn flow(until: f64) -> Vec<f64> {
    let log = (0..60).map(|k| until * 10f64.powf(-6.0 * (1.0 - f64::from(k) / 60.0)));
    let even = (0..=60).map(|k| until * f64::from(k) / 60.0);
    let mut times: Vec<f64> = log.chain(even).collect();
    times.sort_by(f64::total_cmp);
    times.dedup_by(|x, y| *x - *y <= 1e-9 * until);
    times
}
