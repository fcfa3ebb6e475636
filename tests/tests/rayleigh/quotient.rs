//! Rayleigh quotients against textbook sums and eigenvalues; bounds that no direction breaks.

use conformance::precision::{Tolerance, check, check_vector};
use conformance::{Random, for_each_lanes, widen};
use oracle::symmetric_eigenvalues;
use reluflow::rayleigh::{Differential, Split, quotient};
use reluflow::{Dim, Error, Lanes, Real};

/// (n, p, k) around every tail.
const SIZES: [(usize, usize, usize); 9] = [
    (1, 1, 1),
    (2, 3, 2),
    (7, 3, 2),
    (3, 7, 3),
    (9, 8, 4),
    (16, 15, 7),
    (17, 33, 5),
    (33, 17, 9),
    (31, 16, 1),
];

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

/// D^T h by columns.
fn adjoint(d: &[f64], h: &[f64], p: usize) -> Vec<f64> {
    (0..p).map(|j| (0..h.len()).map(|i| d[i * p + j] * h[i]).sum()).collect()
}

/// D v by rows.
fn apply(d: &[f64], v: &[f64]) -> Vec<f64> {
    d.chunks(v.len()).map(|row| dot(row, v)).collect()
}

/// An orthonormal basis of the span, by Gram and Schmidt in f64; dependent vectors are dropped.
fn basis(vectors: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut found: Vec<Vec<f64>> = Vec::new();
    for vector in vectors {
        let mut rest = vector.clone();
        for _ in 0..3 {
            for other in &found {
                let overlap = dot(other, &rest);
                rest.iter_mut().zip(other).for_each(|(rest, other)| *rest -= overlap * other);
            }
        }
        let size = norm(&rest);
        if size > 1e-10 * norm(vector) {
            found.push(rest.iter().map(|x| x / size).collect());
        }
    }
    found
}

/// sqrt R(K*; h, h), least positive and largest singular value of D on the span, cosine.
fn reference(d: &[f64], h: &[f64], directions: &[Vec<f64>], p: usize) -> [f64; 4] {
    let images: Vec<Vec<f64>> = basis(directions).iter().map(|v| apply(d, v)).collect();
    let gram: Vec<f64> = images.iter().flat_map(|u| images.iter().map(|v| dot(u, v))).collect();
    let values = symmetric_eigenvalues(&gram, images.len());
    let most = values[values.len() - 1];
    let least = values.iter().find(|value| **value > 1e-10 * most).copied().unwrap_or(0.0);
    let seen = basis(&images).iter().map(|u| dot(u, h).powi(2)).sum::<f64>().sqrt() / norm(h);
    [norm(&adjoint(d, h, p)) / norm(h), least.sqrt(), most.sqrt(), seen]
}

struct Case<T> {
    d: Vec<T>,
    h: Vec<T>,
    v: Vec<T>,
}

fn case<T: Real>(seed: usize, (n, p, k): (usize, usize, usize)) -> Case<T> {
    let mut random = Random(seed as u64);
    Case { d: random.vector(n * p), h: random.vector(n), v: random.vector(k * p) }
}

fn quotients_match_sums<L: Lanes>() {
    for (seed, &(n, p, k)) in SIZES.iter().enumerate() {
        let Case { d, h, v } = case::<L::Elem>(seed, (n, p, k));
        let (wide, tall) = (widen(&d), widen(&h));
        let (g, one) = (Random(99).vector::<L::Elem>(n), &v[..p]);
        let tolerance = Tolerance::Dot { len: n + p + 6 };
        let image = apply(&wide, &widen(one));
        let want = dot(&tall, &image) / (norm(&tall) * norm(&widen(one)));
        let size = norm(&wide);
        check("R(A; x, y)", quotient::<L>(&d, &h, one).unwrap(), want, size, tolerance);

        let model = Differential::new(&d, n, p).unwrap();
        let mut out = vec![L::Elem::ZERO; n];
        model.apply::<L>(one, &mut out).unwrap();
        check_vector("D v", &out, &image, Tolerance::Dot { len: p });
        let mut out = vec![L::Elem::ZERO; p];
        model.adjoint::<L>(&h, &mut out).unwrap();
        let back = adjoint(&wide, &tall, p);
        check_vector("D^T h", &out, &back, Tolerance::Dot { len: n });
        let other = adjoint(&wide, &widen(&g), p);
        let want = dot(&back, &other) / (norm(&tall) * norm(&widen(&g)));
        let mut memory = vec![L::Elem::ZERO; 2 * p];
        let got = model.quotient::<L>(&h, &g, &mut memory).unwrap();
        check("R(D D^T; h, g)", got, want, size * size, Tolerance::Dot { len: 2 * n + p + 6 });
    }
}
for_each_lanes!(quotients_match_sums);

fn splits_match_eigenvalues<L: Lanes>() {
    for (seed, &(n, p, k)) in SIZES.iter().enumerate() {
        let Case { d, h, v } = case::<L::Elem>(seed, (n, p, k));
        let (wide, tall) = (widen(&d), widen(&h));
        let model = Differential::new(&d, n, p).unwrap();
        let mut memory = vec![L::Elem::ZERO; Differential::<L::Elem>::len(n, p, k)];
        let rows: Vec<Vec<f64>> = v.chunks(p).map(widen).collect();
        let got = model.directions::<L>(&h, &v, &mut memory).unwrap();
        compare(&format!("k {k} of {n} x {p}"), got, reference(&wide, &tall, &rows, p), n + p + k);

        let all: Vec<Vec<f64>> =
            (0..p).map(|at| (0..p).map(|j| f64::from(u8::from(at == j))).collect()).collect();
        let mut memory = vec![L::Elem::ZERO; Differential::<L::Elem>::len(n, p, p)];
        let got = model.split::<L>(&h, &mut memory).unwrap();
        let want = reference(&wide, &tall, &all, p);
        compare(&format!("all of {n} x {p}"), got, want, n + 2 * p);
        if p >= n {
            check("a full range", got.cosine, 1.0, 1.0, Tolerance::Dot { len: 20 * (n + p) });
        }

        let one = &v[..p];
        let mut memory = vec![L::Elem::ZERO; n + p];
        let got = model.direction::<L>(&h, one, &mut memory).unwrap();
        let (image, size) = (apply(&wide, &widen(one)), norm(&wide));
        let tolerance = Tolerance::Dot { len: n + p + 6 };
        check("gain", got.gain, norm(&image) / norm(&widen(one)), size, tolerance);
        let cosine = dot(&image, &tall) / (norm(&image) * norm(&tall));
        check("cosine", got.cosine, cosine, size / norm(&image), tolerance);
        let product = got.gain * got.cosine;
        check("product", got.bounded.bound, product.to_f64(), size, tolerance);
    }
}
for_each_lanes!(splits_match_eigenvalues);

/// Singular values and projections are known to the roundings of the sums, times the condition.
fn compare<T: Real>(what: &str, got: Split<T>, want: [f64; 4], len: usize) {
    let [value, least, most, cosine] = want;
    let tolerance = Tolerance::Dot { len: 4 * len + 20 };
    check(format_args!("{what}: value"), got.bounded.value, value, most, tolerance);
    check(format_args!("{what}: gain"), got.gain, least, most, tolerance);
    check(format_args!("{what}: cosine"), got.cosine, cosine, most / least, tolerance);
    let product = got.gain * got.cosine;
    assert_eq!(got.bounded.bound, product, "{what}");
    assert_eq!(got.bounded.slack, got.bounded.value - product, "{what}");
}

/// A thousand operators, many of them singular: no bound is above the quotient, and the bounds of 3.4
/// and of k directions are attained where the direction is D^T h.
fn no_bound_is_broken<L: Lanes>() {
    let slack = |most: f64| Tolerance::Dot { len: 200 }.of::<L::Elem>(most);
    for seed in 0..1000 {
        let mut random = Random(seed);
        let (n, p) = (1 + random.index(7), 1 + random.index(7));
        let k = 1 + random.index(p);
        let Case { mut d, h, mut v } = case::<L::Elem>(seed as usize, (n, p, k));
        if seed % 3 == 0 {
            // A column twice and a row of zeros.
            for row in d.chunks_mut(p) {
                row[p - 1] = row[0];
            }
            d[..p].fill(L::Elem::ZERO);
        }
        if k > 1 && seed % 2 == 0 {
            v.copy_within(..p, p);
        }
        let most = norm(&widen(&d));
        if most == 0.0 {
            continue;
        }
        let model = Differential::new(&d, n, p).unwrap();
        let mut memory = vec![L::Elem::ZERO; Differential::<L::Elem>::len(n, p, p)];
        let mut split = |v: &[L::Elem]| model.directions::<L>(&h, v, &mut memory).unwrap();
        let several = split(&v);
        assert!(several.bounded.slack.to_f64() >= -slack(most), "{seed}: {several:?}");
        let one = split(&v[..p]);
        let whole = model.split::<L>(&h, &mut memory).unwrap();
        assert!(whole.bounded.slack.to_f64() >= -slack(most), "{seed}: {whole:?}");
        let along = model.direction::<L>(&h, &v[..p], &mut memory).unwrap();
        assert!(along.bounded.slack.to_f64() >= -slack(most), "{seed}: {along:?}");
        // One direction: both forms say the same, but for the sign.
        let size = most / along.gain.to_f64().max(1e-3 * most);
        check("k = 1", one.bounded.bound, along.bounded.bound.to_f64().abs(), most * size, TIGHT);
        let mut best = vec![L::Elem::ZERO; p];
        model.adjoint::<L>(&h, &mut best).unwrap();
        if norm(&widen(&best)) > 1e-2 * most {
            let attained = model.direction::<L>(&h, &best, &mut memory).unwrap();
            check("sup", attained.bounded.slack, 0.0, most, TIGHT);
        }
    }
}
for_each_lanes!(native no_bound_is_broken);

const TIGHT: Tolerance = Tolerance::Dot { len: 200 };

/// D = diag(3, 4) above a row of zeros, h = (1, 1, 1): D^T h = (3, 4), of length 5.
fn by_hand<L: Lanes>() {
    let t = |v: &[f64]| v.iter().map(|&v| L::Elem::from_f64(v)).collect::<Vec<_>>();
    let (d, h) = (t(&[3.0, 0.0, 0.0, 4.0, 0.0, 0.0]), t(&[1.0; 3]));
    let model = Differential::new(&d, 3, 2).unwrap();
    let mut memory = t(&[0.0; 64]);
    let near = |got: L::Elem, want: f64| check("by hand", got, want, want, TIGHT);
    near(model.quotient::<L>(&h, &h, &mut memory).unwrap(), 25.0 / 3.0);
    let split = model.split::<L>(&h, &mut memory).unwrap();
    near(split.gain, 3.0);
    near(split.cosine, (2.0f64 / 3.0).sqrt());
    near(split.bounded.value, 5.0 / 3f64.sqrt());
    let second = model.directions::<L>(&h, &t(&[0.0, 7.0]), &mut memory).unwrap();
    near(second.gain, 4.0);
    near(second.cosine, (1.0f64 / 3.0).sqrt());
    // A direction that D does not see bounds nothing, and breaks nothing.
    let flat = t(&[1.0, 0.0]);
    let blind = Differential::new(&flat, 1, 2).unwrap();
    let one = t(&[1.0]);
    let none = blind.directions::<L>(&one, &t(&[0.0, 1.0]), &mut memory).unwrap();
    assert_eq!((none.gain, none.cosine), (L::Elem::ZERO, L::Elem::ZERO));
    let none = blind.direction::<L>(&one, &t(&[0.0, 1.0]), &mut memory).unwrap();
    assert_eq!(
        (none.gain, none.cosine, none.bounded.bound.to_f64()),
        (L::Elem::ZERO, L::Elem::ZERO, 0.0)
    );
    // R of a matrix that is not symmetric: <(1, 2), A (1, 0)> = 1 + 6, over sqrt 5.
    let a = t(&[1.0, 2.0, 3.0, 4.0]);
    near(quotient::<L>(&a, &t(&[1.0, 2.0]), &t(&[1.0, 0.0])).unwrap(), 7.0 / 5f64.sqrt());
    assert!(quotient::<L>(&a, &t(&[0.0, 0.0]), &t(&[1.0, 0.0])).unwrap().is_nan());
}
for_each_lanes!(every by_hand);

#[test]
fn wrong_shapes_are_named() {
    let (d, some) = ([1.0f64; 6], [1.0f64; 8]);
    let shape = |dim, expected, found| Some(Error::Shape { dim, expected, found });
    assert_eq!(Differential::new(&d, 0, 3).err(), Some(Error::Empty { dim: Dim::N }));
    assert_eq!(Differential::new(&d, 3, 0).err(), Some(Error::Empty { dim: Dim::P }));
    assert_eq!(Differential::new(&d, 3, 3).err(), shape(Dim::Matrix, 9, 6));
    assert_eq!(Differential::new(&d, usize::MAX, 3).err(), Some(Error::TooLarge));
    assert_eq!(quotient::<f64>(&d, &some[..2], &some[..2]).err(), shape(Dim::Matrix, 4, 6));
    assert!(Error::Empty { dim: Dim::Matrix }.to_string().contains("matrix"));
    let model = Differential::new(&d, 2, 3).unwrap();
    let (h, v) = (&some[..2], &some[..3]);
    let mut room = [0.0; 64];
    assert_eq!(model.apply::<f64>(h, &mut room[..2]).err(), shape(Dim::P, 3, 2));
    assert_eq!(model.apply::<f64>(v, &mut room[..3]).err(), shape(Dim::Output, 2, 3));
    assert_eq!(model.adjoint::<f64>(v, &mut room[..3]).err(), shape(Dim::N, 2, 3));
    assert_eq!(model.adjoint::<f64>(h, &mut room[..2]).err(), shape(Dim::Output, 3, 2));
    assert_eq!(model.quotient::<f64>(h, v, &mut room).err(), shape(Dim::N, 2, 3));
    assert_eq!(model.direction::<f64>(h, h, &mut room).err(), shape(Dim::P, 3, 2));
    assert_eq!(model.directions::<f64>(h, &some[..4], &mut room).err(), shape(Dim::P, 3, 4));
    assert_eq!(model.directions::<f64>(v, v, &mut room).err(), shape(Dim::N, 2, 3));
    assert_eq!(model.split::<f64>(v, &mut room).err(), shape(Dim::N, 2, 3));
    let needed = Differential::<f64>::len(2, 3, 2);
    assert!(model.directions::<f64>(h, &some[..6], &mut room[..needed]).is_ok());
    assert!(model.directions::<f64>(h, &some[..6], &mut room[..needed - 1]).is_err());
    let needed = Differential::<f64>::len(2, 3, 3);
    assert!(model.split::<f64>(h, &mut room[..needed]).is_ok());
    let short = |needed, found| Some(Error::Memory { needed, found });
    assert_eq!(model.quotient::<f64>(h, h, &mut room[..5]).err(), short(6, 5));
    assert_eq!(model.direction::<f64>(h, v, &mut room[..4]).err(), short(5, 4));
}
