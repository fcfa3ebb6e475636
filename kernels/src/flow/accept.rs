//! The acceptance of a step: the state at its end, or at the kink that cuts it, and the integrals along it.

use super::Flow;
use super::event::{Counting, Log, Mode};
use super::kink::{Crossing, First, STALLS, ahead, is_stall};
use super::local::Drive;
use super::rules::Failed;
use super::sum::two_sum;
use super::tableau::{STAGES, weights};
use super::tried::{Along, Last, Verdict};
use crate::lanes::Lanes;
use crate::linalg::axpy;
use crate::real::Real;
use crate::rows::{fill, item, put, slice, slice_mut, split_mut};

/// The part of a step that is accepted.
struct Ending<'a, T> {
    /// The length that the derivatives belong to.
    dt: T,
    /// The part of it that is taken, 1 where it is the whole step.
    theta: T,
    whole: bool,
    /// The weights of the derivatives at theta.
    weights: [T; STAGES],
    along: &'a Along<T>,
}

impl<L: Lanes> Flow<'_, L> {
    /// Moves to the end of the step, or to the kink that cuts it; returns the length taken.
    pub(super) fn accept(
        &mut self,
        dt: L::Elem,
        verdict: Verdict<L::Elem>,
        along: &Along<L::Elem>,
        log: &mut dyn Log<L::Elem>,
    ) -> Result<L::Elem, Failed> {
        let (theta, whole, watched) = match verdict {
            Verdict::Cut(neuron, first) => (first.theta, false, pair_of(neuron, first)),
            _ => (L::Elem::ONE, true, None),
        };
        let ending = Ending { dt, theta, whole, weights: weights(theta), along };
        // The run up to the cut may already be past its kink, by rounding or by the tolerance.
        let mut counting = Counting::until(self.t.value() + theta * dt, watched, log);
        self.carry_derivative();
        for j in 0..self.p {
            self.end_neuron(j, &ending, &mut counting)?;
        }
        let met = counting.met;
        self.count(counting.events, counting.slid);
        self.integrate(&ending);
        let taken = self.move_on(&ending);
        if let Verdict::Cut(neuron, first) = verdict {
            self.cut(neuron, first, met, log)?;
        }
        self.vouch();
        Ok(taken)
    }

    /// The last derivative of the step is the first of the next one.
    fn carry_derivative(&mut self) {
        let memory = &mut self.memory;
        fill(memory.ahead.all, memory.k.stage(STAGES - 1));
        let (stages, ahead) = split_mut(memory.speeds.all, STAGES * self.p);
        fill(ahead, slice(stages, (STAGES - 1) * self.p..));
    }

    /// Neuron j at the end of the step, in its rows of `trial` and `modes_trial`: by the step, or by a
    /// run of its own where it may have met a kink.
    fn end_neuron(
        &mut self,
        j: usize,
        ending: &Ending<'_, L::Elem>,
        log: &mut dyn Log<L::Elem>,
    ) -> Result<(), Failed> {
        let Ending { dt, theta, whole, .. } = *ending;
        if !self.crosses(j, dt) {
            let growth = self.end_by_step(j, ending);
            self.add_growth(j, growth);
            fill(self.memory.modes_trial.row_mut(j), self.memory.modes.row(j));
            return Ok(());
        }
        self.alone(j, dt, theta, log)?;
        self.correct(j, dt, &ending.weights, ending.along);
        if whole {
            self.differ(j);
        }
        let growth = self.end_by_run(j);
        self.add_growth(j, growth);
        if whole {
            for (h, &change) in self.memory.h_trial.iter_mut().zip(self.memory.change.iter()) {
                *h += change;
            }
            self.renew_neuron(j);
        }
        Ok(())
    }

    /// The end of neuron j by the step's derivatives; returns what its rho grows by.
    fn end_by_step(&mut self, j: usize, ending: &Ending<'_, L::Elem>) -> L::Elem {
        let memory = &mut self.memory;
        let width = memory.y.width;
        if !ending.whole {
            let trial = memory.trial.row_mut(j);
            fill(trial, memory.y.row(j));
            for (k, weight) in memory.k.rows(j).zip(ending.weights) {
                axpy::<L>(ending.dt * weight, k, trial);
            }
        }
        let rates = memory.k.numbers(j * width + width - 1).zip(ending.weights);
        rates.fold(L::Elem::ZERO, |sum, (k, weight)| sum + weight * k) * ending.dt
    }

    /// The end of neuron j as its own run left it in `solo`; returns what its rho grows by.
    fn end_by_run(&mut self, j: usize) -> L::Elem {
        let memory = &mut self.memory;
        let alone = slice(memory.solo, ..memory.y.width);
        fill(memory.trial.row_mut(j), alone);
        item(alone, memory.y.width - 1)
    }

    /// rho_j at the end is rho_j now plus `growth`, to all its digits.
    fn add_growth(&mut self, j: usize, growth: L::Elem) {
        let memory = &mut self.memory;
        let last = memory.y.width - 1;
        let (rho, low) = (item(memory.y.row(j), last), item(memory.rho_low, j));
        let (high, low) = two_sum(rho, low, growth);
        put(memory.rho_low, j, low);
        put(memory.trial.row_mut(j), last, high);
    }

    /// Adds events and time slid to what the certificate counts.
    pub(super) fn count(&mut self, events: u64, slid: L::Elem) {
        self.counts.events += events;
        self.counts.sliding_time += slid;
    }

    /// The integrals of mu and s |theta'|^2 over a step, by the weights that made the state.
    fn integrate(&mut self, Ending { dt, weights, along, .. }: &Ending<'_, L::Elem>) {
        let (dt, factor) = (*dt, self.factor());
        let (mut energy, mut curvature) = (L::Elem::ZERO, L::Elem::ZERO);
        for ((&weight, &speed_sq), &loss) in weights.iter().zip(&along.speed_sq).zip(&along.loss) {
            energy += weight * speed_sq;
            if loss > L::Elem::ZERO {
                curvature += weight * (speed_sq / loss);
            }
        }
        self.energy.add(dt * factor * energy);
        self.curvature.add(dt * factor * curvature);
        let taken = weights.iter().fold(L::Elem::ZERO, |sum, &weight| sum + weight);
        self.counts.sliding_time += dt * taken * L::Elem::from_usize(self.sliding_pairs());
    }

    /// Pairs that slide at the state.
    pub(super) fn sliding_pairs(&self) -> usize {
        self.memory.modes.all.iter().filter(|&&mode| mode == Mode::Sliding).count()
    }

    /// Makes the end of the step the state; returns the length taken.
    fn move_on(&mut self, &Ending { dt, theta, whole, .. }: &Ending<'_, L::Elem>) -> L::Elem {
        self.last = Some(Last { t: self.t.value(), dt, theta });
        let taken = theta * dt;
        self.t.add(taken);
        let memory = &mut self.memory;
        core::mem::swap(&mut memory.before, &mut memory.y);
        core::mem::swap(&mut memory.y, &mut memory.trial);
        core::mem::swap(&mut memory.modes, &mut memory.modes_trial);
        if whole {
            let speeds = memory.speeds.row(STAGES).iter();
            self.speed_sq = speeds.fold(L::Elem::ZERO, |sum, &speed| sum + speed);
            self.residual();
        }
        taken
    }

    /// The state is at the kink `first` of a neuron that cut the step; `met`: the neuron's run has
    /// already changed its modes there.
    fn cut(
        &mut self,
        neuron: usize,
        first: First<L::Elem>,
        met: bool,
        log: &mut dyn Log<L::Elem>,
    ) -> Result<(), Failed> {
        self.fresh = false;
        self.stalls = if is_stall(first.theta) { self.stalls + 1 } else { 0 };
        if self.stalls > STALLS {
            return Err(Failed::Livelock { neuron });
        }
        if !met {
            self.meet(neuron, first, log);
        }
        self.counts.cut += 1;
        self.renew();
        Ok(())
    }

    /// The neuron whose kink cut the step changes its modes there.
    fn meet(&mut self, neuron: usize, first: First<L::Elem>, log: &mut dyn Log<L::Elem>) {
        let t = self.t.value();
        if self.stalls > 1 {
            let later = (first.theta + ahead(self.stalls)).min(L::Elem::ONE);
            Drive { nodes: self.memory.nodes.read() }.at(later, self.memory.g_solo);
        } else {
            self.predict_now();
            fill(self.memory.g_solo, self.memory.g);
        }
        let mut counting = Counting::until(t, None, log);
        // `with_solo` takes the state from `y`, which is at the kink now.
        self.with_solo(neuron, |solo, _| solo.cross(first.crossing, t, &mut counting));
        self.count(counting.events, L::Elem::ZERO);
        let memory = &mut self.memory;
        fill(memory.modes.row_mut(neuron), memory.modes_trial.row(neuron));
        // All but rho, which such a change leaves as it is.
        let width = memory.y.width;
        fill(slice_mut(memory.y.row_mut(neuron), ..width - 1), slice(memory.solo, ..width - 1));
    }

    /// Notes how far log L is from what the curvature says.
    pub(super) fn vouch(&mut self) {
        let share = self.loss / self.first_loss;
        if share > self.rules.tolerance {
            self.counts.curvature_defect = (share.ln() + self.curvature.value()).abs();
        }
    }
}

/// The pair whose kink it is.
fn pair_of<T>(neuron: usize, first: First<T>) -> Option<(usize, usize)> {
    match first.crossing {
        Crossing::Kink { sample, .. } => Some((neuron, sample)),
        Crossing::Turn => None,
    }
}
