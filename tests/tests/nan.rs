//! A NaN weight reaches the loss: relu must not swallow it, in any lane, in any way.

use conformance::{Problem, Way, for_each_lanes, run, with_dense};
use reluflow::{Lanes, Real, Scale};

use crate::forward::zeros;

fn nan_reaches_the_loss<L: Lanes>() {
    for (p, n, d) in [(1, 1, 1), (3, 17, 18), (9, 33, 35)] {
        for way in [Way::Dense, Way::Gram, Way::Orthogonal] {
            for j in 0..p {
                let mut problem = Problem::<L::Elem>::orthogonal(5, (p, n, d), Scale::One);
                problem.w[j * d..(j + 1) * d].fill(L::Elem::from_f64(f64::NAN));
                let trace = run::<L>(&problem, way, 1, 0.01);
                assert!(trace.loss[0].is_nan(), "{way:?} p{p} n{n} neuron {j}: {:?}", trace.loss);
            }
        }
    }
}
for_each_lanes!(nan_reaches_the_loss);

/// One sample sees the NaN and no other does: each lane on its own.
fn nan_stays_in_its_sample<L: Lanes>() {
    let (p, n, d) = (3, 33, 33);
    for i in 0..n {
        let mut problem = Problem::<L::Elem>::orthogonal(5, (p, n, d), Scale::One);
        problem.x[i * d + i] = L::Elem::from_f64(f64::NAN);
        let (mut h, mut z) = (zeros(n), zeros(p * n));
        with_dense::<L, _>(&problem, |state| {
            state.pre_activations(&mut z).unwrap();
            state.predictions(&mut h).unwrap();
            assert!(state.loss().is_nan());
        });
        for (at, z) in z.iter().enumerate() {
            assert_eq!(z.is_nan(), at % n == i);
        }
        for (at, h) in h.iter().enumerate() {
            assert_eq!(h.is_nan(), at == i);
        }
    }
}
for_each_lanes!(nan_stays_in_its_sample);
