//! Samples that pass by: the oracle's path, the bits of `Dense` where all fit the buffer, and the
//! same bits however the rows are sliced.

use conformance::precision::{Tolerance, check_vector};
use conformance::wide::{f32x4, f32x16, f64x8};
use conformance::{Problem, Random, for_each_lanes, with_dense};
use reluflow::{
    Canonical, Dim, Error, Fixed, Lanes, Net, NetViewMut, Real, SamplesView, Scale, Shape, Stream,
};

use crate::dense::{reference, time_step};
use crate::forward::zeros;

/// Feeds rows first..end for each consecutive pair of `cuts`.
fn feed<L: Lanes, S: Shape>(
    stream: &mut Stream<'_, L, S>,
    problem: &Problem<L::Elem>,
    cuts: &[usize],
) {
    for pair in cuts.windows(2) {
        let (x, y) =
            (&problem.x[pair[0] * problem.d..pair[1] * problem.d], &problem.y[pair[0]..pair[1]]);
        stream.feed(SamplesView::new(x, y, problem.d).unwrap()).unwrap();
        assert_eq!(stream.fed(), pair[1]);
    }
}

/// (losses and mu, network) after `steps` steps of rows that come as `cuts` say.
fn train<L: Lanes>(
    problem: &Problem<L::Elem>,
    b: usize,
    cuts: &[usize],
    steps: usize,
    dt: f64,
) -> (Vec<L::Elem>, Vec<L::Elem>) {
    let (p, d) = (problem.p, problem.d);
    let mut memory = vec![L::Elem::from_f64(f64::NAN); Stream::<L>::len(p, b, d)];
    let mut stream = Stream::<L>::new(problem.net(), b, problem.scale, &mut memory).unwrap();
    let mut reports = Vec::new();
    for _ in 0..steps {
        feed(&mut stream, problem, cuts);
        let step = stream.finish(L::Elem::from_f64(dt)).unwrap();
        reports.extend([step.loss, step.mu().unwrap()]);
    }
    assert!(stream.health().is_good());
    let (mut w, mut a) = (zeros(p * d), zeros(p));
    stream.write(&mut NetViewMut::new(&mut w, &mut a, d).unwrap()).unwrap();
    assert_eq!(stream.a(), a);
    w.extend(a);
    (reports, w)
}

fn streams_follow_the_oracle<L: Lanes>() {
    const STEPS: usize = 20;
    for (seed, size, b) in [
        (1, (9, 31, 7), 4),
        (2, (60, 20, 2), 7),
        (3, (5, 150, 12), 144),
        (4, (3, 40, 33), 17),
        (5, (17, 9, 1), 1),
    ] {
        let (p, n, d) = size;
        let problem = Problem::<L::Elem>::random(seed, size, conformance::either_scale(b));
        let dt = time_step(&problem, STEPS);
        let want = reference(&problem, STEPS, dt);
        let (reports, w) = train::<L>(&problem, b, &[0, n], STEPS, dt);
        let loss: Vec<_> = reports.iter().step_by(2).copied().collect();
        let tolerance = Tolerance::Path { p, n, d, steps: STEPS };
        let ends: Vec<f64> = want.w.iter().chain(&want.a).copied().collect();
        check_vector(format_args!("L {size:?} b{b}"), &loss, &want.loss, tolerance);
        check_vector(format_args!("w, a {size:?} b{b}"), &w, &ends, tolerance);
    }
}
for_each_lanes!(streams_follow_the_oracle);

fn slices_do_not_matter<L: Lanes>() {
    let problem = Problem::<L::Elem>::random(7, (9, 61, 5), Scale::One);
    let dt = time_step(&problem, 20);
    let one_by_one: Vec<usize> = (0..=61).collect();
    for b in [1, 8, 16, 60, 61, 62, 100] {
        let want = train::<L>(&problem, b, &[0, 61], 5, dt);
        assert_eq!(train::<L>(&problem, b, &one_by_one, 5, dt), want, "b{b}");
        let mut random = Random(b as u64);
        for _ in 0..5 {
            let mut cuts = vec![0];
            while cuts.last() < Some(&61) {
                cuts.push((cuts.last().unwrap() + 1 + random.index(20)).min(61));
            }
            assert_eq!(train::<L>(&problem, b, &cuts, 5, dt), want, "b{b} {cuts:?}");
        }
    }
}
for_each_lanes!(slices_do_not_matter);

/// One buffer full is `Dense`, bit for bit, in either layout; and so is a type of constant sizes.
fn a_full_buffer_is_dense<L: Lanes>() {
    fn fixed<L: Lanes, const P: usize, const N: usize, const D: usize>() {
        let problem = Problem::<L::Elem>::random(3, (P, N, D), Scale::OneOverP);
        let dt = time_step(&problem, 20);
        let want = with_dense::<L, _>(&problem, |dense| {
            let reports = [0; 10].map(|_| dense.step(L::Elem::from_f64(dt)));
            let (mut w, mut a) = (zeros(P * D), zeros(P));
            dense.write(&mut NetViewMut::new(&mut w, &mut a, D).unwrap()).unwrap();
            w.extend(a);
            (reports.map(|step| [step.loss, step.mu().unwrap()]).concat(), w)
        });
        assert_eq!(train::<L>(&problem, N, &[0, N], 10, dt), want, "p{P} n{N} d{D}");
        let mut net = Net::<L::Elem, P, D>::zero();
        net.w.as_flattened_mut().copy_from_slice(&problem.w);
        net.a.copy_from_slice(&problem.a);
        let mut memory = vec![L::Elem::INFINITY; Stream::<L>::len(P, N, D)];
        let mut stream =
            Stream::<L, Fixed<P, N, D>>::fixed(&net, problem.scale, &mut memory).unwrap();
        for want in want.0.chunks(2) {
            feed(&mut stream, &problem, &[0, N]);
            let step = stream.finish(L::Elem::from_f64(dt)).unwrap();
            assert_eq!([step.loss, step.mu().unwrap()], want, "p{P} n{N} d{D}");
        }
    }
    fixed::<L, 60, 7, 2>();
    fixed::<L, 5, 33, 19>();
}
for_each_lanes!(a_full_buffer_is_dense);

#[test]
fn same_bits_at_every_width() {
    fn bits<L: Lanes>() -> Vec<Vec<L::Elem>> {
        let mut all = Vec::new();
        for (seed, size) in [(1, (9, 31, 7)), (2, (60, 20, 2))] {
            let problem = Problem::<L::Elem>::random(seed, size, Scale::One);
            let dt = time_step(&problem, 100);
            let (reports, w) = train::<Canonical<L>>(&problem, 13, &[0, size.1], 100, dt);
            all.extend([reports, w]);
        }
        all
    }
    assert_eq!(bits::<f32x4>(), bits::<f32>());
    assert_eq!(bits::<f32x16>(), bits::<f32>());
    assert_eq!(bits::<f64x8>(), bits::<f64>());
}

#[test]
fn a_new_begin_forgets() {
    let problem = Problem::<f32>::random(1, (3, 20, 2), Scale::One);
    let mut memory = [0.0; Stream::<f32>::len(3, 8, 2)];
    let mut stream = Stream::<f32>::new(problem.net(), 8, Scale::One, &mut memory).unwrap();
    feed(&mut stream, &problem, &[0, 20]);
    let want = stream.finish(0.0).unwrap();
    feed(&mut stream, &problem, &[0, 9, 13]);
    stream.begin();
    assert_eq!(stream.fed(), 0);
    feed(&mut stream, &problem, &[0, 20]);
    assert_eq!(stream.finish(0.0).unwrap(), want);
}

#[test]
fn streams_refuse() {
    let problem = Problem::<f32>::random(1, (3, 20, 2), Scale::One);
    let net = problem.net();
    let mut memory = [0.0; Stream::<f32>::len(3, 144, 2)];
    let needed = Stream::<f32>::len(3, 8, 2);
    let found = needed - 1;
    let short = Stream::<f32>::new(net, 8, Scale::One, &mut memory[..found]);
    assert_eq!(short.err(), Some(Error::Memory { needed, found }));
    let none = Stream::<f32>::new(net, 0, Scale::One, &mut memory).err();
    assert_eq!(none, Some(Error::Empty { dim: Dim::N }));
    let many = Stream::<f32>::new(net, 145, Scale::One, &mut memory).err();
    assert_eq!(many, Some(Error::Shape { dim: Dim::N, expected: 144, found: 145 }));
    let mut stream = Stream::<f32>::new(net, 144, Scale::One, &mut memory).unwrap();
    assert_eq!(stream.finish(1.0).err(), Some(Error::Empty { dim: Dim::N }));
    let other = SamplesView::new(&[1.0, 2.0, 3.0], &[1.0], 3).unwrap();
    let shape = Error::Shape { dim: Dim::D, expected: 2, found: 3 };
    assert_eq!((stream.feed(other), stream.fed()), (Err(shape), 0));
}
