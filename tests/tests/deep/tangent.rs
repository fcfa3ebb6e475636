//! The tangent kernel K = J J^T by products.

use conformance::precision::{Tolerance, check, check_all};
use conformance::{Random, for_each_lanes, widen};
use reluflow::deep::{Deep, Graph};
use reluflow::lanes::NativeF64;
use reluflow::spectrum::{Extreme, Rules};
use reluflow::{Lanczos, Lanes, Real, init};

use crate::support::{Problem, networks};
use crate::zeros;

fn products_match_the_oracle<L: Lanes>() {
    for (layers, n) in networks() {
        let problem = Problem::<L::Elem>::new(&layers, n);
        let (exact, bound, name) = (problem.oracle(), problem.magnitudes(), problem.name());
        let (count, len) = (problem.count(), n * problem.outputs());
        let mut random = Random(7);
        let (u, v): (Vec<L::Elem>, Vec<L::Elem>) = (random.vector(len), random.vector(count));
        let absolute = |x: &[L::Elem]| x.iter().map(|x| x.to_f64().abs()).collect::<Vec<_>>();
        let mut memory = zeros(Deep::<L>::tangent_len(&layers, n));
        problem.with::<L, _>(|deep| {
            let mut pulled = zeros(count);
            deep.pullback(&u, &mut pulled).unwrap();
            let (want, sizes) = (exact.pullback(&widen(&u)), bound.pullback(&absolute(&u)));
            check_all(format_args!("J^T u of {name}"), &pulled, &want, &sizes, problem.backward());

            let mut pushed = zeros(len);
            deep.push(&v, &mut pushed, &mut memory).unwrap();
            let (want, sizes) = (exact.push(&widen(&v)), bound.push(&absolute(&v)));
            check_all(format_args!("J v of {name}"), &pushed, &want, &sizes, problem.backward());

            let mut product = zeros(len);
            deep.kernel_product(&u, &mut product, &mut memory).unwrap();
            let want = exact.push(&exact.pullback(&widen(&u)));
            let sizes = bound.push(&bound.pullback(&absolute(&u)));
            let Tolerance::Rounded { roundings } = problem.backward() else { unreachable!() };
            let rule = Tolerance::Rounded { roundings: 2 * roundings };
            check_all(format_args!("K u of {name}"), &product, &want, &sizes, rule);

            // |J^T u|^2 / |u|^2 from the parts.
            let square = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
            let quotient = deep.rayleigh(&u).unwrap().unwrap();
            let want = square(&exact.pullback(&widen(&u))) / square(&widen(&u));
            let size = 2.0 * square(&bound.pullback(&absolute(&u))) / square(&widen(&u));
            check(format_args!("R of {name}"), quotient, want, size, rule);
            assert_eq!(deep.rayleigh(&zeros(len)), Ok(None));
        });
    }
}
for_each_lanes!(products_match_the_oracle);

/// K* at the residual is what a step reports: |J^T r|^2 = |grad L|^2, R = |grad L|^2 / (2 L).
fn the_rate_is_the_quotient_at_the_residual<L: Lanes>() {
    for (layers, n) in networks() {
        let problem = Problem::<L::Elem>::new(&layers, n);
        problem.with::<L, _>(|deep| {
            let step = deep.step(L::Elem::ZERO);
            let mut r = zeros(n * problem.outputs());
            deep.predictions(&mut r).unwrap();
            r.iter_mut().zip(&problem.y).for_each(|(f, &y)| *f = y - *f);
            let quotient = deep.rayleigh(&r).unwrap().unwrap().to_f64();
            let half = 0.5 * step.mu().unwrap().to_f64();
            // The same operations but for |r|^2, a sum in another order.
            let rule = Tolerance::Dot { len: 4 * r.len() };
            check(problem.name(), L::Elem::from_f64(quotient), half, half, rule);
        });
    }
}
for_each_lanes!(native the_rate_is_the_quotient_at_the_residual);

/// S of a path of three samples beside themselves has eigenvalues -1/6, 1/2, 1.
#[test]
fn a_graph_is_normalised() {
    let (starts, neighbours) = ([0, 2, 5, 7], [0, 1, 0, 1, 2, 1, 2]);
    let mut weights = [0.0; 7];
    let graph = Graph::normalised(&starts, &neighbours, &mut weights).unwrap();
    assert_eq!(graph.n(), 3);
    let mut dense = [0.0; 9];
    for i in 0..3 {
        for (k, weight) in graph.row(i) {
            dense[3 * i + k] = weight;
        }
    }
    assert_eq!(graph.row(3).count(), 0);
    assert_eq!(dense[0], 0.5);
    let values = oracle::symmetric_eigenvalues(&dense, 3);
    for (value, want) in values.iter().zip([-1.0 / 6.0, 0.5, 1.0]) {
        check("eigenvalue", *value, want, 1.0, Tolerance::Rounded { roundings: 10 });
    }
}

/// Lanczos' bounds of K by its products contain the ends of its spectrum, formed column by column.
#[test]
fn the_bounds_of_the_spectrum_contain_its_ends() {
    for (layers, n) in networks() {
        let problem = Problem::<f64>::new(&layers, n);
        let size = n * problem.outputs();
        if size > 60 {
            continue;
        }
        let mut scratch = zeros(Deep::<NativeF64>::tangent_len(&layers, n));
        problem.with::<NativeF64, _>(|deep| {
            let mut product = |x: &[f64], out: &mut [f64]| {
                deep.kernel_product(x, out, &mut scratch).unwrap();
            };
            let mut dense = zeros(size * size);
            for (i, column) in dense.chunks_mut(size).enumerate() {
                let mut unit = zeros(size);
                unit[i] = 1.0;
                product(&unit, column);
            }
            let values = oracle::symmetric_eigenvalues(&dense, size);
            let mut memory = zeros(Lanczos::<NativeF64>::len(size, size));
            let roundings = 4.0 * (problem.count() + size) as f64;
            let rules =
                Rules { product: roundings * f64::EPSILON, semidefinite: true, ..Rules::new(size) };
            let rng = init::stream(1, "deep-spectrum", 0, 0);
            let mut lanczos =
                Lanczos::<NativeF64>::new(size, size, rules, rng, &mut memory).unwrap();
            let ends = lanczos.run(&mut product).unwrap();
            let within = |end: Extreme<f64>, value: f64| (end.low..=end.high).contains(&value);
            // Jacobi's own rounding may leave a zero below 0.
            assert!(
                within(ends.least, values[0].max(0.0)),
                "{}: {ends:?} {values:?}",
                problem.name()
            );
            assert!(within(ends.greatest, values[size - 1]), "{}: {ends:?}", problem.name());
        });
    }
}
