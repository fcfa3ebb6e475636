//! The dense step on pieces: gathered by all threads, added in order.
use super::cuts::Cuts;
use super::pool::{Pool, own};
use super::source::Source;
use crate::number::{Number, Shared};
use crate::sample_file::Rows;
use lab::Failure;
use reluflow::{
    Batch, Dense, Error, Health, NetView, NetViewMut, Part, Real, SamplesView, Scale, Step,
};
use std::ops::Range;
use std::sync::Mutex;

/// Memory that [`Pieces`] borrow.
#[derive(Debug, Default)]
pub struct PiecesMemory<T> {
    /// Packed pieces: all of them, or of a file the first.
    batches: Vec<Vec<T>>,
    state: Vec<T>,
    parts: Vec<Vec<T>>,
}

impl<T: Number> PiecesMemory<T> {
    /// For p neurons on these samples. `zeros` makes memory, or says that there is none.
    pub fn new<L: Shared<Elem = T>>(
        p: usize,
        source: &Source<'_, T>,
        zeros: impl Fn(usize) -> Result<Vec<T>, Failure>,
    ) -> Result<Self, Failure> {
        let (cuts, d) = (Cuts::of(source.n()), source.d());
        let kept = match source {
            Source::Memory(_) => cuts.count(),
            Source::File(_) => 1,
        };
        let batch = |at: Range<usize>| zeros(Batch::<L>::len(at.len(), d));
        Ok(Self {
            batches: cuts.each().take(kept).map(batch).collect::<Result<_, _>>()?,
            state: zeros(Dense::<L>::len(p, cuts.longest(), d))?,
            parts: Vec::new(),
        })
    }
}

/// A dense state whose steps are gathered piece by piece.
pub struct Pieces<'m, L: Shared> {
    source: Source<'m, L::Elem>,
    pool: &'m Pool,
    cuts: Cuts,
    /// Holds the first piece as its own batch, which it never steps on.
    dense: Dense<'m, L>,
    /// Packed pieces, as many as there is memory for.
    batches: Vec<Batch<'m, L>>,
    parts: Vec<Part<'m, L>>,
    scratches: Vec<Mutex<Scratch<L::Elem>>>,
}

/// Memory of one thread.
#[derive(Debug, Default)]
struct Scratch<T> {
    rows: Rows<T>,
    packed: Vec<T>,
    state: Vec<T>,
    z: Vec<T>,
}

impl<'m, L: Shared> Pieces<'m, L> {
    /// The state at `net`.
    pub fn new(
        net: NetView<'_, L::Elem>,
        source: Source<'m, L::Elem>,
        scale: Scale,
        pool: &'m Pool,
        memory: &'m mut PiecesMemory<L::Elem>,
    ) -> Result<Self, Failure> {
        let cuts = Cuts::of(source.n());
        let scratches = pool.per_thread(Scratch::default);
        let PiecesMemory { batches, state, parts } = memory;
        let batches =
            pool.each(&scratches, batches.iter_mut().collect(), |scratch, index, memory| {
                Ok(Batch::pack(source.piece(cuts.piece(index), &mut scratch.rows)?, memory)?)
            })?;
        let first = *batches.first().ok_or(Error::Memory { needed: 1, found: 0 })?;
        let dense = Dense::new(net, first, scale, state)?;
        let len = dense.part_len(cuts.longest());
        parts.resize_with(cuts.count(), || vec![L::Elem::ZERO; len]);
        let parts = parts.iter_mut().map(|memory| dense.part(cuts.longest(), memory));
        let parts = parts.collect::<Result<_, _>>()?;
        Ok(Self { source, pool, cuts, dense, batches, parts, scratches })
    }

    /// One Euler step.
    pub fn step(&mut self, dt: L::Elem) -> Result<Step<L::Elem>, Failure> {
        let (source, cuts, batches, dense) = (&self.source, self.cuts, &self.batches, &self.dense);
        self.pool.each(
            &self.scratches,
            self.parts.iter_mut().collect(),
            |scratch, index, part| {
                let Scratch { rows, packed, .. } = scratch;
                let batch = match batches.get(index) {
                    Some(&batch) => batch,
                    None => convert(source, cuts.piece(index), rows, packed)?,
                };
                Ok(dense.gather(batch, part)?)
            },
        )?;
        Ok(self.dense.merge(dt, self.parts.iter())?)
    }

    /// `f(scratch, z, y)` of each piece: z is p x n of its n samples at the present weights, `scratch`
    /// one of `theirs`, which there are as many of as threads. Results in the order of the pieces.
    pub fn measure<S: Send, R: Send>(
        &self,
        net: NetView<'_, L::Elem>,
        theirs: &[Mutex<S>],
        f: impl Fn(&mut S, &[L::Elem], &[L::Elem]) -> Result<R, Failure> + Sync,
    ) -> Result<Vec<R>, Failure> {
        let (p, d) = (net.p(), net.d());
        self.pool.each(&self.scratches, self.cuts.each().collect(), |scratch, index, at| {
            let Scratch { rows, packed, state, z } = scratch;
            let n = at.len();
            state.resize(Dense::<L>::len(p, n, d).max(state.len()), L::Elem::ZERO);
            z.resize(p * n, L::Elem::ZERO);
            let samples = self.source.piece(at, rows)?;
            let batch = match self.batches.get(index) {
                Some(&batch) => batch,
                None => pack(samples, packed)?,
            };
            Dense::<L>::new(net, batch, self.dense.scale(), state)?.pre_activations(z)?;
            f(&mut own(theirs), z, samples.y())
        })
    }

    /// The network.
    pub fn write(&self, net: &mut NetViewMut<'_, L::Elem>) -> Result<(), Failure> {
        Ok(self.dense.write(net)?)
    }

    /// Outer weights.
    pub fn a(&self) -> &[L::Elem] {
        self.dense.a()
    }

    /// What has gone wrong so far.
    pub fn health(&self) -> Health {
        self.dense.health()
    }
}

/// A piece of a file, packed.
fn convert<'a, L: Shared>(
    source: &Source<'_, L::Elem>,
    at: Range<usize>,
    rows: &mut Rows<L::Elem>,
    packed: &'a mut Vec<L::Elem>,
) -> Result<Batch<'a, L>, Failure> {
    pack(source.piece(at, rows)?, packed)
}

fn pack<'a, L: Shared>(
    samples: SamplesView<'_, L::Elem>,
    packed: &'a mut Vec<L::Elem>,
) -> Result<Batch<'a, L>, Failure> {
    let len = Batch::<L>::len(samples.n(), samples.d());
    packed.resize(len.max(packed.len()), L::Elem::ZERO);
    Ok(Batch::pack(samples, packed)?)
}
