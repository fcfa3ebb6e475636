use super::super::random::{Random, close};
use super::super::{curvature, euler_step, orthogonal_step};
use super::*;

fn two_points() -> Data {
    Data { n: 2, d: 2, x: vec![-0.5, 1.0, 2.0, 1.0], y: vec![-1.0, 1.0] }
}

/// Standard normal, Box and Muller.
fn normal(random: &mut Random) -> f64 {
    let (u, v) = (random.uniform(0.0, 1.0), random.uniform(0.0, 1.0));
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// p = 60, w ~ N(0, lambda^2/60), a = +-|w|.
fn two_point_net(seed: u64, lambda: f64) -> Net {
    let mut random = Random(seed);
    let w: Vec<f64> = (0..120).map(|_| lambda / 60f64.sqrt() * normal(&mut random)).collect();
    let a = (0..60)
        .map(|j| random.uniform(-1.0, 1.0).signum() * w[2 * j].hypot(w[2 * j + 1]))
        .collect();
    Net { p: 60, d: 2, w, a }
}

/// x uniform direction times U[1, 2], y = +-U[1, 2], w ~ U(-1, 1)/sqrt d, a = +-(|w| + Exp(1)).
fn weak(random: &mut Random, n: usize, d: usize, p: usize) -> (Net, Data) {
    let mut x: Vec<f64> = (0..n * d).map(|_| normal(random)).collect();
    for x in x.chunks_mut(d) {
        let size = random.uniform(1.0, 2.0) / x.iter().map(|v| v * v).sum::<f64>().sqrt();
        x.iter_mut().for_each(|v| *v *= size);
    }
    let mut signed = |low: f64, high: f64| {
        let sign = random.uniform(-1.0, 1.0).signum();
        sign * random.uniform(low, high)
    };
    let y = (0..n).map(|_| signed(1.0, 2.0)).collect();
    let w: Vec<f64> = (0..p * d).map(|_| signed(0.0, 1.0) / (d as f64).sqrt()).collect();
    let a = w
        .chunks(d)
        .map(|w| {
            let unit = signed(0.0, 1.0);
            let norm = w.iter().map(|v| v * v).sum::<f64>().sqrt();
            unit.signum() * (norm - (1.0 - unit.abs()).ln())
        })
        .collect();
    (Net { p, d, w, a }, Data { n, d, x, y })
}

fn same_events(a: &Outcome, b: &Outcome) -> bool {
    let what = |e: &Event| (e.neuron, e.sample, e.kind);
    a.events.iter().map(what).eq(b.events.iter().map(what))
}

fn count(run: &Outcome, kind: EventKind) -> usize {
    run.events.iter().filter(|e| e.kind == kind).count()
}

/// Neuron j alone.
fn one(net: &Net, j: usize) -> Net {
    let d = net.d;
    Net { p: 1, d, w: net.w[j * d..(j + 1) * d].to_vec(), a: vec![net.a[j]] }
}

/// Times of L = .475 and .2375 (leaving 0 and the saddle at 1/4) and .0025, with two tolerances
/// and against Euler extrapolated to dt = 0. Orthogonal inputs: pairs die, none slides.
#[test]
fn two_points_crossing_times() {
    let (net, data) = (two_point_net(1, 1e-6), two_points());
    let levels = [0.475, 0.2375, 0.0025];
    let run = |tolerance| Flow::new(&net, &data, 1.0, tolerance).run(28.0, &levels, &[]).unwrap();
    let (loose, tight) = (run(1e-10), run(1e-13));
    assert!(same_events(&loose, &tight));
    assert_eq!((tight.events.len(), count(&tight, EventKind::Deactivate)), (28, 28));
    assert!(tight.defect < 1e-10 && tight.end.loss < 0.0025, "{}", tight.defect);

    let euler = |dt: f64| {
        let (mut u, mut a) = (pre_activations(&net, &data), net.a.clone());
        let (mut times, mut before) = (vec![], (0.0, 1.0));
        for step in 0.. {
            let t = step as f64 * dt;
            let (l, _) = orthogonal_step(&mut u, &mut a, &[1.25, 5.0], &data.y, 1.0, dt);
            if l <= levels[times.len()] {
                let part = (before.1 - levels[times.len()]) / (before.1 - l);
                times.push(before.0 + part * (t - before.0));
                if times.len() == 3 {
                    break;
                }
            }
            before = (t, l);
        }
        times
    };
    let (coarse, fine) = (euler(2e-3), euler(1e-3));
    for m in 0..3 {
        let (t, other) = (tight.crossings[m].unwrap(), loose.crossings[m].unwrap());
        assert!((t - other).abs() < 2e-11, "{t} {other}");
        let limit = 2.0 * fine[m] - coarse[m];
        assert!((t - fine[m]).abs() > 1e-3, "Euler is not that good");
        assert!((t - limit).abs() < 2e-5, "{t} {limit}");
    }
}

/// d t / d log(1/lambda) = 1/|D_+| = 2/sqrt 5 for the first escape, 1/|D_-| = 4/sqrt 5 for the
/// second.
#[test]
fn escape_times_grow_with_the_logarithm_of_lambda() {
    let times = |lambda: f64, end: f64| {
        let flow = Flow::new(&two_point_net(1, lambda), &two_points(), 1.0, 1e-13);
        let run = flow.run(end, &[0.475, 0.2375], &[]).unwrap();
        [run.crossings[0].unwrap(), run.crossings[1].unwrap()]
    };
    let (near, far) = (times(1e-30, 125.0), times(1e-100, 412.0));
    for (m, slope) in [2.0, 4.0].into_iter().enumerate() {
        let measured = (far[m] - near[m]) / (70.0 * 10f64.ln());
        assert!((measured - slope / 5f64.sqrt()).abs() < 1e-11, "{measured}");
    }
}

/// The data of `weak`, d = 60 and 6000: about 200 events, of which most begin or end sliding.
#[test]
fn weak_data() {
    for (d, seed) in [(60, 41), (6000, 41)] {
        let (net, data) = weak(&mut Random(seed), 8, d, 40);
        let run = |tolerance| Flow::new(&net, &data, 0.025, tolerance).run(20.0, &[], &[]).unwrap();
        let (loose, tight) = (run(1e-9), run(1e-12));
        assert!(same_events(&loose, &tight));
        assert!(count(&tight, EventKind::Slide) > 20);
        assert!(tight.sliding_time > 100.0);
        // r is a difference: rounding makes 1e-16/sqrt L of this, 4e-10 for one set of data that
        // reaches L = 2e-13.
        assert!(tight.end.loss > 1e-9 && tight.defect < 1e-11, "{}", tight.defect);
        assert!(theta_error(&loose.end.net, &tight.end.net) < 1e-11);
        let balance = |net: &Net, j: usize| {
            net.a[j].powi(2) - net.w[j * d..(j + 1) * d].iter().map(|w| w * w).sum::<f64>()
        };
        for j in 0..40 {
            assert!(close(balance(&tight.end.net, j), balance(&net, j), 1e-12));
        }
        // Every pair is where its events put it.
        let z = pre_activations(&tight.end.net, &data);
        let sliding = tight.end.slides.iter().all(|&(j, i)| z[j * 8 + i].abs() < 1e-13);
        assert!(sliding && !tight.end.slides.is_empty());
    }
}

/// -dL/dt = s |theta'|^2 where pairs slide, while the velocity of either side is longer by the
/// part that sliding cancels.
#[test]
fn energy_while_sliding() {
    let (net, data) = weak(&mut Random(41), 8, 60, 40);
    let dt = 1e-4;
    let times = [2.0 - dt, 2.0, 2.0 + dt];
    let run = Flow::new(&net, &data, 0.025, 1e-13).run(3.0, &[], &times).unwrap();
    assert!(run.events.iter().all(|e| (e.t - 2.0).abs() > 2.0 * dt), "an event in the difference");
    let [before, at, after] = &run.snapshots[..] else { panic!() };
    assert!(at.slides.len() > 10, "{}", at.slides.len());
    let slope = (before.loss - after.loss) / (2.0 * dt);
    assert!(close(slope / (at.mu * at.loss), 1.0, 1e-7), "{slope} {}", at.mu * at.loss);
    assert!(curvature(&at.net, &data, 0.025) > 1.01 * at.mu);
}

/// Euler tends to this flow: the error of the median neuron is of order dt (neurons that leave a
/// kink tangentially are slower).
#[test]
fn euler_tends_to_the_flow() {
    let (net, data) = weak(&mut Random(41), 8, 12, 40);
    let end = 4.0;
    let run = Flow::new(&net, &data, 0.025, 1e-12).run(end, &[], &[]).unwrap();
    assert!(count(&run, EventKind::Slide) > 20);
    let median = |steps: usize| {
        let mut euler = net.clone();
        for _ in 0..steps {
            euler_step(&mut euler, &data, 0.025, end / steps as f64);
        }
        let mut errors: Vec<f64> =
            (0..40).map(|j| theta_error(&one(&euler, j), &one(&run.end.net, j))).collect();
        errors.sort_by(f64::total_cmp);
        errors[20]
    };
    let (coarse, fine) = (median(4_000), median(16_000));
    assert!(fine < 1e-4 && (2.5..6.0).contains(&(coarse / fine)), "{coarse} {fine}");
}

/// Neuron 6 has one active sample when the residual of that sample meets 0: both pairs it slides
/// on come to alpha = 0 at once, and only one of them may leave. Neuron 4 lets go at that time too.
#[test]
fn several_pairs_come_to_the_bound_at_once() {
    let (net, data) = weak(&mut Random(112), 8, 60, 10);
    let run = |tolerance| Flow::new(&net, &data, 0.1, tolerance).run(8.0, &[], &[5.0]).unwrap();
    // Another tolerance rounds otherwise: the alpha of the pair that stays may then start below 0.
    let (loose, run) = (run(1e-9), run(1e-12));
    assert_eq!(loose.end.slides, run.end.slides);
    let last: Vec<Event> = run.events.iter().copied().filter(|e| e.t > 5.0).collect();
    assert_eq!(last.iter().map(|e| (e.neuron, e.sample)).collect::<Vec<_>>(), [(4, 0), (6, 0)]);
    assert!(last.iter().all(|e| e.kind == EventKind::LeaveInactive));
    assert!((last[0].t - last[1].t).abs() < 1e-10);
    let slides = &run.snapshots[0].slides;
    assert!(slides.contains(&(6, 0)) && slides.contains(&(6, 4)));
    assert!(run.end.slides.contains(&(6, 4)) && run.defect < 1e-11);
    let error = |steps: usize| {
        let mut euler = run.snapshots[0].net.clone();
        for _ in 0..steps {
            euler_step(&mut euler, &data, 0.1, 3.0 / steps as f64);
        }
        theta_error(&one(&euler, 6), &one(&run.end.net, 6))
    };
    let (coarse, fine) = (error(3_000), error(12_000));
    assert!(fine < 1e-4 && fine < 0.4 * coarse, "{coarse} {fine}");
}

/// Lemma 2 along Euler: of order dt for orthogonal inputs, not vanishing where the flow slides.
#[test]
fn euler_defect_stays_where_the_flow_slides() {
    let (net, data) = weak(&mut Random(41), 8, 60, 40);
    let defect =
        |data: &Data, dt: f64| euler_defect(&net, data, 0.025, dt, (6.0 / dt) as usize).abs();
    let (coarse, fine) = (defect(&data, 4e-3), defect(&data, 1e-3));
    assert!(fine > 0.05 && fine > 0.7 * coarse, "{coarse} {fine}");
    let apart = Random(43).orthogonal_data(8, 60);
    let (coarse, fine) = (defect(&apart, 4e-3), defect(&apart, 1e-3));
    assert!(fine < 0.05 && fine < 0.35 * coarse, "{coarse} {fine}");
}

/// One neuron on the kink of x_1 = (1, 0), pulled over it by x_2 = (1, 1) and back by y_1 = -3:
/// it slides, w = (0, v) with v = a, and v^2 is logistic. alpha = r_2/3.
#[test]
fn sliding_by_hand() {
    let data = Data { n: 2, d: 2, x: vec![1.0, 0.0, 1.0, 1.0], y: vec![-3.0, 1.0] };
    for lift in [0.0, 1e-3] {
        let net = Net { p: 1, d: 2, w: vec![lift, 0.5], a: vec![0.5] };
        let run = Flow::new(&net, &data, 1.0, 1e-13).run(5.0, &[], &[1.0]).unwrap();
        assert_eq!(run.end.slides, [(0, 0)]);
        if lift == 0.0 {
            assert!(run.events.is_empty());
            let exact = |t: f64| 1.0 / (1.0 + 3.0 * (-t).exp());
            assert!(close(run.snapshots[0].net.a[0].powi(2), exact(1.0), 1e-14));
            assert!(close(run.end.net.w[1].powi(2), exact(5.0), 1e-14));
            assert!(run.end.net.w[0].abs() < 1e-15 && run.sliding_time == 5.0);
        } else {
            // z_1' = (a/2)(r_1 + r_2) = (1/4)(-3 + 3/4) at first.
            assert_eq!((run.events.len(), run.events[0].kind), (1, EventKind::Slide));
            assert!(close(run.events[0].t * 0.5625, 1e-3, 1e-5));
        }
    }
}

/// Kinks that repel: from z = 0 a pair stays inactive, from z = 1e-300 it leaves; and one that
/// the other samples push across starts active.
#[test]
fn starts_on_a_kink_that_repels() {
    let pair = |z: f64, x: Vec<f64>| {
        let data = Data { n: 2, d: 2, x, y: vec![1.0, 1.0] };
        let net = Net { p: 1, d: 2, w: vec![z, 0.5], a: vec![0.5] };
        Flow::new(&net, &data, 1.0, 1e-12).run(1.0, &[], &[]).unwrap().end.net.w[0]
    };
    let orthogonal = vec![1.0, 0.0, 0.0, 1.0];
    assert_eq!(pair(0.0, orthogonal.clone()), 0.0);
    assert!(pair(1e-300, orthogonal) > 1e-301);
    // x_2 pulls along x_1, or against it.
    let both = pair(1e-300, vec![1.0, 0.0, 0.5, 1.0]);
    assert!(close(pair(0.0, vec![1.0, 0.0, 0.5, 1.0]), both, 1e-13));
    let alone = pair(0.0, vec![1.0, 0.0, -0.5, 1.0]);
    assert!(alone < -0.01 && pair(-1e-300, vec![1.0, 0.0, -0.5, 1.0]) == alone);
}

/// `weak`, Proposition 3: the outer weight that starts at -.01 turns positive, and y_2 = -3 is
/// never learnt.
#[test]
fn outer_weight_changes_sign() {
    let data = Data { n: 2, d: 2, x: vec![1.0, 0.0, 0.0, 1.0], y: vec![10.0, -3.0] };
    let net = Net { p: 2, d: 2, w: vec![1.0; 4], a: vec![0.01, -0.01] };
    let run = Flow::new(&net, &data, 0.5, 1e-12).run(60.0, &[], &[]).unwrap();
    assert_eq!(count(&run, EventKind::OuterSign), 1);
    assert!(close(run.end.loss, 2.25, 1e-12) && run.defect < 1e-11, "{}", run.defect);
    assert!(run.end.net.a.iter().all(|&a| a > 0.0));
}

/// From the state at t = 5 on: the pairs that slide there are now off their kinks by rounding.
#[test]
fn restart_on_the_way() {
    let (net, data) = weak(&mut Random(41), 8, 60, 40);
    let run = |net: &Net, end| Flow::new(net, &data, 0.025, 1e-12).run(end, &[], &[5.0]).unwrap();
    let whole = run(&net, 10.0);
    let rest = run(&whole.snapshots[0].net, 5.0);
    assert!(whole.snapshots[0].slides.len() > 10);
    assert_eq!(rest.end.slides, whole.end.slides);
    assert!(theta_error(&rest.end.net, &whole.end.net) < 1e-11);
    assert!(close(rest.end.integral, whole.end.integral - whole.snapshots[0].integral, 1e-11));
}

#[test]
fn equal_inputs_met_together_are_refused() {
    let x = vec![1.0, 0.0, 1.0, 0.0, 1.0, 1.0];
    let data = Data { n: 3, d: 2, x, y: vec![-3.0, -2.0, 1.0] };
    let net = Net { p: 1, d: 2, w: vec![1e-3, 0.5], a: vec![0.5] };
    let stuck = Flow::new(&net, &data, 1.0, 1e-12).run(5.0, &[], &[]).unwrap_err();
    assert!(stuck.t < 1e-2 && stuck.pair.0 == 0 && stuck.pair.1 < 2);
}
