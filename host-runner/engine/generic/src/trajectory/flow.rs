//! The gradient flow itself: adaptive steps of the kernels' integrator, exact leaps, a certificate.
use super::account::Account;
use super::course::Trajectory;
use super::journal::{Record, Snapshot};
use super::plan::Plan;
use super::problem::Problem;
use crate::coordinates::Kind;
use crate::flow_memory::FlowMemory;
use crate::number::{narrow, widen};
use lab::settings::{Key, Word};
use lab::{Context, Control, Failure, Precision};
use reluflow::flow::{Advance, Coordinates, Event, Rules, Start};
use reluflow::{Flow, Lanes, NetView, NetViewMut, Real, SamplesView};
use std::time::Instant;

/// Which of the integrator's shortcuts are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortcuts {
    /// Neurons are taken past their kinks alone.
    pub repair: bool,
    /// Exact alignment and plateaus.
    pub leaps: bool,
}

impl Shortcuts {
    const FULL: Self = Self { repair: true, leaps: true };
}

impl Word for Shortcuts {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("none", Self { repair: false, leaps: false }),
        ("repair", Self { repair: true, leaps: false }),
        ("leaps", Self { repair: false, leaps: true }),
        ("full", Self::FULL),
    ];
}

/// The key of them.
pub const ACCELERATION: Key<Shortcuts> = Key::choice(
    "acceleration",
    Shortcuts::FULL,
    "shortcuts of method=flow: neurons taken past their kinks alone (repair), exact alignment and \
     plateaus (leaps), both (full)",
);

/// What is integrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form(pub Coordinates);

impl Word for Form {
    const WORDS: &'static [(&'static str, Self)] =
        &[("polar", Self(Coordinates::Polar)), ("cartesian", Self(Coordinates::Cartesian))];
}

/// The key of it.
pub const COORDINATES: Key<Form> = Key::choice(
    "coordinates",
    Form(Coordinates::Polar),
    "coordinates of method=flow: logarithm of each neuron's size and its direction, or its weights",
);

/// Local error of a step.
pub const TOLERANCE: Key<f64> = Key::number(
    "tolerance",
    0.0,
    "local error of method=flow, relative to each neuron's size; 0 is 1e-8 in f64, 1e-6 in f32",
)
.within(0.0, 1e-2);

/// The rules that the keys of an experiment ask for.
pub fn rules<T: Real>(context: &Context) -> Rules<T> {
    let tolerance = match (context.get(TOLERANCE), context.config.precision) {
        (0.0, Precision::F64) => 1e-8,
        (0.0, Precision::F32) => 1e-6,
        (given, _) => given,
    };
    let (Shortcuts { repair, leaps }, Form(coordinates)) =
        (context.get(ACCELERATION), context.get(COORDINATES));
    Rules {
        coordinates,
        alignment: leaps,
        plateau: leaps,
        repair,
        ..Rules::new(T::from_f64(tolerance))
    }
}

/// Integrates the flow as `plan` says. Nothing is saved on the way: what takes gradient descent
/// minutes takes the flow seconds.
pub fn integrate<L: Lanes>(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
) -> Result<Trajectory, Failure> {
    let clock = match context.control() {
        None | Some(Control::SigmaPrimeOne) => 1.0,
        Some(Control::DoubledRate) => 2.0,
        Some(Control::WrongSign) => {
            return Err(Failure::bad_input(
                "--control wrong-sign: the flow with the wrong sign leaves every bound at once; \
                 use it with --set method=gd",
            ));
        }
    };
    let rules = Rules { curvature: plan.curvature, ..rules::<L::Elem>(context) };
    run::<L>(context, problem, plan, kind, rules, clock)
}

/// The run itself; `clock` is how many times faster the flow runs than the times of the plan.
pub(crate) fn run<L: Lanes>(
    context: &Context,
    problem: &Problem,
    plan: &Plan,
    kind: Kind,
    rules: Rules<L::Elem>,
    clock: f64,
) -> Result<Trajectory, Failure> {
    let (p, d) = (problem.start.a.len(), problem.d);
    let number = L::Elem::from_f64;
    let (x, y) = (narrow::<L::Elem>(&problem.x), narrow::<L::Elem>(&problem.y));
    let (w, a) = (narrow::<L::Elem>(&problem.start.w), narrow::<L::Elem>(&problem.start.a));
    let samples = SamplesView::new(&x, &y, d)?;
    let log_scale = number(f64::from(problem.start.exponent) * std::f64::consts::LN_2);
    let start = Start { net: NetView::new(&w, &a, d)?, log_scale };
    let zero = number(0.0);
    let mut memory = FlowMemory::<L>::new(p, samples, kind == Kind::Orthogonal);
    let mut flow = memory.flow(start, problem.scale, rules)?;

    let write = |flow: &mut Flow<L>, t: f64, inside: bool| -> Result<Option<Snapshot>, Failure> {
        let (mut w, mut a) = (w.clone(), a.clone());
        let mut net = NetViewMut::new(&mut w, &mut a, d)?;
        let written = if inside {
            flow.write_at(number(t * clock), start, samples, &mut net)?
        } else {
            flow.write(start, samples, zero, &mut net)?;
            true
        };
        Ok(written.then(|| Snapshot { t, w: widen(&w), a: widen(&a) }))
    };
    let began = Instant::now();
    let now = |flow: &Flow<L>| flow.t().to_f64() / clock;
    let mu =
        |flow: &mut Flow<L>| flow.mu().map(|mu| mu.to_f64() * clock).filter(|mu| mu.is_finite());
    let mut later = mu(&mut flow);
    let mut curve = vec![Record { t: 0.0, loss: flow.loss().to_f64(), mu: later }];
    let (mut records, mut shots) =
        (plan.records.iter().peekable(), plan.snapshots.iter().peekable());
    let mut snapshots = Vec::new();
    let mut crossings = vec![None; plan.levels.len()];
    let mut slowest: Vec<Option<(f64, f64)>> = vec![None; plan.levels.len().saturating_sub(1)];
    let mut events: Vec<Event<f64>> = Vec::new();
    let origin = write(&mut flow, 0.0, false)?.unwrap_or_default();
    let until = number(plan.until * clock);
    records.next_if(|&&t| t <= 0.0);
    while let Some(&&t) = shots.peek().filter(|&&&t| t <= 0.0) {
        snapshots.push(Snapshot { t, ..origin.clone() });
        shots.next();
    }
    context.progress.start(1000, "thousandths");
    loop {
        let (before, earlier) = (now(&flow), later);
        flow.pause_leaps_at(shots.peek().map_or(L::Elem::INFINITY, |&&t| number(t * clock)));
        let mut log = |event: Event<L::Elem>| {
            let Event { t, neuron, sample, kind } = event;
            events.push(Event { t: t.to_f64() / clock, neuron, sample, kind });
        };
        let advance = flow.advance(until, &mut log).map_err(|failed| {
            Failure::failed(format!("the flow stops at t = {}: {failed}", now(&flow)))
        })?;
        if advance == Advance::Arrived {
            break;
        }
        let stepped = matches!(advance, Advance::Step(_));
        // After a leap mu would cost an evaluation, and it is that of the plateau.
        later = if stepped { mu(&mut flow) } else { None };
        let (after, loss) = (now(&flow), flow.loss().to_f64());
        let loss_at = |flow: &mut Flow<L>, t: f64| {
            flow.loss_at(number(t * clock)).map_or(loss, |loss| loss.to_f64())
        };
        for (crossing, &level) in crossings.iter_mut().zip(&plan.levels) {
            if crossing.is_none() && loss < level {
                *crossing = Some(first_below(before, after, level, |t| loss_at(&mut flow, t)));
            }
        }
        // The rate of the loss is mu L; where the residual is frozen it is that of its ends.
        let rate = later.unwrap_or(0.0) * loss;
        for (slowest, pair) in slowest.iter_mut().zip(crossings.windows(2)) {
            let between = matches!(pair, [Some(_), None]);
            if between && slowest.is_none_or(|(least, _)| rate < least) {
                *slowest = Some((rate, loss));
            }
        }
        while let Some(&t) = records.next_if(|&&t| t <= after) {
            let share = (t - before) / (after - before);
            let mu = earlier.zip(later).map(|(x, y)| x.powf(1.0 - share) * y.powf(share));
            let loss = if stepped { loss_at(&mut flow, t) } else { loss };
            curve.push(Record { t, loss, mu });
        }
        while let Some(&t) = shots.next_if(|&&t| t <= after * (1.0 + 1e-6)) {
            let inside = write(&mut flow, t, stepped)?;
            let shot = match inside {
                Some(shot) => Some(shot),
                None => write(&mut flow, t, false)?,
            };
            snapshots.extend(shot);
        }
        context.progress.at((1000.0 * after / plan.until) as u64);
        if context.interrupted() {
            return Err(context.stopped());
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let reached = now(&flow);
    let end = write(&mut flow, reached, false)?.unwrap_or_default();
    if curve.last().is_none_or(|last| last.t < reached) {
        curve.push(Record { t: reached, loss: flow.loss().to_f64(), mu: later });
    }
    let account = Account::of(&flow, &rules, events, clock);
    let steps = account.steps + account.leaps;
    Ok(Trajectory {
        curve,
        snapshots,
        start: origin,
        end,
        crossings,
        plateaus: slowest.into_iter().map(|slowest| slowest.map(|(_, loss)| loss)).collect(),
        health: 0,
        steps,
        ns_per_step: seconds * 1e9 / steps.max(1) as f64,
        account: Some(account),
    })
}

/// The time in [from, to] at which `loss` first falls below `level`, by bisection to the last bit.
fn first_below(from: f64, to: f64, level: f64, mut loss: impl FnMut(f64) -> f64) -> f64 {
    let (mut low, mut high) = (from, to);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return high;
        }
        if loss(middle) < level {
            high = middle;
        } else {
            low = middle;
        }
    }
}
