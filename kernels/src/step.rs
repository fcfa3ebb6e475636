//! What every step reports: loss, curvature and health, at the parameters it started from.

use core::fmt;

use crate::lanes::Lanes;
use crate::parts::Parts;
use crate::real::Real;
use crate::rows::{item, slice};

/// The report of one Euler step. Everything is measured where the step started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step<T> {
    /// L = 1/(2n) sum r^2; of a [`deep`](crate::deep) network 1/2 sum |r|^2.
    pub loss: T,
    /// |d theta / dt|^2 of the flow at speed 1/s.
    pub speed_sq: T,
    /// Output scale s.
    pub scale: T,
}

impl<T: Real> Step<T> {
    /// Local-PL curvature mu = s |d theta/dt|^2 / L = |grad L|^2 / (s L) = -d/dt log L, in
    /// 1/flow-time (paper `weak`, eq. 5). `None` where the loss is 0.
    #[inline(always)]
    pub fn mu(&self) -> Option<T> {
        (self.loss != T::ZERO).then(|| self.scale * self.speed_sq / self.loss)
    }
}

/// What has gone wrong since the state was built. Flags stay set.
///
/// Nearly free: the sums it looks at are by-products of the step; single weights are screened one
/// neuron a step, so a flag about them is raised at most p steps late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Health(u8);

impl Health {
    /// The loss, the speed or a weight is NaN.
    pub const NAN: Health = Health(1);
    /// The loss, the speed or a weight is infinite. Infinity times a closed gate is NaN, so an
    /// infinite weight can show as [`NAN`](Health::NAN) instead.
    pub const INFINITE: Health = Health(2);
    /// A weight is subnormal: arithmetic on it is slow and loses digits.
    pub const SUBNORMAL: Health = Health(4);
    /// A step with positive loss moved no neuron by more than a rounding: all are dead, dt is too
    /// small for this precision, or the network is at a critical point, as at the end of every
    /// run that has converged to the last digit. [`Dense`](crate::Dense) looks at its first step
    /// and every p-th one after it.
    pub const STALLED: Health = Health(8);

    /// No flag is set.
    pub const fn is_good(self) -> bool {
        self.0 == 0
    }
    /// Are all flags of `other` set?
    pub const fn contains(self, other: Health) -> bool {
        self.0 & other.0 == other.0
    }
    /// The flags as bits: NaN 1, infinite 2, subnormal 4, stalled 8.
    pub const fn bits(self) -> u8 {
        self.0
    }
    /// Sets the flags of `other` where `raised`.
    #[inline(always)]
    pub(crate) fn raise(&mut self, other: Health, raised: bool) {
        self.0 |= if raised { other.0 } else { 0 };
    }
    /// Sets NAN and INFINITE as `x` asks for.
    #[inline(always)]
    pub(crate) fn look<T: Real>(&mut self, x: T) {
        if !x.is_ordinary() {
            self.diagnose(x, false);
        }
    }
    /// Sets SUBNORMAL, NAN and INFINITE as a weight asks for.
    #[inline(always)]
    pub(crate) fn screen<T: Real>(&mut self, weight: T) {
        if !weight.is_ordinary() {
            self.diagnose(weight, true);
        }
    }
    /// What `x`, which is not ordinary, asks for. Apart, for it is rarely called.
    #[cold]
    #[inline(never)]
    fn diagnose<T: Real>(&mut self, x: T, is_weight: bool) {
        self.raise(Self::NAN, x.is_nan());
        self.raise(Self::INFINITE, x.abs() == T::INFINITY);
        self.raise(Self::SUBNORMAL, is_weight && x.abs() < T::MIN_POSITIVE);
    }
    /// As [`screen`](Self::screen) for each weight of the chunks.
    ///
    /// One by one they would take a sixth of the orthogonal step of 37 neurons on 1500 samples, so
    /// registers of them are looked at first.
    #[inline(always)]
    pub(crate) fn screen_chunks<'a, L: Lanes>(
        &mut self,
        chunks: impl Iterator<Item = &'a L::Chunk> + Clone,
    ) {
        if L::WIDTH == 1 {
            return chunks.flat_map(|chunk| chunk.as_ref()).for_each(|&x| self.screen(x));
        }
        let one = L::splat(L::Elem::ONE);
        // The largest subnormal.
        let below = L::splat(L::Elem::MIN_POSITIVE * (L::Elem::ONE - L::Elem::EPSILON));
        let odd = chunks.clone().fold(L::zero(), |odd, chunk| {
            let x = L::load(chunk);
            let size = x.relu() + (L::zero() - x).relu();
            // 0, but NaN where x is not finite.
            let infinite = L::zero() * x;
            odd + infinite + (one.gate(size) - one.gate(size - below))
        });
        if odd.sum() != L::Elem::ZERO {
            self.screen_each(chunks.flat_map(|chunk| chunk.as_ref()));
        }
    }
    /// Apart, for it is rarely called.
    #[cold]
    #[inline(never)]
    fn screen_each<'a, T: Real>(&mut self, weights: impl Iterator<Item = &'a T>) {
        weights.for_each(|&weight| self.screen(weight));
    }
    /// Screens column j of a matrix of `len` columns in panels of `height` rows.
    #[inline(always)]
    pub(crate) fn screen_column<L: Lanes>(
        &mut self,
        panels: &[L::Chunk],
        height: usize,
        len: usize,
        j: usize,
    ) {
        let chunk = j / L::WIDTH;
        let (first, size) = Parts::of(len.div_ceil(L::WIDTH), L::PANEL).holding(chunk);
        let panel = slice(panels, first * height..(first + size) * height);
        for chunk in panel.iter().skip(chunk - first).step_by(size.max(1)) {
            self.screen(item(chunk.as_ref(), j % L::WIDTH));
        }
    }
    /// Screens row j of a matrix in row groups of `depth` chunks.
    #[inline(always)]
    pub(crate) fn screen_row<L: Lanes>(
        &mut self,
        rows: &[L::Chunk],
        p: usize,
        depth: usize,
        j: usize,
    ) {
        let (first, size) = Parts::of(p, L::ROWS).holding(j);
        let group = slice(rows, first * depth..(first + size) * depth);
        self.screen_chunks::<L>(group.iter().skip(j - first).step_by(size.max(1)));
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_good() {
            return f.write_str("good");
        }
        let names = [
            (Self::NAN, "nan"),
            (Self::INFINITE, "infinite"),
            (Self::SUBNORMAL, "subnormal"),
            (Self::STALLED, "stalled"),
        ];
        let mut separator = "";
        for (flag, name) in names {
            if self.contains(flag) {
                write!(f, "{separator}{name}")?;
                separator = " ";
            }
        }
        Ok(())
    }
}
