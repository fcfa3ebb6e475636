//! How it looks.
use super::found::Found;
use super::nearly;
use super::sweep::Phases;
use super::theory::{assumption_3, coverage};
use lab::figure::{Corner, Figure, Look, Panel};
use lab::statistics::larger;
use std::f64::consts::LN_10;

pub fn all(found: &Found) -> Vec<Figure> {
    vec![phases(found), escapes(found), distances(found), odds(found), near(found)]
}

fn name(log: f64) -> String {
    format!("lambda = 1e-{:.0}", log / LN_10)
}

/// The runs that are drawn as curves.
fn drawn(found: &Found) -> impl Iterator<Item = &Phases> {
    let shown = [6.0, 18.0, 56.0, 300.0];
    found.runs.iter().filter(move |run| shown.iter().any(|at| (run.log / LN_10 - at).abs() < 0.5))
}

fn phases(found: &Found) -> Figure {
    let [lead, second] = &found.problem.sides;
    let first = found.problem.data.first_loss();
    let mut loss = Panel::new("loss", "t / log(1/lambda)", "L / L(0)")
        .guide_x(1.0 / lead.rate, "1/|D_lead|")
        .guide_x(1.0 / second.rate, "1/|D_second|")
        .guide_y(second.loss() / first, "saddle")
        .x_range(0.75 / lead.rate, 1.2 / second.rate)
        .y_range(-0.02, 1.15)
        .legend(Corner::BottomLeft);
    let mut alignment = Panel::new(
        "carriers of the leading side align: one curve",
        "flow time t",
        "largest 1 - cos",
    )
    .log_y()
    .x_range(0.0, 16.0 / lead.rate)
    .y_range(1e-14, 10.0)
    .legend(Corner::BottomLeft);
    for run in drawn(found) {
        let curve = run.curve.iter().map(|point| (point[0] / run.log, point[1] / first));
        loss = loss.series(Look::Line, name(run.log), curve);
        let early = run.curve.iter().filter(|point| point[0] < 16.0 / lead.rate);
        let early = early.filter(|point| point[2] > 1e-14);
        alignment =
            alignment.series(Look::Line, name(run.log), early.map(|point| (point[0], point[2])));
    }
    if let Some(run) = found.runs.last() {
        let fall = |t: f64| 1e-4 * (-2.0 * lead.rate * (t - run.aligned[0])).exp();
        let line = [0.4, 2.0].map(|share| share * run.aligned[0]).map(|t| (t, 4.0 * fall(t)));
        alignment = alignment.series(Look::Dashed, "slope -2 |D_lead|", line);
    }
    Figure::new("phases", "Two escapes at fixed multiples of log(1/lambda), one alignment")
        .panel(loss)
        .panel(alignment)
}

fn escapes(found: &Found) -> Figure {
    let mut times = Panel::new("escapes", "log10(1/lambda)", "flow time t").legend(Corner::TopLeft);
    let mut rest =
        Panel::new("less log(1/lambda)/|D|, less the last", "log10(1/lambda)", "flow time");
    for (at, (side, word)) in
        found.problem.sides.iter().zip(["leading side", "other side"]).enumerate()
    {
        let points = |value: &dyn Fn(&Phases) -> f64| -> Vec<(f64, f64)> {
            found.runs.iter().map(|run| (run.log / LN_10, value(run))).collect()
        };
        let offset = |run: &Phases| run.times[at][0] - run.log / side.rate;
        let last = found.runs.last().map_or(f64::NAN, offset);
        times = times.series(Look::Points, word, points(&|run| run.times[at][0])).series(
            Look::Dashed,
            format!("log(1/lambda)/{:.4} {last:+.1}", side.rate),
            points(&|run| run.log / side.rate + last),
        );
        rest = rest.series(Look::Points, word, points(&|run| offset(run) - last));
    }
    Figure::new("escapes", "Each side escapes at log(1/lambda)/|D| of its own")
        .panel(times)
        .panel(rest)
}

fn distances(found: &Found) -> Figure {
    let powers = super::numbers::powers(found);
    let lambda = |run: &Phases| 10f64.powf(-run.log / LN_10);
    let mut panels = Vec::new();
    // What, its power of lambda, where integration error begins.
    type Row = (&'static str, fn(&Phases) -> f64, f64, f64);
    let series: [Row; 4] = [
        ("distance to the saddle", |run| run.saddle.0, powers[0], 1e-9),
        ("distance to the limit", |run| run.limit, powers[1], 1e-9),
        ("share of others in |theta|^2", |run| run.others, powers[2], 0.0),
        ("excess of |theta|^2", |run| run.excess, powers[2], 1e-11),
    ];
    for (word, value, power, floor) in series {
        let points: Vec<(f64, f64)> = found
            .runs
            .iter()
            .map(|run| (lambda(run), value(run)))
            .filter(|point| point.1 > floor)
            .collect();
        let mut panel = Panel::new(word, "lambda", "").log_x().log_y().legend(Corner::TopLeft);
        if let Some(&(x, y)) = points.last() {
            let line = points
                .iter()
                .map(|point| (point.0, (y.ln() + power * (point.0.ln() - x.ln())).exp()));
            panel = panel.series(Look::Points, "measured", points.clone()).series(
                Look::Dashed,
                format!("lambda^{power:.4}"),
                line.collect::<Vec<_>>(),
            );
        }
        panels.push(panel);
    }
    let title = "What is left of the saddle and the limit, to the floor of the integration";
    panels.into_iter().fold(Figure::new("distances", title), Figure::panel)
}

fn odds(found: &Found) -> Figure {
    let exact = |f: fn(usize, usize, usize) -> f64| {
        (2..=128).map(move |m| (m as f64, f(2, 2, m))).collect::<Vec<_>>()
    };
    let points =
        |f: fn(&super::chance::Odds) -> f64| found.odds.iter().map(move |o| (o.m as f64, f(o)));
    let chances = Panel::new("probability", "number of neurons m", "share of starts")
        .log_x()
        .y_range(0.0, 1.05)
        .series(Look::Points, "Assumption 3", points(|odds| odds.assumption[0]))
        .series(Look::Points, "every sample seen", points(|odds| odds.seen[0]))
        .series(Look::Dashed, "Assumption 3, exact", exact(assumption_3))
        .series(Look::Dashed, "every sample seen, exact", exact(coverage))
        .legend(Corner::BottomRight);
    let norms = |which: fn(&super::chance::Trial) -> bool| {
        let those = found.trials.iter().filter(move |trial| which(trial));
        those.map(|trial| (super::chance::WIDTHS[trial.place.0 as usize] as f64, trial.norm[0]))
    };
    let ends = Panel::new("the limit", "number of neurons m", "|theta|^2 over the smallest")
        .log_x()
        .y_range(0.0, 1.7)
        .series(Look::Points, "Assumption 3 holds", norms(|t| t.assumption_3))
        .series(Look::Points, "fails, all fitted", norms(|t| !t.assumption_3 && t.covered))
        .series(Look::Points, "fails, some never fitted", norms(|t| !t.covered));
    Figure::new(
        "assumption-3",
        "Two samples of each sign: how often carriers exist, and what if not",
    )
    .panel(chances)
    .panel(ends)
}

fn near(found: &Found) -> Figure {
    let per = nearly::DECADES.len();
    let rows: Vec<&[nearly::Moved]> = found.moved.chunks_exact(per).collect();
    let excess = nearly::excess(&rows);
    let mut shift = Panel::new("shift of the first escape", "delta log(1/lambda)", "earlier by")
        .log_x()
        .log_y()
        .legend(Corner::BottomRight);
    let title = "|theta|^2 over that at 1e-300, same delta";
    let mut rest = Panel::new(title, "delta (left: 0)", "size of the difference, relative")
        .log_x()
        .log_y()
        .x_range(1e-13, 0.2)
        .y_range(1e-12, 1e3);
    for at in 0..per {
        let log = rows[0][at].log;
        // Below that pairs wake, which is another effect.
        let points = rows
            .iter()
            .filter(|runs| runs[at].delta > 1e-6)
            .map(|runs| (runs[at].delta * log, rows[0][at].times[0] - runs[at].times[0]));
        shift = shift.series(Look::Points, name(log), points.collect::<Vec<_>>());
        if at + 2 < per {
            let points = rows.iter().zip(&excess).map(|(runs, excess)| {
                (larger(runs[at].delta, 1e-13), larger(excess[at].abs(), 1e-12))
            });
            rest = rest.series(Look::Line, name(log), points.collect::<Vec<_>>());
        }
    }
    let (woken, lambda) = (&excess[nearly::WAKING.0.start], 1e-12);
    let from = rows[nearly::WAKING.0.start][0].delta;
    let fall =
        [0.1, 30.0].map(|times| (times * from, woken[nearly::WAKING.1] * (1.0f64 / times).powi(2)));
    rest = rest.series(Look::Dashed, format!("delta^-2, lambda = {lambda:e}"), fall);
    let [lead, _] = &found.problem.sides;
    let log = 300.0 * LN_10;
    let line = (0..=20).map(|k| 10f64.powf(-4.0 + 0.15 * f64::from(k))).map(|delta| {
        (delta * log, (1.0 / lead.rate - nearly::slopes(&found.problem, delta)[0]) * log)
    });
    shift = shift.series(Look::Dashed, "change of slope", line.collect::<Vec<_>>());
    Figure::new("correlation", "Samples with inner products delta").panel(shift).panel(rest)
}
