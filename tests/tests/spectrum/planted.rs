//! Containment is not for free: it fails where what the bounds rest on is taken away.

use conformance::{Random, for_each_lanes};
use reluflow::init::{self, stream};
use reluflow::spectrum::{Lanczos, Rules, Spectrum};
use reluflow::{Lanes, Real};

use crate::matrices::{Kind, Matrix};
use crate::method::diagonal;

const RUNS: usize = 400;

/// How many of [`RUNS`] intervals of the least eigenvalue miss it, at this failure probability.
fn misses<L: Lanes>(failure: impl Fn(usize) -> f64) -> usize {
    let missed = |seed: u64| {
        let mut random = Random(seed);
        let matrix: Matrix<L::Elem> = Kind::Goe.draw(&mut random);
        let n = matrix.n;
        let steps = 1 + n / 3;
        let rules = Rules { failure: L::Elem::from_f64(failure(n)), ..Rules::new(n) };
        let mut memory = vec![L::Elem::ZERO; Lanczos::<L>::len(n, steps)];
        let rng = stream(seed, "misses", 0, 0);
        let mut lanczos = Lanczos::<L>::new(n, steps, rules, rng, &mut memory).unwrap();
        let product = &mut |x: &[L::Elem], ax: &mut [L::Elem]| matrix.product::<L>(x, ax);
        let ends = lanczos.run(product).unwrap();
        ends.least.low.to_f64() > matrix.truth().0
    };
    (0..RUNS as u64).filter(|&seed| missed(seed)).count()
}

/// At 1e-12 none misses. At 1/5 fewer than that do: the estimate is off by the 4 of two ends and
/// two choices, and by 2 for what earlier spaces may hold. With delta = 1, as if the start were the
/// eigenvector, many do.
fn the_probability_is_meant<L: Lanes>() {
    assert_eq!(misses::<L>(|_| 1e-12), 0);
    let few = misses::<L>(|_| 0.2);
    println!("{few} of {RUNS} miss at 1/5");
    assert!(few <= RUNS / 5, "{few} of {RUNS} miss at 1/5");
    let one = |n: usize| 4.0 * (8.0 / std::f64::consts::PI * n as f64).sqrt();
    let many = misses::<L>(one);
    println!("{many} of {RUNS} miss with delta = 1");
    assert!(many > RUNS / 4, "only {many} of {RUNS} miss with delta = 1");
}
for_each_lanes!(native the_probability_is_meant);

fn from_start<L: Lanes>(values: &[f64], start: &[L::Elem], steps: usize) -> Spectrum<L::Elem> {
    let (matrix, n) = (diagonal::<L::Elem>(values), values.len());
    let mut memory = vec![L::Elem::ZERO; Lanczos::<L>::len(n, steps)];
    let rng = stream(1, "planted", 0, 0);
    let mut lanczos =
        Lanczos::<L>::with_start(start, steps, Rules::new(n), rng, &mut memory).unwrap();
    lanczos.run(&mut |x: &[L::Elem], ax: &mut [L::Elem]| matrix.product::<L>(x, ax)).unwrap()
}

/// A start that has nothing of the least eigenvector never sees it; one that has is right.
fn a_start_that_is_not_random<L: Lanes>() {
    let n = 40;
    let mut values: Vec<f64> = (0..n).map(|i| 1.0 + i as f64 / n as f64).collect();
    values[0] = 0.0;
    let mut rng = stream(2, "planted", 0, 0);
    let mut start: Vec<L::Elem> =
        (0..n).map(|_| L::Elem::from_f64(init::normal(&mut rng))).collect();
    let right = from_start::<L>(&values, &start, 20);
    assert!(right.least.low.to_f64() <= 0.0 && right.least.high.to_f64() >= 0.0);
    start[0] = L::Elem::ZERO;
    let wrong = from_start::<L>(&values, &start, 20);
    assert!(wrong.least.low.to_f64() > 0.1, "{wrong:?}");
}
for_each_lanes!(native a_start_that_is_not_random);
