//! Rayleigh quotients and their lower bounds (paper `rayleigh`, section 3).
//!
//! R(A; x, y) = <x, A y> / (|x| |y|). For a model with differential D (n x p: outputs by parameters) the
//! tangent kernel is K* = D D^T, and the gradient flow of a loss l with gradient h in the outputs
//! has -dl/dt = <h, K* h> = R(K*; h, h) |h|^2: a lower bound of the quotient *along h* is a rate of convergence,
//! also where K* is singular.
//!
//! # What is proved here
//! For unit v in R^p, |D^T h| >= <D^T h, v> = <h, D v>, with equality for v along D^T h. Hence the three forms:
//!
//! - **variational** (Proposition 3.4): sqrt R(K*; h, h) = |D^T h|/|h| = sup_v <D v, h>/(|v| |h|), so that every
//!   direction gives a lower bound;
//! - **one direction split** (Proposition 3.5): <D v, h>/(|v| |h|) = (|D v|/|v|) cos(D v, h); and, over all directions,
//!   |D^T h| >= s cos(h, range D) |h| with s the least positive singular value of D: P h, the projection to the
//!   range, has D^T P h = D^T h, and D^T is bounded below by s on the range;
//! - **k directions** (a bound of this project beside Proposition 3.6, which has Gram matrices of the v_i and of functions g_i
//!   that span h instead): with V an orthonormal basis of span(v_1, .., v_k) and U = D V,
//!   |D^T h| >= |V^T D^T h| = |U^T h| >= s_min^+(U) cos(h, range U) |h|, by the above for U.

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, norm_sq};
use crate::real::Real;
use crate::rows::{item, lines, lines_mut};

/// R(A; x, y) of `a`, rows x columns row-major; NaN where x or y is 0. Cost: one multiply-add an element of A.
///
/// # Errors
/// [`Error::Shape`] when `a` does not have as many elements as `x` times `y`.
pub fn quotient<L: Lanes>(a: &[L::Elem], x: &[L::Elem], y: &[L::Elem]) -> Result<L::Elem, Error> {
    expect(Dim::Matrix, x.len().checked_mul(y.len()).ok_or(Error::TooLarge)?, a.len())?;
    let mut sum = L::Elem::ZERO;
    for (row, &x) in lines(a, y.len()).zip(x) {
        sum += x * dot::<L>(row, y);
    }
    Ok(sum / (norm_sq::<L>(x).sqrt() * norm_sq::<L>(y).sqrt()))
}

/// A quantity, a lower bound of it, and how far they are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounded<T> {
    /// What is bounded: sqrt R(K*; h, h) = |D^T h|/|h|.
    pub value: T,
    /// Never above it, but for rounding.
    pub bound: T,
    /// value - bound.
    pub slack: T,
}

impl<T: Real> Bounded<T> {
    fn new(value: T, bound: T) -> Self {
        Bounded { value, bound, slack: value - bound }
    }
}

/// A bound that is a product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split<T> {
    /// |D v|/|v|, or a least positive singular value.
    pub gain: T,
    /// cos(D v, h), or the cosine of the angle between h and a range.
    pub cosine: T,
    /// sqrt R(K*; h, h) and gain x cosine.
    pub bounded: Bounded<T>,
}

/// D, the n x p matrix of the derivatives of n outputs by p parameters.
#[derive(Clone, Copy, Debug)]
pub struct Differential<'a, T> {
    d: &'a [T],
    n: usize,
    p: usize,
}

impl<'a, T: Real> Differential<'a, T> {
    /// `d` is n x p row-major.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Shape`], [`Error::TooLarge`].
    pub fn new(d: &'a [T], n: usize, p: usize) -> Result<Self, Error> {
        for (dim, size) in [(Dim::N, n), (Dim::P, p)] {
            if size == 0 {
                return Err(Error::Empty { dim });
            }
        }
        expect(Dim::Matrix, n.checked_mul(p).ok_or(Error::TooLarge)?, d.len())?;
        Ok(Differential { d, n, p })
    }

    /// D v, to `out`. Cost: n p.
    ///
    /// # Errors
    /// [`Error::Shape`] for `v` (p) and `out` (n).
    pub fn apply<L: Lanes<Elem = T>>(&self, v: &[T], out: &mut [T]) -> Result<(), Error> {
        expect(Dim::P, self.p, v.len())?;
        expect(Dim::Output, self.n, out.len())?;
        self.image::<L>(v, out);
        Ok(())
    }

    fn image<L: Lanes<Elem = T>>(&self, v: &[T], out: &mut [T]) {
        for (out, row) in out.iter_mut().zip(lines(self.d, self.p)) {
            *out = dot::<L>(row, v);
        }
    }

    /// D^T h, to `out`. Cost: n p.
    ///
    /// # Errors
    /// [`Error::Shape`] for `h` (n) and `out` (p).
    pub fn adjoint<L: Lanes<Elem = T>>(&self, h: &[T], out: &mut [T]) -> Result<(), Error> {
        expect(Dim::N, self.n, h.len())?;
        expect(Dim::Output, self.p, out.len())?;
        out.fill(T::ZERO);
        for (row, &h) in lines(self.d, self.p).zip(h) {
            axpy::<L>(h, row, out);
        }
        Ok(())
    }

    /// R(D D^T; h, g) = <D^T h, D^T g> / (|h| |g|), without forming D D^T. `memory` needs 2 p elements.
    ///
    /// # Errors
    /// [`Error::Shape`] for `h` and `g` (n), [`Error::Memory`].
    pub fn quotient<L: Lanes<Elem = T>>(
        &self,
        h: &[T],
        g: &[T],
        memory: &mut [T],
    ) -> Result<T, Error> {
        let (left, right) = halves(memory, self.p, self.p)?;
        self.adjoint::<L>(h, left)?;
        self.adjoint::<L>(g, right)?;
        let norms = norm_sq::<L>(h).sqrt() * norm_sq::<L>(g).sqrt();
        Ok(dot::<L>(left, right) / norms)
    }

    /// |D^T h|/|h|; `memory` has p.
    fn value<L: Lanes<Elem = T>>(&self, h: &[T], memory: &mut [T]) -> Result<T, Error> {
        self.adjoint::<L>(h, memory)?;
        Ok((norm_sq::<L>(memory) / norm_sq::<L>(h)).sqrt())
    }

    /// Proposition 3.4 and the direction form of 3.5: sqrt R(K*; h, h) against (|D v|/|v|) cos(D v, h) = <D v, h>/(|v|
    /// |h|), where a D v = 0 has cosine 0. `memory` needs n + p elements. Cost: 2 n p.
    ///
    /// # Errors
    /// [`Error::Shape`] for `h` (n) and `v` (p), [`Error::Memory`].
    pub fn direction<L: Lanes<Elem = T>>(
        &self,
        h: &[T],
        v: &[T],
        memory: &mut [T],
    ) -> Result<Split<T>, Error> {
        let (along, rest) = halves(memory, self.n, self.p)?;
        let value = self.value::<L>(h, rest)?;
        self.apply::<L>(v, along)?;
        let (size, of_v) = (norm_sq::<L>(along).sqrt(), norm_sq::<L>(v).sqrt());
        let overlap = dot::<L>(along, h) / norm_sq::<L>(h).sqrt();
        let cosine = if size > T::ZERO { overlap / size } else { T::ZERO };
        let bounded = Bounded::new(value, overlap / of_v);
        Ok(Split { gain: size / of_v, cosine, bounded })
    }

    /// Elements of memory for [`directions`](Self::directions) with k directions, and for [`split`](Self::split)
    /// with k = p.
    pub const fn len(n: usize, p: usize, k: usize) -> usize {
        k * (n + p) + p
    }

    /// The bound of k directions: `directions` is k x p row-major and is taken for its span; lengths and dependent
    /// directions do not matter. Where D is 0 on the span, gain and cosine are 0.
    ///
    /// Singular values below max(n, p) eps times the largest count as 0. Those of U = D V are found by turning
    /// its columns in pairs until they are orthogonal (Hestenes), which keeps small ones accurate.
    /// `memory` needs [`len`](Self::len). Cost: k n p and some 10 k^2 n.
    ///
    /// # Errors
    /// [`Error::Shape`] for `h` (n) and `directions` (whole rows of p), [`Error::TooLarge`], [`Error::Memory`].
    pub fn directions<L: Lanes<Elem = T>>(
        &self,
        h: &[T],
        directions: &[T],
        memory: &mut [T],
    ) -> Result<Split<T>, Error> {
        expect(Dim::N, self.n, h.len())?;
        let k = directions.len().checked_div(self.p).unwrap_or(0);
        expect(Dim::P, k * self.p, directions.len())?;
        let columns = k.checked_mul(self.n).ok_or(Error::TooLarge)?;
        let (u, rest) = halves(memory, columns, directions.len() + self.p)?;
        let (v, rest) = halves(rest, directions.len(), self.p)?;
        let value = self.value::<L>(h, rest)?;
        for (v, &direction) in v.iter_mut().zip(directions) {
            *v = direction;
        }
        orthonormalise::<L>(v, self.p);
        for (u, v) in lines_mut(u, self.n).zip(lines(v, self.p)) {
            self.image::<L>(v, u);
        }
        Ok(self.turned::<L>(h, value, u))
    }

    /// Proposition 3.5: sqrt R(K*; h, h) against the least positive singular value of D times cos(h, range D).
    /// As [`directions`](Self::directions) with all p of them: `memory` needs [`len(n, p, p)`](Self::len); cost: some 10 n p^2.
    ///
    /// # Errors
    /// [`Error::Shape`] for `h` (n), [`Error::TooLarge`], [`Error::Memory`].
    pub fn split<L: Lanes<Elem = T>>(&self, h: &[T], memory: &mut [T]) -> Result<Split<T>, Error> {
        let (u, rest) = halves(memory, self.d.len(), self.p)?;
        let value = self.value::<L>(h, rest)?;
        for (at, column) in lines_mut(u, self.n).enumerate() {
            for (u, row) in column.iter_mut().zip(lines(self.d, self.p)) {
                *u = item(row, at);
            }
        }
        Ok(self.turned::<L>(h, value, u))
    }

    fn turned<L: Lanes<Elem = T>>(&self, h: &[T], value: T, u: &mut [T]) -> Split<T> {
        orthogonalise::<L>(u, self.n);
        let largest = lines(u, self.n).fold(T::ZERO, |most, u| most.max(norm_sq::<L>(u)));
        let noise = T::from_usize(self.n.max(self.p)) * T::EPSILON;
        let (mut least, mut square) = (T::INFINITY, T::ZERO);
        for u in lines(u, self.n) {
            let size = norm_sq::<L>(u);
            if size > noise * noise * largest {
                let overlap = dot::<L>(u, h);
                least = least.min(size);
                square += overlap * overlap / size;
            }
        }
        let gain = if least < T::INFINITY { least.sqrt() } else { T::ZERO };
        let cosine = (square / norm_sq::<L>(h)).sqrt().min(T::ONE);
        Split { gain, cosine, bounded: Bounded::new(value, gain * cosine) }
    }
}

/// The first `left` and the next `right` elements.
fn halves<T>(memory: &mut [T], left: usize, right: usize) -> Result<(&mut [T], &mut [T]), Error> {
    let needed = left.checked_add(right).ok_or(Error::TooLarge)?;
    let short = Error::Memory { needed, found: memory.len() };
    let (first, rest) = memory.split_at_mut_checked(left).ok_or(short)?;
    Ok((first, rest.get_mut(..right).ok_or(short)?))
}

/// Rows of `len`: Gram and Schmidt, twice each; what is left of a dependent one becomes 0.
fn orthonormalise<L: Lanes>(rows: &mut [L::Elem], len: usize) {
    let mut done = 0;
    while let Some((before, rest)) = rows.split_at_mut_checked(done)
        && let Some(row) = rest.get_mut(..len)
        && len > 0
    {
        let start = norm_sq::<L>(row).sqrt();
        for _ in 0..2 {
            for other in lines(before, len) {
                let overlap = dot::<L>(other, row);
                axpy::<L>(-overlap, other, row);
            }
        }
        let size = norm_sq::<L>(row).sqrt();
        let noise = L::Elem::from_usize(len) * L::Elem::EPSILON * start;
        let kept = size > noise;
        row.iter_mut().for_each(|x| *x = if kept { *x / size } else { L::Elem::ZERO });
        done += len;
    }
}

/// Turns the rows of `len` in pairs until all are orthogonal: one-sided Jacobi rotations.
fn orthogonalise<L: Lanes>(rows: &mut [L::Elem], len: usize) {
    let one = L::Elem::ONE;
    // Converges by squares after some five sweeps.
    for _ in 0..30 {
        let (mut turned, mut start) = (false, 0);
        while let Some((head, tail)) = rows.split_at_mut_checked(start + len)
            && let Some(x) = head.get_mut(start..)
            && !x.is_empty()
        {
            for y in lines_mut(tail, len) {
                let (a, b, overlap) = (norm_sq::<L>(x), norm_sq::<L>(y), dot::<L>(x, y));
                if !(overlap.abs() > L::Elem::EPSILON * (a.sqrt() * b.sqrt())) {
                    continue;
                }
                turned = true;
                let half = (b - a) / (overlap + overlap);
                let size = one / (half.abs() + (one + half * half).sqrt());
                let tangent = if half < L::Elem::ZERO { -size } else { size };
                let cosine = one / (one + tangent * tangent).sqrt();
                let sine = cosine * tangent;
                for (x, y) in x.iter_mut().zip(y) {
                    (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
                }
            }
            start += len;
        }
        if !turned {
            return;
        }
    }
}
