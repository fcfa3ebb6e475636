//! The two passes of a step over one panel of samples.

use crate::lanes::Lanes;
use crate::layout::set;
use crate::real::Real;
use crate::rows::{change, lines_mut, split_mut};

/// One panel of samples, all neurons.
pub(super) struct Passes<'a, L: Lanes> {
    pub y: &'a [L::Chunk],
    pub norms: &'a [L::Chunk],
    /// For each neuron: is any of its pairs in the panel alive?
    pub live: &'a [L::Elem],
    pub banks: &'a mut [L::Chunk],
    pub a: &'a [L::Elem],
    /// dt / n.
    pub c: L::Elem,
    pub s: L::Elem,
    /// First chunk of the panel in its section, which says where its virtual lanes are.
    pub slot: usize,
    pub squares: L::Bank<L>,
}

impl<L: Lanes> Passes<'_, L> {
    #[inline(always)]
    pub fn step<const V: usize>(&mut self, u: &mut [L::Chunk]) {
        let set = set::<L>();
        let u = u.as_chunks_mut::<V>().0;
        let mut h = [L::zero(); V];
        for ((u, &a), &live) in u.iter().zip(self.a).zip(self.live) {
            if live.bits() == 0 {
                continue;
            }
            let a = L::splat(a);
            for (h, u) in h.iter_mut().zip(u) {
                *h = a.mul_add(L::load(u).relu(), *h);
            }
        }
        // r, c r |x|^2 and r^2 |x|^2 of each sample.
        let (mut r, mut pull, mut steep) = (h, h, h);
        let slots = r.iter_mut().zip(&mut pull).zip(&mut steep);
        for (v, (((r, pull), steep), (y, norm))) in
            slots.zip(self.y.iter().zip(self.norms)).enumerate()
        {
            *r = L::splat(-self.s).mul_add(*r, L::load(y));
            *pull = *r * L::load(norm);
            *steep = *r * *pull;
            *pull = L::splat(self.c) * *pull;
            let lanes = (self.slot + v) % set;
            change(self.squares.as_mut(), lanes, |sum| *sum = r.mul_add(*r, *sum));
        }
        let rows = u.iter_mut().zip(self.a).zip(self.live);
        for (((u, &a), &live), banks) in rows.zip(lines_mut(self.banks, 2 * set)) {
            if live.bits() == 0 {
                continue;
            }
            let a = L::splat(a);
            let samples = r.iter().zip(&pull).zip(&steep);
            let pairs =
                u.iter_mut().zip(samples).enumerate().map(|(v, (u, ((r, pull), steep)))| {
                    let z = L::load(u);
                    a.mul_add(pull.gate(z), z).store(u);
                    ((self.slot + v) % set, *r, z.relu(), steep.gate(z))
                });
            let (outer, inner) = split_mut(banks, set);
            if set > V {
                // A panel touches few of the banks' registers.
                for (slot, r, active, steep) in pairs {
                    change(outer, slot, |sum| r.mul_add(active, L::load(sum)).store(sum));
                    change(inner, slot, |sum| (L::load(sum) + steep).store(sum));
                }
                continue;
            }
            // In registers while the panel lasts: through memory each sum would wait for the last.
            let mut sums = [L::gather(outer), L::gather(inner)];
            let [outer, inner] = &mut sums;
            for (slot, r, active, steep) in pairs {
                change(outer.as_mut(), slot, |sum| *sum = r.mul_add(active, *sum));
                change(inner.as_mut(), slot, |sum| *sum = *sum + steep);
            }
            let sums = sums.iter().flat_map(|bank| bank.as_ref());
            for (chunk, sum) in banks.iter_mut().zip(sums) {
                sum.store(chunk);
            }
        }
    }
}
