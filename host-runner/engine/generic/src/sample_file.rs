//! Samples that are not in memory.
use lab::Failure;
use std::fmt::Debug;
use std::ops::Range;

/// Samples that stay in a file and are read piece by piece, in either precision.
pub trait SampleFile: Debug + Send + Sync {
    /// Samples.
    fn n(&self) -> usize;
    /// Input dimension.
    fn d(&self) -> usize;
    /// Reads some samples, rounded to f32.
    fn read_f32(&self, at: Range<usize>, rows: &mut Rows<f32>) -> Result<(), Failure>;
    /// Reads some samples.
    fn read_f64(&self, at: Range<usize>, rows: &mut Rows<f64>) -> Result<(), Failure>;
}

/// Memory for the samples of a piece that were converted.
#[derive(Debug, Default)]
pub struct Rows<T> {
    /// Inputs, row-major.
    pub x: Vec<T>,
    /// Targets.
    pub y: Vec<T>,
}
