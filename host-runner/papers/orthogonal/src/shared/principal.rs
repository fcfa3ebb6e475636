//! Principal components of the neurons w_j, as points of R^d.
use lab::failure::Failure;
use lab::statistics::{larger, max};
use nalgebra::{DMatrix, RowDVector, SymmetricEigen};

/// Eigenvectors of the covariance of the neurons, the widest first.
pub struct Principal {
    /// Share of the variance along each component, falling; d of them.
    pub shares: Vec<f64>,
    /// The two widest unit directions.
    plane: [Vec<f64>; 2],
}

impl Principal {
    /// Of `w`, p x d row-major, about its mean; shares are NaN where weights are.
    pub fn of(w: &[f64], d: usize) -> Result<Self, Failure> {
        let largest = max(w.iter().map(|w| w.abs()));
        // Weights as small as 1e-200 must not vanish when they are squared.
        let mut rows = DMatrix::from_row_slice(w.len() / d, d, w) / largest;
        let mean: RowDVector<f64> = rows.row_mean();
        rows.row_iter_mut().for_each(|mut row| row -= &mean);
        let covariance = rows.transpose() * &rows;
        let total = covariance.trace();
        let Some(eigen) = SymmetricEigen::try_new(covariance, f64::EPSILON, 1000 * d) else {
            return Err(Failure::failed(
                "the principal components of the neurons do not converge; please report this",
            ));
        };
        let mut order: Vec<usize> = (0..d).collect();
        order.sort_by(|&x, &y| eigen.eigenvalues[y].total_cmp(&eigen.eigenvalues[x]));
        let shares = order.iter().map(|&at| larger(eigen.eigenvalues[at], 0.0) / total).collect();
        let direction = |rank: usize| {
            let mut v: Vec<f64> =
                eigen.eigenvectors.column(order[rank.min(d - 1)]).iter().copied().collect();
            // The sign of an eigenvector means nothing; this one repeats.
            if v.iter().sum::<f64>() < 0.0 {
                v.iter_mut().for_each(|v| *v = -*v);
            }
            v
        };
        Ok(Self { shares, plane: [direction(0), direction(1)] })
    }

    /// Share of the variance along the `count` widest components.
    pub fn explained(&self, count: usize) -> f64 {
        self.shares.iter().take(count).sum()
    }

    /// Coordinates of v / |v| in the plane of the two widest components: on the unit circle if v
    /// lies in it.
    pub fn seen(&self, v: &[f64]) -> (f64, f64) {
        (cosine(v, &self.plane[0]), cosine(v, &self.plane[1]))
    }
}

/// <v, w> / (|v| |w|), whatever their scale; NaN if one is 0.
pub fn cosine(v: &[f64], w: &[f64]) -> f64 {
    let unit = |v: &[f64]| {
        let most = max(v.iter().map(|v| v.abs()));
        let size = v.iter().map(|v| (v / most).powi(2)).sum::<f64>().sqrt() * most;
        v.iter().map(|v| v / size).collect::<Vec<_>>()
    };
    unit(v).iter().zip(unit(w)).map(|(v, w)| v * w).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neurons_in_a_plane_are_explained_by_two_components() {
        // Multiples of (1, 1, 0) and of (1, -1, 0), tiny.
        let w =
            [3.0, 3.0, 0.0, -3.0, -3.0, 0.0, 1.0, -1.0, 0.0, -1.0, 1.0, 0.0].map(|w| 1e-200 * w);
        let principal = Principal::of(&w, 3).unwrap();
        assert!((principal.shares[0] - 0.9).abs() < 1e-12);
        assert!((principal.explained(2) - 1.0).abs() < 1e-12);
        let (x, y) = principal.seen(&[1e-200, 1e-200, 0.0]);
        assert!((x.abs() - 1.0).abs() < 1e-12 && y.abs() < 1e-12);
        assert!(principal.seen(&[0.0, 0.0, 2.0]).0.abs() < 1e-12);
        assert!(Principal::of(&[f64::NAN; 6], 3).unwrap().explained(2).is_nan());
    }

    #[test]
    fn a_cosine_has_no_scale() {
        assert!((cosine(&[1e-300, 0.0], &[1e300, 1e300]) - 0.5f64.sqrt()).abs() < 1e-15);
        assert!(cosine(&[0.0], &[1.0]).is_nan());
    }
}
