//! The gradient flow itself, to a tolerance.
//!
//! ```text
//! w_j' = a_j D_j      a_j' = <w_j, D_j>      D_j = (1/n) sum_i alpha_ji r_i x_i      r = y - h
//! ```
//!
//! alpha is 1 where z_ji = <w_j, x_i> > 0 and 0 where z_ji < 0. On a kink z_ji = 0 that attracts from
//! both sides it is the number in [0, 1] that keeps the pair there (Filippov's solution, whose
//! velocity is the shortest subgradient); on one that repels it is 0, as relu'(0) = 0. On this
//! solution -dL/dt = s |theta'|^2 and a_j^2 - |w_j|^2 is conserved, sliding or not.
//!
//! | part | how |
//! |---|---|
//! | state | w_j in an orthonormal basis of the samples' span ([`Span`]), as it is or as a logarithm of size and a direction ([`Coordinates`]) |
//! | steps | Tsitouras 5(4), local error relative to each neuron, the largest counts ([`tableau`]) |
//! | kinks | found on the neuron alone, driven by the residual's cubic; a step is cut at one only where the other neurons feel it |
//! | plateaus | while h stands still each neuron moves by its exact hyperbolic rotation, kink by kink |
//! | promises | [`Certificate`]: balance, energy, log L against the integral of mu |
//!
//! Cost of an evaluation: p n multiply-adds on orthogonal samples, p n min(n, d) twice on others, and
//! for a neuron with S sliding pairs S^2 + S r; predictions alone (`predictions`) cost a third.
//!
//! ```
//! use reluflow::flow::{Event, Flow, Mode, Rules, Span, Start};
//! use reluflow::{Net, Samples, Scale, lanes::NativeF64};
//!
//! let samples = Samples { x: [[-0.5, 1.0], [2.0, 1.0]], y: [-1.0f64, 1.0] };
//! let net = Net { w: [[0.1, 0.2], [0.3, 0.1]], a: [-0.3, 0.4] };
//! // e^-690 times the network.
//! let start = Start { net: net.view(), log_scale: -690.0 };
//! let mut data = [0.0; Span::<NativeF64>::len_orthogonal(2)];
//! let mut memory = [0.0; Flow::<NativeF64>::len_orthogonal(2, 2)];
//! let mut modes = [Mode::Inactive; Flow::<NativeF64>::modes(2, 2)];
//! let span = Span::orthogonal(samples.view(), &mut data)?;
//! let rules = Rules::new(1e-8);
//! let mut flow = Flow::<NativeF64>::new(
//!     start, samples.view(), span, Scale::One, rules, &mut memory, &mut modes,
//! )?;
//! let mut events = 0;
//! while flow.t() < 2000.0 {
//!     flow.advance(2000.0, &mut |_: Event<f64>| events += 1)?;
//! }
//! assert!(flow.loss() < 1e-12 && flow.certificate().evaluations < 2000);
//! let mut end = net;
//! flow.write(start, samples.view(), 0.0, &mut end.view_mut())?;
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
mod accept;
mod boost;
mod certificate;
pub mod event;
mod judge;
mod leap;
mod local;
mod memory;
mod rules;
mod slide;
pub mod span;
mod step;
mod sum;
pub mod tableau;

pub use certificate::{Broken, Certificate};
pub use event::{Event, Kept, Kind, Log, Mode, Replay};
pub use rules::{Advance, Coordinates, Failed, Neuron, Rules, Start};
pub use span::Span;

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, lines, lines_mut, norm_sq};
use crate::network::{NetView, NetViewMut, Scale};
use crate::pack::fill;
use crate::real::Real;
use crate::samples::SamplesView;
use local::Bands;
use memory::Memory;
use sum::Sum;

/// One neuron, to read: its coordinates omega, its outer weight a and its log-size rho.
#[derive(Clone, Copy, Debug)]
struct Row<'a, T> {
    omega: &'a [T],
    a: T,
    rho: T,
}

impl<'a, T: Real> Row<'a, T> {
    #[inline(always)]
    fn of(row: &'a [T]) -> Self {
        match row {
            [omega @ .., a, rho] => Row { omega, a: *a, rho: *rho },
            _ => Row { omega: &[], a: T::ZERO, rho: T::ZERO },
        }
    }

    /// e^{2 rho}, which multiplies what is quadratic in the neuron: 1 in Cartesian coordinates,
    /// where rho is 0.
    #[inline(always)]
    fn growth(self) -> T {
        (self.rho + self.rho).exp()
    }

    /// a^2 + |omega|^2.
    fn size_sq<L: Lanes<Elem = T>>(self) -> T {
        norm_sq::<L>(self.omega) + self.a * self.a
    }
}

/// The derivative of one neuron under the pull D, written to `k`; returns |(omega, a)'|^2.
///
/// In polar coordinates the size |(omega, a)| grows at the rate 2 a <omega, D> / size^2; rho takes
/// that growth and the rest stays on the sphere.
#[inline(always)]
fn field<L: Lanes>(
    row: Row<'_, L::Elem>,
    pull: &[L::Elem],
    polar: bool,
    k: &mut [L::Elem],
) -> L::Elem {
    let force = dot::<L>(pull, row.omega);
    let growth = if polar { (row.a + row.a) * force } else { L::Elem::ZERO };
    let [omega @ .., a, rho] = k else { return L::Elem::ZERO };
    for ((k, &pull), &omega) in omega.iter_mut().zip(pull).zip(row.omega) {
        *k = row.a * pull - growth * omega;
    }
    *a = force - growth * row.a;
    *rho = growth;
    row.a * row.a * norm_sq::<L>(pull) + force * force
}

/// A network on its gradient flow, in the caller's memory.
#[derive(Debug)]
pub struct Flow<'m, L: Lanes> {
    span: Span<'m, L>,
    scale: Scale,
    rules: Rules<L::Elem>,
    p: usize,
    memory: Memory<'m, L>,
    t: Sum<L::Elem>,
    /// Length of the next step.
    next: L::Elem,
    /// The last step, for states inside it.
    last: Option<accept::Last<L::Elem>>,
    /// Is the first derivative known?
    fresh: bool,
    /// Error of the step before, for the controller.
    error: L::Elem,
    /// By how much the kinks of the step before let the next one grow.
    kinks: f64,
    /// Steps to wait before the next look for a plateau.
    wait: u32,
    /// Cuts one after the other that did not get on.
    stalls: u32,
    ahead: leap::Ahead,
    /// Leaps end here.
    pause: L::Elem,
    loss: L::Elem,
    first_loss: L::Elem,
    speed_sq: L::Elem,
    curvature: Sum<L::Elem>,
    energy: Sum<L::Elem>,
    /// What the last neuron taken alone adds to both.
    spent: [L::Elem; 2],
    counts: Certificate<L::Elem>,
}

impl<'m, L: Lanes> Flow<'m, L> {
    /// Numbers of memory that a flow of p neurons on n samples in d dimensions needs.
    pub const fn len(p: usize, n: usize, d: usize) -> usize {
        let r = if n < d { n } else { d };
        memory::len(p, n, r, r)
    }

    /// The same where the samples are orthogonal ([`Span::orthogonal`]).
    pub const fn len_orthogonal(p: usize, n: usize) -> usize {
        memory::len(p, n, n, 0)
    }

    /// Modes that it needs.
    pub const fn modes(p: usize, n: usize) -> usize {
        3 * p * n
    }

    /// A flow that begins at `start`; `span` holds these `samples`. `memory` needs
    /// [`len`](Flow::len) numbers, or [`len_orthogonal`](Flow::len_orthogonal) where the span is
    /// orthogonal, `modes` [`modes`](Flow::modes).
    ///
    /// # Errors
    /// [`Error::Shape`] where `start`, `samples` and `span` differ, [`Error::NonFinite`] in the
    /// weights, [`Error::Memory`].
    pub fn new(
        start: Start<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
        span: Span<'m, L>,
        scale: Scale,
        rules: Rules<L::Elem>,
        memory: &'m mut [L::Elem],
        modes: &'m mut [Mode],
    ) -> Result<Self, Error> {
        let net = start.net;
        span.expect(net, samples)?;
        if let Some(at) = net.w().iter().chain(net.a()).position(|x| !x.is_finite()) {
            return Err(Error::NonFinite { at });
        }
        let (p, n, r) = (net.p(), span.n(), span.r());
        let memory = Memory::carve(p, n, r, span.sliding(), memory, modes)?;
        let zero = L::Elem::ZERO;
        let mut flow = Flow {
            span,
            scale,
            rules,
            p,
            memory,
            t: Sum::zero(),
            next: zero,
            last: None,
            fresh: false,
            error: L::Elem::ONE,
            kinks: f64::INFINITY,
            wait: 0,
            stalls: 0,
            ahead: leap::Ahead::Start,
            pause: L::Elem::INFINITY,
            loss: zero,
            first_loss: zero,
            speed_sq: zero,
            curvature: Sum::zero(),
            energy: Sum::zero(),
            spent: [zero; 2],
            counts: Certificate {
                balance_drift: zero,
                curvature_defect: zero,
                energy_defect: zero,
                error_estimate: zero,
                evaluations: 0,
                predictions: 0,
                steps: 0,
                rejected: 0,
                leaps: 0,
                events: 0,
                cut: 0,
                sliding_time: zero,
            },
        };
        flow.place(start, samples);
        flow.predict_now();
        flow.first_loss = flow.loss;
        Ok(flow)
    }

    /// Writes the start into the state.
    fn place(
        &mut self,
        Start { net, log_scale }: Start<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
    ) {
        let polar = self.is_polar();
        let (n, width) = (self.span.n(), self.span.r() + 2);
        let memory = &mut self.memory;
        let rows = lines_mut(memory.y, width).zip(lines_mut(memory.modes, n));
        let aside = memory.balance.iter_mut().zip(memory.across.iter_mut());
        for (((row, modes), (balance, across)), (w, &weight)) in
            rows.zip(aside).zip(net.rows().zip(net.a()))
        {
            self.span.project(samples, w, row);
            let [omega @ .., a, rho] = row else { continue };
            *a = weight;
            // A pair exactly on its kink is inactive: relu'(0) = 0.
            for (i, mode) in modes.iter_mut().enumerate() {
                let active = self.span.dot(i, omega) > L::Elem::ZERO;
                *mode = if active { Mode::Active } else { Mode::Inactive };
            }
            let whole = norm_sq::<L>(w);
            let size = (whole + weight * weight).sqrt();
            let factor = if polar && size > L::Elem::ZERO {
                *rho = log_scale + size.ln();
                L::Elem::ONE / size
            } else {
                *rho = L::Elem::ZERO;
                if polar { L::Elem::ONE } else { log_scale.exp() }
            };
            omega.iter_mut().for_each(|omega| *omega = *omega * factor);
            *a = *a * factor;
            let inside = norm_sq::<L>(omega);
            // Of the physical size, like the drift that is measured against it.
            let growth = (*rho + *rho).exp();
            *balance = growth * (*a * *a - inside);
            *across = (whole * factor * factor - inside).max(L::Elem::ZERO) * growth;
        }
        memory.rho_low.fill(L::Elem::ZERO);
    }

    fn is_polar(&self) -> bool {
        self.rules.coordinates == Coordinates::Polar
    }

    fn bands(&self) -> Bands<L::Elem> {
        let rounding = L::Elem::EPSILON * L::Elem::from_usize(16);
        let z = (L::Elem::from_f64(1e-3) * self.rules.tolerance).max(rounding);
        Bands { z, polar: self.is_polar() }
    }

    fn factor(&self) -> L::Elem {
        self.scale.factor(self.p)
    }

    /// Flow time reached.
    pub fn t(&self) -> L::Elem {
        self.t.value()
    }
    /// L = 1/(2n) sum r^2 there.
    pub fn loss(&self) -> L::Elem {
        self.loss
    }
    /// mu = s |theta'|^2 / L; None where L is 0. Costs the evaluation with which the next step would
    /// begin, where that has not been made: before the first step and after a leap.
    pub fn mu(&mut self) -> Option<L::Elem> {
        self.renew();
        (self.loss != L::Elem::ZERO).then(|| self.factor() * self.speed_sq / self.loss)
    }
    /// Neuron j, whatever its size.
    pub fn neuron(&self, j: usize) -> Option<Neuron<'_, L::Elem>> {
        let width = self.span.r() + 2;
        let row = Row::of(self.memory.y.get(j * width..(j + 1) * width)?);
        Some(Neuron { omega: row.omega, a: row.a, rho: row.rho })
    }
    /// The mode of each pair, p x n.
    pub fn pair_modes(&self) -> &[Mode] {
        self.memory.modes
    }

    /// What the run vouches for up to now. Cost: p r.
    pub fn certificate(&self) -> Certificate<L::Elem> {
        let width = self.span.r() + 2;
        let mut counts = self.counts;
        let rows = lines(self.memory.y, width).zip(self.memory.balance.iter());
        for (row, &start) in rows {
            let row = Row::of(row);
            let now = row.growth() * (row.a * row.a - norm_sq::<L>(row.omega));
            counts.balance_drift = counts.balance_drift.max((now - start).abs());
        }
        let spent = self.loss - self.first_loss + self.energy.value();
        counts.energy_defect = spent.abs() / self.first_loss.max(L::Elem::MIN_POSITIVE);
        counts
    }

    /// Writes e^{log_factor} times the network, `log_factor` = 0 for the network itself: neurons
    /// too small for a number can be looked at under a magnifier. `start` and `samples` are those of
    /// [`new`](Flow::new). Cost: 2 p r d.
    ///
    /// # Errors
    /// [`Error::Shape`] when a size differs from the flow's.
    pub fn write(
        &mut self,
        start: Start<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
        log_factor: L::Elem,
        net: &mut NetViewMut<'_, L::Elem>,
    ) -> Result<(), Error> {
        let Start { net: start, log_scale } = start;
        self.span.expect(start, samples)?;
        net.expect(start.p(), start.d())?;
        expect(Dim::P, self.p, start.p())?;
        self.write_rows(None, (start, log_scale), samples, log_factor, net);
        Ok(())
    }

    /// As [`write`](Flow::write), at time `t` inside the last step, by the interpolant; false, and
    /// nothing written, where the last call of [`advance`](Flow::advance) was no step that passed t.
    ///
    /// # Errors
    /// As [`write`](Flow::write).
    pub fn write_at(
        &mut self,
        t: L::Elem,
        start: Start<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
        net: &mut NetViewMut<'_, L::Elem>,
    ) -> Result<bool, Error> {
        let Start { net: start, log_scale } = start;
        self.span.expect(start, samples)?;
        net.expect(start.p(), start.d())?;
        expect(Dim::P, self.p, start.p())?;
        let Some(inside) = self.inside(t) else { return Ok(false) };
        self.write_rows(Some(inside), (start, log_scale), samples, L::Elem::ZERO, net);
        Ok(true)
    }

    /// Leaps end at `t` at the latest, for a look at what is invisible to the predictions. Steps are
    /// not cut: [`write_at`](Flow::write_at) and [`loss_at`](Flow::loss_at) look inside them.
    pub fn pause_leaps_at(&mut self, t: L::Elem) {
        self.pause = t;
    }

    /// Writes the neurons, of the present state or of the fraction of the last step.
    fn write_rows(
        &mut self,
        inside: Option<(L::Elem, L::Elem)>,
        (start, log_scale): (NetView<'_, L::Elem>, L::Elem),
        samples: SamplesView<'_, L::Elem>,
        log_factor: L::Elem,
        net: &mut NetViewMut<'_, L::Elem>,
    ) {
        let width = self.span.r() + 2;
        let first_scale = (log_scale + log_factor).exp();
        for (j, ((w, a), first)) in net.neurons().zip(start.rows()).enumerate() {
            let place = j * width..(j + 1) * width;
            let memory = &mut self.memory;
            let Some((row, rest)) = memory.solo.split_at_mut_checked(width) else { return };
            match inside {
                None => fill(row, memory.y.get(place).unwrap_or(&[])),
                Some((theta, dt)) => {
                    fill(row, memory.before.get(place.clone()).unwrap_or(&[]));
                    let stages = lines(memory.k, memory.y.len());
                    for (k, weight) in stages.zip(tableau::weights(theta)) {
                        axpy::<L>(dt * weight, k.get(place.clone()).unwrap_or(&[]), row);
                    }
                }
            }
            let [omega @ .., weight, rho] = row else { return };
            let growth = (*rho + log_factor).exp();
            omega.iter_mut().for_each(|omega| *omega = *omega * growth);
            *a = *weight * growth;
            self.span.rebuild(samples, (first, first_scale), omega, rest, w);
        }
    }
}
