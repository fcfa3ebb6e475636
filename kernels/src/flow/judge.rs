//! The kinks inside a step that was tried: which there are, which the network feels, how it may end.

use super::Flow;
use super::event::{Event, Mode};
use super::kink::{First, Pair, range, sign_of};
use super::row::Row;
use super::rules::Failed;
use super::tableau::STAGES;
use super::tried::{Made, Verdict};
use crate::lanes::Lanes;
use crate::linalg::norm_sq;
use crate::real::Real;
use crate::rows::{fill, item, slice};

/// What repaired neurons together may change in the others, as a share of the tolerance.
const FELT: f64 = 0.2;

impl<L: Lanes> Flow<'_, L> {
    /// Looks for kinks inside the step from `y` to `trial` and says how it may end.
    pub(super) fn judge(
        &mut self,
        dt: L::Elem,
        error: L::Elem,
    ) -> Result<Verdict<L::Elem>, Failed> {
        if !(error <= L::Elem::ONE) {
            return Ok(Verdict::Reject);
        }
        self.kinks = f64::INFINITY;
        if !(0..self.p).any(|j| self.crosses(j, dt)) {
            return Ok(Verdict::Whole);
        }
        self.drive(dt);
        // The step ends at the first kink of a neuron that the others would feel.
        let allowed = FELT * self.rules.tolerance.to_f64();
        let mut budget = if self.rules.repair { allowed } else { 0.0 };
        let mut total = 0.0;
        let mut cut: Option<(usize, First<L::Elem>)> = None;
        for j in 0..self.p {
            if !self.crosses(j, dt) {
                continue;
            }
            let silent = &mut |_: Event<L::Elem>| ();
            let Some(first) = self.alone(j, dt, L::Elem::ONE, silent)? else { continue };
            self.differ(j);
            let felt = self.felt(first.theta, dt);
            total += felt;
            if felt < budget {
                budget -= felt;
            } else if cut.is_none_or(|(_, best)| first.theta < best.theta) {
                cut = Some((j, first));
            }
        }
        // What is felt falls with the square of the length: where kinks are dense, a step short enough
        // to hold many gets further than one cut at the first of them.
        let shorter = libm::sqrt(allowed / total.max(1e-3 * allowed));
        Ok(match cut {
            None => {
                self.kinks = shorter;
                Verdict::Whole
            }
            Some((_, first)) if self.rules.repair && first.theta.to_f64() < 0.5 * shorter => {
                Verdict::Shorter(0.8 * shorter.min(1.0))
            }
            Some((neuron, first)) => Verdict::Cut(neuron, first),
        })
    }

    /// How far what a neuron changes in h from the fraction `theta` of the step on moves the others.
    fn felt(&self, theta: L::Elem, dt: L::Elem) -> f64 {
        // Their pull changes by sum_i (change_i s/n) x_i, which grows from 0 at the kink.
        let changes = self.memory.change.iter().zip(self.span.norms());
        let square = changes.fold(L::Elem::ZERO, |sum, (&change, &norm)| {
            let force = norm * change;
            sum + force * force
        });
        let count = L::Elem::from_usize(self.span.n());
        let lasting = L::Elem::from_f64(0.5) * (L::Elem::ONE - theta) * dt;
        (square.sqrt() * self.factor() / count * lasting).to_f64()
    }

    /// May neuron j have met a kink in the step?
    pub(super) fn crosses(&self, j: usize, dt: L::Elem) -> bool {
        let memory = &self.memory;
        let (start, end) = (Row::of(memory.y.row(j)), Row::of(memory.trial.row(j)));
        let (size, bands) = (start.size::<L>().max(end.size::<L>()), self.bands());
        let k = |stage: usize| slice(memory.k.row(stage, j), ..self.span.r());
        let speed = norm_sq::<L>(k(0)).max(norm_sq::<L>(k(STAGES - 1))).sqrt();
        let largest = memory.g.iter().fold(L::Elem::ZERO, |most, g| most.max(g.abs()));
        let (z0, z1) = (memory.z0.row(j), memory.z1.row(j));
        let samples = memory.modes.row(j).iter().zip(self.span.norms()).zip(memory.g.iter());
        for (i, ((&mode, &norm), &g)) in samples.enumerate() {
            let (z0, z1) = (item(z0, i), item(z1, i));
            let side = match mode {
                Mode::Active => L::Elem::ONE,
                Mode::Inactive if self.span.is_diagonal() => continue,
                Mode::Inactive => -L::Elem::ONE,
                Mode::Sliding => {
                    // b in place of z: it must stay between 0 and g, which has the sign of -a.
                    let [low, high] = range(z1, g, sign_of(start.a));
                    let least = -bands.z * largest;
                    if low < least || high < least || start.a * end.a < L::Elem::ZERO {
                        return true;
                    }
                    continue;
                }
            };
            let band = bands.width(norm, size);
            let pair = Pair { z0: side * z0, z1: side * z1, reach: dt * norm * speed };
            if pair.is_past(band) {
                return true;
            }
            if pair.may_dip() {
                let slope = |stage: usize| side * dt * self.span.dot(i, k(stage));
                if pair.dip(slope(0), slope(STAGES - 1)).is_some() {
                    return true;
                }
            }
        }
        false
    }

    /// r/n at 0, 1/3, 2/3 and 1 of the step, into `nodes`.
    fn drive(&mut self, dt: L::Elem) {
        let (factor, count) = (self.factor(), L::Elem::from_usize(self.span.n()));
        for (at, theta) in [(0, 0.0), (1, 1.0 / 3.0), (2, 2.0 / 3.0), (3, 1.0)] {
            match at {
                0 => fill(self.memory.change, self.memory.h),
                3 => fill(self.memory.change, self.memory.h_trial),
                _ => self.predict_inside(dt, L::Elem::from_f64(theta)),
            }
            let memory = &mut self.memory;
            let points = memory.nodes.row_mut(at).iter_mut().zip(memory.change.iter());
            for ((g, &h), &y) in points.zip(self.span.y()) {
                *g = (y - factor * h) / count;
            }
        }
    }

    /// h at the fraction `theta` of the step from `y`, into `change`.
    fn predict_inside(&mut self, dt: L::Elem, theta: L::Elem) {
        let memory = &mut self.memory;
        let (rows, modes) = (memory.y.read(), memory.modes.read());
        let made = Made { span: &self.span, rows, modes, k: &memory.k, dt };
        made.predict(theta, memory.change, memory.solo);
        self.counts.predictions += 1;
    }
}
