//! What follows the two passes of a step: the update of a, the screening of weights, the marks of rows
//! that are alive.

use crate::lanes::Lanes;
use crate::layout::set;
use crate::orthogonal::Orthogonal;
use crate::real::Real;
use crate::rows::{item, lines, lines_mut, put, slice, split};
use crate::shape::Shape;

impl<L: Lanes, S: Shape> Orthogonal<'_, L, S> {
    /// a_j += c sum_i r_i relu(u_ji); returns the speed and whether anything moved.
    #[inline(always)]
    pub(super) fn advance(&mut self, c: L::Elem) -> (L::Elem, bool) {
        let set = set::<L>();
        let (mut speed_sq, mut moved) = (L::Elem::ZERO, false);
        for (a, banks) in self.a.iter_mut().zip(lines(self.banks, 2 * set)) {
            let (outer, steep) = split(banks, set);
            let (da, steep) = (L::fold(L::gather(outer)), L::fold(L::gather(steep)));
            speed_sq += *a * *a * steep + da * da;
            let next = c * da + *a;
            // |dw_j| = c |a_j| sqrt(steep), held against a rounding of |a_j|.
            moved |= next != *a || c * c * steep > L::Elem::EPSILON * L::Elem::EPSILON;
            *a = next;
        }
        (speed_sq, moved)
    }

    /// Screens the coordinates of one neuron and marks its dead rows, another one each step.
    #[inline(always)]
    pub(super) fn screen(&mut self) {
        let (p, j) = (self.shape.p(), self.screened);
        self.screened = if j + 1 < p { j + 1 } else { 0 };
        let a = item(self.a, j);
        self.health.screen(a);
        for panel in self.sections().panels::<L>() {
            self.health.screen_chunks::<L>(slice(self.u, panel.row(p, j)).iter());
        }
        self.mark(j);
    }

    pub(super) fn mark_all(&mut self) {
        (0..self.shape.p()).for_each(|j| self.mark(j));
    }

    /// Marks the rows of neuron j in which a pair is alive.
    #[inline(always)]
    fn mark(&mut self, j: usize) {
        let p = self.shape.p();
        let a = item(self.a, j);
        let panels = self.sections().panels::<L>();
        for (panel, live) in panels.zip(lines_mut(self.live, p)) {
            // Not 0 where NaN: that and infinity times 0 must reach the loss.
            let sum = slice(self.u, panel.row(p, j)).iter();
            let sum = sum.fold(L::zero(), |sum, u| sum + L::load(u).relu());
            let dead = a.is_finite() && sum.sum() == L::Elem::ZERO;
            put(live, j, if dead { L::Elem::ZERO } else { L::Elem::ONE });
        }
    }
}
