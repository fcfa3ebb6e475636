//! `weak-threshold-d`: the number of samples N(d, p) that half of the networks can learn, against the
//! dimension, at p = 30 (paper `weak`, Figure 4).
//!
//! Between d = 10 and 100 a line of slope 15 fits, but it meets 0 at d = 17: N/d rises from 3 to 13.
//! `--preset extended` goes on to d = 400.

use crate::shared::curve::Curve;
use crate::shared::law::INNER;
use crate::shared::threshold::{REPETITIONS, SEARCH, Wanted, Way, curves, grid_networks};
use crate::shared::verdict::{Published, figure, frugal, metrics, near, notes};
use engine::ARITHMETIC;
use lab::Control;
use lab::failure::Failure;
use lab::figure::{Corner, Figure, Look, Panel};
use lab::settings::Key;
use lab::statistics::{Line, max};
use lab::{Context, Experiment, Outcome, Precision, Preset, Verdict};

const D: Key<usize> =
    Key::count("d", 0, "input dimension; 0 runs the whole figure").between(0, 1 << 14);
const P: Key<usize> = Key::count("p", 30, "number of neurons").between(1, 1 << 14);

/// The table entry.
pub static THRESHOLD_D: Experiment = Experiment {
    id: "weak-threshold-d",
    paper: "weak",
    figure: "Figure 4",
    about: "how many samples 30 neurons can learn, against the dimension",
    cost_seconds: 240.0,
    precision: Precision::F32,
    variants: &[&[]],
    controls: &[Control::WrongSign],
    keys: &[&[
        &D,
        &P,
        &SEARCH.quick(Way::Adaptive).extended(Way::Adaptive),
        &REPETITIONS,
        &INNER,
        &ARITHMETIC,
    ]],
    run,
};

/// 50 % crossings of the published data, 20 networks for each n.
const PUBLISHED: Published = &[
    (10, 29.0),
    (20, 73.8),
    (30, 146.3),
    (40, 262.9),
    (50, 416.7),
    (60, 610.9),
    (70, 820.9),
    (80, 996.4),
    (90, 1145.5),
    (100, 1323.1),
];

const FIGURE: &str = "arXiv 2502.16977, Figure 4";

fn run(context: &Context) -> Result<Outcome, Failure> {
    let p = context.get(P);
    let list: Vec<usize> = match (context.get(D), context.config.preset) {
        (0, Preset::Quick) => vec![10, 30, 50, 80],
        (0, Preset::Paper) => (10..=100).step_by(10).collect(),
        (0, Preset::Extended) => {
            (10..=100).step_by(10).chain([125, 150, 200, 250, 300, 400]).collect()
        }
        (d, _) => vec![d],
    };
    // The published grid has n = d, 2 d, .. up to 30 d - 200.
    let grid = |d: usize| [d, (30 * d).saturating_sub(200).max(4 * d), d];
    let wanted: Vec<Wanted> = list.iter().map(|&d| Wanted { p, d, grid: grid(d) }).collect();
    let curves = curves(context, &wanted)?;
    let key = |curve: &Curve| curve.d;
    let mut metrics = metrics("d", key, &curves);
    metrics.push("grid_networks", grid_networks(context, &wanted) as f64);

    let points = |most: usize| -> Vec<(f64, f64)> {
        let known = curves.iter().filter(|curve| curve.d <= most).filter_map(|curve| {
            Some((curve.d as f64, curve.threshold()?.at)).filter(|(_, n)| n.is_finite())
        });
        known.collect()
    };
    let line = Line::through(&points(100));
    if points(100).len() > 2 {
        metrics.push("slope", line.slope);
        metrics.push("slope_error", line.error);
        metrics.push("intercept", line.offset);
        metrics.push("r_squared", line.r_squared);
        let crossings = curves.iter().filter(|curve| curve.d <= 100);
        let crossings = crossings.map(|curve| (curve.d as f64, curve.crossing()));
        metrics.push("slope_of_crossings", Line::through(&crossings.collect::<Vec<_>>()).slope);
    }
    let mut verdicts = Vec::new();
    if p == 30 {
        verdicts.extend(near("d", key, &curves, PUBLISHED, |d| d as f64, FIGURE));
    }
    // The published line is one through all ten.
    if p == 30 && points(100).len() == 10 {
        let claim = "N(d, 30) rises by 15 samples a dimension up to d = 100";
        verdicts.push(Verdict::between(claim, FIGURE, line.slope, 15.1, 15.6));
        verdicts.extend(frugal(context, &curves, &wanted));
    }
    if p == 30 && context.config.preset == Preset::Extended {
        verdicts.extend(beyond(&mut metrics, &points(usize::MAX), &line));
    }
    let figures = vec![draw(&curves, &line, p == 30), figure("probability", "d", key, &curves)];
    let mut notes = notes(context, &curves);
    if points(100).len() > 2 && points(100).len() < 10 {
        notes.push(format!(
            "The published slope, 15.2 to 15.5, is that of a line through ten dimensions; through these \
             {} another slope is right, for N/d rises over the range.",
            points(100).len()
        ));
    }
    let trace = crate::shared::verdict::trace(&curves);
    Ok(Outcome { metrics, verdicts, notes, trace, figures, ..Outcome::default() })
}

/// Is the law linear beyond the paper's range? The exponent of N - what the line leaves at 0 says.
fn beyond(metrics: &mut lab::Numbers, points: &[(f64, f64)], line: &Line) -> Vec<Verdict> {
    let mut ratios = Vec::new();
    for &(d, n) in points.iter().filter(|point| point.0 > 100.0) {
        metrics.push(format!("over_line_d{d}"), n / line.at(d));
        ratios.push((d, n));
    }
    let tail = Line::through(&ratios);
    metrics.push("slope_beyond", tail.slope);
    metrics.push("slope_beyond_error", tail.error);
    let logs: Vec<_> = ratios.iter().map(|(d, n)| (d.ln(), n.ln())).collect();
    let power = Line::through(&logs);
    metrics.push("exponent_beyond", power.slope);
    metrics.push("exponent_beyond_error", power.error);
    let claim = "beyond d = 100 a line still explains N(d, 30): share of the variance";
    vec![Verdict::at_least(
        claim,
        "an extension of arXiv 2502.16977, Figure 4",
        tail.r_squared,
        0.99,
    )]
}

fn draw(curves: &[Curve], line: &Line, usual: bool) -> Figure {
    let fits = curves.iter().filter_map(|curve| Some((curve.d as f64, curve.threshold()?)));
    let fits: Vec<_> = fits.collect();
    let bars =
        fits.iter().flat_map(|(d, fit)| [(*d, fit.low), (*d, fit.high), (f64::NAN, f64::NAN)]);
    // The line is one through the dimensions up to 100, and drawn no further than they go.
    let most = max(fits.iter().map(|fit| fit.0).filter(|d| *d <= 100.0).chain([0.0]));
    let mut panel = Panel::new("", "d", "N(d, p): half of the networks converge")
        .series(Look::Points, "logistic fit, 95 %", fits.iter().map(|(d, fit)| (*d, fit.at)))
        .series(Look::Line, "", bars)
        .legend(Corner::TopLeft);
    if line.slope.is_finite() {
        let name = format!("{:.2} d {:+.0}, fitted up to d = {most}", line.slope, line.offset);
        panel = panel.series(Look::Line, name, [20.0, most].map(|d| (d, line.at(d))));
    }
    if usual {
        let published = PUBLISHED.iter().map(|&(d, n)| (d as f64, n));
        panel = panel.series(Look::Dashed, "published", published);
    }
    Figure::new("threshold", "How many samples a network can learn").panel(panel)
}
