//! One step of the network: seven derivatives, their error, the length of the next step.

use super::Flow;
use super::event::{Log, Mode};
use super::row::{Row, field};
use super::rules::{Advance, Failed};
use super::slide::pull;
use super::tableau::{DIFFERENCE, ORDER, ROWS, STAGES, narrow};
use super::tried::{Along, Verdict};
use crate::lanes::Lanes;
use crate::linalg::{axpy, norm_sq};
use crate::real::Real;
use crate::rows::{fill, lines_mut, put, slice, split_mut};

/// Where a derivative goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// To a stage of the step.
    Stage(usize),
    /// To the start of the next step.
    Ahead,
}

impl<L: Lanes> Flow<'_, L> {
    /// One accepted step, or one leap, towards `t_end`; events go to `log`.
    ///
    /// # Errors
    /// [`Failed`]; the state stays that of the last accepted step.
    pub fn advance<G: Log<L::Elem>>(
        &mut self,
        t_end: L::Elem,
        log: &mut G,
    ) -> Result<Advance<L::Elem>, Failed> {
        self.advance_towards(t_end, log)
    }

    /// [`advance`](Flow::advance), compiled once for all logs.
    fn advance_towards(
        &mut self,
        t_end: L::Elem,
        log: &mut dyn Log<L::Elem>,
    ) -> Result<Advance<L::Elem>, Failed> {
        let left = self.t.until(t_end);
        if !(left > L::Elem::ZERO) {
            return Ok(Advance::Arrived);
        }
        if self.counts.events > self.rules.events {
            return Err(Failed::Events);
        }
        if let Some(length) = self.try_leap(left, log)? {
            return Ok(Advance::Leap(length));
        }
        self.begin();
        if !self.loss.is_finite() {
            return Err(Failed::NonFinite);
        }
        loop {
            let dt = self.next.min(self.rules.longest).min(left);
            if !(dt
                > L::Elem::EPSILON * L::Elem::EPSILON * self.t.value().max(L::Elem::MIN_POSITIVE))
            {
                return Err(Failed::Step);
            }
            let along = self.stages(dt);
            let error = self.error_of(dt, &along) / self.rules.tolerance;
            match self.judge(dt, error)? {
                Verdict::Reject => {
                    self.counts.rejected += 1;
                    self.next = dt * self.shrink(error);
                }
                Verdict::Shorter(factor) => {
                    self.counts.rejected += 1;
                    self.next = dt * L::Elem::from_f64(factor);
                }
                verdict => {
                    let growth = self.grow(error).min(L::Elem::from_f64(0.9 * self.kinks));
                    let taken = self.accept(dt, verdict, &along, log)?;
                    self.counts.steps += 1;
                    self.counts.error_estimate += error * self.rules.tolerance;
                    // A step cut by t_end says nothing against the one that was planned.
                    let planned = if dt < self.next { self.next } else { L::Elem::ZERO };
                    self.next = (dt * growth).max(planned);
                    return Ok(Advance::Step(taken));
                }
            }
        }
    }

    /// The derivative at the present state, unless it is known.
    pub(super) fn renew(&mut self) {
        if !self.fresh {
            fill(self.memory.trial.all, self.memory.y.all);
            self.rhs(Target::Ahead);
            self.fresh = true;
        }
    }

    /// Makes the present state the start of a step.
    fn begin(&mut self) {
        self.renew();
        let memory = &mut self.memory;
        fill(memory.k.stage_mut(0), memory.ahead.all);
        fill(memory.z0.all, memory.z1.all);
        fill(memory.h, memory.h_trial);
        let (first, rest) = split_mut(memory.speeds.all, self.p);
        fill(first, slice(rest, (STAGES - 1) * self.p..));
        if !(self.next > L::Elem::ZERO) {
            let rows = memory.y.each().zip(memory.ahead.each());
            let fastest = rows.fold(L::Elem::ZERO, |most, (row, k)| {
                let (size, speed) = (Row::of(row).size_sq::<L>(), norm_sq::<L>(k));
                if size > L::Elem::ZERO { most.max((speed / size).sqrt()) } else { most }
            });
            // About what the error of order 5 allows at the time scale of the fastest neuron.
            let short = 4.0 * libm::pow(self.rules.tolerance.to_f64(), 1.0 / f64::from(ORDER));
            self.next = L::Elem::from_f64(short) / fastest.max(L::Elem::EPSILON);
        }
    }

    /// Stages 1 to 6 of a step of length `dt`; `trial` ends as the end of the step.
    fn stages(&mut self, dt: L::Elem) -> Along<L::Elem> {
        let start = (self.speed_sq, self.loss);
        let mut along = Along { speed_sq: [start.0; STAGES], loss: [start.1; STAGES] };
        for (stage, weights) in ROWS.into_iter().enumerate().skip(1) {
            fill(self.memory.trial.all, self.memory.y.all);
            let k = self.memory.k.each().take(stage);
            for (k, weight) in k.zip(narrow::<L::Elem, 6>(weights)) {
                axpy::<L>(dt * weight, k, self.memory.trial.all);
            }
            self.rhs(Target::Stage(stage));
            put(&mut along.speed_sq, stage, self.speed_sq);
            put(&mut along.loss, stage, self.loss);
        }
        // The step may be tried again: what belongs to its start stays in `self`.
        (self.speed_sq, self.loss) = start;
        along
    }

    /// Evaluates the right-hand side at `trial`: derivatives to the target, h to `h_trial`, r/n to
    /// `g`; at the ends of a step z to `z1`, with b of the sliding pairs in place of their z.
    fn rhs(&mut self, target: Target) {
        let polar = self.is_polar();
        let ends = matches!(target, Target::Ahead | Target::Stage(6));
        self.counts.evaluations += 1;
        self.sum_predictions(ends);
        self.residual();
        let memory = &mut self.memory;
        let width = memory.trial.width;
        let (k, speeds) = match target {
            Target::Ahead => (&mut *memory.ahead.all, memory.speeds.row_mut(STAGES)),
            Target::Stage(stage) => (memory.k.stage_mut(stage), memory.speeds.row_mut(stage)),
        };
        let rows = memory.trial.each().zip(memory.modes.each());
        let outs = lines_mut(k, width).zip(memory.z1.each_mut()).zip(speeds);
        let mut speed_sq = L::Elem::ZERO;
        for (j, ((row, modes), ((k, z), slot))) in rows.zip(outs).enumerate() {
            let mut scratch = memory.pulls.neuron(j);
            pull(&self.span, modes, memory.g, &mut scratch);
            let row = Row::of(row);
            let speed = field::<L>(row, scratch.pull, polar, k);
            *slot = row.growth() * speed;
            speed_sq += *slot;
            if ends {
                for ((z, &slip), &mode) in z.iter_mut().zip(scratch.slip.iter()).zip(modes) {
                    *z = if mode == Mode::Sliding { slip } else { *z };
                }
            }
        }
        self.speed_sq = speed_sq;
    }

    /// h = sum_j a_j relu(z_ji) of `trial` into `h_trial`; where `keep`, z of all pairs that do not
    /// slide into `z1`.
    pub(super) fn sum_predictions(&mut self, keep: bool) {
        let memory = &mut self.memory;
        memory.h_trial.fill(L::Elem::ZERO);
        let rows = memory.trial.each().zip(memory.modes.each());
        for ((row, modes), z) in rows.zip(memory.z1.each_mut()) {
            let row = Row::of(row);
            let weight = row.growth() * row.a;
            let pairs = memory.h_trial.iter_mut().zip(modes).zip(z);
            for (i, ((h, &mode), z)) in pairs.enumerate() {
                if mode == Mode::Active || (keep && mode == Mode::Inactive) {
                    let value = self.span.dot(i, row.omega);
                    if mode == Mode::Active {
                        *h += weight * value;
                    }
                    if keep {
                        *z = value;
                    }
                }
            }
        }
    }

    /// g = r/n from `h_trial`, and the loss.
    pub(super) fn residual(&mut self) {
        let factor = self.factor();
        let count = L::Elem::from_usize(self.span.n());
        let memory = &mut self.memory;
        for ((g, &h), &y) in memory.g.iter_mut().zip(memory.h_trial.iter()).zip(self.span.y()) {
            *g = (y - factor * h) / count;
        }
        // n^2 |g|^2 / (2n).
        self.loss = norm_sq::<L>(memory.g) * count / (L::Elem::ONE + L::Elem::ONE);
    }

    /// h and the loss of the present state.
    pub(super) fn predict_now(&mut self) {
        fill(self.memory.trial.all, self.memory.y.all);
        self.sum_predictions(false);
        self.residual();
    }

    /// Largest local error of the step over all neurons, each relative to its size.
    fn error_of(&self, dt: L::Elem, along: &Along<L::Elem>) -> L::Elem {
        let polar = self.is_polar();
        let memory = &self.memory;
        let width = memory.y.width;
        let weights = narrow::<L::Elem, STAGES>(DIFFERENCE);
        let ends = memory.y.each().zip(memory.trial.each());
        let mut most = L::Elem::ZERO;
        if self.rules.curvature {
            let rates = along.speed_sq.iter().zip(&along.loss).zip(weights);
            let sum = rates.fold(L::Elem::ZERO, |sum, ((&speed_sq, &loss), weight)| {
                if loss > L::Elem::ZERO { sum + weight * (speed_sq / loss) } else { sum }
            });
            most = (self.factor() * sum).abs();
        }
        for (j, ((start, end), &across)) in ends.zip(memory.across.iter()).enumerate() {
            let scale = if polar {
                L::Elem::ONE
            } else {
                let (start, end) = (Row::of(start), Row::of(end));
                (start.size_sq::<L>().max(end.size_sq::<L>()) + across).sqrt()
            };
            let mut worst = L::Elem::ZERO;
            for at in j * width..(j + 1) * width {
                let k = memory.k.numbers(at).zip(weights);
                let error = k.fold(L::Elem::ZERO, |sum, (k, weight)| sum + weight * k);
                // NaN must get through: `max` drops it.
                let error = error.abs();
                worst = if error > worst || error.is_nan() { error } else { worst };
            }
            let relative = if worst == L::Elem::ZERO { worst } else { worst / scale };
            most = if relative > most || relative.is_nan() { relative } else { most };
        }
        dt * most
    }

    fn shrink(&self, error: L::Elem) -> L::Elem {
        if !error.is_finite() {
            return L::Elem::from_f64(0.2);
        }
        let order = f64::from(ORDER);
        let factor = 0.9 * libm::pow(error.to_f64(), -1.0 / order);
        L::Elem::from_f64(factor.clamp(0.2, 0.9))
    }

    /// The controller of order 5 with a memory of one step, which damps the swing between steps
    /// that are too long and too short where stability limits them.
    fn grow(&mut self, error: L::Elem) -> L::Elem {
        let order = f64::from(ORDER);
        let (now, then) = (error.to_f64().max(1e-10), self.error.to_f64());
        let factor = 0.9 * libm::pow(now, -0.7 / order) * libm::pow(then, 0.2 / order);
        self.error = L::Elem::from_f64(now.max(1e-4));
        L::Elem::from_f64(factor.clamp(0.2, 5.0))
    }
}
