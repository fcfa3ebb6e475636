//! Euler step in Gram coordinates u_ji = <w_j, x_i>, any data: U moves by the Gram matrix
//! G_ik = <x_i, x_k>.
//!
//! du_ji/dt = (a_j / n) sum_k g_jk G_ki with g_jk = r_k `1[u_jk > 0]`, and da_j/dt = (1/n) sum_i g_ji
//! u_ji. The dual coefficients move by dc_ji/dt = (a_j / n) g_ji, so that w_j = w_j(0) +
//! sum_i c_ji x_i at any time.
//!
//! Order of summation: h over j ascending, g G over k ascending, everything else over i in virtual
//! lanes. Cost: p n^2 multiply-adds against 2 p n d of the dense step: the choice when n < 2 d.
//!
//! # Drift
//! U is carried, not recomputed, so its rounding errors add up: after N steps it is off what the
//! dual coefficients say, and the network that [`write`](Gram::write) gives is off the one that the
//! step sees, by 0.04 to 0.5 times N eps max |u| (measured over up to 10^6 steps). In a run of 10^5
//! f32 steps that had converged the step reported a loss of 3e-13, the network written had 5e-7;
//! with a [`refresh`](Gram::refresh) every 1000 steps it had 1e-10, every 100 steps 1e-13. Rule for
//! f32: refresh every 1000 steps, which costs about 1 %, oftener only where a loss below 1e-10
//! matters. f64 drifts 10^9 times less and needs none. A refresh mends the steps after it and
//! leaves the network of that moment as it is, so once before the end is not enough.

use crate::error::{Dim, Error, expect};
use crate::forward::{gate, residual};
use crate::lanes::Lanes;
use crate::linalg::{aligned, axpy, dot, slack};
use crate::network::{Net, NetView, NetViewMut, Scale};
use crate::pack::{each_chunk, fill_chunks, pack_groups, pack_panels, unpack_groups};
use crate::parts::Parts;
use crate::real::Real;
use crate::rows::{fill, impossible, item, lines, slice};
use crate::samples::{Samples, SamplesView};
use crate::shape::{Fixed, Shape, Sizes};
use crate::step::{Health, Step};
use crate::tile::{Product, cover, cover_rows};
use advance::Advance;

mod advance;

/// A network in training in Gram coordinates, in the caller's memory.
///
/// ```
/// use reluflow::{Gram, Net, Samples, Scale, lanes::NativeF64};
/// let samples = Samples { x: [[1.0, 0.1, 0.0], [0.2, 1.0, 0.3]], y: [-1.0f64, 1.0] };
/// let start = Net { w: [[0.1, 0.2, 0.0], [-0.3, 0.1, 0.2]], a: [0.3, -0.4] };
/// let mut memory = [0.0; Gram::<NativeF64>::len(2, 2)];
/// let mut flow = Gram::<NativeF64>::new(start.view(), samples.view(), Scale::One, &mut memory)?;
/// let loss = flow.step(0.01).loss;
/// assert!(flow.step(0.01).loss < loss);
/// let mut net = start;
/// flow.write(start.view(), samples.view(), &mut net.view_mut())?;
/// # Ok::<(), reluflow::Error>(())
/// ```
#[derive(Debug)]
pub struct Gram<'m, L: Lanes, S: Shape = Sizes> {
    shape: S,
    scale: Scale,
    /// G in panels.
    gram: &'m mut [L::Chunk],
    /// U, g, g G and the dual coefficients, in row groups.
    u: &'m mut [L::Chunk],
    g: &'m mut [L::Chunk],
    slope: &'m mut [L::Chunk],
    dual: &'m mut [L::Chunk],
    y: &'m mut [L::Chunk],
    /// h, then r.
    h: &'m mut [L::Chunk],
    a: &'m mut [L::Elem],
    health: Health,
    screened: usize,
}

impl<L: Lanes> Gram<'_, L> {
    /// Elements of memory that a state of p neurons on n samples needs.
    pub const fn len(p: usize, n: usize) -> usize {
        (n + 4 * p + 2) * n.next_multiple_of(L::WIDTH) + p + slack::<L>()
    }
}

impl<'m, L: Lanes> Gram<'m, L, Sizes> {
    /// A state that starts at `net`, with sizes known at run time; `memory` needs
    /// [`len`](Gram::len) elements.
    ///
    /// Cost: n^2 d for G and p n d for U.
    ///
    /// # Errors
    /// [`Error::Shape`] when `net` and `samples` differ in d, [`Error::TooLarge`],
    /// [`Error::Memory`].
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

impl<'m, L: Lanes, const P: usize, const N: usize, const D: usize> Gram<'m, L, Fixed<P, N, D>> {
    /// As [`new`](Gram::new), with sizes that are constants.
    ///
    /// # Errors
    /// As [`new`](Gram::new).
    pub fn fixed(
        net: &Net<L::Elem, P, D>,
        samples: &Samples<L::Elem, N, D>,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        Self::build(Fixed, net.view(), samples.view(), scale, memory)
    }
}

impl<'m, L: Lanes, S: Shape> Gram<'m, L, S> {
    fn build(
        shape: S,
        net: NetView<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        let (p, n) = (shape.p(), shape.n());
        expect(Dim::D, net.d(), samples.d())?;
        // G is n x n, which the shape alone does not bound.
        Sizes::new(p, n, n)?;
        let (needed, found) = (Gram::<L>::len(p, n), memory.len());
        let cols = n.div_ceil(L::WIDTH);
        let chunks = (n + 4 * p + 2) * cols * L::WIDTH;
        let parts = aligned::<L>(memory, chunks + p)
            .and_then(|all| all.split_at_mut_checked(chunks))
            .and_then(|(chunks, a)| {
                let (gram, rest) = L::chunks_mut(chunks).split_at_mut_checked(n * cols)?;
                let (u, rest) = rest.split_at_mut_checked(p * cols)?;
                let (g, rest) = rest.split_at_mut_checked(p * cols)?;
                let (slope, rest) = rest.split_at_mut_checked(p * cols)?;
                let (dual, rest) = rest.split_at_mut_checked(p * cols)?;
                let (y, h) = rest.split_at_mut_checked(cols)?;
                Some((gram, [u, g, slope, dual], y, h, a))
            });
        let Some((gram, [u, g, slope, dual], y, h, a)) = parts else {
            return Err(Error::Memory { needed, found });
        };
        let row = |i: usize| slice(samples.x(), i * samples.d()..(i + 1) * samples.d());
        pack_panels::<L>(n, n, |k, i| dot::<L>(row(k), row(i)), gram);
        fill_chunks::<L>(y, samples.y());
        dual.fill(L::EMPTY);
        slope.fill(L::EMPTY);
        project::<L>(net, samples, slope, u);
        for (a, &start) in a.iter_mut().zip(net.a()) {
            *a = start;
        }
        let (health, screened) = (Health::default(), 0);
        Ok(Gram { shape, scale, gram, u, g, slope, dual, y, h, a, health, screened })
    }

    /// One Euler step of length `dt` in flow time.
    pub fn step(&mut self, dt: L::Elem) -> Step<L::Elem> {
        let (p, n) = (self.shape.p(), self.shape.n());
        let cols = n.div_ceil(L::WIDTH);
        let count = L::Elem::from_usize(n);
        let s: L::Elem = self.scale.factor(p);
        self.predict();
        let loss = residual::<L>(self.y, self.h, s) / (count + count);
        for (g, &u) in self.g.iter_mut().zip(self.u.iter()) {
            *g = u;
        }
        gate::<L>(p, self.h, self.g, L::gate);
        self.multiply(false);
        let mut job = Advance::<L> {
            c: dt / count,
            cols,
            u: self.u,
            g: self.g,
            slope: self.slope,
            dual: self.dual,
            a: self.a,
            speed_sq: L::Elem::ZERO,
            moved: false,
        };
        cover_rows::<L, _>(p, &mut job);
        let (speed_sq, moved) = (job.speed_sq, job.moved);
        self.health.look(loss);
        self.health.look(speed_sq);
        self.health.raise(Health::STALLED, !moved && loss > L::Elem::ZERO);
        self.screen(cols);
        Step { loss, speed_sq: speed_sq / (count * count), scale: s }
    }

    /// h = sum_j a_j relu(u_j), j ascending.
    #[inline(always)]
    fn predict(&mut self) {
        let cols = self.h.len();
        self.h.fill(L::EMPTY);
        for (first, size) in Parts::of(self.shape.p(), L::ROWS).each() {
            let group = slice(self.u, first * cols..(first + size) * cols);
            let a = slice(self.a, first..first + size);
            for (h, column) in self.h.iter_mut().zip(lines(group, size)) {
                let mut sum = L::load(h);
                for (u, &a) in column.iter().zip(a) {
                    sum = L::splat(a).mul_add(L::load(u).relu(), sum);
                }
                sum.store(h);
            }
        }
    }

    /// slope = B G, where B is g or the dual coefficients.
    #[inline(always)]
    fn multiply(&mut self, dual: bool) {
        let (shape, depth) = (self.shape, self.h.len());
        let b = if dual { &*self.dual } else { &*self.g };
        let (x, height, out, add) = (&*self.gram, shape.n(), &mut *self.slope, false);
        let mut job = Product::<L, S, true> { shape, b, depth, x, height, out, add };
        cover::<L, _>(shape.p(), depth, &mut job);
    }

    /// Screens the coordinates of one neuron, another one each step.
    #[inline(always)]
    fn screen(&mut self, cols: usize) {
        let (p, j) = (self.shape.p(), self.screened);
        self.screened = if j + 1 < p { j + 1 } else { 0 };
        self.health.screen_row::<L>(self.u, p, cols, j);
        self.health.screen(item(self.a, j));
    }

    /// u_ji = <w_j, x_i>, written to `u` as p x n row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] when `u` does not have p n elements.
    pub fn pre_activations(&self, u: &mut [L::Elem]) -> Result<(), Error> {
        let (p, n) = (self.shape.p(), self.shape.n());
        expect(Dim::Output, p * n, u.len())?;
        unpack_groups::<L>(self.u, p, n, u);
        Ok(())
    }

    /// Dual coefficients c_ji with w_j = w_j(0) + sum_i c_ji x_i, written to `dual` as p x n
    /// row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] when `dual` does not have p n elements.
    pub fn dual(&self, dual: &mut [L::Elem]) -> Result<(), Error> {
        let (p, n) = (self.shape.p(), self.shape.n());
        expect(Dim::Output, p * n, dual.len())?;
        unpack_groups::<L>(self.dual, p, n, dual);
        Ok(())
    }

    /// Continues from `u` and `dual` (p x n row-major each) and `a`, as
    /// [`pre_activations`](Self::pre_activations), [`dual`](Self::dual) and [`a`](Self::a) gave
    /// them: a resumed run has the bits of an uninterrupted one.
    ///
    /// # Errors
    /// [`Error::Shape`] when `u` or `dual` does not have p n elements or `a` not p.
    pub fn restore(&mut self, u: &[L::Elem], dual: &[L::Elem], a: &[L::Elem]) -> Result<(), Error> {
        let (p, n) = (self.shape.p(), self.shape.n());
        expect(Dim::Output, p * n, u.len())?;
        expect(Dim::Output, p * n, dual.len())?;
        expect(Dim::A, p, a.len())?;
        pack_groups::<L>(u, p, n, self.u);
        pack_groups::<L>(dual, p, n, self.dual);
        fill(self.a, a);
        Ok(())
    }

    /// Computes U anew from the dual coefficients, u_ji = <w_j(0), x_i> + sum_k c_jk G_ki, which
    /// forgets the rounding errors that U has gathered; w(0) is `start`, the network and samples
    /// that the state was built from. When to: [`crate::gram`].
    ///
    /// Error: that of one product of n and one of d terms, whatever the number of steps.
    /// Cost: p n^2 + p n d, the time of 5 to 12 steps.
    ///
    /// # Errors
    /// [`Error::Shape`] when a size differs from the state's.
    pub fn refresh(
        &mut self,
        start: NetView<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
    ) -> Result<(), Error> {
        self.expect(start, samples)?;
        self.multiply(true);
        project::<L>(start, samples, self.slope, self.u);
        Ok(())
    }

    fn expect(
        &self,
        start: NetView<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
    ) -> Result<(), Error> {
        expect(Dim::P, self.shape.p(), start.p())?;
        expect(Dim::D, self.shape.d(), start.d())?;
        expect(Dim::N, self.shape.n(), samples.n())?;
        expect(Dim::D, self.shape.d(), samples.d())
    }

    /// Rebuilds the network: w_j = w_j(0) + sum_i c_ji x_i, where w(0) is `start`, the network and
    /// samples that the state was built from. Cost: p n d.
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
        self.expect(start, samples)?;
        let cols = n.div_ceil(L::WIDTH);
        let parts = Parts::of(p, L::ROWS);
        for ((w, a), (j, start)) in net.neurons().zip(start.rows().enumerate()) {
            for (w, &start) in w.iter_mut().zip(start) {
                *w = start;
            }
            let (first, size) = parts.holding(j);
            let row = self.dual.iter().skip(first * cols + (j - first)).step_by(size.max(1));
            let dual = row.take(cols).flat_map(|chunk| chunk.as_ref());
            for (&c, x) in dual.zip(samples.rows()) {
                axpy::<L>(c, x, w);
            }
            *a = item(self.a, j);
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

/// u_ji = <w_j, x_i> + add_ji, in row groups; what pads a row is zero.
fn project<L: Lanes>(
    net: NetView<'_, L::Elem>,
    samples: SamplesView<'_, L::Elem>,
    add: &[L::Chunk],
    u: &mut [L::Chunk],
) {
    let (n, d) = (samples.n(), samples.d());
    each_chunk::<L>(net.p(), n.div_ceil(L::WIDTH), |at, j, chunk| {
        let (Some(u), Some(add)) = (u.get_mut(at), add.get(at)) else { return impossible() };
        let w = slice(net.w(), j * d..(j + 1) * d);
        let mut rows = samples.rows().skip(chunk * L::WIDTH);
        for (u, &add) in u.as_mut().iter_mut().zip(add.as_ref()) {
            *u = rows.next().map_or(L::Elem::ZERO, |x| dot::<L>(w, x) + add);
        }
    });
}
