//! Replicas: the bits of the network trained alone, whatever its neighbours do.

use conformance::precision::{Tolerance, check_vector};
use conformance::wide::{f32x4, f32x16, f64x8};
use conformance::{Problem, SIZES, Way, either_scale, for_each_lanes, run};
use reluflow::{Canonical, Dim, Error, Fixed, Health, Lanes, NetViewMut, Real, Replicas, Scale};

use crate::dense::{reference, time_step};
use crate::forward::zeros;

/// More sizes with neurons in the lanes.
const SMALL: [(usize, usize, usize); 5] =
    [(60, 2, 2), (16, 5, 4), (33, 9, 3), (48, 3, 5), (15, 145, 2)];

/// Every lane with a start, samples and targets of its own.
fn problems<L: Lanes>(size: (usize, usize, usize)) -> Vec<Problem<L::Elem>> {
    let scale = either_scale(size.0);
    (0..L::WIDTH).map(|lane| Problem::random(lane as u64, size, scale)).collect()
}

/// Losses, mu, w and a of each lane after `steps` steps.
fn train<L: Lanes>(problems: &[Problem<L::Elem>], steps: usize, dt: f64) -> Vec<Vec<L::Elem>> {
    let Problem { p, n, d, scale, .. } = problems[0];
    let mut memory = vec![L::Elem::INFINITY; Replicas::<L>::len(p, n, d)];
    let mut replicas = Replicas::<L>::new(p, n, d, scale, &mut memory).unwrap();
    assert_eq!(replicas.lanes(), L::WIDTH);
    for (lane, problem) in problems.iter().enumerate() {
        replicas.set(lane, problem.net(), problem.samples()).unwrap();
    }
    let mut ends = vec![Vec::new(); problems.len()];
    for _ in 0..steps {
        let steps = replicas.step(L::Elem::from_f64(dt));
        for (lane, end) in ends.iter_mut().enumerate() {
            end.extend([steps.of(lane).loss, steps.of(lane).mu().unwrap()]);
        }
    }
    for (lane, end) in ends.iter_mut().enumerate() {
        let (mut w, mut a) = (zeros(p * d), zeros(p));
        replicas.write(lane, &mut NetViewMut::new(&mut w, &mut a, d).unwrap()).unwrap();
        assert!(replicas.health(lane).is_good());
        end.extend(w.into_iter().chain(a));
    }
    ends
}

/// The same from the dense step.
fn alone<L: Lanes>(problem: &Problem<L::Elem>, steps: usize, dt: f64) -> Vec<L::Elem> {
    let trace = run::<L>(problem, Way::Dense, steps, dt);
    let reports = trace.loss.into_iter().zip(trace.mu).flat_map(|(loss, mu)| [loss, mu]);
    reports.chain(trace.w).chain(trace.a).collect()
}

fn bits_of_the_network_alone<L: Lanes>() {
    const STEPS: usize = 30;
    for size in SIZES.into_iter().chain(SMALL) {
        let problems = problems::<L>(size);
        let dt = time_step(&problems[0], STEPS) / 2.0;
        for (lane, got) in train::<L>(&problems, STEPS, dt).into_iter().enumerate() {
            assert_eq!(got, alone::<L>(&problems[lane], STEPS, dt), "{size:?}, lane {lane}");
        }
    }
}

#[test]
fn bits_of_the_network_alone_f32() {
    bits_of_the_network_alone::<Canonical<f32>>();
    bits_of_the_network_alone::<Canonical<f32x4>>();
    bits_of_the_network_alone::<Canonical<f32x16>>();
}

#[test]
fn bits_of_the_network_alone_f64() {
    bits_of_the_network_alone::<Canonical<f64>>();
    bits_of_the_network_alone::<Canonical<f64x8>>();
}

fn follows_the_oracle<L: Lanes>() {
    const STEPS: usize = 20;
    for size in SIZES.into_iter().chain(SMALL) {
        let (p, n, d) = size;
        let problems = problems::<L>(size);
        let dt = time_step(&problems[0], STEPS) / 2.0;
        let got = train::<L>(&problems, STEPS, dt);
        for lane in [0, L::WIDTH - 1] {
            let want = reference(&problems[lane], STEPS, dt);
            let want: Vec<f64> = want.w.into_iter().chain(want.a).collect();
            let tolerance = Tolerance::Path { p, n, d, steps: STEPS };
            check_vector(format_args!("{size:?}"), &got[lane][2 * STEPS..], &want, tolerance);
        }
    }
}
for_each_lanes!(follows_the_oracle);

/// Constants or numbers, shared samples, a broken neighbour: the same bits.
#[test]
fn neighbours_and_constants_change_nothing() {
    type L = f32x16;
    let problems = problems::<L>((16, 5, 4));
    let want = train::<L>(&problems, 10, 0.01);
    let mut memory = vec![0.0; Replicas::<L>::len(16, 5, 4)];
    let scale = problems[0].scale;
    let mut replicas = Replicas::<L, Fixed<16, 5, 4>>::fixed(scale, &mut memory).unwrap();
    for (lane, problem) in problems.iter().enumerate() {
        let mut problem = problem.clone();
        if lane == 7 {
            problem.w[3] = f32::NAN;
        }
        replicas.set(lane, problem.net(), problem.samples()).unwrap();
    }
    for step in 0..10 {
        let steps = replicas.step(0.01);
        for lane in (0..16).filter(|&lane| lane != 7) {
            assert_eq!(steps.of(lane).loss, want[lane][2 * step]);
            assert_eq!(steps.of(lane).mu(), Some(want[lane][2 * step + 1]));
        }
        assert!(steps.of(7).loss.is_nan());
        assert_eq!(steps.of(16).loss, 0.0, "there is no lane 16");
    }
    assert_eq!(replicas.health(7), Health::NAN);
    assert!(replicas.health(8).is_good());
}

fn refuses<L: Lanes>() {
    let problem = Problem::<L::Elem>::random(1, (3, 4, 5), Scale::One);
    let other = Problem::<L::Elem>::random(1, (4, 5, 6), Scale::One);
    let len = Replicas::<L>::len(3, 4, 5);
    let mut memory = zeros(len);
    let short = Replicas::<L>::new(3, 4, 5, Scale::One, &mut memory[..len - 16]).err();
    assert_eq!(short, Some(Error::Memory { needed: len, found: len - 16 }));
    let empty = Replicas::<L>::new(3, 0, 5, Scale::One, &mut memory).err();
    assert_eq!(empty, Some(Error::Empty { dim: Dim::N }));
    let mut replicas = Replicas::<L>::new(3, 4, 5, Scale::One, &mut memory).unwrap();
    let shape = |dim, expected, found| Err(Error::Shape { dim, expected, found });
    let (net, samples) = (problem.net(), problem.samples());
    let set = replicas.set(L::WIDTH, net, samples);
    assert_eq!(set, shape(Dim::Lane, L::WIDTH, L::WIDTH));
    assert_eq!(replicas.set(0, other.net(), samples), shape(Dim::P, 3, 4));
    assert_eq!(replicas.set(0, net, other.samples()), shape(Dim::N, 4, 5));
    let (mut w, mut a) = (zeros(20), zeros(4));
    let mut narrow = NetViewMut::new(&mut w, &mut a, 5).unwrap();
    assert_eq!(replicas.write(0, &mut narrow), shape(Dim::P, 3, 4));
    assert_eq!(Dim::Lane.symbol(), "lane");
}
for_each_lanes!(refuses);
