//! Neurons or samples in the lanes: which sizes get which, and sizes that stress each.

use conformance::precision::{Tolerance, check_vector};
use conformance::{Problem, Way, either_scale, for_each_lanes, run, with_dense};
use reluflow::{Lanes, Layout, Real};

use crate::dense::{reference, time_step};

/// Around the tails of neurons in the lanes, and of narrow inputs: d of one tile, one more, and more
/// than a panel of the narrowest types holds.
const SIZES: [(usize, usize, usize); 14] = [
    (60, 2, 2),
    (16, 5, 4),
    (17, 16, 1),
    (33, 9, 3),
    (48, 3, 5),
    (49, 17, 6),
    (47, 15, 7),
    (64, 8, 8),
    (32, 7, 9),
    (15, 145, 2),
    (31, 300, 4),
    (32, 32, 32),
    (50, 33, 17),
    (130, 6, 49),
];

fn follows_the_oracle<L: Lanes>() {
    const STEPS: usize = 40;
    let mut neurons = 0;
    for (seed, (p, n, d)) in SIZES.into_iter().enumerate() {
        let problem = Problem::<L::Elem>::random(seed as u64, (p, n, d), either_scale(seed));
        let dt = time_step(&problem, STEPS);
        let layout = with_dense::<L, _>(&problem, |state| state.layout());
        assert_eq!(layout, Layout::of::<L>(p, n, d));
        neurons += usize::from(layout == Layout::Neurons);
        let (got, want) =
            (run::<L>(&problem, Way::Dense, STEPS, dt), reference(&problem, STEPS, dt));
        let (at, tolerance) =
            (format!("p{p} n{n} d{d}"), Tolerance::Path { p, n, d, steps: STEPS });
        check_vector(format_args!("w {at}"), &got.w, &want.w, tolerance);
        check_vector(format_args!("a {at}"), &got.a, &want.a, tolerance);
        check_vector(format_args!("L {at}"), &got.loss, &want.loss, tolerance);
        check_vector(format_args!("mu {at}"), &got.mu, &want.mu, tolerance);
        assert!(got.health.is_good(), "{at}: {}", got.health);
    }
    assert!(neurons >= 10, "{neurons} of {} sizes have neurons in the lanes", SIZES.len());
}
for_each_lanes!(follows_the_oracle);

/// The choice depends on the sizes and the precision alone, or two widths would differ in bits.
#[test]
fn the_width_does_not_choose() {
    use conformance::wide::{f32x4, f32x8, f32x16, f64x2, f64x8};
    let mut neurons = 0;
    let sizes = [1, 2, 7, 8, 9, 16, 17, 39, 100, 3000, usize::MAX / 3];
    for p in sizes {
        for n in sizes {
            for d in sizes {
                let layout = Layout::of::<f32>(p, n, d);
                assert_eq!(Layout::of::<f32x4>(p, n, d), layout);
                assert_eq!(Layout::of::<f32x8>(p, n, d), layout);
                assert_eq!(Layout::of::<f32x16>(p, n, d), layout);
                assert_eq!(Layout::of::<f64x2>(p, n, d), Layout::of::<f64>(p, n, d));
                assert_eq!(Layout::of::<f64x8>(p, n, d), Layout::of::<f64>(p, n, d));
                neurons += usize::from(layout == Layout::Neurons);
            }
        }
    }
    assert!(neurons > 50, "{neurons}");
    // What was measured: both kinds of loser.
    let of = Layout::of::<f32x16>;
    assert_eq!([of(60, 2, 2), of(32, 32, 32), of(200, 75, 150)], [Layout::Neurons; 3]);
    assert_eq!([of(39, 3000, 100), of(1, 100, 10), of(37, 1500, 2000)], [Layout::Samples; 3]);
}

/// Every lane of the widest type in turn, and none for a lane that is not there.
fn alone_is_one_lane<L: Lanes>() {
    for lane in 0..L::WIDTH + 1 {
        let mut chunk = L::EMPTY;
        L::alone(L::Elem::from_f64(-2.5), lane).store(&mut chunk);
        for (at, x) in chunk.as_ref().iter().enumerate() {
            let want = if at == lane || L::WIDTH == 1 { -2.5 } else { 0.0 };
            assert_eq!(x.to_f64(), want, "{lane}");
        }
    }
    let mut chunks = vec![L::EMPTY; 3];
    L::flat_mut(&mut chunks)[L::WIDTH] = L::Elem::ONE;
    assert_eq!(L::flat(&chunks).iter().position(|x| *x == L::Elem::ONE), Some(L::WIDTH));
    let bank = L::gather(&chunks);
    let ones = if L::VIRTUAL / L::WIDTH > 1 { 1.0 } else { 0.0 };
    assert_eq!(L::fold(bank).to_f64(), ones);
}
for_each_lanes!(every alone_is_one_lane);
