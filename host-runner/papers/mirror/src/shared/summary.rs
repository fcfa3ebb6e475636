//! Many draws of one figure: metrics, verdicts, figures.
use super::draw::{ALPHA, D, FixedDirections, M, N};
use super::followed::{At, Followed};
use super::source;
use lab::{Context, Numbers, Outcome, Precision, Verdict};

use engine::parallel::Pool;
use lab::failure::Failure;
use lab::figure::{Figure, Look, Panel, log_spaced};
use lab::settings::Key;
use lab::statistics::{larger, max, median, min};

/// How many draws.
pub const REPETITIONS: Key<usize> =
    Key::count("repetitions", 10, "number of draws").between(1, 10_000);

/// A number of each draw.
type Column<'a> = (&'static str, &'a dyn Fn(&Followed) -> f64);

/// Points of a curve.
const CURVE: usize = 1000;
/// Lines of the trace.
const TRACE: usize = 200;

/// A constant of a figure.
#[derive(Debug, Clone, Copy)]
pub struct Constant {
    /// The metric.
    pub name: &'static str,
    /// As the paper prints it.
    pub printed: Option<f64>,
    /// Least and greatest of ten draws of another simulation of the same protocol.
    pub range: (f64, f64),
}

/// What is known of a figure.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Figure, as cited.
    pub figure: &'static str,
    /// Sizes and alpha of which the constants speak.
    pub protocol: (usize, usize, usize, f64),
    /// Its constants.
    pub constants: &'static [Constant],
    /// Title of the drawing.
    pub title: &'static str,
}

/// All draws of a run.
pub fn runs(context: &Context) -> Result<Vec<Followed>, Failure> {
    if context.config.precision != Precision::F64 {
        return Err(Failure::bad_input("--precision f32: divergences are measured at f64"));
    }
    let repetitions = context.get(REPETITIONS) as u64;
    let pool = Pool::new(context.threads)?;
    context.progress.start(repetitions, "draws");
    pool.each(&pool.per_thread(|| ()), (0..repetitions).collect(), |(), at, trial| {
        let followed = Followed::of(context, &FixedDirections::of(context, trial)?)?;
        context.progress.at(1 + at as u64);
        Ok(followed)
    })
}

/// Everything about the draws.
pub fn outcome(context: &Context, known: &Known) -> Result<Outcome, Failure> {
    let runs = runs(context)?;
    let Some(shown) = runs.first() else {
        return Err(Failure::failed("no draw".to_owned()));
    };
    let metrics = measured(&runs);
    let verdicts = judged(context, known, &metrics);
    Ok(Outcome {
        verdicts,
        notes: notes(known, &metrics),
        trace: trace(shown),
        figures: vec![first(known, shown), all(&runs)],
        metrics,
        ..Outcome::default()
    })
}

fn measured(runs: &[Followed]) -> Numbers {
    let mut metrics = Numbers::new();
    metrics.push("draws", runs.len() as f64);
    let columns: [Column<'_>; 8] = [
        ("inf_r", &|run| run.inf_r),
        ("norm_pinv", &|run| run.norm_pinv),
        ("kappa1", &|run| run.rates.kappa_1),
        ("kappa2", &|run| run.rates.kappa_2),
        ("l1_max", &|run| run.l1_max),
        ("rate", &|run| run.rate),
        ("rate_limit", &|run| run.rate_limit),
        ("d_start", &|run| run.points.first().map_or(f64::NAN, |at| at.divergence)),
    ];
    for (name, of) in columns {
        // A rate is missing where D does not come far enough.
        let there = |x: &f64| name != "rate" || !x.is_nan();
        let values: Vec<f64> = runs.iter().map(of).filter(there).collect();
        metrics.push(name, median(&values));
        metrics.push(format!("{name}_min"), min(&values));
        metrics.push(format!("{name}_max"), max(&values));
        if name == "rate" {
            metrics.push("rate_fitted", values.len() as f64);
        }
    }
    let most = |of: &dyn Fn(&Followed) -> f64| max(runs.iter().map(of));
    let sum = |of: &dyn Fn(&Followed) -> usize| runs.iter().map(of).sum::<usize>() as f64;
    metrics.push("moments", sum(&|run| run.points.len()));
    metrics.push("violations_kappa1", sum(&|run| run.violations[0]));
    metrics.push("violations_kappa2", sum(&|run| run.violations[1]));
    metrics.push("equivalence", most(&|run| run.equivalence));
    let off = |run: &Followed| (run.rate / run.rate_limit - 1.0).abs();
    let fitted = runs.iter().filter(|run| !run.rate.is_nan());
    metrics.push("rate_off_limit", median(&fitted.map(off).collect::<Vec<_>>()));
    metrics.push("limit_error_least", min(runs.iter().map(|run| run.limit_error)));
    metrics.push("limit_error_most", most(&|run| run.limit_error));
    metrics.push("loss_final_most", most(&|run| run.points.last().map_or(f64::NAN, |at| at.loss)));
    metrics.push("evaluations", runs.iter().map(|run| run.evaluations as f64).sum());
    metrics
}

/// Of what was [`measured`].
pub fn judged(context: &Context, known: &Known, metrics: &Numbers) -> Vec<Verdict> {
    let mut verdicts = vec![
        Verdict::equal(
            "D is never above D(0) exp(-kappa_1 t)",
            &source(known.figure),
            metrics.number("violations_kappa1"),
            0.0,
        ),
        Verdict::equal(
            "D is never above 1/(kappa_2 t + 1/D(0))",
            &source(known.figure),
            metrics.number("violations_kappa2"),
            0.0,
        ),
        Verdict::at_most(
            "beta = a b of the network's gradient flow is that of the mirror flow, at 40 times",
            &source("Theorem 3.4"),
            metrics.number("equivalence"),
            1e-8,
        ),
        Verdict::at_most(
            "the rate of D in its tail is 4 times the least eigenvalue of X diag(sqrt(beta^2 + r^2)) X^T at \
             the Bregman projection: median difference",
            "linearisation at the limit, which is found without a flow",
            metrics.number("rate_off_limit"),
            0.2,
        ),
        Verdict::at_most(
            "the flow comes to the Bregman projection of its start: the nearest end",
            &source("Theorem 3.4 and the implicit bias of mirror flow"),
            metrics.number("limit_error_least"),
            1e-6,
        ),
    ];
    let [n, d, m] = [N, D, M].map(|key| context.get(key));
    if (n, d, m, context.get(ALPHA)) == known.protocol {
        verdicts.extend(known.constants.iter().map(|constant| {
            let (least, most) = constant.range;
            Verdict::between(
                &format!(
                    "median {}, in the range of ten draws of another simulation, give or take a tenth",
                    constant.name
                ),
                &source(known.figure),
                metrics.number(constant.name),
                // One median of ten in eight is outside the bare range.
                0.9 * least,
                1.1 * most,
            )
        }));
    }
    verdicts
}

fn notes(known: &Known, metrics: &Numbers) -> Vec<String> {
    let (n, d, m, alpha) = known.protocol;
    let mut notes = vec![format!(
        "The text of the paper gives no sizes for {}. n = {n}, d = {d}, m = {m}, alpha = {alpha:?} were inferred: {}.",
        known.figure,
        if known.constants.is_empty() {
            "m is the figure's, the rest is that of Figure 2"
        } else {
            "with them the printed constants come out"
        }
    )];
    let compared: Vec<String> = known
        .constants
        .iter()
        .filter_map(|constant| {
            let printed = constant.printed?;
            let of = |end: &str| metrics.number(&format!("{}{end}", constant.name));
            Some(format!(
                "{} {printed:?}, here {:.3e} [{:.3e}, {:.3e}]",
                constant.name,
                of(""),
                of("_min"),
                of("_max")
            ))
        })
        .collect();
    if !compared.is_empty() {
        notes.push(format!(
            "Printed values against medians and ranges here: {}.",
            compared.join("; ")
        ));
    }
    if known.constants.iter().any(|constant| constant.name == "rate" && constant.printed.is_some())
    {
        notes.push(
            "The printed rate .3 is that of log10 D: times ln 10 it is .7, inside the range here."
                .into(),
        );
    }
    notes.push(
        "The potential of the flow is Phi_r / 2, for a and b both move: du/dt = -2 X^T (X beta - y). With Phi_r, \
         as printed, beta is wrong by its own size. Both kappas hold with a factor 2 to spare. D is that of Phi_r."
            .into(),
    );
    notes
}

/// D(0) e^(-kappa_1 t) and 1/(kappa_2 t + 1/D(0)).
fn bounds(run: &Followed, at: &At) -> [f64; 2] {
    let d0 = run.points.first().map_or(f64::NAN, |at| at.divergence);
    [run.rates.exponential(d0, at.t), run.rates.hyperbolic(d0, at.t)]
}

fn curve(run: &Followed) -> Vec<At> {
    log_spaced(run.points.len(), CURVE).into_iter().map(|at| run.points[at]).collect()
}

fn trace(run: &Followed) -> Vec<Numbers> {
    let row = |at: &At| {
        let [exponential, hyperbolic] = bounds(run, at);
        Numbers::from([
            ("t", at.t),
            ("loss", at.loss),
            ("divergence", at.divergence),
            ("bound_kappa1", exponential),
            ("bound_kappa2", hyperbolic),
            ("l1", at.l1),
        ])
    };
    log_spaced(run.points.len(), TRACE).into_iter().map(|at| row(&run.points[at])).collect()
}

fn first(known: &Known, shown: &Followed) -> Figure {
    let points = curve(shown);
    let d0 = points.first().map_or(1.0, |at| at.divergence);
    let of = |f: &dyn Fn(&At) -> f64| points.iter().map(|at| (at.t, f(at))).collect::<Vec<_>>();
    let drawn = |panel: Panel| {
        panel
            .log_y()
            .series(Look::Line, "D(beta*, beta)", of(&|at| at.divergence))
            .series(Look::Line, "F", of(&|at| at.loss))
            .series(Look::Dashed, "D_0 exp(-kappa_1 t)", of(&|at| bounds(shown, at)[0]))
            .series(Look::Dashed, "1/(kappa_2 t + 1/D_0)", of(&|at| bounds(shown, at)[1]))
            .y_range(1e-16 * d0, 10.0 * d0)
    };
    let last = shown.points.last().map_or(1.0, |at| at.t);
    let begin = points.iter().map(|at| at.t).find(|t| *t > 0.0).unwrap_or(1e-3);
    let begin = larger(begin, 1e-4 * last);
    Figure::new("rates", known.title)
        .panel(drawn(Panel::new("", "t", "D, F")).x_range(0.0, done(shown)))
        .panel(drawn(Panel::new("", "t", "D, F")).log_x().x_range(begin, last))
}

/// When D has fallen by 1e-14.
fn done(run: &Followed) -> f64 {
    let d0 = run.points.first().map_or(1.0, |at| at.divergence);
    let end = run.points.iter().find(|at| at.divergence < 1e-14 * d0).or(run.points.last());
    end.map_or(1.0, |at| at.t)
}

fn all(runs: &[Followed]) -> Figure {
    let mut panel = Panel::new("", "t", "D(beta*, beta)/D(0)").log_y();
    for run in runs {
        let d0 = run.points.first().map_or(1.0, |at| at.divergence);
        let curve = curve(run);
        panel = panel.series(Look::Line, "", curve.iter().map(|at| (at.t, at.divergence / d0)));
    }
    let ends: Vec<f64> = runs.iter().map(done).collect();
    Figure::new("draws", "The divergence of all draws")
        .panel(panel.x_range(0.0, median(&ends)).y_range(1e-16, 10.0))
}
