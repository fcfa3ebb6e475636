//! The two ends of the spectrum of a symmetric matrix that is known by its products only, with bounds.
//!
//! Lanczos' method: from a random unit start v_1 in R^n, A V = V T + b_k v_(k+1) e_k^T with
//! orthonormal V = (v_1, .., v_k) and a tridiagonal T, whose extreme eigenvalues (*Ritz values*)
//! are found by bisection. Every vector is orthogonalised against all before it, twice, which costs
//! 4 n k multiply-adds a step beside the product and leaves no spurious copies of an eigenvalue.
//!
//! # What is certain, and what is so with high probability
//! The least Ritz value is never below the least eigenvalue. How far above it may be, no residual
//! says: that some eigenvalue is within the residual does not make it the last one. The bound on
//! the other side is the polynomial one of Van Dorsselaer, Hochstenbach and Van der Vorst
//! (Computing probabilistic bounds for extreme eigenvalues of symmetric matrices with the Lanczos
//! method, SIAM J. Matrix Anal. Appl. 22, 2000). v_(k+1) = p_k(A) v_1 has norm 1, so an eigenvalue
//! l whose unit eigenvector has the component g in the start obeys |p_k(l)| |g| <= 1, and |p_k|
//! grows monotonically outside of its zeros, the Ritz values. A random start has |g| >= delta
//! except with probability delta sqrt(2n/pi) at most: the density of one coordinate on the sphere
//! is at most sqrt((n-1)/(2 pi)). So the least eigenvalue lies between the point where |p_k| =
//! 1/delta and the Ritz value, whatever the gaps, for clusters and for singular matrices, with the
//! probability of [`Rules::failure`].
//!
//! # Breakdown
//! When b_k is rounding, the Krylov space is invariant. The run goes on from a fresh random
//! direction in the complement, T gets a zero beside its diagonal, and an eigenvector has to hide
//! from each start: with m of them each may fail with probability failure^(1/m), which raises delta
//! from 1e-12 over 1e-6 and 1e-4 to 1. After n steps T is A, and nothing but rounding is left.
//!
//! # Rounding
//! The computed T is taken for the exact one of a matrix within (product + 4 k eps) |A| of A, which
//! is presumed of full orthogonalisation and not proved here. Twice that is added to every bound; a
//! b_k below it counts as a breakdown at that size. Components g below
//! it are rounding too: a failure probability below about sqrt(n) eps, 1e-6 in f32, is a margin and
//! not a claim. Squares of A's entries must neither overflow nor underflow.

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::error::{Dim, Error, expect};
use crate::init::normal;
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, norm_sq};
use crate::real::Real;
use crate::rows::{item, lines, put, slice, slice_mut, split_mut};

mod bound;
mod ends;
mod tridiagonal;

pub use ends::{End, Extreme, Rules, Spectrum};

use bound::Start;
use tridiagonal::Tridiagonal;

/// Lanczos' method on a symmetric `size` x `size` matrix, in the caller's memory.
///
/// ```
/// use reluflow::spectrum::{Lanczos, Rules};
/// let mut memory = [0.0f64; Lanczos::<f64>::len(3, 3)];
/// let rng = reluflow::init::stream(1, "readme", 0, 0);
/// let mut lanczos = Lanczos::<f64>::new(3, 3, Rules::new(3), rng, &mut memory)?;
/// let ends = lanczos.run(&mut |x: &[f64], ax: &mut [f64]| {
///     ax.iter_mut().zip(x).zip([1.0, 2.0, 4.0]).for_each(|((ax, x), value)| *ax = value * x);
/// })?;
/// assert!(ends.least.low <= 1.0 && 1.0 <= ends.least.high && ends.converged(1e-12));
/// # Ok::<(), reluflow::Error>(())
/// ```
#[derive(Debug)]
pub struct Lanczos<'m, L: Lanes> {
    size: usize,
    limit: usize,
    taken: usize,
    rules: Rules<L::Elem>,
    rng: Xoshiro256PlusPlus,
    /// Largest absolute row sum of T.
    norm: L::Elem,
    /// (limit + 1) x size: v_1, v_2, ...
    vectors: &'m mut [L::Elem],
    /// Diagonal of T.
    alpha: &'m mut [L::Elem],
    /// Beside it; 0 where a Krylov space was complete.
    beta: &'m mut [L::Elem],
    /// An eigenvector of T, and what it takes to find it.
    coefficients: &'m mut [L::Elem],
    scratch: &'m mut [L::Elem],
}

impl<'m, L: Lanes> Lanczos<'m, L> {
    /// Elements of memory for at most `steps` steps. More than `size` are never taken, fewer than 1
    /// count as 1.
    pub const fn len(size: usize, steps: usize) -> usize {
        let limit = limit(size, steps);
        (limit + 1) * size + 4 * limit
    }

    /// From a normal start drawn from `rng`, e.g. an [`init::stream`](crate::init::stream).
    ///
    /// # Errors
    /// [`Error::Empty`] when `size` is 0, [`Error::TooLarge`], [`Error::Memory`].
    pub fn new(
        size: usize,
        steps: usize,
        rules: Rules<L::Elem>,
        rng: Xoshiro256PlusPlus,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        let mut lanczos = Self::carve(size, steps, rules, rng, memory)?;
        lanczos.draw();
        Ok(lanczos)
    }

    /// From the caller's `start`, which must be a draw from a law that is the same in every
    /// direction, or the bounds mean nothing. `rng` is for what comes after a breakdown, and for a
    /// start of zeros.
    ///
    /// # Errors
    /// As [`new`](Lanczos::new), and [`Error::NonFinite`].
    pub fn with_start(
        start: &[L::Elem],
        steps: usize,
        rules: Rules<L::Elem>,
        rng: Xoshiro256PlusPlus,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        if let Some(at) = start.iter().position(|x| !x.is_finite()) {
            return Err(Error::NonFinite { at });
        }
        let mut lanczos = Self::carve(start.len(), steps, rules, rng, memory)?;
        for (v, &x) in lanczos.vectors.iter_mut().zip(start) {
            *v = x;
        }
        let first = slice_mut(lanczos.vectors, ..start.len());
        if normalise::<L>(first) == L::Elem::ZERO {
            lanczos.draw();
        }
        Ok(lanczos)
    }

    fn carve(
        size: usize,
        steps: usize,
        rules: Rules<L::Elem>,
        rng: Xoshiro256PlusPlus,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        if size == 0 {
            return Err(Error::Empty { dim: Dim::N });
        }
        let limit = limit(size, steps);
        if size.checked_mul(limit + 1).and_then(|len| len.checked_add(4 * limit)).is_none() {
            return Err(Error::TooLarge);
        }
        let (needed, found) = (Self::len(size, steps), memory.len());
        let parts = memory.split_at_mut_checked((limit + 1) * size).and_then(|(v, rest)| {
            let (alpha, rest) = rest.split_at_mut_checked(limit)?;
            let (beta, rest) = rest.split_at_mut_checked(limit)?;
            let (coefficients, rest) = rest.split_at_mut_checked(limit)?;
            Some((v, alpha, beta, coefficients, rest.get_mut(..limit)?))
        });
        let Some((vectors, alpha, beta, coefficients, scratch)) = parts else {
            return Err(Error::Memory { needed, found });
        };
        let (taken, norm) = (0, L::Elem::ZERO);
        Ok(Lanczos {
            size,
            limit,
            taken,
            rules,
            rng,
            norm,
            vectors,
            alpha,
            beta,
            coefficients,
            scratch,
        })
    }

    /// v_(taken + 1): a random unit vector orthogonal to those before it. False if there seems to
    /// be none.
    fn draw(&mut self) -> bool {
        let (before, rest) = split_mut(self.vectors, self.taken * self.size);
        let next = slice_mut(rest, ..self.size);
        // Once is all it takes, but for a generator that repeats itself.
        for _ in 0..8 {
            next.fill_with(|| L::Elem::from_f64(normal(&mut self.rng)));
            let mut size = normalise::<L>(next);
            for _ in 0..3 {
                orthogonalise::<L>(before, next);
                size = normalise::<L>(next);
            }
            if size > L::Elem::from_f64(0.5) {
                return true;
            }
        }
        false
    }

    /// One step, with one product: `product` writes A x to its second argument. False when no step
    /// was left to take. Cost: the product and 4 n k.
    ///
    /// # Errors
    /// [`Error::NonFinite`] when the product is not finite; no step is taken then.
    pub fn step(
        &mut self,
        product: &mut impl FnMut(&[L::Elem], &mut [L::Elem]),
    ) -> Result<bool, Error> {
        let last = self.taken.checked_sub(1).and_then(|last| self.beta.get(last)).copied();
        if self.is_done() || (last == Some(L::Elem::ZERO) && !self.draw()) {
            return Ok(false);
        }
        let before = self.taken * self.size;
        let (basis, rest) = split_mut(self.vectors, before + self.size);
        let next = slice_mut(rest, ..self.size);
        product(slice(basis, before..), next);
        if let Some(at) = next.iter().position(|x| !x.is_finite()) {
            return Err(Error::NonFinite { at });
        }
        let mut alpha = orthogonalise::<L>(basis, next);
        alpha += orthogonalise::<L>(basis, next);
        let beta = norm_sq::<L>(next).sqrt();
        self.norm = self.norm.max(alpha.abs() + beta + last.unwrap_or(L::Elem::ZERO));
        let complete = !(beta > noise(&self.rules, self.taken + 1) * self.norm);
        if !complete {
            next.iter_mut().for_each(|x| *x = *x / beta);
        }
        put(self.alpha, self.taken, alpha);
        put(self.beta, self.taken, if complete { L::Elem::ZERO } else { beta });
        self.taken += 1;
        Ok(true)
    }

    /// All steps that are left, then the bounds. Cost: the products and 2 n k^2.
    ///
    /// # Errors
    /// As [`step`](Lanczos::step).
    pub fn run(
        &mut self,
        product: &mut impl FnMut(&[L::Elem], &mut [L::Elem]),
    ) -> Result<Spectrum<L::Elem>, Error> {
        while self.step(product)? {}
        Ok(self.spectrum())
    }

    /// Steps taken.
    pub const fn steps(&self) -> usize {
        self.taken
    }

    /// Has it taken all its steps?
    pub const fn is_done(&self) -> bool {
        self.taken >= self.limit
    }

    fn tridiagonal(&self, end: End) -> Tridiagonal<'_, L::Elem> {
        Tridiagonal::of(self.alpha, self.beta, self.taken, end, self.norm)
    }

    /// The Ritz value at `end`, negative for the greatest; its vector in `coefficients`.
    fn ritz(&mut self, end: End) -> L::Elem {
        let t = Tridiagonal::of(self.alpha, self.beta, self.taken, end, self.norm);
        let value = t.least();
        t.vector(value, self.coefficients, self.scratch);
        value
    }

    /// Both ends as known now; before the first step, nothing: every bound is infinite. Cost: about
    /// 150 k, no product.
    pub fn spectrum(&mut self) -> Spectrum<L::Elem> {
        let infinity = L::Elem::INFINITY;
        if self.taken == 0 {
            let unknown = Extreme {
                value: L::Elem::ZERO,
                residual: infinity,
                low: -infinity,
                high: infinity,
            };
            return Spectrum { least: unknown, greatest: unknown };
        }
        let noise = noise(&self.rules, self.taken);
        let [least, greatest] = [End::Least, End::Greatest].map(|end| {
            let value = self.ritz(end);
            let last = self.taken - 1;
            let share = item(self.coefficients, last).abs();
            let residual = share * item(self.beta, last);
            let start = Start { size: self.size, failure: self.rules.failure, noise };
            (value, residual, start.reach(&self.tridiagonal(end), value))
        });
        // Early, the bounds are far apart and say little of |A|; |A v| >= |A| / sqrt(n) or so does.
        let bound = (least.0 - least.2).abs().max((greatest.0 - greatest.2).abs());
        let norm = bound.min(self.norm * L::Elem::from_usize(self.size).sqrt());
        let slack = (noise + noise) * norm;
        let floor = |low: L::Elem| {
            if self.rules.semidefinite { low.max(L::Elem::ZERO) } else { low }
        };
        let (lowest, highest) = (least.0 - least.2, greatest.2 - greatest.0);
        Spectrum {
            least: Extreme {
                value: least.0,
                residual: least.1,
                low: floor(lowest - slack),
                high: floor(least.0 + slack),
            },
            greatest: Extreme {
                value: -greatest.0,
                residual: greatest.1,
                low: floor(-greatest.0 - slack),
                high: floor(highest + slack),
            },
        }
    }

    /// Writes the unit Ritz vector of `end` to `out` and returns its Ritz value. Cost: n k.
    ///
    /// # Errors
    /// [`Error::Shape`] when `out` does not have `size` elements.
    pub fn vector(&mut self, end: End, out: &mut [L::Elem]) -> Result<L::Elem, Error> {
        expect(Dim::Output, self.size, out.len())?;
        out.fill(L::Elem::ZERO);
        if self.taken == 0 {
            return Ok(L::Elem::ZERO);
        }
        let least = self.ritz(end);
        let basis = lines(self.vectors, self.size);
        for (v, &share) in basis.zip(self.coefficients.iter()).take(self.taken) {
            axpy::<L>(share, v, out);
        }
        normalise::<L>(out);
        Ok(if end == End::Greatest { -least } else { least })
    }

    /// |A x - theta x| of the Ritz pair of `end`, measured by one more product: x is written to `x`, A x - theta x to `rest`.
    ///
    /// # Errors
    /// As [`vector`](Lanczos::vector), for both.
    pub fn residual(
        &mut self,
        end: End,
        product: &mut impl FnMut(&[L::Elem], &mut [L::Elem]),
        x: &mut [L::Elem],
        rest: &mut [L::Elem],
    ) -> Result<L::Elem, Error> {
        expect(Dim::Output, self.size, rest.len())?;
        let value = self.vector(end, x)?;
        product(x, rest);
        axpy::<L>(-value, x, rest);
        Ok(norm_sq::<L>(rest).sqrt())
    }
}

/// Rounding of T over |A| after `steps`.
fn noise<T: Real>(rules: &Rules<T>, steps: usize) -> T {
    rules.product + T::from_usize(4 * steps) * T::EPSILON
}

/// 1 to `size` steps.
const fn limit(size: usize, steps: usize) -> usize {
    match steps {
        0 => 1,
        _ if steps > size => size,
        _ => steps,
    }
}

/// x - V V^T x, for the rows of `basis`; returns <v, x> of the last one.
fn orthogonalise<L: Lanes>(basis: &[L::Elem], x: &mut [L::Elem]) -> L::Elem {
    let mut overlap = L::Elem::ZERO;
    for v in lines(basis, x.len()) {
        overlap = dot::<L>(v, x);
        axpy::<L>(-overlap, v, x);
    }
    overlap
}

/// x / |x|, left alone where that is 0; returns |x|.
fn normalise<L: Lanes>(x: &mut [L::Elem]) -> L::Elem {
    let size = norm_sq::<L>(x).sqrt();
    if size > L::Elem::ZERO {
        x.iter_mut().for_each(|x| *x = *x / size);
    }
    size
}
