//! `cargo bench -p bench --bench flow`: the integrator of the flow, call by call.
//!
//! | id | what one iteration is |
//! |---|---|
//! | `flow/evaluation/...` | an evaluation of the whole right-hand side: an accepted step without events over its six |
//! | `flow/cut/...` | an `advance` that ends at the first kink of the network, repair off |
//! | `flow/leap/...` | the leap with which a run from e^-20 times its start begins |
//! | `flow/run/...` | a whole run: time 40 from 1e-6 at 1e-8 (two-point), time 20 at 1e-6 (weak) |
//!
//! `evaluation` is measured where the run has come to time 2, with as many pairs sliding as there
//! are, by steps so short that the state stands still. Times are time on the core.
use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use engine::FlowMemory;
use engine::clock::on_core;
use reluflow::flow::{Advance, Event, Rules, Start};
use reluflow::lanes::{NativeF32, NativeF64};
use reluflow::{Flow, Lanes, NetView, NetViewMut, Real, SamplesView, Scale, init};
use std::hint::black_box;
use std::time::Duration;

/// A network and its data.
struct Problem<T> {
    name: &'static str,
    size: (usize, usize, usize),
    w: Vec<T>,
    a: Vec<T>,
    x: Vec<T>,
    y: Vec<T>,
    scale: Scale,
    orthogonal: bool,
}

impl<T: Real> Problem<T> {
    /// The first experiment of `orthogonal`: w ~ N(0, 1/p), a = +-|w|.
    fn two_point<L: Lanes<Elem = T>>() -> Self {
        let (x, y) = (vec![-0.5, 1.0, 2.0, 1.0], vec![-1.0, 1.0]);
        let mut problem = Self::on("two-point", (60, 2, 2), x, y, Scale::One, true);
        problem.draw(|net| {
            init::balanced::<L>(net, 1.0 / 60f64.sqrt(), &mut init::stream(1, "bench", 0, 0));
        });
        problem
    }

    /// Inputs of uniform direction and norm 1, targets +-1, the initialisation of `weak`.
    fn weak<L: Lanes<Elem = T>>(
        name: &'static str,
        (p, n, d): (usize, usize, usize),
        scale: Scale,
    ) -> Self {
        let mut rng = init::stream(1, "bench", n as u64, d as u64);
        let mut x: Vec<f64> = (0..n * d).map(|_| init::normal(&mut rng)).collect();
        for x in x.chunks_mut(d) {
            let norm = x.iter().map(|x| x * x).sum::<f64>().sqrt();
            x.iter_mut().for_each(|x| *x /= norm);
        }
        let y = (0..n).map(|_| init::sign(&mut rng)).collect();
        let mut problem = Self::on(name, (p, n, d), x, y, scale, false);
        problem.draw(|net| init::asymmetric::<L>(net, init::Inner::Uniform, &mut rng));
        problem
    }

    fn on(
        name: &'static str,
        size: (usize, usize, usize),
        x: Vec<f64>,
        y: Vec<f64>,
        scale: Scale,
        orthogonal: bool,
    ) -> Self {
        let (p, _, d) = size;
        let narrow = |values: Vec<f64>| values.into_iter().map(T::from_f64).collect();
        let (w, a) = (vec![T::ZERO; p * d], vec![T::ZERO; p]);
        Problem { name, size, w, a, x: narrow(x), y: narrow(y), scale, orthogonal }
    }

    fn draw(&mut self, init: impl FnOnce(&mut NetViewMut<'_, T>)) {
        let (w, a) = (&mut self.w, &mut self.a);
        init(&mut NetViewMut::new(w, a, self.size.2).expect("p x d"));
    }

    /// A flow at its start, e^log_scale times the weights.
    fn with<L: Lanes<Elem = T>, R>(
        &self,
        log_scale: f64,
        rules: Rules<T>,
        work: impl FnOnce(&mut Flow<'_, L>) -> R,
    ) -> R {
        let (p, _, d) = self.size;
        let samples = SamplesView::new(&self.x, &self.y, d).expect("n x d");
        let net = NetView::new(&self.w, &self.a, d).expect("p x d");
        let start = Start { net, log_scale: T::from_f64(log_scale) };
        let mut memory = FlowMemory::<L>::new(p, samples, self.orthogonal);
        work(&mut memory.flow(start, self.scale, rules).expect("finite samples"))
    }

    fn slug(&self) -> String {
        let (p, n, d) = self.size;
        format!("{}_p{p}_n{n}_d{d}", self.name)
    }
}

/// `advance`, which must not fail.
fn advance<L: Lanes>(flow: &mut Flow<'_, L>, end: L::Elem) -> Advance<L::Elem> {
    let mut silent = |event: Event<L::Elem>| {
        black_box(event);
    };
    flow.advance(end, &mut silent).unwrap_or_else(|failed| panic!("{failed}"))
}

/// Time of `times` evaluations on the way. Steps that meet an event or are rejected count none.
fn evaluation<L: Lanes>(flow: &mut Flow<'_, L>, times: u64) -> Duration {
    let before = flow.certificate();
    // A step of 2 or more spacings of t.
    let short = (flow.t() + L::Elem::ONE) * L::Elem::EPSILON * L::Elem::from_f64(4.0);
    let steps = times.div_ceil(6);
    let start = on_core();
    for _ in 0..steps {
        let end = flow.t() + short;
        advance(flow, end);
    }
    let time = on_core() - start;
    let after = flow.certificate();
    let evaluations = after.evaluations - before.evaluations;
    assert!(after.rejected == before.rejected && evaluations >= 6 * steps);
    time.mul_f64(times as f64 / evaluations as f64)
}

fn rules<T: Real>(tolerance: f64) -> Rules<T> {
    // What single precision can hold.
    let least = 1e2 * T::EPSILON.to_f64();
    Rules::new(T::from_f64(tolerance.max(least)))
}

fn lanes<L: Lanes>(criterion: &mut Criterion, name: &str) {
    let group = &mut criterion.benchmark_group("flow");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800));
    let problems = [
        Problem::two_point::<L>(),
        Problem::weak::<L>("weak", (40, 8, 60), Scale::OneOverP),
        Problem::weak::<L>("highdim", (200, 75, 150), Scale::OneOverP),
    ];
    for problem in &problems {
        let slug = problem.slug();
        let small = if problem.orthogonal { -13.8 } else { 0.0 };
        group.bench_function(format!("evaluation/{name}/{slug}"), |bencher| {
            let rules = Rules { alignment: false, plateau: false, ..rules(1e-6) };
            problem.with::<L, _>(small, rules, |flow| {
                let two = L::Elem::from_f64(2.0);
                while advance(flow, two) != Advance::Arrived {}
                bencher.iter_custom(|times| evaluation(flow, times));
            });
        });
        group.bench_function(format!("cut/{name}/{slug}"), |bencher| {
            bencher.iter_custom(|times| {
                let rules = Rules { repair: false, alignment: false, ..rules(1e-6) };
                let once = || {
                    problem.with::<L, _>(small, rules, |flow| {
                        loop {
                            let start = on_core();
                            advance(flow, L::Elem::from_f64(20.0));
                            let time = on_core() - start;
                            if flow.certificate().cut > 0 {
                                return time;
                            }
                        }
                    })
                };
                (0..times).map(|_| once()).sum()
            });
        });
        group.bench_function(format!("leap/{name}/{slug}"), |bencher| {
            bencher.iter_custom(|times| {
                let once = || {
                    problem.with::<L, _>(-20.0, rules(1e-6), |flow| {
                        let start = on_core();
                        let leap = advance(flow, L::Elem::from_f64(1e3));
                        assert!(matches!(leap, Advance::Leap(_)), "{leap:?}");
                        on_core() - start
                    })
                };
                (0..times).map(|_| once()).sum()
            });
        });
        if problem.name == "highdim" {
            continue;
        }
        let (end, tolerance) = if problem.orthogonal { (40.0, 1e-8) } else { (20.0, 1e-6) };
        group.bench_function(format!("run/{name}/{slug}"), |bencher| {
            bencher.iter_custom(|times| {
                let once = || {
                    problem.with::<L, _>(small, rules(tolerance), |flow| {
                        let (start, end) = (on_core(), L::Elem::from_f64(end));
                        while advance(flow, end) != Advance::Arrived {}
                        on_core() - start
                    })
                };
                (0..times).map(|_| once()).sum()
            });
        });
    }
}

fn flow(criterion: &mut Criterion) {
    lanes::<NativeF32>(criterion, "f32");
    lanes::<NativeF64>(criterion, "f64");
}

criterion_group!(group, flow);
criterion_main!(group);
