//! Timing on a machine that others use too: short samples of time on the core, taken in turn, each
//! beside a loop that measures what the core could do at that very moment.
use crate::case::Case;
use engine::clock::per_call;
use engine::peak;
use lab::Precision;
use lab::statistics::median;
use std::time::Duration;

/// A sample lasts about this long: short against a time slice of the scheduler, so that most
/// samples run undisturbed and the median is one of them.
const SAMPLE: Duration = Duration::from_micros(1500);
/// A case slower than that a step is sampled in fewer rounds.
const SLOW: Duration = Duration::from_millis(5);
/// Fraction of the checked step's length that the timed ones take: the state stays where it is,
/// so that every sample does the same work, however many there are.
pub const STANDSTILL: f64 = 1e-6;

/// What was measured of one case.
#[derive(Debug, Default)]
pub struct Timing {
    /// ns per step, one for each sample.
    pub ns: Vec<f64>,
    /// GFLOP/s of the peak loop beside each sample, the better of before and after.
    pub peaks: Vec<f64>,
    /// Steps in a sample.
    pub steps: u64,
}

impl Timing {
    /// Median ns per step.
    pub fn ns_per_step(&self) -> f64 {
        median(&self.ns)
    }

    /// Fastest and slowest sample.
    pub fn range(&self) -> (f64, f64) {
        self.ns.iter().fold((f64::INFINITY, 0.0), |(low, high), &ns| (low.min(ns), high.max(ns)))
    }

    /// Median over the samples of `flops` per step as a share of the peak beside the sample.
    pub fn share_of_peak(&self, flops: f64) -> f64 {
        let shares = self.ns.iter().zip(&self.peaks).map(|(ns, peak)| flops / ns / peak);
        median(&shares.collect::<Vec<_>>())
    }
}

/// Measures the cases in turn, `rounds` times; slow ones in fewer rounds, at least two.
pub fn measure(cases: &mut [Case], rounds: usize) -> Vec<Timing> {
    let mut plans: Vec<_> = cases.iter_mut().map(|case| plan(case, rounds)).collect();
    for round in 0..rounds {
        for (case, (every, timing)) in cases.iter_mut().zip(&mut plans) {
            if round % *every == 0 {
                sample(case, timing, *every == 1);
            }
        }
    }
    plans.into_iter().map(|(_, timing)| timing).collect()
}

/// (sample in every how many rounds, timing with the steps of a sample)
fn plan(case: &mut Case, rounds: usize) -> (usize, Timing) {
    let dt = case.size.dt * STANDSTILL;
    let (mut steps, mut ns) = (1, 0.0);
    while steps < 1 << 30 {
        ns = per_call(steps, || {
            (case.run)(steps, dt);
        });
        if ns * steps as f64 > 0.1 * SAMPLE.as_nanos() as f64 {
            break;
        }
        steps *= 2;
    }
    let steps = ((SAMPLE.as_nanos() as f64 / ns).round() as u64).max(1);
    let every = (ns / SLOW.as_nanos() as f64).ceil().max(1.0) as usize;
    (every.min(rounds.div_ceil(2)), Timing { steps, ..Timing::default() })
}

/// `warm`: what others left in the caches is not this case's; a slow step does not notice.
fn sample(case: &mut Case, timing: &mut Timing, warm: bool) {
    let dt = case.size.dt * STANDSTILL;
    let precision = if case.single { Precision::F32 } else { Precision::F64 };
    let peak = || peak::gflops(precision);
    if warm {
        (case.run)(timing.steps.div_ceil(8), dt);
    }
    let before = peak();
    timing.ns.push(per_call(timing.steps * case.networks as u64, || {
        (case.run)(timing.steps, dt);
    }));
    timing.peaks.push(before.max(peak()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_pairs_each_sample_with_its_own_peak() {
        let timing = Timing { ns: vec![1.0, 2.0, 4.0], peaks: vec![20.0, 10.0, 5.0], steps: 1 };
        assert_eq!(timing.share_of_peak(10.0), 0.5);
        assert_eq!(timing.range(), (1.0, 4.0));
    }
}
