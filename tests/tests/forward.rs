//! z, h, r and L against the oracle, and the activation pattern.

use conformance::precision::{Tolerance, check, check_all};
use conformance::{Problem, SIZES, for_each_lanes, with_dense};
use reluflow::{Lanes, Pattern, Real, Scale};

pub fn zeros<T: Real>(len: usize) -> Vec<T> {
    vec![T::ZERO; len]
}

fn matches_the_oracle<L: Lanes>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        for scale in [Scale::One, Scale::OneOverP] {
            let problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), scale);
            let ((net, data), s) = (problem.reference(), problem.s());
            let size = problem.magnitudes();
            let factor = scale.factor::<L::Elem>(p);
            check("s", factor, s, s, Tolerance::Rounded { roundings: 1 });
            let (mut z, mut h, mut r) = (zeros(p * n), zeros(n), zeros(n));
            let loss = with_dense::<L, _>(&problem, |state| {
                assert_eq!(state.scale(), scale);
                state.pre_activations(&mut z).unwrap();
                state.predictions(&mut h).unwrap();
                state.residuals(&mut r).unwrap();
                state.loss()
            });
            let at = format!("{scale:?} p{p} n{n} d{d}");
            let tolerance = Tolerance::Dot { len: d };
            let want = oracle::pre_activations(&net, &data);
            check_all(format_args!("z {at}"), &z, &want, &size.z, tolerance);
            let tolerance = Tolerance::Forward { p, d };
            let want = oracle::predictions(&net, &data, s);
            check_all(format_args!("h {at}"), &h, &want, &size.r, tolerance);
            let want = oracle::residuals(&net, &data, s);
            check_all(format_args!("r {at}"), &r, &want, &size.r, tolerance);
            let want = oracle::loss(&net, &data, s);
            check(format_args!("L {at}"), loss, want, size.loss, Tolerance::Loss { p, n, d });
        }
    }
}
for_each_lanes!(matches_the_oracle);

/// Powers of two and small integers: every result is exact, in any order.
fn exact_by_hand<L: Lanes>() {
    let t = |v: &[f64]| v.iter().map(|&v| L::Elem::from_f64(v)).collect::<Vec<_>>();
    let problem = Problem {
        p: 2,
        n: 3,
        d: 2,
        w: t(&[1.0, 2.0, -1.0, 0.0]),
        a: t(&[2.0, 3.0]),
        x: t(&[1.0, 0.0, 0.0, 1.0, -2.0, 1.0]),
        y: t(&[3.0, -1.0, 0.0]),
        scale: Scale::OneOverP,
    };
    // z = [[1, 2, 0], [-1, 0, 2]], h = (1, 2, 3), r = (2, -3, -3).
    let (mut z, mut h, mut r) = (zeros(6), zeros(3), zeros(3));
    let loss = with_dense::<L, _>(&problem, |state| {
        state.pre_activations(&mut z).unwrap();
        state.predictions(&mut h).unwrap();
        state.residuals(&mut r).unwrap();
        state.loss()
    });
    assert_eq!(z, t(&[1.0, 2.0, 0.0, -1.0, 0.0, 2.0]));
    assert_eq!((h, r), (t(&[1.0, 2.0, 3.0]), t(&[2.0, -3.0, -3.0])));
    let third = L::Elem::from_f64(22.0) / L::Elem::from_f64(6.0);
    assert_eq!(loss, third);
}
for_each_lanes!(exact_by_hand);

fn pattern_matches_the_oracle<T: Real>() {
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let mut problem = Problem::<T>::random(seed as u64, (p, n, d), Scale::One);
        problem.w[..d].fill(T::ZERO);
        let (net, data) = problem.reference();
        let want = oracle::pattern(&net, &data);
        let mut z: Vec<T> =
            oracle::pre_activations(&net, &data).into_iter().map(T::from_f64).collect();
        let mut words = vec![u32::MAX; Pattern::len(p, n) + 1];
        let pattern = Pattern::of(p, n, &z, &mut words).unwrap();
        for (at, &active) in want.iter().enumerate() {
            assert_eq!(pattern.is_active(at / n, at % n), active, "p{p} n{n} at {at}");
        }
        assert!(!pattern.is_active(p, 0) && !pattern.is_active(0, n));
        assert_eq!(pattern.count(), want.iter().filter(|&&active| active).count());
        let unseen = (0..n).find(|i| (0..p).all(|j| !want[j * n + i]));
        assert_eq!(pattern.unseen(), unseen);

        // Flip the last pair: one change. A NaN is inactive.
        let last = p * n - 1;
        z[last] = if want[last] { -T::ONE } else { T::ONE };
        let mut words = vec![0; Pattern::len(p, n)];
        let flipped = Pattern::of(p, n, &z, &mut words).unwrap();
        assert_eq!((pattern.changes(flipped), pattern.changes(pattern)), (Ok(1), Ok(0)));
        z[last] = T::from_f64(f64::NAN);
        let mut words = vec![0; Pattern::len(p, n)];
        assert!(!Pattern::of(p, n, &z, &mut words).unwrap().is_active(p - 1, n - 1));
    }
}

#[test]
fn pattern_f32() {
    pattern_matches_the_oracle::<f32>();
}

#[test]
fn pattern_f64() {
    pattern_matches_the_oracle::<f64>();
}
