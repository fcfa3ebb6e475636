//! `rayleigh-linear`: least squares without a unique solution (paper `rayleigh`, Proposition 4.1).
//!
//! L(theta) = E <x, theta - theta*>^2 over n samples in d > n dimensions: the covariance is singular, and yet
//! L(t) <= L(0) e^(-4 lambda t) with lambda its least *positive* eigenvalue, because the residual never leaves
//! the range. Equality for a start along that eigenvector.
//!
//! The same through Proposition 3.5: with D = X/sqrt n the residuals h have cos(h, range D) = 1, so that
//! |D^T h|/|h| >= the least positive singular value, sqrt lambda.
//!
//! Proposition 3.6, of which 3.5 is the simplest case, on random operators.

use crate::shared::descent::{Point, even, fall, follow, only_f64, spends, unspent};
use crate::shared::families::Family;
use engine::exact::{self, apply, axpy, dot, norm_sq};
use lab::Control;
use lab::failure::Failure;
use lab::figure::{Figure, Look, Panel};
use lab::settings::Key;
use lab::statistics::{larger, max, min, range, smaller};
use lab::{Context, Experiment, Numbers, Outcome, Precision, Verdict};
use nalgebra::{DMatrix, SymmetricEigen};
use reluflow::init::{normal, stream};
use reluflow::rayleigh::Differential;

const N: Key<usize> = Key::count("n", 8, "number of samples").between(1, 200);
const D: Key<usize> = Key::count("d", 20, "dimension of theta").between(1, 400);
const STARTS: Key<usize> =
    Key::count("starts", 20, "number of random starts").between(1, 1000).quick(5);
const OPERATORS: Key<usize> =
    Key::count("operators", 20_000, "number of random operators for Proposition 3.6")
        .between(100, 1_000_000)
        .quick(2000);

/// The table entry.
pub static LINEAR: Experiment = Experiment {
    id: "rayleigh-linear",
    paper: "rayleigh",
    figure: "Propositions 3.3 to 3.6 and 4.1",
    about: "least squares with a singular covariance: rate 4 lambda_min^+, attained",
    cost_seconds: 1.0,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[Control::DoubledRate, Control::WrongSign],
    keys: &[&[&N, &D, &STARTS, &OPERATORS]],
    run,
};

const PROPOSITION: &str = "arXiv 2301.08117, Proposition 4.1";
const SPLIT: &str = "arXiv 2301.08117, Proposition 3.5";
const VARIATIONAL: &str = "arXiv 2301.08117, Proposition 3.4";
const FAMILIES: &str = "arXiv 2301.08117, Proposition 3.6";
const OWN: &str = "a bound of this project beside Proposition 3.6";
/// Records of a run.
const RECORDS: usize = 300;

/// The problem: theta* = 0 without loss of generality.
struct Squares {
    x: Vec<f64>,
    n: usize,
    d: usize,
}

impl Squares {
    /// L and grad L = 2 E <x, theta> x.
    fn loss(&self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        let (mut sum, count) = (0.0, self.n as f64);
        for x in self.x.chunks_exact(self.d) {
            let residual = dot(x, theta);
            sum += residual * residual / count;
            axpy(2.0 * residual / count, x, gradient);
        }
        sum
    }
}

fn run(context: &Context) -> Result<Outcome, Failure> {
    only_f64(context)?;
    let [n, d, starts] = [N, D, STARTS].map(|key| context.get(key));
    let mut rng = stream(context.config.seed, "rayleigh-linear", 0, 0);
    let problem = Squares { x: (0..n * d).map(|_| normal(&mut rng)).collect(), n, d };
    let rows = DMatrix::from_row_slice(n, d, &problem.x);
    let covariance = rows.transpose() * &rows / n as f64;
    let Some(eigen) = SymmetricEigen::try_new(covariance, f64::EPSILON, 1000 * d) else {
        return Err(Failure::failed(
            "the eigenvalues of the covariance do not converge; please report this",
        ));
    };
    let most = max(&eigen.eigenvalues);
    let positive = (0..d).filter(|&k| eigen.eigenvalues[k] > 1e-10 * most);
    let Some(least) =
        positive.clone().min_by(|&i, &k| eigen.eigenvalues[i].total_cmp(&eigen.eigenvalues[k]))
    else {
        return Err(Failure::failed("every sample is 0"));
    };
    let lambda = eigen.eigenvalues[least];
    let rank = positive.count();
    // L falls by e^-40 at the predicted rate.
    let times = even(10.0 / lambda, RECORDS);

    context.progress.start(1 + starts as u64, "starts");
    let along: Vec<f64> = eigen.eigenvectors.column(least).iter().copied().collect();
    let equal = flow(context, &problem, &along, &times, lambda)?;
    let mut runs = Vec::new();
    for trial in 0..starts as u64 {
        context.progress.at(1 + trial);
        let mut rng = stream(context.config.seed, "rayleigh-linear", 1, trial);
        let start: Vec<f64> = (0..d).map(|_| normal(&mut rng)).collect();
        runs.push(flow(context, &problem, &start, &times, lambda)?);
    }
    let most = |of: fn(&Flow) -> f64| max(runs.iter().map(of));
    let least = |of: fn(&Flow) -> f64| min(runs.iter().map(of));
    let mut metrics = Numbers::new();
    for (name, value) in [
        ("lambda_min", lambda),
        ("rank", rank as f64),
        ("rate_predicted", 4.0 * lambda),
        ("rate_equality", equal.rate),
        ("rate_least", least(|run| run.rate)),
        ("ratio_equality_error", larger(1.0 - equal.ratio.0, equal.ratio.1 - 1.0)),
        ("ratio_most", most(|run| run.ratio.1)),
        ("ratio_least", least(|run| run.ratio.0)),
        ("kernel_moved", most(|run| run.moved)),
        ("gain_error", most(|run| run.gain_error)),
        ("cosine_error", most(|run| (run.cosine - 1.0).abs())),
        ("slack_least", least(|run| run.slack)),
        ("unspent", larger(most(|run| unspent(&run.curve)), unspent(&equal.curve))),
    ] {
        metrics.push(name, value);
    }
    families(context, &mut metrics);
    let verdicts = judged(&metrics);
    let trace = equal.curve.iter().map(|at| {
        Numbers::from([
            ("t", at.t),
            ("loss", at.loss),
            ("bound", equal.curve[0].loss * (-4.0 * lambda * at.t).exp()),
        ])
    });
    let trace = trace.collect();
    let figures = vec![drawn(&equal, &runs, lambda)];
    Ok(Outcome { metrics, verdicts, trace, figures, notes: notes(), ..Outcome::default() })
}

/// Both bounds of Proposition 3.6's left-hand side.
fn families(context: &Context, metrics: &mut Numbers) {
    let count = context.get(OPERATORS);
    let mut rng = stream(context.config.seed, "rayleigh-linear", 2, 0);
    let drawn: Vec<Family> = (0..count).map(|_| Family::draw(&mut rng)).collect();
    let share = |what: &dyn Fn(&Family) -> bool| {
        drawn.iter().filter(|drawn| what(drawn)).count() as f64 / count as f64
    };
    let attained = (1..=4).map(|k| {
        let (family, sigma) = Family::singular(&mut rng, k);
        max([family.value, family.printed].map(|bound| (bound / sigma - 1.0).abs()))
    });
    metrics.push("variational_error", max(drawn.iter().map(|f| (f.along / f.whole - 1.0).abs())));
    metrics.push("variational_most", max(drawn.iter().map(|f| f.value / f.whole)));
    metrics.push("families_attained_error", max(attained));
    metrics.push("families_slack_least", min(drawn.iter().map(|f| f.value - f.printed)));
    metrics.push("families_own_slack_least", min(drawn.iter().map(|f| f.value - f.own)));
    metrics.push("families_positive", share(&|f| f.printed > 0.0));
    metrics.push("families_own_larger", share(&|f| f.own >= f.printed - 1e-12));
}

/// One flow and what it says.
struct Flow {
    curve: Vec<Point>,
    /// -d log L/dt where L has fallen far.
    rate: f64,
    /// L over the bound, the least and the most while L is not rounding.
    ratio: (f64, f64),
    /// Largest change of what lies in the covariance's kernel.
    moved: f64,
    /// Of the split of Proposition 3.5 at the start: |gain^2/lambda - 1|, the cosine, and the least slack of the path.
    gain_error: f64,
    cosine: f64,
    slack: f64,
}

fn flow(
    context: &Context,
    problem: &Squares,
    start: &[f64],
    times: &[f64],
    lambda: f64,
) -> Result<Flow, Failure> {
    let (n, d) = (problem.n, problem.d);
    let scale = 1.0 / (n as f64).sqrt();
    let columns: Vec<f64> = problem.x.iter().map(|x| scale * x).collect();
    let model = Differential::new(&columns, n, d)?;
    let mut memory = vec![0.0; Differential::<f64>::len(n, d, d)];
    let (mut curve, mut states): (Vec<Point>, Vec<Vec<f64>>) = (Vec::new(), Vec::new());
    follow(
        context,
        &mut |theta: &[f64], out: &mut [f64]| problem.loss(theta, out),
        start,
        1e-13,
        times,
        |at, theta| {
            curve.push(at);
            states.push(theta.to_vec());
            true
        },
    )?;
    let first = curve[0].loss;
    // Below it, L is the square of the integrator's error.
    let clear = curve.iter().filter(|at| at.loss > 1e-16 * first);
    let ratios = clear.map(|at| at.loss / (first * (-4.0 * lambda * at.t).exp()));
    let ratio = range(ratios);
    let (mut moved, mut slack, mut split) = (0.0f64, f64::INFINITY, None);
    for (at, theta) in curve.iter().zip(&states).step_by(RECORDS / 10) {
        let mut h = vec![0.0; n];
        if at.loss > 1e-12 * first {
            apply(&model, theta, &mut h)?;
            let now = exact::split(&model, &h, &mut memory)?;
            slack = smaller(slack, now.bounded.slack);
            split.get_or_insert(now);
        }
        moved = larger(moved, outside(&columns, start, theta, d));
    }
    let (gain, cosine) = split.map_or((f64::NAN, f64::NAN), |split| (split.gain, split.cosine));
    let gain_error = (gain * gain / lambda - 1.0).abs();
    Ok(Flow { rate: fall(&curve, 1e-8, 1e-14), curve, ratio, moved, gain_error, cosine, slack })
}

/// How far theta - theta(0) leaves the span of the samples, over |theta(0)|.
fn outside(rows: &[f64], start: &[f64], theta: &[f64], d: usize) -> f64 {
    let mut rest: Vec<f64> = theta.iter().zip(start).map(|(x, y)| x - y).collect();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for row in rows.chunks_exact(d) {
        let mut row = row.to_vec();
        for other in basis.iter().chain(&basis.clone()) {
            let overlap = dot(other, &row);
            axpy(-overlap, other, &mut row);
        }
        let size = norm_sq(&row).sqrt();
        if size > 1e-12 {
            basis.push(row.iter().map(|x| x / size).collect());
        }
    }
    for other in &basis {
        let overlap = dot(other, &rest);
        axpy(-overlap, other, &mut rest);
    }
    (norm_sq(&rest) / norm_sq(start)).sqrt()
}

fn judged(metrics: &Numbers) -> Vec<Verdict> {
    vec![
        Verdict::near(
            "from the eigenvector, -d log L/dt is 4 lambda_min^+: their quotient",
            PROPOSITION,
            metrics.number("rate_equality") / metrics.number("rate_predicted"),
            1.0,
            1e-6,
        ),
        Verdict::at_most(
            "from the eigenvector, L is the bound throughout: largest relative difference",
            PROPOSITION,
            metrics.number("ratio_equality_error"),
            1e-5,
        ),
        Verdict::at_most(
            "from random starts, L is never above L(0) e^(-4 lambda t): largest quotient",
            "arXiv 2301.08117, Propositions 4.1, 3.1 and 3.3",
            metrics.number("ratio_most"),
            1.0 + 1e-9,
        ),
        Verdict::at_least(
            "no start has a smaller rate in the end: least rate over 4 lambda",
            PROPOSITION,
            metrics.number("rate_least") / metrics.number("rate_predicted"),
            1.0 - 1e-6,
        ),
        Verdict::at_most(
            "the kernel of the covariance is never entered: largest distance over |theta(0)|",
            PROPOSITION,
            metrics.number("kernel_moved"),
            1e-10,
        ),
        Verdict::at_most(
            "the squared gain of Proposition 3.5 is lambda_min^+, its cosine 1: larger error",
            SPLIT,
            larger(metrics.number("gain_error"), metrics.number("cosine_error")),
            1e-9,
        ),
        Verdict::at_least(
            "|D^T h|/|h| is never below gain x cosine: least slack",
            SPLIT,
            metrics.number("slack_least"),
            -1e-9,
        ),
        Verdict::at_most(
            "sqrt R(K*; h, h) is R(dF*; v, h) along v = D^T h: largest relative error of random operators",
            VARIATIONAL,
            metrics.number("variational_error"),
            1e-12,
        ),
        Verdict::at_most(
            "and for no v in a random span more: largest quotient",
            VARIATIONAL,
            metrics.number("variational_most"),
            1.0 + 1e-12,
        ),
        Verdict::at_least(
            "max over span(a) of R(dF*; v, h) is never below the printed bound: least slack of random operators",
            FAMILIES,
            metrics.number("families_slack_least"),
            -1e-12,
        ),
        Verdict::at_most(
            "with singular directions the three matrices are the identity, and the bound is attained: relative error",
            FAMILIES,
            metrics.number("families_attained_error"),
            1e-10,
        ),
        Verdict::at_least(
            "nor is it below our own bound, s_min(dF on span(a)) cos(h, dF span(a)): least slack",
            OWN,
            metrics.number("families_own_slack_least"),
            -1e-12,
        ),
        Verdict::at_least(
            "which is the larger of the two: share of the operators",
            OWN,
            metrics.number("families_own_larger"),
            0.99,
        ),
        spends(metrics.number("unspent"), 1e-9),
    ]
}

fn notes() -> Vec<String> {
    vec![
        "L is E <x, theta - theta*>^2 without 1/2, which gives the 4 in the rate. theta* = 0 here: the flow depends on \
         theta - theta* only."
            .into(),
        "Proposition 3.6 takes functions g_j that span h beside the directions a_i. The bound of this project takes the directions \
         alone; it is the larger one for all but some operators in ten thousand, and the printed one says something only where the g_j are near the dF a_i \
         (families_positive: the share of the operators where it is above 0)."
            .into(),
    ]
}

fn drawn(equal: &Flow, runs: &[Flow], lambda: f64) -> Figure {
    let relative = |curve: &[Point]| {
        let first = curve[0].loss;
        let clear = curve.iter().filter(|at| at.loss > 1e-17 * first);
        clear.map(|at| (at.t * lambda, at.loss / first)).collect::<Vec<_>>()
    };
    let bound = even(10.0, 100).into_iter().map(|t| (t, (-4.0 * t).exp()));
    let mut panel = Panel::new("", "λ_min⁺ t", "L / L(0)")
        .log_y()
        .y_range(1e-17, 2.0)
        .series(Look::Line, "from the eigenvector", relative(&equal.curve))
        .series(Look::Dashed, "exp(−4 λ_min⁺ t)", bound);
    for (at, run) in runs.iter().take(5).enumerate() {
        let name = if at == 0 { "from random starts" } else { "" };
        panel = panel.series(Look::Line, name, relative(&run.curve));
    }
    Figure::new("linear", "Least squares with a singular covariance").panel(panel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_passes_no_verdict() {
        lab::checks::nan_is_noticed(&LINEAR, |_, metrics| judged(metrics));
    }
}
