//! What a run vouches for.

use super::rules::Rules;
use crate::real::Real;

/// What a run vouches for. Every number is a measurement, none is set to what it should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Certificate<T> {
    /// Largest |a_j^2 - |w_j|^2 - its value at the start|, which the flow conserves.
    pub balance_drift: T,
    /// |log L(t) - log L(0) + integral of mu|, which is 0 on the flow (paper `weak`, Lemma 2), at
    /// the last t with L(t) at least L(0) times the tolerance: below that log L is the logarithm of
    /// integration noise.
    pub curvature_defect: T,
    /// |L(t) - L(0) + integral of s |theta'|^2| / L(0).
    pub energy_defect: T,
    /// Sum of the local error estimates of all steps, relative to each neuron's size.
    pub error_estimate: T,
    /// Evaluations of the whole right-hand side, those of rejected steps included.
    pub evaluations: u64,
    /// Predictions h of the network alone: checks of leaps, points of the residual's cubic.
    pub predictions: u64,
    /// Accepted steps.
    pub steps: u64,
    /// Rejected ones.
    pub rejected: u64,
    /// Stretches played exactly.
    pub leaps: u64,
    /// Events of all kinds.
    pub events: u64,
    /// Steps cut short at an event.
    pub cut: u64,
    /// Sum over pairs of the time they slid.
    pub sliding_time: T,
}

/// What a run does not keep of its promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// a_j^2 - |w_j|^2 drifts.
    Balance,
    /// log L does not fall as the curvature says.
    Curvature,
    /// L does not fall as the speed says.
    Energy,
}

impl<T: Real> Certificate<T> {
    /// The first promise that a run with these `rules` has broken. Balance, relative to the size of
    /// the largest neuron `size`^2 = a^2 + |w|^2, and energy must hold to a thousand tolerances and
    /// some roundings a step; log L too where the rules ask for it, else to the root of that, as L is
    /// followed down to its start times the tolerance and h is known to the tolerance.
    pub fn broken(&self, rules: &Rules<T>, size_sq: T) -> Option<Broken> {
        let steps = T::from_f64(16.0 * (self.steps + self.leaps) as f64);
        let limit = T::from_f64(1000.0) * rules.tolerance + steps * T::EPSILON;
        let curvature = if rules.curvature { limit } else { limit.sqrt() };
        let keeps = |x: T, most: T| x <= most;
        if !keeps(self.balance_drift, limit * size_sq.max(T::ONE)) {
            Some(Broken::Balance)
        } else if !keeps(self.energy_defect, limit) {
            Some(Broken::Energy)
        } else if !keeps(self.curvature_defect, curvature) {
            Some(Broken::Curvature)
        } else {
            None
        }
    }
}
