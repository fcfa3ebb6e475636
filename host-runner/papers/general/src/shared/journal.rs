//! What is kept of a network that is trained; as it stands it goes into a checkpoint.
use super::pace::Pace;
use lab::statistics::min;
use serde::{Deserialize, Serialize};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Steps before it.
    pub epoch: u64,
    /// L = 1/2 |y - F|^2.
    pub loss: f64,
    /// |grad L|^2 / L = -d log L/dt of the flow.
    pub mu: f64,
}

/// A look at the tangent kernel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Steps before it.
    pub epoch: u64,
    /// L in f64.
    pub loss: f64,
    /// -d log L/dt as training measured it, from the gradient.
    pub mu: f64,
    /// r^T K r / |r|^2 by products with K.
    pub quotient: f64,
    /// lambda_min where K was written out, else a number that it is not above.
    pub least: f64,
    /// lambda_max where K was written out, else a number that it is not below.
    pub greatest: f64,
}

/// Steps, and fall of log L, of the stretch on which the clock is checked. Later units chatter at kinks, or
/// descent oscillates near the edge of its stability: L then falls more slowly than the gradient says.
const STRETCH: (u64, f64) = (10, 0.05);

/// The first stretch of a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// log(L at the start / L at its end).
    pub fall: f64,
    /// int mu dt over it.
    pub integral: f64,
}

/// A run so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Steps taken.
    pub epoch: u64,
    /// Some of them, and the end.
    pub curve: Vec<Record>,
    /// In the order of their epochs.
    pub looks: Vec<Look>,
    /// int mu dt by the trapezoidal rule over the steps of the clock.
    pub integral: f64,
    /// L at the start.
    pub start: f64,
    /// <theta_1 - theta_0, -grad L> over lr |grad L|^2, of the first step.
    pub first_step: Option<f64>,
    /// The first stretch of the run, once it is over: until L has fallen by [`STRETCH`], or risen.
    pub stretch: Option<Stretch>,
    /// mu of the last step.
    pub mu: f64,
    /// Steps whose loss was above that of the step before.
    pub rises: u64,
    /// Loss of the last step.
    pub loss: f64,
    /// The loss stopped being a finite number.
    pub broken: bool,
    /// What the clock said.
    pub pace: Pace,
}

impl History {
    /// The start.
    pub fn first(&self) -> Record {
        self.curve.first().copied().unwrap_or(NOTHING)
    }

    /// The end.
    pub fn last(&self) -> Record {
        self.curve.last().copied().unwrap_or(NOTHING)
    }

    /// Least of what the looks say of lambda_min.
    pub fn least(&self) -> f64 {
        min(self.looks.iter().map(|look| look.least))
    }

    /// Least rate of |r| on the way, mu/2: a Rayleigh quotient of K, so lambda_min is not above it.
    pub fn slowest(&self) -> f64 {
        let quotients = self.looks.iter().map(|look| look.quotient);
        min(self.curve.iter().map(|at| 0.5 * at.mu).chain(quotients))
    }

    /// Takes note of a step that starts at `loss`, `dt` of the clock after the one before it.
    pub fn step(&mut self, loss: f64, mu: f64, dt: f64) {
        if self.epoch == 0 {
            self.start = loss;
        } else {
            self.integral += 0.5 * dt * (self.mu + mu);
            let rises = loss > self.loss;
            self.rises += u64::from(rises);
            let fallen = (self.start / loss).ln() >= STRETCH.1;
            if self.stretch.is_none() && (rises || fallen || self.epoch >= STRETCH.0) {
                self.stretch = Some(self.so_far(loss));
            }
        }
        (self.loss, self.mu) = (loss, mu);
    }

    fn so_far(&self, loss: f64) -> Stretch {
        Stretch { fall: (self.start / loss).ln(), integral: self.integral }
    }

    /// The first stretch, or all of a run that was too short for it.
    pub fn stretch(&self) -> Stretch {
        self.stretch.unwrap_or_else(|| self.so_far(self.loss))
    }

    /// Keeps the step last taken note of.
    pub fn record(&mut self) {
        let Self { epoch, loss, mu, .. } = *self;
        self.curve.push(Record { epoch, loss, mu });
    }
}

const NOTHING: Record = Record { epoch: 0, loss: f64::NAN, mu: f64::NAN };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_integral_is_the_trapezoids() {
        let mut journal = History::default();
        for (loss, mu) in [(4.0, 1.0), (3.0, 3.0), (3.5, 5.0)] {
            journal.step(loss, mu, 0.5);
            journal.record();
            journal.epoch += 1;
        }
        assert_eq!((journal.integral, journal.rises), (1.0 + 2.0, 1));
        // It ends where L has fallen enough.
        assert_eq!(journal.stretch(), Stretch { fall: (4.0f64 / 3.0).ln(), integral: 1.0 });
        assert_eq!(journal.slowest(), 0.5);
        assert_eq!(journal.first(), Record { epoch: 0, loss: 4.0, mu: 1.0 });
        assert_eq!(journal.last(), Record { epoch: 2, loss: 3.5, mu: 5.0 });
    }
}
