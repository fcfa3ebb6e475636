//! The numbers that a run reports.
use super::chance;
use super::found::Found;
use super::nearly;
use super::sweep::Phases;
use super::theory::{runner_up, saddle_power};
use lab::Numbers;
use lab::statistics::{Line, larger, max, mean, min, range, smaller};

/// What is reported of each lambda: names for each run, in the order of the decades.
struct Series {
    names: [&'static str; 10],
    value: fn(&Phases) -> f64,
}

macro_rules! series {
    ($name:literal, $value:expr) => {
        Series {
            names: [
                concat!($name, "_1e6"),
                concat!($name, "_1e10"),
                concat!($name, "_1e18"),
                concat!($name, "_1e30"),
                concat!($name, "_1e42"),
                concat!($name, "_1e56"),
                concat!($name, "_1e75"),
                concat!($name, "_1e100"),
                concat!($name, "_1e178"),
                concat!($name, "_1e300"),
            ],
            value: $value,
        }
    };
}

const SERIES: [Series; 15] = [
    series!("aligned", |run| run.aligned[0]),
    series!("escape_lead", |run| run.times[0][0]),
    series!("fitted_lead", |run| run.times[0][1]),
    series!("escape_second", |run| run.times[1][0]),
    series!("fitted_second", |run| run.times[1][1]),
    series!("saddle_distance", |run| run.saddle.0),
    series!("saddle_loss", |run| run.saddle.1),
    series!("limit_distance", |run| run.limit),
    series!("norm_excess", |run| run.excess),
    series!("function_distance", |run| run.function_distance),
    series!("others_share", |run| run.others),
    series!("directions", |run| run.directions),
    series!("mu_last", |run| run.mu.0),
    series!("mu_least", |run| run.mu.1),
    series!("evaluations", |run| run.evaluations),
];

/// From here on powers of lambda are fitted: above it several neurons compete.
const SMALL: f64 = 25.0 * std::f64::consts::LN_10;
/// Below that a distance, a relative difference of norms, is integration error.
const SEEN: [f64; 2] = [1e-9, 1e-11];

/// The slope of `value` over log(1/lambda), its points chosen by `chosen`.
fn slope(runs: &[Phases], chosen: impl Fn(&Phases) -> bool, value: fn(&Phases) -> f64) -> Line {
    let points: Vec<_> =
        runs.iter().filter(|run| chosen(run)).map(|run| (run.log, value(run))).collect();
    Line::through(&points)
}

/// The powers of lambda expected of the distances to saddle and limit and of the norm's excess.
pub fn powers(found: &Found) -> [f64; 3] {
    let problem = &found.problem;
    let [lead, second] = &problem.sides;
    let missing = problem.sides.each_ref().map(|s| runner_up(&problem.data, &problem.start, s));
    let rest = 1.0 - max(missing);
    [saddle_power(second.rate / lead.rate, missing[0]), rest, 2.0 * rest]
}

pub fn measure(found: &Found, metrics: &mut Numbers) {
    let Found { problem, runs, .. } = found;
    let [lead, second] = &problem.sides;
    let q = second.rate / lead.rate;
    let missing = problem.sides.each_ref().map(|s| runner_up(&problem.data, &problem.start, s));
    let count = |at: usize| problem.carriers[at].iter().filter(|c| **c).count() as f64;
    for (name, value) in [
        ("d_lead", lead.rate),
        ("d_second", second.rate),
        ("d_ratio", q),
        ("carriers_lead", count(0)),
        ("carriers_second", count(1)),
        ("runner_up_lead", missing[0]),
        ("runner_up_second", missing[1]),
    ] {
        metrics.push(name, value);
    }
    for series in &SERIES {
        for (name, run) in series.names.iter().zip(runs) {
            metrics.push(*name, (series.value)(run));
        }
    }
    let spread = |values: &[f64]| {
        let (least, most) = range(values);
        (most - least) / mean(values)
    };
    let each = |f: fn(&Phases) -> f64| runs.iter().map(f).collect::<Vec<_>>();
    metrics.push("aligned_spread", spread(&each(|run| run.aligned[0])));
    metrics.push("growth_while_aligning", each(|run| run.grown.exp())[0]);
    metrics.push("growth_spread", spread(&each(|run| run.grown.exp())));
    let [from, to] = super::sweep::ALIGNED;
    let decay = |run: &Phases| (from / to).ln() / (run.aligned[1] - run.aligned[0]);
    let rates: Vec<f64> = runs.iter().map(|run| decay(run) / (2.0 * lead.rate)).collect();
    metrics.push("alignment_rate_ratio", mean(&rates));

    let all = |_: &Phases| true;
    let small = |run: &Phases| run.log > SMALL;
    let lines = [
        ("slope_lead_all", "slope_lead_all_error", slope(runs, all, |run| run.times[0][0])),
        ("slope_second_all", "slope_second_all_error", slope(runs, all, |run| run.times[1][0])),
        ("slope_lead", "slope_lead_error", slope(runs, small, |run| run.times[0][0])),
        ("slope_second", "slope_second_error", slope(runs, small, |run| run.times[1][0])),
    ];
    for (name, error, line) in lines {
        metrics.push(name, line.slope);
        metrics.push(error, line.error);
    }
    metrics.push("slope_lead_ratio", lines[2].2.slope * lead.rate);
    metrics.push("slope_second_ratio", lines[3].2.slope * second.rate);
    let first = runs.iter().filter(|run| run.times[0][1] < run.times[1][0]).count();
    metrics.push("lead_fitted_first", first as f64 / runs.len() as f64);

    let [gap, rest] = SEEN;
    let [to_saddle, to_limit, of_norm] = powers(found);
    let fitted = [
        (
            ["saddle_power", "saddle_power_error", "saddle_power_expected"],
            slope(runs, |run| small(run) && run.saddle.0 > gap, |run| -run.saddle.0.ln()),
            to_saddle,
        ),
        (
            ["limit_power", "limit_power_error", "limit_power_expected"],
            slope(runs, |run| small(run) && run.limit > gap, |run| -run.limit.ln()),
            to_limit,
        ),
        (
            ["others_power", "others_power_error", "others_power_expected"],
            slope(runs, small, |run| -run.others.ln()),
            of_norm,
        ),
        (
            ["norm_power", "norm_power_error", "norm_power_expected"],
            slope(runs, |run| small(run) && run.excess > rest, |run| -run.excess.ln()),
            of_norm,
        ),
    ];
    for ([power, error, expected], line, theory) in fitted {
        metrics.push(power, line.slope);
        metrics.push(error, line.error);
        metrics.push(expected, theory);
    }
    let most = |f: fn(&Phases) -> f64| max(runs.iter().map(f));
    metrics.push("norm_excess_least", min(runs.iter().map(|run| run.excess)));
    // Where second order is below 1e-4 of it and integration error too.
    let clear = runs.iter().filter(|run| (1e-8..1e-4).contains(&run.explained));
    let off = clear.map(|run| (run.excess / run.explained - 1.0).abs());
    metrics.push("norm_unexplained", max(off));
    metrics.push("saddle_loss_ratio", runs.last().map_or(f64::NAN, |r| r.saddle.1) / second.loss());
    metrics.push("final_loss_most", most(|run| run.final_loss));
    metrics.push("written_loss_most", most(|run| run.written_loss));
    metrics.push("energy_defect_most", most(|run| run.defects[0]));
    metrics.push("balance_drift_most", most(|run| run.defects[1]));
    metrics.push("events_most", most(|run| run.events));
    // Across u a residual relaxes at |D|, along it at 2 |D|; one sample has nothing across.
    let slowest = |side: &super::data::Side| side.rate * if side.count() > 1 { 2.0 } else { 4.0 };
    let bound = smaller(slowest(lead), slowest(second));
    let last = runs.last().map_or((f64::NAN, f64::NAN), |run| run.mu);
    metrics.push("mu_bound", bound);
    metrics.push("mu_ratio", last.0 / bound);
    metrics.push("mu_least_ratio", last.1 / bound);
    metrics.push("mu_last_over_4d", last.0 / (4.0 * second.rate));
    odds(found, metrics);
    near(found, metrics);
}

/// Assumption 3, and what becomes of starts that fail it.
fn odds(found: &Found, metrics: &mut Numbers) {
    const NAMES: [[&str; 4]; 7] = [
        ["assumption_3_m2", "assumption_3_exact_m2", "covered_m2", "covered_exact_m2"],
        ["assumption_3_m4", "assumption_3_exact_m4", "covered_m4", "covered_exact_m4"],
        ["assumption_3_m8", "assumption_3_exact_m8", "covered_m8", "covered_exact_m8"],
        ["assumption_3_m16", "assumption_3_exact_m16", "covered_m16", "covered_exact_m16"],
        ["assumption_3_m32", "assumption_3_exact_m32", "covered_m32", "covered_exact_m32"],
        ["assumption_3_m64", "assumption_3_exact_m64", "covered_m64", "covered_exact_m64"],
        ["assumption_3_m128", "assumption_3_exact_m128", "covered_m128", "covered_exact_m128"],
    ];
    let mut worst: f64 = 0.0;
    for (names, odds) in NAMES.iter().zip(&found.odds) {
        for (name, value) in names.iter().zip([odds.assumption, odds.seen].concat()) {
            metrics.push(*name, value);
        }
        for [measured, exact] in [odds.assumption, odds.seen] {
            let draws = odds.draws as f64;
            // Where the exact probability leaves less than one start the error is one start.
            let error = larger((exact * (1.0 - exact) / draws).sqrt(), 1.0 / draws);
            worst = larger(worst, (measured - exact).abs() / error);
        }
    }
    metrics.push("odds_worst_deviation", worst);
    let trials = &found.trials;
    let count = |f: fn(&chance::Trial) -> bool| trials.iter().filter(|t| f(t)).count() as f64;
    metrics.push("flows", trials.len() as f64);
    metrics.push("flows_failing_3", count(|t| !t.assumption_3));
    metrics.push("failing_3_fitted", count(|t| !t.assumption_3 && t.loss[0] < FITTED));
    metrics.push("fitted_not_as_foretold", count(|t| (t.loss[0] < FITTED) != t.covered));
    let most = |f: fn(&chance::Trial) -> f64| max(trials.iter().map(f));
    metrics.push("failing_loss_error", most(|t| (t.loss[0] - t.loss[1]).abs()));
    metrics.push("failing_norm_error", most(|t| (t.norm[0] - t.norm[1]).abs()));
    let excess = trials.iter().filter(|t| t.assumption_3).map(|t| t.norm[0] - 1.0);
    // 0 where none has any.
    metrics.push("holding_norm_excess_most", max(excess.chain([0.0])));
    let failing: Vec<f64> =
        trials.iter().filter(|t| !t.assumption_3 && t.covered).map(|t| t.norm[0] - 1.0).collect();
    metrics.push("failing_norm_excess_mean", mean(&failing));
    metrics.push("failing_norm_excess_least", min(&failing));
    let clear = count(|t| t.assumption_3 && t.clear);
    metrics.push("holding_clear", clear);
    metrics.push("holding_lead_first", count(|t| t.assumption_3 && t.clear && t.leads) / clear);
}

/// L over its start that counts as fitted.
const FITTED: f64 = 1e-8;

/// Samples that are not quite orthogonal.
fn near(found: &Found, metrics: &mut Numbers) {
    let Found { problem, moved, cured, .. } = found;
    let per = nearly::DECADES.len();
    let rows: Vec<&[nearly::Moved]> = moved.chunks_exact(per).collect();
    let mut worst = [0.0f64; 2];
    for runs in &rows {
        let expected = nearly::slopes(problem, runs[0].delta);
        let [from, to] = [runs[per - 2], runs[per - 1]];
        for side in 0..2 {
            let slope = (to.times[side] - from.times[side]) / (to.log - from.log);
            worst[side] = larger(worst[side], (slope / expected[side] - 1.0).abs());
        }
    }
    metrics.push("near_slope_error_lead", worst[0]);
    metrics.push("near_slope_error_second", worst[1]);
    let gap = |at: usize| {
        let same = found.runs.iter().find(|run| run.log == rows[0][at].log);
        same.map_or(f64::NAN, |run| {
            larger(
                (rows[0][at].times[0] - run.times[0][0]).abs(),
                (rows[0][at].times[1] - run.times[1][0]).abs(),
            )
        })
    };
    metrics.push("near_zero_delta_gap", gap(0));
    metrics.push("near_zero_delta_gap_1e100", gap(per - 2));
    const SHIFTS: [[&str; 3]; 4] = [
        ["near_shift_1e6_delta_1e5", "near_shift_1e300_delta_1e5", "near_norm_change_delta_1e5"],
        ["near_shift_1e6_delta_1e3", "near_shift_1e300_delta_1e3", "near_norm_change_delta_1e3"],
        ["near_shift_1e6_delta_1e2", "near_shift_1e300_delta_1e2", "near_norm_change_delta_1e2"],
        ["near_shift_1e6_delta_1e1", "near_shift_1e300_delta_1e1", "near_norm_change_delta_1e1"],
    ];
    let last = per - 1;
    for (names, runs) in SHIFTS.iter().zip(rows.iter().skip(rows.len() - SHIFTS.len())) {
        let values = [
            runs[0].times[0] - rows[0][0].times[0],
            runs[last].times[0] - rows[0][last].times[0],
            runs[last].norm_sq / rows[0][last].norm_sq - 1.0,
        ];
        for (name, value) in names.iter().zip(values) {
            metrics.push(*name, value);
        }
    }
    let woken = nearly::excess(&rows);
    metrics.push("woken_power", nearly::woken_power(&rows));
    metrics.push("sleeping_excess", woken[0][nearly::WAKING.1]);
    metrics.push("woken_excess", woken[nearly::WAKING.0.end - 1][nearly::WAKING.1]);
    metrics.push("near_final_loss_most", max(moved.iter().map(|m| m.final_loss)));
    metrics.push("near_defect_most", max(moved.iter().map(|m| m.defect)));
    metrics.push("near_sliding_time_most", max(moved.iter().map(|m| m.sliding)));
    metrics.push("cured_flows", cured.len() as f64);
    let count = |f: fn(&chance::Cured) -> bool| cured.iter().filter(|c| f(c)).count() as f64;
    metrics.push("cured_fitted", count(|c| c.loss < FITTED));
    metrics.push("cured_fitted_orthogonal", count(|c| c.covered));
    metrics.push("cured_not_as_foretold", count(|c| (c.loss < FITTED) != c.touched));
    let excess = cured.iter().filter(|c| c.touched).map(|c| (c.norm - 1.0).abs());
    metrics.push("cured_norm_gap_most", max(excess));
}
