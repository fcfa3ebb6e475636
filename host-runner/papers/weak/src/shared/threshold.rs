//! The probability of convergence against n at fixed p and d, and the n where it passes one half.
use super::curve::{Curve, Point, Row};
use super::ledger::{Ledger, Task};
use super::search::Search;
use super::setup::Setup;
use super::trial::{Ended, Trial, cost};
use engine::descent::Memory;
use lab::Context;
use lab::failure::Failure;
use lab::settings::{Key, Word};

/// Networks of some sizes that are being trained.
#[derive(Debug)]
pub struct Trainer<'a> {
    trial: Trial,
    ledger: Ledger<'a, Ended>,
}

impl<'a> Trainer<'a> {
    /// As the keys of the context say; about `total` networks will be asked for.
    pub fn open(context: &'a Context<'a>, total: usize) -> Result<Self, Failure> {
        Ok(Self { trial: Trial(Setup::of(context)), ledger: Ledger::open(context, total)? })
    }

    /// Trains `tasks`; results in their order.
    fn train(&self, tasks: &[Task]) -> Result<Vec<Ended>, Failure> {
        let work = |scratch: &mut Memory, task| self.trial.train(scratch, task);
        self.ledger.results(tasks, cost, Memory::default, work)
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
                .flat_map(|(at, search)| search.wanted().into_iter().map(move |task| (at, task)));
            let wanted: Vec<(usize, Task)> = wanted.collect();
            if wanted.is_empty() {
                return Ok(searches.into_iter().map(Search::curve).collect());
            }
            let tasks: Vec<Task> = wanted.iter().map(|&(_, task)| task).collect();
            for ((at, task), ended) in wanted.into_iter().zip(self.train(&tasks)?) {
                searches[at].learn(task, ended);
            }
        }
    }
}

/// How thresholds are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The published grid of n.
    Grid,
    /// Where the crossing is.
    Adaptive,
}

impl Word for Way {
    const WORDS: &'static [(&'static str, Self)] =
        &[("grid", Self::Grid), ("adaptive", Self::Adaptive)];
}

/// The key of it.
pub const SEARCH: Key<Way> = Key::choice(
    "search",
    Way::Grid,
    "search for the threshold: the published grid of n, or networks near the crossing only",
);

/// Networks for each n.
pub const REPETITIONS: Key<usize> = Key::count(
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
    let repetitions = context.get(REPETITIONS);
    let full = |w: &Wanted| (w.grid[0]..=w.grid[1]).step_by(w.grid[2]).collect::<Vec<_>>();
    let whole: usize = wanted.iter().map(|w| repetitions * full(w).len()).sum();
    if context.get(SEARCH) == Way::Grid {
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
    context.get(REPETITIONS) * wanted.iter().map(points).sum::<usize>()
}

/// The 95 % intervals of a curve as upright strokes.
pub fn bars(curve: &Curve) -> Vec<(f64, f64)> {
    let bar = |(&n, point): (&usize, &Point)| {
        let (n, (low, high)) = (n as f64, point.share().interval());
        [(n, low), (n, high), (f64::NAN, f64::NAN)]
    };
    curve.points.iter().flat_map(bar).collect()
}
