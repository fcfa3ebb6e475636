//! Lemma 5: every sample has a neuron of its sign that is active at it, with a probability of at
//! least 1 - n (3/4)^p.
//!
//! On samples along the axes the probability is known: with k of p neurons of positive sign a sample
//! of positive sign has none with probability 2^-k, independently of the others, so that
//! P = E (1 - (2^-k + 2^(k-p))/2)^n with k binomial. On other samples the bound holds by the same union.
use super::trials::{REPETITIONS, STREAM, trials};
use crate::shared::axes::Axes;
use crate::shared::law::{Draw, INNER, NetworkId};
use crate::shared::protocol::Protocol;
use engine::parallel::Pool;
use lab::failure::Failure;
use lab::figure::{Corner, Look, Panel};
use lab::statistics::{Share, larger, smaller};
use lab::{Context, Outcome, Preset, Verdict};
use reluflow::geometry::lemma_5_probability;

/// Dimension of the samples that are not orthogonal.
const D: usize = 30;

/// Measures, judges, draws.
pub fn lemma_5(context: &Context, pool: &Pool, out: &mut Outcome) -> Result<Panel, Failure> {
    let quick = context.config.preset == Preset::Quick;
    let sizes: &[usize] = if quick { &[100] } else { &[100, 1000] };
    let (seed, law) = (context.config.seed, context.get(INNER).0);
    let draws = context.get(REPETITIONS);
    let mut panel = Panel::new("Lemma 5: a neuron for every sample", "p", "frequency")
        .y_range(-0.02, 1.02)
        .legend(Corner::BottomRight);
    let (mut farthest, mut room, mut code): (f64, f64, f64) = (0.0, f64::INFINITY, 1.0);
    for &n in sizes {
        let own = Protocol::Published.width(n);
        let mut shares = Vec::new();
        for p in [own - 12, own - 8, own - 4, own, own + 4] {
            let place = |cell: u64, trial| {
                let cell = cell << 60 | (n as u64) << 20 | p as u64;
                NetworkId { seed, name: STREAM, cell, trial }
            };
            let axes = trials(context, pool, draws, |trial| {
                Ok(Axes::once(place(5, trial), (p, n, n), law)?.well_initialised())
            })?;
            let sphere = trials(context, pool, draws, |trial| {
                Ok(covered(&Draw::sphere(place(6, trial), (p, n, D), law)?))
            })?;
            let (known, bound) = (exact(n, p), lemma_5_probability(n, p));
            for (name, good) in [("axes", axes), ("sphere", sphere)] {
                let share = Share::of(&good, |&good| good);
                let (low, high) = share.interval();
                out.metrics.push(format!("lemma5_{name}_n{n}_p{p}"), share.value());
                out.metrics.push(format!("lemma5_{name}_low_n{n}_p{p}"), low);
                out.metrics.push(format!("lemma5_{name}_high_n{n}_p{p}"), high);
                let spread = (bound * (1.0 - bound) / share.trials as f64).sqrt();
                // A bound of 0 asks for nothing.
                if bound != 0.0 {
                    room = smaller(room, (share.value() - bound) / spread);
                }
                if p == own {
                    code = smaller(code, high);
                }
                if name == "axes" {
                    let deviation = (known * (1.0 - known) / share.trials as f64).sqrt();
                    farthest = larger(farthest, (share.value() - known).abs() / deviation);
                    shares.push((p as f64, share.value()));
                }
            }
            out.metrics.push(format!("lemma5_exact_n{n}_p{p}"), known);
            out.metrics.push(format!("lemma5_bound_n{n}_p{p}"), bound);
        }
        let curve = |of: fn(usize, usize) -> f64| {
            (own - 12..=own + 4).map(|p| (p as f64, of(n, p))).collect::<Vec<_>>()
        };
        panel = panel
            .series(Look::Points, format!("axes, n = {n}"), shares)
            .series(Look::Line, format!("exact, n = {n}"), curve(exact))
            .series(Look::Dashed, format!("bound, n = {n}"), curve(lemma_5_probability));
    }
    let source = "arXiv 2502.16977, Lemma 5";
    let mut judge = |verdict| out.verdicts.push(verdict);
    judge(Verdict::at_least(
        "P >= 1 - n (3/4)^p, on the axes and off them: the least excess in standard errors",
        source,
        room,
        -4.0,
    ));
    judge(Verdict::at_least(
        "at the code's width P is at least 0.95: the least upper end",
        source,
        code,
        0.95,
    ));
    judge(Verdict::at_most(
        "on the axes it is E (1 - (2^-k + 2^(k-p))/2)^n: largest distance in standard errors",
        "k, the number of positive neurons, is binomial; given it samples are independent",
        farthest,
        4.0,
    ));
    Ok(panel)
}

/// P on the axes.
fn exact(n: usize, p: usize) -> f64 {
    let half = |k: usize| 0.5f64.powi(k as i32);
    let mut binomial = half(p);
    let mut sum = 0.0;
    for k in 0..=p {
        sum += binomial * (1.0 - 0.5 * (half(k) + half(p - k))).powi(n as i32);
        binomial *= (p - k) as f64 / (k + 1) as f64;
    }
    sum
}

/// Whether every sample has a neuron of its sign that is active at it.
fn covered(draw: &Draw) -> bool {
    let active = |x: &[f64], w: &[f64]| x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>() > 0.0;
    draw.x
        .chunks(D)
        .zip(&draw.y)
        .all(|(x, y)| draw.w.chunks(D).zip(&draw.a).any(|(w, a)| a * y > 0.0 && active(x, w)))
}
