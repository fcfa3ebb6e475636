//! The update of a dense step: w_j += c a_j D_j and a_j += c <w_j, D_j> with c = dt / n, and the speed
//! sum_j a_j^2 |D_j|^2 + <w_j, D_j>^2, all from the weights before the step.
//!
//! Order of summation: with samples in the lanes <w_j, D_j> and |D_j|^2 run over k in virtual lanes and
//! the speed over j ascending; with neurons in the lanes they run over k ascending and the speed
//! over j in virtual lanes. Cost: 3 p d multiply-adds.

use crate::lanes::Lanes;
use crate::layout::{Layout, set};
use crate::linalg::pairs;
use crate::real::Real;
use crate::tile::{Tiled, cover, cover_rows, group, group_mut, panel, panel_mut};

/// The update of all neurons.
pub(crate) struct Advance<'a, L: Lanes> {
    /// dt / n.
    pub c: L::Elem,
    /// W, as [`Weights`](crate::weights::Weights) has it.
    pub w: &'a mut [L::Chunk],
    /// D, laid out as W is.
    pub slope: &'a [L::Chunk],
    /// a, padded to whole chunks.
    pub a: &'a mut [L::Elem],
}

/// What an update did.
#[derive(Clone, Copy)]
pub(crate) struct Advanced<T> {
    /// sum_j a_j^2 |D_j|^2 + <w_j, D_j>^2.
    pub speed_sq: T,
    /// Did any neuron move by more than a rounding? Always so where nobody looked.
    pub moved: bool,
}

impl<L: Lanes> Advance<'_, L> {
    /// Updates p neurons in d dimensions. `look`: see whether any of them moves.
    #[inline(always)]
    pub fn all(self, layout: Layout, p: usize, d: usize, look: bool) -> Advanced<L::Elem> {
        match layout {
            Layout::Samples => {
                let depth = d.div_ceil(L::WIDTH);
                let (speed_sq, moved) = (L::Elem::ZERO, !look);
                let mut job = ByRows { step: self, depth, speed_sq, moved };
                cover_rows::<L, _>(p, &mut job);
                Advanced { speed_sq: job.speed_sq, moved: job.moved }
            }
            Layout::Neurons => {
                let moved = !look || any_moves(&self, p, d);
                let mut job = ByLanes { step: self, d, speed: L::bank(L::zero()) };
                cover::<L, _>(1, p.div_ceil(L::WIDTH), &mut job);
                Advanced { speed_sq: L::fold(job.speed), moved }
            }
        }
    }
}

/// Whether a neuron moves by more than a rounding: a by itself, or |dw_j| = c |a_j| |D_j| held
/// against a rounding of |a_j|.
#[inline(always)]
fn moves<T: Real>(c: T, a: T, next: T, steep: T) -> bool {
    next != a || c * c * steep > T::EPSILON * T::EPSILON
}

/// Samples in the lanes: all row groups of W.
struct ByRows<'a, L: Lanes> {
    step: Advance<'a, L>,
    depth: usize,
    speed_sq: L::Elem,
    moved: bool,
}

impl<L: Lanes> Tiled<L> for ByRows<'_, L> {
    // One width, so the tile is as well part of the loop.
    const FIXED: bool = true;
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, _col: usize) {
        let (c, depth) = (self.step.c, self.depth);
        let (Some(w), Some(slope)) =
            (group_mut::<L, M>(self.step.w, row, depth), group::<L, M>(self.step.slope, row, depth))
        else {
            return;
        };
        let empty = [L::bank(L::zero()); M];
        let (mut outer, mut steep) = (empty, empty);
        for (w, slope) in pairs(w, slope, set::<L>()) {
            for (slot, (w, slope)) in w.iter().zip(slope).enumerate() {
                for (m, (w, slope)) in w.iter().zip(slope).enumerate() {
                    let (w, slope) = (L::load(w), L::load(slope));
                    add::<L, M>(&mut outer, m, slot, w, slope);
                    add::<L, M>(&mut steep, m, slot, slope, slope);
                }
            }
        }
        let mut speeds = [L::zero(); M];
        let a = self.step.a.get_mut(row..row + M).unwrap_or(&mut []);
        for (m, a) in a.iter_mut().enumerate() {
            let total =
                |banks: &[L::Bank<L>; M]| banks.get(m).map_or(L::Elem::ZERO, |bank| L::fold(*bank));
            let (da, steep) = (total(&outer), total(&steep));
            self.speed_sq += *a * *a * steep + da * da;
            if let Some(speed) = speeds.get_mut(m) {
                *speed = L::splat(c * *a);
            }
            let next = c * da + *a;
            self.moved |= moves(c, *a, next, steep);
            *a = next;
        }
        for (w, slope) in w.iter_mut().zip(slope) {
            for ((w, slope), speed) in w.iter_mut().zip(slope).zip(&speeds) {
                speed.mul_add(L::load(slope), L::load(w)).store(w);
            }
        }
    }
}

#[inline(always)]
fn add<L: Lanes, const M: usize>(banks: &mut [L::Bank<L>; M], m: usize, slot: usize, x: L, y: L) {
    if let Some(sum) = banks.get_mut(m).and_then(|bank| bank.as_mut().get_mut(slot)) {
        *sum = x.mul_add(y, *sum);
    }
}

/// Neurons in the lanes: all panels of W^T.
struct ByLanes<'a, L: Lanes> {
    step: Advance<'a, L>,
    d: usize,
    speed: L::Bank<L>,
}

impl<L: Lanes> Tiled<L> for ByLanes<'_, L> {
    const FIXED: bool = true;
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, _row: usize, col: usize) {
        let (Some(w), Some(slope), Some(a)) = (
            panel_mut::<L, V>(self.step.w, col, self.d),
            panel::<L, V>(self.step.slope, col, self.d),
            panel_mut::<L, V>(L::chunks_mut(self.step.a), col, 1).and_then(<[_]>::first_mut),
        ) else {
            return;
        };
        let c = L::splat(self.step.c);
        let (outer, steep) = sums::<L, V>(w, slope);
        let mut speeds = [L::zero(); V];
        for (v, (a, speed)) in a.iter_mut().zip(&mut speeds).enumerate() {
            let (Some(&da), Some(&steep)) = (outer.get(v), steep.get(v)) else {
                return;
            };
            let old = L::load(a);
            if let Some(sum) = self.speed.as_mut().get_mut((col + v) % set::<L>()) {
                *sum = *sum + da.mul_add(da, old * old * steep);
            }
            *speed = c * old;
            c.mul_add(da, old).store(a);
        }
        for (w, slope) in w.iter_mut().zip(slope) {
            for ((w, slope), speed) in w.iter_mut().zip(slope).zip(&speeds) {
                speed.mul_add(L::load(slope), L::load(w)).store(w);
            }
        }
    }
}

/// <w_j, D_j> and |D_j|^2 of one panel of neurons.
#[inline(always)]
fn sums<L: Lanes, const V: usize>(
    w: &[[L::Chunk; V]],
    slope: &[[L::Chunk; V]],
) -> ([L; V], [L; V]) {
    let (mut outer, mut steep) = ([L::zero(); V], [L::zero(); V]);
    for (w, slope) in w.iter().zip(slope) {
        let sums = outer.iter_mut().zip(&mut steep);
        for ((w, slope), (outer, steep)) in w.iter().zip(slope).zip(sums) {
            let (w, slope) = (L::load(w), L::load(slope));
            *outer = w.mul_add(slope, *outer);
            *steep = slope.mul_add(slope, *steep);
        }
    }
    (outer, steep)
}

/// Looks whether any neuron moves, before it does.
struct Look<'a, 'b, L: Lanes> {
    step: &'b Advance<'a, L>,
    d: usize,
    moved: bool,
}

impl<L: Lanes> Tiled<L> for Look<'_, '_, L> {
    const FIXED: bool = true;
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, _row: usize, col: usize) {
        let (Some(w), Some(slope), Some(a)) = (
            panel::<L, V>(self.step.w, col, self.d),
            panel::<L, V>(self.step.slope, col, self.d),
            panel::<L, V>(L::chunks(self.step.a), col, 1).and_then(<[_]>::first),
        ) else {
            return;
        };
        let c = self.step.c;
        let (outer, steep) = sums::<L, V>(w, slope);
        for ((a, outer), steep) in a.iter().zip(outer).zip(steep) {
            let (mut da, mut lanes) = (L::EMPTY, L::EMPTY);
            outer.store(&mut da);
            steep.store(&mut lanes);
            let sums = da.as_ref().iter().zip(lanes.as_ref());
            self.moved |= a
                .as_ref()
                .iter()
                .zip(sums)
                .any(|(&a, (&da, &steep))| moves(c, a, c * da + a, steep));
        }
    }
}

/// A function of its own, so that the step it is rarely called from is not burdened by it.
#[cold]
#[inline(never)]
fn any_moves<L: Lanes>(step: &Advance<'_, L>, p: usize, d: usize) -> bool {
    let mut job = Look { step, d, moved: false };
    cover::<L, _>(1, p.div_ceil(L::WIDTH), &mut job);
    job.moved
}
