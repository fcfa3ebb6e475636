//! Predictions, loss and gradients of plain arrays against the oracle, and the bits that they share with
//! a state.

use conformance::precision::{Tolerance, check, check_all};
use conformance::{Problem, SIZES, with_dense};
use reluflow::{Canonical, Dim, Error, Lanes, Layout, Real, SamplesView, Scale};

use crate::dense::curvature;
use crate::forward::zeros;

fn predictions<T: Real + Lanes<Elem = T>>(problem: &Problem<T>) -> Vec<T> {
    let rows = problem.x.chunks(problem.d);
    rows.map(|x| problem.net().predict(x, problem.scale).unwrap()).collect()
}

fn matches_the_oracle<T: Real + Lanes<Elem = T>>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        for scale in [Scale::One, Scale::OneOverP] {
            let problem = Problem::<T>::random(seed as u64, (p, n, d), scale);
            let ((net, data), s) = (problem.reference(), problem.s());
            let (size, at) = (problem.magnitudes(), format!("{scale:?} p{p} n{n} d{d}"));
            let want = oracle::predictions(&net, &data, s);
            let tolerance = Tolerance::Forward { p, d };
            check_all(format_args!("h {at}"), &predictions(&problem), &want, &size.r, tolerance);
            let (want, tolerance) = (oracle::loss(&net, &data, s), Tolerance::Loss { p, n, d });
            let loss = problem.net().loss(problem.samples(), scale).unwrap();
            check(format_args!("L {at}"), loss, want, size.loss, tolerance);
            let (mut w, mut a) = (zeros(p * d), zeros(p));
            let step = problem.net().gradient(problem.samples(), scale, &mut w, &mut a).unwrap();
            assert_eq!(step.loss, loss);
            let tolerance = Tolerance::Backward { p, n, d };
            let want = oracle::grad_w(&net, &data, s);
            check_all(format_args!("dL/dw {at}"), &w, &want, &size.grad_w, tolerance);
            let want = oracle::grad_a(&net, &data, s);
            check_all(format_args!("dL/da {at}"), &a, &want, &size.grad_a, tolerance);
            let (mu, condition) = curvature(&problem);
            let tolerance = Tolerance::Curvature { p, n, d };
            check(format_args!("mu {at}"), step.mu().unwrap(), mu, condition, tolerance);
        }
    }
}

#[test]
fn matches_the_oracle_f32() {
    matches_the_oracle::<f32>();
}

#[test]
fn matches_the_oracle_f64() {
    matches_the_oracle::<f64>();
}

/// A device that only predicts computes what the host that trained computes.
#[test]
fn predictions_have_the_bits_of_a_canonical_state() {
    let mut compared = 0;
    for (seed, size) in SIZES.into_iter().enumerate() {
        let (p, n, d) = size;
        if Layout::of::<f32>(p, n, d) == Layout::Samples {
            let problem = Problem::<f32>::random(seed as u64, size, Scale::OneOverP);
            let mut h = zeros(n);
            type L = Canonical<reluflow::lanes::NativeF32>;
            with_dense::<L, _>(&problem, |state| state.predictions(&mut h).unwrap());
            assert_eq!(predictions(&problem), h, "p{p} n{n} d{d}");
            compared += 1;
        }
    }
    assert!(compared > 3, "{compared}");
}

#[test]
fn plain_arrays_refuse() {
    let problem = Problem::<f32>::random(1, (3, 4, 2), Scale::One);
    let (net, samples) = (problem.net(), problem.samples());
    let shape = |dim, expected, found| Some(Error::Shape { dim, expected, found });
    assert_eq!(net.predict(&[1.0], Scale::One).err(), shape(Dim::D, 2, 1));
    let other = SamplesView::new(&[1.0; 6], &[1.0; 2], 3).unwrap();
    assert_eq!(net.loss(other, Scale::One).err(), shape(Dim::D, 2, 3));
    let mut rooms = [[7.0f32; 6]; 2];
    let [w, a] = &mut rooms;
    let mut gradient = |samples, p: usize, d: usize| {
        net.gradient(samples, Scale::One, &mut w[..d], &mut a[..p]).err()
    };
    assert_eq!(gradient(other, 3, 6), shape(Dim::D, 2, 3));
    assert_eq!(gradient(samples, 3, 5), shape(Dim::W, 6, 5));
    assert_eq!(gradient(samples, 4, 6), shape(Dim::A, 3, 4));
    assert_eq!(rooms, [[7.0; 6]; 2]);
}
