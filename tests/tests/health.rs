//! The flags: raised within p steps of the cause, sticky, and never raised in a healthy run.

use conformance::{Problem, Way, for_each_lanes, run, with_dense, with_gram, with_orthogonal};
use reluflow::{Health, Lanes, Real, Scale};

const WAYS: [Way; 3] = [Way::Dense, Way::Gram, Way::Orthogonal];
const P: usize = 9;

fn healthy<T: Real>() -> Problem<T> {
    Problem::orthogonal(2, (P, 17, 19), Scale::OneOverP)
}

/// The flags after `steps` steps.
fn flags<L: Lanes>(problem: &Problem<L::Elem>, way: Way, steps: usize) -> Health {
    run::<L>(problem, way, steps, 0.01).health
}

fn a_healthy_run_raises_nothing<L: Lanes>() {
    for way in WAYS {
        for steps in [0, 1, 300] {
            let health = flags::<L>(&healthy(), way, steps);
            assert!(health.is_good() && health.bits() == 0, "{way:?} {steps}: {health}");
        }
    }
}
for_each_lanes!(a_healthy_run_raises_nothing);

/// Whatever weight is NaN: the flag within p steps, in every way.
fn a_nan_weight_is_seen<L: Lanes>() {
    for way in WAYS {
        for j in 0..P {
            for outer in [false, true] {
                let mut problem = healthy();
                let nan = L::Elem::from_f64(f64::NAN);
                if outer {
                    problem.a[j] = nan;
                } else {
                    problem.w[j * 19 + 18 - j] = nan;
                }
                let health = flags::<L>(&problem, way, P);
                assert!(health.contains(Health::NAN), "{way:?} {j} {outer}: {health}");
                assert!(!health.is_good());
            }
        }
    }
}
for_each_lanes!(a_nan_weight_is_seen);

/// In u an infinite weight times a closed gate is NaN before anything looks; a loss that overflows
/// is infinite everywhere.
fn an_infinity_is_seen<L: Lanes>() {
    for way in WAYS {
        for j in [0, 4, P - 1] {
            let mut problem = healthy();
            problem.a[j] = L::Elem::INFINITY;
            let health = flags::<L>(&problem, way, P);
            let seen = health.contains(Health::INFINITE) || health.contains(Health::NAN);
            assert!(seen, "{way:?} {j}: {health}");
            let mut problem = healthy();
            problem.y[j] = L::Elem::ONE / L::Elem::MIN_POSITIVE;
            let health = flags::<L>(&problem, way, 1);
            assert!(health.contains(Health::INFINITE), "{way:?} {j}: {health}");
        }
    }
}
for_each_lanes!(an_infinity_is_seen);

/// Far above the stability limit a run blows up or kills all its neurons, and says so.
fn divergence_is_seen<L: Lanes>() {
    for way in WAYS {
        let health = run::<L>(&healthy(), way, 200, 1e3).health;
        assert!(!health.is_good(), "{way:?}");
    }
}
for_each_lanes!(divergence_is_seen);

/// One subnormal weight: seen when its neuron's turn comes, at the latest after p steps. The flag
/// stays, even where the weight moves on.
fn a_subnormal_weight_is_seen<L: Lanes>() {
    for way in WAYS {
        for j in 0..P {
            let mut problem = healthy::<L::Elem>();
            // A neuron without outer weight does not move; in u the sample's entry scales it.
            let tiny = L::Elem::MIN_POSITIVE * L::Elem::from_f64(0.125);
            problem.w[j * 19..(j + 1) * 19].fill(-tiny);
            problem.x.iter_mut().for_each(|x| *x = x.abs());
            let health = flags::<L>(&problem, way, P);
            assert_eq!(health, Health::SUBNORMAL, "{way:?} {j}: {health}");
            assert_eq!(flags::<L>(&problem, way, 5 * P), Health::SUBNORMAL);
            let mut problem = healthy::<L::Elem>();
            problem.w[j * 19..(j + 1) * 19].fill(L::Elem::ZERO);
            problem.a[j] = tiny;
            let health = flags::<L>(&problem, way, P);
            assert_eq!(health, Health::SUBNORMAL, "outer {way:?} {j}: {health}");
        }
    }
}
for_each_lanes!(a_subnormal_weight_is_seen);

/// All neurons dead, or dt below a rounding: the first step says so.
fn a_stalled_run_is_seen<L: Lanes>() {
    for way in WAYS {
        let mut dead = healthy::<L::Elem>();
        dead.w.iter_mut().for_each(|w| *w = -w.abs());
        dead.x.iter_mut().for_each(|x| *x = x.abs());
        assert_eq!(flags::<L>(&dead, way, 1), Health::STALLED, "{way:?}");
        let slow = run::<L>(&healthy(), way, 1, L::Elem::EPSILON.to_f64().powi(2)).health;
        assert_eq!(slow, Health::STALLED, "{way:?}");
        // One living neuron is enough.
        let mut alive = dead.clone();
        alive.w[18 * 4..].iter_mut().take(19).for_each(|w| *w = w.abs());
        assert!(flags::<L>(&alive, way, 1).is_good(), "{way:?}");
    }
}
for_each_lanes!(a_stalled_run_is_seen);

/// What a weight may be without a flag, at the very ends.
#[test]
fn ordinary_numbers() {
    fn check<T: Real>() {
        let (least, below) = (T::MIN_POSITIVE, T::MIN_POSITIVE * (T::ONE - T::EPSILON));
        let nan = T::from_f64(f64::NAN);
        let largest = T::ONE / T::MIN_POSITIVE;
        for (x, expected) in [
            (T::ZERO, true),
            (least, true),
            (T::ONE, true),
            (largest, true),
            (below, false),
            (T::INFINITY, false),
            (nan, false),
        ] {
            assert_eq!(x.is_ordinary(), expected, "{x:?}");
            assert_eq!((-x).is_ordinary(), expected, "-{x:?}");
        }
    }
    check::<f32>();
    check::<f64>();
}

/// A flag once set stays, though later steps are healthy.
fn flags_are_sticky<L: Lanes>() {
    let (none, some) = (L::Elem::ZERO, L::Elem::from_f64(0.01));
    let problem = healthy::<L::Elem>();
    with_dense::<L, _>(&problem, |state| {
        state.step(none);
        assert_eq!(state.health(), Health::STALLED, "dt = 0 moves nothing");
        for _ in 0..3 * P {
            state.step(some);
        }
        assert_eq!(state.health(), Health::STALLED);
    });
    with_gram::<L, _>(&problem, |state| {
        state.step(none);
        for _ in 0..3 * P {
            state.step(some);
        }
        assert_eq!(state.health(), Health::STALLED);
    });
    with_orthogonal::<L, _>(&problem, |state| {
        state.step(none);
        for _ in 0..3 * P {
            state.step(some);
        }
        assert_eq!(state.health(), Health::STALLED);
    });
}
for_each_lanes!(flags_are_sticky);

#[test]
fn names_and_bits() {
    let flags = [Health::NAN, Health::INFINITE, Health::SUBNORMAL, Health::STALLED];
    assert_eq!(flags.map(Health::bits), [1, 2, 4, 8]);
    assert_eq!(flags.map(|flag| flag.to_string()), ["nan", "infinite", "subnormal", "stalled"]);
    assert_eq!(Health::default().to_string(), "good");
    for flag in flags {
        assert!(flag.contains(flag) && flag.contains(Health::default()) && !flag.is_good());
        assert!(!Health::default().contains(flag));
    }
}
