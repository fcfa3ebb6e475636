//! Lemma 7 and the assumptions: the oracle's bounds, never violated over random configurations.

use conformance::precision::{Tolerance, check};
use conformance::{Problem, Random, for_each_lanes, with_dense, with_orthogonal};
use reluflow::curvature::{assumption_1, balance_drift};
use reluflow::{Bounds, Defect, Geometry, Lanes, Real, Scale};

use crate::dense::curvature;
use crate::forward::zeros;

const CONFIGURATIONS: u64 = 3000;

/// The bracket of mu at the start of `problem`.
fn lemma_7<L: Lanes>(problem: &Problem<L::Elem>, defect: Defect<L::Elem>) -> Bounds<L::Elem> {
    let mut z = zeros(problem.p * problem.n);
    with_dense::<L, _>(problem, |state| state.pre_activations(&mut z).unwrap());
    let geometry = Geometry::of::<L>(problem.samples(), defect);
    let mut memory = zeros(problem.p);
    Bounds::lemma_7::<L>(problem.net(), &z, problem.scale, &geometry, &mut memory).unwrap()
}

/// The certain bracket of the defect, as a user gets it.
fn defect<L: Lanes>(problem: &Problem<L::Elem>) -> Defect<L::Elem> {
    let mut memory = zeros(Defect::<L::Elem>::len(problem.n, problem.d));
    Defect::of::<L>(problem.samples(), 8, &mut memory).unwrap()
}

/// Small and lopsided: where the printed bound fails.
fn configuration<T: Real>(seed: u64) -> Problem<T> {
    let mut random = Random(seed);
    let size = (1 + random.index(6), 1 + random.index(8), 1 + random.index(6));
    let scale = if random.index(2) == 0 { Scale::One } else { Scale::OneOverP };
    let mut problem = Problem::<T>::random(seed, size, scale);
    // Rows of very different length, inputs that are nearly parallel, and unequal layers.
    let (stretch, along) = (random.uniform(0.2, 2.0), random.uniform(0.0, 2.0));
    for (at, x) in problem.x.iter_mut().enumerate() {
        *x = T::from_f64(x.to_f64() + if at % problem.d == 0 { along } else { 0.0_f64 });
    }
    problem.a.iter_mut().for_each(|a| *a = T::from_f64(stretch) * *a);
    problem
}

fn lemma_7_is_never_violated<L: Lanes>() {
    let (mut printed, mut positive) = (0, 0);
    for seed in 0..CONFIGURATIONS {
        let problem = configuration::<L::Elem>(seed);
        let bounds = lemma_7::<L>(&problem, defect::<L>(&problem));
        let step = with_dense::<L, _>(&problem, |state| state.step(L::Elem::ZERO));
        let mu = step.mu().unwrap().to_f64();
        let (p, n, d) = (problem.p, problem.n, problem.d);
        let slack = Tolerance::Curvature { p, n, d }.of::<L::Elem>(curvature(&problem).1);
        assert!(bounds.lower.to_f64() <= mu + slack, "{seed}: {mu} below {bounds:?}");
        assert!(mu <= bounds.upper.to_f64() + slack, "{seed}: {mu} above {bounds:?}");
        printed += usize::from(mu > bounds.upper_printed.to_f64() + slack);
        positive += usize::from(bounds.lower > L::Elem::ZERO);
    }
    assert!(printed > 100, "the printed upper bound failed {printed} times only");
    assert!(positive > 100, "the lower bound said something {positive} times only");
}
for_each_lanes!(native lemma_7_is_never_violated);

fn lemma_7_matches_the_oracle<L: Lanes>() {
    for seed in 0..300 {
        let problem = configuration::<L::Elem>(seed);
        let ((net, data), s) = (problem.reference(), problem.s());
        let exact = oracle::defect_norm(&data);
        let got = lemma_7::<L>(&problem, Defect::exact(L::Elem::from_f64(exact)));
        let (lower, upper) = oracle::lemma7_bounds(&net, &data, s);
        // The norms and the sums over j; the lower bound is a difference as large as the upper sum.
        let tolerance = Tolerance::Dot { len: 2 * problem.d + problem.p + 8 };
        check(format_args!("lower {seed}"), got.lower, lower, upper, tolerance);
        check(format_args!("upper {seed}"), got.upper, upper, upper, tolerance);
        let printed = oracle::lemma7_upper_printed(&net, &data, s);
        check(format_args!("printed {seed}"), got.upper_printed, printed, upper, tolerance);
    }
}
for_each_lanes!(native lemma_7_matches_the_oracle);

/// For orthogonal inputs the printed bound holds, along a whole run.
fn lemma_7_along_an_orthogonal_run<L: Lanes>() {
    for seed in 0..10 {
        let mut problem = Problem::<L::Elem>::orthogonal(seed, (9, 6, 7), Scale::OneOverP);
        for _ in 0..60 {
            let bounds = lemma_7::<L>(&problem, Defect::exact(L::Elem::ZERO));
            let (mu, condition) = curvature(&problem);
            let slack = Tolerance::Curvature { p: 9, n: 6, d: 7 }.of::<L::Elem>(condition);
            assert_eq!(bounds.upper, bounds.upper_printed);
            assert!(bounds.lower.to_f64() <= mu + slack && mu <= bounds.upper.to_f64() + slack);
            let trace = conformance::run::<L>(&problem, conformance::Way::Dense, 5, 0.02);
            (problem.w, problem.a) = (trace.w, trace.a);
        }
    }
}
for_each_lanes!(native lemma_7_along_an_orthogonal_run);

/// `problem` with |a_j| = |w_j| + 1/2, signs kept: Assumption 1.
fn asymmetric<T: Real>(problem: &mut Problem<T>) {
    for (w, a) in problem.w.chunks(problem.d).zip(&mut problem.a) {
        let norm = w.iter().map(|w| w.to_f64().powi(2)).sum::<f64>().sqrt();
        *a = T::from_f64(a.to_f64().signum() * (norm + 0.5));
    }
}

/// Orthogonal data, Assumptions 1 and 2, each sample seen by a neuron of its sign.
fn theorem_1_along_a_run<L: Lanes>() {
    let mut started = 0;
    for seed in 0..10 {
        let mut problem = Problem::<L::Elem>::orthogonal(seed, (40, 8, 11), Scale::OneOverP);
        asymmetric(&mut problem);
        assert_eq!(assumption_1::<L>(problem.net()), None);
        let geometry = Geometry::of::<L>(problem.samples(), defect::<L>(&problem));
        assert_eq!(geometry.assumption_2(), Some(true));
        let (net, data) = problem.reference();
        let active = oracle::pattern(&net, &data);
        let seen = |i: usize| (0..40).any(|j| active[j * 8 + i] && net.a[j] * data.y[i] > 0.0);
        if !(0..8).all(seen) {
            continue;
        }
        started += 1;
        let constant = geometry.theorem_1_constant();
        let tolerance = Tolerance::Dot { len: problem.d + 4 };
        let want = oracle::theorem1_constant(&data);
        check("C", constant, want, want, tolerance);
        with_orthogonal::<L, _>(&problem, |state| {
            let (mut u, mut r) = (zeros(40 * 8), zeros(8));
            for _ in 0..1500 {
                state.pre_activations(&mut u).unwrap();
                for (i, r) in r.iter_mut().enumerate() {
                    let h: f64 = (0..40)
                        .map(|j| state.a()[j].to_f64() * u[j * 8 + i].to_f64().max(0.0))
                        .sum();
                    *r = L::Elem::from_f64(data.y[i] - h / 40.0);
                }
                let bound = geometry.theorem_1(problem.samples(), &r).unwrap();
                let widened = conformance::widen(&r);
                let want = oracle::theorem1_lower(&data, &widened);
                // 1 - r/y: the quotient is of size 1 and more.
                let size = constant.to_f64() * (1.0 + want);
                check("theorem 1", bound, want, size, Tolerance::Dot { len: problem.d + 8 });
                let step = state.step(L::Elem::from_f64(0.02));
                // Below that, the loss of this precision is rounding.
                if step.loss.to_f64() < 1e-8 {
                    break;
                }
                assert!(step.mu().unwrap() >= bound, "seed {seed}: {step:?} below {bound}");
            }
        });
    }
    assert!(started >= 5, "only {started} of 10 starts see every sample");
}
for_each_lanes!(native theorem_1_along_a_run);

fn assumption_1_names_the_first_failure<L: Lanes>() {
    let mut problem = Problem::<L::Elem>::random(3, (9, 2, 17), Scale::One);
    asymmetric(&mut problem);
    assert_eq!(assumption_1::<L>(problem.net()), None);
    problem.a[7] = L::Elem::ZERO;
    assert_eq!(assumption_1::<L>(problem.net()), Some(7));
    problem.a[4] = L::Elem::from_f64(f64::NAN);
    assert_eq!(assumption_1::<L>(problem.net()), Some(4));
    // Equality is allowed: 3-4-5.
    let t = L::Elem::from_f64;
    let (w, a) = ([t(3.0), t(4.0)], [t(-5.0)]);
    assert_eq!(assumption_1::<L>(reluflow::NetView::new(&w, &a, 2).unwrap()), None);
}
for_each_lanes!(native assumption_1_names_the_first_failure);

fn balance_drift_by_hand<L: Lanes>() {
    let t = |v: &[f64]| v.iter().map(|&v| L::Elem::from_f64(v)).collect::<Vec<_>>();
    let (w, a, v, b) =
        (t(&[3.0, 4.0, 1.0, 0.0]), t(&[5.0, 2.0]), t(&[0.0, 1.0, 2.0, 0.0]), t(&[1.0, -1.0]));
    let view = |w, a| reluflow::NetView::new(w, a, 2).unwrap();
    // Balances 0, 3 and 0, -3.
    let drift = balance_drift::<L>(view(&w, &a), view(&v, &b));
    assert_eq!(drift, Ok(L::Elem::from_f64(6.0)));
}
for_each_lanes!(native balance_drift_by_hand);
