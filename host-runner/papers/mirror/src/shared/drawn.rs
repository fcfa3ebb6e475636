//! Pictures of the divergence and its bounds.
use super::followed::{At, Followed};
use lab::figure::{Figure, Look, Panel, log_spaced};
use lab::statistics::{larger, median};
use reluflow::mirror::rates::Rates;

/// Points of a curve.
const CURVE: usize = 1000;

fn curve(run: &Followed) -> Vec<At> {
    log_spaced(run.points.len(), CURVE).into_iter().map(|at| run.points[at]).collect()
}

/// The first draw over t and over log t.
pub fn first(title: &str, shown: &Followed) -> Figure {
    let points = curve(shown);
    let d0 = points.first().map_or(1.0, |at| at.divergence);
    let of = |f: &dyn Fn(&At) -> f64| points.iter().map(|at| (at.t, f(at))).collect::<Vec<_>>();
    // Bounds on a grid of the axis, so that dashes are as long in both panels; as dots the second is seen on the first.
    let drawn = |panel: Panel, grid: &dyn Fn(f64) -> f64| {
        let bound = |which: fn(&Rates<f64>, f64, f64) -> f64, count: u32| {
            let times = (0..=count).map(move |k| grid(f64::from(k) / f64::from(count)));
            times.map(|t| (t, which(&shown.rates, d0, t))).collect::<Vec<_>>()
        };
        panel
            .log_y()
            .series(Look::Line, "D(β*, β)", of(&|at| at.divergence))
            .series(Look::Line, "F", of(&|at| at.loss))
            .series(Look::Dashed, "D(0) exp(−κ₁ t)", bound(Rates::exponential, 100))
            .series(Look::Points, "1/(κ₂ t + 1/D(0))", bound(Rates::hyperbolic, 12))
            .y_range(1e-16 * d0, 100.0 * d0)
    };
    let last = shown.points.last().map_or(1.0, |at| at.t);
    let begin = points.iter().map(|at| at.t).find(|t| *t > 0.0).unwrap_or(1e-3);
    let (begin, done) = (larger(begin, 1e-4 * last), done(shown));
    let over_t = Panel::new("over t", "t", "D, F").x_range(0.0, done);
    let over_log = Panel::new("over log t", "t", "D, F").log_x().x_range(begin, last);
    Figure::new("rates", title)
        .panel(drawn(over_t, &|share| share * done))
        .panel(drawn(over_log, &|share| begin * (last / begin).powf(share)))
}

/// When D has fallen by 1e-14.
fn done(run: &Followed) -> f64 {
    let d0 = run.points.first().map_or(1.0, |at| at.divergence);
    let end = run.points.iter().find(|at| at.divergence < 1e-14 * d0).or(run.points.last());
    end.map_or(1.0, |at| at.t)
}

/// D of all draws.
pub fn all(runs: &[Followed]) -> Figure {
    let mut panel = Panel::new("", "t", "D(β*, β) / D(0)").log_y();
    for run in runs {
        let d0 = run.points.first().map_or(1.0, |at| at.divergence);
        let curve = curve(run);
        panel = panel.series(Look::Line, "", curve.iter().map(|at| (at.t, at.divergence / d0)));
    }
    let ends: Vec<f64> = runs.iter().map(done).collect();
    Figure::new("draws", "The divergence of all draws")
        .panel(panel.x_range(0.0, median(&ends)).y_range(1e-16, 10.0))
}
