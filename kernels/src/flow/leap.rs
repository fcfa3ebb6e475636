//! Stretches where the predictions stand still: every neuron plays its exact motion by itself.
//!
//! At a small start, and on every plateau, h does not move while the neurons do. With r frozen they
//! are independent and their motion is known in closed form between kinks, so that a leap costs no
//! evaluation of the right-hand side, however long it is. The longest one that changes no prediction by
//! more than the tolerance is found by doubling, then bisection: predictions grow exponentially there, so that the
//! growth of a neuron is off by half the tolerance over its rate.

use super::boost::Boost;
use super::event::{Event, Log, Mode};
use super::kink::{Crossing, cross};
use super::memory::bench;
use super::slide::pull;
use super::sum::two_sum;
use super::{Failed, Flow, Row};
use crate::lanes::Lanes;
use crate::linalg::norm_sq;
use crate::real::Real;
use crate::rows::{fill, lines, lines_mut, slice, split, split_mut};

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

impl<L: Lanes> Flow<'_, L> {
    /// Leaps if the predictions stand still; returns the time passed.
    pub(super) fn try_leap<G: Log<L::Elem>>(
        &mut self,
        left: L::Elem,
        log: &mut G,
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

    fn leap<G: Log<L::Elem>>(
        &mut self,
        left: L::Elem,
        starting: bool,
        log: &mut G,
    ) -> Result<Option<L::Elem>, Failed> {
        let n = self.span.n();
        let still = STILL * self.rules.tolerance.to_f64() * self.target_size().to_f64();
        let noise = if starting { 0.0 } else { NOISE * self.rules.tolerance.to_f64() };
        let noise = L::Elem::from_f64(noise) * self.target_size() / L::Elem::from_usize(n);
        let memory = &mut self.memory;
        let (h, g) = split_mut(memory.nodes, n);
        fill(h, memory.h_trial);
        for (frozen, &g) in g.iter_mut().zip(memory.g.iter()) {
            *frozen = if g.abs() < noise { L::Elem::ZERO } else { g };
        }
        let planned = self.next + self.next;
        let least = if planned > L::Elem::ZERO { planned } else { self.pace() };
        if !(least > L::Elem::ZERO) {
            return Ok(None);
        }
        let loss = self.loss;
        let (mut length, mut good, mut bad) = (least.min(left), L::Elem::ZERO, None);
        let mut halvings = 0;
        while halvings < HALVINGS && good < left {
            let fits = self.play_all(length, &mut |_: Event<L::Elem>| ())
                && self.largest_move(self.memory.nodes) <= still;
            if fits {
                good = length;
            } else {
                bad = Some(length);
            }
            if good == L::Elem::ZERO {
                break;
            }
            length = match bad {
                None => (good + good).min(left),
                Some(bad) => {
                    halvings += 1;
                    L::Elem::from_f64(0.5) * (good + bad)
                }
            };
        }
        if good == L::Elem::ZERO {
            // The checks have overwritten h; the rest of the state is untouched.
            self.predict_now();
            return Ok(None);
        }
        let mut events = 0;
        let (mut slid, until) = (L::Elem::ZERO, self.t.value() + good);
        let played = self.play_all(good, &mut |event: Event<L::Elem>| {
            events += 1;
            slid += event.kind.slides::<L::Elem>() * (until - event.t);
            log.record(event);
        });
        if !played {
            return Err(Failed::Livelock { neuron: 0 });
        }
        self.counts.events += events;
        self.counts.sliding_time += slid;
        self.land(good, loss);
        if !(good < left) {
            self.ahead = Ahead::Leap { starting };
        }
        Ok(Some(good))
    }

    /// Makes the state that was played the present one.
    fn land(&mut self, length: L::Elem, loss: L::Elem) {
        let factor = self.factor();
        let n = self.span.n();
        let memory = &mut self.memory;
        let width = self.span.r() + 2;
        // With r frozen the energy spent is g . (change of h) exactly.
        let (h, g) = split(memory.nodes, n);
        let changes = memory.h_trial.iter().zip(h).zip(g);
        let spent = changes.fold(L::Elem::ZERO, |sum, ((&now, &then), &g)| sum + g * (now - then));
        self.energy.add(factor * spent);
        if loss > L::Elem::ZERO {
            self.curvature.add(factor * spent / loss);
        }
        let sliding = memory.modes.iter().filter(|&&mode| mode == Mode::Sliding).count();
        self.counts.sliding_time += length * L::Elem::from_usize(sliding);
        let rows = lines_mut(memory.trial, width).zip(memory.rho_low.iter_mut());
        for ((row, low), growth) in rows.zip(memory.z0.iter()) {
            if let Some(rho) = row.last_mut() {
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
        let n = self.span.n();
        let memory = &mut self.memory;
        let g = slice(memory.nodes, n..2 * n);
        let mut fastest = L::Elem::ZERO;
        for (j, modes) in lines(memory.modes, n).enumerate() {
            let mut bench = bench!(memory, j);
            pull(&self.span, modes, g, &mut bench);
            fastest = fastest.max(norm_sq::<L>(bench.pull));
        }
        if fastest > L::Elem::ZERO { L::Elem::ONE / fastest.sqrt() } else { L::Elem::ZERO }
    }

    /// Plays every neuron from the present state over `length` into `trial` and `modes_trial`, its
    /// growth in `z0`, and predicts there. False where a neuron does not get on.
    fn play_all<G: Log<L::Elem>>(&mut self, length: L::Elem, log: &mut G) -> bool {
        let width = self.span.r() + 2;
        fill(self.memory.trial, self.memory.y);
        fill(self.memory.modes_trial, self.memory.modes);
        for j in 0..self.p {
            let Some(growth) = self.play(j, length, log) else { return false };
            if let Some(slot) = self.memory.z0.get_mut(j) {
                *slot = growth;
            }
        }
        // The check needs rho as it will be; `land` adds the growth again, to all its digits.
        let memory = &mut self.memory;
        fill(memory.before, memory.trial);
        for (row, &growth) in lines_mut(memory.trial, width).zip(memory.z0.iter()) {
            if let Some(rho) = row.last_mut() {
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
    fn play<G: Log<L::Elem>>(&mut self, j: usize, length: L::Elem, log: &mut G) -> Option<L::Elem> {
        let (n, width) = (self.span.n(), self.span.r() + 2);
        let (polar, bands, t) = (self.is_polar(), self.bands(), self.t.value());
        let span = self.span;
        let memory = &mut self.memory;
        let g = memory.nodes.get(n..2 * n)?;
        let row = memory.trial.get_mut(j * width..(j + 1) * width)?;
        let modes = memory.modes_trial.get_mut(j * n..(j + 1) * n)?;
        let mut bench = bench!(memory, j);
        let (mut passed, mut growth) = (L::Elem::ZERO, L::Elem::ZERO);
        for _ in 0..64 + 16 * n {
            pull(&span, modes, g, &mut bench);
            let boost = Boost::of::<L>(Row::of(row), bench.pull);
            if !(boost.rate > L::Elem::ZERO) {
                return Some(growth);
            }
            let limit = boost.rate * (length - passed);
            let slides = modes.contains(&Mode::Sliding);
            let turn = if slides { boost.turn(limit) } else { None };
            let mut first = turn.map(|x| (x, Crossing::Turn));
            let size = Row::of(row).size::<L>();
            for (i, (&mode, &norm)) in modes.iter().zip(span.norms()).enumerate() {
                let outward = match mode {
                    Mode::Sliding => continue,
                    Mode::Inactive if span.is_diagonal() => continue,
                    Mode::Inactive => -L::Elem::ONE,
                    Mode::Active => L::Elem::ONE,
                };
                let z = span.dot(i, Row::of(row).omega);
                let place = (z, bands.width(norm, size), outward);
                let hit = boost.hit::<L>(&span, i, place, bench.pull, limit);
                if let Some(x) = hit
                    && first.is_none_or(|(best, _)| x < best)
                {
                    first = Some((x, Crossing::Kink { sample: i, high: false }));
                }
            }
            let x = first.map_or(limit, |(x, _)| x);
            growth += boost.apply::<L>(row, bench.pull, x, polar);
            let Some((x, crossing)) = first else { return Some(growth) };
            passed += x / boost.rate;
            let (place, when) = ((&span, bands), (t + passed, j));
            cross(place, (row, modes), g, &mut bench, crossing, when, log);
        }
        None
    }
}
