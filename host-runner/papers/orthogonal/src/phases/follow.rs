//! The flow from a start of any size, looked at on the way.
use super::data::{Data, Start};
use engine::flow::{ExactFlow, ExactMemory};
use lab::failure::Failure;
use reluflow::Scale;
use reluflow::flow::{self, Advance, Certificate, Event, Rules};

/// Where a flow is: neuron j is e^{rho_j} (omega_j, a_j).
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The time that the clock shows.
    pub t: f64,
    pub loss: f64,
    /// m x n; on orthonormal samples <w_j, x_i> e^{-rho_j}.
    pub omega: Vec<f64>,
    pub a: Vec<f64>,
    pub rho: Vec<f64>,
}

/// What to do.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub data: &'a Data,
    pub start: &'a Start,
    /// log lambda.
    pub log_scale: f64,
    pub tolerance: f64,
    /// Clock times at which to look, ascending; the last one ends the run.
    pub looks: &'a [f64],
    /// Losses whose crossings are wanted, descending.
    pub levels: &'a [f64],
    /// How far the flow goes while the clock goes 1.
    pub rate: f64,
    /// Whether to use that the samples are orthonormal.
    pub orthogonal: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Course {
    /// Clock times at which the loss fell below each level; NaN where it did not.
    pub crossings: Vec<f64>,
    /// The end of the step that did it, as far as there was one.
    pub crossed: Vec<State>,
    pub end: State,
    /// e^{0} times the network at the end, as the kernels write it.
    pub w: Vec<f64>,
    pub a: Vec<f64>,
    pub certificate: Certificate<f64>,
}

/// Bisections of a crossing inside a step.
const BISECTIONS: usize = 45;

impl Request<'_> {
    /// Runs; `look` is called with the state at each of the times.
    pub fn follow(&self, mut look: impl FnMut(&State)) -> Result<Course, Failure> {
        let (d, m) = (self.data.d, self.start.a.len());
        let samples = self.data.samples()?;
        let start = flow::Start { net: self.start.net()?, log_scale: self.log_scale };
        let mut memory = ExactMemory::new(m, samples, self.orthogonal);
        let mut flow = memory.flow(start, Scale::One, Rules::new(self.tolerance))?;

        let mut crossings = vec![f64::NAN; self.levels.len()];
        let mut crossed = Vec::new();
        for &clock in self.looks {
            loop {
                let before = flow.t();
                let done = flow
                    .advance(clock * self.rate, &mut |_: Event<f64>| {})
                    .map_err(|why| Failure::failed(format!("the flow stopped: {why}")))?;
                while let Some(&level) = self.levels.get(crossed.len())
                    && flow.loss() <= level
                {
                    let at = crossing(&mut flow, level, before, done);
                    crossings[crossed.len()] = at / self.rate;
                    crossed.push(self.state(&flow));
                }
                if done == Advance::Arrived {
                    break;
                }
            }
            look(&self.state(&flow));
        }
        let end = self.state(&flow);
        let certificate = flow.certificate();
        let (mut w, mut a) = (vec![0.0; m * d], vec![0.0; m]);
        let mut net = reluflow::NetViewMut::new(&mut w, &mut a, d)?;
        flow.write(start, samples, 0.0, &mut net)?;
        Ok(Course { crossings, crossed, end, w, a, certificate })
    }

    fn state(&self, flow: &ExactFlow<'_>) -> State {
        let mut state = State { t: flow.t() / self.rate, loss: flow.loss(), ..State::default() };
        for neuron in (0..self.start.a.len()).filter_map(|j| flow.neuron(j)) {
            state.omega.extend_from_slice(neuron.omega);
            state.a.push(neuron.a);
            state.rho.push(neuron.rho);
        }
        state
    }
}

/// The flow time at which the last step fell below `level`.
fn crossing(flow: &mut ExactFlow<'_>, level: f64, before: f64, done: Advance<f64>) -> f64 {
    let (mut low, mut high) = (before, flow.t());
    if !matches!(done, Advance::Step(_)) {
        return high;
    }
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (low + high);
        match flow.loss_at(middle) {
            Some(loss) if loss <= level => high = middle,
            Some(_) => low = middle,
            None => break,
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::super::measures;
    use super::*;

    /// Two samples, one of each sign: |D| = |y|/2, and one neuron a side, so the loss of a side is
    /// that of the logistic curve.
    #[test]
    fn a_neuron_of_each_sign_follows_the_logistic_curve() {
        let data = Data::draw((2, 0, 0), [2, 1, 3]);
        let w = [0.6 * data.x[0], 0.6 * data.x[1], 0.6 * data.x[2]];
        let v = [0.6 * data.x[3], 0.6 * data.x[4], 0.6 * data.x[5]];
        let start = Start { w: [w, v].concat(), a: vec![0.6, -0.6], d: 3 };
        let (log_scale, looks) = (-200.0, [100.0, 300.0, 500.0]);
        let plan = Request {
            data: &data,
            start: &start,
            log_scale,
            tolerance: 1e-10,
            looks: &looks,
            levels: &[0.5 * data.first_loss()],
            rate: 1.0,
            orthogonal: true,
        };
        let mut seen = 0;
        let course = plan
            .follow(|state| {
                let mut loss = 0.0;
                for y in &data.y {
                    // u' = 2 |y| u (1 - u/|y|) / n with u = a^2.
                    let log = 2.0 * (0.6f64.ln() + log_scale) + y.abs() * state.t;
                    let u = y.abs() / (1.0 + y.abs() * (-log).exp());
                    loss += (y.abs() - u).powi(2) / 4.0;
                }
                // Where both are near their targets the loss is small against its error.
                assert!((state.loss - loss).abs() < 1e-7, "{} {loss}", state.loss);
                seen += 1;
            })
            .unwrap();
        assert_eq!((seen, course.crossed.len()), (3, 1));
        assert!(course.crossed[0].t >= course.crossings[0]);
        let total: f64 = data.y.iter().map(|y| 2.0 * y.abs()).sum();
        assert!((measures::norm_sq(&course.end) - total).abs() < 1e-8);
    }
}
