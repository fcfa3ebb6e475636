//! The gradient flow that descent follows, integrated to a tolerance: is its clock the right one?
//!
//! A leaky relu has kinks, where the field jumps; steps of the integrator shrink there and go on. Where the
//! field points back at a kink from both sides, steps become too short to go on with, and the comparison ends.
use super::descent::Course;
use super::journal::History;
use engine::Numerics;
use engine::deep::{DeepMemory, deep};
use engine::smooth::smooth;
use lab::Arithmetic;
use lab::failure::Failure;
use lab::statistics::larger;
use reluflow::Error;

/// Parameters of a network that is small enough.
const MOST: usize = 5000;
/// Of the integrator; descent is Euler's method, and much less exact.
const TOLERANCE: f64 = 1e-6;
/// Steps of the integrator, of all the run.
const PATIENCE: u64 = 1500;

/// How far descent is from the flow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beside {
    /// Largest |log(L of descent / L of the flow)| at the records.
    pub off: f64,
    /// log(L(0)/L) of the flow at the last of them.
    pub fall: f64,
    /// Share of the time up to which the flow was integrated.
    pub until: f64,
}

/// Compares network `index` with its flow; `None` where it is too large.
pub fn beside(course: &Course, index: usize, journal: &History) -> Result<Option<Beside>, Failure> {
    let (network, start) = (&course.networks[index], &course.starts[index]);
    let samples = &course.samples;
    if !course.exact() || start.len() > MOST {
        return Ok(None);
    }
    let (mut state, mut memory) = (DeepMemory::default(), Vec::new());
    let problem = samples.problem(&network.layers, start);
    let mut deep = deep(Numerics::FAST, &problem, &mut state)?;
    let mut flow = smooth(Arithmetic::Fused, start, TOLERANCE, &mut memory)?;
    let mut field = |theta: &[f64], slope: &mut [f64]| {
        // Lengths are right, so neither fails; a NaN would be refused as a step.
        let found = deep.restore(theta).and_then(|()| deep.gradient(slope));
        slope.iter_mut().for_each(|slope| *slope = if found.is_ok() { -*slope } else { f64::NAN });
    };
    let mut states = Vec::new();
    let end = course.lr * course.epochs as f64;
    for record in &journal.curve {
        let t = course.lr * record.epoch as f64;
        let (kept, rejected) = flow.steps();
        match flow.run(t, PATIENCE.saturating_sub(kept + rejected), &mut field) {
            Ok(true) => states.push((*record, flow.state().to_vec())),
            Ok(false) | Err(Error::Stuck) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let mut found = Beside { off: 0.0, fall: 0.0, until: flow.t() / end };
    let first = journal.first().loss;
    for (record, state) in states {
        deep.restore(&state)?;
        let loss = deep.loss();
        let off = (record.loss / loss).ln().abs();
        found.off = larger(found.off, off);
        found.fall = (first / loss).ln();
    }
    Ok(Some(found))
}
