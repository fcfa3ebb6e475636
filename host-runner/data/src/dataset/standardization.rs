//! What makes a table one of mean 0 and deviation 1; found and applied in [`preprocess`](crate::preprocess).

/// value -> (value - mean) / std for every feature and the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardization {
    /// Mean of each of the d features.
    pub feature_mean: Vec<f64>,
    /// Standard deviation (division by n) of each feature; 1 for a constant one.
    pub feature_std: Vec<f64>,
    /// Mean of the target.
    pub target_mean: f64,
    /// Standard deviation of the target; 1 for a constant one.
    pub target_std: f64,
}
