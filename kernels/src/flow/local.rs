//! One neuron through a step of the whole network, kink by kink.
//!
//! Between two states of the network the residual is known: its cubic through four points drives
//! the neuron, which is linear in its own state. So its kinks are found, and the motion past them
//! is integrated, without an evaluation of the network.

use super::event::{Event, Kind, Log, Mode};
use super::slide::{Bench, pull, settle};
use super::span::Span;
use super::tableau::{NODES, ROWS, STAGES, narrow, weights};
use super::{Failed, Row, field};
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, lines, norm_sq};
use crate::pack::fill;
use crate::real::Real;

/// g = r/n along a step: its values at 0, 1/3, 2/3 and 1, n numbers each.
#[derive(Debug)]
pub struct Drive<'a, T> {
    pub nodes: &'a [T],
    pub n: usize,
}

impl<T: Real> Drive<'_, T> {
    /// g at the fraction `theta` of the step.
    pub fn at(&self, theta: T, g: &mut [T]) {
        let x = theta.to_f64() * 3.0;
        let (a, b, c, d) = (x, x - 1.0, x - 2.0, x - 3.0);
        let weights = [-b * c * d / 6.0, a * c * d / 2.0, -a * b * d / 2.0, a * b * c / 6.0];
        g.fill(T::ZERO);
        for (node, weight) in lines(self.nodes, self.n).zip(weights.map(T::from_f64)) {
            for (g, &node) in g.iter_mut().zip(node) {
                *g += weight * node;
            }
        }
    }

    /// Largest |g| at either end.
    fn size(&self) -> T {
        self.nodes.iter().fold(T::ZERO, |most, g| most.max(g.abs()))
    }
}

/// Limits that do not depend on the neuron.
#[derive(Clone, Copy, Debug)]
pub struct Bands<T> {
    /// A pair is past its kink when z is beyond it by this share of |x_i| and the neuron's size.
    pub z: T,
    pub polar: bool,
}

impl<T: Real> Bands<T> {
    /// The width of the kink of sample i for a neuron of that size.
    pub fn width(self, norm: T, size: T) -> T {
        self.z * norm * size
    }
}

/// Memory of one neuron's run: its state and seven derivatives, r + 2 numbers each, g, and the
/// bench.
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
    pub bench: Bench<'a, L::Elem>,
}

/// The first kink of a run.
#[derive(Clone, Copy, Debug)]
pub struct First<T> {
    /// Fraction of the step.
    pub theta: T,
    pub crossing: Crossing,
}

/// What a neuron runs into.
#[derive(Clone, Copy, Debug)]
pub enum Crossing {
    /// Pair `sample` reaches its kink or the end (`high`: the active one) of its sliding range.
    Kink { sample: usize, high: bool },
    /// a changes its sign while pairs slide.
    Turn,
}

impl<L: Lanes> Solo<'_, L> {
    /// From the start of the step to the fraction `end` of it.
    pub fn run<G: Log<L::Elem>>(
        &mut self,
        drive: &Drive<'_, L::Elem>,
        (t, dt): (L::Elem, L::Elem),
        end: L::Elem,
        log: &mut G,
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
    pub fn cross<G: Log<L::Elem>>(&mut self, crossing: Crossing, t: L::Elem, log: &mut G) {
        let neuron = self.neuron;
        match crossing {
            Crossing::Kink { sample, high } => {
                self.span.flatten(sample, self.row);
                if vanish::<L>(self.row, self.modes, self.bands, (t, neuron), log) {
                    return;
                }
                let sign = sign_of(Row::of(self.row).a);
                let place = (sample, high);
                let bench = &mut self.bench;
                settle(&self.span, self.modes, self.g, sign, place, bench, &mut |sample, kind| {
                    log.record(Event { t, neuron, sample, kind });
                });
            }
            Crossing::Turn => {
                for (sample, mode) in self.modes.iter_mut().enumerate() {
                    if *mode == Mode::Sliding {
                        *mode = Mode::Inactive;
                        log.record(Event { t, neuron, sample, kind: Kind::LeavesInactive });
                    }
                }
            }
        }
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
            let Some((done, now)) = self.k.split_at_mut_checked(stage * width) else { break };
            for (k, weight) in lines(done, width).zip(narrow::<L::Elem, 6>(weights)) {
                axpy::<L>(step * weight, k, self.trial);
            }
            drive.at(from + L::Elem::from_f64(node) * (end - from), self.g);
            pull(&self.span, self.modes, self.g, &mut self.bench);
            if let (Some(k), Some(rate)) = (now.get_mut(..width), rates.get_mut(stage)) {
                let row = Row::of(self.trial);
                let speed = field::<L>(row, self.bench.pull, self.bands.polar, k);
                let speed = Row { rho: self.rho + row.rho, ..row }.growth() * speed;
                let loss = half * norm_sq::<L>(self.g);
                let curved = if loss > L::Elem::ZERO { speed / loss } else { L::Elem::ZERO };
                *rate = [speed, curved];
            }
        }
        rates
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
        (from, end): (L::Elem, L::Elem),
        step: L::Elem,
        g_size: L::Elem,
    ) -> Option<(Crossing, L::Elem)> {
        let zero = L::Elem::ZERO;
        let width = self.row.len();
        let sign = sign_of(Row::of(self.row).a);
        let slides = self.modes.contains(&Mode::Sliding);
        let mut first: Option<(Crossing, L::Elem)> = None;
        let mut keep = |crossing, tau: L::Elem| {
            if first.is_none_or(|(_, best)| tau < best) {
                first = Some((crossing, tau));
            }
        };
        if slides {
            let (a0, a1) = (Row::of(self.row).a, Row::of(self.trial).a);
            if a0 * a1 < zero {
                let tau = bisect(|tau| sign * dense_at(a0, width - 2, self.k, width, tau, step));
                keep(Crossing::Turn, tau);
            }
        }
        let size = row_size::<L>(self.row).max(row_size::<L>(self.trial));
        let span = self.span;
        let (start, finish) = (Row::of(self.row), Row::of(self.trial));
        let rates = ends::<L>(self.k, width);
        let modes = &*self.modes;
        for (sample, (&mode, &norm)) in modes.iter().zip(span.norms()).enumerate() {
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
            let mut slopes = [zero; STAGES];
            for (slope, k) in slopes.iter_mut().zip(lines(self.k, width)) {
                *slope = side * span.dot(sample, k.get(..span.r()).unwrap_or(&[]));
            }
            let z = |tau: L::Elem| {
                let moved = slopes.iter().zip(weights(tau));
                pair.z0 + step * moved.fold(zero, |sum, (&slope, weight)| sum + slope * weight)
            };
            let until = if crossed {
                Some(L::Elem::ONE)
            } else {
                let [head, .., tail] = slopes;
                pair.dip(step * head, step * tail).filter(|&tau| z(tau) < -band)
            };
            if let Some(until) = until {
                let tau = until * bisect(|tau| z(tau * until));
                keep(Crossing::Kink { sample, high: false }, tau);
            }
        }
        if slides {
            let least = self.bands.z * g_size;
            let mut known = false;
            for sample in 0..self.modes.len() {
                if self.modes.get(sample) != Some(&Mode::Sliding) {
                    continue;
                }
                // What all sliding pairs need at the end of the substep, until a search overwrites it.
                if !known {
                    drive.at(end, self.g);
                    pull(&span, self.modes, self.g, &mut self.bench);
                    known = true;
                }
                let [low, high] = range(&self.bench, self.g, sample, sign);
                if !(low < -least || high < -least) {
                    continue;
                }
                known = false;
                let is_high = high < low;
                let tau = bisect(|tau| {
                    drive.at(from + tau * (end - from), self.g);
                    pull(&span, self.modes, self.g, &mut self.bench);
                    let [low, high] = range(&self.bench, self.g, sample, sign);
                    if is_high { high } else { low }
                });
                keep(Crossing::Kink { sample, high: is_high }, tau);
            }
        }
        first
    }
}

/// Does a run that gets no further than this share of a step not get on?
pub fn is_stall<T: Real>(gained: T) -> bool {
    gained < T::from_f64(0.1) * T::EPSILON.sqrt()
}

/// How far ahead, as a share of the step, the residual is taken that decides on a kink. Where the
/// residual of a neuron's last active sample passes 0, all its sliding pairs come to their bounds at
/// once, and rounding decides which of them leave: wrong ones come back at once and may take turns
/// for ever. The residual of a moment later decides rightly.
pub fn ahead<T: Real>(stalls: u32) -> T {
    match stalls {
        0..2 => T::ZERO,
        _ => T::EPSILON.sqrt() * T::from_f64(libm::ldexp(1.0, stalls.min(60) as i32 - 2)),
    }
}

/// Cuts of steps that do not get on before the run is given up.
pub const STALLS: u32 = 200;

/// Where omega itself has reached 0, all kinks of the neuron meet. Every alpha in [0, 1] is allowed
/// there, so the shortest velocity is 0: the neuron stays, inactive on all samples. True where so.
pub fn vanish<L: Lanes>(
    row: &mut [L::Elem],
    modes: &mut [Mode],
    bands: Bands<L::Elem>,
    (t, neuron): (L::Elem, usize),
    log: &mut impl Log<L::Elem>,
) -> bool {
    let [omega @ .., a, _] = row else { return false };
    if norm_sq::<L>(omega).sqrt() > bands.z * a.abs() {
        return false;
    }
    omega.fill(L::Elem::ZERO);
    for (sample, mode) in modes.iter_mut().enumerate() {
        let was = core::mem::replace(mode, Mode::Inactive);
        if was != Mode::Inactive {
            log.record(Event { t, neuron, sample, kind: Kind::of(was, Mode::Inactive) });
        }
    }
    true
}

fn sign_of<T: Real>(a: T) -> T {
    if a < T::ZERO { -T::ONE } else { T::ONE }
}

/// How far a sliding pair is from either end of its range, each times |g|: b to 0, and b to g.
/// Never divided by g, which may pass 0 within a step.
fn range<T: Real>(bench: &Bench<'_, T>, g: &[T], sample: usize, sign: T) -> [T; 2] {
    let (slip, g) = (bench.slip.get(sample).copied(), g.get(sample).copied());
    let (slip, g) = (slip.unwrap_or(T::ZERO), g.unwrap_or(T::ZERO));
    [-sign * slip, -sign * (g - slip)]
}

/// z of an active pair, or -z of an inactive one, at both ends of a step.
#[derive(Clone, Copy, Debug)]
pub struct Pair<T> {
    pub z0: T,
    pub z1: T,
    /// The most that z can move at its speed at the faster end.
    pub reach: T,
}

impl<T: Real> Pair<T> {
    /// Is z beyond the kink at the end, and on its way out? A pair at rest stays what it is.
    pub fn is_past(self, band: T) -> bool {
        self.z1 < -band && self.z1 < self.z0
    }

    /// May z have been below 0 inside the step? A bound that costs nothing.
    pub fn may_dip(self) -> bool {
        let half = T::from_f64(0.5);
        !(self.z0.min(self.z1) > half * self.reach)
    }

    /// Where the cubic through both ends with slopes `head` and `tail`, each times the step, has a
    /// minimum below a tenth of the ends. A tenth: the cubic is not the flow.
    pub fn dip(self, head: T, tail: T) -> Option<T> {
        if !(head < T::ZERO && tail > T::ZERO) {
            return None;
        }
        let (two, three) = (T::from_f64(2.0), T::from_f64(3.0));
        let change = self.z1 - self.z0;
        // z' = head + 2 b tau + 3 c tau^2.
        let (b, c) = (three * change - two * head - tail, head + tail - two * change);
        let root = (b * b - three * c * head).sqrt();
        let tau = -head / (b + root);
        if !(tau > T::ZERO && tau < T::ONE) {
            return None;
        }
        let least = self.z0 + tau * (head + tau * (b + tau * c));
        (least < T::from_f64(0.1) * self.z0.min(self.z1)).then_some(tau)
    }
}

/// |d omega/dt| at the faster end of a step.
fn ends<L: Lanes>(k: &[L::Elem], width: usize) -> L::Elem {
    let speed = |k: Option<&[L::Elem]>| {
        let k = k.and_then(|k| k.get(..width.saturating_sub(2))).unwrap_or(&[]);
        norm_sq::<L>(k).sqrt()
    };
    speed(k.get(..width)).max(speed(k.get((STAGES - 1) * width..)))
}

/// sqrt(a^2 + |omega|^2).
pub fn row_size<L: Lanes>(row: &[L::Elem]) -> L::Elem {
    let both = row.get(..row.len().saturating_sub(1)).unwrap_or(&[]);
    dot::<L>(both, both).sqrt()
}

/// Component `at` of the state at the fraction `tau` of a step.
fn dense_at<T: Real>(start: T, at: usize, k: &[T], width: usize, tau: T, step: T) -> T {
    let slopes = k.get(at..).unwrap_or(&[]).iter().step_by(width.max(1));
    slopes.zip(weights(tau)).fold(start, |sum, (&k, weight)| sum + step * weight * k)
}

/// Where `f`, negative at 1, passes 0 from above: Illinois, to the last digits of tau. A pair that
/// has just left its kink has f = 0 at 0 and is above it soon after; 0 where it never is.
fn bisect<T: Real>(mut f: impl FnMut(T) -> T) -> T {
    let (mut low, mut high) = (T::ZERO, T::ONE);
    let (mut above, mut below) = (f(low), f(high));
    while !(above > T::ZERO) {
        // From the end to the start, so that what is found is on the last arc above 0.
        let tau = if low == T::ZERO { T::from_f64(0.5) } else { T::from_f64(0.5) * low };
        if tau < T::EPSILON {
            return T::ZERO;
        }
        (low, above) = (tau, f(tau));
        if !(above > T::ZERO) {
            (high, below) = (low, above);
        }
    }
    let half = T::from_f64(0.5);
    let mut kept = 0;
    for _ in 0..60 {
        if !(high - low > T::EPSILON * (high + T::EPSILON)) {
            break;
        }
        let guess = low + (high - low) * (above / (above - below));
        let inside = guess > low && guess < high;
        let tau = if inside { guess } else { half * (low + high) };
        if tau == low || tau == high {
            break;
        }
        let value = f(tau);
        if value > T::ZERO {
            (low, above) = (tau, value);
            below = if kept == 1 { half * below } else { below };
            kept = 1;
        } else {
            (high, below) = (tau, value);
            above = if kept == -1 { half * above } else { above };
            kept = -1;
        }
        if value == T::ZERO {
            break;
        }
    }
    high
}
