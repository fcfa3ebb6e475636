//! The Bregman projection of a start onto the solutions of X beta = y: where the mirror flow must end.
//!
//! The flow leaves u - u(0) in the span of the rows of X, so its limit is r sinh(u(0) + X^T lambda) with X beta =
//! y: the stationary point of the convex sum_j r_j cosh(u_j(0) + (X^T lambda)_j) - <y, lambda>. Newton's steps, cut so
//! that no u_j moves by more than 1, get there from lambda = 0; no flow is integrated.
use super::draw::refused;
use lab::failure::Failure;
use lab::statistics::{max, smaller};
use nalgebra::{DMatrix, DVector};
use reluflow::mirror::hypentropy::{second, to_dual, to_primal};

/// Newton's steps; u moves by 1 in each of the first ones.
const STEPS: usize = 400;
/// Steps after which the iteration rests at its rounding.
const POLISH: usize = 3;

/// The limit, and the way to it.
#[derive(Debug, Clone)]
pub struct Projection {
    /// The point.
    pub beta: Vec<f64>,
    /// X^T lambda, by which u has moved.
    pub moved: Vec<f64>,
}

/// X as the matrix that it is.
pub fn matrix(x: &[f64], m: usize) -> DMatrix<f64> {
    DMatrix::from_row_slice(x.len() / m.max(1), m, x)
}

impl Projection {
    /// Of `start` onto X beta = y, with the potential of `r` > 0. X must have full row rank.
    pub fn of(x: &DMatrix<f64>, y: &[f64], start: &[f64], r: &[f64]) -> Result<Self, Failure> {
        let m = r.len();
        let (mut u0, mut beta) = (vec![0.0; m], start.to_vec());
        to_dual(start, r, &mut u0).map_err(refused)?;
        let y = DVector::from_column_slice(y);
        let mut moved = DVector::zeros(m);
        let mut full = 0;
        for _ in 0..STEPS {
            let rest = &y - x * DVector::from_column_slice(&beta);
            let metric =
                DVector::from_iterator(m, beta.iter().zip(r).map(|(&b, &r)| 1.0 / second(b, r)));
            let hessian = x * DMatrix::from_diagonal(&metric) * x.transpose();
            let Some(cholesky) = hessian.cholesky() else {
                return Err(Failure::failed(
                    "the features do not have full row rank: choose a larger m or a smaller n",
                ));
            };
            let du = x.transpose() * cholesky.solve(&rest);
            let cut = smaller(1.0 / max(du.iter().map(|du| du.abs())), 1.0);
            moved += cut * du;
            let u: Vec<f64> = u0.iter().zip(moved.iter()).map(|(u0, moved)| u0 + moved).collect();
            to_primal(&u, r, &mut beta).map_err(refused)?;
            let rest = &y - x * DVector::from_column_slice(&beta);
            let rest = max(rest.iter().map(|rest| rest.abs()));
            full = if rest <= 1e-9 { full + 1 } else { 0 };
            if full > POLISH {
                return Ok(Self { beta, moved: moved.as_slice().to_vec() });
            }
        }
        Err(Failure::failed(format!("the Bregman projection was not found in {STEPS} steps")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x = (1, 2), y = 3, start 0: u = lambda (1, 2). In one coordinate beta = y / x.
    #[test]
    fn it_solves_and_moves_along_the_rows() {
        for r in [1e-12, 1e-3, 1.0, 1e3] {
            let x = matrix(&[1.0, 2.0], 2);
            let found = Projection::of(&x, &[3.0], &[0.0; 2], &[r; 2]).unwrap();
            let rest = found.beta[0] + 2.0 * found.beta[1] - 3.0;
            assert!(rest.abs() < 1e-12 && (found.moved[1] - 2.0 * found.moved[0]).abs() < 1e-12);
            let u: Vec<f64> = found.beta.iter().map(|b| (b / r).asinh()).collect();
            assert!((u[1] - 2.0 * u[0]).abs() < 1e-9 * u[1], "{r}: {u:?}");
        }
        let alone = Projection::of(&matrix(&[-2.0], 1), &[3.0], &[1.0], &[1e-6]).unwrap();
        assert!((alone.beta[0] + 1.5).abs() < 1e-12);
    }
}
