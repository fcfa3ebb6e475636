//! Every wrong length and every number that cannot be is refused by name.

use conformance::for_each_lanes;
use reluflow::mirror::descent::{Descent, Mirror, gradient, loss};
use reluflow::mirror::hypentropy::{divergence_sum, hessian, potential_sum, to_dual, to_primal};
use reluflow::mirror::network::{Network, features, join, lift, merge, reduce};
use reluflow::{Dim, Error, Lanes, Real, SamplesView};

fn shape<T>(dim: Dim, expected: usize, found: usize) -> Result<T, Error> {
    Err(Error::Shape { dim, expected, found })
}

fn lengths_are_checked<L: Lanes>() {
    let x = [L::Elem::ONE; 8];
    let mut out = [L::Elem::ONE; 8];
    let mut more = [L::Elem::ONE; 8];
    assert_eq!(potential_sum::<L>(&x[..3], &x[..2]), shape(Dim::D, 3, 2));
    assert_eq!(divergence_sum::<L>(&x[..3], &x[..3], &x[..2]), shape(Dim::D, 3, 2));
    assert_eq!(divergence_sum::<L>(&x[..3], &x[..4], &x[..3]), shape(Dim::D, 3, 4));
    assert_eq!(to_dual(&x[..3], &x[..2], &mut out[..3]), shape(Dim::D, 3, 2));
    assert_eq!(to_primal(&x[..3], &x[..3], &mut out[..2]), shape(Dim::D, 3, 2));
    assert_eq!(hessian(&x[..3], &x[..3], &mut out[..2]), shape(Dim::D, 3, 2));
    let samples = SamplesView::new(&x[..6], &x[..2], 3).unwrap();
    assert_eq!(loss::<L>(samples, &x[..2]), shape(Dim::D, 3, 2));
    assert_eq!(gradient::<L>(samples, &x[..2], &mut out[..3]), shape(Dim::D, 3, 2));
    assert_eq!(gradient::<L>(samples, &x[..3], &mut out[..4]), shape(Dim::Output, 3, 4));
    assert_eq!(reduce(&x[..3], &x[..2], &mut out[..3], &mut more[..3]), shape(Dim::A, 3, 2));
    assert_eq!(reduce(&x[..3], &x[..3], &mut out[..2], &mut more[..3]), shape(Dim::Output, 3, 2));
    assert_eq!(reduce(&x[..3], &x[..3], &mut out[..3], &mut more[..2]), shape(Dim::Output, 3, 2));
    assert_eq!(lift(&x[..3], &x[..2], &mut out[..3], &mut more[..3]), shape(Dim::D, 3, 2));
    assert_eq!(lift(&x[..3], &x[..3], &mut out[..2], &mut more[..3]), shape(Dim::Output, 3, 2));
    assert_eq!(lift(&x[..3], &x[..3], &mut out[..3], &mut more[..2]), shape(Dim::Output, 3, 2));
    assert_eq!(join(&x[..3], &x[..2], &mut out[..6]), shape(Dim::A, 3, 2));
    assert_eq!(join(&x[..3], &x[..3], &mut out[..5]), shape(Dim::Output, 6, 5));
    assert_eq!(features::<L>(samples, &x[..4], &mut out[..2]), shape(Dim::W, 3, 4));
    assert_eq!(features::<L>(samples, &x[..6], &mut out[..3]), shape(Dim::Output, 4, 3));
    assert_eq!(features::<L>(samples, &x[..2], &mut out), Err(Error::Empty { dim: Dim::P }));
}
for_each_lanes!(native lengths_are_checked);

fn merging_checks_its_groups<L: Lanes>() {
    let x = [L::Elem::ONE; 3];
    let [mut beta, mut r, mut memory] = [[L::Elem::ONE; 2]; 3];
    let mut run = |a: usize, group: &[usize], count: usize, room: usize| {
        merge(&x[..a], &x, group, &mut beta[..2], &mut r[..count], &mut memory[..room])
    };
    assert_eq!(run(3, &[0, 1, 0], 2, 2), Ok(()));
    assert_eq!(run(2, &[0, 1], 2, 2), shape(Dim::A, 2, 3));
    assert_eq!(run(3, &[0, 1], 2, 2), shape(Dim::A, 3, 2));
    assert_eq!(run(3, &[0, 1, 0], 1, 2), shape(Dim::Output, 2, 1));
    assert_eq!(run(3, &[0, 2, 0], 2, 2), shape(Dim::Output, 3, 2));
    assert_eq!(run(3, &[0, usize::MAX, 0], 2, 2), shape(Dim::Output, usize::MAX, 2));
    assert_eq!(run(3, &[0, 1, 0], 2, 1), Err(Error::Memory { needed: 2, found: 1 }));
}
for_each_lanes!(native merging_checks_its_groups);

fn states_check_what_they_are_given<L: Lanes>() {
    let t = L::Elem::from_f64;
    let one = [L::Elem::ONE; 6];
    let samples = SamplesView::new(&one, &one[..2], 3).unwrap();
    let mut memory = [L::Elem::ZERO; 9];
    let mut mirror =
        |r: &[L::Elem], room: usize| Mirror::<L>::new(samples, r, &mut memory[..room]).err();
    assert_eq!(mirror(&one[..3], Mirror::<L>::len(3)), None);
    assert_eq!(mirror(&one[..2], 3), shape::<()>(Dim::D, 3, 2).err());
    assert_eq!(mirror(&one[..3], 2), Some(Error::Memory { needed: 3, found: 2 }));
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(mirror(&[t(1.0), t(bad), t(1.0)], 3), Some(Error::NonFinite { at: 1 }));
    }
    let mut descent = |r: &[L::Elem], beta: &[L::Elem], room: usize| {
        Descent::<L>::new(samples, r, beta, &mut memory[..room]).err()
    };
    assert_eq!(descent(&one[..3], &one[..3], Descent::<L>::len(3)), None);
    assert_eq!(descent(&one[..3], &one[..2], 9), shape::<()>(Dim::D, 3, 2).err());
    assert_eq!(descent(&one[..3], &one[..3], 8), Some(Error::Memory { needed: 9, found: 8 }));
    let zero = t(0.0);
    assert_eq!(
        descent(&[zero, zero, t(1.0)], &[zero, t(1.0), zero], 9),
        Some(Error::NonFinite { at: 1 })
    );
    let length = Network::<L>::len(3);
    assert!(Network::<L>::new(samples, &mut memory[..length]).is_ok());
    let short = Network::<L>::new(samples, &mut memory[..length - 1]).err();
    assert_eq!(short, Some(Error::Memory { needed: 6, found: 5 }));
    // A field given the wrong length says so in its loss.
    let mut room = [L::Elem::ZERO; 3];
    let mut mirror = Mirror::<L>::new(samples, &one[..3], &mut room).unwrap();
    assert!(mirror.velocity(&one[..2], &mut [zero; 3]).is_nan());
    assert!(mirror.velocity(&one[..3], &mut [zero; 2]).is_nan());
    let mut out = [zero; 3];
    let mut memory = [zero; 9];
    let descent = Descent::<L>::new(samples, &one[..3], &one[..3], &mut memory).unwrap();
    assert_eq!(descent.beta(&mut out[..2]), shape(Dim::D, 3, 2));
}
for_each_lanes!(native states_check_what_they_are_given);
