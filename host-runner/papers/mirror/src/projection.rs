//! `mirror-projection`: the mirror flow ends at the Bregman projection of its start onto the solutions: near the
//! one of least l1 norm for small r, of least l2 norm for large r (paper `mirror`, Theorem 2.2). And it may be slow: with another objective
//! in one coordinate the divergence falls as slowly as one likes (Lemma 5.1), and so it does, beside it, for least squares with small r.

use crate::shared::entropy::{self, Power};
use crate::shared::slow::{Slow, exact};
use crate::shared::solutions::{Limit, M, N, Underdetermined};
use crate::shared::{levels, source};
use engine::parallel::Pool;
use lab::Control;
use lab::failure::Failure;
use lab::figure::{Corner, Figure, Look, Panel};
use lab::statistics::max;
use lab::{Context, Experiment, Numbers, Outcome, Precision, Verdict};

/// The table entry.
pub static PROJECTION: Experiment = Experiment {
    id: "mirror-projection",
    paper: "mirror",
    figure: "Theorem 2.2, Lemma 5.1, Figure 1",
    about: "the limit is a Bregman projection: l1-like for small r, l2-like for large; slow decay",
    cost_seconds: 0.6,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[Control::DoubledRate],
    keys: &[&[&N, &M]],
    run,
};

/// Exponents of r.
const SMALLEST: i32 = -12;
const LARGEST: i32 = 3;
/// r of the slow decay.
const SLOW: [f64; 4] = [1e-1, 1e-2, 1e-3, 1e-4];
/// n of Lemma 5.1.
const POWERS: [i32; 3] = [1, 3, 10];

fn run(context: &Context) -> Result<Outcome, Failure> {
    if context.config.precision != Precision::F64 {
        return Err(Failure::bad_input("--precision f32: limits are compared at f64"));
    }
    let problem = Underdetermined::of(context)?;
    let pool = Pool::new(context.threads)?;
    let rs: Vec<f64> = (SMALLEST..=LARGEST).map(|k| 10f64.powi(k)).collect();
    context.progress.start((rs.len() + SLOW.len()) as u64, "values of r");
    let limits = pool.each(&pool.per_thread(|| ()), rs, |(), at, r| {
        let limit = problem.limit(context, r)?;
        context.progress.at(1 + at as u64);
        Ok(limit)
    })?;
    let slow = SLOW.iter().map(|&r| Slow::of(context, r)).collect::<Result<Vec<_>, _>>()?;
    let powers = POWERS.iter().map(|&n| Power::of(context, n)).collect::<Result<Vec<_>, _>>()?;
    let metrics = measured(&problem, &limits, (&slow, &powers));
    let verdicts = judged(&metrics);
    let trace = limits.iter().map(|limit| {
        Numbers::from([
            ("r", limit.r),
            ("l1", limit.l1),
            ("l1_excess", limit.l1_excess),
            ("l2_off", limit.l2_off),
            ("l1_off", limit.l1_off),
            ("flow_off", limit.flow_off),
        ])
    });
    let trace = trace.collect();
    let figures =
        vec![levels::figure(), solutions(&problem, &limits), lemma(&powers), decay(&slow)];
    Ok(Outcome { metrics, verdicts, notes: notes(), trace, figures, ..Outcome::default() })
}

fn measured(
    problem: &Underdetermined,
    limits: &[Limit],
    (slow, powers): (&[Slow], &[Power]),
) -> Numbers {
    let mut metrics = Numbers::new();
    let (small, large) = (limits.first(), limits.last());
    let at = |limit: Option<&Limit>, of: fn(&Limit) -> f64| limit.map_or(f64::NAN, of);
    let most = |of: fn(&Limit) -> f64| max(limits.iter().map(of));
    metrics.push("flow_off_most", most(|limit| limit.flow_off));
    metrics.push("l1_least", problem.sparse_l1);
    metrics.push("l1_certificate", problem.certificate);
    metrics.push("l1_small_r", at(small, |limit| limit.l1));
    metrics.push("l1_large_r", at(large, |limit| limit.l1));
    metrics.push("l1_excess_small_r", at(small, |limit| limit.l1_excess));
    metrics.push("l1_excess_large_r", at(large, |limit| limit.l1_excess));
    metrics.push("l1_off_small_r", at(small, |limit| limit.l1_off));
    metrics.push("l2_off_small_r", at(small, |limit| limit.l2_off));
    metrics.push("l2_off_large_r", at(large, |limit| limit.l2_off));
    let rises = limits.windows(2).filter(|pair| pair[0].l1 > pair[1].l1 * (1.0 + 1e-12));
    metrics.push("l1_not_increasing", rises.count() as f64);
    metrics.push("slow_error_most", max(slow.iter().map(|slow| slow.error)));
    let off = |slow: &Slow| (slow.end_rate / 4.0 - 1.0).abs();
    metrics.push("slow_rate_off_most", max(slow.iter().map(off)));
    let diagonal = std::f64::consts::FRAC_PI_4;
    metrics.push("level_large_r", levels::radius(1e3, diagonal));
    metrics.push("level_small_r", levels::radius(1e-12, diagonal));
    metrics.push("power_error_f", max(powers.iter().map(|power| power.errors[0])));
    metrics.push("power_error_d", max(powers.iter().map(|power| power.errors[1])));
    for power in powers {
        metrics.push(format!("power_slope_n{}", power.n), power.slope);
    }
    for slow in slow {
        metrics.push(format!("slow_rate_r{:e}", slow.r), slow.end_rate * slow.r);
    }
    metrics
}

fn judged(metrics: &Numbers) -> Vec<Verdict> {
    vec![
        Verdict::at_most(
            "the flow from 0 ends at the Bregman projection of 0 onto the solutions, r = 1e-12 .. 1e3",
            &source("Theorem 2.2, (1)"),
            metrics.number("flow_off_most"),
            1e-7,
        ),
        Verdict::near(
            "level sets of Phi_r through (1, 0) are circles for large r: distance from 0 on the diagonal, r = 1e3",
            &source("Figure 1"),
            metrics.number("level_large_r"),
            1.0,
            1e-6,
        ),
        Verdict::near(
            "and squares on their corner for small r: the same, r = 1e-12",
            &source("Figure 1"),
            metrics.number("level_small_r"),
            0.5f64.sqrt(),
            0.03,
        ),
        Verdict::equal(
            "|beta|_1 of the limit grows with r: exceptions among 15 steps",
            "Phi_r is nearer to a multiple of |beta|_1 the smaller r is",
            metrics.number("l1_not_increasing"),
            0.0,
        ),
        Verdict::at_most(
            "no solution has a smaller l1 norm than the one compared with: its dual certificate",
            "duality of the least l1 norm",
            metrics.number("l1_certificate"),
            1.0 + 1e-9,
        ),
        Verdict::between(
            "r = 1e-12: the l1 norm above the least of all solutions",
            "an excess of order 1/log(1/r)",
            metrics.number("l1_excess_small_r"),
            0.0,
            0.02,
        ),
        Verdict::at_most(
            "r = 1e3: the solution of least l2 norm, relatively",
            "Phi_r is |beta|^2 / (2 r) for large r",
            metrics.number("l2_off_large_r"),
            1e-5,
        ),
        Verdict::at_least(
            "r = 1e-12: far from it",
            "the two are different solutions",
            metrics.number("l2_off_small_r"),
            0.1,
        ),
        Verdict::at_most(
            "F is mu/(n (n + 1)) (c + mu t)^(-(n+1)/n) for n = 1, 3, 10: largest relative error",
            &source("Lemma 5.1"),
            metrics.number("power_error_f"),
            1e-10,
        ),
        Verdict::at_most(
            "D is (c + mu t)^(-1/n) for n = 1, 3, 10: largest relative error",
            &source("Lemma 5.1"),
            metrics.number("power_error_d"),
            1e-10,
        ),
        Verdict::between(
            "so that D falls as slowly as one likes: d log D/d log t for n = 10",
            &source("Lemma 5.1"),
            metrics.number("power_slope_n10"),
            -0.1001,
            -0.0999,
        ),
        Verdict::at_most(
            "least squares in one coordinate: D is that of the closed form, relatively",
            "an example of this project with a hypentropy",
            metrics.number("slow_error_most"),
            1e-8,
        ),
        Verdict::at_most(
            "least squares in one coordinate: D falls at the rate 4 r in the end, for r = 1e-1 .. 1e-4",
            "an example of this project with a hypentropy",
            metrics.number("slow_rate_off_most"),
            1e-3,
        ),
    ]
}

fn notes() -> Vec<String> {
    vec![
        "The projection is found by Newton's method on its dual and integrates nothing, so that the flow is \
         compared with something else than itself. The solution of least l1 norm is that of the simplex method, \
         certified by duality."
            .into(),
        "Lemma 5.1 has another objective, F = mu/(n (n + 1)) x^(n+1) on x > 0 with the entropy x log x - x, here mu = 2 from x = 1.5. F falls \
         about as 1/t for every n, D as t^(-1/n)."
            .into(),
        "Beside it an example of this project keeps to least squares: one coordinate and one sample, from beta = 1 with limit 0. Before \
         t = 1/(2 r) D is 1/(2 t + 1), as it is for ever with r = 0 (a = b), after it D falls at the rate 4 r: no rate holds for all r."
            .into(),
    ]
}

fn solutions(problem: &Underdetermined, limits: &[Limit]) -> Figure {
    let of = |f: fn(&Limit) -> f64| limits.iter().map(move |limit| (limit.r, f(limit)));
    let ends = [10f64.powi(SMALLEST), 10f64.powi(LARGEST)];
    let norms = Panel::new("ℓ₁ norm of the limit", "r", "‖β‖₁")
        .log_x()
        .series(Look::Line, "limit", of(|limit| limit.l1))
        .series(Look::Dashed, "least of all solutions", ends.map(|r| (r, problem.sparse_l1)))
        .legend(Corner::TopLeft);
    let off = Panel::new("distance from two solutions", "r", "relative distance")
        .log_x()
        .log_y()
        .series(Look::Line, "from that of least ℓ₁ norm", of(|limit| limit.l1_off))
        .series(Look::Line, "from that of least ℓ₂ norm", of(|limit| limit.l2_off))
        .y_range(1e-8, 10.0)
        .legend(Corner::BottomLeft);
    Figure::new("projection", "Which solution the mirror flow finds from 0").panel(norms).panel(off)
}

fn lemma(powers: &[Power]) -> Figure {
    let panel = |title: &str, label: &str, of: fn((f64, f64)) -> f64| {
        let mut panel = Panel::new(title, "t", label).log_x().log_y();
        for power in powers {
            let flow = power.curve.iter().step_by(4).map(|at| (at.0, of((at.1, at.2))));
            let times = power.curve.iter().map(|at| at.0);
            let exact = times.map(|t| (t, of(entropy::exact(power.n, t))));
            panel = panel.series(Look::Line, format!("n = {}", power.n), exact).series(
                Look::Points,
                "",
                flow,
            );
        }
        panel.legend(Corner::BottomLeft)
    };
    Figure::new("lemma", "Lemma 5.1: lines as stated, dots by integration")
        .panel(panel("the objective", "F", |x| x.0))
        .panel(panel("the divergence", "D(0, β)", |x| x.1))
}

fn decay(slow: &[Slow]) -> Figure {
    let mut panel = Panel::new("", "t", "D(0, β)").log_x().log_y().y_range(1e-8, 2.0);
    for (slow, power) in slow.iter().zip(["⁻¹", "⁻²", "⁻³", "⁻⁴"]) {
        panel = panel.series(Look::Line, format!("r = 10{power}"), slow.curve.iter().copied());
    }
    let times = (0..=60).map(|k| 10f64.powf(-2.0 + f64::from(k) / 8.0));
    panel = panel
        .series(Look::Dashed, "r = 0: 1/(2 t + 1)", times.map(|t| (t, exact(0.0, t))))
        .legend(Corner::BottomLeft);
    Figure::new("slow", "Least squares in one coordinate, from β = 1").panel(panel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_passes_no_verdict() {
        lab::checks::nan_is_noticed(&PROJECTION, |_, metrics| judged(metrics));
    }
}
