//! A network in training, whichever of the three steps it takes.
use super::plan::Kind;
use crate::failure::Failure;
use reluflow::{
    Batch, Dense, Gram, Health, Lanes, NetView, NetViewMut, Orthogonal, Real, SamplesView, Scale,
    Sizes, Step,
};

/// What a flow starts from.
#[derive(Debug)]
pub struct Problem<T> {
    /// Samples, n x d.
    pub x: Vec<T>,
    /// Targets, n.
    pub y: Vec<T>,
    /// Inner weights at the start, p x d.
    pub w: Vec<T>,
    /// Outer weights at the start, p.
    pub a: Vec<T>,
    /// Input dimension.
    pub d: usize,
    /// Output scale.
    pub scale: Scale,
}

impl<T: Real> Problem<T> {
    /// (p, n, d).
    pub fn sizes(&self) -> (usize, usize, usize) {
        (self.a.len(), self.y.len(), self.d)
    }

    /// The samples.
    pub fn samples(&self) -> Result<SamplesView<'_, T>, Failure> {
        Ok(SamplesView::new(&self.x, &self.y, self.d)?)
    }

    /// The network at the start.
    pub fn start(&self) -> Result<NetView<'_, T>, Failure> {
        Ok(NetView::new(&self.w, &self.a, self.d)?)
    }
}

/// Memory that a flow borrows.
#[derive(Debug)]
pub struct Memory<T> {
    batch: Vec<T>,
    state: Vec<T>,
}

impl<T: Real> Memory<T> {
    /// Enough for `kind` on problems of these sizes.
    pub fn new<L: Lanes<Elem = T>>(
        kind: Kind,
        (p, n, d): (usize, usize, usize),
    ) -> Result<Self, Failure> {
        let too_large = |_| too_large(p, n, d);
        Sizes::new(p, n, d).map_err(too_large)?;
        let (batch, state) = match kind {
            Kind::Dense => (Batch::<L>::len(n, d), Dense::<L>::len(p, n, d)),
            Kind::Orthogonal => (0, Orthogonal::<L>::len(p, n)),
            Kind::Gram => (0, Gram::<L>::len(p, n)),
        };
        Ok(Self { batch: zeros(batch, p, n, d)?, state: zeros(state, p, n, d)? })
    }
}

/// Zeros, or a sentence where the machine has no room for them.
fn zeros<T: Real>(len: usize, p: usize, n: usize, d: usize) -> Result<Vec<T>, Failure> {
    let mut memory = Vec::new();
    memory.try_reserve_exact(len).map_err(|_| too_large(p, n, d))?;
    memory.resize(len, T::ZERO);
    Ok(memory)
}

fn too_large(p: usize, n: usize, d: usize) -> Failure {
    Failure::bad_input(format!(
        "width {p} on {n} samples of {d} features does not fit this machine's memory; choose a \
         smaller --width"
    ))
}

/// One of the three states.
pub enum Flow<'m, L: Lanes> {
    /// In w.
    Dense(Dense<'m, L>),
    /// In orthogonal coordinates.
    Orthogonal(Orthogonal<'m, L>),
    /// In Gram coordinates.
    Gram(Gram<'m, L>),
}

impl<'m, L: Lanes> Flow<'m, L> {
    /// The state of kind `kind` at the problem's start, or where `saved`, from
    /// [`state`](Flow::state), left off.
    pub fn new(
        kind: Kind,
        problem: &Problem<L::Elem>,
        saved: Option<&[L::Elem]>,
        memory: &'m mut Memory<L::Elem>,
    ) -> Result<Self, Failure> {
        let (p, n, d) = problem.sizes();
        let (start, samples) = (problem.start()?, problem.samples()?);
        // Bounds of the parts of a saved state; a wrong length is caught by whoever reads it.
        let part = |from: usize, to: usize| saved.and_then(|saved| saved.get(from..to));
        match kind {
            Kind::Dense => {
                let batch = Batch::pack(samples, &mut memory.batch)?;
                let net = match (part(0, p * d), part(p * d, p * d + p)) {
                    (Some(w), Some(a)) => NetView::new(w, a, d)?,
                    _ => start,
                };
                Ok(Self::Dense(Dense::new(net, batch, problem.scale, &mut memory.state)?))
            }
            Kind::Orthogonal => {
                let mut flow = Orthogonal::new(start, samples, problem.scale, &mut memory.state)?;
                if let (Some(u), Some(a)) = (part(0, p * n), part(p * n, p * n + p)) {
                    flow.restore(u, a)?;
                }
                Ok(Self::Orthogonal(flow))
            }
            Kind::Gram => {
                let mut flow = Gram::new(start, samples, problem.scale, &mut memory.state)?;
                let (u, dual) = (part(0, p * n), part(p * n, 2 * p * n));
                if let (Some(u), Some(dual), Some(a)) = (u, dual, part(2 * p * n, 2 * p * n + p)) {
                    flow.restore(u, dual, a)?;
                }
                Ok(Self::Gram(flow))
            }
        }
    }

    /// Numbers in a saved state.
    pub fn state_len(kind: Kind, (p, n, d): (usize, usize, usize)) -> usize {
        p + match kind {
            Kind::Dense => p * d,
            Kind::Orthogonal => p * n,
            Kind::Gram => 2 * p * n,
        }
    }

    /// All that the next steps depend on.
    pub fn state(&self, problem: &Problem<L::Elem>) -> Result<Vec<L::Elem>, Failure> {
        let (p, n, d) = problem.sizes();
        let mut state = match self {
            Self::Dense(_) => {
                let (mut w, mut a) = (vec![L::Elem::ZERO; p * d], vec![L::Elem::ZERO; p]);
                self.write(problem, &mut w, &mut a)?;
                w
            }
            Self::Orthogonal(flow) => {
                let mut u = vec![L::Elem::ZERO; p * n];
                flow.pre_activations(&mut u)?;
                u
            }
            Self::Gram(flow) => {
                let mut u = vec![L::Elem::ZERO; 2 * p * n];
                let (head, tail) = u.split_at_mut(p * n);
                flow.pre_activations(head)?;
                flow.dual(tail)?;
                u
            }
        };
        state.extend_from_slice(self.a());
        Ok(state)
    }

    /// One Euler step.
    pub fn step(&mut self, dt: L::Elem) -> Step<L::Elem> {
        match self {
            Self::Dense(flow) => flow.step(dt),
            Self::Orthogonal(flow) => flow.step(dt),
            Self::Gram(flow) => flow.step(dt),
        }
    }

    /// z, p x n.
    pub fn pre_activations(&mut self, z: &mut [L::Elem]) -> Result<(), Failure> {
        match self {
            Self::Dense(flow) => flow.pre_activations(z)?,
            Self::Orthogonal(flow) => flow.pre_activations(z)?,
            Self::Gram(flow) => flow.pre_activations(z)?,
        }
        Ok(())
    }

    /// The network.
    pub fn write(
        &self,
        problem: &Problem<L::Elem>,
        w: &mut [L::Elem],
        a: &mut [L::Elem],
    ) -> Result<(), Failure> {
        let mut net = NetViewMut::new(w, a, problem.d)?;
        match self {
            Self::Dense(flow) => flow.write(&mut net)?,
            Self::Orthogonal(flow) => {
                flow.write(problem.start()?, problem.samples()?, &mut net)?;
            }
            Self::Gram(flow) => flow.write(problem.start()?, problem.samples()?, &mut net)?,
        }
        Ok(())
    }

    fn a(&self) -> &[L::Elem] {
        match self {
            Self::Dense(flow) => flow.a(),
            Self::Orthogonal(flow) => flow.a(),
            Self::Gram(flow) => flow.a(),
        }
    }

    /// What has gone wrong since this state was built.
    pub fn health(&self) -> Health {
        match self {
            Self::Dense(flow) => flow.health(),
            Self::Orthogonal(flow) => flow.health(),
            Self::Gram(flow) => flow.health(),
        }
    }
}
