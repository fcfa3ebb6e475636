//! One neuron through a step of the whole network, kink by kink.
//!
//! Between two states of the network the residual is known: its cubic through four points drives
//! the neuron, which is linear in its own state. So its kinks are found, and the motion past them
//! is integrated, without an evaluation of the network.

use super::event::{Log, Mode};
use super::kink::{Bands, Crossing, First, Pair, ahead, cross, is_stall, range, sign_of};
use super::root::bisect;
use super::row::{Row, field};
use super::rules::Failed;
use super::slide::{Scratch, pull};
use super::span::Span;
use super::tableau::{NODES, ROWS, STAGES, narrow, weights};
use crate::lanes::Lanes;
use crate::linalg::{axpy, norm_sq};
use crate::real::Real;
use crate::rows::{Rows, fill, item, lines, put, slice, slice_mut, split_mut};

/// g = r/n along a step: its values at 0, 1/3, 2/3 and 1, n numbers each.
#[derive(Debug)]
pub struct Drive<'a, T> {
    pub nodes: Rows<'a, T>,
}

impl<T: Real> Drive<'_, T> {
    /// g at the fraction `theta` of the step.
    pub fn at(&self, theta: T, g: &mut [T]) {
        let x = theta.to_f64() * 3.0;
        let (a, b, c, d) = (x, x - 1.0, x - 2.0, x - 3.0);
        let weights = [-b * c * d / 6.0, a * c * d / 2.0, -a * b * d / 2.0, a * b * c / 6.0];
        g.fill(T::ZERO);
        for (node, weight) in self.nodes.each().zip(weights.map(T::from_f64)) {
            for (g, &node) in g.iter_mut().zip(node) {
                *g += weight * node;
            }
        }
    }

    /// Largest |g| at either end.
    fn size(&self) -> T {
        self.nodes.all.iter().fold(T::ZERO, |most, g| most.max(g.abs()))
    }
}

/// Memory of one neuron's run: its state and seven derivatives, r + 2 numbers each, g, and what its
/// pull needs.
#[derive(Debug)]
pub struct Solo<'a, L: Lanes> {
    pub span: Span<'a, L>,
    pub bands: Bands<L::Elem>,
    pub neuron: usize,
    /// (omega, a, rho) now; rho starts at 0 and ends as the growth.
    pub row: &'a mut [L::Elem],
    pub modes: &'a mut [Mode],
    pub trial: &'a mut [L::Elem],
    pub k: &'a mut [L::Elem],
    pub g: &'a mut [L::Elem],
    /// log-size at the start of the step, 0 in Cartesian coordinates.
    pub rho: L::Elem,
    /// Integrals of |theta_j'|^2 and of that over L.
    pub spent: [L::Elem; 2],
    pub scratch: Scratch<'a, L::Elem>,
}

impl<L: Lanes> Solo<'_, L> {
    /// From the start of the step to the fraction `end` of it.
    pub fn run(
        &mut self,
        drive: &Drive<'_, L::Elem>,
        (t, dt): (L::Elem, L::Elem),
        end: L::Elem,
        log: &mut dyn Log<L::Elem>,
    ) -> Result<Option<First<L::Elem>>, Failed> {
        let mut from = L::Elem::ZERO;
        let mut first = None;
        let mut stalls = 0;
        let size = drive.size();
        // More kinks than this in one step are rounding, not the flow.
        for _ in 0..32 + 8 * self.modes.len() {
            let step = (end - from) * dt;
            let rates = self.step(drive, from, end, step);
            let Some((crossing, tau)) = self.earliest(drive, (from, end), step, size) else {
                self.spend(&rates, L::Elem::ONE, step);
                fill(self.row, self.trial);
                return Ok(first);
            };
            self.spend(&rates, tau, step);
            self.dense(tau, step);
            let (before, theta) = (from, from + tau * (end - from));
            from = theta.max(before);
            stalls = if is_stall(from - before) { stalls + 1 } else { 0 };
            drive.at((from + ahead(stalls)).min(L::Elem::ONE), self.g);
            first = first.or(Some(First { theta: from, crossing }));
            self.cross(crossing, t + from * dt, log);
        }
        Err(Failed::Livelock { neuron: self.neuron })
    }

    /// Changes modes at the present state, where g is in `self.g`.
    pub fn cross(&mut self, crossing: Crossing, t: L::Elem, log: &mut dyn Log<L::Elem>) {
        let neuron = (&mut *self.row, &mut *self.modes);
        let (kinks, when) = ((&self.span, self.bands), (t, self.neuron));
        cross(kinks, neuron, self.g, &mut self.scratch, crossing, when, log);
    }

    /// Adds the integrals over the fraction `tau` of a substep.
    fn spend(&mut self, rates: &[[L::Elem; 2]; STAGES], tau: L::Elem, step: L::Elem) {
        for (&[speed, curved], weight) in rates.iter().zip(weights(tau)) {
            let [energy, curvature] = &mut self.spent;
            *energy += step * weight * speed;
            *curvature += step * weight * curved;
        }
    }

    /// Seven derivatives and the end in `trial`, kinks ignored; |theta_j'|^2, and that over L, at each.
    fn step(
        &mut self,
        drive: &Drive<'_, L::Elem>,
        from: L::Elem,
        end: L::Elem,
        step: L::Elem,
    ) -> [[L::Elem; 2]; STAGES] {
        let width = self.row.len();
        let mut rates = [[L::Elem::ZERO; 2]; STAGES];
        let half = L::Elem::from_f64(0.5) * L::Elem::from_usize(self.span.n());
        for (stage, (node, weights)) in NODES.into_iter().zip(ROWS).enumerate() {
            fill(self.trial, self.row);
            let (done, now) = split_mut(self.k, stage * width);
            for (k, weight) in lines(done, width).zip(narrow::<L::Elem, 6>(weights)) {
                axpy::<L>(step * weight, k, self.trial);
            }
            drive.at(from + L::Elem::from_f64(node) * (end - from), self.g);
            pull(&self.span, self.modes, self.g, &mut self.scratch);
            let (row, k) = (Row::of(self.trial), slice_mut(now, ..width));
            let speed = field::<L>(row, self.scratch.pull, self.bands.polar, k);
            let speed = Row { rho: self.rho + row.rho, ..row }.growth() * speed;
            let loss = half * norm_sq::<L>(self.g);
            let curved = if loss > L::Elem::ZERO { speed / loss } else { L::Elem::ZERO };
            put(&mut rates, stage, [speed, curved]);
        }
        rates
    }

    /// The range of sliding pair `sample` under the pull and g at hand.
    fn range(&self, sample: usize, sign: L::Elem) -> [L::Elem; 2] {
        range(item(self.scratch.slip, sample), item(self.g, sample), sign)
    }

    /// The state at the fraction `tau` of the substep.
    fn dense(&mut self, tau: L::Elem, step: L::Elem) {
        let width = self.row.len();
        for (k, weight) in lines(self.k, width).zip(weights(tau)) {
            axpy::<L>(step * weight, k, self.row);
        }
    }

    /// The first crossing of the substep that `step` has made and its fraction of it.
    fn earliest(
        &mut self,
        drive: &Drive<'_, L::Elem>,
        ends: (L::Elem, L::Elem),
        step: L::Elem,
        g_size: L::Elem,
    ) -> Option<(Crossing, L::Elem)> {
        let slides = self.modes.contains(&Mode::Sliding);
        let mut first = Earliest(None);
        if slides {
            self.find_turn(step, &mut first);
        }
        self.find_kinks(step, &mut first);
        if slides {
            self.find_bounds(drive, ends, g_size, &mut first);
        }
        first.0
    }

    /// Where a changes its sign.
    fn find_turn(&self, step: L::Elem, first: &mut Earliest<L::Elem>) {
        let (a0, a1) = (Row::of(self.row).a, Row::of(self.trial).a);
        if a0 * a1 < L::Elem::ZERO {
            let (width, sign) = (self.row.len(), sign_of(a0));
            let a = |tau| dense_at(a0, width - 2, self.k, width, tau, step);
            first.keep(Crossing::Turn, bisect(|tau| sign * a(tau)));
        }
    }

    /// Where pairs that do not slide reach their kinks.
    fn find_kinks(&self, step: L::Elem, first: &mut Earliest<L::Elem>) {
        let (span, width) = (self.span, self.row.len());
        let (start, finish) = (Row::of(self.row), Row::of(self.trial));
        let size = start.size::<L>().max(finish.size::<L>());
        let rates = fastest::<L>(self.k, width);
        for (sample, (&mode, &norm)) in self.modes.iter().zip(span.norms()).enumerate() {
            if mode == Mode::Sliding || (mode == Mode::Inactive && span.is_diagonal()) {
                continue;
            }
            let side = if mode == Mode::Active { L::Elem::ONE } else { -L::Elem::ONE };
            let (z0, z1) = (span.dot(sample, start.omega), span.dot(sample, finish.omega));
            let band = self.bands.width(norm, size);
            let pair = Pair { z0: side * z0, z1: side * z1, reach: step * norm * rates };
            let crossed = pair.is_past(band);
            if !crossed && !pair.may_dip() {
                continue;
            }
            let mut slopes = [L::Elem::ZERO; STAGES];
            for (slope, k) in slopes.iter_mut().zip(lines(self.k, width)) {
                *slope = side * span.dot(sample, slice(k, ..span.r()));
            }
            let z = |tau: L::Elem| {
                let moved = slopes.iter().zip(weights(tau));
                let sum = |sum, (&slope, weight)| sum + slope * weight;
                pair.z0 + step * moved.fold(L::Elem::ZERO, sum)
            };
            let until = if crossed {
                Some(L::Elem::ONE)
            } else {
                let [head, .., tail] = slopes;
                pair.dip(step * head, step * tail).filter(|&tau| z(tau) < -band)
            };
            if let Some(until) = until {
                let tau = until * bisect(|tau| z(tau * until));
                first.keep(Crossing::Kink { sample, high: false }, tau);
            }
        }
    }

    /// Where sliding pairs reach an end of their range.
    fn find_bounds(
        &mut self,
        drive: &Drive<'_, L::Elem>,
        (from, end): (L::Elem, L::Elem),
        g_size: L::Elem,
        first: &mut Earliest<L::Elem>,
    ) {
        let span = self.span;
        let sign = sign_of(Row::of(self.row).a);
        let least = self.bands.z * g_size;
        let mut known = false;
        for sample in 0..self.modes.len() {
            if item(self.modes, sample) != Mode::Sliding {
                continue;
            }
            // What all sliding pairs need at the end of the substep, until a search overwrites it.
            if !known {
                drive.at(end, self.g);
                pull(&span, self.modes, self.g, &mut self.scratch);
                known = true;
            }
            let [low, high] = self.range(sample, sign);
            if !(low < -least || high < -least) {
                continue;
            }
            known = false;
            let is_high = high < low;
            let tau = bisect(|tau| {
                drive.at(from + tau * (end - from), self.g);
                pull(&span, self.modes, self.g, &mut self.scratch);
                let [low, high] = self.range(sample, sign);
                if is_high { high } else { low }
            });
            first.keep(Crossing::Kink { sample, high: is_high }, tau);
        }
    }
}

/// The earliest of the crossings that were found, and where.
struct Earliest<T>(Option<(Crossing, T)>);

impl<T: Real> Earliest<T> {
    fn keep(&mut self, crossing: Crossing, tau: T) {
        if self.0.is_none_or(|(_, best)| tau < best) {
            self.0 = Some((crossing, tau));
        }
    }
}

/// |d omega/dt| at the faster end of a step.
fn fastest<L: Lanes>(k: &[L::Elem], width: usize) -> L::Elem {
    let speed =
        |stage: usize| norm_sq::<L>(slice(k, stage * width..(stage + 1) * width - 2)).sqrt();
    speed(0).max(speed(STAGES - 1))
}

/// Component `at` of the state at the fraction `tau` of a step.
fn dense_at<T: Real>(start: T, at: usize, k: &[T], width: usize, tau: T, step: T) -> T {
    let slopes = lines(k, width).map(|k| item(k, at));
    slopes.zip(weights(tau)).fold(start, |sum, (k, weight)| sum + step * weight * k)
}
