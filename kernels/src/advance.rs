//! The update of a dense step: w_j += c a_j D_j and a_j += c <w_j, D_j> with c = dt / n, and the speed
//! sum_j a_j^2 |D_j|^2 + <w_j, D_j>^2, all from the weights before the step.
//!
//! Order of summation: with samples in the lanes <w_j, D_j> and |D_j|^2 run over k in virtual lanes and
//! the speed over j ascending; with neurons in the lanes they run over k ascending and the speed
//! over j in virtual lanes. Cost: 3 p d multiply-adds.

use crate::buffer::Block;
use crate::lanes::Lanes;
use crate::layout::{Layout, possible, set};
use crate::linalg::pairs;
use crate::real::Real;
use crate::rows::{change, impossible, put, slice_mut};
use crate::shape::Shape;
use crate::tile::{
    Band, Tiled, accumulate_band, bands, cover, cover_rows, group, group_mut, load, panel,
    panel_mut,
};

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
    /// Updates all neurons. `look`: see whether any of them moves.
    #[inline(always)]
    pub fn all<S: Shape>(self, shape: S, layout: Layout, look: bool) -> Advanced<L::Elem> {
        let p = shape.p();
        if const { possible::<L, S>(Layout::Samples) } && layout == Layout::Samples {
            let (speed_sq, moved) = (L::Elem::ZERO, !look);
            let mut job = ByRows { shape, step: self, speed_sq, moved };
            cover_rows::<L, _>(p, &mut job);
            return Advanced { speed_sq: job.speed_sq, moved: job.moved };
        }
        let mut moved = !look;
        let mut speed = L::bank(L::zero());
        if const { possible::<L, S>(Layout::Neurons) } {
            moved |= look && any_moves(&self, shape);
            let mut job = ByLanes { shape, step: self, speed };
            cover::<L, _>(1, p.div_ceil(L::WIDTH), &mut job);
            speed = job.speed;
        }
        Advanced { speed_sq: L::fold(speed), moved }
    }
}

impl<'a, L: Lanes> Advance<'a, L> {
    /// As [`all`](Advance::all) with neurons in the lanes, from relu(z) and r of the only block
    /// instead of D, whose coordinates fit one tile and one panel.
    #[inline(always)]
    pub fn narrow<S: Shape>(
        self,
        shape: S,
        block: &Block<'a, L>,
        z: &'a [L::Chunk],
        r: &'a [L::Elem],
    ) -> L::Elem {
        let (p, d) = (shape.p(), shape.d());
        let Some((x, r)) = bands::<L>(block.rows, block.n, d).next().zip(r.get(..block.n)) else {
            return impossible();
        };
        let speed = L::bank(L::zero());
        let mut job = Narrow { shape, step: self, x, z, r, speed };
        cover::<L, _>(d, p.div_ceil(L::WIDTH), &mut job);
        L::fold(job.speed)
    }
}

/// Whether a neuron moves by more than a rounding: a by itself, or |dw_j| = c |a_j| |D_j| held
/// against a rounding of |a_j|.
#[inline(always)]
fn moves<T: Real>(c: T, a: T, next: T, steep: T) -> bool {
    next != a || c * c * steep > T::EPSILON * T::EPSILON
}

/// Samples in the lanes: all row groups of W.
struct ByRows<'a, L: Lanes, S: Shape> {
    shape: S,
    step: Advance<'a, L>,
    speed_sq: L::Elem,
    moved: bool,
}

impl<L: Lanes, S: Shape> Tiled<L> for ByRows<'_, L, S> {
    // One width, so the tile is as well part of the loop.
    const FIXED: bool = true;
    const ROWS: usize = S::P;
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, _col: usize) {
        let (c, depth) = (self.step.c, self.shape.d().div_ceil(L::WIDTH));
        let (Some(w), Some(slope)) = (
            group_mut::<L, M>(self.step.w, row, depth),
            group::<L, M>(self.step.slope, row, depth),
        ) else {
            return impossible();
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
        let a = slice_mut(self.step.a, row..row + M);
        for (m, a) in a.iter_mut().enumerate() {
            let (Some(outer), Some(steep)) = (outer.get(m), steep.get(m)) else {
                return impossible();
            };
            let (da, steep) = (L::fold(*outer), L::fold(*steep));
            self.speed_sq += *a * *a * steep + da * da;
            put(&mut speeds, m, L::splat(c * *a));
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
    let Some(bank) = banks.get_mut(m) else { return impossible() };
    change(bank.as_mut(), slot, |sum| *sum = x.mul_add(y, *sum));
}

/// Neurons in the lanes: all panels of W^T.
struct ByLanes<'a, L: Lanes, S: Shape> {
    shape: S,
    step: Advance<'a, L>,
    speed: L::Bank<L>,
}

impl<L: Lanes, S: Shape> Tiled<L> for ByLanes<'_, L, S> {
    const FIXED: bool = true;
    const ROWS: usize = 1;
    const COLS: usize = S::P.div_ceil(L::WIDTH);
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, _row: usize, col: usize) {
        let (Some(w), Some(slope), Some(a)) = (
            panel_mut::<L, V>(self.step.w, col, self.shape.d()),
            panel::<L, V>(self.step.slope, col, self.shape.d()),
            panel_mut::<L, V>(L::chunks_mut(self.step.a), col, 1).and_then(<[_]>::first_mut),
        ) else {
            return impossible();
        };
        let slope = slope.iter().map(load);
        let sums = sums::<L, V>(w, slope.clone());
        let speeds = outer::<L, V>(self.step.c, a, col, sums, &mut self.speed);
        inner::<L, V>(w, slope, speeds);
    }
}

/// <w_j, D_j> and |D_j|^2 of one panel of neurons.
#[inline(always)]
fn sums<L: Lanes, const V: usize>(
    w: &[[L::Chunk; V]],
    slope: impl Iterator<Item = [L; V]>,
) -> [(L, L); V] {
    let mut sums = [(L::zero(), L::zero()); V];
    for (w, slope) in w.iter().map(load::<L, V>).zip(slope) {
        for ((outer, steep), (w, slope)) in sums.iter_mut().zip(w.into_iter().zip(slope)) {
            *outer = w.mul_add(slope, *outer);
            *steep = slope.mul_add(slope, *steep);
        }
    }
    sums
}

/// a += c <w, D> for the panel that starts at chunk `col`, and its part of the speed; returns c a of
/// before.
#[inline(always)]
fn outer<L: Lanes, const V: usize>(
    c: L::Elem,
    a: &mut [L::Chunk; V],
    col: usize,
    sums: [(L, L); V],
    speed: &mut L::Bank<L>,
) -> [L; V] {
    let c = L::splat(c);
    let mut speeds = [L::zero(); V];
    for (v, ((a, slot), (da, steep))) in a.iter_mut().zip(&mut speeds).zip(sums).enumerate() {
        let old = L::load(a);
        let lanes = (col + v) % set::<L>();
        change(speed.as_mut(), lanes, |sum| *sum = *sum + da.mul_add(da, old * old * steep));
        *slot = c * old;
        c.mul_add(da, old).store(a);
    }
    speeds
}

/// w += c a D.
#[inline(always)]
fn inner<L: Lanes, const V: usize>(
    w: &mut [[L::Chunk; V]],
    slope: impl Iterator<Item = [L; V]>,
    speeds: [L; V],
) {
    for (w, slope) in w.iter_mut().zip(slope) {
        for ((w, slope), speed) in w.iter_mut().zip(slope).zip(speeds) {
            speed.mul_add(slope, L::load(w)).store(w);
        }
    }
}

/// Gate, backward pass and update of one panel of neurons in registers: for inputs so narrow that
/// all their coordinates are rows of one tile.
struct Narrow<'a, L: Lanes, S: Shape> {
    shape: S,
    step: Advance<'a, L>,
    /// All coordinates of the samples.
    x: Band<'a, L>,
    /// relu(z), in panels of n rows.
    z: &'a [L::Chunk],
    r: &'a [L::Elem],
    speed: L::Bank<L>,
}

impl<L: Lanes, S: Shape> Tiled<L> for Narrow<'_, L, S> {
    const FIXED: bool = S::FIXED;
    const ROWS: usize = S::D;
    const COLS: usize = S::P.div_ceil(L::WIDTH);
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, col: usize) {
        let (Some(w), Some(a), Some(z)) = (
            panel_mut::<L, V>(self.step.w, col, M).and_then(<[_]>::first_chunk_mut::<M>),
            panel_mut::<L, V>(L::chunks_mut(self.step.a), col, 1).and_then(<[_]>::first_mut),
            panel::<L, V>(self.z, col, self.shape.n()),
        ) else {
            return impossible();
        };
        let g = z.iter().zip(self.r).map(|(z, &r)| load::<L, V>(z).map(|z| L::splat(r).open(z)));
        let slope = accumulate_band::<L, M, V>(&self.x, row, g);
        let sums = sums::<L, V>(w, slope.into_iter());
        let speeds = outer::<L, V>(self.step.c, a, col, sums, &mut self.speed);
        inner::<L, V>(w, slope.into_iter(), speeds);
    }
}

/// Looks whether any neuron moves, before it does.
struct Look<'a, 'b, L: Lanes, S: Shape> {
    shape: S,
    step: &'b Advance<'a, L>,
    moved: bool,
}

impl<L: Lanes, S: Shape> Tiled<L> for Look<'_, '_, L, S> {
    const FIXED: bool = true;
    const ROWS: usize = 1;
    const COLS: usize = S::P.div_ceil(L::WIDTH);
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, _row: usize, col: usize) {
        let (Some(w), Some(slope), Some(a)) = (
            panel::<L, V>(self.step.w, col, self.shape.d()),
            panel::<L, V>(self.step.slope, col, self.shape.d()),
            panel::<L, V>(L::chunks(self.step.a), col, 1).and_then(<[_]>::first),
        ) else {
            return impossible();
        };
        let c = self.step.c;
        for (a, (outer, steep)) in a.iter().zip(sums::<L, V>(w, slope.iter().map(load))) {
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
fn any_moves<L: Lanes, S: Shape>(step: &Advance<'_, L>, shape: S) -> bool {
    let mut job = Look { shape, step, moved: false };
    cover::<L, _>(1, shape.p().div_ceil(L::WIDTH), &mut job);
    job.moved
}
