//! Logistic regression against textbook sums, at logits where those overflow, and its bound.

use conformance::precision::{Tolerance, check, check_all};
use conformance::{Random, for_each_lanes, widen};
use reluflow::lambert::{w0, w0_exp};
use reluflow::softmax::{Labelled, LossBound};
use reluflow::{Dim, Error, Lanes, Real, Smooth};

/// (n, d, c) around every tail.
const SIZES: [(usize, usize, usize); 8] =
    [(1, 1, 1), (2, 2, 2), (3, 7, 2), (7, 9, 3), (17, 8, 5), (5, 33, 16), (31, 16, 9), (33, 15, 4)];

struct Case<T> {
    x: Vec<T>,
    labels: Vec<usize>,
    theta: Vec<T>,
}

fn case<T: Real>(seed: u64, (n, d, c): (usize, usize, usize)) -> Case<T> {
    let mut random = Random(seed);
    let (x, theta) = (random.vector(n * d), random.vector(c * d));
    Case { x, theta, labels: (0..n).map(|_| random.index(c)).collect() }
}

/// L and its gradient as every textbook has them; logits of size 1 only.
fn textbook(case: &Case<f64>, (n, d, c): (usize, usize, usize)) -> (f64, Vec<f64>) {
    let (mut loss, mut gradient) = (0.0, vec![0.0; c * d]);
    for (x, &label) in case.x.chunks(d).zip(&case.labels) {
        let z: Vec<f64> =
            case.theta.chunks(d).map(|w| w.iter().zip(x).map(|(w, x)| w * x).sum()).collect();
        let total: f64 = z.iter().map(|z| z.exp()).sum();
        loss -= (z[label].exp() / total).ln() / n as f64;
        for k in 0..c {
            let excess = z[k].exp() / total - f64::from(u8::from(k == label));
            for j in 0..d {
                gradient[k * d + j] += excess * x[j] / n as f64;
            }
        }
    }
    (loss, gradient)
}

fn loss_and_gradient_match_the_textbook<L: Lanes>() {
    for (seed, &(n, d, c)) in SIZES.iter().enumerate() {
        let case = case::<L::Elem>(seed as u64, (n, d, c));
        let (x, theta) = (widen(&case.x), widen(&case.theta));
        let (loss, gradient) = textbook(&Case { x, theta, labels: case.labels.clone() }, (n, d, c));
        let data = Labelled::new(&case.x, &case.labels, d, c).unwrap();
        assert_eq!((data.n(), data.isolation()), (n, L::Elem::ONE / L::Elem::from_usize(n)));
        let (mut memory, mut out) = (vec![L::Elem::ZERO; c], vec![L::Elem::ZERO; c * d]);
        // Logits are known to d eps d, and every function of them has slope 1 at most.
        let tolerance = Tolerance::Dot { len: 2 * d + c + n + 10 };
        let size = 1.0 + (d as f64) + (c as f64).ln();
        let got = data.gradient::<L>(&case.theta, &mut out, &mut memory).unwrap();
        check(format_args!("L {n} {d} {c}"), got, loss, size, tolerance);
        assert_eq!(got, data.loss::<L>(&case.theta, &mut memory).unwrap());
        check_all("gradient", &out, &gradient, &vec![size; c * d], tolerance);
    }
}
for_each_lanes!(loss_and_gradient_match_the_textbook);

/// One input, x = 1, two classes: logits are theta, the loss is ln(1 + e^(z_1 - z_0)) for label 0.
fn large_and_small_logits<L: Lanes>() {
    let t = L::Elem::from_f64;
    let x = [L::Elem::ONE];
    let data = Labelled::new(&x, &[0], 1, 2).unwrap();
    let mut memory = [L::Elem::ZERO; 2];
    let wide = L::Elem::EPSILON.to_f64() < 1e-10;
    for (gap, want) in [
        (0.0, 2f64.ln()),
        (1e6, 1e6),
        (1e30, 1e30),
        (-1.0, (-1f64).exp().ln_1p()),
        (-30.0, (-30f64).exp().ln_1p()),
        (-80.0, (-80f64).exp().ln_1p()),
        (-690.0, (-690f64).exp().ln_1p()),
        (-1e6, 0.0),
    ] {
        // e^-690 is 0 in f32.
        let want = if wide || want > 1e-37 { want } else { 0.0 };
        for theta in [[0.0, gap], [-0.5 * gap, 0.5 * gap], [1e6, 1e6 + gap]] {
            // Logits of 1e6 keep gaps of half a unit in f32, and small ones not at all.
            if theta[0] == 1e6 && ![0.0, 1e6].contains(&gap) {
                continue;
            }
            let theta = theta.map(t);
            let loss = data.loss::<L>(&theta, &mut memory).unwrap();
            // The exponential of -690 is known to 690 eps.
            let tolerance = Tolerance::Dot { len: 20 };
            check(format_args!("L at {gap:e}"), loss, want, want, tolerance);
            let mut out = [L::Elem::ZERO; 2];
            data.gradient::<L>(&theta, &mut out, &mut memory).unwrap();
            // 1 - p = e^L - 1 over e^L, which for small L is L.
            let p = if gap > 700.0 { 1.0 } else { -(-want).exp_m1() };
            check_all(format_args!("gradient at {gap:e}"), &out, &[-p, p], &[p, p], tolerance);
        }
    }
}
for_each_lanes!(native large_and_small_logits);

fn margin_by_hand<L: Lanes>() {
    let t = |v: &[f64]| v.iter().map(|&v| L::Elem::from_f64(v)).collect::<Vec<_>>();
    // zeta = [[1, -1], [-1, 1]] on e_1 and e_2: gaps 2, |zeta| = 2.
    let (x, w) = (t(&[1.0, 0.0, 0.0, 1.0]), t(&[1.0, -1.0, -1.0, 1.0]));
    let mut memory = t(&[0.0; 2]);
    let data = Labelled::new(&x, &[0, 1], 2, 2).unwrap();
    assert_eq!(data.margin::<L>(&w, &mut memory), Ok(L::Elem::ONE));
    // A wrong label turns its sign.
    let data = Labelled::new(&x, &[0, 0], 2, 2).unwrap();
    assert_eq!(data.margin::<L>(&w, &mut memory), Ok(-L::Elem::ONE));
}
for_each_lanes!(every margin_by_hand);

/// w e^w = x where that can be formed, w + ln w = z elsewhere.
fn lambert_solves_its_equation<L: Lanes>() {
    let t = L::Elem::from_f64;
    let tolerance = Tolerance::Rounded { roundings: 8 };
    for (x, w) in [
        (std::f64::consts::E, 1.0),
        (1.0, 0.567_143_290_409_783_8),
        (1e-3, 9.990_014_973_385_31e-4),
    ] {
        check(format_args!("W0({x})"), w0(t(x)), w, w, tolerance);
    }
    assert!(w0(-L::Elem::ONE).is_nan());
    assert_eq!(w0(L::Elem::ZERO), L::Elem::ZERO);
    let mut before = L::Elem::ZERO;
    for at in -1200..=1200 {
        let z = t(f64::from(at) / 20.0);
        let w = w0_exp(z);
        assert!(w >= before, "not increasing at {z}");
        before = w;
        let (z, w) = (z.to_f64(), w.to_f64());
        // Relative error of w: (1/(1 + w)) times that of z - ln w.
        let away = (w + w.ln() - z) / (1.0 + w);
        check(
            format_args!("z = {z}"),
            L::Elem::from_f64(away),
            0.0,
            4.0 + z.abs() / (1.0 + w),
            tolerance,
        );
    }
    for z in [1e3, 1e6, 1e30] {
        let w = w0_exp(t(z)).to_f64();
        check("large", L::Elem::from_f64((w + w.ln()) / z), 1.0, 1.0, tolerance);
    }
    assert_eq!(w0_exp(t(-1e30)), L::Elem::ZERO);
    assert_eq!(w0_exp(L::Elem::INFINITY), L::Elem::INFINITY);
    assert!(w0_exp(t(f64::NAN)).is_nan());
}
for_each_lanes!(native lambert_solves_its_equation);

/// At t = 0 the bound is L(0), from 1e-300 to 1e+30; later it falls, and its slope is the differential form.
fn the_bound_starts_at_the_loss<L: Lanes>() {
    let t = L::Elem::from_f64;
    let starts = [1e-30, 1e-5, 0.1, 2f64.ln(), 1.0, 1.5, 4.67, 20.0, 700.0, 1e6, 1e10, 1e30];
    for start in starts {
        let bound = LossBound::new(t(0.5), t(0.5), t(start));
        // L(0) is found again from 1/L(0) + ln L(0), or from L(0) itself: some eps.
        let tolerance = Tolerance::Rounded { roundings: 16 };
        let size = start * (1.0 + start.ln().abs());
        check(format_args!("L(0) = {start:e}"), bound.at(L::Elem::ZERO), start, size, tolerance);
        check("rate", bound.rate, 0.0625, 0.0625, tolerance);
        let mut before = bound.at(L::Elem::ZERO);
        for at in [1e0, 1e3, 1e6, 1e15, 1e30] {
            let now = bound.at(t(at));
            assert!(
                now <= before && now > L::Elem::ZERO && now.is_finite(),
                "{start:e} at {at:e}: {now:e}"
            );
            before = now;
        }
    }
    let bound = LossBound::new(1.0f64, 0.5, 3.0);
    for at in [0.0, 1.0, 10.0, 100.0] {
        let (h, loss) = (1e-4, bound.at(at + 1e-4));
        let slope = (bound.at(at) - bound.at(at + 2.0 * h)) / (2.0 * h);
        assert!((slope / bound.decrease(loss) - 1.0).abs() < 1e-6, "{at}: {slope}");
    }
    assert!((LossBound::new(1.0f64, 0.5, 1e-3).decrease(1e-300) - 0.0).abs() == 0.0);
}
for_each_lanes!(native the_bound_starts_at_the_loss);

/// Two points, two classes, from 0: the flow stays below the bound to t = 1e5, where L is 1.000e-5 and
/// the bound 4.001e-5; and -dL/dt = |grad L|^2 above its differential form.
#[test]
fn two_points_stay_below_the_bound() {
    let (x, labels) = ([1.0, 0.0, 0.0, 1.0], [0, 1]);
    let data = Labelled::new(&x, &labels, 2, 2).unwrap();
    let mut room = [0.0; 2];
    let eps = data.margin::<f64>(&[1.0, -1.0, -1.0, 1.0], &mut room).unwrap();
    let bound = LossBound::new(eps, data.isolation(), 2f64.ln());
    let mut memory = [0.0; Smooth::<f64>::len(4)];
    let mut flow = Smooth::<f64>::new(&[0.0; 4], 1e-10, &mut memory).unwrap();
    let mut field = |theta: &[f64], out: &mut [f64]| {
        data.gradient::<f64>(theta, out, &mut [0.0; 2]).unwrap();
        out.iter_mut().for_each(|v| *v = -*v);
    };
    loop {
        let done = flow.advance(1e5, &mut field).unwrap();
        let loss = data.loss::<f64>(flow.state(), &mut room).unwrap();
        let speed: f64 = flow.velocity().iter().map(|v| v * v).sum();
        assert!(loss <= bound.at(flow.t()) && speed >= bound.decrease(loss), "at {}", flow.t());
        if done {
            assert!((loss - 1.000e-5).abs() < 1e-8 && (bound.at(1e5) - 4.001e-5).abs() < 1e-8);
            return;
        }
    }
}

#[test]
fn wrong_shapes_are_named() {
    let x = [1.0f64; 6];
    let shape = |dim, expected, found| Some(Error::Shape { dim, expected, found });
    assert_eq!(Labelled::new(&x, &[], 3, 2).err(), Some(Error::Empty { dim: Dim::N }));
    assert_eq!(Labelled::new(&x, &[0, 1], 0, 2).err(), Some(Error::Empty { dim: Dim::D }));
    assert_eq!(Labelled::new(&x, &[0, 1], 3, 0).err(), Some(Error::Empty { dim: Dim::P }));
    assert_eq!(Labelled::new(&x, &[0, 1], 2, 2).err(), shape(Dim::X, 4, 6));
    assert_eq!(Labelled::new(&x, &[0, 2], 3, 2).err(), Some(Error::Label { i: 1 }));
    assert_eq!(Labelled::new(&x, &[0, 1], usize::MAX, 2).err(), Some(Error::TooLarge));
    assert!(Error::Label { i: 7 }.to_string().contains("sample 7"));
    let data = Labelled::new(&x, &[0, 1], 3, 2).unwrap();
    let mut room = [0.0; 6];
    assert_eq!(data.loss::<f64>(&x[..5], &mut room).err(), shape(Dim::W, 6, 5));
    let short = Some(Error::Memory { needed: 2, found: 1 });
    assert_eq!(data.loss::<f64>(&x, &mut room[..1]).err(), short);
    assert_eq!(
        data.gradient::<f64>(&x, &mut room[..5], &mut [0.0; 2]).err(),
        shape(Dim::Output, 6, 5)
    );
}
