//! What became of a run.
use super::account::Account;
use super::journal::{Record, Snapshot};
use crate::event_log;
use lab::{Numbers, Verdict};

/// What became of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// (t, L, mu) at the times asked for and at the end.
    pub curve: Vec<Record>,
    /// (t, w, a) at the times asked for.
    pub snapshots: Vec<Snapshot>,
    /// The network that the run started from, in its precision.
    pub start: Snapshot,
    /// The network where the run ended: at the time asked for, or where the loss stopped being a
    /// finite number.
    pub end: Snapshot,
    /// For each level the first time at which L was below it.
    pub crossings: Vec<Option<f64>>,
    /// For each two successive levels, L where it fell slowest between their crossings: the height
    /// of the plateau there.
    pub plateaus: Vec<Option<f64>>,
    /// Flags of `reluflow::Health` raised on the way, as bits.
    pub health: u8,
    /// Steps taken.
    pub steps: u64,
    /// Time of one of them, looking included.
    pub ns_per_step: f64,
    /// What the flow reports; absent of gradient descent.
    pub account: Option<Account>,
}

impl Trajectory {
    /// (t, L, mu) at the end.
    pub fn last(&self) -> Record {
        self.curve.last().copied().unwrap_or_default()
    }

    /// L at the record nearest to `t`; NaN for a time that the run did not reach.
    pub fn loss_at(&self, t: f64) -> f64 {
        if t > self.last().t * (1.0 + 1e-9) {
            return f64::NAN;
        }
        let nearest = self.curve.iter().min_by(|x, y| (x.t - t).abs().total_cmp(&(y.t - t).abs()));
        nearest.map_or(f64::NAN, |record| record.loss)
    }

    /// Time of the first crossing of level `index`; NaN if there was none.
    pub fn crossing(&self, index: usize) -> f64 {
        self.crossings.get(index).copied().flatten().unwrap_or(f64::NAN)
    }

    /// Height of the plateau after level `index`; NaN if there was none.
    pub fn plateau(&self, index: usize) -> f64 {
        self.plateaus.get(index).copied().flatten().unwrap_or(f64::NAN)
    }

    /// What every experiment adds to its result where the flow took the steps.
    pub fn vouch(&self, metrics: &mut Numbers, verdicts: &mut Vec<Verdict>) -> Option<String> {
        let account = self.account.as_ref()?;
        account.report(metrics);
        verdicts.push(account.verdict());
        Some(event_log::csv(&account.events))
    }

    /// The snapshots, or the end where none was asked for or reached.
    pub fn shots(&self) -> &[Snapshot] {
        if self.snapshots.is_empty() { std::slice::from_ref(&self.end) } else { &self.snapshots }
    }
}
