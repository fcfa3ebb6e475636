//! The probability of convergence against n at fixed p and d, and the n where it passes one half.
use super::law::{INNER, inner};
use super::ledger::{Ledger, Task};
use super::trial::{Desk, Ended, Rules, cost};
use crate::experiment::Context;
use crate::failure::Failure;
use crate::settings::Key;
use crate::statistics::{Count, Share, Threshold, crossing, fixed_slope, mean};
use crate::trajectory::ARITHMETIC;
use std::collections::BTreeMap;

/// Networks of some sizes that are being trained.
#[derive(Debug)]
pub struct Trainer<'a> {
    rules: Rules,
    ledger: Ledger<'a, Ended>,
}

impl<'a> Trainer<'a> {
    /// As the keys of the context say; about `total` networks will be asked for.
    pub fn open(context: &'a Context<'a>, total: usize) -> Result<Self, Failure> {
        let rules = Rules {
            seed: context.config.seed,
            inner: inner(context.choice(INNER.name)),
            control: context.control(),
            precision: context.config.precision,
            canonical: context.choice(ARITHMETIC.name) == "canonical",
        };
        Ok(Self { rules, ledger: Ledger::open(context, total)? })
    }

    /// Trains `tasks`; results in their order.
    fn train(&self, tasks: &[Task]) -> Result<Vec<Ended>, Failure> {
        let work = |desk: &mut Desk, task| self.rules.train(desk, task);
        self.ledger.results(tasks, cost, Desk::default, work)
    }

    /// `repetitions` networks at each n of each row: as the published code does it.
    pub fn grid(&self, rows: &[Row], repetitions: usize) -> Result<Vec<Curve>, Failure> {
        let cells = rows.iter().enumerate().flat_map(|(row, Row { p, d, n })| {
            n.iter()
                .map(move |&(n, width)| (row, Task { p: width.unwrap_or(*p), n, d: *d, trial: 0 }))
        });
        let cells: Vec<(usize, Task)> = cells.collect();
        let each = |task: Task| (0..repetitions as u64).map(move |trial| Task { trial, ..task });
        let tasks: Vec<Task> = cells.iter().flat_map(|&(_, task)| each(task)).collect();
        let ended = self.train(&tasks)?;
        let mut curves: Vec<Curve> = rows.iter().map(Curve::of).collect();
        for (&(row, task), ended) in cells.iter().zip(ended.chunks(repetitions.max(1))) {
            curves[row].points.insert(task.n, Point { p: task.p, ended: ended.to_vec() });
        }
        Ok(curves)
    }

    /// Networks near the 50 % crossing only, until it is as well known as from a grid of `repetitions`
    /// at every `step`-th n: see [`Search`].
    pub fn adaptive(&self, searches: Vec<Search>) -> Result<Vec<Curve>, Failure> {
        let mut searches = searches;
        loop {
            let wanted = searches
                .iter()
                .enumerate()
                .flat_map(|(at, search)| search.next().into_iter().map(move |task| (at, task)));
            let wanted: Vec<(usize, Task)> = wanted.collect();
            if wanted.is_empty() {
                return Ok(searches.into_iter().map(|search| search.curve).collect());
            }
            let tasks: Vec<Task> = wanted.iter().map(|&(_, task)| task).collect();
            for ((at, task), ended) in wanted.into_iter().zip(self.train(&tasks)?) {
                let point = searches[at].curve.points.entry(task.n);
                point.or_insert(Point { p: task.p, ended: Vec::new() }).ended.push(ended);
            }
        }
    }
}

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
        mean(&self.ended.iter().map(left).collect::<Vec<_>>())
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
    fn of(row: &Row) -> Self {
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

/// An adaptive search: brackets the crossing with few networks, then asks for more on both sides of the
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

/// How thresholds are found.
pub const SEARCH: Key = Key::choice(
    "search",
    "grid",
    &["grid", "adaptive"],
    "search for the threshold: the published grid of n, or networks near the crossing only",
);

/// Networks for each n.
pub const REPETITIONS: Key = Key::count(
    "repetitions",
    20,
    "number of networks for each n of the grid; an adaptive search ends when it knows as much",
)
.between(1, 1 << 20);

/// One threshold to find: sizes, the n of the published grid.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Neurons.
    pub p: usize,
    /// Input dimension.
    pub d: usize,
    /// From, to, step.
    pub grid: [usize; 3],
}

/// Finds the thresholds as the keys say.
pub fn curves(context: &Context, wanted: &[Wanted]) -> Result<Vec<Curve>, Failure> {
    let repetitions = context.count(REPETITIONS.name);
    let full = |w: &Wanted| (w.grid[0]..=w.grid[1]).step_by(w.grid[2]).collect::<Vec<_>>();
    let whole: usize = wanted.iter().map(|w| repetitions * full(w).len()).sum();
    if context.choice(SEARCH.name) == "grid" {
        let row = |w: &Wanted| Row {
            p: w.p,
            d: w.d,
            n: full(w).into_iter().map(|n| (n, None)).collect(),
        };
        let rows: Vec<Row> = wanted.iter().map(row).collect();
        return Trainer::open(context, whole)?.grid(&rows, repetitions);
    }
    let search = |w: &Wanted| Search::new(w.p, w.d, w.grid[2], repetitions);
    Trainer::open(context, wanted.len() * 60)?.adaptive(wanted.iter().map(search).collect())
}

/// Networks that the grids of `wanted` hold.
pub fn grid_networks(context: &Context, wanted: &[Wanted]) -> usize {
    let points = |w: &Wanted| (w.grid[1] - w.grid[0]) / w.grid[2] + 1;
    context.count(REPETITIONS.name) * wanted.iter().map(points).sum::<usize>()
}

impl Search {
    /// For p and d; the grid to match has `repetitions` networks at every `step`-th n.
    pub fn new(p: usize, d: usize, step: usize, repetitions: usize) -> Self {
        let curve = Curve { p, d, points: BTreeMap::new() };
        Self { curve, step: step as f64, repetitions: repetitions as f64 }
    }

    /// The networks to train next; none when the interval is narrow enough. Depends on nothing but
    /// the results so far.
    fn next(&self) -> Vec<Task> {
        let Curve { p, d, ref points } = self.curve;
        let more = |n: usize, count: usize| {
            let first = points.get(&n).map_or(0, |point| point.ended.len());
            (first..first + count).map(move |trial| Task { p, n, d, trial: trial as u64 })
        };
        let shares = points.iter().map(|(&n, point)| (n, point.share().value()));
        let surely = shares.clone().filter(|share| share.1 == 1.0).map(|share| share.0).min();
        let never = shares.clone().filter(|share| share.1 == 0.0).map(|share| share.0).max();
        // At n = d the samples are independent: every target can be met.
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
        let away = (0.8 * fit.scale).max(1.0);
        let sides = [fit.at - away, fit.at + away].map(|n| n.round().max(1.0) as usize);
        match sides {
            [n, same] if n == same => more(n, 2 * BATCH).collect(),
            _ => sides.into_iter().flat_map(|n| more(n, BATCH)).collect(),
        }
    }
}

/// The 95 % intervals of a curve as upright strokes.
pub fn bars(curve: &Curve) -> Vec<(f64, f64)> {
    let bar = |(&n, point): (&usize, &Point)| {
        let (n, (low, high)) = (n as f64, point.share().interval());
        [(n, low), (n, high), (f64::NAN, f64::NAN)]
    };
    curve.points.iter().flat_map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reluflow::init::{stream, uniform};

    /// A search among networks that converge by a logistic law.
    fn search(trial: u64, at: f64, scale: f64, step: usize) -> Curve {
        let mut search = Search::new(30, step, step, 20);
        let mut rng = stream(7, "search", step as u64, trial);
        loop {
            let tasks = search.next();
            if tasks.is_empty() {
                return search.curve;
            }
            for task in tasks {
                let p = 1.0 / (1.0 + ((task.n as f64 - at) / scale).exp());
                let ended = Ended { converged: uniform(&mut rng) < p, left: 0.1, steps: 1 };
                let point = search.curve.points.entry(task.n);
                let point = point.or_insert(Point { p: task.p, ended: Vec::new() });
                assert_eq!(task.trial, point.ended.len() as u64);
                point.ended.push(ended);
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
