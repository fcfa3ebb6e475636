//! What a caller says to a flow, and what it answers.

use crate::network::NetView;
use crate::real::Real;
use core::fmt;

/// What is integrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Coordinates {
    /// (omega_j, a_j).
    Cartesian,
    /// rho_j = log |(w_j, a_j)| and (omega_j, a_j) e^{-rho_j}: no start is too small.
    #[default]
    Polar,
}

/// Where a flow begins: at e^{log_scale} times `net`, so that a start below the smallest number of
/// the precision is possible; `log_scale` = 0 for `net` itself.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a, T> {
    /// The network, of ordinary size.
    pub net: NetView<'a, T>,
    /// Logarithm of the factor in front of all its weights.
    pub log_scale: T,
}

impl<'a, T: Real> Start<'a, T> {
    /// At `net` itself.
    pub const fn at(net: NetView<'a, T>) -> Self {
        Start { net, log_scale: T::ZERO }
    }
}

/// One neuron of a flow, times e^{-rho}.
#[derive(Clone, Copy, Debug)]
pub struct Neuron<'a, T> {
    /// Coordinates of w_j in the span of the samples, r numbers: on orthogonal samples
    /// <w_j, x_i>/|x_i|.
    pub omega: &'a [T],
    /// Outer weight.
    pub a: T,
    /// Logarithm of the factor: log |(w_j, a_j)| in polar coordinates, else 0.
    pub rho: T,
}

/// How to integrate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules<T> {
    /// Local error allowed in a step, relative to the size of each neuron.
    pub tolerance: T,
    /// What is integrated.
    pub coordinates: Coordinates,
    /// Play the neurons exactly, each by itself, while the predictions of the start stand still.
    pub alignment: bool,
    /// The same on every later plateau.
    pub plateau: bool,
    /// Take neurons past their kinks by themselves where the network cannot feel it.
    pub repair: bool,
    /// Hold the integral of mu, and so log L, to the tolerance too: costs steps where L is small.
    pub curvature: bool,
    /// Longest step in flow time.
    pub longest: T,
    /// Events after which the run stops with an error.
    pub events: u64,
}

impl<T: Real> Rules<T> {
    /// Everything on, at this tolerance.
    pub fn new(tolerance: T) -> Self {
        Rules {
            tolerance,
            coordinates: Coordinates::Polar,
            alignment: true,
            plateau: true,
            repair: true,
            curvature: false,
            longest: T::INFINITY,
            events: 1 << 40,
        }
    }

    /// The integrator alone: no exact alignment, no plateau jump, no local repair.
    pub fn plain(tolerance: T) -> Self {
        Rules { alignment: false, plateau: false, repair: false, ..Self::new(tolerance) }
    }
}

/// Why a run cannot go on. The state is that of the last accepted step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failed {
    /// A neuron meets its kinks without getting on: a tolerance near rounding.
    Livelock {
        /// Which neuron.
        neuron: usize,
    },
    /// More events than [`Rules::events`].
    Events,
    /// The step fell below the spacing of numbers at this time.
    Step,
    /// A number is NaN or infinite.
    NonFinite,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Failed::Livelock { neuron } => write!(
                f,
                "neuron {neuron} meets its kinks without getting on: use a larger tolerance or f64"
            ),
            Failed::Events => f.write_str("more events than allowed"),
            Failed::Step => f.write_str("the step became too small: use a larger tolerance or f64"),
            Failed::NonFinite => f.write_str("a number is NaN or infinite"),
        }
    }
}

impl core::error::Error for Failed {}

/// What a call of [`Flow::advance`](super::Flow::advance) has done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Advance<T> {
    /// A step of the integrator, of this length.
    Step(T),
    /// A stretch of constant residual, played exactly.
    Leap(T),
    /// Nothing: the time asked for is reached.
    Arrived,
}
