//! Features, the reduction of Theorem 3.4 and the merging of Lemma 3.5.

use conformance::precision::{Tolerance, check, check_all, check_vector};
use conformance::{Random, for_each_lanes};
use reluflow::mirror::descent::Mirror;
use reluflow::mirror::hypentropy::{to_dual, to_primal};
use reluflow::mirror::network::{Network, features, join, lift, merge, reduce};
use reluflow::{Lanes, Real, SamplesView, Smooth};

use crate::flow::rule;
use crate::support::{Problem, SIZES, least_squares, wide};

fn features_are_relus<L: Lanes>() {
    for (at, m) in SIZES.into_iter().enumerate() {
        let (n, d) = (SIZES[(at + 3) % 11], SIZES[(at + 7) % 11]);
        let mut random = Random(at as u64);
        let (x, y, theta) = (random.vector(n * d), random.vector(n), random.vector(m * d));
        let samples = SamplesView::<L::Elem>::new(&x, &y, d).unwrap();
        let mut out = vec![L::Elem::from_f64(7.0); n * m];
        features::<L>(samples, &theta, &mut out).unwrap();
        for i in 0..n {
            for j in 0..m {
                let terms = (0..d).map(|k| x[i * d + k].to_f64() * theta[j * d + k].to_f64());
                let want = terms.clone().sum::<f64>().max(0.0);
                let size = terms.map(f64::abs).sum();
                check("feature", out[i * m + j], want, size, Tolerance::Dot { len: d });
            }
        }
    }
    // NaN is not a zero.
    let nan = [L::Elem::from_f64(f64::NAN)];
    let one = [L::Elem::ONE];
    let mut out = [L::Elem::ZERO];
    features::<L>(SamplesView::new(&one, &one, 1).unwrap(), &nan, &mut out).unwrap();
    assert!(out[0].is_nan());
}
for_each_lanes!(every features_are_relus);

fn velocity_is_the_gradient<L: Lanes>() {
    for (at, m) in SIZES.into_iter().enumerate() {
        let n = 1 + at % 5;
        let problem = Problem::<L::Elem>::random(n, m);
        let b: Vec<L::Elem> = Random(at as u64).vector(m);
        let a = &problem.beta;
        let mut weights = vec![L::Elem::ZERO; 2 * m];
        join(a, &b, &mut weights).unwrap();
        let mut got = weights.clone();
        let mut memory = vec![L::Elem::ZERO; Network::<L>::len(m)];
        let mut network = Network::<L>::new(problem.samples(), &mut memory).unwrap();
        let loss = network.velocity(&weights, &mut got);
        let (a, b) = (wide(a), wide(&b));
        let beta: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a * b).collect();
        let (want, g) = least_squares(&wide(&problem.x), &wide(&problem.y), &beta);
        let size = n as f64 * (m as f64 + 2.0);
        let tolerance = Tolerance::Backward { p: m, n, d: m };
        check("F", loss, want, size + want, tolerance);
        for k in 0..m {
            check("da", got[k], -b[k] * g[k], size, tolerance);
            check("db", got[m + k], -a[k] * g[k], size, tolerance);
        }
        assert!(network.velocity(&weights[1..], &mut got).is_nan());
    }
}
for_each_lanes!(every velocity_is_the_gradient);

/// Theorem 3.4: the network's flow and the mirror flow give one beta, and r stays.
fn the_network_follows_the_mirror_flow<L: Lanes>() {
    let (tolerance, rule) = rule::<L>();
    for m in [1, 3, 8, 17] {
        let n = 1 + m / 2;
        let problem = Problem::<L::Elem>::random(n, m);
        let zeros = vec![L::Elem::ZERO; m];
        let (mut a, mut b) = (zeros.clone(), zeros.clone());
        lift(&problem.beta, &problem.r, &mut a, &mut b).unwrap();
        // Neither the sign of a^2 - b^2 matters, nor that of a.
        if m > 1 {
            (a[0], b[0]) = (b[0], a[0]);
            (a[1], b[1]) = (-a[1], -b[1]);
        }
        let mut weights = vec![L::Elem::ZERO; 2 * m];
        join(&a, &b, &mut weights).unwrap();
        let mut room = vec![L::Elem::ZERO; 2 * m];
        let mut network = Network::<L>::new(problem.samples(), &mut room).unwrap();
        let mut memory = vec![L::Elem::ZERO; Smooth::<L>::len(2 * m)];
        let mut flow = Smooth::<L>::new(&weights, tolerance, &mut memory).unwrap();
        let mut field = |y: &[L::Elem], dy: &mut [L::Elem]| {
            network.velocity(y, dy);
        };
        let end = L::Elem::from_f64(1.0);
        assert!(flow.run(end, 10_000, &mut field).unwrap());
        let (a, b) = flow.state().split_at(m);
        let (mut beta, mut r) = (zeros.clone(), zeros.clone());
        reduce(a, b, &mut beta, &mut r).unwrap();
        check_vector("r is conserved", &r, &wide(&problem.r), rule);

        let (mut u, mut room) = (zeros.clone(), zeros.clone());
        to_dual(&problem.beta, &problem.r, &mut u).unwrap();
        let mut mirror = Mirror::<L>::new(problem.samples(), &problem.r, &mut room).unwrap();
        let mut memory = vec![L::Elem::ZERO; Smooth::<L>::len(m)];
        let mut flow = Smooth::<L>::new(&u, tolerance, &mut memory).unwrap();
        let mut field = |u: &[L::Elem], du: &mut [L::Elem]| {
            mirror.velocity(u, du);
        };
        assert!(flow.run(end, 10_000, &mut field).unwrap());
        let mut want = zeros.clone();
        to_primal(flow.state(), &problem.r, &mut want).unwrap();
        check_vector("beta", &beta, &wide(&want), rule);
    }
}
for_each_lanes!(native the_network_follows_the_mirror_flow);

fn reduction_and_back<L: Lanes>() {
    let t = L::Elem::from_f64;
    for m in SIZES {
        let mut random = Random(m as u64);
        let beta: Vec<L::Elem> = random.vector(m);
        let r: Vec<_> = (0..m).map(|_| t(10f64.powf(random.uniform(-12.0, 3.0)))).collect();
        let zeros = vec![L::Elem::ZERO; m];
        let (mut a, mut b, mut beta_back, mut r_back) =
            (zeros.clone(), zeros.clone(), zeros.clone(), zeros);
        lift(&beta, &r, &mut a, &mut b).unwrap();
        let slack = L::Elem::ONE + L::Elem::EPSILON + L::Elem::EPSILON;
        assert!(a.iter().zip(&b).all(|(a, b)| slack * *a >= b.abs()));
        reduce(&a, &b, &mut beta_back, &mut r_back).unwrap();
        check_vector("beta", &beta_back, &wide(&beta), Tolerance::Rounded { roundings: 8 });
        // r is a difference of the size of sqrt(beta^2 + r^2).
        let sizes: Vec<f64> =
            beta.iter().zip(&r).map(|(b, r)| b.to_f64().hypot(r.to_f64())).collect();
        check_all("r", &r_back, &wide(&r), &sizes, Tolerance::Rounded { roundings: 8 });
    }
    // a = 3, b = 1, and balanced weights.
    let (mut beta, mut r) = ([t(9.0); 2], [t(9.0); 2]);
    reduce(&[t(3.0), t(-2.0)], &[t(1.0), t(2.0)], &mut beta, &mut r).unwrap();
    assert_eq!((beta, r), ([t(3.0), t(-4.0)], [t(4.0), t(0.0)]));
    let (mut a, mut b) = ([t(9.0); 2], [t(9.0); 2]);
    lift(&beta, &r, &mut a, &mut b).unwrap();
    assert_eq!((a, b), ([t(3.0), t(2.0)], [t(1.0), t(-2.0)]));
    lift(&[t(0.0)], &[t(0.0)], &mut a[..1], &mut b[..1]).unwrap();
    assert_eq!((a[0], b[0]), (t(0.0), t(0.0)));
    // Nearly balanced: r = (a - b)(a + b)/2 to the last digit.
    let (one, next) = (L::Elem::ONE, L::Elem::ONE + L::Elem::EPSILON);
    reduce(&[next], &[one], &mut beta[..1], &mut r[..1]).unwrap();
    let want = L::Elem::EPSILON.to_f64();
    check("r", r[0], want, want, Tolerance::Rounded { roundings: 2 });
}
for_each_lanes!(native reduction_and_back);

/// Lemma 3.5 as the paper prints it, at quadratic cost.
fn printed(a: &[f64], b: &[f64], group: &[usize], k: usize) -> f64 {
    let members = || (0..a.len()).filter(|&j| group[j] == k);
    let mut square = 0.0;
    for i in members() {
        for j in members() {
            square += (a[i] * a[j] - b[i] * b[j]).powi(2) + (a[i] * b[j] - b[i] * a[j]).powi(2);
        }
    }
    (0.25 * square).sqrt()
}

fn merging_is_lemma_3_5<L: Lanes>() {
    for m in SIZES {
        let mut random = Random(m as u64);
        let (a, b): (Vec<L::Elem>, Vec<L::Elem>) = (random.vector(m), random.vector(m));
        let count = 1 + m / 3;
        let group: Vec<usize> = (0..m).map(|_| random.index(count)).collect();
        let nine = vec![L::Elem::from_f64(9.0); count];
        let (mut beta, mut r, mut memory) = (nine.clone(), nine.clone(), nine);
        merge(&a, &b, &group, &mut beta, &mut r, &mut memory).unwrap();
        let (a, b) = (wide(&a), wide(&b));
        for k in 0..count {
            let members = (0..m).filter(|&j| group[j] == k);
            let (want, size) = members.fold((0.0, 0.0), |(sum, size), j| {
                (sum + a[j] * b[j], size + a[j] * a[j] + b[j] * b[j])
            });
            let tolerance = Tolerance::Dot { len: m + 8 };
            check("beta", beta[k], want, size, tolerance);
            check("r", r[k], printed(&a, &b, &group, k), size, tolerance);
        }
    }
}
for_each_lanes!(native merging_is_lemma_3_5);

/// The flow of a network with equal directions gives the beta of the merged mirror flow.
fn merged_neurons_act_as_one<L: Lanes>() {
    let (tolerance, rule) = rule::<L>();
    let (n, m, count) = (3, 11, 4);
    let problem = Problem::<L::Elem>::random(n, count);
    let mut random = Random(77);
    let (a, b): (Vec<L::Elem>, Vec<L::Elem>) = (random.vector(m), random.vector(m));
    let group: Vec<usize> = (0..m).map(|j| j % count).collect();
    let repeated: Vec<_> = (0..n * m).map(|at| problem.x[at / m * count + group[at % m]]).collect();
    let samples = SamplesView::new(&repeated, &problem.y, m).unwrap();
    let mut weights = vec![L::Elem::ZERO; 2 * m];
    join(&a, &b, &mut weights).unwrap();
    let mut room = vec![L::Elem::ZERO; 2 * m];
    let mut network = Network::<L>::new(samples, &mut room).unwrap();
    let mut memory = vec![L::Elem::ZERO; Smooth::<L>::len(2 * m)];
    let mut flow = Smooth::<L>::new(&weights, tolerance, &mut memory).unwrap();
    let mut field = |y: &[L::Elem], dy: &mut [L::Elem]| {
        network.velocity(y, dy);
    };
    assert!(flow.run(L::Elem::ONE, 10_000, &mut field).unwrap());
    let zeros = vec![L::Elem::ZERO; count];
    let (mut beta, mut r, mut room) = (zeros.clone(), zeros.clone(), zeros.clone());
    merge(&a, &b, &group, &mut beta, &mut r, &mut room).unwrap();
    let (start, r_start) = (beta.clone(), r.clone());
    let (a, b) = flow.state().split_at(m);
    merge(a, b, &group, &mut beta, &mut r, &mut room).unwrap();
    check_vector("r is conserved", &r, &wide(&r_start), rule);
    let mut u = zeros.clone();
    to_dual(&start, &r_start, &mut u).unwrap();
    let mut room = zeros.clone();
    let mut mirror = Mirror::<L>::new(problem.samples(), &r_start, &mut room).unwrap();
    let mut memory = vec![L::Elem::ZERO; Smooth::<L>::len(count)];
    let mut flow = Smooth::<L>::new(&u, tolerance, &mut memory).unwrap();
    let mut field = |u: &[L::Elem], du: &mut [L::Elem]| {
        mirror.velocity(u, du);
    };
    assert!(flow.run(L::Elem::ONE, 10_000, &mut field).unwrap());
    let mut want = zeros;
    to_primal(flow.state(), &r_start, &mut want).unwrap();
    check_vector("beta", &beta, &wide(&want), rule);
}
for_each_lanes!(native merged_neurons_act_as_one);
