//! The two passes of a step over one block of samples, for all replicas.

use crate::lanes::Lanes;
use crate::parts::Parts;
use crate::replica::{Order, Replicas};
use crate::rows::{change, impossible, lines, lines_mut, slice, split_mut};
use crate::shape::Shape;

impl<L: Lanes, S: Shape> Replicas<'_, L, S> {
    /// The order, as a constant where the sizes are.
    #[inline(always)]
    fn order(&self) -> Order {
        if S::FIXED {
            Order::of::<L>(self.shape.p(), self.shape.n(), self.shape.d())
        } else {
            self.order
        }
    }

    /// relu(z) and r of m samples; returns their sum r^2.
    #[inline(always)]
    pub(super) fn forward(&mut self, first: usize, m: usize, minus_s: L) -> L {
        for (i, size) in Parts::of(m, TILE).each() {
            match size {
                1 => self.predict::<1>(first, m, i, minus_s),
                2 => self.predict::<2>(first, m, i, minus_s),
                3 => self.predict::<3>(first, m, i, minus_s),
                _ => self.predict::<TILE>(first, m, i, minus_s),
            }
        }
        let mut sums = [[L::zero(); 1]; MOST];
        for (i, r) in slice(self.r, ..m).iter().enumerate() {
            let r = L::load(r);
            change(&mut sums, i % L::VIRTUAL, |[sum]| *sum = r.mul_add(r, *sum));
        }
        let [sum] = tree(sums, L::VIRTUAL);
        sum
    }

    /// relu(z) and r of samples i..i + T of the block.
    #[inline(always)]
    fn predict<const T: usize>(&mut self, first: usize, m: usize, i: usize, minus_s: L) {
        let (d, order) = (self.shape.d(), self.order());
        let at = first + i;
        let (Some(x), Some(y), Some(r)) =
            (self.x.get(at * d..(at + T) * d), self.y.get(at..at + T), self.r.get_mut(i..i + T))
        else {
            return impossible();
        };
        let mut neurons = lines(self.w, d).zip(self.a.iter()).zip(lines_mut(self.z, m));
        let mut sums = [[L::zero(); T]; MOST];
        for (sum, size) in sums.iter_mut().zip(order.lanes()) {
            let mut h = [L::zero(); T];
            for ((w, a), z) in neurons.by_ref().take(size) {
                let Some(z) = z.get_mut(i..i + T) else { return impossible() };
                let mut acc = [L::zero(); T];
                for (k, w) in w.iter().enumerate() {
                    let w = L::load(w);
                    for (t, acc) in acc.iter_mut().enumerate() {
                        let Some(x) = x.get(t * d + k) else { return impossible() };
                        *acc = w.mul_add(L::load(x), *acc);
                    }
                }
                let a = L::load(a);
                for ((h, z), acc) in h.iter_mut().zip(z).zip(acc) {
                    let active = acc.relu();
                    active.store(z);
                    *h = a.mul_add(active, *h);
                }
            }
            *sum = h;
        }
        for ((r, y), h) in r.iter_mut().zip(y).zip(tree(sums, order.neurons)) {
            minus_s.mul_add(L::zero() + h, L::load(y)).store(r);
        }
    }

    /// D of m samples, added to that of the samples before them; after the last ones the update.
    /// Returns the speed then.
    #[inline(always)]
    pub(super) fn backward(&mut self, first: usize, m: usize, c: L) -> L {
        let (n, d, order) = (self.shape.n(), self.shape.d(), self.order());
        let (r, x) = (slice(self.r, ..m), slice(self.x, first * d..(first + m) * d));
        let (add, last) = (first > 0, first + m == n);
        let (tiles, coordinates) = (Parts::of(d, TILE), order.coordinates);
        let mut banks = [[L::zero(); 2]; MOST];
        let weights = lines_mut(self.w, d).zip(self.a.iter_mut());
        let mut neurons = weights.zip(lines_mut(self.slope, d)).zip(lines(self.z, m));
        let mut sums = [[L::zero(); 1]; MOST];
        for ([sum], size) in sums.iter_mut().zip(order.lanes()) {
            for (((w, a), slope), z) in neurons.by_ref().take(size) {
                let old = L::load(a);
                let mut job = Neuron { z, r, x, w, slope, speed: c * old, add, last, coordinates };
                // Those in use only: clearing all would take longer than the neuron.
                for bank in banks.iter_mut().take(coordinates) {
                    *bank = [L::zero(); 2];
                }
                for (k, size) in tiles.each() {
                    match size {
                        1 => job.tile::<1>(k, &mut banks),
                        2 => job.tile::<2>(k, &mut banks),
                        3 => job.tile::<3>(k, &mut banks),
                        _ => job.tile::<TILE>(k, &mut banks),
                    }
                }
                if last {
                    let [da, steep] = tree(banks, coordinates);
                    *sum = *sum + da.mul_add(da, old * old * steep);
                    c.mul_add(da, old).store(a);
                }
            }
        }
        let [speed] = tree(sums, order.neurons);
        speed
    }
}

/// Samples of a tile in the forward pass, coordinates in the backward pass: enough to use each load
/// several times, few enough that fixed sizes do not bloat.
const TILE: usize = 4;

/// Most virtual lanes.
const MOST: usize = 16;

/// The backward pass of one neuron of every replica.
struct Neuron<'a, L: Lanes> {
    z: &'a [L::Chunk],
    r: &'a [L::Chunk],
    x: &'a [L::Chunk],
    w: &'a mut [L::Chunk],
    slope: &'a mut [L::Chunk],
    /// c a.
    speed: L,
    /// Add to D of earlier samples?
    add: bool,
    /// Update instead of storing D?
    last: bool,
    coordinates: usize,
}

impl<L: Lanes> Neuron<'_, L> {
    /// Coordinates k..k + T; `banks`: the virtual lanes of <w, D> and |D|^2.
    #[inline(always)]
    fn tile<const T: usize>(&mut self, k: usize, banks: &mut [[L; 2]; MOST]) {
        let d = self.w.len();
        let mut acc = [L::zero(); T];
        for ((z, r), x) in self.z.iter().zip(self.r).zip(lines(self.x, d)) {
            let g = L::load(r).open(L::load(z));
            let Some(x) = x.get(k..k + T) else { return impossible() };
            for (acc, x) in acc.iter_mut().zip(x) {
                *acc = g.mul_add(L::load(x), *acc);
            }
        }
        let (Some(w), Some(slope)) = (self.w.get_mut(k..k + T), self.slope.get_mut(k..k + T))
        else {
            return impossible();
        };
        for (t, ((&acc, w), slope)) in acc.iter().zip(w).zip(slope).enumerate() {
            let sum = if self.add { L::load(slope) + acc } else { acc };
            if self.last {
                let old = L::load(w);
                let lane = if self.coordinates == 1 { 0 } else { (k + t) % L::VIRTUAL };
                change(banks, lane, |[da, steep]| {
                    *da = old.mul_add(sum, *da);
                    *steep = sum.mul_add(sum, *steep);
                });
                self.speed.mul_add(sum, old).store(w);
            } else {
                sum.store(slope);
            }
        }
    }
}

/// The halving tree over the first `lanes` sums.
#[inline(always)]
fn tree<L: Lanes, const T: usize>(mut sums: [[L; T]; MOST], lanes: usize) -> [L; T] {
    let mut half = lanes / 2;
    while half > 0 {
        let (low, high) = split_mut(&mut sums, half);
        for (x, y) in low.iter_mut().flatten().zip(high.iter().flatten()) {
            *x = *x + *y;
        }
        half /= 2;
    }
    let [sum, ..] = sums;
    sum
}
