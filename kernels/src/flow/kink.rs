//! The kinks of one neuron: when it is past one, what becomes of its pairs there.

use super::event::{Event, Kind, Log, Mode};
use super::row::Row;
use super::slide::{Scratch, settle};
use super::span::Span;
use crate::lanes::Lanes;
use crate::linalg::norm_sq;
use crate::real::Real;
use crate::rows::impossible;

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

/// Changes the modes of a neuron that is at `crossing` under the residual `g`.
pub fn cross<L: Lanes>(
    (span, bands): (&Span<'_, L>, Bands<L::Elem>),
    (row, modes): (&mut [L::Elem], &mut [Mode]),
    g: &[L::Elem],
    scratch: &mut Scratch<'_, L::Elem>,
    crossing: Crossing,
    (t, neuron): (L::Elem, usize),
    log: &mut dyn Log<L::Elem>,
) {
    let mut note = |sample: usize, kind: Kind| log.record(Event { t, neuron, sample, kind });
    match crossing {
        Crossing::Kink { sample, high } => {
            span.flatten(sample, row);
            if vanish::<L>(row, bands) {
                release(modes, |mode| mode != Mode::Inactive, &mut note);
                return;
            }
            let sign = sign_of(Row::of(row).a);
            settle(span, modes, g, sign, (sample, high), scratch, &mut note);
        }
        Crossing::Turn => release(modes, |mode| mode == Mode::Sliding, &mut note),
    }
}

/// Makes the pairs inactive whose mode `goes`.
fn release(modes: &mut [Mode], goes: impl Fn(Mode) -> bool, note: &mut impl FnMut(usize, Kind)) {
    for (sample, mode) in modes.iter_mut().enumerate().filter(|(_, mode)| goes(**mode)) {
        let was = core::mem::replace(mode, Mode::Inactive);
        note(sample, Kind::of(was, Mode::Inactive));
    }
}

/// Where omega itself has reached 0, all kinks of the neuron meet. Every alpha in [0, 1] is allowed
/// there, so the shortest velocity is 0: the neuron stays, inactive on all samples. True where so;
/// omega then is exactly 0.
fn vanish<L: Lanes>(row: &mut [L::Elem], bands: Bands<L::Elem>) -> bool {
    let [omega @ .., a, _] = row else { return impossible() };
    if norm_sq::<L>(omega).sqrt() > bands.z * a.abs() {
        return false;
    }
    omega.fill(L::Elem::ZERO);
    true
}

/// 1 or -1; 1 where a is 0.
pub fn sign_of<T: Real>(a: T) -> T {
    if a < T::ZERO { -T::ONE } else { T::ONE }
}

/// How far a sliding pair with b = `slip` is from either end of its range, each times |g|: b to 0,
/// and b to g. Never divided by g, which may pass 0 within a step.
pub fn range<T: Real>(slip: T, g: T, sign: T) -> [T; 2] {
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
