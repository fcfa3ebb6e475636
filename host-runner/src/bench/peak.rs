//! The build's own limit: independent chains of multiply-adds in registers, nothing else.
use super::measure::per_call;
use reluflow::{Lanes, Real};
use std::hint::black_box;

/// Rounds of the loop in one sample: about 0.2 ms of a wide machine.
const ROUNDS: u64 = 50_000;

/// GFLOP/s of `L::mul_add`, best over the numbers of chains that different machines like: enough
/// to cover the latency, few enough to stay in registers.
pub fn gflops<L: Lanes>() -> f64 {
    chains::<L, 8>().max(chains::<L, 10>()).max(chains::<L, 12>())
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
