//! The slowest direction of the residual on orthogonal samples.
//!
//! There R' = -(1/n) M R with M = diag(|x_i|^2 A_i) + (1/p) sum_j v_j v_j^T, where
//! A_i = (1/p) sum_j a_j^2 `1[u_ji > 0]` and v_j = relu(u_j). Once the residual is small the weights
//! and with them M no longer move: the residual turns into the eigenvector of the smallest eigenvalue, and
//! mu = (2/n) <R, M R> / |R|^2 falls to (2/n) lambda_min(M). How long that takes is decided by the
//! gap to the next eigenvalue, so the limit is better computed than waited for.
use lab::statistics::min;
use nalgebra::{DMatrix, DVector};

/// |M x - value x|^2 / value^2 at the end; the value is nearer to the eigenvalue than that over the
/// relative gap to the next one.
const TOLERANCE: f64 = 1e-4;
/// Steps of the iteration at most.
const MOST: usize = 500;

/// The smallest eigenvalue of diag(`own`) + V V^T, with `own` > 0 of n and the columns of V, p of n numbers
/// each, one after the other in `rank`. NaN where `own` is not positive.
///
/// Inverse iteration; (D + V V^T)^-1 = D^-1 - D^-1 V (1 + V^T D^-1 V)^-1 V^T D^-1 costs n p.
pub fn slowest(own: &[f64], rank: &[f64]) -> f64 {
    let n = own.len();
    if !own.iter().all(|&own| own > 0.0) {
        return f64::NAN;
    }
    let columns: Vec<&[f64]> = rank.chunks(n).collect();
    let p = columns.len();
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let mut inner = DMatrix::identity(p, p);
    let mut scaled = vec![0.0; n];
    for (j, column) in columns.iter().enumerate() {
        for (scaled, (v, own)) in scaled.iter_mut().zip(column.iter().zip(own)) {
            *scaled = v / own;
        }
        for (k, other) in columns.iter().enumerate().take(j + 1) {
            let product = dot(&scaled, other);
            inner[(j, k)] += product;
            inner[(k, j)] = inner[(j, k)];
        }
    }
    let Some(inner) = inner.cholesky() else { return f64::NAN };
    let project = |x: &[f64]| DVector::from_iterator(p, columns.iter().map(|v| dot(v, x)));
    let spread = |weights: &DVector<f64>, out: &mut [f64]| {
        for (column, weight) in columns.iter().zip(weights.iter()).filter(|(_, w)| **w != 0.0) {
            for (out, v) in out.iter_mut().zip(*column) {
                *out += weight * v;
            }
        }
    };
    // Mostly where the diagonal is small, as the eigenvector is.
    let least = min(own);
    let mut x: Vec<f64> = own.iter().map(|own| (least / own).powi(4)).collect();
    let mut value = f64::NAN;
    for _ in 0..MOST {
        let size = dot(&x, &x).sqrt();
        x.iter_mut().for_each(|x| *x /= size);
        // M x, and how far x is from an eigenvector.
        let mut image: Vec<f64> = x.iter().zip(own).map(|(x, own)| x * own).collect();
        spread(&project(&x), &mut image);
        value = dot(&x, &image);
        let rest = image.iter().zip(&x).map(|(m, x)| (m - value * x).powi(2)).sum::<f64>().sqrt();
        if rest * rest <= TOLERANCE * value * value {
            break;
        }
        x.iter_mut().zip(own).for_each(|(x, own)| *x /= own);
        let weights = inner.solve(&project(&x));
        let mut back = vec![0.0; n];
        spread(&weights, &mut back);
        for (x, (back, own)) in x.iter_mut().zip(back.iter().zip(own)) {
            *x -= back / own;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::statistics::larger;
    use reluflow::init::{stream, uniform};

    #[test]
    fn it_is_the_smallest_eigenvalue() {
        for seed in 0..20 {
            let mut rng = stream(seed, "slowest", 0, 0);
            let (n, p) = (30, 4);
            let own: Vec<f64> = (0..n).map(|_| 1.0 + 3.0 * uniform(&mut rng)).collect();
            let rank: Vec<f64> =
                (0..n * p).map(|_| larger(2.0 * uniform(&mut rng) - 1.0, 0.0)).collect();
            let v = DMatrix::from_column_slice(n, p, &rank);
            let whole =
                DMatrix::from_diagonal(&DVector::from_column_slice(&own)) + &v * v.transpose();
            let exact = min(&whole.symmetric_eigenvalues());
            let found = slowest(&own, &rank);
            assert!(found >= exact * (1.0 - 1e-12) && found < exact * 1.01, "{found} {exact}");
        }
    }
}
