//! Activation pattern `1[z_ji > 0]`, one bit for each neuron and sample.

use crate::error::{Dim, Error, expect};
use crate::real::Real;
use crate::rows::{lines, lines_mut, up_to};

/// The pattern of p neurons on n samples, in the caller's words: one row of ceil(n / 32) words for
/// each neuron, sample i in bit i mod 32 of word i / 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern<'a> {
    words: &'a [u32],
    p: usize,
    n: usize,
}

impl<'a> Pattern<'a> {
    /// Words that p neurons on n samples need.
    pub const fn len(p: usize, n: usize) -> usize {
        p * n.div_ceil(32)
    }

    /// Reads the signs of `z`, p x n row-major. A NaN is not active.
    ///
    /// # Errors
    /// [`Error::Empty`] when p or n is 0, [`Error::Shape`] when `z` does not have p n elements,
    /// [`Error::Memory`] when there are fewer than [`len`](Pattern::len) words.
    pub fn of<T: Real>(p: usize, n: usize, z: &[T], words: &'a mut [u32]) -> Result<Self, Error> {
        if p == 0 {
            return Err(Error::Empty { dim: Dim::P });
        }
        if n == 0 {
            return Err(Error::Empty { dim: Dim::N });
        }
        expect(Dim::Output, p * n, z.len())?;
        let (needed, found) = (Self::len(p, n), words.len());
        let Some(words) = words.get_mut(..needed) else {
            return Err(Error::Memory { needed, found });
        };
        for (row, mut z) in lines_mut(words, n.div_ceil(32)).zip(lines(z, n)) {
            for word in row {
                let (part, rest) = up_to(z, 32);
                z = rest;
                *word = part.iter().rev().fold(0, |word, &z| word << 1 | u32::from(z > T::ZERO));
            }
        }
        Ok(Pattern { words, p, n })
    }

    /// Is neuron j active on sample i? `false` outside the pattern.
    pub fn is_active(self, j: usize, i: usize) -> bool {
        let word = self.words.get(j * self.n.div_ceil(32) + i / 32);
        i < self.n && word.is_some_and(|word| word >> (i % 32) & 1 == 1)
    }

    /// Active pairs.
    pub fn count(self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Pairs that are active in one pattern and not in the other.
    ///
    /// # Errors
    /// [`Error::Shape`] when the patterns differ in size.
    pub fn changes(self, other: Pattern<'_>) -> Result<usize, Error> {
        expect(Dim::P, self.p, other.p)?;
        expect(Dim::N, self.n, other.n)?;
        let words = self.words.iter().zip(other.words);
        Ok(words.map(|(x, y)| (x ^ y).count_ones() as usize).sum())
    }

    /// Is any neuron active on every sample? Otherwise the first sample that no neuron sees, which
    /// stays unseen for ever on orthogonal data.
    pub fn unseen(self) -> Option<usize> {
        (0..self.n).find(|&i| (0..self.p).all(|j| !self.is_active(j, i)))
    }
}
