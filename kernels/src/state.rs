//! What the dense steps have in common wherever their samples come from: the weights in training,
//! the gradient of the last step with the scratch to compute it, the update and its report.

use crate::advance::{Advance, Advanced};
use crate::buffer::Block;
use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::layout::{Extent, Layout};
use crate::linalg::aligned;
use crate::network::{NetView, NetViewMut, Scale};
use crate::pack::{pack_columns, pack_groups};
use crate::part::Part;
use crate::real::Real;
use crate::rows::{fill, item, put, slice};
use crate::samples::block_len;
use crate::shape::Shape;
use crate::step::{Health, Step};
use crate::weights::Weights;

/// A network in training by dense steps, in the caller's memory.
#[derive(Debug)]
pub(crate) struct State<'m, L: Lanes, S: Shape> {
    pub shape: S,
    layout: Layout,
    pub scale: Scale,
    /// W, as [`Weights`] has it.
    w: &'m mut [L::Chunk],
    /// a, padded to whole chunks.
    a: &'m mut [L::Elem],
    /// D of the last step, and what it took to compute it.
    pub part: Part<'m, L>,
    pub health: Health,
    /// The neuron whose weights are screened next.
    pub screened: usize,
}

impl<'m, L: Lanes, S: Shape> State<'m, L, S> {
    /// A state that starts at `net`, in [`Extent::elements`] numbers of `memory` from a register
    /// boundary on; `None` when they are not there. With it the memory that is left.
    pub fn build(
        shape: S,
        net: NetView<'_, L::Elem>,
        scale: Scale,
        memory: &'m mut [L::Elem],
        spare: usize,
    ) -> Option<(Self, &'m mut [L::Elem])> {
        let (p, n, d) = (shape.p(), shape.n(), shape.d());
        let (layout, block) = (Layout::of::<L>(p, n, d), block_len(n));
        let extent = layout.extent::<L>(p, block, d);
        let elements = Extent::elements::<L>(p, n, d);
        let all = aligned::<L>(memory, elements + spare)?;
        let (all, rest) = all.split_at_mut_checked(elements)?;
        let (w, all) = all.split_at_mut_checked(extent.w * L::WIDTH)?;
        let (scratch, a) = all.split_at_mut_checked(extent.scratch() * L::WIDTH)?;
        let part = Part::carve(layout, (p, block, d), L::chunks_mut(scratch))?;
        let w = L::chunks_mut(w);
        match layout {
            Layout::Samples => pack_groups::<L>(net.w(), p, d, w),
            Layout::Neurons => pack_columns::<L>(net.w(), d, w),
        }
        fill(a, net.a());
        let (health, screened) = (Health::default(), 0);
        Some((State { shape, layout, scale, w, a, part, health, screened }, rest))
    }

    /// Which index lies in the lanes.
    #[inline(always)]
    pub fn layout(&self) -> Layout {
        if S::FIXED {
            // A constant of the type, so that the other layout's code is not even built.
            Layout::of::<L>(self.shape.p(), self.shape.n(), self.shape.d())
        } else {
            self.layout
        }
    }

    /// Output scale s as a number.
    #[inline(always)]
    pub fn s(&self) -> L::Elem {
        self.scale.factor(self.shape.p())
    }

    /// The weights to read.
    #[inline(always)]
    pub fn weights(&self) -> Weights<'_, L, S> {
        Weights { shape: self.shape, layout: self.layout(), s: self.s(), w: self.w, a: self.a }
    }

    /// The weights to read, and the part to write.
    #[inline(always)]
    pub fn open(&mut self) -> (Weights<'_, L, S>, &mut Part<'m, L>) {
        let (shape, layout, s) = (self.shape, self.layout(), self.s());
        (Weights { shape, layout, s, w: self.w, a: self.a }, &mut self.part)
    }

    /// w_j += c a_j D_j, a_j += c <w_j, D_j> with c = dt / n, by the part of n samples.
    #[inline(always)]
    pub fn advance(&mut self, dt: L::Elem, n: usize) -> Step<L::Elem> {
        let (layout, look) = (self.layout(), self.screened == 0);
        let c = dt / L::Elem::from_usize(n);
        let update = Advance::<L> { c, w: self.w, slope: self.part.slope, a: self.a };
        let advanced = update.all(self.shape, layout, look);
        self.report(self.part.sum, n, advanced)
    }

    /// As [`advance`](Self::advance), from relu(z) and r of `block` instead of D, which is never stored;
    /// `sum`: sum r^2.
    #[inline(always)]
    pub fn advance_narrow(
        &mut self,
        dt: L::Elem,
        block: &Block<'m, L>,
        sum: L::Elem,
    ) -> Step<L::Elem> {
        let c = dt / L::Elem::from_usize(block.n);
        let update = Advance::<L> { c, w: self.w, slope: &[], a: self.a };
        let speed_sq = update.narrow(self.shape, block, self.part.z, L::flat(self.part.h));
        self.report(sum, block.n, Advanced { speed_sq, moved: true })
    }

    /// The step's report; `sum`: sum r^2.
    #[inline(always)]
    fn report(
        &mut self,
        sum: L::Elem,
        n: usize,
        Advanced { speed_sq, moved }: Advanced<L::Elem>,
    ) -> Step<L::Elem> {
        let n = L::Elem::from_usize(n);
        let loss = sum / (n + n);
        self.health.look(loss);
        self.health.look(speed_sq);
        self.health.raise(Health::STALLED, !moved && loss > L::Elem::ZERO);
        self.screen();
        Step { loss, speed_sq: speed_sq / (n * n), scale: self.s() }
    }

    /// Screens the weights of one neuron, another one each step.
    #[inline(always)]
    fn screen(&mut self) {
        let (p, d, j) = (self.shape.p(), self.shape.d(), self.screened);
        self.screened = if j + 1 < p { j + 1 } else { 0 };
        match self.layout() {
            Layout::Samples => {
                self.health.screen_row::<L>(self.w, p, d.div_ceil(L::WIDTH), j);
            }
            Layout::Neurons => self.health.screen_column::<L>(self.w, d, p, j),
        }
        self.health.screen(item(self.a, j));
    }

    /// Outer weights a_j.
    pub fn a(&self) -> &[L::Elem] {
        slice(self.a, ..self.shape.p())
    }

    /// Copies the weights out.
    pub fn write(&self, net: &mut NetViewMut<'_, L::Elem>) -> Result<(), Error> {
        let (p, d) = (self.shape.p(), self.shape.d());
        net.expect(p, d)?;
        self.weights().each(self.w, |j, k, x| {
            put(net.w, j * d + k, x);
        });
        fill(net.a, self.a);
        Ok(())
    }

    /// Is `part` one of this state's?
    pub fn accept(&self, part: &Part<'_, L>) -> Result<(), Error> {
        expect(Dim::P, self.shape.p(), part.p)?;
        expect(Dim::D, self.shape.d(), part.d)?;
        // States of one size can have different layouts, on very different numbers of samples.
        if part.layout == self.part.layout { Ok(()) } else { Err(Error::Layout) }
    }
}
