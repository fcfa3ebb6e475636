//! The update of a Gram step: u, the dual coefficients and a, with the speed.

use crate::lanes::Lanes;
use crate::layout::set;
use crate::real::Real;
use crate::rows::{change, impossible, slice, slice_mut};
use crate::tile::Tiled;

/// The update of all row groups.
pub(super) struct Advance<'a, L: Lanes> {
    /// dt / n.
    pub c: L::Elem,
    pub cols: usize,
    pub u: &'a mut [L::Chunk],
    pub g: &'a [L::Chunk],
    pub slope: &'a [L::Chunk],
    pub dual: &'a mut [L::Chunk],
    pub a: &'a mut [L::Elem],
    pub speed_sq: L::Elem,
    pub moved: bool,
}

impl<L: Lanes> Tiled<L> for Advance<'_, L> {
    // One width, so the tile is as well part of the loop.
    const FIXED: bool = true;
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, row: usize, _col: usize) {
        let range = row * self.cols..(row + M) * self.cols;
        let u = slice_mut(self.u, range.clone()).as_chunks_mut::<M>().0;
        let dual = slice_mut(self.dual, range.clone()).as_chunks_mut::<M>().0;
        let g = slice(self.g, range.clone()).as_chunks::<M>().0;
        let slope = slice(self.slope, range).as_chunks::<M>().0;
        let a = slice_mut(self.a, row..row + M);
        let set = set::<L>();
        for (m, a) in a.iter_mut().enumerate() {
            let (mut outer, mut steep) = (L::bank(L::zero()), L::bank(L::zero()));
            for (index, (u, (g, slope))) in u.iter().zip(g.iter().zip(slope)).enumerate() {
                let (u, g, slope) =
                    (row_of::<L, M>(u, m), row_of::<L, M>(g, m), row_of::<L, M>(slope, m));
                change(outer.as_mut(), index % set, |outer| *outer = g.mul_add(u, *outer));
                change(steep.as_mut(), index % set, |steep| *steep = g.mul_add(slope, *steep));
            }
            let (da, steep) = (L::fold(outer), L::fold(steep));
            self.speed_sq += *a * *a * steep + da * da;
            let speed = L::splat(self.c * *a);
            for ((u, dual), (g, slope)) in
                u.iter_mut().zip(dual.iter_mut()).zip(g.iter().zip(slope))
            {
                let (g, slope) = (row_of::<L, M>(g, m), row_of::<L, M>(slope, m));
                change(u, m, |u| speed.mul_add(slope, L::load(u)).store(u));
                change(dual, m, |dual| speed.mul_add(g, L::load(dual)).store(dual));
            }
            let next = self.c * da + *a;
            // |dw_j| = c |a_j| sqrt(steep), held against a rounding of |a_j|.
            let far = self.c * self.c * steep > L::Elem::EPSILON * L::Elem::EPSILON;
            self.moved |= next != *a || far;
            *a = next;
        }
    }
}

/// Row m of a column of a row group.
#[inline(always)]
fn row_of<L: Lanes, const M: usize>(column: &[L::Chunk; M], m: usize) -> L {
    let Some(chunk) = column.get(m) else {
        impossible::<()>();
        return L::zero();
    };
    L::load(chunk)
}
