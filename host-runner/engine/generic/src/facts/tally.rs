//! What pieces of a data set add to its facts.
use crate::number::Number;
use crate::numerics::Exact;
use crate::parallel::Source;
use crate::sample_file::Rows;
use lab::Failure;
use lab::statistics::{larger, max, smaller};
use nalgebra::DMatrix;
use reluflow::{Defect, Geometry, SamplesView};
use std::ops::Range;

/// Rows of x that a row of X X^T is added up over while it is in cache.
const STRIP: usize = 32;

/// Facts of some samples that add up.
#[derive(Debug)]
pub struct Tally {
    /// Extremes of |x_i| and |y_i|; its n and its defect say nothing.
    pub geometry: Geometry<f64>,
    /// Smallest and largest |x_i|^2, not fused as [`Tally::weyl`] has it.
    norms: [f64; 2],
    /// The first sample that is the zero vector.
    pub zero: Option<usize>,
    /// Lower triangle of X X^T; empty where it is not asked for.
    covariance: DMatrix<f64>,
}

impl Tally {
    /// Of `samples`, the first of which is sample `first` of all; with X X^T if `weyl`.
    pub fn of(samples: SamplesView<'_, f64>, first: usize, weyl: bool) -> Self {
        let geometry = Geometry::of::<Exact>(samples, Defect::exact(0.0));
        let (mut norms, mut zero) = ([f64::INFINITY, 0.0], None);
        for (i, x) in samples.rows().enumerate() {
            let square = dot(x, x);
            norms = [smaller(norms[0], square), larger(norms[1], square)];
            if square == 0.0 {
                zero = zero.or(Some(first + i));
            }
        }
        let d = if weyl { samples.d() } else { 0 };
        let mut covariance = DMatrix::zeros(d, d);
        for strip in samples.x().chunks(STRIP * samples.d()).filter(|_| weyl) {
            // Columns of the matrix lie in one place each: entry (l, k), l >= k, is in column k.
            for (k, column) in covariance.column_iter_mut().enumerate() {
                let sums = &mut column.data.into_slice_mut()[k..];
                for x in strip.chunks_exact(samples.d()) {
                    for (sum, &other) in sums.iter_mut().zip(&x[k..]) {
                        *sum += x[k] * other;
                    }
                }
            }
        }
        Self { geometry, norms, zero, covariance }
    }

    /// Adds what is known of the samples that follow.
    pub fn merge(mut self, next: Self) -> Self {
        let (all, more) = (&mut self.geometry, &next.geometry);
        (all.x_min, all.x_max) = (smaller(all.x_min, more.x_min), larger(all.x_max, more.x_max));
        (all.y_min, all.y_max) = (smaller(all.y_min, more.y_min), larger(all.y_max, more.y_max));
        self.norms = [smaller(self.norms[0], next.norms[0]), larger(self.norms[1], next.norms[1])];
        self.zero = self.zero.or(next.zero);
        self.covariance += next.covariance;
        self
    }

    /// A certain bracket of |X^T X - D_X|: X^T X has the eigenvalues of X X^T and zeros, and
    /// subtracting D_X moves each by something between its least and its largest entry.
    pub fn weyl(mut self) -> Defect<f64> {
        self.covariance.fill_upper_triangle_with_lower_triangle();
        let most = max(&self.covariance.symmetric_eigenvalues());
        let [least_norm, most_norm] = self.norms;
        let lower = larger(most - most_norm, 0.0);
        let upper = larger(most - least_norm, most_norm);
        Defect { lower, upper, residual: 0.0 }
    }
}

/// Memory to look at samples in f64.
#[derive(Debug, Default)]
pub struct Scratch<T> {
    narrow: Rows<T>,
    wide: Rows<f64>,
}

impl<T: Number> Scratch<T> {
    /// Some samples, exactly.
    pub fn samples(
        &mut self,
        source: &Source<'_, T>,
        at: Range<usize>,
    ) -> Result<SamplesView<'_, f64>, Failure> {
        let samples = source.piece(at, &mut self.narrow)?;
        self.wide.x.clear();
        self.wide.x.extend(samples.x().iter().map(|x| x.to_f64()));
        self.wide.y.clear();
        self.wide.y.extend(samples.y().iter().map(|y| y.to_f64()));
        Ok(SamplesView::new(&self.wide.x, &self.wide.y, samples.d())?)
    }
}

/// In ascending order, without fusing.
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}
