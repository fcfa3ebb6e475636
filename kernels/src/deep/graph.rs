//! Graphs on samples: the matrix S = D^(-1/2) A D^(-1/2) of a graph convolution.

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::parts::Parts;
use crate::real::Real;
use crate::rows::{slice, slice_mut};

/// S on n samples, its rows compressed: row i has the entries `starts[i]..starts[i + 1]` of
/// `neighbours` and `weights`.
#[derive(Clone, Copy, Debug)]
pub struct Graph<'a, T> {
    starts: &'a [usize],
    neighbours: &'a [usize],
    weights: &'a [T],
}

impl<'a, T: Real> Graph<'a, T> {
    /// From the neighbours of each sample, writing S_ik = 1 / sqrt(deg_i deg_k) into `weights`, where
    /// deg_i is the number of neighbours of i.
    ///
    /// A is symmetric: k is a neighbour of i where i is one of k. As is usual for graph convolutions
    /// each sample should be a neighbour of its own. `starts` has n + 1 ascending numbers from 0 to the
    /// length of `neighbours`. Then the eigenvalues of S lie in [-1, 1].
    ///
    /// # Errors
    /// [`Error::Empty`] without samples, [`Error::Shape`] when `weights` and `neighbours` differ in
    /// length, [`Error::Graph`] with the first sample whose neighbours are not ascending, are not
    /// samples, are none, or do not have it as theirs.
    pub fn normalised(
        starts: &'a [usize],
        neighbours: &'a [usize],
        weights: &'a mut [T],
    ) -> Result<Self, Error> {
        let n = starts.len().saturating_sub(1);
        if n == 0 {
            return Err(Error::Empty { dim: Dim::N });
        }
        expect(Dim::Output, neighbours.len(), weights.len())?;
        let row = |i: usize| -> Option<&'a [usize]> {
            neighbours.get(*starts.get(i)?..*starts.get(i + 1)?)
        };
        if starts.first() != Some(&0) || starts.last() != Some(&neighbours.len()) {
            return Err(Error::Graph { i: 0 });
        }
        for i in 0..n {
            let of = row(i).filter(|of| !of.is_empty()).ok_or(Error::Graph { i })?;
            let ascending = of.iter().zip(of.iter().skip(1)).all(|(k, next)| k < next);
            let mutual = |&k: &usize| row(k).is_some_and(|of| of.binary_search(&i).is_ok());
            if !ascending || !of.iter().all(mutual) {
                return Err(Error::Graph { i });
            }
        }
        let degree = |i: usize| T::from_usize(row(i).map_or(1, <[usize]>::len));
        let mut weight = weights.iter_mut();
        for i in 0..n {
            for (&k, weight) in row(i).into_iter().flatten().zip(weight.by_ref()) {
                *weight = T::ONE / (degree(i) * degree(k)).sqrt();
            }
        }
        Ok(Graph { starts, neighbours, weights })
    }

    /// Samples.
    pub fn n(self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// (k, S_ik) of row i, k ascending.
    pub fn row(self, i: usize) -> impl Iterator<Item = (usize, T)> {
        let range = match (self.starts.get(i), self.starts.get(i + 1)) {
            (Some(&from), Some(&to)) => from..to,
            _ => 0..0,
        };
        let neighbours = slice(self.neighbours, range.clone());
        let weights = slice(self.weights, range);
        neighbours.iter().copied().zip(weights.iter().copied())
    }

    /// Out = S X for matrices with a row for each sample, both in panels of `cols` chunks.
    ///
    /// Neighbours ascending in one sum a number. Cost: one multiply-add for each neighbour and number.
    pub(crate) fn mix<L: Lanes<Elem = T>>(self, cols: usize, x: &[L::Chunk], out: &mut [L::Chunk]) {
        let n = self.n();
        for (first, size) in Parts::of(cols, L::PANEL).each() {
            let panel = first * n..(first + size) * n;
            let (x, out) = (slice(x, panel.clone()), slice_mut(out, panel));
            match size {
                1 => self.mix_panel::<L, 1>(x, out),
                2 => self.mix_panel::<L, 2>(x, out),
                3 => self.mix_panel::<L, 3>(x, out),
                _ => self.mix_panel::<L, 4>(x, out),
            }
        }
    }

    fn mix_panel<L: Lanes<Elem = T>, const V: usize>(self, x: &[L::Chunk], out: &mut [L::Chunk]) {
        let (x, out) = (x.as_chunks::<V>().0, out.as_chunks_mut::<V>().0);
        for (i, out) in out.iter_mut().enumerate() {
            let mut sum = [L::zero(); V];
            for (k, weight) in self.row(i) {
                let weight = L::splat(weight);
                for (sum, x) in sum.iter_mut().zip(x.get(k).into_iter().flatten()) {
                    *sum = weight.mul_add(L::load(x), *sum);
                }
            }
            for (sum, out) in sum.into_iter().zip(out) {
                sum.store(out);
            }
        }
    }
}
