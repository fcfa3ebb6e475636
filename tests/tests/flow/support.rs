//! Problems of the papers, and runs of the flow with all that they leave.

use conformance::{Problem, Random};
use reluflow::flow::{Advance, Certificate, Event, Failed, Kind, Log, Mode, Rules, Span, Start};
use reluflow::{Flow, Lanes, NetViewMut, Real, Scale};

/// Standard normal, Box and Muller.
pub fn normal(random: &mut Random) -> f64 {
    let (u, v) = (random.uniform(0.0, 1.0), random.uniform(0.0, 1.0));
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// x = (-1/2, 1), (2, 1), y = (-1, 1); 60 neurons, w ~ N(0, lambda^2/60), a = +-|w|.
pub fn two_points<T: Real>(seed: u64, lambda: f64) -> Problem<T> {
    let mut random = Random(seed);
    let w: Vec<f64> = (0..120).map(|_| lambda / 60f64.sqrt() * normal(&mut random)).collect();
    let a = w.chunks(2).map(|w| random.uniform(-1.0, 1.0).signum() * w[0].hypot(w[1]));
    let a = a.map(T::from_f64).collect();
    let (w, x) = (rounded(&w), rounded(&[-0.5, 1.0, 2.0, 1.0]));
    Problem { p: 60, n: 2, d: 2, w, a, x, y: rounded(&[-1.0, 1.0]), scale: Scale::One }
}

/// Inputs of uniform direction and norm U[1, 2], y = +-U[1, 2], w ~ U(-1, 1)/sqrt d,
/// a = +-(|w| + Exp(1)), s = 1/p.
pub fn weak<T: Real>(seed: u64, (p, n, d): (usize, usize, usize)) -> Problem<T> {
    let random = &mut Random(seed);
    let mut x: Vec<f64> = (0..n * d).map(|_| normal(random)).collect();
    for x in x.chunks_mut(d) {
        let size = random.uniform(1.0, 2.0) / x.iter().map(|v| v * v).sum::<f64>().sqrt();
        x.iter_mut().for_each(|v| *v *= size);
    }
    let mut signed = |low: f64, high: f64| {
        let sign = random.uniform(-1.0, 1.0).signum();
        sign * random.uniform(low, high)
    };
    let y: Vec<f64> = (0..n).map(|_| signed(1.0, 2.0)).collect();
    let w: Vec<f64> = (0..p * d).map(|_| signed(0.0, 1.0) / (d as f64).sqrt()).collect();
    let outer = |w: &[f64]| {
        let unit = signed(0.0, 1.0);
        let norm = w.iter().map(|w| w * w).sum::<f64>().sqrt();
        unit.signum() * (norm - (1.0 - unit.abs()).ln())
    };
    let a: Vec<f64> = w.chunks(d).map(outer).collect();
    let (w, a, x, y) = (rounded(&w), rounded(&a), rounded(&x), rounded(&y));
    Problem { p, n, d, w, a, x, y, scale: Scale::OneOverP }
}

/// The numbers in the kernel's precision.
pub fn rounded<T: Real>(values: &[f64]) -> Vec<T> {
    values.iter().copied().map(T::from_f64).collect()
}

/// A network and its data by hand.
pub fn by_hand<T: Real>(
    (w, a): (&[f64], &[f64]),
    (x, y): (&[f64], &[f64]),
    scale: Scale,
) -> Problem<T> {
    let (p, n, d) = (a.len(), y.len(), x.len() / y.len());
    let (w, a, x, y) = (rounded(w), rounded(a), rounded(x), rounded(y));
    Problem { p, n, d, w, a, x, y, scale }
}

/// Which constructor of [`Span`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// Any samples.
    Any,
    /// Orthogonal ones.
    Orthogonal,
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a, T> {
    pub problem: &'a Problem<T>,
    /// Logarithm of the factor in front of the start.
    pub log_scale: f64,
    pub data: Data,
    pub rules: Rules<T>,
    /// Flow time.
    pub end: f64,
    /// Losses whose times are asked for.
    pub levels: &'a [f64],
}

/// What it leaves.
#[derive(Clone, Debug)]
pub struct Run<T> {
    pub events: Vec<Event<T>>,
    /// First time at which the loss is each level.
    pub times: Vec<f64>,
    pub net: oracle::Net,
    pub loss: f64,
    pub certificate: Certificate<T>,
    pub modes: Vec<Mode>,
}

impl<'a, T: Real> Task<'a, T> {
    /// On any samples, from the problem's start, no levels.
    pub fn new(problem: &'a Problem<T>, rules: Rules<T>, end: f64) -> Self {
        Task { problem, log_scale: 0.0, data: Data::Any, rules, end, levels: &[] }
    }

    /// The same on samples that are orthogonal.
    pub fn orthogonal(self) -> Self {
        Task { data: Data::Orthogonal, ..self }
    }

    /// To the end.
    pub fn run<L: Lanes<Elem = T>>(&self) -> Run<T> {
        self.try_run::<L>().unwrap_or_else(|failed| panic!("{failed}: {self:?}"))
    }

    pub fn try_run<L: Lanes<Elem = T>>(&self) -> Result<Run<T>, Failed> {
        self.log_to::<L>(&mut |_: Event<T>| ())
    }

    /// The same with the events told to `log` too.
    pub fn log_to<L: Lanes<Elem = T>>(&self, log: &mut impl Log<T>) -> Result<Run<T>, Failed> {
        self.with::<L, _>(|flow, start| {
            let mut events = Vec::new();
            let mut times = Vec::new();
            let mut both = |event: Event<T>| {
                events.push(event);
                log.record(event);
            };
            loop {
                match flow.advance(T::from_f64(self.end), &mut both)? {
                    Advance::Arrived => break,
                    Advance::Step(length) => {
                        while let Some(&level) = self.levels.get(times.len())
                            && flow.loss().to_f64() <= level
                        {
                            times.push(crossing(flow, level, length));
                        }
                    }
                    Advance::Leap(_) => {}
                }
            }
            times.resize(self.levels.len(), f64::NAN);
            let problem = self.problem;
            let (mut w, mut a) = (problem.w.clone(), problem.a.clone());
            let mut net = NetViewMut::new(&mut w, &mut a, problem.d).unwrap();
            flow.write(start, problem.samples(), T::ZERO, &mut net).unwrap();
            let (w, a) = (conformance::widen(&w), conformance::widen(&a));
            let net = oracle::Net { p: problem.p, d: problem.d, w, a };
            let (loss, modes) = (flow.loss().to_f64(), flow.pair_modes().to_vec());
            Ok(Run { events, times, net, loss, certificate: flow.certificate(), modes })
        })
    }

    /// The flow itself.
    pub fn with<L: Lanes<Elem = T>, R>(
        &self,
        work: impl FnOnce(&mut Flow<'_, L>, Start<'_, T>) -> R,
    ) -> R {
        let Problem { p, n, d, scale, .. } = *self.problem;
        let samples = self.problem.samples();
        // Whatever the memory held before must not matter.
        let junk = |len: usize| vec![T::from_f64(f64::NAN); len];
        let (mut room, mut memory);
        let span = match self.data {
            Data::Any => {
                room = junk(Span::<L>::len(n, d));
                memory = junk(Flow::<L>::len(p, n, d));
                Span::new(samples, &mut room)
            }
            Data::Orthogonal => {
                room = junk(Span::<L>::len_orthogonal(n));
                memory = junk(Flow::<L>::len_orthogonal(p, n));
                Span::orthogonal(samples, &mut room)
            }
        };
        let span = span.expect("exact length");
        let mut modes = vec![Mode::Sliding; Flow::<L>::modes(p, n)];
        let net = self.problem.net();
        let start = Start { net, log_scale: T::from_f64(self.log_scale) };
        let rules = self.rules;
        let flow = Flow::<L>::new(start, samples, span, scale, rules, &mut memory, &mut modes);
        work(&mut flow.expect("exact length"), start)
    }
}

/// When the loss was `level` within the step of this length that has just been taken.
fn crossing<L: Lanes>(flow: &mut Flow<'_, L>, level: f64, length: L::Elem) -> f64 {
    let end = flow.t();
    let mut excess = |back: f64| {
        let loss = flow.loss_at(end - L::Elem::from_f64(back));
        // A rounding before the step there is nothing.
        loss.map_or(f64::INFINITY, |loss| loss.to_f64() - level)
    };
    let (mut late, mut early) = (0.0, length.to_f64());
    for _ in 0..60 {
        let middle = 0.5 * (late + early);
        if excess(middle) > 0.0 {
            early = middle;
        } else {
            late = middle;
        }
    }
    end.to_f64() - late
}

/// The same problem for the oracle, run to `end` at its own tolerance 1e-12.
pub fn reference<T: Real>(problem: &Problem<T>, end: f64, levels: &[f64]) -> oracle::Outcome {
    let (net, data) = problem.reference();
    let flow = oracle::Flow::new(&net, &data, problem.s(), 1e-12);
    flow.run(end, levels, &[]).unwrap_or_else(|stuck| panic!("{stuck}"))
}

/// The kernels' word for an event of the oracle; None where the kernels have none.
pub fn kind_of(event: &oracle::Event) -> Option<Kind> {
    match event.kind {
        oracle::EventKind::Deactivate => Some(Kind::Dies),
        oracle::EventKind::Activate => Some(Kind::Wakes),
        oracle::EventKind::Slide => Some(Kind::Slides),
        oracle::EventKind::LeaveInactive => Some(Kind::LeavesInactive),
        oracle::EventKind::LeaveActive => Some(Kind::LeavesActive),
        oracle::EventKind::OuterSign => None,
    }
}

const KINDS: [Kind; 5] =
    [Kind::Dies, Kind::Wakes, Kind::Slides, Kind::LeavesInactive, Kind::LeavesActive];

/// How many events of each kind a run and the oracle have met.
pub fn counts<T>(run: &Run<T>, truth: &oracle::Outcome) -> [(usize, usize); 5] {
    KINDS.map(|kind| {
        let met = run.events.iter().filter(|event| event.kind == kind).count();
        (met, truth.events.iter().filter(|event| kind_of(event) == Some(kind)).count())
    })
}

/// a^2 + |w|^2 of the largest neuron.
pub fn size_sq(net: &oracle::Net) -> f64 {
    let neurons = net.w.chunks(net.d).zip(&net.a);
    let sizes = neurons.map(|(w, a)| a * a + w.iter().map(|w| w * w).sum::<f64>());
    sizes.fold(0.0, f64::max)
}

/// Of the least-squares line through the points.
pub fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let above: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    above / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
}
