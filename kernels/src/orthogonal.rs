//! Euler step in orthogonal coordinates u_ji = <w_j, x_i>: data whose samples are pairwise
//! orthogonal.
//!
//! du_ji/dt = (a_j / n) r_i `1[u_ji > 0]` |x_i|^2 and da_j/dt = (1/n) sum_i r_i relu(u_ji): each
//! coordinate moves by itself, so a step costs p n instead of p n d. A pair (j, i) with u_ji <= 0
//! is dead and never revives. The part of w_j outside the span of the samples never moves, so w is
//! rebuilt exactly from the start and u.
//!
//! # Dead pairs
//! In training the pairs with sign(a_j) != sign(y_i) die. So the state keeps the samples with
//! y_i >= 0 apart from those with y_i < 0 (beyond 4 [`VIRTUAL`](Lanes::VIRTUAL) samples), each
//! section in the caller's order, and deals it into rows of 4 registers of one neuron's pairs. A
//! row whose pairs are all dead is passed over. One neuron's rows are looked at in each step, so
//! that a row is found at most p steps after its last pair died. A dead pair adds 0 to every sum:
//! the bits are those of a step that works on all pairs, as long as the loss is finite.
//! [`live`](Orthogonal::live) and [`worked`](Orthogonal::worked) count pairs.
//!
//! Order of summation: h over j ascending; everything over i in virtual lanes, those of the first
//! section before those of the second, each section from lane 0.
//! Cost: 7 operations for each pair of a row that is worked on, u read and written once.
//! At p37 n1500 (f32x16, 3.7 GHz): 6.2 us with all rows alive, 3.4 us with half, 2.0 us with a
//! quarter of them.

mod passes;
mod sections;
mod update;

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::layout::set;
use crate::linalg::{aligned, axpy, dot, norm_sq, slack};
use crate::network::{Net, NetView, NetViewMut, Scale};
use crate::real::Real;
use crate::rows::{fill, item, lines, lines_mut, slice, slice_mut};
use crate::samples::{Samples, SamplesView};
use crate::shape::{Fixed, Shape, Sizes};
use crate::step::{Health, Step};
use passes::Passes;
use sections::{PANEL, Panel, Sections, get, leading, most_chunks, most_panels, put};

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
    /// Samples in the first section.
    leading: usize,
    /// `[panel][j][chunk]`.
    u: &'m mut [L::Chunk],
    y: &'m mut [L::Chunk],
    /// |x_i|^2.
    norm_sq: &'m mut [L::Chunk],
    /// For each neuron the virtual lanes of sum_i r_i relu(u_ji) and of |sum_i g_ji x_i|^2.
    banks: &'m mut [L::Chunk],
    /// y in the caller's order, which says where each sample lies.
    targets: &'m mut [L::Elem],
    /// `[panel][j]`: 0 where every pair is dead.
    live: &'m mut [L::Elem],
    a: &'m mut [L::Elem],
    health: Health,
    screened: usize,
}

impl<L: Lanes> Orthogonal<'_, L> {
    /// Elements of memory that a state of p neurons on n samples needs.
    pub const fn len(p: usize, n: usize) -> usize {
        let chunks = (p + 2) * most_chunks::<L>(n) * L::WIDTH;
        chunks + 2 * p * L::VIRTUAL + n + p * most_panels::<L>(n) + p + slack::<L>()
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
        net: &Net<L::Elem, P, D>,
        samples: &Samples<L::Elem, N, D>,
        scale: Scale,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        Self::build(Fixed, net.view(), samples.view(), scale, memory)
    }
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
        let leading = leading::<L>(samples.y());
        let sections = Sections::of::<L>(shape, leading);
        let (cols, marks) = (sections.chunks::<L>(), sections.count::<L>() * p);
        let chunks = ((p + 2) * cols + 2 * p * set::<L>()) * L::WIDTH;
        // What lies where depends on the signs of y; whether the memory is enough must not.
        let parts = memory
            .get_mut(..needed)
            .and_then(|all| aligned::<L>(all, chunks + n + marks + p))
            .and_then(|all| all.split_at_mut_checked(chunks))
            .and_then(|(chunks, rest)| {
                let (u, lines) = L::chunks_mut(chunks).split_at_mut_checked(p * cols)?;
                let (y, lines) = lines.split_at_mut_checked(cols)?;
                let (norm_sq, banks) = lines.split_at_mut_checked(cols)?;
                let (targets, rest) = rest.split_at_mut_checked(n)?;
                let (live, a) = rest.split_at_mut_checked(marks)?;
                Some((u, y, norm_sq, banks, targets, live, a))
            });
        let Some((u, y, norms, banks, targets, live, a)) = parts else {
            return Err(Error::Memory { needed, found });
        };
        fill(targets, samples.y());
        y.fill(L::EMPTY);
        norms.fill(L::EMPTY);
        let rows = targets.iter().zip(samples.rows());
        for (i, (position, (&target, x))) in sections.positions::<L>(targets).zip(rows).enumerate()
        {
            let size = norm_sq::<L>(x);
            if size == L::Elem::ZERO {
                return Err(Error::ZeroSample { i });
            }
            put::<L>(y, position / L::WIDTH, position, target);
            put::<L>(norms, position / L::WIDTH, position, size);
        }
        u.fill(L::EMPTY);
        for (j, w) in net.rows().enumerate() {
            for (position, x) in sections.positions::<L>(targets).zip(samples.rows()) {
                put::<L>(u, sections.chunk::<L>(j, position), position, dot::<L>(w, x));
            }
        }
        fill(a, net.a());
        let (norm_sq, health, screened) = (norms, Health::default(), 0);
        #[rustfmt::skip]
        let mut state = Orthogonal {
            shape, scale, leading, u, y, norm_sq, banks, targets, live, a, health, screened,
        };
        state.mark_all();
        Ok(state)
    }

    #[inline(always)]
    fn sections(&self) -> Sections {
        Sections::of::<L>(self.shape, self.leading)
    }

    /// One Euler step of length `dt` in flow time.
    pub fn step(&mut self, dt: L::Elem) -> Step<L::Elem> {
        let (p, n) = (self.shape.p(), self.shape.n());
        let count = L::Elem::from_usize(n);
        let c = dt / count;
        let s: L::Elem = self.scale.factor(p);
        self.banks.fill(L::EMPTY);
        let mut squares = L::bank(L::zero());
        for (panel, live) in self.sections().panels::<L>().zip(lines(self.live, p)) {
            let u = slice_mut(self.u, panel.pairs(p));
            let y = slice(self.y, panel.columns());
            let norms = slice(self.norm_sq, panel.columns());
            let (banks, a, slot) = (&mut *self.banks, &*self.a, panel.slot);
            let mut passes = Passes::<L> { y, norms, live, banks, a, c, s, slot, squares };
            match panel.len {
                1 => passes.step::<1>(u),
                2 => passes.step::<2>(u),
                3 => passes.step::<3>(u),
                _ => passes.step::<PANEL>(u),
            }
            squares = passes.squares;
        }
        let (speed_sq, moved) = self.advance(c);
        let loss = L::fold(squares) / (count + count);
        self.health.look(loss);
        self.health.look(speed_sq);
        self.health.raise(Health::STALLED, !moved && loss > L::Elem::ZERO);
        self.screen();
        Step { loss, speed_sq: speed_sq / (count * count), scale: s }
    }

    /// Pairs (j, i) that are alive, u_ji > 0 or NaN: they only become fewer. Cost: p n comparisons.
    pub fn live(&self) -> usize {
        let p = self.shape.p();
        let panels = self.sections().panels::<L>();
        // Padding is not counted: a weight that is not finite makes NaN of its zeros.
        let row = |panel: Panel, j| {
            let row = slice(self.u, panel.row(p, j)).iter();
            let lanes = row.flat_map(|chunk| chunk.as_ref()).take(panel.samples);
            lanes.filter(|&&u| !(u <= L::Elem::ZERO)).count()
        };
        panels.map(|panel| (0..p).map(|j| row(panel, j)).sum::<usize>()).sum()
    }

    /// Pairs (j, i) that the next step works on: those of rows not yet found dead, at least
    /// [`live`](Self::live) and at most p n. Cost: one comparison for 4 registers of pairs.
    pub fn worked(&self) -> usize {
        let rows = self.sections().panels::<L>().zip(lines(self.live, self.shape.p()));
        let working = |live: &[L::Elem]| live.iter().filter(|&&live| live != L::Elem::ZERO).count();
        rows.map(|(panel, live)| panel.samples * working(live)).sum()
    }

    /// u_ji = <w_j, x_i>, written to `u` as p x n row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] when `u` does not have p n elements.
    pub fn pre_activations(&self, u: &mut [L::Elem]) -> Result<(), Error> {
        let (p, n) = (self.shape.p(), self.shape.n());
        expect(Dim::Output, p * n, u.len())?;
        let sections = self.sections();
        for (j, line) in lines_mut(u, n).enumerate() {
            for (position, u) in sections.positions::<L>(self.targets).zip(line) {
                *u = get::<L>(self.u, sections.chunk::<L>(j, position), position);
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
        let sections = self.sections();
        self.u.fill(L::EMPTY);
        for (j, line) in lines(u, n).enumerate() {
            for (position, &u) in sections.positions::<L>(self.targets).zip(line) {
                // -0 + 0 = 0: a step makes 0 of -0 where it works on it, and must not tell.
                put::<L>(self.u, sections.chunk::<L>(j, position), position, u + L::Elem::ZERO);
            }
        }
        fill(self.a, a);
        self.mark_all();
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
        let sections = self.sections();
        let starts = start.rows().enumerate();
        for ((w, a), (j, start)) in net.neurons().zip(starts) {
            for (w, &start) in w.iter_mut().zip(start) {
                *w = start;
            }
            for (position, x) in sections.positions::<L>(self.targets).zip(samples.rows()) {
                let u = get::<L>(self.u, sections.chunk::<L>(j, position), position);
                let norm = get::<L>(self.norm_sq, position / L::WIDTH, position);
                axpy::<L>((u - dot::<L>(start, x)) / norm, x, w);
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
