//! The flow of a smooth field y' = f(y): adaptive steps of order 5 with a dense interpolant.
//!
//! For flows without kinks: mirror flow, logistic regression, the parametric models of paper `rayleigh`.
//! [`Flow`](crate::Flow) is for networks with relu, whose kinks this would only notice as steps
//! that fail. The method is that of [`tableau`](crate::flow::tableau).
//!
//! The local error of a step is held below `tolerance` times 1 + |y_k| in each coordinate k (f32: a
//! tolerance below 1e-6 is lost in rounding). Cost: six evaluations of f and 27 multiply-adds a
//! coordinate for each step, accepted or not.

use crate::error::{Dim, Error};
use crate::flow::sum::Sum;
use crate::flow::tableau::{DIFFERENCE, ORDER, ROWS, STAGES, narrow, weights};
use crate::lanes::Lanes;
use crate::linalg::axpy;
use crate::real::Real;
use crate::rows::{fill, item, lines, lines_mut, slice, slice_mut, split_mut};

/// A state y that moves along f, in memory of the caller's.
#[derive(Debug)]
pub struct Smooth<'m, L: Lanes> {
    y: &'m mut [L::Elem],
    /// y at the start of the last step.
    before: &'m mut [L::Elem],
    /// A stage; the end of a step that is tried.
    trial: &'m mut [L::Elem],
    /// The derivatives of the last step, one line a stage. The last one is f at y.
    k: &'m mut [L::Elem],
    tolerance: L::Elem,
    t: Sum<L::Elem>,
    /// Where the last step started, and its length.
    start: L::Elem,
    length: L::Elem,
    /// Length that is tried next; 0 before the first step.
    next: L::Elem,
    evaluations: u64,
    steps: u64,
    rejected: u64,
}

impl<'m, L: Lanes> Smooth<'m, L> {
    /// Elements of memory for `size` coordinates.
    pub const fn len(size: usize) -> usize {
        (STAGES + 3) * size
    }

    /// Starts at y(0) = `start`.
    ///
    /// # Errors
    /// [`Error::Empty`] without coordinates, [`Error::NonFinite`] where `start` is not finite or the
    /// tolerance is not above 0, [`Error::Memory`].
    pub fn new(
        start: &[L::Elem],
        tolerance: L::Elem,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        let size = start.len();
        if size == 0 {
            return Err(Error::Empty { dim: Dim::D });
        }
        if let Some(at) = start.iter().position(|y| !y.is_finite()) {
            return Err(Error::NonFinite { at });
        }
        if !(tolerance > L::Elem::ZERO && tolerance.is_finite()) {
            return Err(Error::Tolerance);
        }
        let short = Error::Memory { needed: Self::len(size), found: memory.len() };
        let (y, rest) = memory.split_at_mut_checked(size).ok_or(short)?;
        let (before, rest) = rest.split_at_mut_checked(size).ok_or(short)?;
        let (trial, rest) = rest.split_at_mut_checked(size).ok_or(short)?;
        let k = rest.get_mut(..STAGES * size).ok_or(short)?;
        fill(y, start);
        fill(before, start);
        let zero = L::Elem::ZERO;
        let (t, counts) = (Sum::zero(), 0);
        Ok(Smooth {
            y,
            before,
            trial,
            k,
            tolerance,
            t,
            start: zero,
            length: zero,
            next: zero,
            evaluations: counts,
            steps: counts,
            rejected: counts,
        })
    }

    /// Takes one step towards `end`; true once t = `end`. `field` writes f(y) into its second
    /// argument, for every y it is given the same way.
    ///
    /// # Errors
    /// [`Error::Stuck`] where no step that moves t keeps the tolerance: f is not smooth, not finite,
    /// or much stiffer than 1/t. The state is that of the last accepted step.
    pub fn advance(
        &mut self,
        end: L::Elem,
        field: &mut impl FnMut(&[L::Elem], &mut [L::Elem]),
    ) -> Result<bool, Error> {
        // Below it t does not move.
        let floor = L::Elem::EPSILON * self.t.value().abs();
        let left = self.t.until(end);
        if !(left > floor) {
            return Ok(true);
        }
        self.begin(field);
        loop {
            // A step that would leave less than a tenth of itself is stretched to the end.
            let dt = if L::Elem::from_f64(1.1) * self.next >= left { left } else { self.next };
            if !(dt > floor) {
                return Err(Error::Stuck);
            }
            self.stages(dt, field);
            let error = self.error(dt);
            // NaN fails the comparison.
            let fits = error <= L::Elem::ONE;
            let factor = if error.is_finite() {
                let root = libm::pow(error.to_f64().max(1e-10), -1.0 / f64::from(ORDER));
                L::Elem::from_f64((0.9 * root).clamp(0.2, 5.0))
            } else {
                L::Elem::from_f64(0.1)
            };
            // A step cut by `end` says nothing against the one that was planned.
            let planned = if fits && dt < self.next { self.next } else { L::Elem::ZERO };
            self.next = (dt * factor).max(planned);
            if fits {
                let arrives = dt == left;
                self.accept(dt, arrives.then_some(end));
                return Ok(arrives);
            }
            self.rejected += 1;
        }
    }

    /// [`advance`](Smooth::advance) until t = `end`, at most `steps` steps; false if they did not suffice.
    ///
    /// # Errors
    /// As [`advance`](Smooth::advance).
    pub fn run(
        &mut self,
        end: L::Elem,
        steps: u64,
        field: &mut impl FnMut(&[L::Elem], &mut [L::Elem]),
    ) -> Result<bool, Error> {
        for _ in 0..steps {
            if self.advance(end, field)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// y at a time inside the last step, by the interpolant of order 4; clamped to the step.
    ///
    /// # Errors
    /// [`Error::Shape`] when `out` has another length than y.
    pub fn at(&self, t: L::Elem, out: &mut [L::Elem]) -> Result<(), Error> {
        crate::error::expect(Dim::Output, self.y.len(), out.len())?;
        if !(self.length > L::Elem::ZERO) {
            fill(out, self.y);
            return Ok(());
        }
        let theta = ((t - self.start) / self.length).max(L::Elem::ZERO).min(L::Elem::ONE);
        fill(out, self.before);
        for (k, weight) in lines(self.k, self.y.len()).zip(weights(theta)) {
            axpy::<L>(self.length * weight, k, out);
        }
        Ok(())
    }

    /// The present time.
    pub fn t(&self) -> L::Elem {
        self.t.value()
    }

    /// Length of the last step; 0 before it.
    pub fn length(&self) -> L::Elem {
        self.length
    }

    /// y at the present time.
    pub fn state(&self) -> &[L::Elem] {
        self.y
    }

    /// f(y) at the present time; zeros before the first step.
    pub fn velocity(&self) -> &[L::Elem] {
        slice(self.k, (STAGES - 1) * self.y.len()..)
    }

    /// Evaluations of f so far.
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// Steps taken, and steps tried in vain.
    pub fn steps(&self) -> (u64, u64) {
        (self.steps, self.rejected)
    }

    /// Makes the present state the start of a step: its first derivative and, the first time, a length.
    fn begin(&mut self, field: &mut impl FnMut(&[L::Elem], &mut [L::Elem])) {
        let size = self.y.len();
        let (head, tail) = split_mut(self.k, (STAGES - 1) * size);
        let first = slice_mut(head, ..size);
        if self.steps > 0 {
            fill(first, tail);
            return;
        }
        field(self.y, first);
        self.evaluations += 1;
        // About what the error of order 5 allows at the time scale of the fastest coordinate.
        let fastest = self
            .y
            .iter()
            .zip(first.iter())
            .fold(L::Elem::ZERO, |most, (&y, &k)| most.max(k.abs() / (L::Elem::ONE + y.abs())));
        let short = libm::pow(self.tolerance.to_f64(), 1.0 / f64::from(ORDER));
        self.next = L::Elem::from_f64(short) / fastest.max(L::Elem::EPSILON);
    }

    /// Stages 1 to 6 of a step of length `dt`; `trial` ends as its end.
    fn stages(&mut self, dt: L::Elem, field: &mut impl FnMut(&[L::Elem], &mut [L::Elem])) {
        let size = self.y.len();
        for (stage, row) in ROWS.into_iter().enumerate().skip(1) {
            fill(self.trial, self.y);
            for (k, weight) in lines(self.k, size).take(stage).zip(narrow::<L::Elem, 6>(row)) {
                axpy::<L>(dt * weight, k, self.trial);
            }
            if let Some(k) = lines_mut(self.k, size).nth(stage) {
                field(self.trial, k);
            }
            self.evaluations += 1;
        }
    }

    /// The estimated error of the step, over what is allowed.
    fn error(&self, dt: L::Elem) -> L::Elem {
        let size = self.y.len();
        let mut most = L::Elem::ZERO;
        for (at, (&y, &end)) in self.y.iter().zip(self.trial.iter()).enumerate() {
            let mut sum = L::Elem::ZERO;
            for (k, weight) in lines(self.k, size).zip(narrow::<L::Elem, STAGES>(DIFFERENCE)) {
                sum += weight * item(k, at);
            }
            let allowed = self.tolerance * (L::Elem::ONE + y.abs().max(end.abs()));
            let error = (dt * sum).abs() / allowed;
            // `max` would pass over NaN.
            most = if error.is_nan() { L::Elem::INFINITY } else { most.max(error) };
        }
        most
    }

    /// Ends the step at t + dt, or at `end` exactly.
    fn accept(&mut self, dt: L::Elem, end: Option<L::Elem>) {
        (self.start, self.length) = (self.t.value(), dt);
        match end {
            None => self.t.add(dt),
            Some(end) => {
                self.t = Sum::zero();
                self.t.add(end);
            }
        }
        fill(self.before, self.y);
        fill(self.y, self.trial);
        self.steps += 1;
    }
}
