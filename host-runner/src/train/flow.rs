//! A network in training, whichever of the three steps it takes.
use super::plan::Kind;
use crate::dataset::Stream;
use crate::failure::Failure;
use crate::parallel::{Crew, Cuts, Pieces, PiecesMemory, Shared, Source};
use reluflow::{
    Batch, Dense, Gram, Health, NetView, NetViewMut, Orthogonal, Real, SamplesView, Scale, Sizes,
    Step,
};
use std::sync::Arc;

/// What a flow starts from.
#[derive(Debug)]
pub struct Problem<T> {
    /// Samples, n x d; empty where there is a stream.
    pub x: Vec<T>,
    /// Targets, n; empty likewise.
    pub y: Vec<T>,
    /// The file that the samples stay in, if they do.
    pub stream: Option<Arc<Stream>>,
    /// Number of samples.
    pub n: usize,
    /// Mean of y^2.
    pub mean_square: f64,
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
        (self.a.len(), self.n, self.d)
    }

    /// Where the samples are.
    pub fn source(&self) -> Result<Source<'_, T>, Failure> {
        Ok(match &self.stream {
            None => Source::Memory(self.samples()?),
            Some(stream) => Source::File(stream),
        })
    }

    /// The samples, all of which orthogonal and Gram coordinates need in memory.
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
    /// For the dense step on samples of more than one piece, instead of the above.
    pieces: Option<PiecesMemory<T>>,
}

impl<T: Real> Memory<T> {
    /// Enough for `kind` on this problem.
    pub fn new<L: Shared<Elem = T>>(kind: Kind, problem: &Problem<T>) -> Result<Self, Failure> {
        let (p, n, d) = problem.sizes();
        Sizes::new(p, n, d).map_err(|_| too_large(p, n, d))?;
        let zeros = |len| zeros(len, p, n, d);
        if kind == Kind::Dense && Cuts::of(n).count() > 1 {
            let pieces = PiecesMemory::new::<L>(p, &problem.source()?, zeros)?;
            return Ok(Self { batch: Vec::new(), state: Vec::new(), pieces: Some(pieces) });
        }
        let (batch, state) = match kind {
            Kind::Dense => (Batch::<L>::len(n, d), Dense::<L>::len(p, n, d)),
            Kind::Orthogonal => (0, Orthogonal::<L>::len(p, n)),
            Kind::Gram => (0, Gram::<L>::len(p, n)),
        };
        Ok(Self { batch: zeros(batch)?, state: zeros(state)?, pieces: None })
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

/// One of the three states, the first in two forms.
pub enum Flow<'m, L: Shared> {
    /// In w.
    Dense(Dense<'m, L>),
    /// In w, on samples of more than one piece.
    Pieces(Pieces<'m, L>),
    /// In orthogonal coordinates.
    Orthogonal(Orthogonal<'m, L>),
    /// In Gram coordinates.
    Gram(Gram<'m, L>),
}

impl<'m, L: Shared> Flow<'m, L> {
    /// The state of kind `kind` at the problem's start, or where `saved`, from
    /// [`state`](Flow::state), left off.
    pub fn new(
        kind: Kind,
        problem: &'m Problem<L::Elem>,
        saved: Option<&[L::Elem]>,
        crew: &'m Crew,
        memory: &'m mut Memory<L::Elem>,
    ) -> Result<Self, Failure> {
        let (p, n, d) = problem.sizes();
        let start = problem.start()?;
        // Bounds of the parts of a saved state; a wrong length is caught by whoever reads it.
        let part = |from: usize, to: usize| saved.and_then(|saved| saved.get(from..to));
        match kind {
            Kind::Dense => {
                let net = match (part(0, p * d), part(p * d, p * d + p)) {
                    (Some(w), Some(a)) => NetView::new(w, a, d)?,
                    _ => start,
                };
                if let Some(memory) = &mut memory.pieces {
                    let source = problem.source()?;
                    return Ok(Self::Pieces(Pieces::new(
                        net,
                        source,
                        problem.scale,
                        crew,
                        memory,
                    )?));
                }
                let batch = Batch::pack(problem.samples()?, &mut memory.batch)?;
                Ok(Self::Dense(Dense::new(net, batch, problem.scale, &mut memory.state)?))
            }
            Kind::Orthogonal => {
                let samples = problem.samples()?;
                let mut flow = Orthogonal::new(start, samples, problem.scale, &mut memory.state)?;
                if let (Some(u), Some(a)) = (part(0, p * n), part(p * n, p * n + p)) {
                    flow.restore(u, a)?;
                }
                Ok(Self::Orthogonal(flow))
            }
            Kind::Gram => {
                let samples = problem.samples()?;
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
            Self::Dense(_) | Self::Pieces(_) => {
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
    pub fn step(&mut self, dt: L::Elem) -> Result<Step<L::Elem>, Failure> {
        Ok(match self {
            Self::Dense(flow) => flow.step(dt),
            Self::Pieces(flow) => flow.step(dt)?,
            Self::Orthogonal(flow) => flow.step(dt),
            Self::Gram(flow) => flow.step(dt),
        })
    }

    /// Forgets the rounding errors that Gram coordinates have gathered; the others have none.
    pub fn refresh(&mut self, problem: &Problem<L::Elem>) -> Result<(), Failure> {
        if let Self::Gram(flow) = self {
            flow.refresh(problem.start()?, problem.samples()?)?;
        }
        Ok(())
    }

    /// z, p x n. Not of pieces, which [measure](Pieces::measure) it one by one.
    pub fn pre_activations(&mut self, z: &mut [L::Elem]) -> Result<(), Failure> {
        match self {
            Self::Dense(flow) => flow.pre_activations(z)?,
            Self::Pieces(_) => {}
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
            Self::Pieces(flow) => flow.write(&mut net)?,
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
            Self::Pieces(flow) => flow.a(),
            Self::Orthogonal(flow) => flow.a(),
            Self::Gram(flow) => flow.a(),
        }
    }

    /// What has gone wrong since this state was built.
    pub fn health(&self) -> Health {
        match self {
            Self::Dense(flow) => flow.health(),
            Self::Pieces(flow) => flow.health(),
            Self::Orthogonal(flow) => flow.health(),
            Self::Gram(flow) => flow.health(),
        }
    }
}
