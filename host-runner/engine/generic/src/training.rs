//! Training on the user's own data: `reluflow train`.
//!
//! | question | file |
//! |---|---|
//! | the loop of gradient descent | `session` |
//! | the gradient flow | `integrate` |
//! | what is measured at a checkpoint, how long may a step be? | `monitor` |
mod integrate;
mod monitor;
mod session;

pub use integrate::Options as FlowOptions;
pub use session::{Checkpoint, Options as DescentOptions, Trained};

use crate::coordinates::{Choice, Kind, plan};
use crate::facts::Facts;
use crate::number::{Shared, narrow};
use crate::numerics::Numerics;
use crate::parallel::{Cuts, Pool, cores};
use crate::sample_file::{Rows, SampleFile};
use crate::state::ProblemIn;
use lab::Failure;
use lab::keeper::Keeper;
use lab::progress::Progress;
use monitor::Test;
use reluflow::init::{self, Inner};
use reluflow::{Batch, NetViewMut, Real, SamplesView, Scale};
use std::path::Path;
use std::sync::Arc;

/// Multiply-adds of a step, some 90 us, below which other threads are not woken unless asked for:
/// waking them takes tens of microseconds (docs/threads.md).
const WORTH_WAKING: f64 = 4e6;

/// Law of the weights at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// |a_j| = |w_j|, Gaussian w: paper `orthogonal`.
    Balanced,
    /// |a_j| = |w_j| + Exp(1): paper `weak`.
    Asymmetric(Inner),
}

/// Samples, in memory or in a file.
#[derive(Debug, Clone)]
pub struct Samples<'a> {
    /// n x d; empty where there is a file.
    pub x: &'a [f64],
    /// n; empty likewise.
    pub y: &'a [f64],
    /// The file that they stay in, if they do.
    pub file: Option<Arc<dyn SampleFile>>,
    /// How many.
    pub n: usize,
    /// Input dimension.
    pub d: usize,
}

/// What is trained, from where, and how.
#[derive(Debug, Clone)]
pub struct Spec<'a> {
    /// Float type and arithmetic.
    pub numerics: Numerics,
    /// Neurons.
    pub p: usize,
    /// Law of the start, and its size.
    pub law: (Law, f64),
    /// Seed of the start.
    pub seed: u64,
    /// Output scale.
    pub scale: Scale,
    /// The training data.
    pub samples: Samples<'a>,
    /// For messages: where they come from.
    pub source: &'a Path,
    /// Data to measure the loss on as well.
    pub test: Option<Samples<'a>>,
    /// Coordinates of the step, if not those that suit the data.
    pub coordinates: Option<Kind>,
    /// Threads, if not as many as are worth waking.
    pub threads: Option<usize>,
}

/// A network that is ready to be trained.
pub trait Training {
    /// What the theory asks of the data, as the kernels see them.
    fn facts(&self) -> &Facts;
    /// Which step is taken, and why.
    fn plan(&self) -> &Choice;
    /// Threads that share the samples.
    fn threads(&self) -> usize;
    /// Unit roundoff of the float type.
    fn epsilon(&self) -> f64;
    /// Gradient descent, from the checkpoint if there is one.
    fn descend(
        &self,
        options: DescentOptions,
        services: (&Keeper<'_>, &Progress),
    ) -> Result<Trained, Failure>;
    /// The gradient flow.
    fn flow(
        &self,
        options: FlowOptions,
        services: (&Keeper<'_>, &Progress),
    ) -> Result<Trained, Failure>;
}

/// Draws the start, measures the data and chooses the step.
pub fn begin<'a, L: Shared>(spec: &Spec<'a>) -> Result<Box<dyn Training + 'a>, Failure> {
    Ok(Box::new(Ready::<L>::new(spec)?))
}

struct Ready<'a, L: Shared> {
    problem: ProblemIn<L::Elem>,
    facts: Facts,
    plan: Choice,
    pool: Pool,
    test: Option<Samples<'a>>,
}

impl<'a, L: Shared> Ready<'a, L> {
    fn new(spec: &Spec<'a>) -> Result<Self, Failure> {
        let problem = problem::<L>(spec)?;
        let (p, n, d) = problem.sizes();
        let pieces = Cuts::of(n).count();
        let enough = if Kind::Dense.cost(p, n, d) < WORTH_WAKING { 1 } else { cores() };
        let pool = Pool::new(spec.threads.unwrap_or(enough).min(pieces))?;
        // The facts are about the samples as the kernels see them.
        let facts = Facts::over(&problem.source()?, &pool, L::Elem::EPSILON.to_f64())?;
        let plan = plan(&facts, p, d, spec.coordinates)?;
        Ok(Self { problem, facts, plan, pool, test: spec.test.clone() })
    }

    /// `train` with the test data packed.
    fn with_test<R>(
        &self,
        train: impl FnOnce(Option<Test<'_, L>>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let Some(test) = &self.test else { return train(None) };
        let (p, _, d) = self.problem.sizes();
        let (x, y) = (narrow::<L::Elem>(test.x), narrow::<L::Elem>(test.y));
        let mut packed = vec![L::Elem::ZERO; Batch::<L>::len(test.n, d)];
        let samples = SamplesView::new(&x, &y, d)?;
        train(Some(Test::new(samples, p, self.problem.scale, &mut packed)?))
    }
}

impl<L: Shared> Training for Ready<'_, L> {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn plan(&self) -> &Choice {
        &self.plan
    }

    fn threads(&self) -> usize {
        self.pool.threads()
    }

    fn epsilon(&self) -> f64 {
        L::Elem::EPSILON.to_f64()
    }

    fn descend(
        &self,
        options: DescentOptions,
        services: (&Keeper<'_>, &Progress),
    ) -> Result<Trained, Failure> {
        let (problem, facts, plan) = (&self.problem, &self.facts, &self.plan);
        self.with_test(|test| {
            session::train::<L>(problem, facts, plan, options, test, &self.pool, services)
        })
    }

    fn flow(
        &self,
        options: FlowOptions,
        services: (&Keeper<'_>, &Progress),
    ) -> Result<Trained, Failure> {
        let (problem, facts, plan) = (&self.problem, &self.facts, &self.plan);
        self.with_test(|test| {
            integrate::integrate::<L>(problem, facts, plan, options, test, &self.pool, services)
        })
    }
}

/// The network at the start, on the samples in the precision of the lanes.
fn problem<L: Shared>(spec: &Spec<'_>) -> Result<ProblemIn<L::Elem>, Failure> {
    let data = &spec.samples;
    let (p, d, (law, lambda)) = (spec.p, data.d, spec.law);
    let (mut w, mut a) = (vec![L::Elem::ZERO; p * d], vec![L::Elem::ZERO; p]);
    let mut rng = init::stream(spec.seed, "train", 0, 0);
    let mut net = NetViewMut::new(&mut w, &mut a, d)?;
    match law {
        Law::Balanced => init::balanced::<L>(&mut net, lambda, &mut rng),
        Law::Asymmetric(inner) => init::asymmetric::<L>(&mut net, inner, &mut rng),
    }
    if law != Law::Balanced && lambda != 1.0 {
        for weight in w.iter_mut().chain(&mut a) {
            *weight = L::Elem::from_f64(lambda * weight.to_f64());
        }
    }
    let mut problem = ProblemIn {
        x: narrow::<L::Elem>(data.x),
        y: narrow(data.y),
        stream: data.file.clone(),
        n: data.n,
        mean_square: 0.0,
        w,
        a,
        d,
        scale: spec.scale,
    };
    let (mut squares, mut mean_square) = ([L::Elem::ZERO; 2], 0.0);
    let mut rows = Rows::default();
    let source = problem.source()?;
    for piece in Cuts::of(data.n).each() {
        let samples = source.piece(piece, &mut rows)?;
        for (square, v) in squares.iter_mut().zip([samples.x(), samples.y()]) {
            v.iter().for_each(|&v| *square += v * v);
        }
        samples.y().iter().for_each(|y| mean_square += y.to_f64().powi(2));
    }
    if !squares.iter().all(|square| square.is_finite()) {
        return Err(Failure::bad_input(format!(
            "{}: found numbers whose squares do not fit f32; use --precision f64 or \
             --standardize",
            spec.source.display()
        )));
    }
    problem.mean_square = mean_square / data.n as f64;
    Ok(problem)
}
