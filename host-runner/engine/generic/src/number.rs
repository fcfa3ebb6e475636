//! The two precisions of the kernels, as seen from files and from f64.
use crate::sample_file::{Rows, SampleFile};
use lab::Failure;
use reluflow::{Lanes, Real, Step};
use std::ops::Range;

/// f32 or f64, between threads and from files.
pub trait Number: Real + Send + Sync + 'static {
    /// Reads some samples of a file.
    fn read(file: &dyn SampleFile, at: Range<usize>, rows: &mut Rows<Self>) -> Result<(), Failure>;
}

impl Number for f32 {
    fn read(file: &dyn SampleFile, at: Range<usize>, rows: &mut Rows<Self>) -> Result<(), Failure> {
        file.read_f32(at, rows)
    }
}

impl Number for f64 {
    fn read(file: &dyn SampleFile, at: Range<usize>, rows: &mut Rows<Self>) -> Result<(), Failure> {
        file.read_f64(at, rows)
    }
}

/// Lanes whose numbers threads may share, as those of every register may.
pub trait Shared: Lanes<Elem: Number, Chunk: Send + Sync> + 'static {}
impl<L: Lanes<Elem: Number, Chunk: Send + Sync> + 'static> Shared for L {}

/// To f64, exactly.
pub fn widen<T: Real>(x: &[T]) -> Vec<f64> {
    x.iter().map(|x| x.to_f64()).collect()
}

/// To another precision.
pub fn narrow<T: Real>(x: &[f64]) -> Vec<T> {
    x.iter().map(|&x| T::from_f64(x)).collect()
}

/// To another precision, into memory that is there.
pub fn narrow_into<T: Real>(x: &[f64], to: &mut Vec<T>) {
    to.clear();
    to.extend(x.iter().map(|&x| T::from_f64(x)));
}

/// What a step reports, measured where it starts; computed in the precision of the kernels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// L.
    pub loss: f64,
    /// mu = -d/dt log L; absent where the loss is 0.
    pub mu: Option<f64>,
}

impl Report {
    pub(crate) fn of<T: Real>(step: Step<T>) -> Self {
        Self { loss: step.loss.to_f64(), mu: step.mu().map(Real::to_f64) }
    }
}
