//! Where samples come from.
use crate::number::Number;
use lab::Failure;
use reluflow::SamplesView;
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

/// The samples of a run in the precision of its kernels.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a, T> {
    /// All of them.
    Memory(SamplesView<'a, T>),
    /// A file, from which pieces are converted as they are asked for.
    File(&'a dyn SampleFile),
}

/// Memory for the samples of a piece that were converted.
#[derive(Debug, Default)]
pub struct Rows<T> {
    /// Inputs, row-major.
    pub x: Vec<T>,
    /// Targets.
    pub y: Vec<T>,
}

impl<T: Number> Source<'_, T> {
    /// Samples.
    pub fn n(&self) -> usize {
        match self {
            Self::Memory(samples) => samples.n(),
            Self::File(file) => file.n(),
        }
    }

    /// Input dimension.
    pub fn d(&self) -> usize {
        match self {
            Self::Memory(samples) => samples.d(),
            Self::File(file) => file.d(),
        }
    }

    /// Some samples, where they are or in `rows`.
    pub fn piece<'b>(
        &'b self,
        at: Range<usize>,
        rows: &'b mut Rows<T>,
    ) -> Result<SamplesView<'b, T>, Failure> {
        let d = self.d();
        Ok(match self {
            Self::Memory(samples) => {
                let x = &samples.x()[at.start * d..at.end * d];
                SamplesView::new(x, &samples.y()[at], d)?
            }
            Self::File(file) => {
                T::read(*file, at, rows)?;
                SamplesView::new(&rows.x, &rows.y, d)?
            }
        })
    }
}
