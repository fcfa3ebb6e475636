//! Dead rows are passed over: with the bits of a step that works on all pairs, and never a row that
//! is alive or broken.

use conformance::precision::{Tolerance, check};
use conformance::{Problem, for_each_lanes, with_orthogonal};
use reluflow::{Lanes, Real, Scale, Step};

use crate::forward::zeros;

const LENGTHS: [usize; 8] = [1, 15, 16, 17, 63, 64, 65, 130];
const P: usize = 5;
/// Dead everywhere from the start.
const DEAD: usize = 4;
const STEPS: usize = 80;

/// Which signs y has.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Signs {
    Both,
    Positive,
    Negative,
    Zeros,
}

const SIGNS: [Signs; 4] = [Signs::Both, Signs::Positive, Signs::Negative, Signs::Zeros];

/// A small start with large outer weights, so that the pairs of opposite sign soon die.
fn problem<T: Real>(n: usize, signs: Signs) -> Problem<T> {
    let mut problem = Problem::<T>::orthogonal(n as u64, (P, n, n + 1), Scale::One);
    let small = T::from_f64(1.0 / 64.0);
    problem.w.iter_mut().for_each(|w| *w = small * *w);
    for k in 0..=n {
        let x = problem.x[k % n * (n + 1) + k];
        problem.w[DEAD * (n + 1) + k] = if x > T::ZERO { -small } else { small };
    }
    problem.a = [0.75, -0.5, 1.0, -1.25, 0.625].map(T::from_f64).to_vec();
    for (i, y) in problem.y.iter_mut().enumerate() {
        match signs {
            Signs::Both => {}
            Signs::Positive => *y = y.abs(),
            Signs::Negative => *y = -y.abs(),
            Signs::Zeros if i % 3 == 0 => *y = T::ZERO,
            Signs::Zeros if i % 3 == 1 => *y = -T::ZERO,
            Signs::Zeros => {}
        }
    }
    problem
}

fn time_step<T: Real>(n: usize) -> T {
    T::from_f64(n as f64 / 256.0)
}

/// Are the samples kept in two sections?
fn is_split<L: Lanes>(n: usize) -> bool {
    n > 4 * L::VIRTUAL
}

/// The step as the module's text says it, one pair after the other: no registers, no panels, and
/// nothing passed over.
struct Plain<T> {
    u: Vec<T>,
    a: Vec<T>,
    y: Vec<T>,
    norm_sq: Vec<T>,
    /// Samples in the order of summation, each with its virtual lane.
    order: Vec<(usize, usize)>,
    lanes: usize,
}

impl<T: Real> Plain<T> {
    fn new<L: Lanes<Elem = T>>(problem: &Problem<T>, u: Vec<T>) -> Self {
        let n = problem.n;
        let leads = |&i: &usize| !is_split::<L>(n) || problem.y[i] >= T::ZERO;
        let (first, second): (Vec<usize>, Vec<usize>) = (0..n).partition(leads);
        let lane = |(at, i): (usize, usize)| (i, at % L::VIRTUAL);
        let order = first.into_iter().enumerate().map(lane);
        let order = order.chain(second.into_iter().enumerate().map(lane)).collect();
        let rows = problem.x.chunks(problem.d);
        let norm_sq = rows.map(reluflow::linalg::norm_sq::<L>).collect();
        let (a, y) = (problem.a.clone(), problem.y.clone());
        Plain { u, a, y, norm_sq, order, lanes: L::VIRTUAL }
    }

    fn relu(u: T) -> T {
        if u <= T::ZERO { T::ZERO } else { u }
    }

    /// Lanes k and k + len/2 are added until one is left.
    fn fold(mut lanes: Vec<T>) -> T {
        while lanes.len() > 1 {
            let high = lanes.split_off(lanes.len() / 2);
            lanes.iter_mut().zip(high).for_each(|(low, high)| *low += high);
        }
        lanes[0]
    }

    fn step(&mut self, dt: T) -> Step<T> {
        let n = self.y.len();
        let count = T::from_usize(n);
        let c = dt / count;
        let mut squares = vec![T::ZERO; self.lanes];
        let mut outer = vec![vec![T::ZERO; self.lanes]; P];
        let mut inner = outer.clone();
        for &(i, lane) in &self.order {
            let mut h = T::ZERO;
            for j in 0..P {
                h = self.a[j] * Self::relu(self.u[j * n + i]) + h;
            }
            let r = -T::ONE * h + self.y[i];
            let pull = r * self.norm_sq[i];
            let (steep, pull) = (r * pull, c * pull);
            squares[lane] = r * r + squares[lane];
            for j in 0..P {
                let u = &mut self.u[j * n + i];
                let gate = |x| if *u > T::ZERO { x } else { T::ZERO };
                outer[j][lane] = r * Self::relu(*u) + outer[j][lane];
                inner[j][lane] += gate(steep);
                *u = self.a[j] * gate(pull) + *u;
            }
        }
        let mut speed_sq = T::ZERO;
        for (a, (outer, inner)) in self.a.iter_mut().zip(outer.into_iter().zip(inner)) {
            let da = Self::fold(outer);
            speed_sq += *a * *a * Self::fold(inner) + da * da;
            *a = c * da + *a;
        }
        let loss = Self::fold(squares) / (count + count);
        Step { loss, speed_sq: speed_sq / (count * count), scale: T::ONE }
    }
}

fn bits<T: Real>(values: &[T]) -> Vec<u64> {
    values.iter().map(|value| value.bits()).collect()
}

/// Bit for bit while rows die, and after: where nothing is fused the plain step is the same step.
fn bits_of_a_step_on_all_pairs<L: Lanes>() {
    if !L::CANONICAL && L::WIDTH > 1 {
        return;
    }
    for n in LENGTHS {
        for signs in SIGNS {
            let problem = problem::<L::Elem>(n, signs);
            let mut u = zeros(P * n);
            with_orthogonal::<L, _>(&problem, |state| {
                state.pre_activations(&mut u).unwrap();
                let mut plain = Plain::new::<L>(&problem, u.clone());
                for step in 0..STEPS {
                    let at = format!("n{n} {signs:?} step {step}");
                    let (got, want) = (state.step(time_step(n)), plain.step(time_step(n)));
                    assert_eq!(got, want, "{at}");
                    state.pre_activations(&mut u).unwrap();
                    assert_eq!(bits(&u), bits(&plain.u), "u {at}");
                    assert_eq!(bits(state.a()), bits(&plain.a), "a {at}");
                }
            });
        }
    }
}
for_each_lanes!(bits_of_a_step_on_all_pairs);

/// Every lane type: the oracle's loss, and as few pairs worked on as the rows allow.
fn rows_die_and_the_loss_is_the_oracles<L: Lanes>() {
    let zero = L::Elem::ZERO;
    for n in LENGTHS {
        for signs in SIGNS {
            let problem = problem::<L::Elem>(n, signs);
            let (p, d, at) = (P, n + 1, format!("n{n} {signs:?}"));
            let (mut net, data) = problem.reference();
            let gram = oracle::gram(&data);
            let norm_sq: Vec<f64> = (0..n).map(|i| gram[i * n + i]).collect();
            let mut want_u = oracle::pre_activations(&net, &data);
            let dt: L::Elem = time_step(n);
            let mut u = zeros(P * n);
            with_orthogonal::<L, _>(&problem, |state| {
                // Marked from the start.
                assert!(state.live() <= state.worked() && state.worked() <= DEAD * n, "{at}");
                for step in 0..STEPS {
                    let got = state.step(dt).loss;
                    let (want, _) = oracle::orthogonal_step(
                        &mut want_u,
                        &mut net.a,
                        &norm_sq,
                        &data.y,
                        1.0,
                        dt.to_f64(),
                    );
                    let tolerance = Tolerance::Path { p, n, d, steps: step + 1 };
                    check(format_args!("L {at} {step}"), got, want, want.max(1.0), tolerance);
                }
                state.pre_activations(&mut u).unwrap();
                let alive = u.iter().filter(|&&u| u > zero).count();
                assert_eq!(state.live(), alive, "{at}");
                assert!(alive > 0 || n == 1, "{at}: nothing left to test");
                assert!(alive <= state.worked(), "{at}");
            });
            // a_j keeps its sign here; a pair agrees when y_i = 0, too.
            let agrees = |at: usize| problem.a[at / n] * problem.y[at % n] >= zero;
            let may_live = (0..DEAD * n).filter(|&at| agrees(at)).count();
            let opposite = (0..P * n).filter(|&at| !agrees(at));
            assert!(opposite.into_iter().all(|at| u[at] <= zero), "{at}: not trained enough");
            with_orthogonal::<L, _>(&problem, |state| {
                let before = state.worked();
                (0..STEPS).for_each(|_| _ = state.step(dt));
                let worked = state.worked();
                // A row with y_i = 0 among others may live on for its sake.
                if is_split::<L>(n) && signs != Signs::Zeros {
                    assert!(worked <= may_live, "{at}: {worked} pairs worked, {may_live} can live");
                    assert!(signs != Signs::Both || worked < before, "{at}: no row has died");
                }
                // A state that starts here has marked at once what this one found step by step.
                let (a, mut after) = (state.a().to_vec(), Vec::new());
                (0..P).for_each(|_| after.push(state.step(dt)));
                with_orthogonal::<L, _>(&problem, |other| {
                    other.restore(&u, &a).unwrap();
                    assert_eq!(other.worked(), worked, "{at}");
                    assert!(after.iter().all(|want| other.step(dt) == *want), "{at}");
                });
            });
        }
    }
}
for_each_lanes!(rows_die_and_the_loss_is_the_oracles);

/// One NaN among dead pairs, in each place: its row is worked on and the loss shows it.
fn a_nan_is_not_dead<L: Lanes>() {
    let (nan, dt) = (L::Elem::from_f64(f64::NAN), time_step(65));
    for n in [3, 65, 130] {
        let problem = problem::<L::Elem>(n, Signs::Both);
        with_orthogonal::<L, _>(&problem, |state| {
            let mut u = vec![-L::Elem::ONE; P * n];
            for i in 0..n {
                let at = i % P * n + i;
                u[at] = nan;
                state.restore(&u, &problem.a).unwrap();
                u[at] = -L::Elem::ONE;
                assert_eq!(state.live(), 1);
                assert!((1..=n).contains(&state.worked()), "n{n} {i}: {}", state.worked());
                assert!(state.step(dt).loss.is_nan(), "n{n} {i}");
            }
            // A broken outer weight of a dead neuron, too: infinity times 0 is NaN.
            for broken in [nan, L::Elem::INFINITY] {
                let mut a = problem.a.clone();
                a[1] = broken;
                state.restore(&u, &a).unwrap();
                assert_eq!((state.live(), state.worked()), (0, n));
                assert!(state.step(dt).loss.is_nan(), "n{n} {broken}");
            }
            state.restore(&u, &problem.a).unwrap();
            assert_eq!((state.live(), state.worked()), (0, 0));
            assert!(state.step(dt).loss > L::Elem::ZERO);
        });
    }
}
for_each_lanes!(a_nan_is_not_dead);

/// A row that is worked on turns -0 into 0, a dead one would not: `restore` does, for both.
fn negative_zero_is_zero<L: Lanes>() {
    let n = 65;
    let problem = problem::<L::Elem>(n, Signs::Both);
    let (mut u, mut found) = (vec![-L::Elem::ZERO; P * n], zeros(P * n));
    u[0] = L::Elem::ONE;
    with_orthogonal::<L, _>(&problem, |state| {
        state.restore(&u, &problem.a).unwrap();
        for _ in 0..2 {
            state.pre_activations(&mut found).unwrap();
            assert!(found.iter().skip(1).all(|u| u.bits() == 0));
            state.step(time_step(n));
        }
    });
}
for_each_lanes!(negative_zero_is_zero);
