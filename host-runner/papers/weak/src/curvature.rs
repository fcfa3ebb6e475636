//! `weak-curvature`: local-PL curvature against the number of samples, on orthogonal data (paper
//! `weak`, Figure 6).
//!
//! On orthogonal samples every sample is learned, at a rate mu = -d log L / dt that the paper puts
//! between 1/n and 1/sqrt n. Its experiment takes n from 1000 to 2000 in dimension 2000, trains many
//! networks at each n until sum r^2 < 1e-6, and fits a power of n to the means of four measures: mu in
//! the end, mu averaged over the run, and the two bounds of Lemma 7 in the end.

use crate::shared::cells::{Cell, Exponent, Named, bars, train};
use crate::shared::curvature::{Ended, Measures, Rules};
use crate::shared::law::INNER;
use crate::shared::ledger::Task;
use crate::shared::protocol::{PROTOCOL, Protocol};
use crate::shared::setup::Setup;
use engine::ARITHMETIC;
use lab::Arithmetic;
use lab::Control;
use lab::failure::Failure;
use lab::figure::{Corner, Figure, Look, Panel};
use lab::settings::Key;
use lab::statistics::{Line, larger};
use lab::{Context, Experiment, Numbers, Outcome, Precision, Preset, Verdict};
use reluflow::init::Inner;

const N: Key<usize> =
    Key::count("n", 0, "number of samples; 0 runs the whole figure").between(0, (1 << 20) - 1);
const D: Key<usize> =
    Key::count("d", 2000, "input dimension, at least n").between(1, (1 << 20) - 1);
const REPETITIONS: Key<usize> =
    Key::count("repetitions", 0, "number of networks for each n; 0 takes the protocol's")
        .between(0, 1 << 20)
        .quick(20);

/// The table entry.
pub static CURVATURE: Experiment = Experiment {
    id: "weak-curvature",
    paper: "weak",
    figure: "Figure 6",
    about: "local-PL curvature and its bounds against n, on orthogonal samples",
    cost_seconds: 40.0,
    precision: Precision::F32,
    variants: &[&[], &["protocol=text"]],
    controls: &[Control::WrongSign],
    keys: &[&[&N, &D, &REPETITIONS, &PROTOCOL, &INNER, &ARITHMETIC.usually(Arithmetic::Fused)]],
    run,
};

const FIGURE: &str = "arXiv 2502.16977, Figure 6";
/// The code at its head runs another experiment than the text's figure.
const CODE: &str = "the published code at its head, its table of 500 networks for each n";

/// What is measured, and the name of it in metrics.
const MEASURES: [Named; 5] = [
    ("mu", |m| m.mu),
    ("mu_avg", |m| m.average),
    ("lower", |m| m.lower),
    ("upper", |m| m.upper),
    ("mu_limit", |m| m.limit),
];
/// How many of them are published, and what they are.
const CLAIMED: [&str; 4] = ["mu in the end", "mean mu", "the lower bound", "the upper bound"];

/// Published at the head of the code, from 500 networks at each n: logarithms of the means.
const PUBLISHED: [(usize, [f64; 4]); 11] = [
    (1000, [-4.4965, -4.2188, -5.1531, -0.5681]),
    (1100, [-4.5756, -4.2905, -5.2269, -0.6157]),
    (1200, [-4.6457, -4.3585, -5.3112, -0.6615]),
    (1300, [-4.7278, -4.4336, -5.3809, -0.7009]),
    (1400, [-4.7884, -4.4870, -5.4408, -0.7345]),
    (1500, [-4.8227, -4.5172, -5.4791, -0.7728]),
    (1600, [-4.8827, -4.5698, -5.5174, -0.8065]),
    (1700, [-4.9279, -4.6078, -5.5632, -0.8367]),
    (1800, [-4.9545, -4.6345, -5.5833, -0.8663]),
    (1900, [-5.0214, -4.6941, -5.6394, -0.8894]),
    (2000, [-5.0792, -4.7411, -5.6695, -0.9162]),
];
/// Slopes that the text prints, from 25 networks at each n.
const TEXT: [f64; 4] = [-0.574, -0.546, -0.520, -0.516];

fn run(context: &Context) -> Result<Outcome, Failure> {
    let protocol = context.get(PROTOCOL);
    let [n, d] = [N, D].map(|key| context.get(key));
    let grid: Vec<usize> = match (n, context.config.preset) {
        (0, Preset::Quick) => vec![1000, 1300, 1600, 2000],
        (0, _) => (1000..=2000).step_by(100).collect(),
        (n, _) => vec![n],
    };
    let published = published_networks(protocol);
    let repetitions = match context.get(REPETITIONS) {
        0 => published,
        given => given,
    };
    let task = |&n: &usize| (Task { p: protocol.width(n), n, d, trial: 0 }, repetitions);
    let wanted: Vec<_> = grid.iter().map(task).collect();
    let cells = train(context, |_| rules(context, protocol), &wanted)?;
    let metrics = metrics(&cells);
    let usual = d == 2000 && grid.len() > 1 && context.get(INNER).0 == Inner::Uniform;
    let verdicts = if usual { verdicts(&cells, protocol) } else { Vec::new() };
    Ok(Outcome {
        metrics,
        verdicts,
        notes: notes(usual, protocol, repetitions),
        trace: cells.iter().map(row).collect(),
        figures: vec![figure(&cells, usual.then_some(protocol))],
        ..Outcome::default()
    })
}

/// How many networks the authors trained at each n.
fn published_networks(protocol: Protocol) -> usize {
    if protocol == Protocol::Published { 500 } else { 25 }
}

fn rules(context: &Context, protocol: Protocol) -> Rules {
    Rules {
        setup: Setup::of(context),
        protocol,
        // In the code w is scaled once a is drawn from it, which the text's figure is without.
        shrink: if protocol == Protocol::Published { 0.01 } else { 1.0 },
        dt: 1.0,
        until: 1e-6,
    }
}

/// (log n, log of the mean, its error).
fn logs(cells: &[Cell], of: fn(&Measures) -> f64) -> Vec<(f64, f64, f64)> {
    let point = |cell: &Cell| {
        let (log, error) = cell.log(of);
        ((cell.n as f64).ln(), log, error)
    };
    cells.iter().map(point).collect()
}

fn metrics(cells: &[Cell]) -> Numbers {
    let mut metrics = Numbers::new();
    if cells.len() > 1 {
        for (name, of) in MEASURES {
            let exponent = Exponent::of(&logs(cells, of));
            metrics.push(format!("slope_{name}"), exponent.slope);
            metrics.push(format!("slope_{name}_error"), exponent.error);
        }
    }
    for cell in cells {
        let n = cell.n;
        for (name, of) in MEASURES {
            let (value, error) = cell.mean(of);
            metrics.push(format!("{name}_n{n}"), value);
            metrics.push(format!("{name}_n{n}_error"), error);
        }
        metrics.push(format!("not_converged_n{n}"), cell.not_converged() as f64);
    }
    metrics.push("networks", cells.iter().map(|cell| cell.ended.len() as f64).sum());
    metrics
}

fn verdicts(cells: &[Cell], protocol: Protocol) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let mut worst: f64 = 0.0;
    for (at, (claimed, (_, of))) in CLAIMED.iter().zip(MEASURES).enumerate() {
        let own = logs(cells, of);
        // Published means vary as ours do, less where more networks were trained.
        let theirs = |cell: &Cell, point: &(f64, f64, f64)| {
            let networks = cell.ended.len() as f64 / published_networks(protocol) as f64;
            (point.0, published(cell.n, at), point.2 * networks.sqrt())
        };
        let theirs: Vec<_> = cells.iter().zip(&own).map(|(cell, own)| theirs(cell, own)).collect();
        let (ours, exponent) = (Exponent::of(&own), Exponent::of(&theirs));
        let (target, their_error) = match protocol {
            Protocol::Published => (exponent.slope, exponent.error),
            Protocol::Text => (TEXT[at], Exponent::of(&level(&theirs)).error),
        };
        verdicts.push(Verdict::near(
            &format!(
                "the power of n that {claimed} goes with: 3 standard errors of the difference"
            ),
            match protocol {
                Protocol::Published => CODE,
                Protocol::Text => FIGURE,
            },
            ours.slope,
            (target * 1e4).round() / 1e4,
            (3.0 * ours.error.hypot(their_error) * 1e4).ceil() / 1e4,
        ));
        for (own, their) in own.iter().zip(&theirs) {
            let distance = (own.1 - their.1).abs() / own.2.hypot(their.2);
            worst = larger(worst, distance);
        }
    }
    if protocol == Protocol::Published {
        verdicts.push(Verdict::at_most(
            "every published mean is met: the largest distance, in standard errors",
            CODE,
            worst,
            4.0,
        ));
    }
    verdicts
}

/// The published logarithm; NaN where there is none.
fn published(n: usize, at: usize) -> f64 {
    PUBLISHED.iter().find(|row| row.0 == n).map_or(f64::NAN, |row| row.1[at])
}

/// The same errors on a straight line.
fn level(points: &[(f64, f64, f64)]) -> Vec<(f64, f64, f64)> {
    points.iter().map(|&(x, _, error)| (x, 0.0, error)).collect()
}

fn notes(usual: bool, protocol: Protocol, repetitions: usize) -> Vec<String> {
    let mut notes = vec![
        "The text says that all four slopes are close to -1/2. In the published code's own table they \
         are -0.81, -0.73, -0.73 and -0.50: only the upper bound goes with 1/sqrt n. The text's \
         values, -0.574, -0.546, -0.520 and -0.516, come from networks four times as wide as its \
         formula says, with w as drawn and a tenth of the time (--set protocol=text)."
            .to_owned(),
        "mu is, as in the code, the mean over the last 100 steps before sum r^2 < 1e-6. mu_limit, \
         (2/n) lambda_min(M) of the weights in the end, is where it goes as t -> infinity: a few per \
         cent lower."
            .to_owned(),
        "The error of a slope is that of the means or that of the fit, whichever is larger. The paper's \
         intervals are max |log mu - mean|, not residuals of its fit."
            .to_owned(),
    ];
    if !usual {
        notes.push("No claim of the paper concerns these sizes; there is nothing to judge.".into());
    } else if repetitions < published_networks(protocol) {
        notes.push(format!(
            "A single network's mu varies by a third: with {repetitions} at each n these slopes do not \
             tell -0.8 from -0.5; the values of the means are what is judged."
        ));
    }
    notes
}

fn row(cell: &Cell) -> Numbers {
    let mut row = cell.row(&MEASURES);
    let mean =
        |of: fn(&Ended) -> f64| cell.ended.iter().map(of).sum::<f64>() / cell.ended.len() as f64;
    row.push("steps", mean(|ended| ended.steps as f64));
    row.push("redrawn", mean(|ended| ended.redrawn as f64));
    row.push("not_converged", cell.not_converged() as f64);
    row
}

fn figure(cells: &[Cell], protocol: Option<Protocol>) -> Figure {
    let titles = ["mu in the end", "mean mu", "lower bound", "upper bound"];
    let mut figure = Figure::new("curvature", "Local-PL curvature on orthogonal samples");
    for (at, (title, (_, of))) in titles.into_iter().zip(MEASURES).enumerate() {
        let points = logs(cells, of);
        let power = match points.len() {
            1 => String::new(),
            _ => format!(": n^{:.2}", Exponent::of(&points).slope),
        };
        // Logarithms on plain axes, as in the paper: the values span less than a decade.
        let mut panel = Panel::new(title, "log n", format!("log: {title}"))
            .series(Look::Points, format!("measured{power}"), points.iter().map(|p| (p.0, p.1)))
            .series(Look::Line, "", bars(&points))
            .legend(Corner::TopRight);
        if protocol == Some(Protocol::Published) {
            let theirs: Vec<_> =
                PUBLISHED.iter().map(|row| ((row.0 as f64).ln(), row.1[at])).collect();
            let name = format!("published: n^{:.2}", Line::through(&theirs).slope);
            panel = panel.series(Look::Dashed, name, theirs);
        }
        figure = figure.panel(panel);
    }
    figure
}
