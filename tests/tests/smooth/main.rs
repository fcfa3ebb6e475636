//! The flow of smooth fields against solutions in closed form.

use conformance::for_each_lanes;
use conformance::precision::{Tolerance, check};
use reluflow::{Dim, Error, Lanes, Real, Smooth};

/// (tolerance, error over tolerance): what the runs below show, doubled.
fn rule<L: Lanes>() -> (f64, Tolerance) {
    // f32 keeps 1e-6; after some twenty steps its own roundings are as large.
    let tolerance = if L::Elem::EPSILON.to_f64() > 1e-10 { 1e-5 } else { 1e-9 };
    (tolerance, Tolerance::Flow { tolerance, units: 20.0 })
}

/// y' = (y_1, -y_0), turned in pairs; the pair at k runs k + 1 times as fast.
fn turn<T: Real>(y: &[T], dy: &mut [T]) {
    for (k, (y, dy)) in y.chunks(2).zip(dy.chunks_mut(2)).enumerate() {
        let speed = T::from_usize(k + 1);
        match (y, dy) {
            ([x, y], [dx, dy]) => (*dx, *dy) = (speed * *y, -speed * *x),
            ([x], [dx]) => *dx = -*x,
            _ => {}
        }
    }
}

fn exact(k: usize, size: usize, t: f64) -> f64 {
    if size % 2 == 1 && k == size - 1 {
        return (-t).exp();
    }
    let angle = t * (k / 2 + 1) as f64;
    if k.is_multiple_of(2) { angle.sin() + angle.cos() } else { angle.cos() - angle.sin() }
}

fn follows_rotations_and_decay<L: Lanes>() {
    let (tolerance, rule) = rule::<L>();
    for size in [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 33] {
        let start = vec![L::Elem::ONE; size];
        let mut memory = vec![L::Elem::ZERO; Smooth::<L>::len(size)];
        let mut flow = Smooth::<L>::new(&start, L::Elem::from_f64(tolerance), &mut memory).unwrap();
        let mut inside = vec![L::Elem::ZERO; size];
        for end in [0.25, 1.0] {
            let end = L::Elem::from_f64(end);
            while !flow.advance(end, &mut turn::<L::Elem>).unwrap() {
                let middle = flow.t() - L::Elem::from_f64(0.5) * flow.length();
                flow.at(middle, &mut inside).unwrap();
                for (k, &y) in inside.iter().enumerate() {
                    check(
                        format_args!("{size} at {middle}: y[{k}]"),
                        y,
                        exact(k, size, middle.to_f64()),
                        1.0,
                        rule,
                    );
                }
            }
            assert_eq!(flow.t(), end, "the end is met exactly");
            let mut velocity = vec![L::Elem::ZERO; size];
            turn(flow.state(), &mut velocity);
            for (k, &y) in flow.state().iter().enumerate() {
                check(format_args!("{size}: y[{k}]"), y, exact(k, size, end.to_f64()), 1.0, rule);
                // The last stage is the first of the next step: the derivative at the end.
                check("velocity", flow.velocity()[k], velocity[k].to_f64(), 1.0, Tolerance::Exact);
            }
        }
        let (steps, rejected) = flow.steps();
        assert_eq!(flow.evaluations(), 1 + 6 * (steps + rejected));
        assert!(flow.run(L::Elem::from_f64(2.0), 10_000, &mut turn::<L::Elem>).unwrap());
        assert!(!flow.run(L::Elem::from_f64(1e6), 3, &mut turn::<L::Elem>).unwrap(), "3 steps");
    }
}
for_each_lanes!(native follows_rotations_and_decay);

/// A hundred times smaller tolerances take 100^(1/5) = 2.5 times the steps and give errors some hundred
/// times smaller: order 5 with its error estimate.
#[test]
fn errors_follow_the_tolerance() {
    let run = |tolerance: f64| {
        let mut memory = vec![0.0; Smooth::<f64>::len(2)];
        let mut flow = Smooth::<f64>::new(&[1.0, 1.0], tolerance, &mut memory).unwrap();
        flow.run(20.0, 1 << 20, &mut turn::<f64>).unwrap();
        ((flow.state()[0] - exact(0, 2, 20.0)).abs(), flow.steps().0 as f64)
    };
    for tolerance in [1e-5, 1e-7, 1e-9] {
        let ((coarse, few), (fine, many)) = (run(tolerance), run(tolerance / 100.0));
        assert!((20.0..=500.0).contains(&(coarse / fine)), "{tolerance}: {coarse:e} {fine:e}");
        assert!((2.0..=3.0).contains(&(many / few)), "{tolerance}: {few} {many}");
    }
}

#[test]
fn same_bits_at_every_width() {
    fn run<L: Lanes>() -> Vec<u64> {
        let start: Vec<L::Elem> = (0..19).map(|k| L::Elem::from_f64(0.1 * f64::from(k))).collect();
        let mut memory = vec![L::Elem::ZERO; Smooth::<L>::len(19)];
        let mut flow = Smooth::<L>::new(&start, L::Elem::from_f64(1e-5), &mut memory).unwrap();
        flow.run(L::Elem::from_f64(3.0), 1000, &mut turn::<L::Elem>).unwrap();
        flow.state().iter().map(|y| y.bits()).collect()
    }
    use conformance::wide::{f32x4, f32x8, f32x16, f64x2, f64x4, f64x8};
    use reluflow::Canonical;
    let narrow = run::<Canonical<f32>>();
    assert_eq!(narrow, run::<Canonical<f32x4>>());
    assert_eq!(narrow, run::<Canonical<f32x8>>());
    assert_eq!(narrow, run::<Canonical<f32x16>>());
    let double = run::<Canonical<f64>>();
    assert_eq!(double, run::<Canonical<f64x2>>());
    assert_eq!(double, run::<Canonical<f64x4>>());
    assert_eq!(double, run::<Canonical<f64x8>>());
}

#[test]
fn what_cannot_be_integrated_is_an_error() {
    let mut memory = vec![0.0; Smooth::<f64>::len(2)];
    let new = |start: &[f64], tolerance, memory: &mut [f64]| {
        Smooth::<f64>::new(start, tolerance, memory).err()
    };
    assert_eq!(new(&[], 1e-6, &mut memory), Some(Error::Empty { dim: Dim::D }));
    assert_eq!(new(&[1.0, f64::NAN], 1e-6, &mut memory), Some(Error::NonFinite { at: 1 }));
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(new(&[1.0], wrong, &mut memory), Some(Error::Tolerance));
    }
    let short = Error::Memory { needed: 20, found: 19 };
    assert_eq!(new(&[1.0, 1.0], 1e-6, &mut memory[..19]), Some(short));

    // y' = y^2 leaves every bound at t = 1; the state stays before it.
    let mut flow = Smooth::<f64>::new(&[1.0], 1e-6, &mut memory).unwrap();
    let stopped = flow.run(2.0, 1 << 20, &mut |y: &[f64], dy: &mut [f64]| dy[0] = y[0] * y[0]);
    assert_eq!(stopped, Err(Error::Stuck));
    // 1 is known to a few tolerances.
    assert!(flow.t() < 1.0 + 1e-5 && flow.state()[0] > 1e6, "{} {:?}", flow.t(), flow.state());
    let mut flow = Smooth::<f64>::new(&[1.0], 1e-6, &mut memory).unwrap();
    let stopped = flow.advance(1.0, &mut |_: &[f64], dy: &mut [f64]| dy[0] = f64::NAN);
    assert_eq!(stopped, Err(Error::Stuck));
    assert_eq!((flow.t(), flow.state()), (0.0, &[1.0][..]), "nothing is lost");
    let wrong = Error::Shape { dim: Dim::Output, expected: 1, found: 2 };
    assert_eq!(flow.at(0.0, &mut [0.0; 2]), Err(wrong));
    assert!(!Error::Tolerance.to_string().is_empty() && !Error::Stuck.to_string().is_empty());
}
