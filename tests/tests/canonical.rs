//! What `Canonical` promises: the same bits at every width; and what both kinds promise: a fixed
//! size computes the bits of the run-time size, a block boundary depends on n alone.

use conformance::wide::{f32x4, f32x8, f32x16, f64x2, f64x4, f64x8};
use conformance::{Problem, Trace, Way, fnv, for_each_lanes, run, with_dense};
use reluflow::{
    Batch, Canonical, Dense, Fixed, Gram, Lanes, Net, NetViewMut, Orthogonal, Real, Samples, Scale,
};

use crate::forward::zeros;

const STEPS: usize = 1000;

/// Shapes around the tails of every width, and two of several blocks; d fits all three ways.
const SHAPES: [(usize, usize, usize); 5] =
    [(3, 2, 2), (9, 17, 19), (16, 33, 40), (5, 7, 9), (7, 31, 33)];

fn problem<T: Real>(seed: usize, way: Way, size: (usize, usize, usize)) -> Problem<T> {
    let scale = if seed.is_multiple_of(2) { Scale::One } else { Scale::OneOverP };
    match way {
        Way::Orthogonal => Problem::orthogonal(seed as u64, size, scale),
        _ => Problem::random(seed as u64, size, scale),
    }
}

/// Loss and mu of 1000 steps and the network after them, as one hash for each problem.
fn hashes<L: Lanes>() -> Vec<u64> {
    let mut hashes = Vec::new();
    let mut push = |trace: Trace<L::Elem>| {
        assert!(trace.loss.iter().all(|loss| loss.is_finite()), "{}", L::NAME);
        assert!(trace.loss.last() < trace.loss.first());
        hashes.push(trace.hash());
    };
    for way in [Way::Dense, Way::Gram, Way::Orthogonal] {
        for (seed, size) in SHAPES.into_iter().enumerate() {
            let problem = problem::<L::Elem>(seed, way, size);
            let dt = crate::dense::time_step(&problem, 100);
            push(run::<L>(&problem, way, STEPS, dt));
        }
    }
    // Two sections of orthogonal samples, and rows that die.
    let wide = problem::<L::Elem>(6, Way::Orthogonal, (5, 150, 150));
    let dt = crate::dense::time_step(&wide, 100);
    push(run::<L>(&wide, Way::Orthogonal, STEPS, dt));
    // Several blocks, fewer steps.
    for (seed, size) in [(3, 145, 5), (5, 300, 3)].into_iter().enumerate() {
        for way in [Way::Dense, Way::Gram] {
            let problem = problem::<L::Elem>(seed, way, size);
            let dt = crate::dense::time_step(&problem, 100);
            push(run::<L>(&problem, way, 50, dt));
        }
    }
    hashes
}

#[test]
fn same_bits_at_every_width_f32() {
    let scalar = hashes::<Canonical<f32>>();
    assert_eq!(hashes::<Canonical<f32x4>>(), scalar);
    assert_eq!(hashes::<Canonical<f32x8>>(), scalar);
    assert_eq!(hashes::<Canonical<f32x16>>(), scalar);
}

#[test]
fn same_bits_at_every_width_f64() {
    let scalar = hashes::<Canonical<f64>>();
    assert_eq!(hashes::<Canonical<f64x2>>(), scalar);
    assert_eq!(hashes::<Canonical<f64x4>>(), scalar);
    assert_eq!(hashes::<Canonical<f64x8>>(), scalar);
}

/// The bits themselves, so that two targets, two builds and two versions can be compared.
#[test]
fn golden_bits() {
    let got = [fnv_words(&hashes::<Canonical<f32>>()), fnv_words(&hashes::<Canonical<f64>>())];
    assert_eq!(got, GOLDEN, "{got:#x?}");
}

/// The number that devices are held against.
#[test]
fn golden_hash_at_every_width() {
    use reluflow::golden::{HASH, hash};
    let got = [hash::<f32>(), hash::<f32x4>(), hash::<f32x8>(), hash::<f32x16>()];
    assert_eq!(got, [HASH; 4], "{got:#x?}");
}

const GOLDEN: [u64; 2] = [0x8f0d_0493_66c1_5761, 0x9b9a_6649_b7ae_5864];

fn fnv_words(words: &[u64]) -> u64 {
    fnv(words.iter().map(|&word| f64::from_bits(word)))
}

/// A problem as arrays.
fn arrays<T: Real, const P: usize, const N: usize, const D: usize>(
    problem: &Problem<T>,
) -> (Net<T, P, D>, Samples<T, N, D>) {
    let mut net = Net::zero();
    net.w.as_flattened_mut().copy_from_slice(&problem.w);
    net.a.copy_from_slice(&problem.a);
    let mut samples = Samples { x: [[T::ZERO; D]; N], y: [T::ZERO; N] };
    samples.x.as_flattened_mut().copy_from_slice(&problem.x);
    samples.y.copy_from_slice(&problem.y);
    assert_eq!((net.view().w(), samples.view().x()), (&problem.w[..], &problem.x[..]));
    (net, samples)
}

/// 20 steps with the sizes as constants.
fn fixed<L: Lanes, const P: usize, const N: usize, const D: usize>(
    problem: &Problem<L::Elem>,
    way: Way,
    dt: f64,
) -> Trace<L::Elem> {
    let (start, samples) = arrays::<L::Elem, P, N, D>(problem);
    let (mut net, dt) = (start, L::Elem::from_f64(dt));
    let mut data = zeros(Batch::<L>::len(N, D));
    let len = Dense::<L>::len(P, N, D).max(Gram::<L>::len(P, N)).max(Orthogonal::<L>::len(P, N));
    let mut memory = zeros(len);
    let (mut loss, mut mu) = (Vec::new(), Vec::new());
    macro_rules! steps {
        ($state:ident, $write:expr) => {{
            for _ in 0..20 {
                let step = $state.step(dt);
                loss.push(step.loss);
                mu.push(step.mu().unwrap());
            }
            $write.unwrap();
            $state.health()
        }};
    }
    let scale = problem.scale;
    let health = match way {
        Way::Dense => {
            let batch = Batch::<L>::pack(samples.view(), &mut data).unwrap();
            let mut state =
                Dense::<_, Fixed<P, N, D>>::fixed(&start, batch, scale, &mut memory).unwrap();
            steps!(state, state.write(&mut net.view_mut()))
        }
        Way::Gram => {
            let mut state =
                Gram::<L, Fixed<P, N, D>>::fixed(&start, &samples, scale, &mut memory).unwrap();
            steps!(state, state.write(start.view(), samples.view(), &mut net.view_mut()))
        }
        Way::Orthogonal => {
            let mut state =
                Orthogonal::<L, Fixed<P, N, D>>::fixed(&start, &samples, scale, &mut memory)
                    .unwrap();
            steps!(state, state.write(start.view(), samples.view(), &mut net.view_mut()))
        }
    };
    Trace { loss, mu, w: net.w.as_flattened().to_vec(), a: net.a.to_vec(), health }
}

fn same<L: Lanes, const P: usize, const N: usize, const D: usize>(way: Way) {
    let problem = problem::<L::Elem>(P, way, (P, N, D));
    let dt = crate::dense::time_step(&problem, 100);
    let (fixed, view) = (fixed::<L, P, N, D>(&problem, way, dt), run::<L>(&problem, way, 20, dt));
    assert_eq!(fixed.hash(), view.hash(), "{way:?} p{P} n{N} d{D}");
    assert_eq!(fixed.health, view.health);
}

/// A few sizes and types only: each pair is a copy of the kernels, and seconds to compile.
fn fixed_equals_view<L: Lanes>() {
    for way in [Way::Dense, Way::Gram, Way::Orthogonal] {
        same::<L, 9, 17, 19>(way);
    }
}

#[test]
fn fixed_equals_view_f32() {
    fixed_equals_view::<f32>();
}

#[test]
fn fixed_equals_view_f32x8() {
    fixed_equals_view::<f32x8>();
    same::<f32x8, 5, 150, 3>(Way::Dense);
    same::<f32x8, 3, 66, 66>(Way::Orthogonal);
}

#[test]
fn fixed_equals_view_f64x4() {
    fixed_equals_view::<f64x4>();
}

#[test]
fn fixed_equals_view_canonical_f32x16() {
    fixed_equals_view::<Canonical<f32x16>>();
}

/// A copy of the memory at another offset, and a second state on the same batch: the same bits.
fn memory_does_not_matter<L: Lanes>() {
    let problem = problem::<L::Elem>(1, Way::Dense, (9, 150, 7));
    let want = with_dense::<L, _>(&problem, |state| [0; 3].map(|_| state.step(L::Elem::EPSILON)));
    let mut data = zeros(Batch::<L>::len(150, 7) + 9);
    for offset in 0..9 {
        let batch = Batch::<L>::pack(problem.samples(), &mut data[offset..]).unwrap();
        let mut memory = vec![L::Elem::INFINITY; Dense::<L>::len(9, 150, 7) + offset];
        let memory = &mut memory[offset..];
        let mut state = Dense::new(problem.net(), batch, problem.scale, memory).unwrap();
        assert_eq!([0; 3].map(|_| state.step(L::Elem::EPSILON)), want);
        let (mut w, mut a) = (zeros(9 * 7), zeros(9));
        state.write(&mut NetViewMut::new(&mut w, &mut a, 7).unwrap()).unwrap();
        assert_eq!(state.a(), a);
    }
}
for_each_lanes!(memory_does_not_matter);
