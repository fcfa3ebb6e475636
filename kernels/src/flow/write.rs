//! The network of a state, written back into weights.

use super::Flow;
use super::rules::Start;
use super::tableau;
use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::axpy;
use crate::network::NetViewMut;
use crate::real::Real;
use crate::rows::{fill, impossible, split_mut};
use crate::samples::SamplesView;

impl<L: Lanes> Flow<'_, L> {
    /// Writes e^{log_factor} times the network, `log_factor` = 0 for the network itself: neurons
    /// too small for a number can be looked at under a magnifier. `start` and `samples` are those of
    /// [`new`](Flow::new). Cost: 2 p r d.
    ///
    /// # Errors
    /// [`Error::Shape`] when a size differs from the flow's.
    pub fn write(
        &mut self,
        start: Start<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
        log_factor: L::Elem,
        net: &mut NetViewMut<'_, L::Elem>,
    ) -> Result<(), Error> {
        self.expect(start, samples, net)?;
        self.write_rows(None, start, samples, log_factor, net);
        Ok(())
    }

    /// As [`write`](Flow::write), at time `t` inside the last step, by the interpolant; false, and
    /// nothing written, where the last call of [`advance`](Flow::advance) was no step that passed t.
    ///
    /// # Errors
    /// As [`write`](Flow::write).
    pub fn write_at(
        &mut self,
        t: L::Elem,
        start: Start<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
        net: &mut NetViewMut<'_, L::Elem>,
    ) -> Result<bool, Error> {
        self.expect(start, samples, net)?;
        let Some(inside) = self.inside(t) else { return Ok(false) };
        self.write_rows(Some(inside), start, samples, L::Elem::ZERO, net);
        Ok(true)
    }

    /// The errors of a start, samples or a network of other sizes than the flow's.
    fn expect(
        &self,
        start: Start<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
        net: &NetViewMut<'_, L::Elem>,
    ) -> Result<(), Error> {
        self.span.expect(start.net, samples)?;
        net.expect(start.net.p(), start.net.d())?;
        expect(Dim::P, self.p, start.net.p())
    }

    /// Writes the neurons, of the present state or of the fraction of the last step.
    fn write_rows(
        &mut self,
        inside: Option<(L::Elem, L::Elem)>,
        Start { net: start, log_scale }: Start<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
        log_factor: L::Elem,
        net: &mut NetViewMut<'_, L::Elem>,
    ) {
        let first_scale = (log_scale + log_factor).exp();
        for (j, ((w, a), first)) in net.neurons().zip(start.rows()).enumerate() {
            let memory = &mut self.memory;
            let (row, rest) = split_mut(memory.solo, memory.y.width);
            match inside {
                None => fill(row, memory.y.row(j)),
                Some((theta, dt)) => {
                    fill(row, memory.before.row(j));
                    for (k, weight) in memory.k.rows(j).zip(tableau::weights(theta)) {
                        axpy::<L>(dt * weight, k, row);
                    }
                }
            }
            let [omega @ .., weight, rho] = row else { return impossible() };
            let growth = (*rho + log_factor).exp();
            omega.iter_mut().for_each(|omega| *omega = *omega * growth);
            *a = *weight * growth;
            self.span.rebuild(samples, (first, first_scale), omega, rest, w);
        }
    }
}
