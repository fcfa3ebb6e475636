//! `rayleigh-lemniscate`: the same curve reached through two parameterisations, at rates that differ by a factor of
//! 218 (paper `rayleigh`, Proposition 4.2, Figure 2).
//!
//! Predictions F(theta) on a lemniscate, loss l(F) = (<t, F> - y)^2 with t = (4, -1), y = -3, start F(0) = (1, 0). Along the
//! flow -dl/dt = 4 |t|^2 cos^2(t, F') |F'|^2 l: the rate is a Rayleigh quotient of a kernel of rank one, and how fast the chart
//! runs along the curve where the flow ends decides it.

use crate::shared::descent::{Point, decades, fall, follow, only_f64, reaches, spends, unspent};
use crate::shared::lemniscate::{Chart, Target};
use lab::Control;
use lab::failure::Failure;
use lab::figure::{Corner, Figure, Look, Panel};
use lab::settings::Key;
use lab::statistics::{max, min};
use lab::{Context, Experiment, Numbers, Outcome, Precision, Verdict};

const T1: Key<f64> = Key::number("t1", 4.0, "first coordinate of t").within(-100.0, 100.0);
const T2: Key<f64> = Key::number("t2", -1.0, "second coordinate of t").within(-100.0, 100.0);
const Y: Key<f64> = Key::number("y", -3.0, "target of <t, F>").within(-100.0, 100.0);
const LR: Key<f64> =
    Key::number("lr", 1e-3, "step of gradient descent, beside the flow").within(1e-5, 1e-2);

/// The table entry.
pub static LEMNISCATE: Experiment = Experiment {
    id: "rayleigh-lemniscate",
    paper: "rayleigh",
    figure: "Proposition 4.2, Figure 2",
    about: "one curve, two parameterisations: the chart's speed at the limit is the rate",
    cost_seconds: 0.3,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[Control::DoubledRate, Control::WrongSign],
    keys: &[&[&T1, &T2, &Y, &LR]],
    run,
};

const PROPOSITION: &str = "arXiv 2301.08117, Proposition 4.2";
const SECTION: &str = "arXiv 2301.08117, Section 4.2";
const FIGURE: &str = "arXiv 2301.08117, Figure 2";
/// l over l(0) at which a run is over.
const DONE: f64 = 1e-18;
/// Levels of l over l(0) whose times are reported.
const LEVELS: [(f64, &str); 3] = [(1e-2, "1e-2"), (1e-4, "1e-4"), (1e-8, "1e-8")];
/// Most iterations of gradient descent.
const MOST: u64 = 10_000_000;

/// One flow.
struct Run {
    chart: Chart,
    name: &'static str,
    curve: Vec<Point>,
    thetas: Vec<f64>,
}

impl Run {
    fn new(context: &Context, target: Target, chart: Chart) -> Result<Self, Failure> {
        let (name, dt, until) = match chart {
            Chart::Circle => ("circle", 5e-3, 10.0),
            Chart::Line => ("line", 0.25, 2000.0),
        };
        let count = (until / dt) as u64;
        // The beginning on a log axis.
        let mut times = decades(1e-4, 0.9 * dt, 60);
        times.extend((1..=count).map(|k| k as f64 * dt));
        let mut loss = |theta: &[f64], gradient: &mut [f64]| {
            let (loss, slope) = target.loss(chart, theta[0]);
            gradient[0] = slope;
            loss
        };
        let (mut curve, mut thetas) = (Vec::new(), Vec::new());
        follow(context, &mut loss, &[0.0], 1e-13, &times, |point, theta| {
            curve.push(point);
            thetas.push(theta[0]);
            point.loss > DONE * curve[0].loss
        })?;
        Ok(Self { chart, name, curve, thetas })
    }

    fn label(&self) -> &'static str {
        match self.chart {
            Chart::Circle => "F_S, circle",
            Chart::Line => "F_L, line",
        }
    }

    fn last(&self) -> f64 {
        self.thetas.last().copied().unwrap_or(f64::NAN)
    }

    /// The least of a function over the path.
    fn least(&self, f: impl Fn(f64) -> f64) -> f64 {
        min(self.thetas.iter().map(|&theta| f(theta)))
    }

    /// l over the bound l(F(0)) e^(-rate t), the largest; rounding apart.
    fn over(&self, rate: f64) -> f64 {
        let first = self.curve[0].loss;
        let ratios = self.curve.iter().map(|at| at.loss / (first * (-rate * at.t).exp()));
        max(ratios)
    }
}

fn run(context: &Context) -> Result<Outcome, Failure> {
    only_f64(context)?;
    let target = Target { t: [context.get(T1), context.get(T2)], y: context.get(Y) };
    if target.size_sq() == 0.0 {
        return Err(Failure::bad_input("--set t1=0 --set t2=0: t must not be 0"));
    }
    let runs = [Run::new(context, target, Chart::Circle)?, Run::new(context, target, Chart::Line)?];
    let (mut metrics, mut verdicts) = (Numbers::new(), Vec::new());
    metrics.push("loss_start", runs[0].curve[0].loss);
    metrics.push("size_of_t_squared", target.size_sq());
    for run in &runs {
        let name = run.name;
        let [x, y] = run.chart.point(run.last());
        let least = run.least(|theta| target.rate(run.chart, theta));
        let speed = run.least(|theta| run.chart.speed(theta));
        for (what, value) in [
            ("rate", fall(&run.curve, 1e-9, 1e-15)),
            ("rate_predicted", target.rate(run.chart, run.last())),
            ("rate_certified", least),
            ("lambda", speed),
            ("lambda_at_limit", run.chart.speed(run.last())),
            ("cos2_least", run.least(|theta| target.cosine_sq(run.chart, theta))),
            ("cos2_at_limit", target.cosine_sq(run.chart, run.last())),
            ("theta", run.last()),
            ("bound_ratio_max", run.over(least)),
            ("loss_last", run.curve.last().map_or(f64::NAN, |at| at.loss / run.curve[0].loss)),
            ("unspent", unspent(&run.curve)),
        ] {
            metrics.push(format!("{what}_{name}"), value);
        }
        metrics.push(format!("limit_{name}_x"), x);
        metrics.push(format!("limit_{name}_y"), y);
        for (level, word) in LEVELS {
            let time = reaches(&run.curve, level * run.curve[0].loss);
            metrics.push(format!("time_{word}_{name}"), time);
            let count = descent(context, target, run.chart, level, |_, _| ());
            metrics.push(format!("iterations_{word}_{name}"), count);
        }
        verdicts.push(spends(unspent(&run.curve), 1e-9));
    }
    verdicts.extend(judged(context, &metrics));
    let trace = runs.iter().flat_map(|run| {
        let chart = f64::from(u8::from(run.chart == Chart::Line));
        run.curve.iter().zip(&run.thetas).map(move |(at, &theta)| {
            Numbers::from([("line", chart), ("t", at.t), ("theta", theta), ("loss", at.loss)])
        })
    });
    let trace = trace.collect();
    let figures = vec![curve(&runs, target), rates(context, &runs, target)];
    Ok(Outcome { metrics, verdicts, notes: notes(), trace, figures, ..Outcome::default() })
}

/// Iterations of gradient descent to l < `level` l(0), each of which `see` gets with its l; NaN if they do not suffice.
fn descent(
    context: &Context,
    target: Target,
    chart: Chart,
    level: f64,
    mut see: impl FnMut(u64, f64),
) -> f64 {
    let step = Control::effective_dt(context.control(), context.get(LR));
    let (mut theta, start) = (0.0, target.loss(chart, 0.0).0);
    for count in 0..MOST {
        let (loss, slope) = target.loss(chart, theta);
        see(count, loss);
        if loss < level * start {
            return count as f64;
        }
        // Descent that moves no more never arrives.
        if theta - step * slope == theta {
            break;
        }
        theta -= step * slope;
    }
    f64::NAN
}

fn judged(context: &Context, metrics: &Numbers) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for name in ["circle", "line"] {
        let of = |what: &str| metrics.number(&format!("{what}_{name}"));
        verdicts.extend([
            Verdict::near(
                &format!("{name}: -d log l/dt is 4 |t|^2 cos^2 |F'|^2 at the limit: their quotient"),
                PROPOSITION,
                of("rate") / of("rate_predicted"),
                1.0,
                1e-4,
            ),
            Verdict::at_most(
                &format!("{name}: l is never above l(F(0)) e^(-rate t) with the least rate of the path: quotient"),
                PROPOSITION,
                of("bound_ratio_max"),
                1.0 + 1e-9,
            ),
            Verdict::at_most(
                &format!("{name}: l goes to 0 at a kernel of rank one: l over l(F(0)) at the end"),
                SECTION,
                of("loss_last"),
                1e-16,
            ),
        ]);
        // A longer step may leave the flow.
        if context.get(LR) <= 1e-3 {
            verdicts.push(Verdict::near(
                &format!("{name}: descent at step 1e-3 falls at the flow's rate: quotient of the times to 1e-8 l(F(0))"),
                FIGURE,
                Control::effective_dt(context.control(), context.get(LR)) * of("iterations_1e-8")
                    / of("time_1e-8"),
                1.0,
                0.02,
            ));
        }
    }
    let printed = [T1, T2, Y].map(|key| context.get(key)) == [4.0, -1.0, -3.0];
    if printed {
        let near = |claim: &str, name: &str, target: f64, tolerance: f64| {
            Verdict::near(claim, PROPOSITION, metrics.number(name), target, tolerance)
        };
        verdicts.extend([
            near("l(F(0)) = 49", "loss_start", 49.0, 1e-12),
            near("lambda_L* = inf |F_L'|^2 of the path", "lambda_line", 4.0487e-3, 1e-6),
            near("lambda_S* = 1/2 = inf |F_S'|^2 of the path", "lambda_circle", 0.5, 1e-3),
            near("the circle's rate at the end", "rate_circle", 55.39, 0.05),
            near("the line's rate at the end", "rate_line", 0.2536, 3e-4),
        ]);
        for name in ["circle", "line"] {
            for (axis, at) in [("x", -0.824_535), ("y", -0.298_141)] {
                let claim = format!("{name}: the limit's {axis}");
                verdicts.push(near(&claim, &format!("limit_{name}_{axis}"), at, 1e-6));
            }
        }
    }
    verdicts
}

fn notes() -> Vec<String> {
    vec![
        "l(0) of Proposition 4.2 is read as the loss at the start, l(F(0)) = 49 with F(0) = (1, 0); l of the point (0, 0) is 9."
            .into(),
        "lambda_S* = 1/2 is the infimum of |F_S'|^2 over the circle, passed on the way at theta = pi/2; at the limit it \
         is 0.88437, which decides the rate. lambda_L* is attained at the limit."
            .into(),
        "mu_0 of the bound is some constant; rate_certified and rate_predicted have |t|^2 = 17 and the cosine written out."
            .into(),
    ]
}

/// The lemniscate, level sets of l, both solutions, and the way to one of them.
fn curve(runs: &[Run; 2], target: Target) -> Figure {
    let all = |k: usize| Chart::Circle.point(std::f64::consts::TAU * k as f64 / 400.0);
    let point = |[x, y]: [f64; 2]| (x, y);
    // Both ends of a line <t, F> = level inside the frame; NaN parts it from the next.
    let line = |level: f64| {
        let ends = [-1.2, 1.2].map(|s| {
            if target.t[1].abs() >= target.t[0].abs() {
                (s, (level - target.t[0] * s) / target.t[1])
            } else {
                ((level - target.t[1] * s) / target.t[0], s)
            }
        });
        [ends[0], ends[1], (f64::NAN, f64::NAN)]
    };
    let levels = |size: f64| [target.y - size, target.y + size].into_iter().flat_map(line);
    let limit = runs[0].chart.point(runs[0].last());
    let others = target.solutions().into_iter().map(point);
    let others = others.filter(|at| (at.0 - limit[0]).hypot(at.1 - limit[1]) > 1e-6);
    let panel = Panel::new("", "a", "b")
        .series(Look::Line, "lemniscate", (0..=400).map(|k| point(all(k))))
        .series(Look::Line, "ℓ = 0", line(target.y))
        .series(Look::Dashed, "ℓ = 1, 4, 16, 36", [1.0, 2.0, 4.0, 6.0].into_iter().flat_map(levels))
        .series(
            Look::Line,
            "path of both flows",
            (0..=200).map(|k| point(runs[0].chart.point(runs[0].last() * f64::from(k) / 200.0))),
        )
        .series(Look::Points, "F(0)", [point(runs[0].chart.point(0.0))])
        .series(Look::Stars, "limit of both", [point(limit)])
        .series(Look::Points, "the other solution", others)
        .x_range(-1.2, 1.2)
        .y_range(-1.1, 0.6)
        .equal()
        .legend(Corner::BottomRight);
    Figure::new("lemniscate", "Figure 2a: the lemniscate and level sets of ℓ").panel(panel)
}

fn rates(context: &Context, runs: &[Run; 2], target: Target) -> Figure {
    let mut losses = Panel::new("loss", "t", "ℓ / ℓ(F(0))").log_x().log_y().y_range(1e-16, 2.0);
    let mut rates = Panel::new("rate", "t", "−d log ℓ/dt").log_x().log_y();
    let step = Control::effective_dt(context.control(), context.get(LR));
    for run in runs {
        let first = run.curve[0].loss;
        let named = |what: &str| format!("{}{what}", run.label());
        let shown = run.curve.iter().skip(1);
        losses = losses.series(
            Look::Line,
            named(", flow"),
            shown.clone().map(|at| (at.t, at.loss / first)),
        );
        let (mut dots, mut next) = (Vec::new(), 1);
        descent(context, target, run.chart, 1e-16, |count, loss| {
            if count >= next {
                dots.push((count as f64 * step, loss / first));
                next += next.div_ceil(3);
            }
        });
        losses = losses.series(Look::Points, named(", descent"), dots);
        let least = run.least(|theta| target.rate(run.chart, theta));
        let bound = shown.clone().map(|at| (at.t, (-least * at.t).exp()));
        losses = losses.series(Look::Dashed, named(", bound"), bound);
        let pairs = run.curve.iter().zip(&run.thetas).skip(1);
        let rate = pairs.map(|(at, &theta)| (at.t, target.rate(run.chart, theta)));
        rates = rates.series(Look::Line, run.label(), rate);
        let speed = run.curve.iter().zip(&run.thetas).skip(1);
        let speed = speed.map(|(at, &theta)| (at.t, run.chart.speed(theta)));
        rates = rates.series(Look::Dashed, named(", ‖F'‖₂²"), speed);
    }
    Figure::new("rates", "Figure 2b: two parameterisations of one curve")
        .panel(losses.legend(Corner::BottomLeft))
        .panel(rates.legend(Corner::BottomLeft))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_passes_no_verdict() {
        lab::checks::nan_is_noticed(&LEMNISCATE, judged);
    }
}
