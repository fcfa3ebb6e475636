//! The network of a state, written back into weights.

use super::{Flow, Start, tableau};
use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::axpy;
use crate::network::NetViewMut;
use crate::real::Real;
use crate::rows::{fill, lines, slice};
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
        let width = self.span.r() + 2;
        let first_scale = (log_scale + log_factor).exp();
        for (j, ((w, a), first)) in net.neurons().zip(start.rows()).enumerate() {
            let place = j * width..(j + 1) * width;
            let memory = &mut self.memory;
            let Some((row, rest)) = memory.solo.split_at_mut_checked(width) else { return };
            match inside {
                None => fill(row, slice(memory.y, place)),
                Some((theta, dt)) => {
                    fill(row, slice(memory.before, place.clone()));
                    let stages = lines(memory.k, memory.y.len());
                    for (k, weight) in stages.zip(tableau::weights(theta)) {
                        axpy::<L>(dt * weight, slice(k, place.clone()), row);
                    }
                }
            }
            let [omega @ .., weight, rho] = row else { return };
            let growth = (*rho + log_factor).exp();
            omega.iter_mut().for_each(|omega| *omega = *omega * growth);
            *a = *weight * growth;
            self.span.rebuild(samples, (first, first_scale), omega, rest, w);
        }
    }
}
