//! Stretches where the predictions stand still: every neuron makes its exact motion by itself.
//!
//! At a small start, and on every plateau, h does not move while the neurons do. With r frozen they
//! are independent and their motion is known in closed form between kinks, so that a leap costs no
//! evaluation of the right-hand side, however long it is. The longest one that changes no prediction by
//! more than the tolerance is found by doubling, then bisection: predictions grow exponentially there, so that the
//! growth of a neuron is off by half the tolerance over its rate.

use super::Flow;
use super::boost::Boost;
use super::event::{Counting, Event, Log, Mode};
use super::kink::{Bands, Crossing, cross};
use super::row::Row;
use super::rules::Failed;
use super::slide::pull;
use super::span::Span;
use super::sum::two_sum;
use super::tried::Ahead;
use crate::lanes::Lanes;
use crate::linalg::norm_sq;
use crate::real::Real;
use crate::rows::{fill, put};

/// Largest change of a prediction in a leap, as a share of the tolerance.
const STILL: f64 = 1.0;
/// A step that moves no prediction by more than this many tolerances may be on a plateau.
const SLOW: f64 = 3.0;
/// Residuals below this many tolerances are integration noise around a sample that is fitted.
const NOISE: f64 = 30.0;
/// Steps between two looks that found no plateau.
const PATIENCE: u32 = 8;
/// Halvings of the last doubling.
const HALVINGS: u32 = 5;

impl<L: Lanes> Flow<'_, L> {
    /// Leaps if the predictions stand still; returns the time passed.
    pub(super) fn try_leap(
        &mut self,
        left: L::Elem,
        log: &mut dyn Log<L::Elem>,
    ) -> Result<Option<L::Elem>, Failed> {
        let pause = self.t.until(self.pause);
        let left = if pause > L::Elem::ZERO { left.min(pause) } else { left };
        match self.ahead {
            Ahead::Start if self.rules.alignment => {
                self.ahead = Ahead::Step;
                self.leap(left, true, log)
            }
            // The last leap ended because it was told to.
            Ahead::Leap { starting } => {
                self.ahead = Ahead::Step;
                self.leap(left, starting, log)
            }
            Ahead::Step if self.rules.plateau && self.last.is_some() => {
                if self.wait > 0 {
                    self.wait -= 1;
                    return Ok(None);
                }
                let moved = self.largest_move(self.memory.h);
                if moved > SLOW * self.rules.tolerance.to_f64() * self.target_size().to_f64() {
                    return Ok(None);
                }
                let leap = self.leap(left, false, log)?;
                if leap.is_none() {
                    self.wait = PATIENCE;
                }
                Ok(leap)
            }
            _ => {
                self.ahead = Ahead::Step;
                Ok(None)
            }
        }
    }

    /// max_i s |h_trial_i - h_i|.
    fn largest_move(&self, h: &[L::Elem]) -> f64 {
        let pairs = self.memory.h_trial.iter().zip(h);
        let most = pairs.fold(L::Elem::ZERO, |most, (&now, &then)| {
            let change = (now - then).abs();
            if change > most || change.is_nan() { change } else { most }
        });
        (most * self.factor()).to_f64()
    }

    /// max_i |y_i|, the scale of predictions.
    fn target_size(&self) -> L::Elem {
        self.span.y().iter().fold(L::Elem::ZERO, |most, y| most.max(y.abs()))
    }

    /// The longest leap of at most `left`; None, and nothing changed, where there is none.
    fn leap(
        &mut self,
        left: L::Elem,
        starting: bool,
        log: &mut dyn Log<L::Elem>,
    ) -> Result<Option<L::Elem>, Failed> {
        self.freeze(starting);
        let shortest = self.shortest_leap();
        if !(shortest > L::Elem::ZERO) {
            return Ok(None);
        }
        let loss = self.loss;
        let Some(length) = self.longest_leap(shortest.min(left), left) else {
            // The checks have overwritten h; the rest of the state is untouched.
            self.predict_now();
            return Ok(None);
        };
        let mut counting = Counting::until(self.t.value() + length, None, log);
        if !self.move_all(length, &mut counting) {
            return Err(Failed::Livelock { neuron: 0 });
        }
        self.count(counting.events, counting.slid);
        self.end_leap(length, loss);
        if !(length < left) {
            self.ahead = Ahead::Leap { starting };
        }
        Ok(Some(length))
    }

    /// Keeps h and r/n of the state in `nodes`, residuals that are only noise as 0.
    fn freeze(&mut self, starting: bool) {
        let noise = if starting { 0.0 } else { NOISE * self.rules.tolerance.to_f64() };
        let count = L::Elem::from_usize(self.span.n());
        let noise = L::Elem::from_f64(noise) * self.target_size() / count;
        let memory = &mut self.memory;
        fill(memory.nodes.row_mut(0), memory.h_trial);
        for (frozen, &g) in memory.nodes.row_mut(1).iter_mut().zip(memory.g.iter()) {
            *frozen = if g.abs() < noise { L::Elem::ZERO } else { g };
        }
    }

    /// A leap is worth at least two steps; before the first one it is tried at the time scale of the
    /// fastest neuron. 0 where nothing moves.
    fn shortest_leap(&mut self) -> L::Elem {
        let planned = self.next + self.next;
        if planned > L::Elem::ZERO { planned } else { self.pace() }
    }

    /// The longest leap that leaves the predictions where they are: doubled from `shortest` on, then
    /// bisected. None where even that is too long.
    fn longest_leap(&mut self, shortest: L::Elem, left: L::Elem) -> Option<L::Elem> {
        let still = STILL * self.rules.tolerance.to_f64() * self.target_size().to_f64();
        let (mut length, mut good, mut bad) = (shortest, L::Elem::ZERO, None);
        let mut halvings = 0;
        while halvings < HALVINGS && good < left {
            let fits = self.move_all(length, &mut |_: Event<L::Elem>| ())
                && self.largest_move(self.memory.nodes.row(0)) <= still;
            if fits {
                good = length;
            } else {
                bad = Some(length);
            }
            if good == L::Elem::ZERO {
                return None;
            }
            length = match bad {
                None => (good + good).min(left),
                Some(bad) => {
                    halvings += 1;
                    L::Elem::from_f64(0.5) * (good + bad)
                }
            };
        }
        (good != L::Elem::ZERO).then_some(good)
    }

    /// Makes the state that the leap has led to the present one; `loss` is that of its start.
    fn end_leap(&mut self, length: L::Elem, loss: L::Elem) {
        let factor = self.factor();
        let sliding = L::Elem::from_usize(self.sliding_pairs());
        let memory = &mut self.memory;
        // With r frozen the energy spent is g . (change of h) exactly.
        let (h, g) = (memory.nodes.row(0), memory.nodes.row(1));
        let changes = memory.h_trial.iter().zip(h).zip(g);
        let spent = changes.fold(L::Elem::ZERO, |sum, ((&now, &then), &g)| sum + g * (now - then));
        self.energy.add(factor * spent);
        if loss > L::Elem::ZERO {
            self.curvature.add(factor * spent / loss);
        }
        self.counts.sliding_time += length * sliding;
        let rows = memory.trial.each_mut().zip(memory.rho_low.iter_mut());
        for ((row, low), growth) in rows.zip(memory.z0.all.iter()) {
            if let [.., rho] = row {
                (*rho, *low) = two_sum(*rho, *low, *growth);
            }
        }
        core::mem::swap(&mut memory.y, &mut memory.trial);
        core::mem::swap(&mut memory.modes, &mut memory.modes_trial);
        self.counts.leaps += 1;
        self.t.add(length);
        self.last = None;
        self.fresh = false;
        self.next = L::Elem::ZERO;
        self.error = L::Elem::ONE;
        self.predict_now();
        self.vouch();
    }

    /// The time scale of the fastest neuron under the frozen residual.
    fn pace(&mut self) -> L::Elem {
        let memory = &mut self.memory;
        let g = memory.nodes.row(1);
        let mut fastest = L::Elem::ZERO;
        for (j, modes) in memory.modes.each().enumerate() {
            let mut scratch = memory.pulls.neuron(j);
            pull(&self.span, modes, g, &mut scratch);
            fastest = fastest.max(norm_sq::<L>(scratch.pull));
        }
        if fastest > L::Elem::ZERO { L::Elem::ONE / fastest.sqrt() } else { L::Elem::ZERO }
    }

    /// Moves every neuron from the present state over `length` into `trial` and `modes_trial`, its
    /// growth into `z0`, and predicts there. False where a neuron does not get on.
    fn move_all(&mut self, length: L::Elem, log: &mut dyn Log<L::Elem>) -> bool {
        fill(self.memory.trial.all, self.memory.y.all);
        fill(self.memory.modes_trial.all, self.memory.modes.all);
        for j in 0..self.p {
            let Some(growth) = self.move_neuron(j, length, log) else { return false };
            put(self.memory.z0.all, j, growth);
        }
        // The check needs rho as it will be; `end_leap` adds the growth again, to all its digits.
        let memory = &mut self.memory;
        fill(memory.before.all, memory.trial.all);
        for (row, &growth) in memory.trial.each_mut().zip(memory.z0.all.iter()) {
            if let [.., rho] = row {
                *rho += growth;
            }
        }
        core::mem::swap(&mut memory.modes, &mut memory.modes_trial);
        self.sum_predictions(false);
        let memory = &mut self.memory;
        core::mem::swap(&mut memory.modes, &mut memory.modes_trial);
        core::mem::swap(&mut memory.trial, &mut memory.before);
        self.counts.predictions += 1;
        true
    }

    /// Neuron j, in its row of `trial`, over `length` with the residual frozen; returns what its
    /// rho grows by. None where it meets its kinks without getting on.
    fn move_neuron(
        &mut self,
        j: usize,
        length: L::Elem,
        log: &mut dyn Log<L::Elem>,
    ) -> Option<L::Elem> {
        let (polar, bands, t) = (self.is_polar(), self.bands(), self.t.value());
        let span = self.span;
        let memory = &mut self.memory;
        let g = memory.nodes.row(1);
        let (row, modes) = (memory.trial.row_mut(j), memory.modes_trial.row_mut(j));
        let mut scratch = memory.pulls.neuron(j);
        let (mut passed, mut growth) = (L::Elem::ZERO, L::Elem::ZERO);
        // More kinks than this are rounding, not the flow.
        for _ in 0..64 + 16 * span.n() {
            pull(&span, modes, g, &mut scratch);
            let boost = Boost::of::<L>(Row::of(row), scratch.pull);
            if !(boost.rate > L::Elem::ZERO) {
                return Some(growth);
            }
            let limit = boost.rate * (length - passed);
            let neuron = (Row::of(row), &*modes);
            let first = first_crossing::<L>((&span, bands), neuron, &boost, scratch.pull, limit);
            let x = first.map_or(limit, |(x, _)| x);
            growth += boost.apply::<L>(row, scratch.pull, x, polar);
            let Some((x, crossing)) = first else { return Some(growth) };
            passed += x / boost.rate;
            let when = (t + passed, j);
            cross((&span, bands), (row, modes), g, &mut scratch, crossing, when, log);
        }
        None
    }
}

/// What a neuron runs into first on its exact motion, and at which x = |D| t, at most `limit`.
fn first_crossing<L: Lanes>(
    (span, bands): (&Span<'_, L>, Bands<L::Elem>),
    (row, modes): (Row<'_, L::Elem>, &[Mode]),
    boost: &Boost<L::Elem>,
    pull: &[L::Elem],
    limit: L::Elem,
) -> Option<(L::Elem, Crossing)> {
    let slides = modes.contains(&Mode::Sliding);
    let turn = if slides { boost.turn(limit) } else { None };
    let mut first = turn.map(|x| (x, Crossing::Turn));
    let size = row.size::<L>();
    for (sample, (&mode, &norm)) in modes.iter().zip(span.norms()).enumerate() {
        let outward = match mode {
            Mode::Sliding => continue,
            Mode::Inactive if span.is_diagonal() => continue,
            Mode::Inactive => -L::Elem::ONE,
            Mode::Active => L::Elem::ONE,
        };
        let pair = (span.dot(sample, row.omega), bands.width(norm, size), outward);
        if let Some(x) = boost.hit::<L>(span, sample, pair, pull, limit)
            && first.is_none_or(|(best, _)| x < best)
        {
            first = Some((x, Crossing::Kink { sample, high: false }));
        }
    }
    first
}
