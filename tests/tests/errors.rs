//! Every constructor refuses wrong shapes, zero sizes and short memory by name; `len` is enough.

use conformance::wide::{f32x4, f32x8, f32x16, f64x2};
use conformance::{Problem, for_each_lanes};
use reluflow::limit::{Sign, carriers, direction};
use reluflow::{
    Batch, Bounds, Defect, Dense, Dim, Error, Geometry, Gram, Lanes, Net, NetView, NetViewMut,
    Orthogonal, Pattern, Real, Samples, SamplesView, Scale, Sizes, curvature, init,
};

use crate::forward::zeros;

fn shape(dim: Dim, expected: usize, found: usize) -> Error {
    Error::Shape { dim, expected, found }
}

#[test]
fn views_refuse_wrong_shapes() {
    let some = [0.0f32; 12];
    let empty = |dim| Some(Error::Empty { dim });
    assert_eq!(NetView::new(&some[..0], &some[..0], 2).err(), empty(Dim::P));
    assert_eq!(NetView::new(&some[..0], &some[..3], 0).err(), empty(Dim::D));
    assert_eq!(NetView::new(&some[..5], &some[..3], 2).err(), Some(shape(Dim::W, 6, 5)));
    assert_eq!(NetView::new(&some, &some[..3], usize::MAX).err(), Some(Error::TooLarge));
    let net = NetView::new(&some[..6], &some[..3], 2).unwrap();
    assert_eq!(
        (net.p(), net.d(), net.w().len(), net.a().len(), net.rows().count()),
        (3, 2, 6, 3, 3)
    );

    let (mut w, mut a) = ([1.0f32; 7], [2.0f32; 3]);
    assert_eq!(NetViewMut::new(&mut w, &mut a, 2).err(), Some(shape(Dim::W, 6, 7)));
    let mut net = NetViewMut::new(&mut w[..6], &mut a, 2).unwrap();
    assert_eq!((net.p(), net.d(), net.neurons().count()), (3, 2, 3));
    assert_eq!((net.as_view().w(), net.as_view().a()), (&[1.0; 6][..], &[2.0; 3][..]));

    assert_eq!(SamplesView::new(&some[..0], &some[..0], 2).err(), empty(Dim::N));
    assert_eq!(SamplesView::new(&some[..0], &some[..3], 0).err(), empty(Dim::D));
    assert_eq!(SamplesView::new(&some[..7], &some[..3], 2).err(), Some(shape(Dim::X, 6, 7)));
    assert_eq!(SamplesView::new(&some, &some[..3], usize::MAX).err(), Some(Error::TooLarge));
    let samples = SamplesView::new(&some[..6], &some[..3], 2).unwrap();
    let lengths = (samples.x().len(), samples.y().len(), samples.rows().count());
    assert_eq!((samples.n(), samples.d(), lengths), (3, 2, (6, 3, 3)));

    for (sizes, dim) in [((0, 1, 1), Dim::P), ((1, 0, 1), Dim::N), ((1, 1, 0), Dim::D)] {
        assert_eq!(Sizes::new(sizes.0, sizes.1, sizes.2).err(), empty(dim));
    }
    for sizes in [(usize::MAX, 1, 2), (1 << 40, 1 << 40, 1), (1, 1 << 60, 1), (1 << 60, 1, 1)] {
        assert_eq!(Sizes::new(sizes.0, sizes.1, sizes.2).err(), Some(Error::TooLarge));
    }
}

/// Runs `build` on `len` elements at every offset from a register boundary, and on one fewer.
fn exact_length<T: Real>(len: usize, mut build: impl FnMut(&mut [T]) -> Option<Error>) {
    let mut room: Vec<T> = zeros(len + 64);
    for offset in 0..33 {
        assert_eq!(build(&mut room[offset..offset + len]), None, "at offset {offset} of {len}");
    }
    // One element fewer may do where the slice happens to be aligned, and never panics.
    for offset in 0..33 {
        match build(&mut room[offset..offset + len - 1]) {
            None => {}
            Some(error) => assert_eq!(error, Error::Memory { needed: len, found: len - 1 }),
        }
    }
    for short in [0, 1, len / 2] {
        if short < len / 2 + 1 && short + 16 < len {
            assert_eq!(
                build(&mut room[..short]),
                Some(Error::Memory { needed: len, found: short })
            );
        }
    }
}

fn exact_lengths_are_enough<L: Lanes>() {
    for size in [(1, 1, 1), (3, 2, 7), (9, 17, 33), (5, 145, 3), (2, 300, 2)] {
        let (p, n, d) = size;
        let problem = Problem::<L::Elem>::random(1, size, Scale::One);
        let (net, samples) = (problem.net(), problem.samples());
        exact_length(Batch::<L>::len(n, d), |memory| match Batch::<L>::pack(samples, memory) {
            Ok(batch) => {
                assert_eq!((batch.n(), batch.d()), (n, d));
                None
            }
            Err(error) => Some(error),
        });
        let mut data = zeros(Batch::<L>::len(n, d));
        let batch = Batch::<L>::pack(samples, &mut data).unwrap();
        exact_length(Dense::<L>::len(p, n, d), |memory| {
            Dense::new(net, batch, Scale::One, memory).err()
        });
        exact_length(Gram::<L>::len(p, n), |memory| {
            Gram::<L>::new(net, samples, Scale::One, memory).err()
        });
        exact_length(Orthogonal::<L>::len(p, n), |memory| {
            Orthogonal::<L>::new(net, samples, Scale::One, memory).err()
        });
        let len = Defect::<L::Elem>::len(n, d);
        let mut memory = zeros(len);
        assert!(Defect::of::<L>(samples, 1, &mut memory).is_ok());
        let short = Defect::of::<L>(samples, 1, &mut memory[1..]).err();
        assert_eq!(short, Some(Error::Memory { needed: len, found: len - 1 }));
    }
}
for_each_lanes!(exact_lengths_are_enough);

fn states_refuse_other_sizes<L: Lanes>() {
    let (p, n, d) = (3, 4, 5);
    let problem = Problem::<L::Elem>::random(1, (p, n, d), Scale::One);
    let other = Problem::<L::Elem>::random(1, (p + 1, n + 1, d + 1), Scale::One);
    let (net, samples) = (problem.net(), problem.samples());
    let (mut data, mut memory) = (zeros(Batch::<L>::len(n, d)), zeros(Dense::<L>::len(9, 9, 9)));
    let batch = Batch::<L>::pack(samples, &mut data).unwrap();
    let depth = Some(shape(Dim::D, d + 1, d));
    assert_eq!(Dense::new(other.net(), batch, Scale::One, &mut memory).err(), depth);
    let many = &mut zeros(Gram::<L>::len(9, 9) + Orthogonal::<L>::len(9, 9));
    let depth = Some(shape(Dim::D, d + 1, d));
    assert_eq!(Gram::<L>::new(other.net(), samples, Scale::One, many).err(), depth);
    assert_eq!(Orthogonal::<L>::new(other.net(), samples, Scale::One, many).err(), depth);

    let (mut w, mut a) = (zeros((p + 1) * (d + 1)), zeros(p + 1));
    let mut long = vec![L::Elem::ONE; p * n + 1];
    let output = |expected| Err(shape(Dim::Output, expected, p * n + 1));
    let mut dense = Dense::new(net, batch, Scale::One, &mut memory).unwrap();
    assert_eq!(dense.pre_activations(&mut long), output(p * n));
    assert_eq!(dense.predictions(&mut long), output(n));
    assert_eq!(dense.residuals(&mut long), output(n));
    assert_eq!(dense.grad_w(&mut long), output(p * d));
    assert_eq!(dense.grad_a(&mut long), output(p));
    let mut target = NetViewMut::new(&mut w, &mut a, d + 1).unwrap();
    assert_eq!(dense.write(&mut target), Err(shape(Dim::P, p, p + 1)));

    let gram = Gram::<L>::new(net, samples, Scale::One, many).unwrap();
    assert_eq!(gram.pre_activations(&mut long), output(p * n));
    assert_eq!(gram.dual(&mut long), output(p * n));
    assert_eq!(gram.write(net, samples, &mut target), Err(shape(Dim::P, p, p + 1)));
    let (mut w, mut a) = (zeros(p * d), zeros(p));
    let mut target = NetViewMut::new(&mut w, &mut a, d).unwrap();
    let wrong = Err(shape(Dim::P, p, p + 1));
    assert_eq!(gram.write(other.net(), samples, &mut target), wrong);
    let wrong = Err(shape(Dim::N, n, n + 1));
    assert_eq!(gram.write(net, other.samples(), &mut target), wrong);
    let many = &mut zeros(Orthogonal::<L>::len(9, 9));
    let orthogonal = Orthogonal::<L>::new(net, samples, Scale::One, many).unwrap();
    assert_eq!(orthogonal.pre_activations(&mut long), output(p * n));
    let wrong = Err(shape(Dim::P, p, p + 1));
    assert_eq!(orthogonal.write(other.net(), samples, &mut target), wrong);
    let wrong = Err(shape(Dim::N, n, n + 1));
    assert_eq!(orthogonal.write(net, other.samples(), &mut target), wrong);
    assert!(long.iter().all(|&v| v == L::Elem::ONE), "a refusal writes nothing");

    let mut blind = problem.clone();
    blind.x[2 * d..3 * d].fill(L::Elem::ZERO);
    let many = &mut zeros(Orthogonal::<L>::len(9, 9));
    let state = Orthogonal::<L>::new(net, blind.samples(), Scale::One, many);
    assert_eq!(state.err(), Some(Error::ZeroSample { i: 2 }));
    let mut net = NetViewMut::new(&mut w, &mut a, d).unwrap();
    let mut rng = init::stream(1, "errors", 0, 0);
    let result = init::grouped::<L>(&mut net, blind.samples(), 1.0, &mut rng);
    assert_eq!(result, Err(Error::ZeroSample { i: 2 }));
    let result = init::grouped::<L>(&mut net, other.samples(), 1.0, &mut rng);
    assert_eq!(result, Err(shape(Dim::D, d + 1, d)));
}
for_each_lanes!(states_refuse_other_sizes);

#[test]
fn measures_refuse_other_sizes() {
    let problem = Problem::<f64>::random(1, (3, 4, 5), Scale::One);
    let other = Problem::<f64>::random(1, (4, 5, 6), Scale::One);
    let (net, samples) = (problem.net(), problem.samples());
    let geometry = Geometry::of::<f64>(samples, Defect::exact(0.0));
    let (mut three, z) = ([0.0; 3], [0.0; 12]);
    let lemma = |z: &[f64], memory: &mut [f64]| {
        Bounds::lemma_7::<f64>(net, z, Scale::One, &geometry, memory).err()
    };
    assert_eq!(lemma(&z, &mut three), None);
    assert_eq!(lemma(&z[..11], &mut three), Some(shape(Dim::Output, 12, 11)));
    assert_eq!(lemma(&z, &mut three[..2]), Some(Error::Memory { needed: 3, found: 2 }));
    assert_eq!(geometry.theorem_1(samples, &three), Err(shape(Dim::N, 4, 3)));
    assert_eq!(geometry.theorem_1(other.samples(), &three), Err(shape(Dim::N, 4, 5)));
    let drift = curvature::balance_drift::<f64>(net, other.net());
    assert_eq!(drift, Err(shape(Dim::P, 4, 3)));
    let out = direction::<f64>(samples, Sign::Plus, &mut three);
    assert_eq!(out, Err(shape(Dim::Output, 5, 3)));
    let count = carriers::<f64>(other.net(), samples, Sign::Plus);
    assert_eq!(count, Err(shape(Dim::D, 5, 6)));

    let mut words = [0; 8];
    let mut of = |p, n, z: &[f64], len: usize| Pattern::of(p, n, z, &mut words[..len]).err();
    assert_eq!(of(0, 4, &z, 8), Some(Error::Empty { dim: Dim::P }));
    assert_eq!(of(3, 0, &z, 8), Some(Error::Empty { dim: Dim::N }));
    assert_eq!(of(3, 5, &z, 8), Some(shape(Dim::Output, 15, 12)));
    assert_eq!(of(3, 4, &z, 2), Some(Error::Memory { needed: 3, found: 2 }));
    assert_eq!(of(3, 4, &z, Pattern::len(3, 4)), None);
    let (mut few, mut many) = ([0; 3], [0; 4]);
    let few = Pattern::of(3, 4, &z, &mut few).unwrap();
    let many = Pattern::of(4, 3, &z, &mut many).unwrap();
    assert_eq!(few.changes(many), Err(shape(Dim::P, 3, 4)));
}

/// Fixed sizes are checked against the batch they meet.
#[test]
fn fixed_states_refuse_another_batch() {
    let samples = Samples { x: [[1.0f32, 0.0], [0.0, 1.0]], y: [1.0, -1.0] };
    let mut data = [0.0; Batch::<f32>::len(2, 2)];
    let batch = Batch::<f32>::pack(samples.view(), &mut data).unwrap();
    let net = Net::<f32, 3, 2>::zero();
    let mut memory = [0.0; Dense::<f32>::len(3, 2, 2)];
    let dense = Dense::<f32, reluflow::Fixed<3, 1, 2>>::fixed(&net, batch, Scale::One, &mut memory);
    assert_eq!(dense.err(), Some(shape(Dim::N, 1, 2)));
}

/// The messages name the symbol, what was expected and what was found.
#[test]
fn messages() {
    let message = |error: Error| error.to_string();
    assert_eq!(message(shape(Dim::D, 20, 24)), "d: expected 20, found 24");
    assert_eq!(message(Error::Empty { dim: Dim::P }), "p: must be at least 1, found 0");
    let memory = Error::Memory { needed: 9, found: 3 };
    assert_eq!(message(memory), "memory: needs 9 elements, found 3");
    for (error, word) in [
        (Error::TooLarge, "overflow"),
        (Error::ZeroSample { i: 7 }, "7"),
        (Error::NotOrthogonal { i: 3, k: 5 }, "3 and 5"),
        (Error::NonFinite { at: 11 }, "11"),
    ] {
        assert!(message(error).contains(word), "{error}");
    }
    let dims = [Dim::P, Dim::N, Dim::D, Dim::W, Dim::A, Dim::X, Dim::Y, Dim::Output, Dim::Memory];
    let mut symbols = dims.map(Dim::symbol).to_vec();
    symbols.sort_unstable();
    symbols.dedup();
    assert_eq!(symbols.len(), dims.len());
}

/// `len` is usable where memory is sized: in a constant.
#[test]
fn lengths_are_constants() {
    const LENGTHS: [usize; 4] = [
        Batch::<f32x8>::len(2, 2),
        Dense::<f32x16>::len(3, 2, 2),
        Gram::<f64x2>::len(3, 2),
        Orthogonal::<f32x4>::len(3, 2),
    ];
    assert!(LENGTHS.iter().all(|&len| len > 0));
}
