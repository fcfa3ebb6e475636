//! Where samples come from.
use crate::dataset::Stream;
use crate::failure::Failure;
use reluflow::{Real, SamplesView};
use std::ops::Range;

/// The samples of a run in the precision of its kernels.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a, T> {
    /// All of them.
    Memory(SamplesView<'a, T>),
    /// A mapped file, from which pieces are converted as they are asked for.
    File(&'a Stream),
}

/// Memory for the samples of a piece that were converted.
#[derive(Debug, Default)]
pub struct Rows<T> {
    /// Inputs, row-major.
    pub x: Vec<T>,
    /// Targets.
    pub y: Vec<T>,
}

impl<T: Real> Source<'_, T> {
    /// Samples.
    pub fn n(&self) -> usize {
        match self {
            Self::Memory(samples) => samples.n(),
            Self::File(stream) => stream.n(),
        }
    }

    /// Input dimension.
    pub fn d(&self) -> usize {
        match self {
            Self::Memory(samples) => samples.d(),
            Self::File(stream) => stream.d(),
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
            Self::File(stream) => {
                stream.read(at, rows)?;
                SamplesView::new(&rows.x, &rows.y, d)?
            }
        })
    }
}
