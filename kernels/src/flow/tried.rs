//! What the parts of a flow tell each other about a step: how it went, how it may end, how it ended,
//! and what comes next.

use super::event::Mode;
use super::kink::First;
use super::memory::Slopes;
use super::row::Row;
use super::span::Span;
use super::tableau::{STAGES, weights};
use crate::lanes::Lanes;
use crate::linalg::axpy;
use crate::real::Real;
use crate::rows::{Rows, fill, slice_mut};

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// The alignment at the start.
    Start,
    /// A step, or a leap where the steps show a plateau.
    Step,
    /// A leap that goes on.
    Leap {
        /// It is the one of the start.
        starting: bool,
    },
}

/// Loss and squared speed at each stage, for the integrals along the step.
#[derive(Clone, Copy, Debug)]
pub struct Along<T> {
    pub speed_sq: [T; STAGES],
    pub loss: [T; STAGES],
}

/// How a step that was tried ends.
#[derive(Clone, Copy, Debug)]
pub enum Verdict<T> {
    /// Too large an error.
    Reject,
    /// Too many kinks that the network feels: again, shorter by this factor.
    Shorter(f64),
    /// At its end.
    Whole,
    /// At a kink of this neuron.
    Cut(usize, First<T>),
}

/// The last step, for states inside it.
#[derive(Clone, Copy, Debug)]
pub struct Last<T> {
    /// Where it began.
    pub t: T,
    /// The length that its derivatives belong to.
    pub dt: T,
    /// The part of it that was taken.
    pub theta: T,
}

/// A step that has been made: where it started, its modes, its derivatives, its length.
pub struct Made<'a, L: Lanes> {
    pub span: &'a Span<'a, L>,
    pub rows: Rows<'a, L::Elem>,
    pub modes: Rows<'a, Mode>,
    pub k: &'a Slopes<'a, L::Elem>,
    pub dt: L::Elem,
}

impl<L: Lanes> Made<'_, L> {
    /// sum_j a_j relu(z_ji) at the fraction `theta` of the step, into `h`.
    pub fn predict(&self, theta: L::Elem, h: &mut [L::Elem], scratch: &mut [L::Elem]) {
        let weights = weights(theta);
        let scratch = slice_mut(scratch, ..self.rows.width);
        h.fill(L::Elem::ZERO);
        for (j, (row, modes)) in self.rows.each().zip(self.modes.each()).enumerate() {
            fill(scratch, row);
            for (k, weight) in self.k.rows(j).zip(weights) {
                axpy::<L>(self.dt * weight, k, scratch);
            }
            let row = Row::of(scratch);
            let weight = row.growth() * row.a;
            for (i, (h, &mode)) in h.iter_mut().zip(modes).enumerate() {
                if mode == Mode::Active {
                    *h += weight * self.span.dot(i, row.omega);
                }
            }
        }
    }
}
