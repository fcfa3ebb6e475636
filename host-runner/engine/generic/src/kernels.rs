//! The doors: all that is compiled for a lane type, as one object that is not generic.
use crate::coordinates::Kind;
use crate::number::Shared;
use crate::parallel::Pool;
use crate::smooth::SmoothFlow;
use crate::trajectory::{self, Plan, Problem, Trajectory};
use crate::{deep, descent, smooth, training};
use deep::{DeepMemory, DeepNetwork, DeepProblem};
use descent::{Descent, Memory};
use lab::{Context, Failure, Precision};
use reluflow::spectrum::{Rules, Spectrum};
use reluflow::{Error, linalg};
use std::marker::PhantomData;
use training::{Spec, Training};

/// The kernels in one arithmetic, in both precisions; where there is none to choose, in f64.
pub trait Kernels: Sync {
    /// A network in training, step by step.
    fn descent<'m>(
        &self,
        precision: Precision,
        kind: Kind,
        problem: &Problem,
        pool: &'m Pool,
        memory: &'m mut Memory,
    ) -> Result<Box<dyn Descent + 'm>, Failure>;
    /// Gradient descent from a start to a flow time.
    fn descend(
        &self,
        precision: Precision,
        context: &Context,
        problem: &Problem,
        plan: &Plan,
        kind: Kind,
    ) -> Result<Trajectory, Failure>;
    /// The gradient flow from a start to a flow time.
    fn integrate(
        &self,
        precision: Precision,
        context: &Context,
        problem: &Problem,
        plan: &Plan,
        kind: Kind,
    ) -> Result<Trajectory, Failure>;
    /// Training on the user's own data.
    fn training<'a>(&self, spec: &Spec<'a>) -> Result<Box<dyn Training + 'a>, Failure>;
    /// A deep network in training.
    fn deep<'m>(
        &self,
        precision: Precision,
        problem: &DeepProblem<'m, '_>,
        memory: &'m mut DeepMemory,
    ) -> Result<Box<dyn DeepNetwork + 'm>, Failure>;
    /// See [`deep::ends`].
    fn ends(
        &self,
        sizes: (usize, usize),
        rules: Rules<f64>,
        stream: (u64, &str, u64),
        product: &mut dyn FnMut(&[f64], &mut [f64]),
    ) -> Result<Spectrum<f64>, Error>;
    /// See [`smooth::begin`].
    fn smooth<'m>(
        &self,
        start: &[f64],
        tolerance: f64,
        memory: &'m mut Vec<f64>,
    ) -> Result<Box<dyn SmoothFlow + 'm>, Error>;
    /// <x, y>.
    fn dot(&self, x: &[f64], y: &[f64]) -> f64;
    /// |x|^2.
    fn norm_sq(&self, x: &[f64]) -> f64;
    /// Names of the lanes of f32 and of f64, e.g. `f32x16`.
    fn names(&self) -> [&'static str; 2];
}

/// The kernels for lanes `S` of f32 and `D` of f64. Whoever makes a `dyn` [`Kernels`] of it has them compiled.
#[derive(Debug)]
pub struct Compiled<S, D>(PhantomData<fn() -> (S, D)>);

impl<S, D> Compiled<S, D> {
    /// The one there is.
    pub const KERNELS: Self = Self(PhantomData);
}

impl<S: Shared<Elem = f32>, D: Shared<Elem = f64>> Kernels for Compiled<S, D> {
    fn descent<'m>(
        &self,
        precision: Precision,
        kind: Kind,
        problem: &Problem,
        pool: &'m Pool,
        memory: &'m mut Memory,
    ) -> Result<Box<dyn Descent + 'm>, Failure> {
        match precision {
            Precision::F32 => descent::begin::<S>(kind, problem, pool, memory.single()),
            Precision::F64 => descent::begin::<D>(kind, problem, pool, memory.double()),
        }
    }

    fn descend(
        &self,
        precision: Precision,
        context: &Context,
        problem: &Problem,
        plan: &Plan,
        kind: Kind,
    ) -> Result<Trajectory, Failure> {
        match precision {
            Precision::F32 => trajectory::descend::<S>(context, problem, plan, kind),
            Precision::F64 => trajectory::descend::<D>(context, problem, plan, kind),
        }
    }

    fn integrate(
        &self,
        precision: Precision,
        context: &Context,
        problem: &Problem,
        plan: &Plan,
        kind: Kind,
    ) -> Result<Trajectory, Failure> {
        match precision {
            Precision::F32 => trajectory::integrate::<S>(context, problem, plan, kind),
            Precision::F64 => trajectory::integrate::<D>(context, problem, plan, kind),
        }
    }

    fn training<'a>(&self, spec: &Spec<'a>) -> Result<Box<dyn Training + 'a>, Failure> {
        match spec.numerics.precision {
            Precision::F32 => training::begin::<S>(spec),
            Precision::F64 => training::begin::<D>(spec),
        }
    }

    fn deep<'m>(
        &self,
        precision: Precision,
        problem: &DeepProblem<'m, '_>,
        memory: &'m mut DeepMemory,
    ) -> Result<Box<dyn DeepNetwork + 'm>, Failure> {
        match precision {
            Precision::F32 => deep::begin::<S>(problem, memory.single()),
            Precision::F64 => deep::begin::<D>(problem, memory.double()),
        }
    }

    fn ends(
        &self,
        sizes: (usize, usize),
        rules: Rules<f64>,
        stream: (u64, &str, u64),
        product: &mut dyn FnMut(&[f64], &mut [f64]),
    ) -> Result<Spectrum<f64>, Error> {
        deep::ends::<D>(sizes, rules, stream, product)
    }

    fn smooth<'m>(
        &self,
        start: &[f64],
        tolerance: f64,
        memory: &'m mut Vec<f64>,
    ) -> Result<Box<dyn SmoothFlow + 'm>, Error> {
        smooth::begin::<D>(start, tolerance, memory)
    }

    fn dot(&self, x: &[f64], y: &[f64]) -> f64 {
        linalg::dot::<D>(x, y)
    }

    fn norm_sq(&self, x: &[f64]) -> f64 {
        linalg::norm_sq::<D>(x)
    }

    fn names(&self) -> [&'static str; 2] {
        [S::NAME, D::NAME]
    }
}
