//! A self-check: one number that every target, width and optimisation level must compute.
//!
//! Four small networks are trained for 1000 steps each in [`Canonical`] arithmetic: with neurons in
//! the lanes of a dense step, with samples in them, in orthogonal coordinates with two sections and
//! rows that die, and in those of the Gram matrix. [`hash`] of all losses, all mu and the final parameters equals [`HASH`] on
//! every target where addition, multiplication, division and rounding are those of IEEE 754.
//!
//! A device that gives another number computes something else than the host: a compiler that fuses
//! or reorders, flushed subnormals, another rounding mode, or broken memory.

use rand_core::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::canonical::Canonical;
use crate::dense::Dense;
use crate::error::Error;
use crate::gram::Gram;
use crate::init::stream;
use crate::lanes::Lanes;
use crate::network::{NetView, NetViewMut, Scale};
use crate::orthogonal::Orthogonal;
use crate::rows::{slice, slice_mut};
use crate::samples::{Batch, SamplesView};
use crate::step::Step;

/// What [`hash`] returns on every target.
pub const HASH: u64 = 0x5e4d_b913_0f6f_171b;

const STEPS: usize = 1000;

/// Hash of the runs of the module with lanes of type `L`, FNV-1a over the bits of each number.
///
/// Needs some 15 KB of stack without SIMD, 25 KB with it, and no floating-point functions. Cost: 4000 steps of about 1000 multiply-adds.
///
/// ```
/// use reluflow::golden;
/// assert_eq!(golden::hash::<reluflow::lanes::NativeF32>(), golden::HASH);
/// ```
pub fn hash<L: Lanes<Elem = f32>>() -> u64 {
    let mut hash = Fnv::new();
    for run in runs::<L>(&mut hash) {
        // All are: the arrays below are large enough for these sizes.
        hash.add(u32::from(run.is_ok()));
    }
    hash.0
}

/// The first and the last step of each run.
fn runs<L: Lanes<Elem = f32>>(hash: &mut Fnv) -> [Result<[Step<f32>; 2], Error>; 4] {
    [
        dense::<L>((21, 9, 3), hash),
        dense::<L>((5, 12, 10), hash),
        orthogonal::<L>((6, 70, 2), hash),
        gram::<L>((5, 9, 10), hash),
    ]
}

/// FNV-1a over 32-bit words.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, word: u32) {
        for byte in word.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn numbers<'a>(&mut self, numbers: impl IntoIterator<Item = &'a f32>) {
        numbers.into_iter().for_each(|x| self.add(x.to_bits()));
    }

    /// Takes STEPS steps; returns the first and the last.
    fn train(&mut self, mut step: impl FnMut() -> Step<f32>) -> [Step<f32>; 2] {
        let first = step();
        let mut last = first;
        for _ in 1..STEPS {
            self.numbers(&[last.loss, last.mu().unwrap_or(0.0)]);
            last = step();
        }
        self.numbers(&[last.loss, last.mu().unwrap_or(0.0)]);
        [first, last]
    }
}

/// Numbers in [-1, 1): multiples of 2^-23, so that no rounding is left to the target.
fn draw(numbers: &mut [f32], rng: &mut Xoshiro256PlusPlus) {
    for x in numbers {
        *x = (rng.next_u32() >> 8) as f32 * (1.0 / (1 << 23) as f32) - 1.0;
    }
}

/// A start and samples of p, n, d numbers each.
struct Problem {
    w: [f32; 63],
    a: [f32; 21],
    x: [f32; 140],
    y: [f32; 70],
}

impl Problem {
    fn of(sizes: (usize, usize, usize)) -> Self {
        let mut problem = Problem { w: [0.0; 63], a: [0.0; 21], x: [0.0; 140], y: [0.0; 70] };
        let mut rng = stream(sizes.0 as u64, "golden", sizes.1 as u64, sizes.2 as u64);
        for numbers in [&mut problem.w[..], &mut problem.a, &mut problem.x, &mut problem.y] {
            draw(numbers, &mut rng);
        }
        problem
    }

    fn net(&self, (p, _, d): (usize, usize, usize)) -> Result<NetView<'_, f32>, Error> {
        NetView::new(slice(&self.w, ..p * d), slice(&self.a, ..p), d)
    }

    fn samples(&self, (_, n, d): (usize, usize, usize)) -> Result<SamplesView<'_, f32>, Error> {
        SamplesView::new(slice(&self.x, ..n * d), slice(&self.y, ..n), d)
    }
}

fn dense<L: Lanes<Elem = f32>>(
    sizes: (usize, usize, usize),
    hash: &mut Fnv,
) -> Result<[Step<f32>; 2], Error> {
    let problem = Problem::of(sizes);
    let (net, samples) = (problem.net(sizes)?, problem.samples(sizes)?);
    let (mut data, mut memory) = ([0.0; 400], [0.0; 700]);
    let batch = Batch::<Canonical<L>>::pack(samples, &mut data)?;
    let mut state = Dense::new(net, batch, Scale::One, &mut memory)?;
    let ends = hash.train(|| state.step(1.0 / 16.0));
    let (mut w, mut a) = (problem.w, problem.a);
    state.write(&mut trained(&mut w, &mut a, sizes)?)?;
    hash.numbers(w.iter().chain(&a));
    Ok(ends)
}

fn orthogonal<L: Lanes<Elem = f32>>(
    sizes: (usize, usize, usize),
    hash: &mut Fnv,
) -> Result<[Step<f32>; 2], Error> {
    let problem = Problem::of(sizes);
    let (net, samples) = (problem.net(sizes)?, problem.samples(sizes)?);
    let mut memory = [0.0; 1200];
    let mut state = Orthogonal::<Canonical<L>>::new(net, samples, Scale::One, &mut memory)?;
    let ends = hash.train(|| state.step(1.0 / 4.0));
    let (mut w, mut a) = (problem.w, problem.a);
    state.write(net, samples, &mut trained(&mut w, &mut a, sizes)?)?;
    hash.numbers(w.iter().chain(&a));
    Ok(ends)
}

fn gram<L: Lanes<Elem = f32>>(
    sizes: (usize, usize, usize),
    hash: &mut Fnv,
) -> Result<[Step<f32>; 2], Error> {
    let problem = Problem::of(sizes);
    let (net, samples) = (problem.net(sizes)?, problem.samples(sizes)?);
    let mut memory = [0.0; 1000];
    let mut state = Gram::<Canonical<L>>::new(net, samples, Scale::OneOverP, &mut memory)?;
    let ends = hash.train(|| state.step(1.0 / 4.0));
    let (mut w, mut a) = (problem.w, problem.a);
    state.write(net, samples, &mut trained(&mut w, &mut a, sizes)?)?;
    hash.numbers(w.iter().chain(&a));
    Ok(ends)
}

fn trained<'a>(
    w: &'a mut [f32],
    a: &'a mut [f32],
    (p, _, d): (usize, usize, usize),
) -> Result<NetViewMut<'a, f32>, Error> {
    NetViewMut::new(slice_mut(w, ..p * d), slice_mut(a, ..p), d)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;

    /// Runs that fail, diverge or stand still would have a hash too.
    #[test]
    fn every_run_learns() {
        for run in runs::<f32>(&mut Fnv::new()) {
            let [first, last] = run.unwrap();
            assert!(last.loss < 0.9 * first.loss && last.loss > 0.0, "{first:?} {last:?}");
        }
        assert_eq!(Layout::of::<f32>(21, 9, 3), Layout::Neurons);
        assert_eq!(Layout::of::<f32>(5, 12, 10), Layout::Samples);
    }
}
