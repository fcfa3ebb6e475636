//! What a run leaves.

use super::super::network::Net;

/// What happened to a pair (neuron, sample).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Active, then inactive.
    Deactivate,
    /// Inactive, then active.
    Activate,
    /// Active or inactive, then sliding.
    Slide,
    /// Sliding, then inactive (alpha reached 0).
    LeaveInactive,
    /// Sliding, then active (alpha reached 1).
    LeaveActive,
    /// a_j changed its sign; the sample means nothing. Only where |a_j| < |w_j|.
    OuterSign,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Time.
    pub t: f64,
    /// j.
    pub neuron: usize,
    /// i.
    pub sample: usize,
    /// What happened.
    pub kind: EventKind,
}

/// The flow at one time.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Time.
    pub t: f64,
    /// theta(t).
    pub net: Net,
    /// L(t).
    pub loss: f64,
    /// `s |theta'|^2 / L`, from the velocities.
    pub mu: f64,
    /// int_0^t mu.
    pub integral: f64,
    /// Pairs (j, i) that slide.
    pub slides: Vec<(usize, usize)>,
}

/// What a run leaves.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The flow at the end.
    pub end: Snapshot,
    /// The flow at the times asked for.
    pub snapshots: Vec<Snapshot>,
    /// All events in order of time.
    pub events: Vec<Event>,
    /// Per level asked for, the first time with L <= level, if it came.
    pub crossings: Vec<Option<f64>>,
    /// |log L(T) - log L(0) + int_0^T mu| (`weak`, Lemma 2, says 0).
    pub defect: f64,
    /// Time spent sliding, summed over pairs.
    pub sliding_time: f64,
    /// Taylor steps.
    pub steps: usize,
}

/// The reference cannot go on: the velocity is not unique or events do not end.
#[derive(Clone, Debug, PartialEq)]
pub struct Stuck {
    /// Time.
    pub t: f64,
    /// j and i of the last event.
    pub pair: (usize, usize),
}

impl std::fmt::Display for Stuck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (j, i) = self.pair;
        write!(f, "reference flow: no way on from t = {}, neuron {j}, sample {i}", self.t)
    }
}

impl std::error::Error for Stuck {}
