//! `orthogonal-lazy`: the five samples of `orthogonal-five-point` from a large start (paper
//! `orthogonal`, Figure 5): the loss falls at once and the neurons hardly move.

use crate::five_point::{TARGETS, X, notes, points, targets};
use crate::shared::footage::log_and_evenly;
use crate::shared::pace::{self, LR, Pace};
use crate::shared::univariate::{drawn, pictures};
use engine::Kind;
use engine::trajectory::{
    self, Plan, Problem, Record, Snapshot, Start, Trajectory, beside, follow,
};
use lab::Control;
use lab::METHOD;
use lab::failure::Failure;
use lab::figure::network::Stage;
use lab::figure::{Corner, Figure, Look, Panel};
use lab::settings::Key;
use lab::statistics::max;
use lab::{Context, Experiment, Numbers, Outcome, Precision, Verdict};

const M: Key<usize> = Key::count("m", 60, "number of neurons").between(1, 1 << 20);
const LAMBDA: Key<f64> =
    Key::number("lambda", 10.0, "scale of the start: w_jk ~ N(0, lambda^2/m)").positive();

/// The table entry.
pub static LAZY: Experiment = Experiment {
    id: "orthogonal-lazy",
    paper: "orthogonal",
    figure: "Figure 5",
    about: "five samples from a large start: the neurons hardly move",
    cost_seconds: 0.05,
    precision: Precision::F64,
    variants: &[&[], &["method=flow"]],
    controls: &[Control::DoubledRate, Control::WrongSign],
    keys: &[&[&M, &TARGETS, &LAMBDA, &LENGTH, &METHOD], pace::KEYS, trajectory::KEYS],
    run,
};

/// How many steps of descent to take.
const LENGTH: Key<usize> = Key::count(
    "iterations",
    0,
    "number of descent steps; 0 runs to flow time 5000 * 2 lr, i.e. 5000 with loss=mean",
)
.between(0, 1 << 40)
.quick(1_000);

/// Published iterations.
const ITERATIONS: u64 = 5_000;
/// Ends of the x axis.
const LEFT: f64 = -2.0;
const RIGHT: f64 = 2.5;

fn run(context: &Context) -> Result<Outcome, Failure> {
    let m = context.get(M);
    let (y, _) = targets(context);
    let data = points(&y);
    let pace = Pace::new(context, LENGTH, ITERATIONS);
    let lambda = context.get(LAMBDA) / (m as f64).sqrt();
    let stream = (context.config.seed, "orthogonal-lazy");
    let problem = Problem::new(&X, &y, Start::balanced(stream, (m, 2), lambda)?);
    let plan = Plan { snapshots: log_and_evenly(&pace, 3 * m), ..pace.plan() };
    let trajectory = follow(context, &problem, &plan, Kind::Dense)?;
    let descent = beside(context, &problem, &plan, Kind::Dense)?;

    let (start, end) = (&trajectory.start, &trajectory.end);
    let at = |record: Option<f64>| record.map_or(f64::NAN, |loss| 2.0 * loss);
    let mut metrics = Numbers::from([
        ("iterations", trajectory.steps as f64),
        ("mse_start", at(trajectory.curve.first().map(|record| record.loss))),
        ("mse_final", at(Some(trajectory.last().loss))),
        ("first_fall", first_fall(&trajectory.curve)),
        ("w_relative_move", relative_move(&start.w, &end.w)),
        ("a_relative_move", relative_move(&start.a, &end.a)),
        ("health", f64::from(trajectory.health)),
        ("ns_per_step", trajectory.ns_per_step),
    ]);
    // Room for the neurons. The graph starts far outside and ends among the data, which would be a
    // flat line where all of it is seen.
    let net = drawn(start);
    let bends = net.bends().filter(|(x, _)| (LEFT..=RIGHT).contains(x));
    let most = max(bends.map(|(_, turn)| 1.2 * turn.abs()).chain([2.0]));
    let (x, y) = ((LEFT, RIGHT), (-most, most));
    let stage = Stage { data: &data, x, y, legend: Corner::BottomRight };
    let (strip, film) = pictures(trajectory.shots(), &pace, &[0.0, plan.until], stage);
    let mut verdicts = verdicts(context, &metrics, &pace);
    let events = trajectory.vouch(&mut metrics, &mut verdicts);
    Ok(Outcome {
        verdicts,
        metrics,
        events,
        notes: notes(),
        trace: pace.trace(&trajectory),
        figures: vec![strip, moves(&trajectory), loss_figure(&trajectory, descent.as_ref(), &pace)],
        films: vec![film],
    })
}

/// log L(0)/L(dt) over what it is where -d log L/dt stays at mu(0) and a step of descent is taken:
/// -2 log(1 - mu dt/2), the fall of a residual along one eigenvector of the tangent kernel.
fn first_fall(curve: &[Record]) -> f64 {
    let [before, after, ..] = curve else { return f64::NAN };
    let mu = before.mu.unwrap_or(f64::NAN);
    (before.loss / after.loss).ln() / (-2.0 * (1.0 - 0.5 * mu * (after.t - before.t)).ln())
}

/// |to - from| / |from|.
fn relative_move(from: &[f64], to: &[f64]) -> f64 {
    let moved: f64 = from.iter().zip(to).map(|(from, to)| (to - from).powi(2)).sum();
    let size: f64 = from.iter().map(|x| x * x).sum();
    (moved / size).sqrt()
}

fn verdicts(context: &Context, metrics: &Numbers, pace: &Pace) -> Vec<Verdict> {
    let published = context.get(LAMBDA) == 10.0 && context.get(LR) == 1e-3 && context.get(M) == 60;
    if !published {
        return Vec::new();
    }
    let figure = "arXiv 2206.00939, Figure 5";
    let mut verdicts = vec![
        Verdict::at_most(
            "the inner weights hardly move",
            figure,
            metrics.number("w_relative_move"),
            0.25,
        ),
        Verdict::at_most(
            "the outer weights hardly move",
            figure,
            metrics.number("a_relative_move"),
            0.25,
        ),
        // Seeds 1 to 12: .96 to 1.00; without steps, along the flow, .70 to .85.
        Verdict::between(
            "the loss begins to fall at the rate mu of the tangent kernel at the start, in those units",
            "-d log L/dt = mu along the flow (2)",
            metrics.number("first_fall"),
            0.65,
            1.25,
        ),
    ];
    if pace.whole {
        let what = "the loss goes to 0 without a saddle";
        verdicts.push(Verdict::at_most(what, figure, metrics.number("mse_final"), 1e-2));
    }
    verdicts
}

fn moves(trajectory: &Trajectory) -> Figure {
    let moved = |panel: Panel, at: fn(&Snapshot) -> Vec<(f64, f64)>| {
        let (from, to) = (at(&trajectory.start), at(&trajectory.end));
        // A kink beside the panel may jump from one side of it to the other.
        let near = from.iter().zip(&to).filter(|(from, to)| (from.0 - to.0).abs() < 2.0);
        let paths: Vec<_> =
            near.flat_map(|(&from, &to)| [from, to, (f64::NAN, f64::NAN)]).collect();
        panel.series(Look::Line, "", paths).series(Look::Points, "start", from).series(
            Look::Points,
            "end",
            to,
        )
    };
    let bends = Panel::new("kinks", "x", "change of slope").x_range(LEFT, RIGHT);
    let inner = Panel::new("inner weights", "w_j1", "w_j2");
    Figure::new("neurons", "From a large start the fit changes and the neurons hardly move")
        .panel(moved(bends, |shot| drawn(shot).bends().collect()))
        .panel(moved(inner, |shot| shot.w.chunks_exact(2).map(|w| (w[0], w[1])).collect()))
}

fn loss_figure(trajectory: &Trajectory, descent: Option<&Trajectory>, pace: &Pace) -> Figure {
    let loss = Panel::new("loss", "iteration", "MSE = (1/n) sum r^2").log_x().log_y();
    let loss = pace.losses(loss, trajectory, descent, 2.0).legend(Corner::BottomLeft);
    Figure::new("loss", format!("From a large start there is no saddle (dt = {})", pace.dt))
        .panel(loss)
        .panel(pace.decay_panel(trajectory).log_x())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_along_one_eigenvector_is_one_in_its_units() {
        let falls = |loss| {
            let record = |t, loss| Record { t, loss, mu: Some(200.0) };
            first_fall(&[record(0.0, 1.0), record(0.002, loss)])
        };
        assert!((falls(0.64) - 1.0).abs() < 1e-12, "(1 - .2)^2");
        assert!(falls(0.36) > 2.0 && falls(1.44) < 0.0 && falls(f64::NAN).is_nan());
    }

    #[test]
    fn the_relative_move_is_that_of_the_whole_vector() {
        assert_eq!(relative_move(&[3.0, 4.0], &[3.0, 4.0]), 0.0);
        assert!((relative_move(&[3.0, 4.0], &[3.0, 4.5]) - 0.1).abs() < 1e-15);
    }

    #[test]
    fn nan_passes_no_verdict() {
        lab::checks::nan_is_noticed(&LAZY, |context, metrics| {
            verdicts(context, metrics, &Pace::new(context, LENGTH, ITERATIONS))
        });
    }
}
