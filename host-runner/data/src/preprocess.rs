//! Transforms of a [`Dataset`] before training.

use std::convert::Infallible;

use lab::statistics::{larger, max, range};
use nalgebra::{DMatrix, DVector, SymmetricEigen};

use crate::dataset::{Dataset, InputError, Standardization, Stream};

/// Why a transform does not apply to this data.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each message documents its variant and names its fields")]
pub enum PreprocessError {
    #[error(
        "{source_file}: cannot whiten: found n = {n} rows of d = {d} features, expected n <= d, \
         since at most d vectors of dimension d are orthogonal; use at most {d} rows, or train \
         without whitening"
    )]
    TooManyRows { source_file: String, n: usize, d: usize },

    #[error(
        "{source_file}: cannot whiten: found linearly dependent rows (smallest eigenvalue of \
         X X^T {smallest:e}, largest {largest:e}), expected n = {n} independent rows; remove \
         repeated or combined rows, or train without whitening"
    )]
    DependentRows { source_file: String, n: usize, smallest: f64, largest: f64 },

    #[error(
        "{source_file}: found {found} features, expected {expected} as in the data the transform \
         was fitted on; load both files with the same columns"
    )]
    Dimension { source_file: String, found: usize, expected: usize },
}

/// Gives every feature and the target mean 0 and standard deviation 1.
///
/// Returns the transform, for test data, and one warning per constant feature, which can only be
/// centred.
pub fn standardize(data: &mut Dataset) -> (Standardization, Vec<String>) {
    let rows = |values: &[f64], columns: usize| {
        let Ok(moments) = moments::<Infallible>(data.n, columns, |row| {
            values.chunks_exact(columns.max(1)).for_each(row);
            Ok(())
        });
        moments
    };
    let (features, target) = (rows(&data.x, data.d), rows(&data.y, 1));
    let (transform, warnings) = Standardization::of(data, &features, target[0]);
    transform.apply_unchecked(data);
    (transform, warnings)
}

/// The transform that [`standardize`] would find for a table that stays on disk; `data` has its
/// names.
pub fn standardize_stream(
    stream: &Stream,
    data: &Dataset,
) -> Result<(Standardization, Vec<String>), InputError> {
    let mut features = moments(data.n, data.d + 1, |row| stream.each_row(|_, cells| row(cells)))?;
    let target = features.remove(stream.target());
    Ok(Standardization::of(data, &features, target))
}

/// Mean and standard deviation of each column; `pass` calls what it is given with each row in
/// order. Exactly (value, 0) for a constant column, where rounding in the mean would otherwise
/// leave a tiny deviation to divide by.
fn moments<E>(
    n: usize,
    columns: usize,
    mut pass: impl FnMut(&mut dyn FnMut(&[f64])) -> Result<(), E>,
) -> Result<Vec<(f64, f64)>, E> {
    let count = n as f64;
    let mut first = Vec::new();
    let mut constant = vec![true; columns];
    // Dividing before adding, and scaling before squaring, keeps large finite data finite.
    let mut mean = vec![0.0; columns];
    pass(&mut |row| {
        if first.is_empty() {
            first.extend_from_slice(row);
        }
        for (((mean, constant), v), first) in
            mean.iter_mut().zip(&mut constant).zip(row).zip(&first)
        {
            *mean += v / count;
            *constant &= v == first;
        }
    })?;
    let mut scale = vec![0.0f64; columns];
    pass(&mut |row| {
        for ((scale, v), mean) in scale.iter_mut().zip(row).zip(&mean) {
            *scale = larger(*scale, (v - mean).abs());
        }
    })?;
    let mut variance = vec![0.0; columns];
    pass(&mut |row| {
        let moments = mean.iter().zip(&scale);
        for ((variance, v), (mean, scale)) in variance.iter_mut().zip(row).zip(moments) {
            *variance += ((v - mean) / scale).powi(2);
        }
    })?;
    Ok((0..first.len())
        .map(|k| match constant[k] {
            true => (first[k], 0.0),
            false => (mean[k], scale[k] * (variance[k] / count).sqrt()),
        })
        .collect())
}

impl Standardization {
    /// From mean and deviation of each feature and of the target.
    fn of(data: &Dataset, features: &[(f64, f64)], target: (f64, f64)) -> (Self, Vec<String>) {
        let scale = |std: f64| if std == 0.0 { 1.0 } else { std };
        let constant = features.iter().zip(&data.feature_names).filter(|((_, std), _)| *std == 0.0);
        let warnings = constant.map(|((mean, _), name)| {
            format!(
                "{}: feature {name:?} is {mean} in every row: centred, not scaled; it carries no \
                 information, consider removing it",
                data.source.display(),
            )
        });
        let transform = Self {
            feature_mean: features.iter().map(|(mean, _)| *mean).collect(),
            feature_std: features.iter().map(|(_, std)| scale(*std)).collect(),
            target_mean: target.0,
            target_std: scale(target.1),
        };
        (transform, warnings.collect())
    }

    /// Applies the transform fitted on the training data to other data.
    pub fn apply(&self, data: &mut Dataset) -> Result<(), PreprocessError> {
        if data.d != self.feature_mean.len() {
            return Err(PreprocessError::Dimension {
                source_file: data.source.display().to_string(),
                found: data.d,
                expected: self.feature_mean.len(),
            });
        }
        self.apply_unchecked(data);
        Ok(())
    }

    fn apply_unchecked(&self, data: &mut Dataset) {
        for row in data.x.chunks_exact_mut(data.d.max(1)) {
            for (v, (mean, std)) in
                row.iter_mut().zip(self.feature_mean.iter().zip(&self.feature_std))
            {
                *v = (*v - mean) / std;
            }
        }
        for y in &mut data.y {
            *y = (*y - self.target_mean) / self.target_std;
        }
    }

    /// A standardized prediction in the target's own unit.
    pub fn original_target(&self, y: f64) -> f64 {
        self.target_mean + self.target_std * y
    }
}

/// How well conditioned the rows were, and how orthonormal they are now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Whitening {
    /// Smallest eigenvalue of X X^T before.
    pub smallest_eigenvalue: f64,
    /// Largest eigenvalue of X X^T before.
    pub largest_eigenvalue: f64,
    /// max |X X^T - I| after.
    pub defect: f64,
}

/// Below this ratio of the extreme eigenvalues of X X^T its own rounding decides the result.
const INDEPENDENT: f64 = 1e-10;

/// Makes the rows of x orthonormal, X <- (X X^T)^{-1/2} X, the nearest such matrix: the inputs
/// that the theorems on orthogonal data ask for.
///
/// This mixes samples, not features, so there is nothing to apply to test data. Left unchanged on
/// error.
pub fn whiten(data: &mut Dataset) -> Result<Whitening, PreprocessError> {
    let (n, d) = (data.n, data.d);
    let source_file = data.source.display().to_string();
    if n > d {
        return Err(PreprocessError::TooManyRows { source_file, n, d });
    }
    // The result does not depend on the scale of X, but squares could overflow.
    let scale = max(data.x.iter().map(|v| v.abs()));
    let scale = if scale > 0.0 { scale } else { 1.0 };
    let mut x = DMatrix::from_row_slice(n, d, &data.x) / scale;
    let dependent = |smallest: f64, largest: f64| PreprocessError::DependentRows {
        source_file,
        n,
        smallest: smallest * scale * scale,
        largest: largest * scale * scale,
    };
    let Some(eigen) = SymmetricEigen::try_new(&x * x.transpose(), f64::EPSILON, 100 * (n + 1))
    else {
        return Err(dependent(f64::NAN, f64::NAN));
    };
    let (smallest, largest) = range(&eigen.eigenvalues);
    // Not `<=`: NaN is refused as well.
    if !matches!(smallest.partial_cmp(&(INDEPENDENT * largest)), Some(std::cmp::Ordering::Greater))
    {
        return Err(dependent(smallest, largest));
    }
    let inverse_root = DMatrix::from_diagonal(&DVector::from_iterator(
        n,
        eigen.eigenvalues.iter().map(|v| 1.0 / v.sqrt()),
    ));
    x = &eigen.eigenvectors * inverse_root * eigen.eigenvectors.transpose() * x;
    // X X^T squares the condition number; Newton's iteration for the polar factor,
    // X <- X + (I - X X^T) X / 2, squares the defect that leaves, from 1e-6 at worst.
    let error = |x: &DMatrix<f64>| DMatrix::identity(n, n) - x * x.transpose();
    for _ in 0..2 {
        x += error(&x) * &x * 0.5;
    }
    let defect = max(error(&x).iter().map(|x| x.abs()));
    data.x = x.transpose().as_slice().to_vec();
    Ok(Whitening {
        smallest_eigenvalue: smallest * scale * scale,
        largest_eigenvalue: largest * scale * scale,
        defect,
    })
}

/// Appends a feature `bias` equal to 1, which gives every neuron an offset. After standardizing,
/// which would set it to 0.
pub fn append_bias(data: &mut Dataset) {
    // No row at all where the table stays on disk.
    let mut x = Vec::with_capacity(data.x.len() + data.x.len() / data.d);
    for row in data.x.chunks_exact(data.d) {
        x.extend_from_slice(row);
        x.push(1.0);
    }
    data.x = x;
    data.d += 1;
    data.feature_names.push("bias".to_owned());
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use oracle::{Data, defect_norm};

    fn dataset(n: usize, d: usize, x: Vec<f64>, y: Vec<f64>) -> Dataset {
        Dataset {
            x,
            y,
            n,
            d,
            feature_names: (0..d).map(|k| format!("f{k}")).collect(),
            target_name: "y".into(),
            target_index: d,
            source: PathBuf::from("t.csv"),
        }
    }

    /// Full rank, without structure.
    fn waves(n: usize, d: usize) -> Dataset {
        let x = (0..n * d).map(|m| ((m * m) as f64 * 0.37 + 1.0).sin()).collect();
        dataset(n, d, x, (0..n).map(|i| i as f64).collect())
    }

    #[test]
    fn standardize_by_hand() {
        let mut data = dataset(2, 3, vec![1.0, 0.1, 1e300, 3.0, 0.1, -1e300], vec![0.0, 4.0]);
        let (transform, warnings) = standardize(&mut data);
        assert_eq!(data.x, [-1.0, 0.0, 1.0, 1.0, 0.0, -1.0]);
        assert_eq!(data.y, [-1.0, 1.0]);
        assert_eq!(transform.feature_mean, [2.0, 0.1, 0.0]);
        assert_eq!(transform.feature_std, [1.0, 1.0, 1e300]);
        assert_eq!(transform.original_target(1.0), 4.0);
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].starts_with("t.csv: feature \"f1\" is 0.1 in every row: centred"));

        let mut test = dataset(1, 3, vec![5.0, 1.1, 1e300], vec![6.0]);
        transform.apply(&mut test).unwrap();
        assert_eq!((test.x, test.y), (vec![3.0, 1.0, 1.0], vec![2.0]));
        let error = transform.apply(&mut waves(3, 2)).unwrap_err().to_string();
        assert!(error.starts_with("t.csv: found 2 features, expected 3"), "{error}");
    }

    #[test]
    fn standardized_moments() {
        let mut data = waves(50, 4);
        standardize(&mut data);
        for k in 0..4 {
            let column: Vec<f64> = data.x.iter().skip(k).step_by(4).copied().collect();
            let mean: f64 = column.iter().sum::<f64>() / 50.0;
            let square: f64 = column.iter().map(|v| v * v).sum::<f64>() / 50.0;
            assert!(mean.abs() < 1e-14 && (square - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn whitened_rows_are_orthonormal() {
        for (n, d) in [(1, 1), (5, 9), (20, 20), (30, 100)] {
            let before = waves(n, d);
            let mut data = before.clone();
            let report = whiten(&mut data).unwrap();
            let rows = Data { n, d, x: data.x.clone(), y: data.y.clone() };
            assert!(defect_norm(&rows) < 1e-13 && report.defect < 1e-13, "{report:?}");
            // White X^T = (X X^T)^{1/2} is symmetric, which no other orthonormal basis gives.
            let product = |i: usize, k: usize| -> f64 {
                (0..d).map(|c| data.x[i * d + c] * before.x[k * d + c]).sum()
            };
            for i in 0..n {
                assert!(product(i, i) > 0.0);
                for k in 0..i {
                    assert!((product(i, k) - product(k, i)).abs() < 1e-8);
                }
            }
        }
    }

    #[test]
    fn whiten_survives_nearly_dependent_rows_and_any_scale() {
        for scale in [1e-200, 1.0, 1e200] {
            let x = [1.0, 1.0, 0.0, 1.0, 1.0, 1e-4].map(|v| v * scale).to_vec();
            let mut data = dataset(2, 3, x, vec![0.0, 1.0]);
            assert!(whiten(&mut data).unwrap().defect < 1e-14);
        }
    }

    #[test]
    fn whiten_says_why_not() {
        let mut tall = waves(3, 2);
        let unchanged = tall.clone();
        let text = whiten(&mut tall).unwrap_err().to_string();
        assert!(text.contains("n = 3 rows of d = 2 features, expected n <= d"), "{text}");
        assert_eq!(tall, unchanged);

        let mut repeated = dataset(2, 2, vec![1.0, 2.0, 1.0, 2.0], vec![0.0, 1.0]);
        let text = whiten(&mut repeated).unwrap_err().to_string();
        assert!(text.contains("dependent rows (smallest eigenvalue"), "{text}");
        assert!(text.contains("remove repeated"), "{text}");
        for value in [0.0, f64::NAN, f64::INFINITY] {
            let mut data = dataset(1, 2, vec![value; 2], vec![0.0]);
            assert!(whiten(&mut data).is_err(), "{value}");
        }
    }

    #[test]
    fn bias_column() {
        let mut data = dataset(2, 1, vec![5.0, 6.0], vec![0.0, 1.0]);
        append_bias(&mut data);
        assert_eq!((data.d, data.x), (2, vec![5.0, 1.0, 6.0, 1.0]));
        assert_eq!(data.feature_names, ["f0", "bias"]);
    }
}
