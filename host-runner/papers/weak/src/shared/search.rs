//! An adaptive search for the n where P(convergence) passes one half.
use super::curve::{Curve, Point};
use super::ledger::Task;
use super::trial::Ended;
use lab::statistics::larger;
use std::collections::BTreeMap;

/// Brackets the crossing with few networks, then asks for more on both sides of the
/// crossing fitted so far, where each tells most.
///
/// A grid of R networks at every D-th n has D n-values a step, and all of them that lie away from
/// the crossing tell nothing: the variance of m is s D/R. That is when the search ends. A network at
/// the crossing itself is worth 1/(4 s^2), so about 4 s R/D of them are enough.
#[derive(Debug, Clone)]
pub struct Search {
    curve: Curve,
    step: f64,
    repetitions: f64,
}

/// Networks at an n while the crossing is being bracketed, and on each side of it later.
const BATCH: usize = 4;
/// Ratio of neighbouring n while it is being bracketed.
const STRIDE: f64 = 2.0;
/// How much wider than that of the grid the interval may be.
const SLACK: f64 = 1.1;
/// Networks after which a search ends in any case.
const MOST: usize = 400;

impl Search {
    /// For p and d; the grid to match has `repetitions` networks at every `step`-th n.
    pub fn new(p: usize, d: usize, step: usize, repetitions: usize) -> Self {
        let curve = Curve { p, d, points: BTreeMap::new() };
        Self { curve, step: step as f64, repetitions: repetitions as f64 }
    }

    /// Takes the end of one of the networks asked for.
    pub fn learn(&mut self, task: Task, ended: Ended) {
        let point = self.curve.points.entry(task.n);
        point.or_insert(Point { p: task.p, ended: Vec::new() }).ended.push(ended);
    }

    /// What is known so far.
    pub fn curve(self) -> Curve {
        self.curve
    }

    /// The networks to train next; none when the interval is narrow enough. Depends on nothing but
    /// the results so far.
    pub fn wanted(&self) -> Vec<Task> {
        let Curve { p, d, ref points } = self.curve;
        let more = |n: usize, count: usize| {
            let first = points.get(&n).map_or(0, |point| point.ended.len());
            (first..first + count).map(move |trial| Task { p, n, d, trial: trial as u64 })
        };
        let shares = points.iter().map(|(&n, point)| (n, point.share().value()));
        let surely = shares.clone().filter(|share| share.1 == 1.0).map(|share| share.0).min();
        let never = shares.clone().filter(|share| share.1 == 0.0).map(|share| share.0).max();
        let least = shares.clone().map(|share| share.0).min();
        let most = shares.map(|share| share.0).max();
        match (least.zip(most), surely, never) {
            (None, ..) => return more(2 * d, BATCH).collect(),
            (Some((least, _)), None, _) if least > 2 => {
                return more((least as f64 / STRIDE) as usize, BATCH).collect();
            }
            (Some((_, most)), _, None) => {
                return more((most as f64 * STRIDE) as usize, BATCH).collect();
            }
            _ => {}
        }
        let Some(fit) = self.curve.threshold() else { return Vec::new() };
        let goal = SLACK * 1.96 * (self.step * fit.scale / self.repetitions).sqrt();
        if fit.half_width() <= goal || self.curve.networks() >= MOST {
            return Vec::new();
        }
        // Not at the crossing itself: 0.8 scales away a network still tells 0.86 of what it does there,
        // and fixes the scale.
        let away = larger(0.8 * fit.scale, 1.0);
        let sides = [fit.at - away, fit.at + away].map(|n| (n.round() as usize).max(1));
        match sides {
            [n, same] if n == same => more(n, 2 * BATCH).collect(),
            _ => sides.into_iter().flat_map(|n| more(n, BATCH)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::statistics::Threshold;
    use reluflow::init::{stream, uniform};

    /// A search among networks that converge by a logistic law.
    fn search(trial: u64, at: f64, scale: f64, step: usize) -> Curve {
        let mut search = Search::new(30, step, step, 20);
        let mut rng = stream(7, "search", step as u64, trial);
        loop {
            let tasks = search.wanted();
            if tasks.is_empty() {
                return search.curve;
            }
            for task in tasks {
                let p = 1.0 / (1.0 + ((task.n as f64 - at) / scale).exp());
                let ended = Ended { converged: uniform(&mut rng) < p, left: 0.1, steps: 1 };
                let before = search.curve.points.get(&task.n).map_or(0, |point| point.ended.len());
                assert_eq!(task.trial, before as u64);
                search.learn(task, ended);
            }
        }
    }

    /// The law at d = 100: half at 1320, from .73 to .27 within 80; the grid would take 560 networks.
    #[test]
    fn a_search_takes_a_fifth_of_the_grid_for_the_same_interval() {
        let (at, scale, step) = (1320.0, 40.0, 100);
        let curves: Vec<Curve> = (0..100).map(|k| search(k, at, scale, step)).collect();
        let fits: Vec<_> = curves.iter().map(|curve| curve.threshold().unwrap()).collect();
        let covered = fits.iter().filter(|fit| fit.low <= at && at <= fit.high).count();
        assert!((86..=100).contains(&covered), "{covered} of 100");
        let networks = curves.iter().map(Curve::networks).sum::<usize>() as f64 / 100.0;
        assert!(networks < 560.0 / 5.0, "{networks}");
        let mean = |f: fn(&Threshold) -> f64| fits.iter().map(f).sum::<f64>() / 100.0;
        assert!((mean(|fit| fit.at) - at).abs() < 6.0);
        // Of the grid: sqrt(step scale / 20) times 1.96.
        assert!(mean(Threshold::half_width) < 1.3 * 27.7, "{}", mean(Threshold::half_width));
    }

    #[test]
    fn a_search_ends_even_where_nothing_converges() {
        assert!(search(0, -1e6, 1.0, 10).networks() <= MOST + 2 * BATCH);
    }
}
