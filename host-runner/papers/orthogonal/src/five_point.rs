//! `orthogonal-five-point`: five samples on a line that are not orthogonal, and still two saddles
//! (paper `orthogonal`, Figure 4).
//!
//! The published code has y = (.7, -.3, -.3, .4, .2) at its head and y_3 = -.4 in an earlier commit,
//! the only one with a stored loss curve; `targets` chooses. Both fit what the paper says. It does
//! not state m; the start of the earlier commit divides by 60, so m = 60 is taken from there and
//! from the two-point run. The figure's loss is the MSE (1/n) sum r^2 = 2 L, and so are the metrics.
//!
//! On such data some pairs are held at z = 0, pushed from both sides. Gradient descent with steps
//! chatters there: such neurons switch on and off from step to step and mu jumps. The figure shows the
//! mean rate of decay instead; `metrics.jsonl` has mu.

use crate::shared::footage::{evenly, with};
use crate::shared::pace::{self, LR, Pace};
use crate::shared::univariate::{kinks, pictures};
use engine::Kind;
use engine::trajectory::{self, Plan, Problem, Start, Trajectory, beside, follow};
use lab::Control;
use lab::METHOD;
use lab::failure::Failure;
use lab::figure::network::Stage;
use lab::figure::{Corner, Figure, Panel};
use lab::settings::{Key, Word};
use lab::{Context, Experiment, Numbers, Outcome, Precision, Verdict};

const M: Key<usize> = Key::count("m", 60, "number of neurons").between(1, 1 << 20);
const LAMBDA: Key<f64> =
    Key::number("lambda", 1e-4, "scale of the start: w_jk ~ N(0, lambda^2/m)").positive();

/// The table entry.
pub static FIVE_POINT: Experiment = Experiment {
    id: "orthogonal-five-point",
    paper: "orthogonal",
    figure: "Figure 4",
    about: "five correlated samples: an intermediate saddle, few kinks",
    cost_seconds: 0.3,
    precision: Precision::F64,
    variants: &[&[], &["targets=earlier"], &["method=flow"]],
    controls: &[Control::DoubledRate, Control::WrongSign],
    keys: &[&[&M, &TARGETS, &LAMBDA, &LENGTH, &METHOD], pace::KEYS, trajectory::KEYS],
    run,
};

/// How many steps of descent to take.
const LENGTH: Key<usize> = Key::count(
    "iterations",
    0,
    "number of descent steps; 0 runs to flow time 300000 * 2 lr, i.e. 300000 with loss=mean",
)
.between(0, 1 << 40)
.quick(100_000);

/// Which of the two published sets of targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// At the head of the code.
    Published,
    /// At an earlier commit.
    Earlier,
}

impl Word for Targets {
    const WORDS: &'static [(&'static str, Self)] =
        &[("published", Self::Published), ("earlier", Self::Earlier)];
}

/// The key of it.
pub const TARGETS: Key<Targets> = Key::choice(
    "targets",
    Targets::Published,
    "targets y of the published code: its head, or the earlier commit with y_3 = -.4",
);

/// Inputs (x, 1).
pub const X: [[f64; 2]; 5] = [[-1.5, 1.0], [-1.0, 1.0], [0.0, 1.0], [0.25, 1.0], [2.0, 1.0]];

/// Targets, and the height of their intermediate plateau in units of the MSE.
pub fn targets(context: &Context) -> ([f64; 5], f64) {
    match context.get(TARGETS) {
        Targets::Earlier => ([0.7, -0.3, -0.4, 0.4, 0.2], 0.0777),
        Targets::Published => ([0.7, -0.3, -0.3, 0.4, 0.2], 0.0636),
    }
}

/// (x, y) of the samples.
pub fn points(y: &[f64; 5]) -> [(f64, f64); 5] {
    std::array::from_fn(|i| (X[i][0], y[i]))
}

/// Published iterations; everything about time is for the published loss and doubles for the half.
const ITERATIONS: u64 = 300_000;
const SNAPSHOTS: [u64; 5] = [0, 15_000, 94_000, 150_000, 300_000];
/// Iterations over which the plateau's fall is measured.
const WINDOW: u64 = 1_000;
/// Where the MSE is reported.
const LOOKS: [(&str, u64); 7] = [
    ("mse_15k", 15_000),
    ("mse_50k", 50_000),
    ("mse_80k", 80_000),
    ("mse_94k", 94_000),
    ("mse_150k", 150_000),
    ("mse_200k", 200_000),
    ("mse_300k", 300_000),
];
const POSITIONS: [&str; 4] = ["kink_1_at", "kink_2_at", "kink_3_at", "kink_4_at"];
/// Shares of the first loss: there the first saddle is left; there the second surely is.
const LEFT: [f64; 2] = [0.95, 0.25];

fn run(context: &Context) -> Result<Outcome, Failure> {
    let m = context.get(M);
    let (y, plateau) = targets(context);
    let pace = Pace::new(context, LENGTH, ITERATIONS);
    let lambda = context.get(LAMBDA) / (m as f64).sqrt();
    let stream = (context.config.seed, "orthogonal-five-point");
    let problem = Problem::new(&X, &y, Start::balanced(stream, (m, 2), lambda)?);
    // L at h = 0.
    let first = y.iter().map(|y| y * y).sum::<f64>() / 10.0;
    let plan = Plan {
        snapshots: with(evenly(&pace, 3 * m), &SNAPSHOTS.map(|k| pace.time(k))),
        levels: LEFT.map(|share| share * first).to_vec(),
        window: pace.time(WINDOW),
        ..pace.plan().also_at(LOOKS.map(|(_, k)| pace.time(k)))
    };
    let trajectory = follow(context, &problem, &plan, Kind::Dense)?;
    let descent = beside(context, &problem, &plan, Kind::Dense)?;

    let end = &trajectory.end;
    let kinks = kinks(end);
    let inside: Vec<f64> =
        kinks.iter().map(|kink| kink.0).filter(|x| (-1.5..=2.0).contains(x)).collect();
    let mut metrics = Numbers::from([
        ("iterations", trajectory.steps as f64),
        ("escape_first_iteration", pace.iteration(trajectory.crossing(0))),
        ("mse_start", 2.0 * first),
        ("mse_plateau", 2.0 * trajectory.plateau(0)),
    ]);
    for (name, k) in LOOKS.into_iter().filter(|(_, k)| pace.reaches(*k)) {
        metrics.push(name, 2.0 * trajectory.loss_at(pace.time(k)));
    }
    metrics.push("mse_final", 2.0 * trajectory.last().loss);
    metrics.push("theta_norm_sq", end.norm_sq());
    metrics.push("kinks", kinks.len() as f64);
    metrics.push("kinks_inside", inside.len() as f64);
    for (name, &at) in POSITIONS.iter().zip(&inside) {
        metrics.push(*name, at);
    }
    metrics.push("health", f64::from(trajectory.health));
    metrics.push("ns_per_step", trajectory.ns_per_step);
    let stage =
        Stage { data: &points(&y), x: (-2.0, 2.5), y: (-2.0, 2.0), legend: Corner::BottomRight };
    let wanted = SNAPSHOTS.map(|k| pace.time(k));
    let (strip, film) = pictures(trajectory.shots(), &pace, &wanted, stage);
    let mut verdicts = verdicts(context, &metrics, &pace, plateau);
    let events = trajectory.vouch(&mut metrics, &mut verdicts);
    Ok(Outcome {
        verdicts,
        metrics,
        events,
        notes: notes(),
        trace: pace.trace(&trajectory),
        figures: vec![
            loss_figure(&trajectory, descent.as_ref(), &pace, 2.0 * first, plateau),
            strip,
        ],
        films: vec![film],
    })
}

/// What the paper leaves open about these samples, and how it was settled.
pub fn notes() -> Vec<String> {
    vec![
        Pace::note(),
        "The five targets: the published code has \
         y = (.7, -.3, -.3, .4, .2) at its head (targets=published), and y_3 = -.4 in an earlier \
         commit, the only one with a stored loss curve (targets=earlier). Both fit what the paper says of them; the \
         intermediate plateau is at an MSE of .0636 with the first and .0777 with the second."
            .into(),
    ]
}

fn verdicts(context: &Context, metrics: &Numbers, pace: &Pace, plateau: f64) -> Vec<Verdict> {
    let figure = "arXiv 2206.00939, Figure 4";
    let mut verdicts = Vec::new();
    let published = context.get(LAMBDA) == 1e-4 && context.get(LR) == 1e-3 && context.get(M) == 60;
    // Another run, or a shorter one, may not come to rest there.
    let rests = published && pace.reaches(94_000);
    if rests || metrics.number("mse_plateau").is_finite() {
        verdicts.push(Verdict::near(
            "the loss rests at an intermediate saddle",
            figure,
            metrics.number("mse_plateau"),
            plateau,
            5e-4,
        ));
    }
    if published {
        // Measured over 12 seeds: 24500 to 27400 for the published targets, 26600 to 29100 for the
        // earlier ones.
        verdicts.push(Verdict::between(
            "the saddle h = 0 is left between iterations 23000 and 31000 of the published loss",
            figure,
            metrics.number("escape_first_iteration"),
            23_000.0 * pace.slower,
            31_000.0 * pace.slower,
        ));
    }
    // Absent where the run is shorter.
    if let Some(mse) = metrics.get("mse_94k").filter(|_| published) {
        verdicts.push(Verdict::near(
            "iteration 94000 of the published loss is at the intermediate saddle",
            figure,
            mse,
            plateau,
            1e-3,
        ));
    }
    if published && pace.whole {
        verdicts.push(Verdict::at_most(
            "the loss goes to 0 though the samples are not orthogonal",
            figure,
            metrics.number("mse_300k"),
            2e-3,
        ));
        verdicts.push(Verdict::equal(
            "few kinks: between the samples the limit bends at two points",
            figure,
            metrics.number("kinks_inside"),
            2.0,
        ));
    }
    verdicts
}

fn loss_figure(
    trajectory: &Trajectory,
    descent: Option<&Trajectory>,
    pace: &Pace,
    first: f64,
    plateau: f64,
) -> Figure {
    let linear = Panel::new("loss", "iteration", "MSE = (1/n) sum r^2");
    let linear = pace
        .losses(linear, trajectory, descent, 2.0)
        .guide_x(pace.iteration(pace.time(94_000)), "94000")
        .guide_y(first, format!("first saddle, {first:.3}"))
        .guide_y(plateau, format!("second saddle, {plateau}"))
        .y_range(0.0, 1.2 * first);
    Figure::new(
        "loss",
        format!("Two saddles on samples that are not orthogonal (dt = {})", pace.dt),
    )
    .panel(linear)
    .panel(pace.decay_panel(trajectory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_passes_no_verdict() {
        lab::checks::nan_is_noticed(&FIVE_POINT, |context, metrics| {
            verdicts(context, metrics, &Pace::new(context, LENGTH, ITERATIONS), targets(context).1)
        });
    }
}
