//! How fast and how long the published code descends, in flow time.
//!
//! The published code of paper `orthogonal` descends on the mean of r^2, whose gradient is twice
//! that of the paper's L = 1/(2n) sum r^2: its iteration k at rate lr is flow time 2 lr k. Both
//! losses are offered; with the paper's everything takes twice as many iterations. L is reported
//! as 1/(2n) sum r^2 in both, and an MSE is 2 L.
use engine::trajectory::{Plan, Record, Trajectory};
use lab::figure::{Corner, Look, Panel};
use lab::settings::{Key, Keys, Word};
use lab::{Context, Numbers};

/// Learning rate.
pub const LR: Key<f64> = Key::number("lr", 1e-3, "learning rate of gradient descent").positive();

/// The loss that is differentiated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// mean r^2.
    Mean,
    /// Half of it.
    HalfMean,
}

impl Word for Loss {
    const WORDS: &'static [(&'static str, Self)] =
        &[("mean", Self::Mean), ("half-mean", Self::HalfMean)];
}

const LOSS: Key<Loss> = Key::choice(
    "loss",
    Loss::Mean,
    "loss descended on: mean r^2 (published code) or half of it (paper's text)",
);

/// What every experiment at the published pace accepts; what `iterations` means each says itself.
pub const KEYS: Keys = &[&LR, &LOSS];

/// Step and length of a run.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Step in flow time.
    pub dt: f64,
    /// Iterations for each one of the published loss.
    pub slower: f64,
    /// Length of the run.
    pub iterations: u64,
    /// Whether the run is as long as the published one.
    pub whole: bool,
}

impl Pace {
    /// From the keys `lr`, `loss` and `length`, where 0 means the published length.
    pub fn new(context: &Context, length: Key<usize>, published: u64) -> Self {
        let half = context.get(LOSS) == Loss::HalfMean;
        let slower = if half { 2 } else { 1 };
        let iterations = match context.get(length) as u64 {
            0 => published * slower,
            given => given,
        };
        let dt = context.get(LR) * if half { 1.0 } else { 2.0 };
        Self { dt, slower: slower as f64, iterations, whole: iterations >= published * slower }
    }

    /// Flow time of an iteration of the published loss.
    pub fn time(&self, published: u64) -> f64 {
        self.dt * (published as f64 * self.slower)
    }

    /// Whether the run is so long.
    pub fn reaches(&self, published: u64) -> bool {
        published as f64 * self.slower <= self.iterations as f64
    }

    /// How the text and the code differ in the loss.
    pub fn note() -> String {
        "The loss: the paper's text descends on L = 1/(2n) sum r^2, the published code on the mean of \
         r^2, whose gradient is twice that. So iteration k of the code at rate lr is flow time 2 lr k \
         and iteration 2k of the text. The published pictures are the code's, which loss=mean (the \
         default) follows; with loss=half-mean everything takes twice as many iterations. Whichever \
         is descended on, what is called L is 1/(2n) sum r^2 and what is called MSE is 2 L."
            .into()
    }

    /// Nothing kept but the curve.
    pub fn plan(&self) -> Plan {
        Plan::new(self.dt, self.iterations)
    }

    /// The iteration at a flow time; NaN stays NaN.
    pub fn iteration(&self, t: f64) -> f64 {
        (t / self.dt).round()
    }

    /// (iteration, value) of every record.
    pub fn curve(
        &self,
        trajectory: &Trajectory,
        value: impl Fn(&Record) -> f64,
    ) -> Vec<(f64, f64)> {
        let point = |record: &Record| (self.iteration(record.t), value(record));
        trajectory.curve.iter().map(point).collect()
    }

    /// The loss times `scale` over iterations, and under the flow that of gradient descent.
    pub fn losses(
        &self,
        panel: Panel,
        trajectory: &Trajectory,
        descent: Option<&Trajectory>,
        scale: f64,
    ) -> Panel {
        let curve = |of: &Trajectory| self.curve(of, |record| scale * record.loss);
        match descent {
            None => panel.series(Look::Line, "", curve(trajectory)),
            Some(descent) => panel
                .series(Look::Line, "gradient flow", curve(trajectory))
                .series(Look::Dashed, "gradient descent", curve(descent))
                .legend(Corner::BottomLeft),
        }
    }

    /// The local-PL curvature over iterations.
    pub fn curvature_panel(&self, trajectory: &Trajectory) -> Panel {
        let mu = self.curve(trajectory, |record| record.mu.unwrap_or(f64::NAN));
        Panel::new("local-PL curvature", "iteration", "mu (1/flow-time)")
            .log_y()
            .series(Look::Line, "", mu)
            .legend(Corner::BottomRight)
    }

    /// The rate -d log L/dt over iterations, between neighbouring records: mu without its jumps
    /// from step to step where pairs held at z = 0 chatter.
    pub fn decay_panel(&self, trajectory: &Trajectory) -> Panel {
        let rates = trajectory.curve.windows(2).map(|pair| {
            let rate = (pair[0].loss / pair[1].loss).ln() / (pair[1].t - pair[0].t);
            (self.iteration(0.5 * (pair[0].t + pair[1].t)), rate)
        });
        Panel::new("rate of decay", "iteration", "-d log L/dt (1/flow-time)").log_y().series(
            Look::Line,
            "",
            rates,
        )
    }

    /// The lines of `metrics.jsonl`.
    pub fn trace(&self, trajectory: &Trajectory) -> Vec<Numbers> {
        let row = |&Record { t, loss, mu }: &Record| {
            let mu = mu.unwrap_or(f64::NAN);
            Numbers::from([("iteration", self.iteration(t)), ("t", t), ("loss", loss), ("mu", mu)])
        };
        trajectory.curve.iter().map(row).collect()
    }
}
