//! Neurons that are taken through a step of the network by themselves, and what it changes.

use super::Flow;
use super::event::{Log, Mode};
use super::kink::First;
use super::local::{Drive, Solo};
use super::row::{Row, field};
use super::rules::Failed;
use super::slide::pull;
use super::tableau::STAGES;
use super::tried::Along;
use crate::lanes::Lanes;
use crate::real::Real;
use crate::rows::{fill, item, put, slice, split_mut};

impl<L: Lanes> Flow<'_, L> {
    /// Takes neuron j alone through the step to its fraction `end`: its state there is left in the
    /// first row of `solo`, its modes in its row of `modes_trial`.
    pub(super) fn alone(
        &mut self,
        j: usize,
        dt: L::Elem,
        end: L::Elem,
        log: &mut dyn Log<L::Elem>,
    ) -> Result<Option<First<L::Elem>>, Failed> {
        let t = self.t.value();
        self.with_solo(j, |solo, drive| solo.run(drive, (t, dt), end, log))
    }

    /// Lends the working memory to neuron j at the start of the step.
    pub(super) fn with_solo<R>(
        &mut self,
        j: usize,
        work: impl FnOnce(&mut Solo<'_, L>, &Drive<'_, L::Elem>) -> R,
    ) -> R {
        let (span, bands) = (self.span, self.bands());
        let memory = &mut self.memory;
        let (row, rest) = split_mut(memory.solo, memory.y.width);
        let (trial, k) = split_mut(rest, memory.y.width);
        fill(row, memory.y.row(j));
        let rho = row.last_mut().map_or(L::Elem::ZERO, core::mem::take);
        let modes = memory.modes_trial.row_mut(j);
        fill(modes, memory.modes.row(j));
        let scratch = memory.pulls.neuron(j);
        let g = &mut *memory.g_solo;
        let spent = [L::Elem::ZERO; 2];
        #[rustfmt::skip]
        let mut solo = Solo { span, bands, neuron: j, row, modes, trial, k, g, rho, spent, scratch };
        let result = work(&mut solo, &Drive { nodes: memory.nodes.read() });
        self.spent = solo.spent;
        result
    }

    /// What the run of neuron j alone changes in h at the end of the step, into `change`.
    pub(super) fn differ(&mut self, j: usize) {
        let memory = &mut self.memory;
        let alone = Row::of(slice(memory.solo, ..memory.y.width));
        let (start, end) = (Row::of(memory.y.row(j)), Row::of(memory.trial.row(j)));
        // The run alone counts its growth from 0.
        let alone = Row { rho: start.rho + alone.rho, ..alone };
        let (grown, planned) = (alone.growth() * alone.a, end.growth() * end.a);
        let modes = memory.modes.row(j).iter().zip(memory.modes_trial.row(j));
        for (i, (change, (&mode, &mode_end))) in memory.change.iter_mut().zip(modes).enumerate() {
            *change = L::Elem::ZERO;
            if mode_end == Mode::Active {
                *change += grown * self.span.dot(i, alone.omega);
            }
            if mode == Mode::Active {
                *change += -(planned * self.span.dot(i, end.omega));
            }
        }
    }

    /// Puts the integrals of neuron j, which was taken alone, in the place of those of its stages.
    pub(super) fn correct(
        &mut self,
        j: usize,
        dt: L::Elem,
        weights: &[L::Elem; STAGES],
        along: &Along<L::Elem>,
    ) {
        let [mut energy, mut curvature] = self.spent;
        let speeds = self.memory.speeds.each().map(|speeds| item(speeds, j));
        for ((&weight, speed), &loss) in weights.iter().zip(speeds).zip(&along.loss) {
            energy += -(dt * weight * speed);
            if loss > L::Elem::ZERO {
                curvature += -(dt * weight * (speed / loss));
            }
        }
        let factor = self.factor();
        self.energy.add(factor * energy);
        self.curvature.add(factor * curvature);
    }

    /// The derivative, z and b of neuron j at the end of a step that it took alone.
    pub(super) fn renew_neuron(&mut self, j: usize) {
        let polar = self.is_polar();
        let memory = &mut self.memory;
        let (row, modes) = (Row::of(memory.trial.row(j)), memory.modes_trial.row(j));
        let mut scratch = memory.pulls.neuron(j);
        pull(&self.span, modes, memory.g, &mut scratch);
        let speed = field::<L>(row, scratch.pull, polar, memory.ahead.row_mut(j));
        put(memory.speeds.row_mut(STAGES), j, row.growth() * speed);
        let pairs = memory.z1.row_mut(j).iter_mut().zip(modes).zip(scratch.slip.iter());
        for (i, ((z, &mode), &slip)) in pairs.enumerate() {
            *z = if mode == Mode::Sliding { slip } else { self.span.dot(i, row.omega) };
        }
    }
}
