//! The tangent kernel against the Jacobian as a matrix, finite differences, a step's mu, and its
//! spectrum by `Lanczos`.

use conformance::precision::{STEP, Tolerance, check, check_all};
use conformance::{Problem, Random, SIZES, either_scale, for_each_lanes, widen};
use reluflow::init::stream;
use reluflow::spectrum::{Lanczos, Rules};
use reluflow::tangent::Tangent;
use reluflow::{Dim, Error, Lanes, Real, Scale};

fn zeros<T: Real>(len: usize) -> Vec<T> {
    vec![T::ZERO; len]
}

fn absolute(values: &[f64]) -> Vec<f64> {
    values.iter().map(|v| v.abs()).collect()
}

/// M v, m x n times n.
fn times(matrix: &[f64], v: &[f64]) -> Vec<f64> {
    matrix.chunks(v.len()).map(|row| row.iter().zip(v).map(|(m, v)| m * v).sum()).collect()
}

fn transposed(matrix: &[f64], n: usize) -> Vec<f64> {
    let width = matrix.len() / n;
    (0..matrix.len()).map(|at| matrix[at % n * width + at / n]).collect()
}

/// J and K with every term replaced by its absolute value.
fn magnitudes<T: Real>(problem: &Problem<T>) -> (Vec<f64>, Vec<f64>) {
    let (mut net, mut data) = problem.reference();
    for v in net.w.iter_mut().chain(&mut net.a).chain(&mut data.x) {
        *v = v.abs();
    }
    let s = problem.s();
    (oracle::jacobian(&net, &data, s), oracle::tangent_kernel(&net, &data, s))
}

fn with_tangent<L: Lanes, R>(
    problem: &Problem<L::Elem>,
    run: impl FnOnce(&mut Tangent<'_, L>) -> R,
) -> R {
    let mut memory = zeros(Tangent::<L>::len(problem.p, problem.n, problem.d));
    let (net, samples) = (problem.net(), problem.samples());
    run(&mut Tangent::<L>::new(net, samples, problem.scale, &mut memory).unwrap())
}

fn problems<T: Real>() -> impl Iterator<Item = Problem<T>> {
    // The oracle's Jacobian costs n (p d + p).
    let sizes = SIZES.into_iter().enumerate().filter(|(_, size)| size.1 < 151);
    sizes.map(|(seed, size)| Problem::random(seed as u64, size, either_scale(seed)))
}

fn products_match_the_jacobian<L: Lanes>() {
    for problem in problems::<L::Elem>() {
        let Problem { p, n, d, .. } = problem;
        let ((net, data), s) = (problem.reference(), problem.s());
        let (jacobian, sizes) = (oracle::jacobian(&net, &data, s), magnitudes(&problem).0);
        let mut random = Random(7);
        let (v, u) = (random.vector::<L::Elem>(p * d + p), random.vector::<L::Elem>(n));
        let tolerance = Tolerance::Tangent { p, n, d };
        with_tangent::<L, _>(&problem, |tangent| {
            let (mut dh, mut back) = (zeros(n), zeros(p * d + p));
            tangent.forward(&v[..p * d], &v[p * d..], &mut dh).unwrap();
            let (want, size) = (times(&jacobian, &widen(&v)), times(&sizes, &absolute(&widen(&v))));
            check_all(format_args!("J v p{p} n{n} d{d}"), &dh, &want, &size, tolerance);
            let (dw, da) = back.split_at_mut(p * d);
            tangent.pullback(&u, dw, da).unwrap();
            let want = times(&transposed(&jacobian, n), &widen(&u));
            let size = times(&transposed(&sizes, n), &absolute(&widen(&u)));
            check_all(format_args!("J^T u p{p} n{n} d{d}"), &back, &want, &size, tolerance);
        });
    }
}
for_each_lanes!(products_match_the_jacobian);

fn kernel_matches_its_formula<L: Lanes>() {
    for problem in problems::<L::Elem>() {
        let Problem { p, n, d, .. } = problem;
        let ((net, data), s) = (problem.reference(), problem.s());
        let (kernel, sizes) = (oracle::tangent_kernel(&net, &data, s), magnitudes(&problem).1);
        let u = Random(8).vector::<L::Elem>(n);
        let tolerance = Tolerance::Tangent { p, n, d };
        with_tangent::<L, _>(&problem, |tangent| {
            let (mut k, mut ku) = (zeros(n * n), zeros(n));
            tangent.kernel(&mut k).unwrap();
            check_all(format_args!("K p{p} n{n} d{d}"), &k, &kernel, &sizes, tolerance);
            tangent.kernel_product(&u, &mut ku).unwrap();
            let want = times(&kernel, &widen(&u));
            let size = times(&sizes, &absolute(&widen(&u)));
            check_all(format_args!("K u p{p} n{n} d{d}"), &ku, &want, &size, tolerance);
        });
    }
}
for_each_lanes!(kernel_matches_its_formula);

/// h is linear in w and in a away from kinks, so that a central difference in f64 has its rounding only.
fn forward_is_a_finite_difference<L: Lanes>() {
    for problem in problems::<L::Elem>().filter(|problem| problem.n < 50) {
        let Problem { p, n, d, .. } = problem;
        let ((net, data), s) = (problem.reference(), problem.s());
        let mut random = Random(9);
        // A row of sum 1 moves no z by more than the largest |x_ik|, which is inside of the fixtures' margin.
        let mut v = random.vector::<L::Elem>(p * d + p);
        v[..p * d].iter_mut().for_each(|v| *v = *v / L::Elem::from_usize(d));
        let moved = |sign: f64| {
            let mut net = net.clone();
            let theta = net.w.iter_mut().chain(&mut net.a);
            theta.zip(&v).for_each(|(theta, v)| *theta += sign * STEP * v.to_f64());
            oracle::predictions(&net, &data, s)
        };
        let (up, down) = (moved(1.0), moved(-1.0));
        let want: Vec<f64> = up.iter().zip(&down).map(|(u, l)| (u - l) / (2.0 * STEP)).collect();
        let size = times(&magnitudes(&problem).0, &absolute(&widen(&v)));
        let size: Vec<f64> = size.iter().zip(&problem.magnitudes().h).map(|(j, h)| j + h).collect();
        with_tangent::<L, _>(&problem, |tangent| {
            let mut dh = zeros(n);
            tangent.forward(&v[..p * d], &v[p * d..], &mut dh).unwrap();
            check_all("dh", &dh, &want, &size, Tolerance::Difference { p, n, d });
        });
    }
}
for_each_lanes!(native forward_is_a_finite_difference);

/// <J v, u> = <v, J^T u>, and J^T of the residuals over n is minus the gradient of the loss.
fn pullback_is_the_gradient<L: Lanes>() {
    for problem in problems::<L::Elem>() {
        let Problem { p, n, d, .. } = problem;
        let ((net, data), s) = (problem.reference(), problem.s());
        let r: Vec<L::Elem> = oracle::residuals(&net, &data, s)
            .iter()
            .map(|r| L::Elem::from_f64(r / n as f64))
            .collect();
        let (mut dw, mut da) = (zeros(p * d), zeros(p));
        with_tangent::<L, _>(&problem, |tangent| tangent.pullback(&r, &mut dw, &mut da).unwrap());
        let (w, a) = (oracle::grad_w(&net, &data, s), oracle::grad_a(&net, &data, s));
        let (w, a): (Vec<_>, Vec<_>) =
            (w.iter().map(|w| -w).collect(), a.iter().map(|a| -a).collect());
        let sizes = problem.magnitudes();
        let tolerance = Tolerance::Backward { p, n, d };
        check_all("dw", &dw, &w, &sizes.grad_w, tolerance);
        check_all("da", &da, &a, &sizes.grad_a, tolerance);
    }
}
for_each_lanes!(native pullback_is_the_gradient);

/// mu of a step, (2/s) R(K*; r, r), and the descent of the loss: one number three ways.
fn mu_is_what_a_step_measures<L: Lanes>()
where
    L::Elem: Lanes<Elem = L::Elem>,
{
    for problem in problems::<L::Elem>() {
        let Problem { p, n, d, .. } = problem;
        let ((net, data), s) = (problem.reference(), problem.s());
        let residuals = oracle::residuals(&net, &data, s);
        let r: Vec<L::Elem> = residuals.iter().map(|&r| L::Elem::from_f64(r)).collect();
        let (mut grad_w, mut grad_a) = (zeros(p * d), zeros(p));
        let samples = problem.samples();
        let step =
            problem.net().gradient(samples, problem.scale, &mut grad_w, &mut grad_a).unwrap();
        let (sizes, loss) = (problem.magnitudes(), oracle::loss(&net, &data, s));
        let square: f64 = sizes.grad_w.iter().chain(&sizes.grad_a).map(|v| v * v).sum();
        // |J^T r|^2 over the loss, whose parts are as accurate as a gradient and as h.
        let condition = square / loss / s * sizes.loss / loss;
        let tolerance = Tolerance::Curvature { p, n, d };
        with_tangent::<L, _>(&problem, |tangent| {
            let mu = tangent.mu(&r).unwrap();
            check("mu", mu, oracle::curvature(&net, &data, s), condition, tolerance);
            check("step", mu, step.mu().unwrap().to_f64(), condition, tolerance);
            let quotient = tangent.rayleigh(&r).unwrap().to_f64() * 2.0 / s;
            check("rayleigh", mu, quotient, condition, tolerance);
            let descent = tangent.descent(&r).unwrap().to_f64() / loss / s;
            check("descent", mu, descent, condition, tolerance);
        });
    }
}
for_each_lanes!(native mu_is_what_a_step_measures);

/// The ends of K's spectrum from its products, around the oracle's eigenvalues and every Rayleigh quotient.
fn the_spectrum_of_the_kernel<L: Lanes>() {
    for (seed, size) in
        [(1, 1, 1), (2, 3, 7), (5, 9, 2), (17, 31, 16), (33, 33, 31), (60, 20, 5), (40, 50, 9)]
            .into_iter()
            .enumerate()
    {
        let problem = Problem::<L::Elem>::random(seed as u64, size, either_scale(seed));
        let (p, n, d) = size;
        let (net, data) = problem.reference();
        let values =
            oracle::symmetric_eigenvalues(&oracle::tangent_kernel(&net, &data, problem.s()), n);
        // K's rank may be below n: J has p d + p columns.
        let least = if p * d + p < n { 0.0 } else { values[0].max(0.0) };
        for steps in [1, n / 4, n / 2, n] {
            let mut memory = zeros(Lanczos::<L>::len(n, steps));
            // z and the products of `Tangent`, relative to |J|^2 = |K| but for unaligned absolute values.
            let product = L::Elem::from_usize(2 * (p + n + 4 * d + 10)) * L::Elem::EPSILON;
            let rules = Rules { product, semidefinite: true, ..Rules::new(n) };
            let rng = stream(seed as u64, "kernel", 0, 0);
            let mut lanczos = Lanczos::<L>::new(n, steps, rules, rng, &mut memory).unwrap();
            with_tangent::<L, _>(&problem, |tangent| {
                let ends = lanczos
                    .run(&mut |u: &[L::Elem], ku: &mut [L::Elem]| {
                        tangent.kernel_product(u, ku).unwrap();
                    })
                    .unwrap();
                let at = format!("p{p} n{n} d{d} k{steps}: {ends:?}");
                let within = |low: L::Elem, value: f64, high: L::Elem| {
                    low.to_f64() <= value && value <= high.to_f64()
                };
                assert!(within(ends.least.low, least, ends.least.high), "{least} {at}");
                let most = values[n - 1];
                assert!(within(ends.greatest.low, most, ends.greatest.high), "{most} {at}");
                let h = Random(seed as u64).vector::<L::Elem>(n);
                let quotient = tangent.rayleigh(&h).unwrap().to_f64() * n as f64;
                assert!(within(ends.least.low, quotient, ends.greatest.high), "{quotient} {at}");
            });
        }
    }
}
for_each_lanes!(native the_spectrum_of_the_kernel);

/// p = 1, n = d = 2, s = 1: w = (1, 2), a = 3 on (1, 0), (0, 1); J = [[3, 0, 1], [0, 3, 2]].
fn by_hand<L: Lanes>() {
    let t = |v: &[f64]| v.iter().map(|&v| L::Elem::from_f64(v)).collect::<Vec<_>>();
    let problem = Problem {
        p: 1,
        n: 2,
        d: 2,
        w: t(&[1.0, 2.0]),
        a: t(&[3.0]),
        x: t(&[1.0, 0.0, 0.0, 1.0]),
        y: t(&[0.0, 0.0]),
        scale: Scale::One,
    };
    with_tangent::<L, _>(&problem, |tangent| {
        let (mut dh, mut dw, mut da, mut k) = (zeros(2), zeros(2), zeros(1), zeros(4));
        tangent.forward(&t(&[1.0, -1.0]), &t(&[2.0]), &mut dh).unwrap();
        assert_eq!(dh, t(&[5.0, 1.0]));
        tangent.pullback(&t(&[1.0, -1.0]), &mut dw, &mut da).unwrap();
        assert_eq!((dw, da), (t(&[3.0, -3.0]), t(&[-1.0])));
        tangent.kernel(&mut k).unwrap();
        assert_eq!(k, t(&[10.0, 2.0, 2.0, 13.0]));
        tangent.kernel_product(&t(&[1.0, -1.0]), &mut dh).unwrap();
        assert_eq!(dh, t(&[8.0, -11.0]));
        // |J^T u|^2 = 19 over n |u|^2 = 4, over n^2 = 4, and twice the first.
        assert_eq!(tangent.rayleigh(&t(&[1.0, -1.0])), Ok(L::Elem::from_f64(4.75)));
        assert_eq!(tangent.descent(&t(&[1.0, -1.0])), Ok(L::Elem::from_f64(4.75)));
        assert_eq!(tangent.mu(&t(&[1.0, -1.0])), Ok(L::Elem::from_f64(9.5)));
        assert!(tangent.mu(&t(&[0.0, 0.0])).unwrap().is_nan());
    });
}
for_each_lanes!(by_hand);

fn errors<L: Lanes>() {
    let problem = Problem::<L::Elem>::random(1, (3, 4, 5), Scale::One);
    let other = Problem::<L::Elem>::random(1, (3, 4, 6), Scale::One);
    let shape = |dim, expected, found| Err(Error::Shape { dim, expected, found });
    let needed = Tangent::<L>::len(3, 4, 5);
    let mut memory = zeros(needed);
    let (net, scale) = (problem.net(), Scale::One);
    let made = Tangent::<L>::new(net, other.samples(), scale, &mut memory);
    assert_eq!(made.map(drop), shape(Dim::D, 6, 5));
    let made = Tangent::<L>::new(net, problem.samples(), scale, &mut memory[1..]);
    assert_eq!(made.map(drop), Err(Error::Memory { needed, found: needed - 1 }));
    let mut tangent = Tangent::<L>::new(net, problem.samples(), scale, &mut memory).unwrap();
    let (mut w, mut a, mut h): (Vec<L::Elem>, Vec<_>, Vec<_>) = (zeros(16), zeros(4), zeros(5));
    assert_eq!(tangent.forward(&w, &a[..3], &mut h[..4]), shape(Dim::W, 15, 16));
    assert_eq!(tangent.forward(&w[..15], &a, &mut h[..4]), shape(Dim::A, 3, 4));
    assert_eq!(tangent.forward(&w[..15], &a[..3], &mut h), shape(Dim::Output, 4, 5));
    assert_eq!(tangent.pullback(&h, &mut w[..15], &mut a[..3]), shape(Dim::N, 4, 5));
    assert_eq!(tangent.pullback(&h[..4], &mut w, &mut a[..3]), shape(Dim::W, 15, 16));
    assert_eq!(tangent.kernel(&mut w[..15]), shape(Dim::Output, 16, 15));
    assert_eq!(tangent.kernel_product(&h, &mut a), shape(Dim::N, 4, 5));
    assert_eq!(tangent.kernel_product(&a, &mut h), shape(Dim::Output, 4, 5));
    assert_eq!(tangent.rayleigh(&h).map(drop), shape(Dim::N, 4, 5));
    assert_eq!(tangent.descent(&h).map(drop), shape(Dim::N, 4, 5));
    assert_eq!(tangent.mu(&h).map(drop), shape(Dim::N, 4, 5));
}
for_each_lanes!(native errors);
