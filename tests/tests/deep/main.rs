//! Deep networks: forward, backward, step and tangent kernel against the oracle.

mod errors;
mod support;
mod tangent;

use conformance::precision::{Tolerance, check, check_all, check_vector};
use conformance::{Random, for_each_lanes};
use reluflow::deep::{Activation, Deep, Layer, parameters};
use reluflow::{Health, Lanes, Real, init};
use support::{Problem, networks};

fn zeros<T: Real>(len: usize) -> Vec<T> {
    vec![T::ZERO; len]
}

fn matches_the_oracle<L: Lanes>() {
    for (layers, n) in networks() {
        let problem = Problem::<L::Elem>::new(&layers, n);
        let (exact, bound, name) = (problem.oracle(), problem.magnitudes(), problem.name());
        problem.with::<L, _>(|deep| {
            assert_eq!((deep.n(), deep.outputs()), (n, problem.outputs()));
            let mut f = zeros(n * problem.outputs());
            deep.predictions(&mut f).unwrap();
            let want = exact.predictions();
            let sizes = bound.predictions();
            check_all(format_args!("f of {name}"), &f, &want, &sizes, problem.forward());

            let mut gradient = zeros(problem.count());
            let step = deep.gradient(&mut gradient).unwrap();
            let want = exact.gradient();
            // Of the magnitudes all residuals have one sign.
            let sizes: Vec<f64> = bound.gradient().iter().map(|slope| slope.abs()).collect();
            check_all(format_args!("grad of {name}"), &gradient, &want, &sizes, problem.backward());
            let (loss, most) = (exact.loss(), bound.loss());
            check(format_args!("L of {name}"), step.loss, loss, most, problem.backward());
            let speed_sq: f64 = want.iter().map(|slope| slope * slope).sum();
            let most: f64 = sizes.iter().map(|slope| slope * slope).sum();
            let twice = problem.backward();
            check(format_args!("speed of {name}"), step.speed_sq, speed_sq, 2.0 * most, twice);
            check("loss()", deep.loss(), step.loss.to_f64(), 0.0, Tolerance::Exact);
        });
    }
}
for_each_lanes!(matches_the_oracle);

/// Twenty steps at a rate far below what the curvature allows: errors add up, none grows.
fn follows_the_oracles_path<L: Lanes>() {
    const STEPS: usize = 20;
    for (layers, n) in networks() {
        let problem = Problem::<L::Elem>::new(&layers, n);
        let mut exact = problem.oracle();
        let steepest = exact.gradient().iter().fold(0.0, |most: f64, slope| most.max(slope.abs()));
        // A power of two, so that the rate is the same in both.
        let dt = (1e-3 / steepest.max(1e-3)).log2().floor().exp2();
        problem.with::<L, _>(|deep| {
            let start = deep.loss();
            let mut last = start;
            for _ in 0..STEPS {
                let step = deep.step(L::Elem::from_f64(dt));
                assert!(step.loss <= last, "{}: L rises", problem.name());
                last = step.loss;
                exact.euler_step(dt);
            }
            assert!(deep.loss() < start && deep.health().is_good());
            let mut theta = zeros(problem.count());
            deep.write(&mut theta).unwrap();
            // Each step moves a parameter by at most 1e-3, known to the accuracy of a gradient; kinks
            // that rounding crosses one step early change that by a part of it.
            let rule = Tolerance::FirstOrder { dt: 1e-3, constant: 2e-2 };
            check_vector(problem.name(), &theta, &exact.theta, rule);
        });
    }
}
for_each_lanes!(native follows_the_oracles_path);

/// L(theta - dt grad) = L - dt |grad|^2 + O(dt^2): the rate that a step reports is that of its loss.
#[test]
fn the_reported_rate_is_that_of_the_loss() {
    for (layers, n) in networks() {
        let problem = Problem::<f64>::new(&layers, n);
        problem.with::<f64, _>(|deep| {
            let step = deep.step(1e-7);
            let rate = (step.loss - deep.loss()) / 1e-7 / step.loss;
            let rule = Tolerance::FirstOrder { dt: 1e-7, constant: 2e3 };
            check(problem.name(), rate, step.mu().unwrap(), step.mu().unwrap(), rule);
        });
    }
}

fn bits<L: Lanes>() -> Vec<u64> {
    let mut all = Vec::new();
    for (layers, n) in networks() {
        // The same numbers in every precision's own rounding.
        let problem = Problem::<L::Elem>::new(&layers, n);
        problem.with::<L, _>(|deep| {
            for _ in 0..30 {
                let step = deep.step(L::Elem::from_f64(1.0 / 4096.0));
                all.extend([step.loss.bits(), step.speed_sq.bits()]);
            }
            let mut theta = zeros(problem.count());
            deep.write(&mut theta).unwrap();
            all.extend(theta.iter().map(|x: &L::Elem| x.bits()));
            let (mut out, mut memory) =
                (zeros(n * problem.outputs()), zeros(Deep::<L>::tangent_len(&layers, n)));
            deep.kernel_product(&problem.y, &mut out, &mut memory).unwrap();
            all.extend(out.iter().map(|x: &L::Elem| x.bits()));
        });
    }
    all
}

#[test]
fn same_bits_at_every_width() {
    use conformance::wide::{f32x4, f32x8, f32x16, f64x2, f64x4, f64x8};
    use reluflow::Canonical;
    let single = bits::<Canonical<f32>>();
    assert_eq!(single, bits::<Canonical<f32x4>>(), "f32x4");
    assert_eq!(single, bits::<Canonical<f32x8>>(), "f32x8");
    assert_eq!(single, bits::<Canonical<f32x16>>(), "f32x16");
    let double = bits::<Canonical<f64>>();
    assert_eq!(double, bits::<Canonical<f64x2>>(), "f64x2");
    assert_eq!(double, bits::<Canonical<f64x4>>(), "f64x4");
    assert_eq!(double, bits::<Canonical<f64x8>>(), "f64x8");
}

/// f(x) = W_2 leaky(W_1 x + b_1) + b_2 of two inputs by hand.
fn by_hand<L: Lanes>() {
    let t = |x: &[f64]| x.iter().map(|&x| L::Elem::from_f64(x)).collect::<Vec<_>>();
    let layers = [
        Layer::dense(2, 2, Activation::Leaky { slope: 0.5 }),
        Layer::dense(2, 1, Activation::Identity),
    ];
    let theta = t(&[1.0, 2.0, -1.0, 1.0, 0.5, -1.0, 2.0, 4.0, 1.0]);
    let (x, y) = (t(&[1.0, 1.0]), t(&[3.0]));
    let mut memory = zeros(Deep::<L>::len(&layers, 1));
    let mut deep = Deep::<L>::new(&layers, &theta, &x, &y, None, &mut memory).unwrap();
    // z = (3.5, -1), h = (3.5, -0.5), f = 7 - 2 + 1 = 6, r = -3.
    let mut f = [L::Elem::ZERO];
    deep.predictions(&mut f).unwrap();
    assert_eq!(f[0], L::Elem::from_f64(6.0));
    let mut gradient = zeros(9);
    let step = deep.gradient(&mut gradient).unwrap();
    assert_eq!(step.loss, L::Elem::from_f64(4.5));
    // dL/df = 3: through W_2 and the gates (1, 1/2) that is (6, 6).
    assert_eq!(gradient, t(&[6.0, 6.0, 6.0, 6.0, 6.0, 6.0, 10.5, -1.5, 3.0]));
    assert_eq!(step.speed_sq, L::Elem::from_f64(6.0 * 36.0 + 110.25 + 2.25 + 9.0));
    deep.step(L::Elem::from_f64(0.5));
    let mut moved = zeros(9);
    deep.write(&mut moved).unwrap();
    assert_eq!(moved, t(&[-2.0, -1.0, -4.0, -2.0, -2.5, -4.0, -3.25, 4.75, -0.5]));
    deep.restore(&theta).unwrap();
    assert_eq!(deep.loss(), L::Elem::from_f64(4.5));
}
for_each_lanes!(by_hand);

/// A residual layer with weights 0 is the identity, whatever sigma.
#[test]
fn a_residual_layer_without_weights_passes_everything_on() {
    let mut random = Random(3);
    let layers = [Layer::residual(17, support::LEAKY); 3];
    let theta = zeros::<f32>(parameters(&layers));
    let x: Vec<f32> = random.vector(17 * 5);
    let mut memory = zeros(Deep::<f32>::len(&layers, 5));
    let mut deep = Deep::<f32>::new(&layers, &theta, &x, &x, None, &mut memory).unwrap();
    assert_eq!(deep.loss(), 0.0);
    assert!(deep.step(1.0).mu().is_none());
}

fn nan_reaches_the_loss<L: Lanes>() {
    for (layers, n) in networks() {
        let problem = Problem::<L::Elem>::new(&layers, n);
        problem.with::<L, _>(|deep| {
            let mut theta = problem.theta.clone();
            theta[0] = L::Elem::from_f64(f64::NAN);
            deep.restore(&theta).unwrap();
            assert!(deep.loss().is_nan(), "{}", problem.name());
            deep.step(L::Elem::ONE);
            assert!(deep.health().contains(Health::NAN));
        });
    }
}
for_each_lanes!(native nan_reaches_the_loss);

/// The bounds of both laws are met and nearly reached, and f32 weights are the f64 ones rounded.
#[test]
fn uniform_starts_have_their_bounds() {
    let layers = [
        Layer::dense(50, 60, Activation::Relu),
        Layer::dense(60, 40, Activation::Leaky { slope: 1.0 }).unbiased(),
        Layer::dense(40, 30, Activation::Parametric),
    ];
    let rng = || init::stream(1, "test", 0, 0);
    let (mut theta, mut single) = (zeros::<f64>(parameters(&layers)), zeros(parameters(&layers)));
    init::kaiming_uniform(&layers, &mut theta, &mut rng()).unwrap();
    init::kaiming_uniform(&layers, &mut single, &mut rng()).unwrap();
    let rounded: Vec<f32> = theta.iter().map(|&x| x as f32).collect();
    assert_eq!(rounded, single);
    let parametric = 6.0f64 / (1.0 + 0.0625) / 40.0;
    has_bounds(
        &theta,
        &[
            (3000, (6.0f64 / 50.0).sqrt()),
            (60, 1.0 / 50f64.sqrt()),
            (2400, (6.0f64 / 2.0 / 60.0).sqrt()),
            (1200, parametric.sqrt()),
            (30, 1.0 / 40f64.sqrt()),
        ],
    );
    init::linear_uniform(&layers, &mut theta, &mut rng()).unwrap();
    let [first, second, third] = [50f64, 60.0, 40.0].map(|inputs| 1.0 / inputs.sqrt());
    has_bounds(&theta, &[(3000, first), (60, first), (2400, second), (1200, third), (30, third)]);
}

/// Parts of theta, uniform up to their reach, and one parametric slope.
fn has_bounds(theta: &[f64], parts: &[(usize, f64)]) {
    let mut at = 0;
    for &(len, reach) in parts {
        let part = &theta[at..at + len];
        let most = part.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        assert!(most <= reach && most > 0.8 * reach, "{at}: {most} of {reach}");
        let variance = part.iter().map(|x| x * x).sum::<f64>() / len as f64;
        // x^2 of a uniform has deviation 2/sqrt 5 of its mean.
        check(
            at,
            variance,
            reach * reach / 3.0,
            reach * reach / 3.0,
            Tolerance::Sampling { count: len },
        );
        at += len;
    }
    assert_eq!((theta[at], at + 1), (0.25, theta.len()));
}
