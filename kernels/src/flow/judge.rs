//! The kinks inside a step that was tried: which there are, which the network feels, how it may end.

use super::accept::Made;
use super::event::{Event, Mode};
use super::kink::{First, Pair, range, sign_of};
use super::tableau::STAGES;
use super::{Failed, Flow, Row};
use crate::lanes::Lanes;
use crate::linalg::norm_sq;
use crate::real::Real;
use crate::rows::{fill, slice, slice_mut};

/// What repaired neurons together may change in the others, as a share of the tolerance.
const FELT: f64 = 0.2;

/// How a step that was tried ends.
#[derive(Clone, Copy, Debug)]
pub enum Verdict<T> {
    /// Too large an error.
    Reject,
    /// Too many kinks that the network feels: again, shorter by this factor.
    Shorter(f64),
    /// At its end.
    Whole,
    /// At a kink of this neuron.
    Cut(usize, First<T>),
}

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
        let zero = L::Elem::ZERO;
        let count = L::Elem::from_usize(self.span.n());
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
            // The pull of the others changes by sum_i (change_i s/n) x_i, which grows from 0 at the kink.
            let changes = self.memory.change.iter().zip(self.span.norms());
            let square = changes.fold(zero, |sum, (&change, &norm)| {
                let force = norm * change;
                sum + force * force
            });
            let lasting = L::Elem::from_f64(0.5) * (L::Elem::ONE - first.theta) * dt;
            let felt = (square.sqrt() * self.factor() / count * lasting).to_f64();
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

    /// May neuron j have met a kink in the step?
    pub(super) fn crosses(&self, j: usize, dt: L::Elem) -> bool {
        let (n, r, width) = (self.span.n(), self.span.r(), self.span.r() + 2);
        let memory = &self.memory;
        let row = |rows: &[L::Elem]| {
            let row = Row::of(slice(rows, j * width..(j + 1) * width));
            (row.a, row.size::<L>())
        };
        let ((a0, size0), (a1, size1)) = (row(memory.y), row(memory.trial));
        let (size, bands) = (size0.max(size1), self.bands());
        let k = |stage: usize| {
            let first = stage * memory.y.len() + j * width;
            slice(memory.k, first..first + r)
        };
        let speed = norm_sq::<L>(k(0)).max(norm_sq::<L>(k(STAGES - 1))).sqrt();
        let largest = memory.g.iter().fold(L::Elem::ZERO, |most, g| most.max(g.abs()));
        let pairs = |z: &'_ [L::Elem], i: usize| z.get(j * n + i).copied();
        let modes = slice(memory.modes, j * n..(j + 1) * n);
        for (i, ((&mode, &norm), &g)) in
            modes.iter().zip(self.span.norms()).zip(memory.g.iter()).enumerate()
        {
            let (Some(z0), Some(z1)) = (pairs(memory.z0, i), pairs(memory.z1, i)) else { break };
            let side = match mode {
                Mode::Active => L::Elem::ONE,
                Mode::Inactive if self.span.is_diagonal() => continue,
                Mode::Inactive => -L::Elem::ONE,
                Mode::Sliding => {
                    // b in place of z: it must stay between 0 and g, which has the sign of -a.
                    let [low, high] = range(z1, g, sign_of(a0));
                    let least = -bands.z * largest;
                    if low < least || high < least || a0 * a1 < L::Elem::ZERO {
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
        let (factor, n) = (self.factor(), self.span.n());
        let count = L::Elem::from_usize(n);
        for (at, theta) in [(0, 0.0), (1, 1.0 / 3.0), (2, 2.0 / 3.0), (3, 1.0)] {
            match at {
                0 => fill(self.memory.change, self.memory.h),
                3 => fill(self.memory.change, self.memory.h_trial),
                _ => self.predict_inside(dt, L::Elem::from_f64(theta)),
            }
            let memory = &mut self.memory;
            let node = slice_mut(memory.nodes, at * n..(at + 1) * n);
            for ((g, &h), &y) in node.iter_mut().zip(memory.change.iter()).zip(self.span.y()) {
                *g = (y - factor * h) / count;
            }
        }
    }

    /// h at the fraction `theta` of the step from `y`, into `change`.
    fn predict_inside(&mut self, dt: L::Elem, theta: L::Elem) {
        let (span, memory) = (&self.span, &mut self.memory);
        let made = Made { span, rows: memory.y, modes: memory.modes, k: memory.k, dt };
        made.predict(theta, memory.change, memory.solo);
        self.counts.predictions += 1;
    }

    /// What the run of neuron j alone changes in h at the end of the step, into `change`.
    pub(super) fn differ(&mut self, j: usize) {
        let (n, width) = (self.span.n(), self.span.r() + 2);
        let memory = &mut self.memory;
        let alone = Row::of(slice(memory.solo, ..width));
        let start = Row::of(slice(memory.y, j * width..(j + 1) * width));
        let end = Row::of(slice(memory.trial, j * width..(j + 1) * width));
        // The run alone counts its growth from 0.
        let alone = Row { rho: start.rho + alone.rho, ..alone };
        let (grown, planned) = (alone.growth() * alone.a, end.growth() * end.a);
        let modes = slice(memory.modes, j * n..(j + 1) * n);
        let modes_end = slice(memory.modes_trial, j * n..(j + 1) * n);
        let pairs = memory.change.iter_mut().zip(modes).zip(modes_end);
        for (i, ((change, &mode), &mode_end)) in pairs.enumerate() {
            *change = L::Elem::ZERO;
            if mode_end == Mode::Active {
                *change += grown * self.span.dot(i, alone.omega);
            }
            if mode == Mode::Active {
                *change += -(planned * self.span.dot(i, end.omega));
            }
        }
    }
}
