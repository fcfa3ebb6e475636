//! One way to take a step, built on a fixture, checked against the reference, ready to be timed.
use crate::grid::{Alive, CHECKED_STEPS, Fixture, Size};
use engine::descent::{Memory, descent};
use engine::parallel::Pool;
use engine::trajectory::{Problem, Start};
use engine::{Kind, Numerics};
use lab::{Failure, Precision};
use oracle::{euler_step, gram_step, orthogonal_step, pre_activations};
use reluflow::{
    Batch, Dense, Error, Fixed, Gram, Lanes, Net, NetView, Orthogonal, Real, Replicas, SamplesView,
    Scale, Step,
};
use std::hint::black_box;

/// Takes some steps of a given length; returns (L, mu) at the start of the last one.
pub type Run = Box<dyn FnMut(u64, f64) -> (f64, f64)>;

/// A way to take a step, at a size.
pub struct Case {
    /// Where on the grid.
    pub size: Size,
    /// `dense`, `dense-fixed`, `replicas-fixed`, `orthogonal`, `orthogonal-half`, `gram`, ...
    pub step: &'static str,
    /// `f32x16`, `canonical-f32x16`, ..., or `naive-f64` for the reference.
    pub lanes: String,
    /// Is it the reference itself?
    pub naive: bool,
    /// Single precision?
    pub single: bool,
    /// Floating-point operations of one step; see [`dense_flops`], [`orthogonal_flops`],
    /// [`gram_flops`].
    pub flops: f64,
    /// Networks that one call of the step moves: times are for one of them.
    pub networks: usize,
    /// The step.
    pub run: Run,
}

/// 4 p n d: two products of p n d multiply-adds. What is linear in n or d is not counted.
pub fn dense_flops(size: Size) -> f64 {
    4.0 * size.products() as f64
}

/// 7 p n: for each pair a multiply-add into h, one into da, an addition into |dw|^2 and a
/// multiply-add into u. Comparisons and what is linear in p or n are not counted.
pub fn orthogonal_flops(size: Size) -> f64 {
    7.0 * (size.p * size.n) as f64
}

/// 2 p n^2: one product of p n^2 multiply-adds. The O(p n) rest is not counted.
pub fn gram_flops(size: Size) -> f64 {
    2.0 * (size.p * size.n * size.n) as f64
}

impl Case {
    /// Frozen name, e.g. `step/dense/f32x16/p39_n3000_d100`.
    pub fn id(&self) -> String {
        let (step, lanes, slug) = (self.step, &self.lanes, self.size.slug());
        match (self.naive, step) {
            (false, _) => format!("step/{step}/{lanes}/{slug}"),
            (true, "dense") => format!("step/naive-f64/{slug}"),
            (true, _) => format!("step/naive-{step}-f64/{slug}"),
        }
    }

    /// Takes the first steps and compares (loss, curvature) with the reference's; returns the
    /// largest relative error.
    ///
    /// # Errors
    /// A sentence, when the error is beyond rounding.
    pub fn check(&mut self, expected: &[(f64, f64)]) -> Result<f64, String> {
        if self.naive && matches!(self.step, "dense" | "deep") {
            return Ok(0.0); // It is what the others are compared with.
        }
        let tolerance = tolerance(self.single);
        let mut largest = 0.0f64;
        for (index, &expected) in expected.iter().enumerate() {
            let found = (self.run)(1, self.size.dt);
            let error = apart(found.0, expected.0).max(apart(found.1, expected.1));
            if error > tolerance {
                return Err(format!(
                    "{} computes wrong: at step {index} of {CHECKED_STEPS} it has (loss, mu) = \
                     {found:?}, the reference {expected:?}; please report this",
                    self.id()
                ));
            }
            largest = largest.max(error);
        }
        Ok(largest)
    }

    fn of<L: Lanes>(fixture: &Fixture, step: &'static str, flops: f64, run: Run) -> Self {
        let (size, single) = (fixture.size, is_single::<L>());
        Self { size, step, lanes: lanes::<L>(), naive: false, single, flops, networks: 1, run }
    }

    fn naive(fixture: &Fixture, step: &'static str, flops: f64, run: Run) -> Self {
        let lanes = "naive-f64".to_string();
        let (size, networks) = (fixture.size, 1);
        Self { size, step, lanes, naive: true, single: false, flops, networks, run }
    }
}

/// Largest relative error of a loss, curvature or gradient that rounding explains at these sizes:
/// some ten times what is measured.
pub fn tolerance(single: bool) -> f64 {
    if single { 2e-5 } else { 2e-13 }
}

/// Relative distance; infinite where one is NaN.
pub fn apart(found: f64, expected: f64) -> f64 {
    let error = (found - expected).abs() / expected.abs();
    if error.is_nan() { f64::INFINITY } else { error }
}

/// Is the lane type single precision?
pub fn is_single<L: Lanes>() -> bool {
    size_of::<L::Elem>() == size_of::<f32>()
}

/// Spelling of a lane type in ids.
pub fn lanes<L: Lanes>() -> String {
    if L::CANONICAL { format!("canonical-{}", L::NAME) } else { L::NAME.to_string() }
}

/// A fixture in the precision of the kernels.
pub struct Rounded<T> {
    x: Vec<T>,
    y: Vec<T>,
    w: Vec<T>,
    a: Vec<T>,
    d: usize,
}

impl<T: Real> Rounded<T> {
    /// Exact: every number of a fixture is an f32.
    pub fn new(fixture: &Fixture) -> Self {
        let round = |from: &[f64]| from.iter().map(|&x| T::from_f64(x)).collect();
        let (net, data) = (&fixture.net, &fixture.data);
        let (x, y, w, a) = (round(&data.x), round(&data.y), round(&net.w), round(&net.a));
        Self { x, y, w, a, d: net.d }
    }

    /// The start.
    pub fn net(&self) -> Result<NetView<'_, T>, Error> {
        NetView::new(&self.w, &self.a, self.d)
    }

    /// The data.
    pub fn samples(&self) -> Result<SamplesView<'_, T>, Error> {
        SamplesView::new(&self.x, &self.y, self.d)
    }
}

/// Memory of a state. Given away for good: a state borrows it for as long as it is measured, and
/// measuring is all that the process does.
pub(crate) fn memory<T: Real>(len: usize) -> &'static mut [T] {
    vec![T::ZERO; len].leak()
}

/// The step in these coordinates as a run of the command takes it, through the door of the crate `engine`: the code
/// that is timed is the code that trains. Orthogonal coordinates need an orthogonal fixture; their flops are those
/// of the pairs that are alive.
///
/// # Errors
/// None for the sizes of the grid.
pub fn trained(fixture: &Fixture, kind: Kind, numerics: Numerics) -> Result<Case, Failure> {
    let (net, data, size) = (&fixture.net, &fixture.data, fixture.size);
    let problem = Problem {
        x: data.x.clone(),
        y: data.y.clone(),
        d: size.d,
        start: Start { w: net.w.clone(), a: net.a.clone(), exponent: 0 },
        scale: Scale::OneOverP,
    };
    let memory: &'static mut Memory = Box::leak(Box::default());
    let mut state = descent(numerics, kind, &problem, &Pool::ALONE, memory)?;
    let (step, flops) = match kind {
        Kind::Dense => ("dense", dense_flops(size)),
        Kind::Gram => ("gram", gram_flops(size)),
        Kind::Orthogonal if fixture.alive == Alive::Random => {
            ("orthogonal", orthogonal_flops(size))
        }
        Kind::Orthogonal => (fixture.alive.step(), 7.0 * state.live().unwrap_or(0) as f64),
    };
    let run: Run = Box::new(move |steps, dt| match state.steps(steps, dt) {
        Ok(report) => (report.loss, report.mu.unwrap_or(f64::NAN)),
        Err(_) => (f64::NAN, f64::NAN),
    });
    let single = numerics.precision == Precision::F32;
    let lanes = engine::lanes(numerics);
    Ok(Case { size, step, lanes, naive: false, single, flops, networks: 1, run })
}

/// Packs the data of a fixture.
fn batch<L: Lanes>(start: &Rounded<L::Elem>) -> Result<Batch<'static, L>, Error> {
    let samples = start.samples()?;
    Batch::pack(samples, memory(Batch::<L>::len(samples.n(), samples.d())))
}

/// A dense state at the start of the fixture, sizes known at run time.
///
/// No builder of this file fails for the sizes of the grid.
pub fn dense_state<L: Lanes>(fixture: &Fixture) -> Result<Dense<'static, L>, Error> {
    let Size { p, n, d, .. } = fixture.size;
    let start = Rounded::new(fixture);
    Dense::new(start.net()?, batch(&start)?, Scale::OneOverP, memory(Dense::<L>::len(p, n, d)))
}

/// The dense step with sizes known at run time.
pub fn dense<L: Lanes>(fixture: &Fixture) -> Result<Case, Error> {
    let run = runner(dense_state::<L>(fixture)?, Dense::step);
    Ok(Case::of::<L>(fixture, "dense", dense_flops(fixture.size), run))
}

/// The dense step with sizes that are constants, which must be those of the fixture.
pub fn dense_fixed<L: Lanes, const P: usize, const N: usize, const D: usize>(
    fixture: &Fixture,
) -> Result<Case, Error> {
    let start = Rounded::<L::Elem>::new(fixture);
    let mut net = Net::<L::Elem, P, D>::zero();
    net.w.as_flattened_mut().copy_from_slice(&start.w);
    net.a.copy_from_slice(&start.a);
    let state = Dense::<L, Fixed<P, N, D>>::fixed(
        &net,
        batch(&start)?,
        Scale::OneOverP,
        memory(Dense::<L>::len(P, N, D)),
    )?;
    Ok(Case::of::<L>(fixture, "dense-fixed", dense_flops(fixture.size), runner(state, Dense::step)))
}

/// Replicas of the fixture in all lanes, with sizes that are constants and those of the fixture.
/// Flops and times are those of one replica.
pub fn replicas_fixed<L: Lanes, const P: usize, const N: usize, const D: usize>(
    fixture: &Fixture,
) -> Result<Case, Error> {
    let start = Rounded::<L::Elem>::new(fixture);
    let memory = memory(Replicas::<L>::len(P, N, D));
    let mut state = Replicas::<L, Fixed<P, N, D>>::fixed(Scale::OneOverP, memory)?;
    for lane in 0..state.lanes() {
        state.set(lane, start.net()?, start.samples()?)?;
    }
    // Lanes do not mix, so that one of them speaks for all.
    let last = state.lanes() - 1;
    let run = runner(state, move |state, dt| state.step(dt).of(last));
    let case = Case::of::<L>(fixture, "replicas-fixed", dense_flops(fixture.size), run);
    Ok(Case { networks: L::WIDTH, ..case })
}

/// The step in orthogonal coordinates; the fixture must be orthogonal. Flops are those of the
/// pairs that are alive.
pub fn orthogonal<L: Lanes>(fixture: &Fixture) -> Result<Case, Error> {
    let Size { p, n, .. } = fixture.size;
    let start = Rounded::new(fixture);
    let memory = memory(Orthogonal::<L>::len(p, n));
    let state = Orthogonal::<L>::new(start.net()?, start.samples()?, Scale::OneOverP, memory)?;
    let flops = if fixture.alive == Alive::Random {
        orthogonal_flops(fixture.size)
    } else {
        7.0 * state.live() as f64
    };
    Ok(Case::of::<L>(fixture, fixture.alive.step(), flops, runner(state, Orthogonal::step)))
}

/// The step in Gram coordinates.
pub fn gram<L: Lanes>(fixture: &Fixture) -> Result<Case, Error> {
    let Size { p, n, .. } = fixture.size;
    let start = Rounded::new(fixture);
    let memory = memory(Gram::<L>::len(p, n));
    let state = Gram::<L>::new(start.net()?, start.samples()?, Scale::OneOverP, memory)?;
    Ok(Case::of::<L>(fixture, "gram", gram_flops(fixture.size), runner(state, Gram::step)))
}

/// The reference's dense step: what every ratio is to.
pub fn naive_dense(fixture: &Fixture) -> Case {
    let (mut net, data, s) = (fixture.net.clone(), fixture.data.clone(), fixture.scale());
    let run = repeated(move |dt| euler_step(&mut net, &data, s, dt));
    Case::naive(fixture, "dense", dense_flops(fixture.size), run)
}

/// The reference's step in orthogonal coordinates.
pub fn naive_orthogonal(fixture: &Fixture) -> Case {
    let mut u = pre_activations(&fixture.net, &fixture.data);
    let (mut a, y, s) = (fixture.net.a.clone(), fixture.data.y.clone(), fixture.scale());
    let norm_sq = fixture.norm_sq();
    let run = repeated(move |dt| orthogonal_step(&mut u, &mut a, &norm_sq, &y, s, dt));
    Case::naive(fixture, "orthogonal", orthogonal_flops(fixture.size), run)
}

/// The reference's step in Gram coordinates.
pub fn naive_gram(fixture: &Fixture) -> Case {
    let mut u = pre_activations(&fixture.net, &fixture.data);
    let (mut a, y, s) = (fixture.net.a.clone(), fixture.data.y.clone(), fixture.scale());
    let (mut dual, g) = (vec![0.0; u.len()], fixture.gram());
    let run = repeated(move |dt| gram_step(&mut u, &mut a, &mut dual, &g, &y, s, dt));
    Case::naive(fixture, "gram", gram_flops(fixture.size), run)
}

/// Steps of a kernel's state.
pub(crate) fn runner<S: 'static, T: Real>(
    mut state: S,
    mut step: impl FnMut(&mut S, T) -> Step<T> + 'static,
) -> Run {
    repeated(move |dt| {
        let step = step(&mut state, T::from_f64(dt));
        (step.loss.to_f64(), step.mu().map_or(f64::NAN, T::to_f64))
    })
}

pub(crate) fn repeated(mut step: impl FnMut(f64) -> (f64, f64) + 'static) -> Run {
    Box::new(move |steps, dt| {
        let mut last = (f64::NAN, f64::NAN);
        for _ in 0..steps {
            last = black_box(step(black_box(dt)));
        }
        last
    })
}
