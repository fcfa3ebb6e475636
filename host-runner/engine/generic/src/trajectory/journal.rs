//! What is kept of a run, whatever takes its steps.
use super::plan::Plan;
use reluflow::{Error, NetView};
use serde::{Deserialize, Serialize};

/// The loss at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Flow time.
    pub t: f64,
    /// L = 1/(2n) sum r^2.
    pub loss: f64,
    /// Local-PL curvature mu; absent where the loss is 0.
    pub mu: Option<f64>,
}

/// The network at a time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Flow time.
    pub t: f64,
    /// Inner weights, p x d row-major.
    pub w: Vec<f64>,
    /// Outer weights, p.
    pub a: Vec<f64>,
}

impl Snapshot {
    /// The network, on d inputs.
    pub fn net(&self, d: usize) -> Result<NetView<'_, f64>, Error> {
        NetView::new(&self.w, &self.a, d)
    }

    /// |theta|^2 = sum_j a_j^2 + |w_j|^2.
    pub fn norm_sq(&self) -> f64 {
        self.w.iter().chain(&self.a).map(|x| x * x).sum()
    }
}

/// The part of a run's memory that a checkpoint holds beside the state of the steps. Finite
/// floats keep every bit in JSON; what is not finite ends a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Journal {
    /// Steps taken.
    pub steps: u64,
    pub curve: Vec<Record>,
    pub snapshots: Vec<Snapshot>,
    pub crossings: Vec<Option<f64>>,
    /// For each two successive levels (decrease of L in a window, L) where L fell slowest.
    slowest: Vec<Option<(f64, f64)>>,
    /// (t, L) where the present window began.
    previous: Option<(f64, f64)>,
    pub health: u8,
}

impl Journal {
    pub fn new(plan: &Plan) -> Self {
        let levels = plan.levels.len();
        let slowest = vec![None; levels.saturating_sub(1)];
        Self { crossings: vec![None; levels], slowest, ..Self::default() }
    }

    /// Looks at the loss of every step, in order.
    pub fn look(&mut self, t: f64, loss: f64, plan: &Plan) {
        for (crossing, &level) in self.crossings.iter_mut().zip(&plan.levels) {
            if crossing.is_none() && loss < level {
                *crossing = Some(t);
            }
        }
        let Some((since, previous)) = self.previous else {
            self.previous = Some((t, loss));
            return;
        };
        if t - since < plan.window {
            return;
        }
        let fall = previous - loss;
        for (slowest, pair) in self.slowest.iter_mut().zip(self.crossings.windows(2)) {
            let between = matches!(pair, [Some(_), None]);
            if between && slowest.is_none_or(|(least, _)| fall < least) {
                *slowest = Some((fall, loss));
            }
        }
        self.previous = Some((t, loss));
    }

    pub fn plateaus(&self) -> Vec<Option<f64>> {
        self.slowest.iter().map(|slowest| slowest.map(|(_, loss)| loss)).collect()
    }
}
