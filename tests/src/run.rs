//! Runs of the three steps, with the memory that each needs.

use reluflow::{Batch, Dense, Gram, Health, Lanes, NetViewMut, Orthogonal, Real, Sizes, Step};

use crate::Problem;

/// Which step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// In w.
    Dense,
    /// In u, by the Gram matrix.
    Gram,
    /// In u, orthogonal samples.
    Orthogonal,
}

/// What a run leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace<T> {
    /// Loss before each step.
    pub loss: Vec<T>,
    /// mu before each step.
    pub mu: Vec<T>,
    /// Final inner weights.
    pub w: Vec<T>,
    /// Final outer weights.
    pub a: Vec<T>,
    /// What went wrong.
    pub health: Health,
}

impl<T: Real> Trace<T> {
    /// A hash of every bit.
    pub fn hash(&self) -> u64 {
        fnv(self.loss.iter().chain(&self.mu).chain(&self.w).chain(&self.a).copied())
    }
}

/// FNV-1a over the bits of the numbers, byte by byte.
pub fn fnv<T: Real>(values: impl IntoIterator<Item = T>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for value in values {
        for byte in value.bits().to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    hash
}

/// A dense state at the start of `problem`.
pub fn with_dense<L: Lanes, R>(
    problem: &Problem<L::Elem>,
    f: impl FnOnce(&mut Dense<'_, L, Sizes>) -> R,
) -> R {
    let (p, n, d) = (problem.p, problem.n, problem.d);
    // Whatever the memory held before must not matter.
    let junk = L::Elem::from_f64(f64::NAN);
    let mut data = vec![junk; Batch::<L>::len(n, d)];
    let mut memory = vec![junk; Dense::<L>::len(p, n, d)];
    let batch = Batch::<L>::pack(problem.samples(), &mut data).expect("exact length");
    f(&mut Dense::new(problem.net(), batch, problem.scale, &mut memory).expect("exact length"))
}

/// A Gram state at the start of `problem`.
pub fn with_gram<L: Lanes, R>(
    problem: &Problem<L::Elem>,
    f: impl FnOnce(&mut Gram<'_, L, Sizes>) -> R,
) -> R {
    let mut memory = vec![L::Elem::from_f64(f64::NAN); Gram::<L>::len(problem.p, problem.n)];
    let (net, samples) = (problem.net(), problem.samples());
    f(&mut Gram::new(net, samples, problem.scale, &mut memory).expect("exact length"))
}

/// An orthogonal state at the start of `problem`.
pub fn with_orthogonal<L: Lanes, R>(
    problem: &Problem<L::Elem>,
    f: impl FnOnce(&mut Orthogonal<'_, L, Sizes>) -> R,
) -> R {
    let mut memory = vec![L::Elem::from_f64(f64::NAN); Orthogonal::<L>::len(problem.p, problem.n)];
    let (net, samples) = (problem.net(), problem.samples());
    f(&mut Orthogonal::new(net, samples, problem.scale, &mut memory).expect("exact length"))
}

/// `steps` steps of length `dt` by `way`.
pub fn run<L: Lanes>(
    problem: &Problem<L::Elem>,
    way: Way,
    steps: usize,
    dt: f64,
) -> Trace<L::Elem> {
    let dt = L::Elem::from_f64(dt);
    let (mut w, mut a) = (problem.w.clone(), problem.a.clone());
    let mut net = NetViewMut::new(&mut w, &mut a, problem.d).expect("p x d");
    let (start, samples) = (problem.net(), problem.samples());
    let (reports, health) = match way {
        Way::Dense => with_dense::<L, _>(problem, |state| {
            let reports = collect(steps, || state.step(dt));
            state.write(&mut net).expect("same sizes");
            (reports, state.health())
        }),
        Way::Gram => with_gram::<L, _>(problem, |state| {
            let reports = collect(steps, || state.step(dt));
            state.write(start, samples, &mut net).expect("same sizes");
            (reports, state.health())
        }),
        Way::Orthogonal => with_orthogonal::<L, _>(problem, |state| {
            let reports = collect(steps, || state.step(dt));
            state.write(start, samples, &mut net).expect("same sizes");
            (reports, state.health())
        }),
    };
    let loss = reports.iter().map(|step| step.loss).collect();
    let zero = L::Elem::ZERO;
    let mu = reports.iter().map(|step| step.mu().unwrap_or(zero)).collect();
    Trace { loss, mu, w, a, health }
}

fn collect<T>(steps: usize, mut step: impl FnMut() -> Step<T>) -> Vec<Step<T>> {
    (0..steps).map(|_| step()).collect()
}
