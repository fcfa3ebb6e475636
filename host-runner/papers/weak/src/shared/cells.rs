//! Networks of several sizes on orthogonal samples, and what their means say of the sizes.
use super::curvature::{Ended, Measures, Rules, Workspace, cost};
use super::ledger::{Ledger, Task};
use lab::failure::Failure;
use lab::statistics::{Line, larger, mean_and_error};
use lab::{Context, Numbers};

/// The networks of one n.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Neurons.
    pub p: usize,
    /// Samples.
    pub n: usize,
    /// How each ended.
    pub ended: Vec<Ended>,
}

/// Name of a measure, and which it is.
pub type Named = (&'static str, fn(&Measures) -> f64);

/// Trains the networks of each task and number of them.
pub fn train(
    context: &Context,
    rules: impl Fn(Task) -> Rules + Sync,
    cells: &[(Task, usize)],
) -> Result<Vec<Cell>, Failure> {
    let each =
        |&(task, count): &(Task, usize)| (0..count as u64).map(move |trial| Task { trial, ..task });
    let tasks: Vec<Task> = cells.iter().flat_map(each).collect();
    let ledger = Ledger::open(context, tasks.len())?;
    let work = |scratch: &mut Workspace, task| rules(task).train(scratch, task);
    let mut ended = ledger.results(&tasks, cost, Workspace::default, work)?.into_iter();
    let take = |&(Task { p, n, .. }, count): &(Task, usize)| Cell {
        p,
        n,
        ended: ended.by_ref().take(count).collect(),
    };
    Ok(cells.iter().map(take).collect())
}

impl Cell {
    /// Mean of a measure and its standard error.
    pub fn mean(&self, of: impl Fn(&Measures) -> f64) -> (f64, f64) {
        mean_and_error(
            &self.ended.iter().filter_map(|e| e.measures.as_ref()).map(of).collect::<Vec<_>>(),
        )
    }

    /// Logarithm of the mean, and its standard error: that of the mean, relatively.
    pub fn log(&self, of: impl Fn(&Measures) -> f64) -> (f64, f64) {
        let (value, error) = self.mean(of);
        (value.ln(), error / value)
    }

    /// A line of the trace: sizes, each measure and its error.
    pub fn row(&self, measures: &[Named]) -> Numbers {
        let mut row = Numbers::from([("n", self.n as f64), ("p", self.p as f64)]);
        for &(name, of) in measures {
            let (value, error) = self.mean(of);
            row.push(name, value);
            row.push(format!("{name}_error"), error);
        }
        row
    }

    /// How many had not converged when they were given up.
    pub fn not_converged(&self) -> usize {
        self.ended.iter().filter(|ended| !ended.converged).count()
    }
}

/// Exponent of a power law, with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exponent {
    /// The slope in logarithms.
    pub slope: f64,
    /// Its error.
    pub error: f64,
    /// Logarithm of the prefactor.
    pub offset: f64,
}

impl Exponent {
    /// From (log n, log value, its error): least squares. The error is that which the points' errors
    /// cause or the one that their scatter shows, whichever is larger.
    pub fn of(points: &[(f64, f64, f64)]) -> Self {
        let line = Line::through(&points.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>());
        let middle = points.iter().map(|p| p.0).sum::<f64>() / points.len() as f64;
        let square: f64 = points.iter().map(|p| (p.0 - middle).powi(2)).sum();
        let moved: f64 = points.iter().map(|p| ((p.0 - middle) * p.2).powi(2)).sum();
        // Two points do not scatter about their line.
        let scatter = if points.len() > 2 { line.error } else { 0.0 };
        let error = larger(moved.sqrt() / square, scatter);
        Self { slope: line.slope, error, offset: line.offset }
    }
}

/// The 95 % intervals of (x, value, its error) as upright strokes.
pub fn bars(points: &[(f64, f64, f64)]) -> Vec<(f64, f64)> {
    let ends = |&(x, y, error): &(f64, f64, f64)| {
        [(x, y - 1.96 * error), (x, y + 1.96 * error), (f64::NAN, f64::NAN)]
    };
    points.iter().flat_map(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponents_error_is_the_larger_of_two() {
        // x - 1 = -1, 0, 1: errors of 0.1 move the slope by 0.1 / sqrt 2.
        let straight = Exponent::of(&[(0.0, 0.0, 0.1), (1.0, 1.0, 0.1), (2.0, 2.0, 0.1)]);
        assert!((straight.slope - 1.0).abs() < 1e-15);
        assert!((straight.error - 0.1 / 2f64.sqrt()).abs() < 1e-15);
        let bent = Exponent::of(&[(0.0, 0.0, 0.1), (1.0, 0.0, 0.1), (2.0, 2.0, 0.1)]);
        assert!((bent.error - (1.0f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!((Exponent::of(&[(0.0, 0.0, 0.3), (1.0, 1.0, 0.4)]).error - 0.5).abs() < 1e-15);
    }
}
