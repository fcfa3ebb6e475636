//! `rayleigh-twolayer`: a network of two layers with tanh: a Kurdyka-Lojasiewicz inequality in a ball, and the rate that it
//! gives (paper `rayleigh`, Proposition 4.6).
//!
//! L is convex in the outer weights, so that for any a* and c = |a* - a_0|
//! L - L(a*, w) <= <grad_a L, a - a*> <= |grad L| (|theta - theta_0| + c), that is
//! |grad L|^2 >= (L - eps)^2 / (|theta - theta_0| + c)^2 as long as L(a*, w) <= eps. Then |theta - theta_0| + c <= c (L_0 - eps)/(L -
//! eps), -dL/dt >= (L - eps)^4 / (c (L_0 - eps))^2, and
//! L(t) <= eps + ((L_0 - eps)^(-3) + kappa t)^(-1/3), kappa = 3/(c (L_0 - eps))^2.
//!
//! a* is the interpolator of the initial features nearest to a_0. With the inner weights fixed, eps = 0; where they move, eps is the
//! largest L(a*, w) of the path.

use crate::shared::descent::{Point, decades, follow, only_f64, spends, unspent};
use crate::shared::tanh::Tanh;
use lab::Control;
use lab::failure::Failure;
use lab::figure::{Corner, Figure, Look, Panel};
use lab::settings::{Key, Word};
use lab::statistics::{larger, max, min};
use lab::{Context, Experiment, Numbers, Outcome, Precision, Verdict};

/// What 1/sqrt m is of a(0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OuterScale {
    Deviation,
    Variance,
}

impl Word for OuterScale {
    const WORDS: &'static [(&'static str, Self)] =
        &[("deviation", Self::Deviation), ("variance", Self::Variance)];
}

const N: Key<usize> = Key::count("n", 30, "number of samples").between(1, 400).quick(20);
const M: Key<usize> = Key::count("m", 120, "number of neurons").between(1, 4000).quick(80);
const D: Key<usize> = Key::count("d", 5, "dimension of the inputs").between(1, 100);
const LAW: Key<OuterScale> = Key::choice(
    "law",
    OuterScale::Deviation,
    "what 1/sqrt m is of a(0): the standard deviation or the variance",
);
const UNTIL: Key<f64> =
    Key::number("until", 200.0, "flow time at the end").within(1.0, 1e5).quick(5.0);

/// The table entry.
pub static TWOLAYER: Experiment = Experiment {
    id: "rayleigh-twolayer",
    paper: "rayleigh",
    figure: "Proposition 4.6",
    about: "tanh features: the inequality in a ball and the cubic rate that it gives",
    cost_seconds: 10.0,
    precision: Precision::F64,
    variants: &[&[], &["law=variance"]],
    controls: &[Control::DoubledRate, Control::WrongSign],
    keys: &[&[&N, &M, &D, &LAW, &UNTIL]],
    run,
};

const PROPOSITION: &str = "arXiv 2301.08117, Proposition 4.6";

/// A run, with a* of its start.
struct Run {
    name: &'static str,
    curve: Vec<Point>,
    /// |theta - theta_0|.
    moved: Vec<f64>,
    /// L(a*, w) along it.
    star: Vec<f64>,
    c: f64,
    eps: f64,
}

impl Run {
    fn new(context: &Context, net: &Tanh, start: &[f64], both: bool) -> Result<Self, Failure> {
        let mut net = net.clone();
        net.both = both;
        let mut judge = net.clone();
        let (a, w) = start.split_at(net.m);
        let star = judge.nearest(a, w)?;
        let c = distance(&star, a);
        let times = decades(1e-3, context.get(UNTIL), 200);
        let (mut curve, mut moved, mut losses) = (Vec::new(), Vec::new(), Vec::new());
        follow(context, &mut net, start, 1e-10, &times, |point, theta| {
            curve.push(point);
            moved.push(distance(theta, start));
            losses.push(judge.loss(&star, &theta[judge.m..]));
            context.progress.at(curve.len() as u64);
            // Below it, L is rounding. Above it, a wrong flow is well on its way.
            (1e-20..1e6).contains(&point.loss)
        })?;
        let eps = if both { max(&losses) } else { 0.0 };
        let name = if both { "both" } else { "outer" };
        Ok(Self { name, curve, moved, star: losses, c, eps })
    }

    /// |grad L|^2 over (L - eps)_+^2/(|theta - theta_0| + c)^2 with the eps of the point; infinite where L <= eps.
    fn inequality(&self, at: usize) -> f64 {
        let (point, eps) = (&self.curve[at], if self.eps > 0.0 { self.star[at] } else { 0.0 });
        let above = larger(point.loss - eps, 0.0);
        point.decrease / (above / (self.moved[at] + self.c)).powi(2)
    }

    /// eps + ((L_0 - eps)^(-3) + kappa t)^(-1/3).
    fn bound(&self, t: f64) -> f64 {
        let start = self.curve[0].loss - self.eps;
        if start <= 0.0 {
            return self.curve[0].loss;
        }
        let kappa = 3.0 / (self.c * start).powi(2);
        self.eps + (start.powi(-3) + kappa * t).powf(-1.0 / 3.0)
    }

    /// The same with L_0^(-3), as printed: weaker.
    fn printed(&self, t: f64) -> f64 {
        let (first, start) = (self.curve[0].loss, self.curve[0].loss - self.eps);
        let kappa = 3.0 / (self.c * start).powi(2);
        self.eps + (first.powi(-3) + kappa * t).powf(-1.0 / 3.0)
    }
}

fn distance(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt()
}

fn run(context: &Context) -> Result<Outcome, Failure> {
    only_f64(context)?;
    let [m, n, d] = [M, N, D].map(|key| context.get(key));
    let net = Tanh::new(context.config.seed, (m, n, d));
    let width = 1.0 / (m as f64).sqrt();
    let size = if context.get(LAW) == OuterScale::Variance { width.sqrt() } else { width };
    let start = net.start(context.config.seed, size);
    context.progress.start(200, "records");
    let runs = [Run::new(context, &net, &start, false)?, Run::new(context, &net, &start, true)?];

    let (mut metrics, mut verdicts) = (Numbers::new(), Vec::new());
    metrics.push("c", runs[0].c);
    metrics.push("loss_start", runs[0].curve[0].loss);
    metrics.push("loss_of_interpolator", runs[0].star[0]);
    for run in &runs {
        let ratios = (0..run.curve.len()).map(|at| run.inequality(at));
        let least = min(ratios);
        let over = max(run.curve.iter().map(|at| at.loss / run.bound(at.t)));
        let last = run.curve.last().copied().unwrap_or(run.curve[0]);
        for (what, value) in [
            ("eps", run.eps),
            ("ratio_least", least),
            ("bound_ratio_most", over),
            ("loss_last", last.loss),
            ("bound_last", run.bound(last.t)),
            ("printed_last", run.printed(last.t)),
            ("moved", max(&run.moved)),
            ("unspent", unspent(&run.curve)),
        ] {
            metrics.push(format!("{what}_{}", run.name), value);
        }
        verdicts.extend([
            Verdict::at_least(
                &format!("{}: |grad L|^2 is never below (L - eps)^2/(|theta - theta_0| + c)^2: least quotient", run.name),
                PROPOSITION,
                least,
                1.0,
            ),
            Verdict::at_most(
                &format!("{}: L is never above eps + ((L_0 - eps)^-3 + kappa t)^(-1/3): largest quotient", run.name),
                "arXiv 2301.08117, Propositions 4.6 and 3.1",
                over,
                1.0 + 1e-9,
            ),
            spends(unspent(&run.curve), 1e-6),
        ]);
    }
    verdicts.push(Verdict::at_most(
        "a* interpolates: L(a*, w_0) over L_0",
        "n samples on m > n random features",
        metrics.number("loss_of_interpolator") / runs[0].curve[0].loss,
        1e-12,
    ));
    let trace = runs.iter().enumerate().flat_map(|(which, run)| {
        run.curve.iter().enumerate().map(move |(at, point)| {
            Numbers::from([
                ("both", which as f64),
                ("t", point.t),
                ("loss", point.loss),
                ("bound", run.bound(point.t)),
                ("moved", run.moved[at]),
                ("loss_of_interpolator", run.star[at]),
                ("ratio", run.inequality(at)),
            ])
        })
    });
    let trace = trace.collect();
    let figures = vec![drawn(&runs)];
    Ok(Outcome { metrics, verdicts, notes: notes(), trace, figures, ..Outcome::default() })
}

fn notes() -> Vec<String> {
    vec![
        "The bound is eps + ((L_0 - eps)^(-3) + kappa t)^(-1/3) with kappa = 3/(c (L_0 - eps))^2. The paper prints L_0^(-3), which \
         is valid too and weaker."
            .into(),
        "The density of a(0) is printed as N(a; 0, 1/sqrt m), which may mean the standard deviation (the default) or the variance \
         (law=variance)."
            .into(),
        "Where the inner weights move, eps is measured: the largest L(a*, w) of the path. The proposition bounds it by the \
         radius of a ball."
            .into(),
    ]
}

fn drawn(runs: &[Run; 2]) -> Figure {
    let mut figure = Figure::new("twolayer", "Two layers with tanh");
    let mut ratios = Panel::new("the inequality", "t", "‖∇L‖₂² over its bound").log_x().log_y();
    let mut highest = 10.0;
    // Panels of the same height compare: a decade below the lowest L, and above the start.
    let lowest = min(runs.iter().flat_map(|run| &run.curve).map(|at| larger(at.loss, 1e-9)));
    for run in runs {
        let words = if run.name == "both" { "both layers" } else { "outer layer" };
        let shown = || run.curve.iter().skip(1).filter(|at| at.loss > 1e-12);
        let panel = Panel::new(format!("{words} trained"), "t", "L")
            .log_x()
            .log_y()
            .y_range(0.1 * lowest, 10.0 * run.curve[0].loss)
            .series(Look::Line, "L", shown().map(|at| (at.t, at.loss)))
            .series(Look::Dashed, "its bound", shown().map(|at| (at.t, run.bound(at.t))));
        figure = figure.panel(panel.legend(Corner::BottomLeft));
        let points = (1..run.curve.len()).map(|at| (run.curve[at].t, run.inequality(at)));
        let points: Vec<_> = points.filter(|point| point.1.is_finite()).collect();
        highest = larger(highest, max(points.iter().map(|point| point.1)));
        ratios = ratios.series(Look::Line, words, points);
    }
    figure.panel(
        ratios.y_range(0.03, 5.0 * highest).guide_y(1.0, "the bound").legend(Corner::BottomLeft),
    )
}
