//! The acceptance of a step: the state there, neurons that were taken alone, the integrals along it.

use super::event::{Event, Log, Mode};
use super::judge::Verdict;
use super::kink::{Crossing, First, STALLS, ahead, is_stall};
use super::local::{Drive, Solo};
use super::memory::bench;
use super::slide::pull;
use super::step::Along;
use super::sum::two_sum;
use super::tableau::{STAGES, weights};
use super::{Failed, Flow, Row, field};
use crate::lanes::Lanes;
use crate::linalg::axpy;
use crate::real::Real;
use crate::rows::{fill, lines, slice, slice_mut, split_mut};

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

impl<L: Lanes> Flow<'_, L> {
    /// Takes neuron j alone through the step to its fraction `end`: its state there is left in the
    /// first row of `solo`, its modes in its row of `modes_trial`.
    pub(super) fn alone<G: Log<L::Elem>>(
        &mut self,
        j: usize,
        dt: L::Elem,
        end: L::Elem,
        log: &mut G,
    ) -> Result<Option<First<L::Elem>>, Failed> {
        let (t, n) = (self.t.value(), self.span.n());
        self.with_solo(j, |solo, nodes| solo.run(&Drive { nodes, n }, (t, dt), end, log))
    }

    /// Lends the working memory to neuron j at the start of the step.
    fn with_solo<R>(
        &mut self,
        j: usize,
        work: impl FnOnce(&mut Solo<'_, L>, &[L::Elem]) -> R,
    ) -> R {
        let (n, width) = (self.span.n(), self.span.r() + 2);
        let bands = self.bands();
        let memory = &mut self.memory;
        let (row, rest) = split_mut(memory.solo, width);
        let (trial, k) = split_mut(rest, width);
        fill(row, slice(memory.y, j * width..(j + 1) * width));
        let rho = row.last_mut().map_or(L::Elem::ZERO, core::mem::take);
        let modes = slice_mut(memory.modes_trial, j * n..(j + 1) * n);
        fill(modes, slice(memory.modes, j * n..(j + 1) * n));
        let bench = bench!(memory, j);
        let g = &mut *memory.g_solo;
        let spent = [L::Elem::ZERO; 2];
        let span = self.span;
        #[rustfmt::skip]
        let mut solo = Solo { span, bands, neuron: j, row, modes, trial, k, g, rho, spent, bench };
        let result = work(&mut solo, memory.nodes);
        self.spent = solo.spent;
        result
    }

    /// Moves to the end of the step, or to the kink that cuts it; returns the length taken.
    pub(super) fn accept<G: Log<L::Elem>>(
        &mut self,
        dt: L::Elem,
        verdict: Verdict<L::Elem>,
        along: &Along<L::Elem>,
        log: &mut G,
    ) -> Result<L::Elem, Failed> {
        let (n, width) = (self.span.n(), self.span.r() + 2);
        let (theta, whole) = match verdict {
            Verdict::Cut(_, first) => (first.theta, false),
            _ => (L::Elem::ONE, true),
        };
        let weights = weights(theta);
        let mut events = 0;
        let (mut slid, until) = (L::Elem::ZERO, self.t.value() + theta * dt);
        // The run up to the cut may already be past its kink, by rounding or by the tolerance.
        let mut met = false;
        let mut counted = |event: Event<L::Elem>| {
            events += 1;
            slid += event.kind.slides::<L::Elem>() * (until - event.t);
            met |= match verdict {
                Verdict::Cut(neuron, First { crossing: Crossing::Kink { sample, .. }, .. }) => {
                    (event.neuron, event.sample) == (neuron, sample)
                }
                _ => false,
            };
            log.record(event);
        };
        fill(self.memory.ahead, slice(self.memory.k, (STAGES - 1) * self.memory.y.len()..));
        let (stages, ahead) = split_mut(self.memory.speeds, STAGES * self.p);
        fill(ahead, slice(stages, (STAGES - 1) * self.p..));
        for j in 0..self.p {
            let place = j * width..(j + 1) * width;
            let repaired = self.crosses(j, dt);
            if repaired {
                self.alone(j, dt, theta, &mut counted)?;
                self.correct(j, dt, &weights, along);
                if whole {
                    self.differ(j);
                }
            }
            let memory = &mut self.memory;
            let size = memory.y.len();
            let Some(trial) = memory.trial.get_mut(place.clone()) else { continue };
            let Some(y) = memory.y.get(place.clone()) else { continue };
            let k = |at: usize| slice(memory.k, place.start + at..);
            let mut growth = k(width - 1)
                .iter()
                .step_by(size.max(1))
                .zip(weights)
                .fold(L::Elem::ZERO, |sum, (&k, weight)| sum + weight * k)
                * dt;
            if repaired {
                let alone = slice(memory.solo, ..width);
                fill(trial, alone);
                growth = alone.last().copied().unwrap_or(growth);
            } else if !whole {
                fill(trial, y);
                for (stage, weight) in weights.into_iter().enumerate() {
                    let k = slice(memory.k, stage * size + place.start..);
                    axpy::<L>(dt * weight, slice(k, ..width), trial);
                }
            }
            let (Some(low), Some(&rho)) = (memory.rho_low.get_mut(j), y.last()) else { continue };
            let (high, rest) = two_sum(rho, *low, growth);
            *low = rest;
            if let Some(rho) = trial.last_mut() {
                *rho = high;
            }
            let modes = slice_mut(memory.modes_trial, j * n..(j + 1) * n);
            if !repaired {
                fill(modes, slice(memory.modes, j * n..(j + 1) * n));
            } else if whole {
                for (h, &change) in memory.h_trial.iter_mut().zip(memory.change.iter()) {
                    *h += change;
                }
                self.renew_neuron(j);
            }
        }
        self.counts.events += events;
        self.counts.sliding_time += slid;
        self.integrate(dt, &weights, along);
        self.last = Some(Last { t: self.t.value(), dt, theta });
        let taken = theta * dt;
        self.t.add(taken);
        let memory = &mut self.memory;
        core::mem::swap(&mut memory.before, &mut memory.y);
        core::mem::swap(&mut memory.y, &mut memory.trial);
        core::mem::swap(&mut memory.modes, &mut memory.modes_trial);
        if whole {
            let speeds = slice(memory.speeds, STAGES * self.p..);
            self.speed_sq = speeds.iter().fold(L::Elem::ZERO, |sum, &speed| sum + speed);
            self.residual();
        }
        if let Verdict::Cut(neuron, first) = verdict {
            self.fresh = false;
            self.stalls = if is_stall(theta) { self.stalls + 1 } else { 0 };
            if self.stalls > STALLS {
                return Err(Failed::Livelock { neuron });
            }
            if !met {
                self.meet(neuron, first, log);
            }
            self.counts.cut += 1;
            self.renew();
        }
        self.vouch();
        Ok(taken)
    }

    /// Notes how far log L is from what the curvature says.
    pub(super) fn vouch(&mut self) {
        let share = self.loss / self.first_loss;
        if share > self.rules.tolerance {
            self.counts.curvature_defect = (share.ln() + self.curvature.value()).abs();
        }
    }

    /// The derivative, z and b of neuron j at the end of a step that it took alone.
    fn renew_neuron(&mut self, j: usize) {
        let (n, width) = (self.span.n(), self.span.r() + 2);
        let polar = self.is_polar();
        let memory = &mut self.memory;
        let row = Row::of(slice(memory.trial, j * width..(j + 1) * width));
        let modes = slice(memory.modes_trial, j * n..(j + 1) * n);
        let mut bench = bench!(memory, j);
        pull(&self.span, modes, memory.g, &mut bench);
        let k = slice_mut(memory.ahead, j * width..(j + 1) * width);
        let speed = field::<L>(row, bench.pull, polar, k);
        if let Some(slot) = memory.speeds.get_mut(STAGES * self.p + j) {
            *slot = row.growth() * speed;
        }
        let z = slice_mut(memory.z1, j * n..(j + 1) * n);
        let pairs = z.iter_mut().zip(modes).zip(bench.slip.iter());
        for (i, ((z, &mode), &slip)) in pairs.enumerate() {
            *z = if mode == Mode::Sliding { slip } else { self.span.dot(i, row.omega) };
        }
    }

    /// The neuron whose kink cut the step changes its modes there.
    fn meet<G: Log<L::Elem>>(&mut self, neuron: usize, first: First<L::Elem>, log: &mut G) {
        let t = self.t.value();
        let n = self.span.n();
        if self.stalls > 1 {
            let later = (first.theta + ahead(self.stalls)).min(L::Elem::ONE);
            Drive { nodes: self.memory.nodes, n }.at(later, self.memory.g_solo);
        } else {
            self.predict_now();
            fill(self.memory.g_solo, self.memory.g);
        }
        let mut events = 0;
        let mut counted = |event: Event<L::Elem>| {
            events += 1;
            log.record(event);
        };
        // `with_solo` takes the state from `y`, which is at the kink now.
        self.with_solo(neuron, |solo, _| solo.cross(first.crossing, t, &mut counted));
        self.counts.events += events;
        let width = self.span.r() + 2;
        let memory = &mut self.memory;
        let pairs = neuron * n..(neuron + 1) * n;
        let now = slice(memory.modes_trial, pairs.clone());
        fill(slice_mut(memory.modes, pairs), now);
        let row = slice_mut(memory.y, neuron * width..(neuron + 1) * width - 1);
        fill(row, slice(memory.solo, ..width - 1));
    }

    /// The integrals of mu and s |theta'|^2 over a step, by the weights that made the state.
    fn integrate(&mut self, dt: L::Elem, weights: &[L::Elem; STAGES], along: &Along<L::Elem>) {
        let factor = self.factor();
        let (mut energy, mut curvature) = (L::Elem::ZERO, L::Elem::ZERO);
        for ((&weight, &speed_sq), &loss) in weights.iter().zip(&along.speed_sq).zip(&along.loss) {
            energy += weight * speed_sq;
            if loss > L::Elem::ZERO {
                curvature += weight * (speed_sq / loss);
            }
        }
        self.energy.add(dt * factor * energy);
        self.curvature.add(dt * factor * curvature);
        let sliding = self.memory.modes.iter().filter(|&&mode| mode == Mode::Sliding).count();
        let taken = weights.iter().fold(L::Elem::ZERO, |sum, &weight| sum + weight);
        self.counts.sliding_time += dt * taken * L::Elem::from_usize(sliding);
    }

    /// Puts the integrals of neuron j, which was taken alone, in the place of those of its stages.
    fn correct(
        &mut self,
        j: usize,
        dt: L::Elem,
        weights: &[L::Elem; STAGES],
        along: &Along<L::Elem>,
    ) {
        let [mut energy, mut curvature] = self.spent;
        let speeds = slice(self.memory.speeds, j..).iter().step_by(self.p.max(1));
        for ((&weight, &speed), &loss) in weights.iter().zip(speeds).zip(&along.loss) {
            energy += -(dt * weight * speed);
            if loss > L::Elem::ZERO {
                curvature += -(dt * weight * (speed / loss));
            }
        }
        let factor = self.factor();
        self.energy.add(factor * energy);
        self.curvature.add(factor * curvature);
    }

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
        let (span, memory) = (&self.span, &mut self.memory);
        let (rows, modes, k) = (&*memory.before, &*memory.modes_trial, &*memory.k);
        let made = Made { span, rows, modes, k, dt };
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

/// A step that has been made: where it started, its modes, its derivatives, its length.
pub(super) struct Made<'a, L: Lanes> {
    pub span: &'a super::Span<'a, L>,
    pub rows: &'a [L::Elem],
    pub modes: &'a [Mode],
    pub k: &'a [L::Elem],
    pub dt: L::Elem,
}

impl<L: Lanes> Made<'_, L> {
    /// sum_j a_j relu(z_ji) at the fraction `theta` of the step, into `h`.
    pub(super) fn predict(&self, theta: L::Elem, h: &mut [L::Elem], scratch: &mut [L::Elem]) {
        let (n, width) = (self.span.n(), self.span.r() + 2);
        let weights = weights(theta);
        let Some(scratch) = scratch.get_mut(..width) else { return };
        h.fill(L::Elem::ZERO);
        for (j, (row, modes)) in lines(self.rows, width).zip(lines(self.modes, n)).enumerate() {
            fill(scratch, row);
            for (stage, weight) in weights.into_iter().enumerate() {
                let first = stage * self.rows.len() + j * width;
                let k = slice(self.k, first..first + width);
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
