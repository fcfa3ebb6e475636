//! The method itself: cases by hand, how wide the bounds are, Ritz vectors, breakdown, interruption, errors.

use conformance::precision::{Tolerance, check};
use conformance::{Random, for_each_lanes, wide, widen};
use reluflow::init::{self, stream};
use reluflow::spectrum::{End, Extreme, Lanczos, Rules, Spectrum};
use reluflow::{Canonical, Dim, Error, Lanes, Real, linalg};

use crate::matrices::{Kind, Matrix};

const KINDS: [Kind; 10] = [
    Kind::Goe,
    Kind::Full,
    Kind::Deficient,
    Kind::Clustered,
    Kind::Multiple,
    Kind::Decay,
    Kind::Outlier,
    Kind::Diagonal,
    Kind::Trivial,
    Kind::Projection,
];

pub fn diagonal<T: Real>(values: &[f64]) -> Matrix<T> {
    let n = values.len();
    let mut a = vec![0.0; n * n];
    (0..n).for_each(|i| a[i * n + i] = values[i]);
    Matrix::new(n, &a)
}

/// [[2, 1], [1, 2]]: 1 and 3, with the vectors (1, -1) and (1, 1).
fn by_hand<L: Lanes>() {
    let matrix = Matrix::<L::Elem>::new(2, &[2.0, 1.0, 1.0, 2.0]);
    let mut product = |x: &[L::Elem], ax: &mut [L::Elem]| matrix.product::<L>(x, ax);
    let mut memory = vec![L::Elem::ZERO; Lanczos::<L>::len(2, 2)];
    let rng = stream(1, "by hand", 0, 0);
    let mut lanczos = Lanczos::<L>::new(2, 2, Rules::new(2), rng, &mut memory).unwrap();
    let nothing = lanczos.spectrum();
    assert!(nothing.least.low == -L::Elem::INFINITY && nothing.greatest.high == L::Elem::INFINITY);
    assert!(!nothing.converged(L::Elem::ONE) && nothing.norm() == L::Elem::INFINITY);
    let ends = lanczos.run(&mut product).unwrap();
    let tolerance = Tolerance::Spectrum { n: 2, steps: 2 };
    check("least", ends.least.value, 1.0, 3.0, tolerance);
    check("greatest", ends.greatest.value, 3.0, 3.0, tolerance);
    check("norm", ends.norm(), 3.0, 3.0, tolerance);
    assert!(ends.converged(L::Elem::from_f64(1e-4)) && !ends.converged(L::Elem::ZERO));
    assert!(ends.least.converged(L::Elem::from_f64(1e-3)));
    let mut x = [L::Elem::ZERO; 2];
    for (end, sign) in [(End::Least, -1.0), (End::Greatest, 1.0)] {
        let value = lanczos.vector(end, &mut x).unwrap();
        check("value", value, 2.0 + sign, 3.0, tolerance);
        check("component", x[0] * x[0], 0.5, 1.0, tolerance);
        check("components", x[0] * x[1], sign * 0.5, 1.0, tolerance);
    }
}
for_each_lanes!(by_hand);

/// After n steps nothing but rounding is left, for every kind of matrix.
fn whole_runs_are_as_wide_as_rounding<L: Lanes>() {
    for (seed, kind) in (0..10).flat_map(|seed| KINDS.map(|kind| (seed, kind))) {
        let matrix: Matrix<L::Elem> = kind.draw(&mut Random(seed));
        let n = matrix.n;
        let (least, greatest) = matrix.truth();
        let size = least.abs().max(greatest.abs());
        let ends = matrix.ends::<L>(n, seed);
        let tolerance = Tolerance::Spectrum { n, steps: n };
        for (end, truth) in [(ends.least, least), (ends.greatest, greatest)] {
            let at = format!("{kind:?} {seed} n{n}");
            check(&at, end.value, truth, size, tolerance);
            check(&at, end.width(), 0.0, size, tolerance);
            check(&at, end.residual, 0.0, size, tolerance);
        }
    }
}
for_each_lanes!(native whole_runs_are_as_wide_as_rounding);

/// Each doubling of the steps narrows both intervals.
fn more_steps_say_more<L: Lanes>() {
    for (seed, kind) in [Kind::Goe, Kind::Full, Kind::Diagonal].into_iter().enumerate() {
        let mut random = Random(100 + seed as u64);
        let matrix: Matrix<L::Elem> = loop {
            let matrix = kind.draw(&mut random);
            if matrix.n >= 36 {
                break matrix;
            }
        };
        let mut before = [L::Elem::INFINITY; 2];
        for steps in [1, 2, 4, 8, 16, 32, matrix.n] {
            let ends = matrix.ends::<L>(steps, 3);
            let now = [ends.least.width(), ends.greatest.width()];
            // The last steps add nothing but their own rounding.
            let tolerance = Tolerance::Spectrum { n: matrix.n, steps };
            let rounding = L::Elem::from_f64(tolerance.of::<L::Elem>(ends.norm().to_f64()));
            let narrower = |end: usize| now[end] < before[end] || now[end] <= rounding;
            assert!(narrower(0) && narrower(1), "{kind:?} {steps}: {ends:?}");
            before = now;
        }
    }
}
for_each_lanes!(native more_steps_say_more);

/// A gap makes a few steps enough: n = 300, eigenvalues in [1, 2] but for 0 and 4.
fn a_gap_is_found_in_few_steps<L: Lanes>() {
    let n = 300;
    let mut values: Vec<f64> = (0..n).map(|i| 1.0 + i as f64 / n as f64).collect();
    (values[0], values[n - 1]) = (0.0, 4.0);
    let ends = diagonal::<L::Elem>(&values).ends::<L>(45, 1);
    for (end, truth) in [(ends.least, 0.0), (ends.greatest, 4.0)] {
        assert!(end.low.to_f64() <= truth && truth <= end.high.to_f64());
        check("width", end.width(), 0.0, 4.0, Tolerance::Spectrum { n, steps: 45 });
    }
}
for_each_lanes!(native a_gap_is_found_in_few_steps);

/// The Ritz vector is a unit vector whose measured residual is the recurrence's, and within it lies
/// an eigenvalue.
fn ritz_vectors<L: Lanes>() {
    for (seed, kind) in (0..8).flat_map(|seed| KINDS.map(|kind| (seed, kind))) {
        let mut random = Random(seed + 50);
        let matrix: Matrix<L::Elem> = kind.draw(&mut random);
        let n = matrix.n;
        let steps = 1 + random.index(n);
        let values = oracle::symmetric_eigenvalues(&widen(&matrix.entries), n);
        let size = values[0].abs().max(values[n - 1].abs());
        let mut product = |x: &[L::Elem], ax: &mut [L::Elem]| matrix.product::<L>(x, ax);
        let mut memory = vec![L::Elem::ZERO; Lanczos::<L>::len(n, steps)];
        let rng = stream(seed, "vectors", 0, 0);
        let mut lanczos = Lanczos::<L>::new(n, steps, Rules::new(n), rng, &mut memory).unwrap();
        let ends = lanczos.run(&mut product).unwrap();
        let tolerance = Tolerance::Spectrum { n, steps };
        let (mut x, mut rest) = (vec![L::Elem::ZERO; n], vec![L::Elem::ZERO; n]);
        for (end, extreme) in [(End::Least, ends.least), (End::Greatest, ends.greatest)] {
            let at = format!("{kind:?} {seed} n{n} k{steps} {end:?}");
            let measured = lanczos.residual(end, &mut product, &mut x, &mut rest).unwrap();
            check(&at, linalg::norm_sq::<L>(&x), 1.0, 1.0, Tolerance::Dot { len: n });
            check(&at, measured, extreme.residual.to_f64(), size, tolerance);
            assert_eq!(lanczos.vector(end, &mut x).unwrap(), extreme.value);
            let off = |value: &f64| (value - extreme.value.to_f64()).abs();
            let nearest = values.iter().map(off).fold(f64::INFINITY, f64::min);
            let allowed = extreme.residual.to_f64() + tolerance.of::<L::Elem>(size);
            assert!(nearest <= allowed, "{at}: {nearest:e} from the spectrum, {extreme:?}");
        }
    }
}
for_each_lanes!(native ritz_vectors);

/// The identity breaks down in every step: each further start squares down what can be missed.
fn breakdown_goes_on<L: Lanes>() {
    let n = 30;
    let matrix = diagonal::<L::Elem>(&vec![1.0; n]);
    let mut product = |x: &[L::Elem], ax: &mut [L::Elem]| matrix.product::<L>(x, ax);
    let mut memory = vec![L::Elem::ZERO; Lanczos::<L>::len(n, n)];
    let rng = stream(1, "identity", 0, 0);
    let mut lanczos = Lanczos::<L>::new(n, n, Rules::new(n), rng, &mut memory).unwrap();
    let mut widths = Vec::new();
    while lanczos.step(&mut product).unwrap() {
        widths.push(lanczos.spectrum().least.width().to_f64());
    }
    assert_eq!((lanczos.steps(), lanczos.is_done(), widths.len()), (n, true, n));
    let tolerance = Tolerance::Spectrum { n, steps: n };
    assert!(widths[1] < 1e-3 * widths[0] && widths[3] < 1e-2 * widths[1], "{widths:?}");
    assert!(widths[11] < 100.0 * tolerance.of::<L::Elem>(1.0), "{widths:?}");
    check("width", L::Elem::from_f64(widths[n - 1]), 0.0, 1.0, tolerance);
}
for_each_lanes!(native breakdown_goes_on);

/// Three eigenvalues, each of multiplicity 10: the first space is complete after three steps.
fn few_distinct_eigenvalues<L: Lanes>() {
    let values: Vec<f64> = (0..30).map(|i| [-1.0, 0.5, 2.0][i % 3]).collect();
    let matrix = diagonal::<L::Elem>(&values);
    let tolerance = Tolerance::Spectrum { n: 30, steps: 3 };
    let ends = matrix.ends::<L>(3, 1);
    check("least", ends.least.value, -1.0, 2.0, tolerance);
    check("greatest", ends.greatest.value, 2.0, 2.0, tolerance);
    // Ten spaces later, the bounds follow.
    let ends = matrix.ends::<L>(30, 1);
    check("width", ends.least.width(), 0.0, 2.0, Tolerance::Spectrum { n: 30, steps: 30 });
}
for_each_lanes!(native few_distinct_eigenvalues);

/// A x = 0 at a random x is A = 0: no bound is wider than a point.
fn zero_is_zero<L: Lanes>() {
    let ends = diagonal::<L::Elem>(&[0.0; 9]).ends::<L>(2, 1);
    let zero = L::Elem::ZERO;
    for end in [ends.least, ends.greatest] {
        assert_eq!((end.low, end.value, end.high, end.residual), (zero, zero, zero, zero));
    }
}
for_each_lanes!(native zero_is_zero);

/// -A swaps the ends and 4 A scales them, bit by bit.
fn negation_and_scale<L: Lanes>() {
    for seed in 0..20 {
        let matrix: Matrix<L::Elem> = Kind::Goe.draw(&mut Random(seed));
        let times = |factor: f64| {
            let factor = L::Elem::from_f64(factor);
            let entries = matrix.entries.iter().map(|&a| factor * a).collect();
            Matrix { n: matrix.n, entries }.ends::<L>(7, seed)
        };
        let (plain, minus, four) = (times(1.0), times(-1.0), times(4.0));
        let mirrored = |end: Extreme<L::Elem>| Extreme {
            value: -end.value,
            low: -end.high,
            high: -end.low,
            ..end
        };
        let swapped = Spectrum { least: mirrored(minus.greatest), greatest: mirrored(minus.least) };
        assert_eq!(swapped, plain);
        assert_eq!(four.least.value, L::Elem::from_f64(4.0) * plain.least.value);
    }
}
for_each_lanes!(native negation_and_scale);

/// The canonical arithmetic has the same bits at every width.
#[test]
fn same_bits_at_every_width() {
    fn of<L: Lanes<Elem = f64>>() -> Spectrum<f64> {
        Kind::Full.draw::<f64>(&mut Random(8)).ends::<Canonical<L>>(9, 5)
    }
    let want = of::<f64>();
    assert_eq!([of::<wide::f64x2>(), of::<wide::f64x4>(), of::<wide::f64x8>()], [want; 3]);
}

/// Steps one by one are the run, a refused product leaves the state as it was, and the caller's
/// start is the drawn one.
fn interruption<L: Lanes>() {
    let matrix: Matrix<L::Elem> = Kind::Goe.draw(&mut Random(4));
    let n = matrix.n;
    assert!(n > 3);
    let want = matrix.ends::<L>(n, 9);
    let mut memory = vec![L::Elem::ZERO; Lanczos::<L>::len(n, n)];
    let mut rng = stream(9, "spectrum", 0, 0);
    let start: Vec<L::Elem> = (0..n).map(|_| L::Elem::from_f64(init::normal(&mut rng))).collect();
    let mut lanczos = Lanczos::<L>::with_start(&start, n, Rules::new(n), rng, &mut memory).unwrap();
    for step in 0..n {
        let mut broken = |x: &[L::Elem], ax: &mut [L::Elem]| {
            matrix.product::<L>(x, ax);
            ax[2] = L::Elem::from_f64(f64::NAN);
        };
        assert_eq!(lanczos.step(&mut broken), Err(Error::NonFinite { at: 2 }));
        assert_eq!(lanczos.steps(), step);
        let mut product = |x: &[L::Elem], ax: &mut [L::Elem]| matrix.product::<L>(x, ax);
        assert_eq!(lanczos.step(&mut product), Ok(true));
    }
    let mut never = |_: &[L::Elem], _: &mut [L::Elem]| panic!("no step was left");
    assert_eq!(lanczos.step(&mut never), Ok(false));
    let got = lanczos.spectrum();
    // A drawn start is normalised once more.
    let tolerance = Tolerance::Spectrum { n, steps: n };
    let size = want.norm().to_f64();
    check("least", got.least.value, want.least.value.to_f64(), size, tolerance);
    check("greatest", got.greatest.value, want.greatest.value.to_f64(), size, tolerance);
}
for_each_lanes!(native interruption);

fn errors<L: Lanes>() {
    let (rng, zero) = (stream(1, "errors", 0, 0), L::Elem::ZERO);
    let rules = Rules::new(4);
    // Never more than n steps, never none.
    assert_eq!(Lanczos::<L>::len(4, 9), Lanczos::<L>::len(4, 4));
    assert_eq!(Lanczos::<L>::len(4, 0), Lanczos::<L>::len(4, 1));
    let needed = Lanczos::<L>::len(4, 2);
    let mut memory = vec![zero; needed];
    let mut new =
        |size, len: usize| Lanczos::<L>::new(size, 2, rules, rng.clone(), &mut memory[..len]).err();
    assert_eq!(new(4, needed), None);
    let short = Error::Memory { needed, found: needed - 1 };
    assert_eq!(new(4, needed - 1), Some(short));
    assert_eq!(new(0, needed), Some(Error::Empty { dim: Dim::N }));
    assert_eq!(new(usize::MAX, needed), Some(Error::TooLarge));
    let start = [L::Elem::ONE, zero, L::Elem::INFINITY, zero];
    let lanczos = Lanczos::<L>::with_start(&start, 2, rules, rng.clone(), &mut memory);
    assert_eq!(lanczos.err(), Some(Error::NonFinite { at: 2 }));
    // A start without a direction is replaced.
    let mut lanczos = Lanczos::<L>::with_start(&[zero; 4], 2, rules, rng, &mut memory).unwrap();
    let mut product = |x: &[L::Elem], ax: &mut [L::Elem]| ax.copy_from_slice(x);
    let mut x = [L::Elem::ONE; 5];
    assert_eq!(lanczos.vector(End::Least, &mut x[..4]), Ok(zero));
    assert!(x[..4].iter().all(|&x| x == zero));
    let ends = lanczos.run(&mut product).unwrap();
    check("identity", ends.least.value, 1.0, 1.0, Tolerance::Spectrum { n: 4, steps: 2 });
    let wrong = Error::Shape { dim: Dim::Output, expected: 4, found: 5 };
    assert_eq!(lanczos.vector(End::Least, &mut x), Err(wrong));
    let (mut four, mut five) = ([zero; 4], [zero; 5]);
    let refused = lanczos.residual(End::Least, &mut product, &mut four, &mut five);
    assert_eq!(refused, Err(wrong));
}
for_each_lanes!(native errors);
