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
use crate::linalg::{aligned, lines, lines_mut, slack};
use crate::network::{NetView, NetViewMut, Scale};
use crate::real::Real;
use crate::samples::{SamplesView, block_len};
use crate::shape::{Fixed, Shape, Sizes};
use crate::step::{Health, Step};
use crate::tile::Parts;

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
        let get = |chunk: &L::Chunk| chunk.as_ref().get(lane).copied().unwrap_or(L::Elem::ZERO);
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
            put::<L>(w, lane, net.rows().nth(j).unwrap_or(&[]));
            put::<L>(core::slice::from_mut(a), lane, net.a().get(j..).unwrap_or(&[]));
        }
        put::<L>(self.x, lane, samples.x());
        put::<L>(self.y, lane, samples.y());
        Ok(())
    }

    /// Copies the network of a lane out.
    ///
    /// # Errors
    /// [`Error::Shape`] when `net` is not p x d or there is no such lane.
    pub fn write(&self, lane: usize, net: &mut NetViewMut<'_, L::Elem>) -> Result<(), Error> {
        self.expect(lane, net.p(), net.d())?;
        let of = |chunk: &L::Chunk| chunk.as_ref().get(lane).copied().unwrap_or(L::Elem::ZERO);
        let d = net.d();
        for ((w, a), j) in lines(self.w, d).zip(self.a.iter()).zip(self.order.each()) {
            let target = net.w.get_mut(j * d..(j + 1) * d).unwrap_or(&mut []);
            for (x, chunk) in target.iter_mut().zip(w).chain(net.a.get_mut(j).zip(Some(a))) {
                *x = of(chunk);
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
    fn forward(&mut self, first: usize, m: usize, minus_s: L) -> L {
        for (i, size) in Parts::of(m, TILE).each() {
            match size {
                1 => self.predict::<1>(first, m, i, minus_s),
                2 => self.predict::<2>(first, m, i, minus_s),
                3 => self.predict::<3>(first, m, i, minus_s),
                _ => self.predict::<TILE>(first, m, i, minus_s),
            }
        }
        let mut sums = [[L::zero(); 1]; MOST];
        for i in 0..m {
            if let (Some(r), Some([sum])) = (self.r.get(i), sums.get_mut(i % L::VIRTUAL)) {
                let r = L::load(r);
                *sum = r.mul_add(r, *sum);
            }
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
            return;
        };
        let mut neurons = lines(self.w, d).zip(self.a.iter()).zip(lines_mut(self.z, m));
        let mut sums = [[L::zero(); T]; MOST];
        for (sum, size) in sums.iter_mut().zip(order.lanes()) {
            let mut h = [L::zero(); T];
            for ((w, a), z) in neurons.by_ref().take(size) {
                let Some(z) = z.get_mut(i..i + T) else { return };
                let mut acc = [L::zero(); T];
                for (k, w) in w.iter().enumerate() {
                    let w = L::load(w);
                    for (t, acc) in acc.iter_mut().enumerate() {
                        let Some(x) = x.get(t * d + k) else { return };
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
    fn backward(&mut self, first: usize, m: usize, c: L) -> L {
        let (n, d, order) = (self.shape.n(), self.shape.d(), self.order());
        let (Some(r), Some(x)) = (self.r.get(..m), self.x.get(first * d..(first + m) * d)) else {
            return L::zero();
        };
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
            let g = L::load(r).gate(L::load(z));
            let Some(x) = x.get(k..k + T) else { return };
            for (acc, x) in acc.iter_mut().zip(x) {
                *acc = g.mul_add(L::load(x), *acc);
            }
        }
        let (Some(w), Some(slope)) = (self.w.get_mut(k..k + T), self.slope.get_mut(k..k + T))
        else {
            return;
        };
        for (t, ((&acc, w), slope)) in acc.iter().zip(w).zip(slope).enumerate() {
            let sum = if self.add { L::load(slope) + acc } else { acc };
            if self.last {
                let old = L::load(w);
                let lane = if self.coordinates == 1 { 0 } else { (k + t) % L::VIRTUAL };
                if let Some([da, steep]) = banks.get_mut(lane) {
                    *da = old.mul_add(sum, *da);
                    *steep = sum.mul_add(sum, *steep);
                }
                self.speed.mul_add(sum, old).store(w);
            } else {
                sum.store(slope);
            }
        }
    }
}

/// Writes numbers into one lane.
fn put<L: Lanes>(chunks: &mut [L::Chunk], lane: usize, source: &[L::Elem]) {
    for (chunk, &x) in chunks.iter_mut().zip(source) {
        if let Some(target) = chunk.as_mut().get_mut(lane) {
            *target = x;
        }
    }
}

/// The halving tree over the first `lanes` sums.
#[inline(always)]
fn tree<L: Lanes, const T: usize>(mut sums: [[L; T]; MOST], lanes: usize) -> [L; T] {
    let mut half = lanes / 2;
    while half > 0 {
        let Some((low, high)) = sums.split_at_mut_checked(half) else { break };
        for (x, y) in low.iter_mut().flatten().zip(high.iter().flatten()) {
            *x = *x + *y;
        }
        half /= 2;
    }
    let [sum, ..] = sums;
    sum
}
