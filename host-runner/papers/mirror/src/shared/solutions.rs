//! Which solution does the mirror flow find? One r for all coordinates, from the start 0.
//!
//! The limit is the least Phi_r among all beta with X beta = y. For r -> infinity Phi_r is |beta|^2 / (2 r): the solution of
//! least norm. For r -> 0 it is log(2/r) |beta|_1: that of least l1 norm, with an excess of order 1/log(1/r).
use super::distance;
use super::draw::refused;
use super::followed::{speed, walk};
use super::projection::{Projection, matrix};
use engine::mirror::Mirror;
use engine::smooth::smooth;
use lab::Arithmetic;
use lab::Context;
use lab::failure::Failure;
use lab::settings::Key;
use lab::statistics::{max, min};
use nalgebra::{DMatrix, DVector};
use reluflow::SamplesView;
use reluflow::init::{normal, sign, stream, uniform};
use reluflow::mirror::hypentropy::to_primal;

/// Samples.
pub const N: Key<usize> = Key::count("n", 6, "number of samples").between(1, 100);
/// Coordinates.
pub const M: Key<usize> = Key::count("m", 20, "number of coordinates").between(2, 1000);

/// Tolerance of the flows.
const TOLERANCE: f64 = 1e-11;
/// Flow time in units of the time scale of the slowest direction at the limit.
const SCALES: f64 = 20.0;
/// Pivots of the simplex method.
const PIVOTS: usize = 10_000;

/// A least-squares problem with many solutions, and two of them.
#[derive(Debug, Clone)]
pub struct Underdetermined {
    x: DMatrix<f64>,
    rows: Vec<f64>,
    y: Vec<f64>,
    /// Of least l1 norm, if `certificate` is at most 1.
    sparse: Vec<f64>,
    /// |beta|_1 of it.
    pub sparse_l1: f64,
    /// Largest |X^T lambda| for the lambda with (X^T lambda)_j = sign(beta_j) where beta_j is not 0: at most 1 proves
    /// that no solution has a smaller l1 norm.
    pub certificate: f64,
    least_norm: DVector<f64>,
}

/// The limit at one r.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// r of every coordinate.
    pub r: f64,
    /// |beta|_1.
    pub l1: f64,
    /// |beta|_1 over the least, less 1.
    pub l1_excess: f64,
    /// Distance from the solution of least norm, over its norm.
    pub l2_off: f64,
    /// Largest distance from the solution of least l1 norm over its largest coordinate.
    pub l1_off: f64,
    /// Distance of the flow's end from the projection, relatively.
    pub flow_off: f64,
}

/// The solution of X beta = y of least |beta|_1 and its certificate, by the simplex method: from one set of n
/// columns to the next, for as long as a column outside has |<x_j, lambda>| > 1.
fn least_l1(x: &DMatrix<f64>, y: &DVector<f64>) -> Option<(Vec<f64>, f64)> {
    let (n, m) = x.shape();
    let mut basis: Vec<usize> = (0..n).collect();
    for _ in 0..PIVOTS {
        let square = x.select_columns(&basis);
        let values = square.clone().lu().solve(y)?;
        let lambda = square.transpose().lu().solve(&values.map(f64::signum))?;
        let prices = x.transpose() * lambda;
        let enters = prices.iamax();
        if prices[enters].abs() <= 1.0 + 1e-9 {
            let mut beta = vec![0.0; m];
            basis.iter().zip(values.iter()).for_each(|(&j, &value)| beta[j] = value);
            return Some((beta, max(prices.iter().map(|price| price.abs()))));
        }
        // beta_j grows from 0 in the direction that pays; the first coordinate to reach 0 leaves.
        let slope = square.lu().solve(&x.column(enters).into_owned())? * prices[enters].signum();
        let reach = |at: usize| values[at] / slope[at];
        let leaves = (0..n).filter(|&at| reach(at) > 0.0);
        let leaves = leaves.min_by(|&one, &other| reach(one).total_cmp(&reach(other)))?;
        basis[leaves] = enters;
    }
    None
}

impl Underdetermined {
    /// n normal samples of m features, targets +-[1, 2].
    pub fn of(context: &Context) -> Result<Self, Failure> {
        let [n, m] = [N, M].map(|key| context.get(key));
        if n >= m {
            return Err(Failure::bad_input(format!(
                "n = {n}, m = {m}: there is one solution at most; choose a larger m"
            )));
        }
        let mut rng = stream(context.config.seed, context.config.experiment, 0, 0);
        let size = 1.0 / (n as f64).sqrt();
        let rows: Vec<f64> = (0..n * m).map(|_| size * normal(&mut rng)).collect();
        let y: Vec<f64> = (0..n).map(|_| sign(&mut rng) * (1.0 + uniform(&mut rng))).collect();
        let x = matrix(&rows, m);
        let dependent = || Failure::failed("the samples are linearly dependent");
        let target = DVector::from_column_slice(&y);
        let gram = (&x * x.transpose()).cholesky().ok_or_else(dependent)?;
        let least_norm = x.transpose() * gram.solve(&target);

        let (sparse, certificate) = least_l1(&x, &target).ok_or_else(dependent)?;
        let sparse_l1 = sparse.iter().map(|b| b.abs()).sum();
        Ok(Self { x, rows, y, sparse, sparse_l1, certificate, least_norm })
    }

    /// Where the flow ends for this r, and where the projection says.
    pub fn limit(&self, context: &Context, r: f64) -> Result<Limit, Failure> {
        let m = self.sparse.len();
        let (r, zero) = (vec![r; m], vec![0.0; m]);
        let found = Projection::of(&self.x, &self.y, &zero, &r)?;
        let l1: f64 = found.beta.iter().map(|b| b.abs()).sum();
        let off = DVector::from_column_slice(&found.beta) - &self.least_norm;
        let largest = max(self.sparse.iter().map(|b| b.abs()));
        let away = found.beta.iter().zip(&self.sparse).map(|(x, y)| (x - y).abs());
        let flow = self.flow(context, &found, &r)?;
        Ok(Limit {
            r: r[0],
            l1,
            l1_excess: l1 / self.sparse_l1 - 1.0,
            l2_off: off.norm() / self.least_norm.norm(),
            l1_off: max(away) / largest,
            flow_off: distance(&flow, &found.beta),
        })
    }

    /// The end of the flow.
    fn flow(&self, context: &Context, limit: &Projection, r: &[f64]) -> Result<Vec<f64>, Failure> {
        let m = r.len();
        let q = limit.beta.iter().zip(r).map(|(b, r)| b.hypot(*r));
        let q = DMatrix::from_diagonal(&DVector::from_iterator(m, q));
        let slowest = 2.0 * min(&(&self.x * q * self.x.transpose()).symmetric_eigenvalues());
        let samples = SamplesView::new(&self.rows, &self.y, m).map_err(refused)?;
        let (mut at, mut memory) = (Vec::new(), Vec::new());
        let mut mirror = Mirror::new(samples, r, &mut at).map_err(refused)?;
        let start = vec![0.0; m];
        let mut flow =
            smooth(Arithmetic::Canonical, &start, TOLERANCE, &mut memory).map_err(refused)?;
        let speed = speed(context);
        let mut field = |u: &[f64], du: &mut [f64]| {
            mirror.velocity(u, du);
            du.iter_mut().for_each(|du| *du *= speed);
        };
        // u must move by log(1/r) before the end begins, at a speed of order 1.
        let end = SCALES / slowest + 10.0 * max(limit.moved.iter().map(|u| u.abs()));
        walk(context, &mut *flow, end, &mut field, &mut |_, _| Ok(()))?;
        let mut beta = vec![0.0; m];
        to_primal(flow.state(), r, &mut beta).map_err(refused)?;
        Ok(beta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// beta_1 + 2 beta_2 = 3 and two equations of which the first two columns are the dear ones.
    #[test]
    fn the_simplex_method_finds_the_least_l1_norm() {
        let one = least_l1(&matrix(&[1.0, 2.0], 2), &DVector::from_vec(vec![3.0]));
        assert_eq!(one, Some((vec![0.0, 1.5], 1.0)));
        let x = matrix(&[1.0, 0.0, 4.0, 1.0, 0.0, 1.0, 1.0, -5.0], 4);
        let (beta, certificate) = least_l1(&x, &DVector::from_vec(vec![4.0, -5.0])).unwrap();
        // 4 beta_3 + beta_4 = 4 and beta_3 - 5 beta_4 = -5: 15/21 and 24/21.
        let want = [0.0, 0.0, 15.0 / 21.0, 24.0 / 21.0];
        assert!(distance(&beta, &want) < 1e-12 && certificate <= 1.0 + 1e-9, "{beta:?}");
    }
}
