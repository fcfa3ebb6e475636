//! A network in training, whichever of the three steps it takes.
use crate::coordinates::Kind;
use crate::number::{Number, Shared};
use crate::parallel::{Cuts, Pieces, PiecesMemory, Pool, Source};
use crate::sample_file::SampleFile;
use lab::Failure;
use reluflow::{
    Batch, Dense, Gram, Health, NetView, NetViewMut, Orthogonal, Real, SamplesView, Scale, Sizes,
    Step,
};
use std::collections::TryReserveError;
use std::sync::Arc;

/// Samples and a start in the precision of the kernels.
#[derive(Debug)]
pub struct ProblemIn<T> {
    /// Samples, n x d; empty where there is a stream.
    pub x: Vec<T>,
    /// Targets, n; empty likewise.
    pub y: Vec<T>,
    /// The file that the samples stay in, if they do.
    pub stream: Option<Arc<dyn SampleFile>>,
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

impl<T: Number> ProblemIn<T> {
    /// (p, n, d).
    pub fn sizes(&self) -> (usize, usize, usize) {
        (self.a.len(), self.n, self.d)
    }

    /// Where the samples are.
    pub fn source(&self) -> Result<Source<'_, T>, Failure> {
        Ok(match &self.stream {
            None => Source::Memory(self.samples()?),
            Some(stream) => Source::File(&**stream),
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

/// Memory that a state borrows.
#[derive(Debug)]
pub struct StateMemory<T> {
    batch: Vec<T>,
    state: Vec<T>,
    /// For the dense step on samples of more than one piece, instead of the above.
    pieces: Option<PiecesMemory<T>>,
}

impl<T> Default for StateMemory<T> {
    fn default() -> Self {
        Self { batch: Vec::new(), state: Vec::new(), pieces: None }
    }
}

impl<T: Number> StateMemory<T> {
    /// Enough for `kind` on this problem.
    pub fn new<L: Shared<Elem = T>>(kind: Kind, problem: &ProblemIn<T>) -> Result<Self, Failure> {
        let mut memory = Self::default();
        memory.fit::<L>(kind, problem)?;
        Ok(memory)
    }

    /// Makes it enough for another problem.
    pub fn fit<L: Shared<Elem = T>>(
        &mut self,
        kind: Kind,
        problem: &ProblemIn<T>,
    ) -> Result<(), Failure> {
        let (p, n, d) = problem.sizes();
        Sizes::new(p, n, d).map_err(|_| too_large(p, n, d))?;
        self.pieces = None;
        if kind == Kind::Dense && Cuts::of(n).count() > 1 {
            let zeros = |len| {
                let mut zeros = Vec::new();
                grow(&mut zeros, len).map_err(|_| too_large(p, n, d))?;
                Ok(zeros)
            };
            self.pieces = Some(PiecesMemory::new::<L>(p, &problem.source()?, zeros)?);
            return Ok(());
        }
        let (batch, state) = match kind {
            Kind::Dense => (Batch::<L>::len(n, d), Dense::<L>::len(p, n, d)),
            Kind::Orthogonal => (0, Orthogonal::<L>::len(p, n)),
            Kind::Gram => (0, Gram::<L>::len(p, n)),
        };
        grow(&mut self.batch, batch)
            .and_then(|()| grow(&mut self.state, state))
            .map_err(|_| too_large(p, n, d))
    }
}

/// At least `len` elements, new ones 0.
fn grow<T: Number>(memory: &mut Vec<T>, len: usize) -> Result<(), TryReserveError> {
    memory.try_reserve_exact(len.saturating_sub(memory.len()))?;
    memory.resize(len.max(memory.len()), T::ZERO);
    Ok(())
}

fn too_large(p: usize, n: usize, d: usize) -> Failure {
    Failure::bad_input(format!(
        "width {p} on {n} samples of {d} features does not fit this machine's memory; choose a \
         smaller --width"
    ))
}

/// One of the three states, the first in two forms.
pub enum State<'m, L: Shared> {
    /// In w.
    Dense(Dense<'m, L>),
    /// In w, on samples of more than one piece.
    Pieces(Pieces<'m, L>),
    /// In orthogonal coordinates.
    Orthogonal(Orthogonal<'m, L>),
    /// In Gram coordinates.
    Gram(Gram<'m, L>),
}

impl<'m, L: Shared> State<'m, L> {
    /// The state of kind `kind` at the problem's start, or where `saved`, from
    /// [`state`](State::values), left off.
    pub fn new(
        kind: Kind,
        problem: &'m ProblemIn<L::Elem>,
        saved: Option<&[L::Elem]>,
        pool: &'m Pool,
        memory: &'m mut StateMemory<L::Elem>,
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
                        pool,
                        memory,
                    )?));
                }
                let batch = Batch::pack(problem.samples()?, &mut memory.batch)?;
                Ok(Self::Dense(Dense::new(net, batch, problem.scale, &mut memory.state)?))
            }
            Kind::Orthogonal => {
                let samples = problem.samples()?;
                let mut state = Orthogonal::new(start, samples, problem.scale, &mut memory.state)?;
                if let (Some(u), Some(a)) = (part(0, p * n), part(p * n, p * n + p)) {
                    state.restore(u, a)?;
                }
                Ok(Self::Orthogonal(state))
            }
            Kind::Gram => {
                let samples = problem.samples()?;
                let mut state = Gram::new(start, samples, problem.scale, &mut memory.state)?;
                let (u, dual) = (part(0, p * n), part(p * n, 2 * p * n));
                if let (Some(u), Some(dual), Some(a)) = (u, dual, part(2 * p * n, 2 * p * n + p)) {
                    state.restore(u, dual, a)?;
                }
                Ok(Self::Gram(state))
            }
        }
    }

    /// Numbers in a saved state.
    pub fn values_len(kind: Kind, (p, n, d): (usize, usize, usize)) -> usize {
        p + match kind {
            Kind::Dense => p * d,
            Kind::Orthogonal => p * n,
            Kind::Gram => 2 * p * n,
        }
    }

    /// All that the next steps depend on.
    pub fn values(&self, problem: &ProblemIn<L::Elem>) -> Result<Vec<L::Elem>, Failure> {
        let (p, n, d) = problem.sizes();
        let mut values = match self {
            Self::Dense(_) | Self::Pieces(_) => {
                let (mut w, mut a) = (vec![L::Elem::ZERO; p * d], vec![L::Elem::ZERO; p]);
                self.write(problem, &mut w, &mut a)?;
                w
            }
            Self::Orthogonal(state) => {
                let mut u = vec![L::Elem::ZERO; p * n];
                state.pre_activations(&mut u)?;
                u
            }
            Self::Gram(state) => {
                let mut u = vec![L::Elem::ZERO; 2 * p * n];
                let (head, tail) = u.split_at_mut(p * n);
                state.pre_activations(head)?;
                state.dual(tail)?;
                u
            }
        };
        values.extend_from_slice(self.a());
        Ok(values)
    }

    /// One Euler step.
    pub fn step(&mut self, dt: L::Elem) -> Result<Step<L::Elem>, Failure> {
        Ok(match self {
            Self::Dense(state) => state.step(dt),
            Self::Pieces(state) => state.step(dt)?,
            Self::Orthogonal(state) => state.step(dt),
            Self::Gram(state) => state.step(dt),
        })
    }

    /// Forgets the rounding errors that Gram coordinates have gathered; the others have none.
    pub fn refresh(&mut self, problem: &ProblemIn<L::Elem>) -> Result<(), Failure> {
        if let Self::Gram(state) = self {
            state.refresh(problem.start()?, problem.samples()?)?;
        }
        Ok(())
    }

    /// z, p x n. Not of pieces, which [measure](Pieces::measure) it one by one.
    pub fn pre_activations(&mut self, z: &mut [L::Elem]) -> Result<(), Failure> {
        match self {
            Self::Dense(state) => state.pre_activations(z)?,
            Self::Pieces(_) => {}
            Self::Orthogonal(state) => state.pre_activations(z)?,
            Self::Gram(state) => state.pre_activations(z)?,
        }
        Ok(())
    }

    /// The network.
    pub fn write(
        &self,
        problem: &ProblemIn<L::Elem>,
        w: &mut [L::Elem],
        a: &mut [L::Elem],
    ) -> Result<(), Failure> {
        let mut net = NetViewMut::new(w, a, problem.d)?;
        match self {
            Self::Dense(state) => state.write(&mut net)?,
            Self::Pieces(state) => state.write(&mut net)?,
            Self::Orthogonal(state) => {
                state.write(problem.start()?, problem.samples()?, &mut net)?;
            }
            Self::Gram(state) => state.write(problem.start()?, problem.samples()?, &mut net)?,
        }
        Ok(())
    }

    /// Outer weights.
    pub fn a(&self) -> &[L::Elem] {
        match self {
            Self::Dense(state) => state.a(),
            Self::Pieces(state) => state.a(),
            Self::Orthogonal(state) => state.a(),
            Self::Gram(state) => state.a(),
        }
    }

    /// What has gone wrong since this state was built.
    pub fn health(&self) -> Health {
        match self {
            Self::Dense(state) => state.health(),
            Self::Pieces(state) => state.health(),
            Self::Orthogonal(state) => state.health(),
            Self::Gram(state) => state.health(),
        }
    }
}
