//! Eigenvalues of matrices that are written out.
use lab::statistics::range;
use nalgebra::DMatrix;

/// The extreme eigenvalues of a symmetric matrix; NaN where an entry is not finite.
pub fn ends(matrix: DMatrix<f64>) -> (f64, f64) {
    // The iteration would not end.
    if !matrix.iter().all(|x| x.is_finite()) {
        return (f64::NAN, f64::NAN);
    }
    range(&matrix.symmetric_eigenvalues())
}
