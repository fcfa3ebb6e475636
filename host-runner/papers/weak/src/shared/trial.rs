//! One network, from its start until it has learned all samples or its time is over.
use super::law::{Draw, NetworkId, cell};
use super::ledger::Task;
use super::protocol::epochs;
use super::setup::Setup;
use engine::Kind;
use engine::descent::{Memory, descent};
use engine::parallel::Pool;
use engine::trajectory::{Problem, Start};
use lab::Control;
use lab::failure::Failure;
use reluflow::Scale;
use serde::{Deserialize, Serialize};

/// Streams of the networks that learn samples of uniform direction: all experiments share them, so
/// that a cell gives the same networks wherever it is asked for.
const STREAM: &str = "weak-trial";

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Whether sum r^2 fell below 1.
    pub converged: bool,
    /// Loss at the end over loss at the start. 1e300 for one that is not finite, which JSON cannot hold.
    pub left: f64,
    /// Steps until then.
    pub steps: u64,
}

/// Trains networks.
#[derive(Debug, Clone, Copy)]
pub struct Trial(pub Setup);

impl Trial {
    /// Trains the network of `task`.
    pub fn train(&self, memory: &mut Memory, task: Task) -> Result<Ended, Failure> {
        let Setup { seed, inner, .. } = self.0;
        let place = NetworkId { seed, name: STREAM, cell: cell(task.sizes()), trial: task.trial };
        let Draw { x, y, w, a } = Draw::sphere(place, task.sizes(), inner)?;
        let (p, n, d) = task.sizes();
        let start = Start { w, a, exponent: 0 };
        let problem = Problem { x, y, d, start, scale: Scale::OneOverP };
        let mut state = descent(self.0.numerics, Kind::Dense, &problem, &Pool::ALONE, memory)?;
        let dt = Control::effective_dt(self.0.control, 1.0);
        // L = 1/(2n) sum r^2.
        let learned = 1.0 / (2.0 * n as f64);
        let (mut first, mut loss) = (f64::NAN, f64::NAN);
        let (mut steps, last) = (0, epochs(p, n));
        while steps < last {
            loss = state.step(dt)?.loss;
            steps += 1;
            first = if steps == 1 { loss } else { first };
            if loss < learned || !loss.is_finite() {
                break;
            }
        }
        let left = loss / first;
        let left = if left.is_finite() { left } else { 1e300 };
        Ok(Ended { converged: loss < learned, left, steps })
    }
}

/// What a network costs, relatively: its multiply-adds if it does not converge.
pub fn cost(task: Task) -> f64 {
    (task.p * task.n * task.d) as f64 * epochs(task.p, task.n) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::Numerics;
    use lab::{Arithmetic, Precision};
    use oracle::{Data, Net, euler_step};
    use reluflow::init::Inner;

    fn trainer(precision: Precision, arithmetic: Arithmetic) -> Trial {
        let numerics = Numerics { precision, arithmetic };
        Trial(Setup { seed: 3, inner: Inner::Uniform, control: None, numerics })
    }

    /// The textbook loop on the same draw, as the published code has it.
    fn textbook(task: Task) -> Ended {
        let (p, n, d) = task.sizes();
        let place =
            NetworkId { seed: 3, name: STREAM, cell: cell(task.sizes()), trial: task.trial };
        let Draw { x, y, w, a } = Draw::sphere(place, task.sizes(), Inner::Uniform).unwrap();
        let (mut net, data) = (Net { p, d, w, a }, Data { n, d, x, y });
        let mut losses = Vec::new();
        for _ in 0..epochs(p, n) {
            losses.push(euler_step(&mut net, &data, 1.0 / p as f64, 1.0).0);
            if 2.0 * n as f64 * losses.last().unwrap() < 1.0 {
                break;
            }
        }
        let (first, last) = (losses[0], *losses.last().unwrap());
        let converged = 2.0 * n as f64 * last < 1.0;
        Ended { converged, left: last / first, steps: losses.len() as u64 }
    }

    /// Small sets are learned, large ones are not; both are in the loop.
    #[test]
    fn a_trial_is_the_textbook_loop() {
        let mut ends = [0; 2];
        for (n, d, trial) in [(20, 30, 0), (20, 30, 1), (14, 5, 2), (40, 5, 3)] {
            let task = Task { p: 30, n, d, trial };
            for (precision, tolerance) in [(Precision::F64, 1e-9), (Precision::F32, 1e-2)] {
                for arithmetic in [Arithmetic::Canonical, Arithmetic::Fused] {
                    let trainer = trainer(precision, arithmetic);
                    let (ours, truth) =
                        (trainer.train(&mut Memory::default(), task).unwrap(), textbook(task));
                    let off = (ours.left - truth.left).abs() / truth.left;
                    assert!(
                        ours.converged == truth.converged && off < tolerance,
                        "{ours:?} {truth:?}"
                    );
                    assert!(ours.steps.abs_diff(truth.steps) <= 1, "{ours:?} {truth:?}");
                    ends[usize::from(ours.converged)] += 1;
                }
            }
        }
        assert!(ends[0] > 0 && ends[1] > 0, "{ends:?}");
    }

    #[test]
    fn a_network_depends_on_its_place_alone() {
        let task = Task { p: 6, n: 10, d: 4, trial: 5 };
        let trainer = trainer(Precision::F32, Arithmetic::Canonical);
        let (mut used, mut fresh) = (Memory::default(), Memory::default());
        trainer.train(&mut used, Task { p: 12, n: 30, d: 9, trial: 0 }).unwrap();
        assert_eq!(
            trainer.train(&mut used, task).unwrap(),
            trainer.train(&mut fresh, task).unwrap()
        );
        let other = trainer.train(&mut fresh, Task { trial: 6, ..task }).unwrap();
        assert!(other.left != trainer.train(&mut fresh, task).unwrap().left);
    }
}
