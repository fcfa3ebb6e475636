//! Many networks of one size at once: lane = replica.
//!
//! For sweeps over seeds of a small network. The register kernels of [`Dense`](crate::Dense) leave
//! lanes empty and add across lanes where p, n and d are small; here every lane is a network of its
//! own, with its own start and, if need be, its own samples, and no operation crosses lanes.
//!
//! Each lane runs the dense step in the order of summation that [`Dense`](crate::Dense) has for
//! these sizes, so that with [`Canonical`](crate::Canonical) lanes a replica has the bits of the
//! network trained alone.
//!
//! Cost: 2 p n d multiply-adds a replica, WIDTH replicas at a time. Everything a step touches is
//! WIDTH times as large as one network: beyond some 30 KB it outgrows the L1 cache, and `Dense` wins.

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::layout::Layout;
use crate::linalg::{aligned, slack};
use crate::network::{NetView, NetViewMut, Scale};
use crate::real::Real;
use crate::rows::{item, lines, lines_mut, put, slice, slice_mut};
use crate::samples::{SamplesView, block_len};
use crate::shape::{Fixed, Shape, Sizes};
use crate::step::{Health, Step};

mod passes;

/// WIDTH networks in training, one in each lane, in the caller's memory.
///
/// ```
/// use reluflow::{Net, Replicas, Samples, Scale, lanes::NativeF32};
/// let samples = Samples { x: [[-0.5, 1.0], [2.0, 1.0]], y: [-1.0f32, 1.0] };
/// let mut memory = [0.0; Replicas::<NativeF32>::len(3, 2, 2)];
/// let mut replicas = Replicas::<NativeF32>::new(3, 2, 2, Scale::One, &mut memory)?;
/// let mut net = Net { w: [[0.1, 0.2], [-0.3, 0.1], [0.2, -0.1]], a: [0.3, -0.4, 0.3] };
/// for lane in 0..replicas.lanes() {
///     net.a[0] += 0.01;
///     replicas.set(lane, net.view(), samples.view())?;
/// }
/// let first = replicas.step(0.01);
/// let next = replicas.step(0.01);
/// assert!(next.of(0).loss < first.of(0).loss);
/// replicas.write(0, &mut net.view_mut())?;
/// # Ok::<(), reluflow::Error>(())
/// ```
#[derive(Debug)]
pub struct Replicas<'m, L: Lanes, S: Shape = Sizes> {
    shape: S,
    scale: Scale,
    order: Order,
    /// x_ik at i d + k, y_i: a chunk holds the same number of all replicas, here and below.
    x: &'m mut [L::Chunk],
    y: &'m mut [L::Chunk],
    /// w_jk at q d + k and a_j at q, where neuron j is the q-th of the order; D like w.
    w: &'m mut [L::Chunk],
    a: &'m mut [L::Chunk],
    slope: &'m mut [L::Chunk],
    /// Of one block: relu(z_ji) at q m + i for its m samples, and r_i.
    z: &'m mut [L::Chunk],
    r: &'m mut [L::Chunk],
}

/// Neurons by the virtual lane in which the dense step adds them up, so that each lane's sum runs
/// over consecutive memory; one lane where that sum is ascending.
#[derive(Clone, Copy, Debug)]
struct Order {
    p: usize,
    /// Virtual lanes of sums over neurons.
    neurons: usize,
    /// Virtual lanes of sums over coordinates.
    coordinates: usize,
}

impl Order {
    /// Sums that the dense step takes across lanes are in virtual lanes, the others ascending.
    #[inline(always)]
    const fn of<L: Lanes>(p: usize, n: usize, d: usize) -> Self {
        match Layout::of::<L>(p, n, d) {
            Layout::Neurons => Order { p, neurons: L::VIRTUAL, coordinates: 1 },
            Layout::Samples => Order { p, neurons: 1, coordinates: L::VIRTUAL },
        }
    }

    /// Neurons in each virtual lane.
    #[inline(always)]
    fn lanes(self) -> impl Iterator<Item = usize> {
        let Order { p, neurons, .. } = self;
        (0..neurons).map(move |lane| (p + neurons - 1 - lane) / neurons.max(1))
    }

    /// j of each neuron.
    fn each(self) -> impl Iterator<Item = usize> {
        let Order { p, neurons, .. } = self;
        (0..neurons).flat_map(move |lane| (lane..p).step_by(neurons.max(1)))
    }
}

/// What a step reports, for all replicas.
#[derive(Clone, Copy, Debug)]
pub struct Steps<L: Lanes> {
    loss: L::Chunk,
    speed_sq: L::Chunk,
    scale: L::Elem,
}

impl<L: Lanes> Steps<L> {
    /// The report of the replica in `lane`; zeros where there is no such lane.
    pub fn of(&self, lane: usize) -> Step<L::Elem> {
        let get = |chunk: &L::Chunk| chunk.as_ref().get(lane).copied().unwrap_or_default();
        Step { loss: get(&self.loss), speed_sq: get(&self.speed_sq), scale: self.scale }
    }
}

impl<L: Lanes> Replicas<'_, L> {
    /// Elements of memory that WIDTH replicas of p neurons on n samples in d dimensions need.
    pub const fn len(p: usize, n: usize, d: usize) -> usize {
        let block = block_len(n);
        (n * d + n + 2 * p * d + p + p * block + block) * L::WIDTH + slack::<L>()
    }
}

impl<'m, L: Lanes> Replicas<'m, L, Sizes> {
    /// Replicas of p neurons on n samples in d dimensions, all weights and samples zero until
    /// [`set`](Replicas::set); `memory` needs [`len`](Replicas::len) elements.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::TooLarge`], [`Error::Memory`].
    pub fn new(
        p: usize,
        n: usize,
        d: usize,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        Self::build(Sizes::new(p, n, d)?, scale, memory)
    }
}

impl<'m, L: Lanes, const P: usize, const N: usize, const D: usize> Replicas<'m, L, Fixed<P, N, D>> {
    /// As [`new`](Replicas::new), with sizes that are constants.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn fixed(scale: Scale, memory: &'m mut [L::Elem]) -> Result<Self, Error> {
        const { assert!(P > 0 && N > 0 && D > 0, "p, n and d must be at least 1") };
        Self::build(Fixed, scale, memory)
    }
}

impl<'m, L: Lanes, S: Shape> Replicas<'m, L, S> {
    fn build(shape: S, scale: Scale, memory: &'m mut [L::Elem]) -> Result<Self, Error> {
        let (p, n, d) = (shape.p(), shape.n(), shape.d());
        let (needed, found) = (Replicas::<L>::len(p, n, d), memory.len());
        let (block, order) = (block_len(n), Order::of::<L>(p, n, d));
        let parts =
            aligned::<L>(memory, needed - slack::<L>()).map(L::chunks_mut).and_then(|all| {
                all.fill(L::EMPTY);
                let (x, rest) = all.split_at_mut_checked(n * d)?;
                let (y, rest) = rest.split_at_mut_checked(n)?;
                let (w, rest) = rest.split_at_mut_checked(p * d)?;
                let (slope, rest) = rest.split_at_mut_checked(p * d)?;
                let (a, rest) = rest.split_at_mut_checked(p)?;
                let (z, r) = rest.split_at_mut_checked(p * block)?;
                Some(Replicas { shape, scale, order, x, y, w, a, slope, z, r })
            });
        parts.ok_or(Error::Memory { needed, found })
    }

    /// Replicas that a step trains: one for each lane.
    pub fn lanes(&self) -> usize {
        L::WIDTH
    }

    /// Puts a network and its samples into a lane.
    ///
    /// # Errors
    /// [`Error::Shape`] when a size differs or there is no such lane.
    pub fn set(
        &mut self,
        lane: usize,
        net: NetView<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
    ) -> Result<(), Error> {
        self.expect(lane, net.p(), net.d())?;
        expect(Dim::N, self.shape.n(), samples.n())?;
        expect(Dim::D, self.shape.d(), samples.d())?;
        for ((w, a), j) in lines_mut(self.w, net.d()).zip(self.a.iter_mut()).zip(self.order.each())
        {
            fill_lane::<L>(w, lane, slice(net.w(), j * net.d()..(j + 1) * net.d()));
            fill_lane::<L>(core::slice::from_mut(a), lane, slice(net.a(), j..));
        }
        fill_lane::<L>(self.x, lane, samples.x());
        fill_lane::<L>(self.y, lane, samples.y());
        Ok(())
    }

    /// Copies the network of a lane out.
    ///
    /// # Errors
    /// [`Error::Shape`] when `net` is not p x d or there is no such lane.
    pub fn write(&self, lane: usize, net: &mut NetViewMut<'_, L::Elem>) -> Result<(), Error> {
        self.expect(lane, net.p(), net.d())?;
        let d = net.d();
        for ((w, a), j) in lines(self.w, d).zip(self.a.iter()).zip(self.order.each()) {
            let target = slice_mut(net.w, j * d..(j + 1) * d);
            for (x, chunk) in target.iter_mut().zip(w).chain(net.a.get_mut(j).zip(Some(a))) {
                *x = item(chunk.as_ref(), lane);
            }
        }
        Ok(())
    }

    /// What is wrong with the weights of a lane now: NaN, infinite, subnormal. Costs p d
    /// comparisons; a step does not look.
    pub fn health(&self, lane: usize) -> Health {
        let mut health = Health::default();
        for weight in
            self.w.iter().chain(self.a.iter()).filter_map(|chunk| chunk.as_ref().get(lane))
        {
            health.screen(*weight);
        }
        health
    }

    fn expect(&self, lane: usize, p: usize, d: usize) -> Result<(), Error> {
        if lane >= L::WIDTH {
            return Err(Error::Shape { dim: Dim::Lane, expected: L::WIDTH, found: lane });
        }
        expect(Dim::P, self.shape.p(), p)?;
        expect(Dim::D, self.shape.d(), d)
    }

    /// One Euler step of length `dt` in flow time for every replica.
    pub fn step(&mut self, dt: L::Elem) -> Steps<L> {
        let (p, n) = (self.shape.p(), self.shape.n());
        let per = block_len(n);
        let count = L::Elem::from_usize(n);
        let (c, s) = (L::splat(dt / count), self.scale.factor::<L::Elem>(p));
        let (mut squares, mut speed) = (L::zero(), L::zero());
        let mut first = 0;
        while first < n {
            let m = if n - first < per { n - first } else { per };
            squares = squares + self.forward(first, m, L::splat(-s));
            speed = self.backward(first, m, c);
            first += m;
        }
        let per_lane = |x: L, by: L::Elem| {
            let mut chunk = L::EMPTY;
            x.store(&mut chunk);
            for x in chunk.as_mut() {
                *x = *x / by;
            }
            chunk
        };
        let loss = per_lane(squares, count + count);
        Steps { loss, speed_sq: per_lane(speed, count * count), scale: s }
    }
}

/// Writes numbers into one lane.
fn fill_lane<L: Lanes>(chunks: &mut [L::Chunk], lane: usize, source: &[L::Elem]) {
    for (chunk, &x) in chunks.iter_mut().zip(source) {
        put(chunk.as_mut(), lane, x);
    }
}
