//! A step in parts: the same gradient however the samples are cut, the same bits whoever computes.

use conformance::precision::{Tolerance, check_vector};
use conformance::{Problem, for_each_lanes};
use reluflow::{
    Batch, Dense, Dim, Error, Lanes, Layout, NetViewMut, Part, Real, SamplesView, Scale,
};

use crate::dense::{reference, time_step};
use crate::forward::zeros;

/// Cuts the samples behind each of `cuts`, takes `steps` steps, `reverse` computing the last part
/// first; returns losses and the network.
fn in_parts<L: Lanes>(
    problem: &Problem<L::Elem>,
    cuts: &[usize],
    steps: usize,
    dt: L::Elem,
    reverse: bool,
) -> (Vec<L::Elem>, Vec<L::Elem>) {
    let (p, n, d) = (problem.p, problem.n, problem.d);
    let ends: Vec<usize> = cuts.iter().copied().chain([n]).collect();
    let mut data: Vec<Vec<L::Elem>> = Vec::new();
    let mut first = 0;
    for &end in &ends {
        data.push(zeros(Batch::<L>::len(end - first, d)));
        first = end;
    }
    first = 0;
    let mut batches = Vec::new();
    for (memory, &end) in data.iter_mut().zip(&ends) {
        let samples =
            SamplesView::new(&problem.x[first * d..end * d], &problem.y[first..end], d).unwrap();
        batches.push(Batch::<L>::pack(samples, memory).unwrap());
        first = end;
    }
    let mut memory = zeros(Dense::<L>::len(p, batches[0].n(), d));
    let mut state = Dense::new(problem.net(), batches[0], problem.scale, &mut memory).unwrap();
    let mut rooms: Vec<_> = batches.iter().map(|b| zeros(state.part_len(b.n()))).collect();
    let mut parts: Vec<Part<'_, L>> = Vec::new();
    for (room, batch) in rooms.iter_mut().zip(&batches) {
        parts.push(state.part(batch.n(), room).unwrap());
    }
    assert_eq!(parts[0].n(), 0);
    let mut losses = Vec::new();
    for _ in 0..steps {
        let mut jobs: Vec<_> = parts.iter_mut().zip(&batches).collect();
        if reverse {
            jobs.reverse();
        }
        for (part, batch) in jobs {
            state.gather(*batch, part).unwrap();
        }
        losses.push(state.merge(dt, &parts).unwrap().loss);
    }
    assert_eq!(parts.iter().map(Part::n).sum::<usize>(), n);
    assert!(state.health().is_good());
    let (mut w, mut a) = (zeros(p * d), zeros(p));
    state.write(&mut NetViewMut::new(&mut w, &mut a, d).unwrap()).unwrap();
    w.extend(a);
    (losses, w)
}

fn parts_follow_the_oracle<L: Lanes>() {
    const STEPS: usize = 20;
    for (seed, size, cuts) in [
        (1, (9, 31, 7), &[1usize, 17][..]),
        (2, (60, 20, 2), &[3, 4, 5]),
        (3, (5, 300, 12), &[144, 290]),
        (4, (33, 450, 3), &[288]),
    ] {
        let (p, n, d) = size;
        let problem = Problem::<L::Elem>::random(seed, size, Scale::OneOverP);
        let dt = time_step(&problem, STEPS);
        let want = reference(&problem, STEPS, dt);
        let (loss, w) = in_parts::<L>(&problem, cuts, STEPS, L::Elem::from_f64(dt), false);
        let tolerance = Tolerance::Path { p, n, d, steps: STEPS };
        let ends: Vec<f64> = want.w.iter().chain(&want.a).copied().collect();
        check_vector(format_args!("L {size:?}"), &loss, &want.loss, tolerance);
        check_vector(format_args!("w, a {size:?}"), &w, &ends, tolerance);
        let other = in_parts::<L>(&problem, cuts, STEPS, L::Elem::from_f64(dt), true);
        assert_eq!(other, (loss, w), "who computes first must not matter");
    }
}
for_each_lanes!(parts_follow_the_oracle);

fn parts_refuse<L: Lanes>() {
    let problem = Problem::<L::Elem>::random(1, (3, 300, 5), Scale::One);
    let other = Problem::<L::Elem>::random(1, (3, 300, 6), Scale::One);
    let mut data = zeros(Batch::<L>::len(300, 5));
    let batch = Batch::<L>::pack(problem.samples(), &mut data).unwrap();
    let mut wide = zeros(Batch::<L>::len(300, 6));
    let wide = Batch::<L>::pack(other.samples(), &mut wide).unwrap();
    let mut memory = zeros(Dense::<L>::len(3, 300, 5));
    let mut state = Dense::new(problem.net(), batch, Scale::One, &mut memory).unwrap();
    let needed = state.part_len(20);
    let mut short = zeros(needed - 16);
    let found = short.len();
    assert_eq!(state.part(20, &mut short).err(), Some(Error::Memory { needed, found }));
    let mut room = zeros(needed);
    let mut part = state.part(20, &mut room).unwrap();
    assert_eq!(state.merge(L::Elem::ONE, [&part]).err(), Some(Error::Empty { dim: Dim::N }));
    let nothing = std::iter::empty::<&Part<'_, L>>();
    assert_eq!(state.merge(L::Elem::ONE, nothing).err(), Some(Error::Empty { dim: Dim::N }));
    // Blocks of 144 do not fit a part for blocks of 20.
    assert!(matches!(state.gather(batch, &mut part), Err(Error::Memory { found: 20, .. })));
    let shape = Error::Shape { dim: Dim::D, expected: 5, found: 6 };
    assert_eq!(state.gather(wide, &mut part), Err(shape));
    let mut memory = zeros(Dense::<L>::len(3, 300, 6));
    let mut stranger = Dense::new(other.net(), wide, Scale::One, &mut memory).unwrap();
    let shape = Error::Shape { dim: Dim::D, expected: 6, found: 5 };
    assert_eq!(stranger.gather(wide, &mut part), Err(shape));
    assert_eq!(stranger.merge(L::Elem::ONE, [&part]).err(), Some(shape));
}
for_each_lanes!(parts_refuse);

/// States of one size on one sample and on many: neurons in the lanes, and samples.
fn parts_keep_to_their_layout<L: Lanes>() {
    let few = Problem::<L::Elem>::random(1, (8, 1, 1), Scale::One);
    let many = Problem::<L::Elem>::random(1, (8, 3000, 1), Scale::One);
    let (mut data, mut memory) = (zeros(Batch::<L>::len(1, 1)), zeros(Dense::<L>::len(8, 1, 1)));
    let batch = Batch::<L>::pack(few.samples(), &mut data).unwrap();
    let mut state = Dense::new(few.net(), batch, Scale::One, &mut memory).unwrap();
    let mut data = zeros(Batch::<L>::len(3000, 1));
    let mut memory = zeros(Dense::<L>::len(8, 3000, 1));
    let wide = Batch::<L>::pack(many.samples(), &mut data).unwrap();
    let other = Dense::new(many.net(), wide, Scale::One, &mut memory).unwrap();
    assert_eq!((state.layout(), other.layout()), (Layout::Neurons, Layout::Samples));
    let mut room = zeros(other.part_len(1));
    let mut part = other.part(1, &mut room).unwrap();
    assert_eq!(state.gather(batch, &mut part), Err(Error::Layout));
    assert_eq!(state.merge(L::Elem::ONE, [&part]).err(), Some(Error::Layout));
    assert!(Error::Layout.to_string().contains("layout"));
    // A part that was never gathered adds nothing, whatever its memory holds.
    let mut junk = vec![L::Elem::from_f64(f64::NAN); state.part_len(1)];
    let empty = state.part(1, &mut junk).unwrap();
    let mut room = zeros(state.part_len(1));
    let mut full = state.part(1, &mut room).unwrap();
    state.gather(batch, &mut full).unwrap();
    assert!(state.merge(L::Elem::EPSILON, [&empty, &full, &empty]).unwrap().loss.is_finite());
    assert!(state.health().is_good());
}
for_each_lanes!(parts_keep_to_their_layout);
