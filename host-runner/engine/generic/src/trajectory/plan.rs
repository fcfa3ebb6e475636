//! How long to train and what to keep.
use crate::schedule;

/// How long to train and what to keep. All times are flow times.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Length of a step of gradient descent.
    pub dt: f64,
    /// The run ends at this time.
    pub until: f64,
    /// When (t, L, mu) is kept, rising.
    pub records: Vec<f64>,
    /// When (w, a) is kept, rising. The end is kept in any case.
    pub snapshots: Vec<f64>,
    /// Losses L, falling, whose first crossing is wanted.
    pub levels: Vec<f64>,
    /// The fall of L that shows a plateau is measured over this long, or over a step if that is
    /// longer. Where samples are not orthogonal, pairs held at z = 0 chatter from step to step.
    pub window: f64,
    /// The flow holds log L to its tolerance, not the weights alone.
    pub curvature: bool,
}

impl Plan {
    /// `iterations` steps of length `dt`, a thousand evenly spaced records and some more on a log
    /// axis; no snapshots and no levels.
    pub fn new(dt: f64, iterations: u64) -> Self {
        let time = |k: u64| dt * k as f64;
        let records = schedule::trajectory(iterations).into_iter().map(time).collect();
        Self {
            dt,
            until: time(iterations),
            records,
            snapshots: Vec::new(),
            levels: Vec::new(),
            window: 0.0,
            curvature: false,
        }
    }

    /// Records at these times too.
    pub fn also_at(mut self, times: impl IntoIterator<Item = f64>) -> Self {
        self.records.extend(times);
        self.records.sort_by(f64::total_cmp);
        self.records.dedup();
        self
    }

    /// The step of gradient descent that starts at time `t`, or nearest to it.
    pub fn iteration(&self, t: f64) -> u64 {
        (t / self.dt).round() as u64
    }
}
