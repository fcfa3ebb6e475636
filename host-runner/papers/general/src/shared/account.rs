//! What is known of one network in the end.
use super::flow::Beside;
use super::journal::{History, Look};
use lab::Numbers;
use lab::statistics::{max, median};

/// lr lambda_max(G) above which the first steps of descent are none of the flow's: from 2 on they are unstable, and between
/// they overshoot.
const STIFF: f64 = 1.0;

/// What is known of one network in the end.
#[derive(Debug)]
pub struct Account<'a> {
    /// For figures.
    pub label: &'a str,
    /// Of its metrics.
    pub suffix: &'a str,
    /// P.
    pub parameters: usize,
    /// nM, the size of K.
    pub targets: usize,
    /// What was kept.
    pub journal: History,
    /// Flow time of the run.
    pub until: f64,
    /// A step.
    pub lr: f64,
    /// lambda_min is exact at the looks.
    pub exact: bool,
    /// Least eigenvalue on the way; with `exact` of the looks, else an upper bound of it.
    pub lambda0: f64,
    /// The flow beside it.
    pub beside: Option<Beside>,
}

impl Account<'_> {
    /// Mean rate of |r|: log(|r(0)|/|r(T)|)/T.
    pub fn rate(&self) -> f64 {
        0.5 * self.fall() / self.until
    }

    /// log(L(0)/L(T)).
    pub fn fall(&self) -> f64 {
        (self.journal.first().loss / self.journal.last().loss).ln()
    }

    /// Largest |r(t)| / (e^(-lambda0 t) |r(0)|) at the records.
    pub fn over_bound(&self) -> f64 {
        let first = self.journal.first().loss;
        let ratio = |(t, loss): (f64, f64)| (loss / first).sqrt() * (self.lambda0 * t).exp();
        let ratios = self.curve().map(ratio);
        if self.journal.broken { f64::NAN } else { max(ratios) }
    }

    /// Median relative difference of mu/2 from r^T K r/|r|^2 at the looks. Not the largest: a unit that rests at
    /// its kink may be on one side of it in f32 and on the other in f64. Once |r| is a hundredth of what
    /// it was, rounding of f is too much of it.
    pub fn quotient_off(&self) -> f64 {
        let least = 1e-4 * self.journal.first().loss;
        let late = |look: &&Look| look.loss < least;
        let looks = self.journal.looks.iter().filter(|look| !late(look));
        let off = looks.map(|look| (0.5 * look.mu / look.quotient - 1.0).abs());
        median(&off.collect::<Vec<_>>())
    }

    /// lr times the largest lambda_max seen: above 2 descent is unstable. Where G is not written out, at least so much.
    pub fn stiffness(&self) -> f64 {
        max(self.journal.looks.iter().map(|look| self.lr * look.greatest))
    }

    /// Relative difference of the first step from -lr grad L, along it.
    pub fn step_off(&self) -> f64 {
        (self.journal.first_step.unwrap_or(f64::NAN) - 1.0).abs()
    }

    /// lr lambda_max(G) at the start: does descent follow the flow from there?
    pub fn starts_stiff(&self) -> bool {
        let first = self.journal.looks.first();
        first.is_some_and(|look| self.lr * look.greatest > STIFF)
    }

    /// Relative difference of the fall of log L from int mu dt, over the first stretch.
    pub fn clock_off(&self) -> f64 {
        let stretch = self.journal.stretch();
        (stretch.fall / stretch.integral - 1.0).abs()
    }

    /// (t, L) of the records.
    pub fn curve(&self) -> impl Iterator<Item = (f64, f64)> {
        self.journal.curve.iter().map(|at| (self.lr * at.epoch as f64, at.loss))
    }

    /// Its metrics.
    pub fn report(&self, metrics: &mut Numbers) {
        let mut push =
            |name: &str, value: f64| metrics.push(format!("{name}{}", self.suffix), value);
        let (first, last) = (self.journal.first(), self.journal.last());
        // What an upper bound is called.
        let upper = if self.exact { "" } else { "_upper" };
        let lower = if self.exact { "" } else { "_lower" };
        push("parameters", self.parameters as f64);
        push("loss_0", first.loss);
        push("loss_final", last.loss);
        push("error_ratio", (last.loss / first.loss).sqrt());
        push("rate_observed", self.rate());
        push("rate_least", self.journal.slowest());
        if let (Some(start), Some(end)) = (self.journal.looks.first(), self.journal.looks.last()) {
            push(&format!("lambda_min_0{upper}"), start.least);
            push(&format!("lambda_min_final{upper}"), end.least);
            push(&format!("lambda_max_0{lower}"), start.greatest);
            push(&format!("lambda_max_final{lower}"), end.greatest);
            push(&format!("lr_lambda_max{lower}"), self.stiffness());
        }
        push(&format!("lambda0{upper}"), self.lambda0);
        if self.lambda0 > 0.0 {
            push("rate_over_lambda0", self.rate() / self.lambda0);
        }
        push("bound_ratio_most", self.over_bound());
        push("step_off", self.step_off());
        push("clock_off", self.clock_off());
        push("fall_over_integral", self.fall() / self.journal.integral);
        push("quotient_off", self.quotient_off());
        push("loss_rises", self.journal.rises as f64);
        if let Some(beside) = self.beside {
            push("flow_off", beside.off);
            push("flow_fall", beside.fall);
            push("flow_until", beside.until);
        }
    }
}
