//! Euler step of the flow in w itself: any data.
//!
//! dw_j/dt = (a_j / n) D_j, da_j/dt = (1/n) sum_i r_i relu(z_ji) with D_j = sum_i r_i `1[z_ji>0]` x_i
//! (paper `weak`, eqs. 13 and 14), all from the parameters before the step.
//! Forward and backward run block by block of samples while the block is in cache. The outer
//! gradient comes from the inner one by sum_i r_i relu(z_ji) = <w_j, D_j>, an identity that turns p
//! sums over n into p over d and needs no z.
//!
//! Cost: 2 p n d multiply-adds; x is read twice.

use crate::error::{Dim, Error, expect};
use crate::forward::gate;
use crate::lanes::Lanes;
use crate::linalg::{aligned, pairs, slack};
use crate::network::{Net, NetView, NetViewMut, Scale};
use crate::real::Real;
use crate::samples::{Batch, block_len};
use crate::shape::{Fixed, Shape, Sizes};
use crate::step::{Health, Step};
use crate::tile::{Tiled, cover_rows, pack_groups, unpack_groups};

/// A network in training on a [`Batch`], in the caller's memory.
///
/// ```
/// use reluflow::{Batch, Dense, Fixed, Net, Samples, Scale, lanes::NativeF32};
/// let samples = Samples { x: [[-0.5, 1.0], [2.0, 1.0]], y: [-1.0f32, 1.0] };
/// let mut net = Net { w: [[0.1, 0.2], [-0.3, 0.1], [0.2, -0.1]], a: [0.3, -0.4, 0.3] };
/// let mut data = [0.0; Batch::<NativeF32>::len(2, 2)];
/// let mut memory = [0.0; Dense::<NativeF32>::len(3, 2, 2)];
/// let batch = Batch::<NativeF32>::pack(samples.view(), &mut data)?;
/// let mut dense = Dense::<_, Fixed<3, 2, 2>>::fixed(&net, batch, Scale::One, &mut memory)?;
/// let first = dense.step(0.01);
/// let next = dense.step(0.01);
/// assert!(next.loss < first.loss && first.mu() > Some(0.0));
/// dense.write(&mut net.view_mut())?;
/// # Ok::<(), reluflow::Error>(())
/// ```
#[derive(Debug)]
pub struct Dense<'m, L: Lanes, S: Shape = Sizes> {
    pub(crate) shape: S,
    pub(crate) scale: Scale,
    pub(crate) batch: Batch<'m, L>,
    /// W in row groups.
    pub(crate) w: &'m mut [L::Chunk],
    /// Of one block: relu(z), then g, in row groups.
    pub(crate) z: &'m mut [L::Chunk],
    /// Of one block: h, then r.
    pub(crate) h: &'m mut [L::Chunk],
    /// D in row groups.
    pub(crate) slope: &'m mut [L::Chunk],
    pub(crate) a: &'m mut [L::Elem],
    health: Health,
    /// The neuron whose weights are screened next.
    screened: usize,
}

impl<L: Lanes> Dense<'_, L> {
    /// Elements of memory that a state of p neurons on n samples in d dimensions needs.
    pub const fn len(p: usize, n: usize, d: usize) -> usize {
        let block = block_len(n).next_multiple_of(L::WIDTH);
        2 * p * d.next_multiple_of(L::WIDTH) + (p + 1) * block + p + slack::<L>()
    }
}

impl<'m, L: Lanes> Dense<'m, L, Sizes> {
    /// A state that starts at `net`, with sizes known at run time; `memory` needs
    /// [`len`](Dense::len) elements.
    ///
    /// # Errors
    /// [`Error::Shape`] when `net` and `batch` differ in d, [`Error::TooLarge`],
    /// [`Error::Memory`].
    pub fn new(
        net: NetView<'_, L::Elem>,
        batch: Batch<'m, L>,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        Self::build(Sizes::new(net.p(), batch.n(), net.d())?, net, batch, scale, memory)
    }
}

impl<'m, L: Lanes, const P: usize, const N: usize, const D: usize> Dense<'m, L, Fixed<P, N, D>> {
    /// As [`new`](Dense::new), with sizes that are constants: faster, one copy of the code for each
    /// size.
    ///
    /// # Errors
    /// As [`new`](Dense::new), and [`Error::Shape`] when `batch` does not have N samples.
    pub fn fixed(
        net: &Net<L::Elem, P, D>,
        batch: Batch<'m, L>,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        Self::build(Fixed, net.view(), batch, scale, memory)
    }
}

impl<'m, L: Lanes, S: Shape> Dense<'m, L, S> {
    fn build(
        shape: S,
        net: NetView<'_, L::Elem>,
        batch: Batch<'m, L>,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        let (p, n, d) = (shape.p(), shape.n(), shape.d());
        expect(Dim::N, n, batch.n())?;
        expect(Dim::D, d, batch.d())?;
        let (needed, found) = (Dense::<L>::len(p, n, d), memory.len());
        let (weights, cols) = (p * d.div_ceil(L::WIDTH), block_len(n).div_ceil(L::WIDTH));
        let chunks = (2 * weights + (p + 1) * cols) * L::WIDTH;
        let parts = aligned::<L>(memory, chunks + p)
            .and_then(|all| all.split_at_mut_checked(chunks))
            .and_then(|(chunks, a)| {
                let (w, rest) = L::chunks_mut(chunks).split_at_mut_checked(weights)?;
                let (slope, rest) = rest.split_at_mut_checked(weights)?;
                let (z, h) = rest.split_at_mut_checked(p * cols)?;
                Some((w, slope, z, h, a))
            });
        let Some((w, slope, z, h, a)) = parts else {
            return Err(Error::Memory { needed, found });
        };
        pack_groups::<L>(net.w(), p, d, w);
        for (a, &start) in a.iter_mut().zip(net.a()) {
            *a = start;
        }
        Ok(Dense { shape, scale, batch, w, z, h, slope, a, health: Health::default(), screened: 0 })
    }

    /// One Euler step of length `dt` in flow time. Gradient descent on L with rate lr is
    /// dt = lr s.
    pub fn step(&mut self, dt: L::Elem) -> Step<L::Elem> {
        let n = L::Elem::from_usize(self.shape.n());
        let sum = self.gather();
        let loss = sum / (n + n);
        let speed_sq = self.advance(dt / n, loss);
        Step { loss, speed_sq: speed_sq / (n * n), scale: self.scale.factor(self.shape.p()) }
    }

    /// D of all samples; returns sum r^2.
    #[inline(always)]
    pub(crate) fn gather(&mut self) -> L::Elem {
        let (p, n, d) = (self.shape.p(), self.shape.n(), self.shape.d());
        let mut sum = L::Elem::ZERO;
        for (index, block) in self.batch.blocks(n, d).enumerate() {
            let cols = self.forward::<true>(&block);
            sum += self.residual(&block, cols);
            gate::<L>(p, self.h.get(..cols).unwrap_or(&[]), self.z);
            self.backward(&block, cols, index == 0);
        }
        sum
    }

    /// w_j += c a_j D_j, a_j += c <w_j, D_j>; returns sum_j a_j^2 |D_j|^2 + <w_j, D_j>^2.
    #[inline(always)]
    fn advance(&mut self, c: L::Elem, loss: L::Elem) -> L::Elem {
        let p = self.shape.p();
        let depth = self.shape.d().div_ceil(L::WIDTH);
        let mut job = Advance::<L> {
            c,
            depth,
            w: self.w,
            slope: self.slope,
            a: self.a,
            speed_sq: L::Elem::ZERO,
            moved: false,
        };
        cover_rows::<L, _>(p, &mut job);
        let (speed_sq, moved) = (job.speed_sq, job.moved);
        self.health.look(loss);
        self.health.look(speed_sq);
        self.health.raise(Health::STALLED, !moved && loss > L::Elem::ZERO);
        self.screen(depth);
        speed_sq
    }

    /// Screens the weights of one neuron, another one each step.
    #[inline(always)]
    fn screen(&mut self, depth: usize) {
        let (p, j) = (self.shape.p(), self.screened);
        self.screened = if j + 1 < p { j + 1 } else { 0 };
        self.health.screen_row::<L>(self.w, p, depth, j);
        self.health.screen(self.a.get(j).copied().unwrap_or(L::Elem::ZERO));
    }

    /// What has gone wrong so far.
    pub fn health(&self) -> Health {
        self.health
    }

    /// Output scale.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Outer weights a_j.
    pub fn a(&self) -> &[L::Elem] {
        self.a
    }

    /// Copies the weights out.
    ///
    /// # Errors
    /// [`Error::Shape`] when `net` is not p x d.
    pub fn write(&self, net: &mut NetViewMut<'_, L::Elem>) -> Result<(), Error> {
        let (p, d) = (self.shape.p(), self.shape.d());
        net.expect(p, d)?;
        unpack_groups::<L>(self.w, p, d, net.w);
        for (target, &a) in net.a.iter_mut().zip(self.a.iter()) {
            *target = a;
        }
        Ok(())
    }
}

/// The update of all row groups.
struct Advance<'a, L: Lanes> {
    /// dt / n.
    c: L::Elem,
    depth: usize,
    w: &'a mut [L::Chunk],
    slope: &'a [L::Chunk],
    a: &'a mut [L::Elem],
    speed_sq: L::Elem,
    /// Did any neuron move by more than a rounding?
    moved: bool,
}

impl<L: Lanes> Tiled<L> for Advance<'_, L> {
    // One width, so the tile is as well part of the loop.
    const FIXED: bool = true;
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, _col: usize) {
        let depth = self.depth;
        let w = self.w.get_mut(row * depth..(row + M) * depth).unwrap_or(&mut []);
        let w = w.as_chunks_mut::<M>().0;
        let slope = crate::tile::group::<L, M>(self.slope, row, depth);
        let empty = [L::bank(L::zero()); M];
        let (mut outer, mut steep) = (empty, empty);
        let set = L::VIRTUAL / L::WIDTH;
        for (w, slope) in pairs(w, slope, set) {
            for (slot, (w, slope)) in w.iter().zip(slope).enumerate() {
                for (m, (w, slope)) in w.iter().zip(slope).enumerate() {
                    let (w, slope) = (L::load(w), L::load(slope));
                    add::<L, M>(&mut outer, m, slot, w, slope);
                    add::<L, M>(&mut steep, m, slot, slope, slope);
                }
            }
        }
        let mut speeds = [L::zero(); M];
        let a = self.a.get_mut(row..row + M).unwrap_or(&mut []);
        for (m, a) in a.iter_mut().enumerate() {
            let total =
                |banks: &[L::Bank<L>; M]| banks.get(m).map_or(L::Elem::ZERO, |bank| L::fold(*bank));
            let (da, steep) = (total(&outer), total(&steep));
            self.speed_sq += *a * *a * steep + da * da;
            if let Some(speed) = speeds.get_mut(m) {
                *speed = L::splat(self.c * *a);
            }
            let next = self.c * da + *a;
            // |dw_j| = c |a_j| sqrt(steep), held against a rounding of |a_j|.
            let far = self.c * self.c * steep > L::Elem::EPSILON * L::Elem::EPSILON;
            self.moved |= next != *a || far;
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
