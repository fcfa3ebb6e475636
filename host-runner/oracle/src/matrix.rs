//! Gram matrices and their exact spectra.

use super::network::Data;

/// G_ik = <x_i, x_k>, n x n. (X^T X in the papers, whose X is d x n.)
pub fn gram(data: &Data) -> Vec<f64> {
    let (n, d) = (data.n, data.d);
    let mut g = vec![0.0; n * n];
    for i in 0..n {
        for k in 0..n {
            for c in 0..d {
                g[i * n + k] += data.x[i * d + c] * data.x[k * d + c];
            }
        }
    }
    g
}

/// Eigenvalues, ascending, of a symmetric n x n matrix by cyclic Jacobi rotations
/// (Golub, Van Loan, Matrix Computations, section 8.5). All NaN if an entry is not finite.
pub fn symmetric_eigenvalues(matrix: &[f64], n: usize) -> Vec<f64> {
    if matrix.iter().any(|v| !v.is_finite()) {
        return vec![f64::NAN; n];
    }
    let mut m = matrix.to_vec();
    let total: f64 = m.iter().map(|v| v * v).sum();
    // Convergence is quadratic: ten sweeps are already many, the limit only guards the loop.
    for _ in 0..60 {
        let mut off = 0.0;
        for i in 0..n {
            for k in 0..n {
                if i != k {
                    off += m[i * n + k] * m[i * n + k];
                }
            }
        }
        if off <= total * (f64::EPSILON * f64::EPSILON) {
            break;
        }
        for i in 0..n {
            for k in i + 1..n {
                rotate(&mut m, n, i, k);
            }
        }
    }
    let mut values: Vec<f64> = (0..n).map(|i| m[i * n + i]).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// M <- J^T M J, with J the rotation in the plane (i, k) that makes M_ik zero.
fn rotate(m: &mut [f64], n: usize, i: usize, k: usize) {
    if m[i * n + k] == 0.0 {
        return;
    }
    let tau = (m[k * n + k] - m[i * n + i]) / (2.0 * m[i * n + k]);
    // The smaller root of t^2 + 2 tau t - 1, so that the rotation is at most 45 degrees.
    let t = tau.signum() / (tau.abs() + tau.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    for l in 0..n {
        let (li, lk) = (m[l * n + i], m[l * n + k]);
        m[l * n + i] = c * li - s * lk;
        m[l * n + k] = s * li + c * lk;
    }
    for l in 0..n {
        let (il, kl) = (m[i * n + l], m[k * n + l]);
        m[i * n + l] = c * il - s * kl;
        m[k * n + l] = s * il + c * kl;
    }
    // What rounding leaves there would be rotated again, to the last sweep allowed.
    (m[i * n + k], m[k * n + i]) = (0.0, 0.0);
}

/// |X^T X - D_X|_op with D_X = diag(|x_i|^2): how far the inputs are from orthogonal
/// (`weak`, Assumption 2).
pub fn defect_norm(data: &Data) -> f64 {
    let mut g = gram(data);
    for i in 0..data.n {
        g[i * data.n + i] = 0.0;
    }
    let values = symmetric_eigenvalues(&g, data.n);
    let (low, high) = match (values.first(), values.last()) {
        (Some(low), Some(high)) => (low.abs(), high.abs()),
        _ => return 0.0,
    };
    // Not f64::max, which would hide the NaN of an input that is not finite.
    if low >= high { low } else { high }
}

#[cfg(test)]
mod tests {
    use super::super::random::{Random, close};
    use super::*;

    #[test]
    fn gram_by_hand() {
        let data = Data { n: 2, d: 2, x: vec![1.0, 2.0, 3.0, -1.0], y: vec![0.0; 2] };
        assert_eq!(gram(&data), [5.0, 1.0, 1.0, 10.0]);
        assert!(close(defect_norm(&data), 1.0, 1e-15));
    }

    #[test]
    fn eigenvalues_by_hand() {
        // [[2, 1], [1, 2]]: 1 and 3. Path graph on three vertices: 0, +-sqrt 2.
        let two = symmetric_eigenvalues(&[2.0, 1.0, 1.0, 2.0], 2);
        assert!(close(two[0], 1.0, 1e-15) && close(two[1], 3.0, 1e-15));
        let path = symmetric_eigenvalues(&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0], 3);
        let root = 2f64.sqrt();
        assert!((0..3).all(|i| close(path[i], [-root, 0.0, root][i], 1e-15)), "{path:?}");
        assert!(symmetric_eigenvalues(&[f64::NAN], 1)[0].is_nan());
        assert!(symmetric_eigenvalues(&[], 0).is_empty());
    }

    /// The second-difference matrix of order n has eigenvalues 4 sin^2(pi m / (2n + 2)).
    #[test]
    fn eigenvalues_of_the_second_difference() {
        let n = 40;
        let mut m = vec![0.0; n * n];
        for i in 0..n {
            m[i * n + i] = 2.0;
            if i + 1 < n {
                m[i * n + i + 1] = -1.0;
                m[(i + 1) * n + i] = -1.0;
            }
        }
        for (i, value) in symmetric_eigenvalues(&m, n).iter().enumerate() {
            let angle = std::f64::consts::PI * (i + 1) as f64 / (2 * n + 2) as f64;
            assert!(close(*value, 4.0 * angle.sin().powi(2), 1e-13));
        }
    }

    #[test]
    fn trace_and_frobenius_norm_survive() {
        let g = gram(&Random(6).data(30, 7));
        let values = symmetric_eigenvalues(&g, 30);
        let trace: f64 = (0..30).map(|i| g[i * 31]).sum();
        let square: f64 = g.iter().map(|v| v * v).sum();
        assert!(close(values.iter().sum(), trace, 1e-13));
        assert!(close(values.iter().map(|v| v * v).sum(), square, 1e-13));
        // Rank 7: 23 zero eigenvalues.
        assert!(values[..23].iter().all(|v| v.abs() < 1e-12) && values[23] > 1e-3);
    }

    #[test]
    fn orthogonal_inputs_have_no_defect() {
        assert_eq!(defect_norm(&Random(7).orthogonal_data(5, 9)), 0.0);
    }
}
