//! `orthogonal-lazy`: the five samples of `orthogonal-five-point` from a large start (paper
//! `orthogonal`, Figure 5): the loss falls at once and the neurons hardly move.

use super::orthogonal_five_point::{TARGETS, X, points, targets};
use super::pace::{LOSS, LR, Pace};
use super::univariate::{predict, stars};
use super::{Context, Experiment, Numbers, Outcome, Precision, Verdict};
use crate::control::Control;
use crate::failure::Failure;
use crate::figure::{Corner, Figure, Look, Panel};
use crate::settings::{Key, Setting};
use crate::train::Kind;
use crate::trajectory::{
    ACCELERATION, ARITHMETIC, COORDINATES, METHOD, Problem, Snapshot, Start, TOLERANCE, Trajectory,
    follow,
};

/// The table entry.
pub static LAZY: Experiment = Experiment {
    id: "orthogonal-lazy",
    paper: "orthogonal",
    figure: "Figure 5",
    about: "five samples from a large start: the neurons hardly move",
    cost_seconds: 0.05,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[Control::DoubledRate, Control::WrongSign],
    keys: &[
        Key::count("m", 60, "number of neurons").between(1, 1 << 20),
        TARGETS,
        Key::number("lambda", 10.0, "scale of the start: w_jk ~ N(0, lambda^2/m)").positive(),
        LR,
        Key::count(
            "iterations",
            0,
            "number of descent steps; 0 runs to flow time 5000 * 2 lr, i.e. 5000 with loss=mean",
        )
        .between(0, 1 << 40)
        .quick(Setting::Count(1_000)),
        LOSS,
        ARITHMETIC,
        METHOD,
        ACCELERATION,
        COORDINATES,
        TOLERANCE,
    ],
    run,
};

/// Published iterations.
const ITERATIONS: u64 = 5_000;

fn run(context: &Context) -> Result<Outcome, Failure> {
    let m = context.count("m");
    let (y, _) = targets(context);
    let pace = Pace::new(context, ITERATIONS);
    let lambda = context.number("lambda") / (m as f64).sqrt();
    let stream = (context.config.seed, "orthogonal-lazy");
    let problem = Problem::new(&X, &y, Start::balanced(stream, (m, 2), lambda)?);
    let trajectory = follow(context, &problem, &pace.plan(), Kind::Dense)?;

    let (start, end) = (&trajectory.start, &trajectory.end);
    let at = |record: Option<f64>| record.map_or(f64::NAN, |loss| 2.0 * loss);
    let metrics = Numbers::from([
        ("iterations", trajectory.steps as f64),
        ("mse_start", at(trajectory.curve.first().map(|record| record.loss))),
        ("mse_final", at(Some(trajectory.last().loss))),
        ("w_relative_move", relative_move(&start.w, &end.w)),
        ("a_relative_move", relative_move(&start.a, &end.a)),
        ("health", f64::from(trajectory.health)),
        ("ns_per_step", trajectory.ns_per_step),
    ]);
    let verdicts = verdicts(context, &metrics, &pace);
    let figures = vec![network(&trajectory, &y), loss_figure(&trajectory, &pace)];
    Ok(Outcome { metrics, verdicts, trace: pace.trace(&trajectory), figures, ..Outcome::default() })
}

/// |to - from| / |from|.
fn relative_move(from: &[f64], to: &[f64]) -> f64 {
    let moved: f64 = from.iter().zip(to).map(|(from, to)| (to - from).powi(2)).sum();
    let size: f64 = from.iter().map(|x| x * x).sum();
    (moved / size).sqrt()
}

fn verdicts(context: &Context, metrics: &Numbers, pace: &Pace) -> Vec<Verdict> {
    let published = context.number("lambda") == 10.0
        && context.number("lr") == 1e-3
        && context.count("m") == 60;
    if !published {
        return Vec::new();
    }
    let metric = |name| metrics.get(name).unwrap_or(f64::NAN);
    let figure = "arXiv 2206.00939, Figure 5";
    let mut verdicts = vec![
        Verdict::at_most("the inner weights hardly move", figure, metric("w_relative_move"), 0.25),
        Verdict::at_most("the outer weights hardly move", figure, metric("a_relative_move"), 0.25),
    ];
    if pace.whole {
        let what = "the loss goes to 0 without a saddle";
        verdicts.push(Verdict::at_most(what, figure, metric("mse_final"), 1e-2));
    }
    verdicts
}

fn network(trajectory: &Trajectory, y: &[f64; 5]) -> Figure {
    let graph = |name: &str, [network, data]: [&str; 2], shot: &Snapshot| {
        let xs = (0..=180).map(|i| -2.0 + f64::from(i) / 40.0);
        Panel::new(format!("network at the {name}"), "x", "h(x)")
            .series(Look::Line, network, xs.map(|x| (x, predict(shot, x))))
            .series(Look::Points, data, points(y))
            .x_range(-2.0, 2.5)
            .legend(Corner::BottomRight)
    };
    let moves = |panel: Panel, [start, end]: [&str; 2], at: fn(&Snapshot) -> Vec<(f64, f64)>| {
        let (from, to) = (at(&trajectory.start), at(&trajectory.end));
        // A kink beside the panel may jump from one side of it to the other.
        let near = from.iter().zip(&to).filter(|(from, to)| (from.0 - to.0).abs() < 2.0);
        let paths = near.flat_map(|(&from, &to)| [from, to, (f64::NAN, f64::NAN)]);
        let paths: Vec<_> = paths.collect();
        panel.series(Look::Line, "", paths).series(Look::Points, start, from).series(
            Look::Points,
            end,
            to,
        )
    };
    let bends =
        Panel::new("kinks", "x", "change of slope").x_range(-2.0, 2.5).legend(Corner::BottomRight);
    let inner = Panel::new("inner weights", "w_j1", "w_j2");
    Figure::new("network", "From a large start the fit changes and the neurons hardly move")
        .panel(graph("start", ["network", "data"], &trajectory.start))
        .panel(graph("end", [""; 2], &trajectory.end))
        .panel(moves(bends, ["start", "end"], |shot| stars(&shot.w, &shot.a).collect()))
        .panel(moves(inner, [""; 2], |shot| shot.w.chunks_exact(2).map(|w| (w[0], w[1])).collect()))
}

fn loss_figure(trajectory: &Trajectory, pace: &Pace) -> Figure {
    let loss = Panel::new("loss", "iteration", "MSE = (1/n) sum r^2")
        .log_x()
        .log_y()
        .series(Look::Line, "", pace.curve(trajectory, |record| 2.0 * record.loss))
        .legend(Corner::BottomLeft);
    Figure::new("loss", format!("From a large start there is no saddle (dt = {})", pace.dt))
        .panel(loss)
        .panel(pace.decay_panel(trajectory).log_x())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relative_move_is_that_of_the_whole_vector() {
        assert_eq!(relative_move(&[3.0, 4.0], &[3.0, 4.0]), 0.0);
        assert!((relative_move(&[3.0, 4.0], &[3.0, 4.5]) - 0.1).abs() < 1e-15);
    }
}
