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
use crate::lanes::Lanes;
use crate::layout::{Extent, Layout, possible};
use crate::linalg::{aligned, slack};
use crate::network::{Net, NetView, NetViewMut, Scale};
use crate::part::Part;
use crate::real::Real;
use crate::samples::{Batch, block_len};
use crate::shape::{Fixed, Shape, Sizes};
use crate::state::State;
use crate::step::{Health, Step};
use crate::weights::Weights;

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
    pub(crate) state: State<'m, L, S>,
    batch: Batch<'m, L>,
}

impl<L: Lanes> Dense<'_, L> {
    /// Elements of memory that a state of p neurons on n samples in d dimensions needs.
    pub const fn len(p: usize, n: usize, d: usize) -> usize {
        Extent::elements::<L>(p, n, d) + slack::<L>()
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
        match State::build(shape, net, scale, memory, 0) {
            Some((state, _)) => Ok(Dense { state, batch }),
            None => Err(Error::Memory { needed, found }),
        }
    }

    /// The weights to read, the samples, and the rest to write.
    #[inline(always)]
    pub(crate) fn open(&mut self) -> (Weights<'_, L, S>, Batch<'m, L>, &mut Part<'m, L>) {
        let (weights, part) = self.state.open();
        (weights, self.batch, part)
    }

    /// Which index lies in the lanes.
    #[inline(always)]
    pub fn layout(&self) -> Layout {
        self.state.layout()
    }

    /// One Euler step of length `dt` in flow time. Gradient descent on L with rate lr is
    /// dt = lr s.
    pub fn step(&mut self, dt: L::Elem) -> Step<L::Elem> {
        let (n, d) = (self.state.shape.n(), self.state.shape.d());
        // One block, whose D is one tile high. Bits are the same either way.
        let one_tile = d <= L::ROWS && d.div_ceil(L::WIDTH) <= L::PANEL;
        let narrow = n == block_len(n) && one_tile && self.layout() == Layout::Neurons;
        let looked = self.state.screened > 0;
        let (weights, batch, part) = self.open();
        if const { possible::<L, S>(Layout::Neurons) }
            && narrow
            && looked
            && let Some(block) = batch.blocks(n, d).next()
        {
            weights.forward(&block, part, true);
            let sum = weights.residual(&block, part);
            return self.state.advance_narrow(dt, &block, sum);
        }
        weights.gather(batch, n, part);
        self.state.advance(dt, n)
    }

    /// What has gone wrong so far.
    pub fn health(&self) -> Health {
        self.state.health
    }

    /// Output scale.
    pub fn scale(&self) -> Scale {
        self.state.scale
    }

    /// Outer weights a_j.
    pub fn a(&self) -> &[L::Elem] {
        self.state.a()
    }

    /// Copies the weights out.
    ///
    /// # Errors
    /// [`Error::Shape`] when `net` is not p x d.
    pub fn write(&self, net: &mut NetViewMut<'_, L::Elem>) -> Result<(), Error> {
        self.state.write(net)
    }

    /// Elements of memory that a [`part`](Self::part) for pieces of at most n samples needs.
    pub fn part_len(&self, n: usize) -> usize {
        let (p, d) = (self.state.shape.p(), self.state.shape.d());
        self.layout().extent::<L>(p, block_len(n), d).scratch() * L::WIDTH + slack::<L>()
    }

    /// A part for pieces of n samples, in `memory` of [`part_len`](Self::part_len) elements. Takes
    /// fewer samples as well, as long as their blocks are no longer.
    ///
    /// # Errors
    /// [`Error::Memory`] when the memory is too small.
    pub fn part<'a>(&self, n: usize, memory: &'a mut [L::Elem]) -> Result<Part<'a, L>, Error> {
        let (needed, found) = (self.part_len(n), memory.len());
        let sizes = (self.state.shape.p(), block_len(n), self.state.shape.d());
        aligned::<L>(memory, needed - slack::<L>())
            .and_then(|memory| Part::carve(self.layout(), sizes, L::chunks_mut(memory)))
            .ok_or(Error::Memory { needed, found })
    }

    /// D and sum r^2 of `batch` at the present weights, into `part`: a step's work on some of the
    /// samples, for [`merge`](Self::merge). Only reads the state, so any number of threads may.
    ///
    /// Cost: 2 p n d multiply-adds for the n samples of the batch.
    ///
    /// # Errors
    /// [`Error::Shape`] when the batch or the part has other sizes, [`Error::Layout`] when the part
    /// is that of a state with another layout, [`Error::Memory`] when the blocks of `batch` are longer than those of the part.
    pub fn gather(&self, batch: Batch<'_, L>, part: &mut Part<'_, L>) -> Result<(), Error> {
        expect(Dim::D, self.state.shape.d(), batch.d())?;
        self.state.accept(part)?;
        let (needed, found) = (block_len(batch.n()), part.block);
        if needed > found {
            return Err(Error::Memory { needed, found });
        }
        // Its own sizes, which need not be the state's.
        let Weights { shape, layout, s, w, a } = self.state.weights();
        let shape = Sizes::new(shape.p(), batch.n(), batch.d())?;
        Weights { shape, layout, s, w, a }.gather(batch, batch.n(), part);
        Ok(())
    }

    /// One Euler step of length `dt` by the gradient of all `parts`, added in the order given.
    ///
    /// # Errors
    /// [`Error::Empty`] when the parts hold no sample, [`Error::Shape`] or [`Error::Layout`] when one
    /// is not of this state's. The state has not moved then.
    pub fn merge<'a>(
        &mut self,
        dt: L::Elem,
        parts: impl IntoIterator<Item = &'a Part<'a, L>>,
    ) -> Result<Step<L::Elem>, Error> {
        let (mut n, mut sum) = (0, L::Elem::ZERO);
        for part in parts {
            self.state.accept(part)?;
            if part.n == 0 {
                continue;
            }
            for (total, slope) in self.state.part.slope.iter_mut().zip(part.slope.iter()) {
                let start = if n == 0 { L::zero() } else { L::load(total) };
                (start + L::load(slope)).store(total);
            }
            n += part.n;
            sum += part.sum;
        }
        if n == 0 {
            return Err(Error::Empty { dim: Dim::N });
        }
        self.state.part.sum = sum;
        Ok(self.state.advance(dt, n))
    }
}
