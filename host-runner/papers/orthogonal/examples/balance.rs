//! `orthogonal-balance`: a_j^2 - |w_j|^2 is conserved along the flow (paper `orthogonal`, Lemma 1).
//!
//! Euler's method conserves it up to the square of each step: with da = dt a', dw = dt w' it changes by
//! dt^2 (a'^2 - |w'|^2), at most dt times dt |theta'|^2, and the sum of dt |theta'|^2 is L(0) - L(t).
use engine::trajectory::{Plan, Problem, Start, descend};
use engine::{Kind, exact};
use lab::figure::{Figure, Look, Panel};
use lab::settings::Key;
use lab::{Context, Control, Experiment, Failure, Numbers, Outcome, Precision, Verdict};

const M: Key<usize> = Key::count("m", 60, "number of neurons").between(1, 1 << 16).quick(10);
const DT: Key<f64> = Key::number("dt", 1e-3, "Euler step in flow time").within(1e-6, 1e-2);

/// The table entry.
pub static BALANCE: Experiment = Experiment {
    id: "orthogonal-balance",
    paper: "orthogonal",
    figure: "Lemma 1",
    about: "a_j^2 - |w_j|^2 is conserved",
    cost_seconds: 0.1,
    precision: Precision::F64,
    keys: &[&[&M, &DT]],
    variants: &[&[]],
    controls: &[Control::WrongSign],
    run,
};

/// Two orthogonal samples, one target of each sign.
const X: [[f64; 2]; 2] = [[-0.5, 1.0], [2.0, 1.0]];
const Y: [f64; 2] = [-1.0, 1.0];
/// Flow time at the end: both are fitted.
const UNTIL: f64 = 30.0;

fn run(context: &Context) -> Result<Outcome, Failure> {
    let (m, dt) = (context.get(M), context.get(DT));
    let stream = (context.config.seed, "orthogonal-balance");
    let problem = Problem::new(&X, &Y, Start::balanced(stream, (m, 2), 0.1)?);
    let plan = Plan::new(dt, (UNTIL / dt).round() as u64);
    let trajectory = descend(context, &problem, &plan, Kind::Orthogonal)?;

    let drift = exact::balance_drift(trajectory.end.net(2)?, trajectory.start.net(2)?)?;
    let (first, last) = (trajectory.loss_at(0.0), trajectory.last().loss);
    let metrics = Numbers::from([
        ("loss_start", first),
        ("loss_final", last),
        ("drift", drift),
        ("drift_over_bound", drift / (dt * (first - last))),
    ]);
    let curve = trajectory.curve.iter().map(|record| (record.t, record.loss));
    let panel = Panel::new("", "t", "L").log_y().series(Look::Line, "", curve);
    Ok(Outcome {
        verdicts: judged(&metrics),
        figures: vec![Figure::new("loss", "Both targets are fitted").panel(panel)],
        metrics,
        ..Outcome::default()
    })
}

fn judged(metrics: &Numbers) -> Vec<Verdict> {
    // A sum over steps stands for the integral: a hundredth for what is between them.
    vec![Verdict::between(
        "a_j^2 - |w_j|^2 drifts by at most dt (L(0) - L(t)): share of that",
        "arXiv 2206.00939, Lemma 1",
        metrics.number("drift_over_bound"),
        0.0,
        1.01,
    )]
}

/// An experiment of the catalogue is run by `reluflow run ID`; this one stands alone.
fn main() -> Result<(), Failure> {
    let interrupt = lab::interrupt::listen()?;
    let config = lab::Config::resolve(&BALANCE, &lab::Wishes::default())?;
    let progress = lab::progress::Progress::new(false);
    let context = Context::new(config, 1, progress, None, interrupt);
    for verdict in (BALANCE.run)(&context)?.verdicts {
        println!(
            "{}: measured {:.3}, expected {}",
            verdict.claim, verdict.measured, verdict.expected
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::BALANCE;

    #[test]
    fn its_table_is_consistent_and_its_controls_are_noticed() {
        lab::checks::tables(&[&BALANCE]);
        lab::checks::controls(&[&BALANCE]);
    }

    /// docs/extending.md shows this file up to `main`.
    #[test]
    fn the_walk_through_shows_this_file() {
        let shown =
            include_str!("balance.rs").split("/// An experiment of the catalogue").next().unwrap();
        assert!(include_str!("../../../../docs/extending.md").contains(shown.trim_end()));
    }
}
