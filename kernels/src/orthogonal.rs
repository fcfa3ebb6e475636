//! Euler step in orthogonal coordinates u_ji = <w_j, x_i>: data whose samples are pairwise
//! orthogonal.
//!
//! du_ji/dt = (a_j / n) r_i `1[u_ji > 0]` |x_i|^2 and da_j/dt = (1/n) sum_i r_i relu(u_ji): each
//! coordinate moves by itself, so a step costs p n instead of p n d. A pair (j, i) with u_ji <= 0
//! is dead and never revives. The part of w_j outside the span of the samples never moves, so w is
//! rebuilt exactly from the start and u.
//!
//! Order of summation: h over j ascending; everything over i in virtual lanes of i.
//! Cost: about 5 p n operations, u read and written once.

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{aligned, axpy, dot, lines, lines_mut, norm_sq, slack};
use crate::network::{NetView, NetViewMut, Scale};
use crate::real::Real;
use crate::samples::SamplesView;
use crate::shape::{Fixed, Shape, Sizes};
use crate::step::{Health, Step};
use crate::tile::{fill, fill_chunks};

/// Chunks of samples in a panel: the first pass brings it into L1, the second works on it there.
const PANEL: usize = 4;

/// A network in training on orthogonal samples, in the caller's memory.
///
/// ```
/// use reluflow::{Net, Orthogonal, Samples, Scale, lanes::NativeF64};
/// let samples = Samples { x: [[-0.5, 1.0], [2.0, 1.0]], y: [-1.0f64, 1.0] };
/// let start = Net { w: [[0.1, 0.2], [-0.3, 0.1]], a: [0.3, -0.4] };
/// let mut memory = [0.0; Orthogonal::<NativeF64>::len(2, 2)];
/// let mut flow = Orthogonal::<NativeF64>::new(start.view(), samples.view(), Scale::One, &mut memory)?;
/// let loss = flow.step(0.01).loss;
/// assert!(flow.step(0.01).loss < loss);
/// let mut net = start;
/// flow.write(start.view(), samples.view(), &mut net.view_mut())?;
/// # Ok::<(), reluflow::Error>(())
/// ```
#[derive(Debug)]
pub struct Orthogonal<'m, L: Lanes, S: Shape = Sizes> {
    shape: S,
    scale: Scale,
    /// `[panel][j][chunk]`.
    u: &'m mut [L::Chunk],
    y: &'m mut [L::Chunk],
    /// |x_i|^2.
    norm_sq: &'m mut [L::Chunk],
    /// For each neuron the virtual lanes of sum_i r_i relu(u_ji) and of |sum_i g_ji x_i|^2.
    banks: &'m mut [L::Chunk],
    a: &'m mut [L::Elem],
    health: Health,
    screened: usize,
}

impl<L: Lanes> Orthogonal<'_, L> {
    /// Elements of memory that a state of p neurons on n samples needs.
    pub const fn len(p: usize, n: usize) -> usize {
        (p + 2) * n.next_multiple_of(L::WIDTH) + 2 * p * L::VIRTUAL + p + slack::<L>()
    }
}

impl<'m, L: Lanes> Orthogonal<'m, L, Sizes> {
    /// A state that starts at `net`, with sizes known at run time; `memory` needs
    /// [`len`](Orthogonal::len) elements.
    ///
    /// Orthogonality is not checked here, for it costs n^2 d:
    /// [`check_orthogonal`](crate::geometry::check_orthogonal) does. On other data the state is
    /// a network on samples made orthogonal, not the one given.
    ///
    /// # Errors
    /// [`Error::Shape`] when `net` and `samples` differ in d, [`Error::ZeroSample`],
    /// [`Error::TooLarge`], [`Error::Memory`].
    pub fn new(
        net: NetView<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        let shape = Sizes::new(net.p(), samples.n(), net.d())?;
        Self::build(shape, net, samples, scale, memory)
    }
}

impl<'m, L: Lanes, const P: usize, const N: usize, const D: usize>
    Orthogonal<'m, L, Fixed<P, N, D>>
{
    /// As [`new`](Orthogonal::new), with sizes that are constants.
    ///
    /// # Errors
    /// As [`new`](Orthogonal::new).
    pub fn fixed(
        net: &crate::Net<L::Elem, P, D>,
        samples: &crate::Samples<L::Elem, N, D>,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        Self::build(Fixed, net.view(), samples.view(), scale, memory)
    }
}

/// (first chunk, chunks) of each panel of `cols` chunks.
#[inline(always)]
fn panels(cols: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..cols.div_ceil(PANEL)).map(move |panel| {
        let first = panel * PANEL;
        (first, if cols - first < PANEL { cols - first } else { PANEL })
    })
}

impl<'m, L: Lanes, S: Shape> Orthogonal<'m, L, S> {
    fn build(
        shape: S,
        net: NetView<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        let (p, n) = (shape.p(), shape.n());
        expect(Dim::D, net.d(), samples.d())?;
        let (needed, found) = (Orthogonal::<L>::len(p, n), memory.len());
        let cols = n.div_ceil(L::WIDTH);
        let chunks = ((p + 2) * cols + 2 * p * (L::VIRTUAL / L::WIDTH)) * L::WIDTH;
        let parts = aligned::<L>(memory, chunks + p)
            .and_then(|all| all.split_at_mut_checked(chunks))
            .and_then(|(chunks, a)| {
                let (u, rest) = L::chunks_mut(chunks).split_at_mut_checked(p * cols)?;
                let (y, rest) = rest.split_at_mut_checked(cols)?;
                let (norm_sq, banks) = rest.split_at_mut_checked(cols)?;
                Some((u, y, norm_sq, banks, a))
            });
        let Some((u, y, norms, banks, a)) = parts else {
            return Err(Error::Memory { needed, found });
        };
        fill_chunks::<L>(y, samples.y());
        norms.fill(L::EMPTY);
        let lanes = norms.iter_mut().flat_map(|chunk| chunk.as_mut());
        for (i, (lane, x)) in lanes.zip(samples.rows()).enumerate() {
            *lane = norm_sq::<L>(x);
            if *lane == L::Elem::ZERO {
                return Err(Error::ZeroSample { i });
            }
        }
        u.fill(L::EMPTY);
        for (j, w) in net.rows().enumerate() {
            for (i, x) in samples.rows().enumerate() {
                if let Some(u) = u.get_mut(place(p, cols, j, i / L::WIDTH))
                    && let Some(u) = u.as_mut().get_mut(i % L::WIDTH)
                {
                    *u = dot::<L>(w, x);
                }
            }
        }
        for (a, &start) in a.iter_mut().zip(net.a()) {
            *a = start;
        }
        let (health, screened) = (Health::default(), 0);
        Ok(Orthogonal { shape, scale, u, y, norm_sq: norms, banks, a, health, screened })
    }

    /// One Euler step of length `dt` in flow time.
    pub fn step(&mut self, dt: L::Elem) -> Step<L::Elem> {
        let (p, n) = (self.shape.p(), self.shape.n());
        let cols = n.div_ceil(L::WIDTH);
        let count = L::Elem::from_usize(n);
        let c = dt / count;
        let s: L::Elem = self.scale.factor(p);
        self.banks.fill(L::EMPTY);
        let mut squares = L::bank(L::zero());
        for (first, len) in panels(cols) {
            let u = self.u.get_mut(first * p..(first + len) * p).unwrap_or(&mut []);
            let y = self.y.get(first..first + len).unwrap_or(&[]);
            let norms = self.norm_sq.get(first..first + len).unwrap_or(&[]);
            let mut panel =
                Panel::<L> { y, norms, banks: self.banks, a: self.a, c, s, first, squares };
            match len {
                1 => panel.step::<1>(u),
                2 => panel.step::<2>(u),
                3 => panel.step::<3>(u),
                _ => panel.step::<PANEL>(u),
            }
            squares = panel.squares;
        }
        let (speed_sq, moved) = self.advance(c);
        let loss = L::fold(squares) / (count + count);
        self.health.look(loss);
        self.health.look(speed_sq);
        self.health.raise(Health::STALLED, !moved && loss > L::Elem::ZERO);
        self.screen(cols);
        Step { loss, speed_sq: speed_sq / (count * count), scale: s }
    }

    /// a_j += c sum_i r_i relu(u_ji); returns the speed and whether anything moved.
    #[inline(always)]
    fn advance(&mut self, c: L::Elem) -> (L::Elem, bool) {
        let set = L::VIRTUAL / L::WIDTH;
        let (mut speed_sq, mut moved) = (L::Elem::ZERO, false);
        for (a, banks) in self.a.iter_mut().zip(lines(self.banks, 2 * set)) {
            let (outer, steep) = banks.split_at_checked(set).unwrap_or((&[], &[]));
            let (da, steep) = (L::fold(bank::<L>(outer)), L::fold(bank::<L>(steep)));
            speed_sq += *a * *a * steep + da * da;
            let next = c * da + *a;
            // |dw_j| = c |a_j| sqrt(steep), held against a rounding of |a_j|.
            moved |= next != *a || c * c * steep > L::Elem::EPSILON * L::Elem::EPSILON;
            *a = next;
        }
        (speed_sq, moved)
    }

    /// Screens the coordinates of one neuron, another one each step.
    #[inline(always)]
    fn screen(&mut self, cols: usize) {
        let (p, j) = (self.shape.p(), self.screened);
        self.screened = if j + 1 < p { j + 1 } else { 0 };
        for chunk in 0..cols {
            if let Some(u) = self.u.get(place(p, cols, j, chunk)) {
                for &u in u.as_ref() {
                    self.health.screen(u);
                }
            }
        }
        self.health.screen(self.a.get(j).copied().unwrap_or(L::Elem::ZERO));
    }

    /// u_ji = <w_j, x_i>, written to `u` as p x n row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] when `u` does not have p n elements.
    pub fn pre_activations(&self, u: &mut [L::Elem]) -> Result<(), Error> {
        let (p, n) = (self.shape.p(), self.shape.n());
        expect(Dim::Output, p * n, u.len())?;
        let cols = n.div_ceil(L::WIDTH);
        for (j, line) in lines_mut(u, n).enumerate() {
            for (chunk, part) in line.chunks_mut(L::WIDTH).enumerate() {
                let Some(source) = self.u.get(place(p, cols, j, chunk)) else { continue };
                for (u, &x) in part.iter_mut().zip(source.as_ref()) {
                    *u = x;
                }
            }
        }
        Ok(())
    }

    /// Continues from `u` (p x n row-major) and `a`, as [`pre_activations`](Self::pre_activations)
    /// and [`a`](Self::a) gave them: a resumed run has the bits of an uninterrupted one.
    ///
    /// # Errors
    /// [`Error::Shape`] when `u` does not have p n elements or `a` not p.
    pub fn restore(&mut self, u: &[L::Elem], a: &[L::Elem]) -> Result<(), Error> {
        let (p, n) = (self.shape.p(), self.shape.n());
        expect(Dim::Output, p * n, u.len())?;
        expect(Dim::A, p, a.len())?;
        let cols = n.div_ceil(L::WIDTH);
        for (j, line) in lines(u, n).enumerate() {
            for (chunk, part) in line.chunks(L::WIDTH).enumerate() {
                if let Some(target) = self.u.get_mut(place(p, cols, j, chunk)) {
                    fill(target.as_mut(), part);
                }
            }
        }
        fill(self.a, a);
        Ok(())
    }

    /// Rebuilds the network: w_j = w_j(0) + sum_i (u_ji - <w_j(0), x_i>) x_i / |x_i|^2, where w(0)
    /// is `start`, the network and samples that the state was built from.
    ///
    /// Cost: 2 p n d.
    ///
    /// # Errors
    /// [`Error::Shape`] when a size differs from the state's.
    pub fn write(
        &self,
        start: NetView<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
        net: &mut NetViewMut<'_, L::Elem>,
    ) -> Result<(), Error> {
        let (p, n, d) = (self.shape.p(), self.shape.n(), self.shape.d());
        net.expect(p, d)?;
        expect(Dim::P, p, start.p())?;
        expect(Dim::D, d, start.d())?;
        expect(Dim::N, n, samples.n())?;
        expect(Dim::D, d, samples.d())?;
        let cols = n.div_ceil(L::WIDTH);
        let starts = start.rows().enumerate();
        for ((w, a), (j, start)) in net.neurons().zip(starts) {
            for (w, &start) in w.iter_mut().zip(start) {
                *w = start;
            }
            for (i, x) in samples.rows().enumerate() {
                let lane = |chunk: &L::Chunk| chunk.as_ref().get(i % L::WIDTH).copied();
                let u = self.u.get(place(p, cols, j, i / L::WIDTH)).and_then(lane);
                let norm = self.norm_sq.get(i / L::WIDTH).and_then(lane);
                if let (Some(u), Some(norm)) = (u, norm) {
                    axpy::<L>((u - dot::<L>(start, x)) / norm, x, w);
                }
            }
            *a = self.a.get(j).copied().unwrap_or(*a);
        }
        Ok(())
    }

    /// Outer weights a_j.
    pub fn a(&self) -> &[L::Elem] {
        self.a
    }

    /// What has gone wrong so far.
    pub fn health(&self) -> Health {
        self.health
    }
}

/// One panel of samples, all neurons.
struct Panel<'a, L: Lanes> {
    y: &'a [L::Chunk],
    norms: &'a [L::Chunk],
    banks: &'a mut [L::Chunk],
    a: &'a [L::Elem],
    /// dt / n.
    c: L::Elem,
    s: L::Elem,
    /// First chunk of the panel, which says where its virtual lanes are.
    first: usize,
    squares: L::Bank<L>,
}

impl<L: Lanes> Panel<'_, L> {
    #[inline(always)]
    fn step<const V: usize>(&mut self, u: &mut [L::Chunk]) {
        let set = L::VIRTUAL / L::WIDTH;
        let u = u.as_chunks_mut::<V>().0;
        let mut h = [L::zero(); V];
        for (u, &a) in u.iter().zip(self.a) {
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
            if let Some(sum) = self.squares.as_mut().get_mut((self.first + v) % set) {
                *sum = r.mul_add(*r, *sum);
            }
        }
        for ((u, &a), banks) in u.iter_mut().zip(self.a).zip(lines_mut(self.banks, 2 * set)) {
            let a = L::splat(a);
            // In registers while the panel lasts: through memory each sum would wait for the last.
            let (mut outer, mut inner) = banks
                .split_at_checked(set)
                .map_or((L::bank(L::zero()), L::bank(L::zero())), |(x, y)| {
                    (bank::<L>(x), bank::<L>(y))
                });
            let samples = r.iter().zip(&pull).zip(&steep);
            for (v, (u, ((&r, &pull), &steep))) in u.iter_mut().zip(samples).enumerate() {
                let z = L::load(u);
                let slot = (self.first + v) % set;
                let sums = outer.as_mut().get_mut(slot).zip(inner.as_mut().get_mut(slot));
                if let Some((outer, inner)) = sums {
                    *outer = r.mul_add(z.relu(), *outer);
                    *inner = *inner + steep.gate(z);
                }
                a.mul_add(pull.gate(z), z).store(u);
            }
            let sums = outer.as_ref().iter().chain(inner.as_ref());
            for (chunk, sum) in banks.iter_mut().zip(sums) {
                sum.store(chunk);
            }
        }
    }
}

/// A bank of lanes from memory.
#[inline(always)]
fn bank<L: Lanes>(chunks: &[L::Chunk]) -> L::Bank<L> {
    let mut bank = L::bank(L::zero());
    for (sum, chunk) in bank.as_mut().iter_mut().zip(chunks) {
        *sum = L::load(chunk);
    }
    bank
}

/// Where chunk `chunk` of neuron j lies.
#[inline(always)]
fn place(p: usize, cols: usize, j: usize, chunk: usize) -> usize {
    let first = chunk / PANEL * PANEL;
    let len = if cols - first < PANEL { cols - first } else { PANEL };
    first * p + j * len + (chunk - first)
}
