//! Where samples come from.
use crate::number::Number;
use crate::sample_file::{Rows, SampleFile};
use lab::Failure;
use reluflow::SamplesView;
use std::ops::Range;

/// The samples of a run in the precision of its kernels.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a, T> {
    /// All of them.
    Memory(SamplesView<'a, T>),
    /// A file, from which pieces are converted as they are asked for.
    File(&'a dyn SampleFile),
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
