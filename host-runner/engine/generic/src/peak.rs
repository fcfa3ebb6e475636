//! The build's own limits: independent chains of multiply-adds in registers, nothing else; and how
//! fast data of a given size are read, or read and written.
use crate::clock::per_call;
use lab::Precision;
use lab::statistics::{max, median};
use reluflow::lanes::{NativeF32, NativeF64};
use reluflow::{Lanes, Real};
use std::hint::black_box;

/// Rounds of the loop in one sample: about 0.2 ms of a wide machine.
const ROUNDS: u64 = 50_000;

/// GFLOP/s of the widest multiply-adds of this build, best over the numbers of chains that different machines
/// like: enough to cover the latency, few enough to stay in registers.
pub fn gflops(precision: Precision) -> f64 {
    match precision {
        Precision::F32 => best::<NativeF32>(),
        Precision::F64 => best::<NativeF64>(),
    }
}

fn best<L: Lanes>() -> f64 {
    max([chains::<L, 8>(), chains::<L, 10>(), chains::<L, 12>()])
}

fn chains<L: Lanes, const N: usize>() -> f64 {
    let ns = per_call(ROUNDS, || spin::<L, N>(ROUNDS));
    (2 * N * L::WIDTH) as f64 / ns
}

#[inline(never)]
fn spin<L: Lanes, const N: usize>(rounds: u64) {
    // x <- x b + c stays near its fixed point 1: neither overflow nor subnormals.
    let half = L::Elem::from_f64(0.5);
    let (b, c) = (L::splat(black_box(half)), L::splat(black_box(half)));
    let mut x = [b; N];
    for _ in 0..rounds {
        for x in &mut x {
            *x = x.mul_add(b, c);
        }
    }
    black_box(x.map(Lanes::sum));
}

/// GB/s of this thread on `bytes` of f32, for the sizes of the caches and beyond: (read, read and
/// written, both directions counted), medians.
pub fn bandwidth(bytes: usize) -> (f64, f64) {
    type L = NativeF32;
    const SAMPLES: usize = 9;
    let mut data = vec![<L as Lanes>::EMPTY; bytes / size_of::<<L as Lanes>::Chunk>()];
    // Some megabytes a sample: long against the timer, short against a time slice.
    let passes = ((16 << 20) / bytes).max(1) as u64;
    let gbs = |ns: f64| bytes as f64 / ns;
    let (mut reads, mut updates) = (Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        let read = || (0..passes).for_each(|_| read::<L>(black_box(&data)));
        reads.push(gbs(per_call(passes, read)));
        let update = || (0..passes).for_each(|_| update::<L>(black_box(&mut data)));
        updates.push(2.0 * gbs(per_call(passes, update)));
    }
    (median(&reads), median(&updates))
}

#[inline(never)]
fn read<L: Lanes>(data: &[L::Chunk]) {
    let mut sums = [L::zero(); 8];
    for group in data.chunks_exact(sums.len()) {
        for (sum, chunk) in sums.iter_mut().zip(group) {
            *sum = *sum + L::load(chunk);
        }
    }
    black_box(sums.map(Lanes::sum));
}

#[inline(never)]
fn update<L: Lanes>(data: &mut [L::Chunk]) {
    let by = black_box(L::splat(L::Elem::ONE));
    for chunk in data {
        (L::load(chunk) * by).store(chunk);
    }
}
