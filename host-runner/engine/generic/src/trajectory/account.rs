//! What a run of the gradient flow vouches for: its cost, its events, what it conserved.
use lab::statistics::max;
use lab::{Numbers, Verdict};
use reluflow::flow::{Broken, Event, Rules};
use reluflow::{Flow, Lanes, Real};

/// What the flow reports beside its trajectory.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Local error allowed.
    pub tolerance: f64,
    /// Evaluations of the right-hand side.
    pub evaluations: u64,
    /// Predictions alone.
    pub predictions: u64,
    /// Steps taken.
    pub steps: u64,
    /// Steps that were tried again.
    pub rejected: u64,
    /// Exact stretches.
    pub leaps: u64,
    /// Steps cut at an event.
    pub cut: u64,
    /// Time that pairs slid, summed over pairs.
    pub sliding_time: f64,
    /// Largest drift of a_j^2 - |w_j|^2.
    pub balance_drift: f64,
    /// |log L(t) - log L(0) + integral of mu|.
    pub lemma2_defect: f64,
    /// |L(t) - L(0) + integral of s |theta'|^2| / L(0).
    pub energy_defect: f64,
    /// Sum of local error estimates.
    pub error_estimate: f64,
    /// The promise that was broken, if one was.
    pub broken: Option<Broken>,
    /// Everything that happened at kinks, in order of time.
    pub events: Vec<Event<f64>>,
}

impl Account {
    /// Of a flow that ran under `rules`, `clock` times faster than the times of `events` say.
    pub fn of<L: Lanes>(
        flow: &Flow<'_, L>,
        rules: &Rules<L::Elem>,
        mut events: Vec<Event<f64>>,
        clock: f64,
    ) -> Self {
        let certificate = flow.certificate();
        let largest = max((0..).map_while(|j| flow.neuron(j)).map(|neuron| {
            let squares = neuron.omega.iter().map(|x| x.to_f64().powi(2)).sum::<f64>();
            (squares + neuron.a.to_f64().powi(2)) * (2.0 * neuron.rho.to_f64()).exp()
        }));
        // The kernels log neuron by neuron within a step.
        events.sort_by(|x, y| x.t.total_cmp(&y.t));
        Self {
            tolerance: rules.tolerance.to_f64(),
            evaluations: certificate.evaluations,
            predictions: certificate.predictions,
            steps: certificate.steps,
            rejected: certificate.rejected,
            leaps: certificate.leaps,
            cut: certificate.cut,
            sliding_time: certificate.sliding_time.to_f64() / clock,
            balance_drift: certificate.balance_drift.to_f64(),
            lemma2_defect: certificate.curvature_defect.to_f64(),
            energy_defect: certificate.energy_defect.to_f64(),
            error_estimate: certificate.error_estimate.to_f64(),
            broken: certificate.broken(rules, L::Elem::from_f64(largest)),
            events,
        }
    }

    /// The metrics that every run of the flow reports.
    pub fn report(&self, metrics: &mut Numbers) {
        for (name, value) in [
            ("rhs_evaluations", self.evaluations as f64),
            ("h_evaluations", self.predictions as f64),
            ("steps_rejected", self.rejected as f64),
            ("steps_cut", self.cut as f64),
            ("leaps", self.leaps as f64),
            ("events", self.events.len() as f64),
            ("sliding_time", self.sliding_time),
            ("tolerance", self.tolerance),
            ("error_estimate", self.error_estimate),
            ("certificate_drift", self.balance_drift),
            ("lemma2_defect", self.lemma2_defect),
            ("energy_defect", self.energy_defect),
        ] {
            metrics.push(name, value);
        }
    }

    /// Whether the run kept its certificate.
    pub fn verdict(&self) -> Verdict {
        let claim = match self.broken {
            None => "the flow kept its certificate: balance, energy and log L".to_owned(),
            Some(Broken::Balance) => "a_j^2 - |w_j|^2 is conserved, as on the flow".to_owned(),
            Some(Broken::Energy) => "L falls by the integral of s |theta'|^2".to_owned(),
            Some(Broken::Curvature) => "log L falls by the integral of mu".to_owned(),
        };
        let broken = f64::from(u8::from(self.broken.is_some()));
        Verdict::equal(&claim, "conserved quantities of the flow; promises broken", broken, 0.0)
    }
}
