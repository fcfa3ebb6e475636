//! `dot`, `norm_sq`, `axpy`: error bounds at every length around the tails.

use conformance::precision::{Tolerance, check, check_all};
use conformance::{Random, for_each_lanes};
use reluflow::linalg::{axpy, dot, norm_sq};
use reluflow::{Lanes, Real};

/// Empty, tail only, whole chunks, whole banks and every remainder after each.
fn lengths<L: Lanes>() -> impl Iterator<Item = usize> {
    (0..=3 * L::VIRTUAL + 1).chain([100, 127, 1000])
}

fn vectors<L: Lanes>(len: usize) -> (Vec<L::Elem>, Vec<L::Elem>) {
    let mut random = Random(len as u64);
    (random.vector(len), random.vector(len))
}

fn products<T: Real>(x: &[T], y: &[T]) -> (f64, f64) {
    let terms = x.iter().zip(y).map(|(x, y)| x.to_f64() * y.to_f64());
    terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()))
}

fn dot_is_backward_stable<L: Lanes>() {
    for len in lengths::<L>() {
        let (x, y) = vectors::<L>(len);
        let (want, size) = products(&x, &y);
        check(format_args!("dot {len}"), dot::<L>(&x, &y), want, size, Tolerance::Dot { len });
        let (want, size) = products(&x, &x);
        check(format_args!("norm {len}"), norm_sq::<L>(&x), want, size, Tolerance::Dot { len });
    }
}
for_each_lanes!(every dot_is_backward_stable);

/// Small integers: every partial sum is exact, so a lane that is dropped or counted twice shows.
fn dot_counts_each_element_once<L: Lanes>() {
    for len in lengths::<L>() {
        let x: Vec<_> = (0..len).map(|k| L::Elem::from_usize(k + 1)).collect();
        let ones = vec![L::Elem::ONE; len];
        assert_eq!(dot::<L>(&x, &ones), L::Elem::from_usize(len * (len + 1) / 2), "{len}");
        // The shorter one rules.
        let longer = vec![L::Elem::ONE; len + 3];
        assert_eq!(dot::<L>(&x, &longer), dot::<L>(&longer, &x));
        assert_eq!(dot::<L>(&x, &longer), dot::<L>(&x, &ones));
    }
}
for_each_lanes!(every dot_counts_each_element_once);

/// Element k is added in virtual lane k mod VIRTUAL, lanes in halves: the order that the crate
/// promises, for Canonical bit by bit.
fn canonical_dot_keeps_the_promised_order<L: Lanes>() {
    if !L::CANONICAL {
        return;
    }
    for len in lengths::<L>() {
        let (x, y) = vectors::<L>(len);
        let mut lanes = vec![L::Elem::ZERO; L::VIRTUAL];
        for k in 0..len {
            lanes[k % L::VIRTUAL] = x[k] * y[k] + lanes[k % L::VIRTUAL];
        }
        while lanes.len() > 1 {
            let high = lanes.split_off(lanes.len() / 2);
            lanes.iter_mut().zip(high).for_each(|(low, high)| *low += high);
        }
        assert_eq!(dot::<L>(&x, &y).bits(), lanes[0].bits(), "{len}");
    }
}
for_each_lanes!(every canonical_dot_keeps_the_promised_order);

fn axpy_rounds_twice_at_most<L: Lanes>() {
    for len in lengths::<L>() {
        let (x, start) = vectors::<L>(len);
        let c = L::Elem::from_f64(-1.7);
        let mut y = start.clone();
        axpy::<L>(c, &x, &mut y);
        let pairs = || x.iter().zip(&start).map(|(x, y)| (c.to_f64() * x.to_f64(), y.to_f64()));
        let want: Vec<_> = pairs().map(|(x, y)| x + y).collect();
        let sizes: Vec<_> = pairs().map(|(x, y)| x.abs() + y.abs()).collect();
        check_all(
            format_args!("axpy {len}"),
            &y,
            &want,
            &sizes,
            Tolerance::Rounded { roundings: 2 },
        );
        // The shorter one rules; what lies beyond is untouched.
        let mut longer: Vec<_> = start.iter().copied().chain([L::Elem::ONE; 20]).collect();
        axpy::<L>(c, &x, &mut longer);
        assert_eq!(longer[len..], [L::Elem::ONE; 20]);
    }
}
for_each_lanes!(every axpy_rounds_twice_at_most);

/// Every lane of relu and gate at both signs, both zeros, NaN and infinity.
fn relu_and_gate_lane_by_lane<L: Lanes>() {
    let (zero, one) = (L::Elem::ZERO, L::Elem::ONE);
    let nan = L::Elem::from_f64(f64::NAN);
    let tiny = L::Elem::MIN_POSITIVE;
    let infinity = L::Elem::INFINITY;
    let cases = [
        (one, one, true),
        (-one, zero, false),
        (zero, zero, false),
        (-zero, zero, false),
        (tiny, tiny, true),
        (-tiny, zero, false),
        (infinity, infinity, true),
        (-infinity, zero, false),
    ];
    let at = |x: L, lane: usize| {
        let mut chunk = L::EMPTY;
        x.store(&mut chunk);
        chunk.as_ref()[lane]
    };
    for lane in 0..L::WIDTH {
        let only = |z: L::Elem| {
            let mut chunk = L::EMPTY;
            chunk.as_mut()[lane] = z;
            L::load(&chunk)
        };
        for (z, relu, open) in cases {
            assert_eq!(at(only(z).relu(), lane), relu, "relu({z})");
            let gated = at(L::splat(one + one).gate(only(z)), lane);
            assert_eq!(gated, if open { one + one } else { zero }, "gate at {z}");
        }
        assert!(at(only(nan).relu(), lane).is_nan(), "relu must keep NaN");
        assert_eq!(at(L::splat(one).gate(only(nan)), lane), zero, "NaN opens no gate");
        assert_eq!(only(one).sum(), one, "sum must see lane {lane}");
    }
}
for_each_lanes!(every relu_and_gate_lane_by_lane);

/// A bank holds every virtual lane once, and `chunks_mut` writes where `chunks` reads.
fn banks_and_chunks<L: Lanes>() {
    let len = L::VIRTUAL;
    let mut numbers = vec![L::Elem::ZERO; len + L::WIDTH - 1];
    for chunk in L::chunks_mut(&mut numbers) {
        (L::splat(L::Elem::ONE) + L::load(chunk)).store(chunk);
    }
    assert_eq!(L::chunks(&numbers).len(), numbers.len() / L::WIDTH);
    let whole = numbers.len() / L::WIDTH * L::WIDTH;
    assert!(numbers[..whole].iter().all(|&x| x == L::Elem::ONE));
    assert!(numbers[whole..].iter().all(|&x| x == L::Elem::ZERO));

    assert_eq!(L::bank(0).as_ref().len() * L::WIDTH, L::VIRTUAL);
    for lane in 0..len {
        let mut numbers = vec![L::Elem::ZERO; len];
        numbers[lane] = L::Elem::ONE;
        let mut bank = L::bank(L::zero());
        for (register, chunk) in bank.as_mut().iter_mut().zip(L::chunks(&numbers)) {
            *register = *register - L::load(chunk) * L::splat(-L::Elem::ONE);
        }
        assert_eq!(L::fold(bank), L::Elem::ONE, "virtual lane {lane}");
    }
}
for_each_lanes!(every banks_and_chunks);

/// (1 + eps)^2 - (1 + 2 eps) is eps^2 if fused and 0 if rounded twice.
fn canonical_never_fuses<L: Lanes>() {
    if !L::CANONICAL {
        return;
    }
    let x = L::Elem::ONE + L::Elem::EPSILON;
    let y = -(L::Elem::ONE + L::Elem::EPSILON + L::Elem::EPSILON);
    let mut chunk = L::EMPTY;
    L::splat(x).mul_add(L::splat(x), L::splat(y)).store(&mut chunk);
    assert!(chunk.as_ref().iter().all(|&v| v == L::Elem::ZERO));
    assert_eq!(L::NAME.contains('x'), L::WIDTH > 1);
}
for_each_lanes!(every canonical_never_fuses);

/// What `Real` adds to the two precisions.
fn real_by_hand<T: Real>() {
    let (one, nan) = (T::ONE, T::from_f64(f64::NAN));
    assert_eq!((-one).abs(), one);
    assert_eq!((-T::ZERO).abs().bits(), T::ZERO.bits());
    assert_eq!(T::from_f64(2.25).sqrt(), T::from_f64(1.5));
    assert!((-one).sqrt().is_nan() && nan.is_nan() && !one.is_nan());
    assert!(one.is_finite() && !nan.is_finite() && !T::INFINITY.is_finite());
    assert_eq!((one.max(nan), nan.max(one), one.min(nan), nan.min(one)), (one, one, one, one));
    assert_eq!((one.max(-one), one.min(-one)), (one, -one));
    assert!(one + T::EPSILON > one && one + T::EPSILON * T::from_f64(0.5) == one);
    let half = T::MIN_POSITIVE * T::from_f64(0.5);
    assert!(half > T::ZERO && half.bits() == T::MIN_POSITIVE.bits() / 2);
}

#[test]
fn real_f32() {
    real_by_hand::<f32>();
}

#[test]
fn real_f64() {
    real_by_hand::<f64>();
}
