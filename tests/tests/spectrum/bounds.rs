//! The bounds contain the truth in every one of 10000 matrices, by kind.

use std::any::TypeId;

use conformance::{Random, for_each_lanes};
use reluflow::init::stream;
use reluflow::lanes::NativeF64;
use reluflow::spectrum::{Extreme, Lanczos, Rules, Spectrum};
use reluflow::{Lanes, Real, linalg};

use crate::matrices::{Kind, Matrix};

/// All of them in the widest f64 lanes, a twentieth in the other types, whose rounding is all that differs.
fn share<L: Lanes>(count: usize) -> usize {
    if TypeId::of::<L>() == TypeId::of::<NativeF64>() { count } else { count / 20 }
}

/// No slack: the bounds hold rounding, the oracle's too.
fn holds<T: Real>(extreme: &Extreme<T>, truth: f64) -> bool {
    extreme.low.to_f64() <= truth && truth <= extreme.high.to_f64()
}

#[track_caller]
fn check<T: Real>(at: impl std::fmt::Display, ends: &Spectrum<T>, (least, greatest): (f64, f64)) {
    assert!(holds(&ends.least, least), "{at}: least {least:e} outside of {:?}", ends.least);
    assert!(
        holds(&ends.greatest, greatest),
        "{at}: greatest {greatest:e} outside of {:?}",
        ends.greatest
    );
    for end in [&ends.least, &ends.greatest] {
        assert!(end.low <= end.value && end.value <= end.high, "{at}: {end:?}");
    }
}

/// `count` matrices of `kind`, stopped after 1 to n steps; a few looked at after each step.
fn contained<L: Lanes>(kind: Kind, count: usize) {
    let mut widths = Vec::new();
    for seed in 0..share::<L>(count) as u64 {
        let mut random = Random(seed ^ (kind as u64) << 32);
        let matrix: Matrix<L::Elem> = kind.draw(&mut random);
        let n = matrix.n;
        let steps = (2 + random.index(n)).min(n);
        let at = format!("{kind:?} {seed}, n{n} k{steps}");
        let truth = matrix.truth();
        let ends = matrix.ends::<L>(steps, seed);
        check(&at, &ends, truth);
        let size = truth.0.abs().max(truth.1.abs());
        let relative = |end: &Extreme<L::Elem>| end.width().to_f64() / size.max(f64::MIN_POSITIVE);
        widths.push(relative(&ends.least).max(relative(&ends.greatest)));
        if seed % 16 == 0 {
            let mut memory = vec![L::Elem::ZERO; Lanczos::<L>::len(n, n)];
            let rng = stream(seed, "every step", 0, 0);
            let mut lanczos = Lanczos::<L>::new(n, n, Rules::new(n), rng, &mut memory).unwrap();
            let mut product = |x: &[L::Elem], ax: &mut [L::Elem]| matrix.product::<L>(x, ax);
            while lanczos.step(&mut product).unwrap() {
                check(format!("{at} after {}", lanczos.steps()), &lanczos.spectrum(), truth);
            }
        }
    }
    widths.sort_by(f64::total_cmp);
    let quantile = |q: usize| widths.get(widths.len() * q / 4).copied().unwrap_or(f64::NAN);
    println!(
        "{} {kind:?}: width/|A| quartiles {:.1e} {:.1e} {:.1e}",
        L::NAME,
        quantile(1),
        quantile(2),
        quantile(3)
    );
}

fn goe<L: Lanes>() {
    contained::<L>(Kind::Goe, 1600);
}
for_each_lanes!(native goe);

fn full_gram<L: Lanes>() {
    contained::<L>(Kind::Full, 1200);
}
for_each_lanes!(native full_gram);

fn deficient_gram<L: Lanes>() {
    contained::<L>(Kind::Deficient, 1200);
}
for_each_lanes!(native deficient_gram);

fn clustered<L: Lanes>() {
    contained::<L>(Kind::Clustered, 1600);
}
for_each_lanes!(native clustered);

fn multiple<L: Lanes>() {
    contained::<L>(Kind::Multiple, 1000);
}
for_each_lanes!(native multiple);

fn decaying<L: Lanes>() {
    contained::<L>(Kind::Decay, 1200);
}
for_each_lanes!(native decaying);

fn outlier<L: Lanes>() {
    contained::<L>(Kind::Outlier, 800);
}
for_each_lanes!(native outlier);

fn diagonal<L: Lanes>() {
    contained::<L>(Kind::Diagonal, 400);
}
for_each_lanes!(native diagonal);

fn trivial<L: Lanes>() {
    contained::<L>(Kind::Trivial, 400);
}
for_each_lanes!(native trivial);

fn projection<L: Lanes>() {
    contained::<L>(Kind::Projection, 600);
}
for_each_lanes!(native projection);

/// J J^T by two products, known to be semidefinite: no bound is below 0, and those of a singular one hold 0.
fn semidefinite<L: Lanes>() {
    for seed in 0..share::<L>(400) as u64 {
        let mut random = Random(seed);
        let (n, m) = (1 + random.index(30), 1 + random.index(40));
        let j: Vec<L::Elem> = random.vector(n * m);
        let dot = |i: usize, k: usize| {
            (0..m).map(|l| j[i * m + l].to_f64() * j[k * m + l].to_f64()).sum::<f64>()
        };
        let a: Vec<f64> = (0..n * n).map(|at| dot(at / n, at % n)).collect();
        let values = oracle::symmetric_eigenvalues(&a, n);
        let steps = 1 + random.index(n);
        let mut memory = vec![L::Elem::ZERO; Lanczos::<L>::len(n, steps)];
        // Each factor is a sum of up to n + m products of entries whose absolute values are not aligned.
        let product = L::Elem::from_usize(2 * (n + m)) * L::Elem::EPSILON;
        let rules = Rules { product, semidefinite: true, ..Rules::new(n) };
        let rng = stream(seed, "semidefinite", 0, 0);
        let mut lanczos = Lanczos::<L>::new(n, steps, rules, rng, &mut memory).unwrap();
        let mut transposed = vec![L::Elem::ZERO; m];
        let ends = lanczos
            .run(&mut |x: &[L::Elem], ax: &mut [L::Elem]| {
                transposed.fill(L::Elem::ZERO);
                j.chunks(m).zip(x).for_each(|(j, &x)| linalg::axpy::<L>(x, j, &mut transposed));
                j.chunks(m).zip(ax).for_each(|(j, ax)| *ax = linalg::dot::<L>(j, &transposed));
            })
            .unwrap();
        let least = if m < n { 0.0 } else { values[0].max(0.0) };
        assert!(holds(&ends.least, least), "{seed}: {least:e} outside of {:?}", ends.least);
        assert!(holds(&ends.greatest, values[n - 1]), "{seed}: {:?}", ends.greatest);
        assert!(ends.least.low >= L::Elem::ZERO && ends.greatest.low >= L::Elem::ZERO);
    }
}
for_each_lanes!(native semidefinite);
