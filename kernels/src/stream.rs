//! Dense step on samples that pass by: the training set need not be in memory.
//!
//! [`feed`](Stream::feed) copies rows into a buffer of b samples; whenever it is full, their gradient
//! is added to that of the step. [`finish`](Stream::finish) takes the Euler step of
//! [`Dense`](crate::Dense) on all n rows fed since [`begin`](Stream::begin), with the factor 1/n of
//! the loss, so that `dt` means the same whatever n, b and the slices are.
//!
//! The bits depend on the rows, their order and b, never on how the rows were sliced into calls of
//! `feed`. With n = b they are those of [`Dense`](crate::Dense) on n samples.
//!
//! Memory: the network, its gradient and b samples. Cost: 2 p n d multiply-adds, and b more samples
//! than n at most, for the last buffer is filled up with zeros.

use crate::buffer::Buffer;
use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::layout::Extent;
use crate::linalg::slack;
use crate::network::{Net, NetView, NetViewMut, Scale};
use crate::real::Real;
use crate::samples::{BLOCK, Batch, SamplesView};
use crate::shape::{Fixed, Shape, Sizes};
use crate::state::State;
use crate::step::{Health, Step};

/// A network in training on samples that are fed to it, in the caller's memory.
///
/// ```
/// use reluflow::{NetView, SamplesView, Scale, Stream, lanes::NativeF32};
/// let net = NetView::new(&[0.1f32, 0.2, -0.3, 0.1, 0.2, -0.1], &[0.3, -0.4, 0.3], 2)?;
/// let mut memory = [0.0; Stream::<NativeF32>::len(3, 8, 2)];
/// let mut stream = Stream::<NativeF32>::new(net, 8, Scale::One, &mut memory)?;
/// let mut loss = f32::INFINITY;
/// for _ in 0..3 {
///     stream.begin();
///     for i in 0..100 {
///         // A sensor, a card, a radio ...
///         let x = [(i % 7) as f32 - 3.0, 1.0];
///         stream.feed(SamplesView::new(&x, &[0.5 * x[0]], 2)?)?;
///     }
///     let step = stream.finish(0.01)?;
///     assert!(step.loss < loss);
///     loss = step.loss;
/// }
/// # Ok::<(), reluflow::Error>(())
/// ```
#[derive(Debug)]
pub struct Stream<'m, L: Lanes, S: Shape = Sizes> {
    /// Its n is b.
    state: State<'m, L, S>,
    buffer: Buffer<'m, L>,
    /// Rows in the buffer.
    held: usize,
}

impl<L: Lanes> Stream<'_, L> {
    /// Elements of memory that p neurons in d dimensions with a buffer of b samples need.
    pub const fn len(p: usize, b: usize, d: usize) -> usize {
        Extent::elements::<L>(p, b, d) + Batch::<L>::len(b, d)
    }
}

impl<'m, L: Lanes> Stream<'m, L, Sizes> {
    /// A state that starts at `net`, with a buffer of `b` samples, at most 144; `memory` needs
    /// [`len`](Stream::len) elements.
    ///
    /// # Errors
    /// [`Error::Empty`] and [`Error::Shape`] when b is 0 or above 144, [`Error::TooLarge`],
    /// [`Error::Memory`].
    pub fn new(
        net: NetView<'_, L::Elem>,
        b: usize,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        Self::build(Sizes::new(net.p(), b, net.d())?, net, scale, memory)
    }
}

impl<'m, L: Lanes, const P: usize, const B: usize, const D: usize> Stream<'m, L, Fixed<P, B, D>> {
    /// As [`new`](Stream::new), with sizes that are constants.
    ///
    /// # Errors
    /// As [`new`](Stream::new).
    pub fn fixed(
        net: &Net<L::Elem, P, D>,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        const { assert!(B > 0, "b must be at least 1") };
        Self::build(Fixed, net.view(), scale, memory)
    }
}

impl<'m, L: Lanes, S: Shape> Stream<'m, L, S> {
    fn build(
        shape: S,
        net: NetView<'_, L::Elem>,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        let (p, b, d) = (shape.p(), shape.n(), shape.d());
        // One block: its samples have their place from the start.
        if b > BLOCK {
            return Err(Error::Shape { dim: Dim::N, expected: BLOCK, found: b });
        }
        let (needed, found) = (Stream::<L>::len(p, b, d), memory.len());
        let room = Batch::<L>::len(b, d) - slack::<L>();
        State::build(shape, net, scale, memory, room)
            .and_then(|(state, rest)| {
                let buffer = Buffer::carve(b, d, rest)?;
                // What pads registers is never written again.
                buffer.columns.fill(L::EMPTY);
                buffer.y.fill(L::EMPTY);
                let mut stream = Stream { state, buffer, held: 0 };
                stream.begin();
                Some(stream)
            })
            .ok_or(Error::Memory { needed, found })
    }

    /// Forgets the rows fed since the last step.
    pub fn begin(&mut self) {
        self.held = 0;
        self.state.part.n = 0;
        self.state.part.sum = L::Elem::ZERO;
    }

    /// Rows fed since [`begin`](Self::begin).
    pub fn fed(&self) -> usize {
        self.state.part.n + self.held
    }

    /// Adds rows to the step. They are copied; a call may bring one row or all.
    ///
    /// # Errors
    /// [`Error::Shape`] when `samples` has another d. Nothing was added then.
    pub fn feed(&mut self, samples: SamplesView<'_, L::Elem>) -> Result<(), Error> {
        expect(Dim::D, self.state.shape.d(), samples.d())?;
        for (x, &y) in samples.rows().zip(samples.y()) {
            self.buffer.put(self.held, x, y);
            self.held += 1;
            if self.held >= self.state.shape.n() {
                self.flush();
            }
        }
        Ok(())
    }

    /// Adds the gradient of the buffer to that of the step.
    #[inline(never)]
    fn flush(&mut self) {
        // Zero rows with target zero have residual zero.
        for i in self.held..self.state.shape.n() {
            self.buffer.put(i, &[], L::Elem::ZERO);
        }
        let (weights, part) = self.state.open();
        weights.add(&self.buffer.block(weights.shape.n()), part, part.n > 0);
        part.n += self.held;
        self.held = 0;
    }

    /// One Euler step of length `dt` in flow time on all rows fed since [`begin`](Self::begin), and a new
    /// begin. With dt = 0 it only measures.
    ///
    /// # Errors
    /// [`Error::Empty`] when no row was fed.
    pub fn finish(&mut self, dt: L::Elem) -> Result<Step<L::Elem>, Error> {
        if self.held > 0 {
            self.flush();
        }
        let n = self.state.part.n;
        if n == 0 {
            return Err(Error::Empty { dim: Dim::N });
        }
        let step = self.state.advance(dt, n);
        self.begin();
        Ok(step)
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
}
