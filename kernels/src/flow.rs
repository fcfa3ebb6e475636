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
mod alone;
mod boost;
mod certificate;
pub mod event;
mod inside;
mod judge;
mod kink;
mod leap;
mod local;
mod memory;
mod root;
mod row;
mod rules;
mod slide;
pub mod span;
mod step;
pub(crate) mod sum;
pub mod tableau;
mod tried;
mod write;

pub use certificate::{Broken, Certificate};
pub use event::{Event, Kept, Kind, Log, Mode, Replay};
pub use rules::{Advance, Coordinates, Failed, Neuron, Rules, Start};
pub use span::Span;

use crate::error::Error;
use crate::lanes::Lanes;
use crate::linalg::norm_sq;
use crate::network::Scale;
use crate::real::Real;
use crate::rows::impossible;
use crate::samples::SamplesView;
use kink::Bands;
use memory::Memory;
use row::Row;
use sum::Sum;
use tried::{Ahead, Last};

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
    last: Option<Last<L::Elem>>,
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
    ahead: Ahead,
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
            ahead: Ahead::Start,
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
        flow.set_start(start, samples);
        flow.predict_now();
        flow.first_loss = flow.loss;
        Ok(flow)
    }

    /// Writes the start into the state.
    fn set_start(
        &mut self,
        Start { net, log_scale }: Start<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
    ) {
        let polar = self.is_polar();
        let memory = &mut self.memory;
        let rows = memory.y.each_mut().zip(memory.modes.each_mut());
        let aside = memory.balance.iter_mut().zip(memory.across.iter_mut());
        for (((row, modes), (balance, across)), (w, &weight)) in
            rows.zip(aside).zip(net.rows().zip(net.a()))
        {
            self.span.project(samples, w, row);
            let [omega @ .., a, rho] = row else { return impossible() };
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
        if j >= self.p {
            return None;
        }
        let row = Row::of(self.memory.y.row(j));
        Some(Neuron { omega: row.omega, a: row.a, rho: row.rho })
    }
    /// The mode of each pair, p x n.
    pub fn pair_modes(&self) -> &[Mode] {
        self.memory.modes.all
    }

    /// What the run vouches for up to now. Cost: p r.
    pub fn certificate(&self) -> Certificate<L::Elem> {
        let mut counts = self.counts;
        for (row, &start) in self.memory.y.each().zip(self.memory.balance.iter()) {
            let row = Row::of(row);
            let now = row.growth() * (row.a * row.a - norm_sq::<L>(row.omega));
            counts.balance_drift = counts.balance_drift.max((now - start).abs());
        }
        let spent = self.loss - self.first_loss + self.energy.value();
        counts.energy_defect = spent.abs() / self.first_loss.max(L::Elem::MIN_POSITIVE);
        counts
    }

    /// Leaps end at `t` at the latest, for a look at what is invisible to the predictions. Steps are
    /// not cut: [`write_at`](Flow::write_at) and [`loss_at`](Flow::loss_at) look inside them.
    pub fn pause_leaps_at(&mut self, t: L::Elem) {
        self.pause = t;
    }
}
