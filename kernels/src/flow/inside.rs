//! States inside the last step, by the interpolant.

use super::Flow;
use super::tried::Made;
use crate::lanes::Lanes;
use crate::real::Real;

impl<L: Lanes> Flow<'_, L> {
    /// The fraction of the last step at which `t` is, and the step's length.
    pub(super) fn inside(&self, t: L::Elem) -> Option<(L::Elem, L::Elem)> {
        let last = self.last?;
        let theta = (t - last.t) / last.dt;
        (theta >= L::Elem::ZERO && theta <= last.theta).then_some((theta, last.dt))
    }

    /// The loss at time `t` inside the last step, by the interpolant; None where the last call of
    /// [`advance`](Flow::advance) was no step or did not pass t. Cost: 9 p r + p n r.
    pub fn loss_at(&mut self, t: L::Elem) -> Option<L::Elem> {
        let (theta, dt) = self.inside(t)?;
        let memory = &mut self.memory;
        let (rows, modes) = (memory.before.read(), memory.modes_trial.read());
        let made = Made { span: &self.span, rows, modes, k: &memory.k, dt };
        made.predict(theta, memory.change, memory.solo);
        self.counts.predictions += 1;
        let factor = self.factor();
        let pairs = self.span.y().iter().zip(self.memory.change.iter());
        let squares = pairs.fold(L::Elem::ZERO, |sum, (&y, &h)| {
            let r = y - factor * h;
            sum + r * r
        });
        let count = L::Elem::from_usize(self.span.n());
        Some(squares / (count + count))
    }
}
