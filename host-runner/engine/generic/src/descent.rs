//! Gradient descent step by step: a network in training behind one object for every precision, arithmetic and
//! coordinates.
use crate::coordinates::Kind;
use crate::number::{Report, Shared, narrow, narrow_into, widen};
use crate::parallel::Pool;
use crate::state::{ProblemIn, State, StateMemory};
use crate::trajectory::Problem;
use lab::Failure;
use reluflow::Real;

/// A network in training. Lengths are those of the problem; what has another one is refused.
pub trait Descent {
    /// One Euler step of length dt.
    fn step(&mut self, dt: f64) -> Result<Report, Failure>;
    /// `count` steps, one at least; the report of the last.
    fn steps(&mut self, count: u64, dt: f64) -> Result<Report, Failure>;
    /// z, p x n. Not of samples of more than one piece.
    fn pre_activations(&mut self, z: &mut [f64]) -> Result<(), Failure>;
    /// Orthogonal coordinates: goes to other z and a.
    fn restore(&mut self, z: &[f64], a: &[f64]) -> Result<(), Failure>;
    /// Orthogonal coordinates: pairs with z > 0; none elsewhere.
    fn live(&self) -> Option<usize>;
    /// Outer weights.
    fn a(&self) -> Vec<f64>;
    /// Inner weights, p x d row-major, and outer weights.
    fn weights(&self) -> Result<(Vec<f64>, Vec<f64>), Failure>;
}

/// Memory of a network in training, used again for the next.
#[derive(Debug, Default)]
pub struct Memory {
    single: MemoryIn<f32>,
    double: MemoryIn<f64>,
}

/// The same in one precision.
#[derive(Debug)]
pub struct MemoryIn<T> {
    problem: Option<ProblemIn<T>>,
    state: StateMemory<T>,
    z: Vec<T>,
}

impl<T> Default for MemoryIn<T> {
    fn default() -> Self {
        Self { problem: None, state: StateMemory::default(), z: Vec::new() }
    }
}

impl Memory {
    /// That of f32.
    pub fn single(&mut self) -> &mut MemoryIn<f32> {
        &mut self.single
    }

    /// That of f64.
    pub fn double(&mut self) -> &mut MemoryIn<f64> {
        &mut self.double
    }
}

/// The network at the start of `problem`.
pub fn begin<'m, L: Shared>(
    kind: Kind,
    problem: &Problem,
    pool: &'m Pool,
    memory: &'m mut MemoryIn<L::Elem>,
) -> Result<Box<dyn Descent + 'm>, Failure> {
    let problem = memory.problem.insert(problem.at()?);
    memory.state.fit::<L>(kind, problem)?;
    let state = State::<L>::new(kind, problem, None, pool, &mut memory.state)?;
    Ok(Box::new(Held { problem, state, z: &mut memory.z }))
}

/// A state of the kernels with what converts to and from f64.
struct Held<'m, L: Shared> {
    problem: &'m ProblemIn<L::Elem>,
    state: State<'m, L>,
    z: &'m mut Vec<L::Elem>,
}

impl<L: Shared> Descent for Held<'_, L> {
    fn step(&mut self, dt: f64) -> Result<Report, Failure> {
        Ok(Report::of(self.state.step(L::Elem::from_f64(dt))?))
    }

    fn steps(&mut self, count: u64, dt: f64) -> Result<Report, Failure> {
        let dt = L::Elem::from_f64(dt);
        for _ in 1..count {
            self.state.step(dt)?;
        }
        Ok(Report::of(self.state.step(dt)?))
    }

    fn pre_activations(&mut self, z: &mut [f64]) -> Result<(), Failure> {
        self.z.clear();
        self.z.resize(z.len(), L::Elem::ZERO);
        self.state.pre_activations(self.z)?;
        for (to, from) in z.iter_mut().zip(self.z.iter()) {
            *to = from.to_f64();
        }
        Ok(())
    }

    fn restore(&mut self, z: &[f64], a: &[f64]) -> Result<(), Failure> {
        narrow_into(z, self.z);
        match &mut self.state {
            State::Orthogonal(state) => Ok(state.restore(self.z, &narrow::<L::Elem>(a))?),
            _ => Err(Failure::failed("only orthogonal coordinates start at z; please report this")),
        }
    }

    fn live(&self) -> Option<usize> {
        match &self.state {
            State::Orthogonal(state) => Some(state.live()),
            _ => None,
        }
    }

    fn a(&self) -> Vec<f64> {
        widen(self.state.a())
    }

    fn weights(&self) -> Result<(Vec<f64>, Vec<f64>), Failure> {
        let (mut w, mut a) = (self.problem.w.clone(), self.problem.a.clone());
        self.state.write(self.problem, &mut w, &mut a)?;
        Ok((widen(&w), widen(&a)))
    }
}
