//! Lemma 8, on orthogonal samples: pairs (neuron, sample) with a_j y_i < 0 die by a time of order
//! t_n = 2 n max <w_j, x_i>_+ / (C_y^- (C_x^-)^2 sqrt A), and pairs with a_j y_i > 0 all stay alive.
//!
//! a_j^2 - |w_j|^2 is conserved, so with A its least value |a_j| >= sqrt A for ever, and u_ji falls at
//! sqrt A |r_i| |x_i|^2 / n or faster. t_n is the time it takes if |r_i| >= |y_i|/2 as long. Where a sample
//! is learned sooner, and few samples are, a wrong pair is left alive.
use super::trials::{REPETITIONS, STREAM, trials};
use crate::shared::axes::Axes;
use crate::shared::law::{INNER, NetworkId};
use crate::shared::protocol::{Protocol, epochs};
use engine::descent::{Memory, descent};
use engine::parallel::Pool;
use engine::trajectory::{Problem, Start};
use engine::{Kind, Numerics};
use lab::Control;
use lab::failure::Failure;
use lab::figure::{Corner, Look, Panel};
use lab::statistics::{Share, max, mean, min};
use lab::{Context, Outcome, Preset, Verdict};
use reluflow::Scale;

/// Step while pairs die, which takes a hundred times as long or more.
const SHORT: f64 = 0.05;
/// Step from then on: the published code's.
const LONG: f64 = 1.0;

/// What became of the pairs of a network.
#[derive(Debug, Clone, Copy)]
struct Fate {
    /// When the last wrong pair died; infinite where one is left after twice t_n.
    last: f64,
    /// t_n.
    scale: f64,
    /// Correct pairs at the start, and how many of them are left when the samples are learned.
    correct: (usize, usize),
}

/// Measures, judges, draws.
pub fn lemma_8(context: &Context, pool: &Pool, out: &mut Outcome) -> Result<Panel, Failure> {
    let quick = context.config.preset == Preset::Quick;
    let sizes: &[usize] = if quick { &[50, 200] } else { &[50, 100, 200, 500, 1000, 2000] };
    let (seed, law) = (context.config.seed, context.get(INNER).0);
    let mut points = Vec::new();
    let (mut lost, mut survived) = (0, 0);
    for &n in sizes {
        let p = Protocol::Published.width(n);
        let fates = trials(context, pool, context.get(REPETITIONS).div_ceil(10), |trial| {
            let cell = 8 << 60 | n as u64;
            let place = NetworkId { seed, name: STREAM, cell, trial };
            let axes = Axes::once(place, (p, n, n), law)?;
            fate(&axes, context.control())
        })?;
        let gone: Vec<&Fate> = fates.iter().filter(|fate| fate.last.is_finite()).collect();
        let kept = Share::of(&fates, |fate| fate.correct.0 == fate.correct.1);
        let ratios: Vec<f64> = gone.iter().map(|fate| fate.last / fate.scale).collect();
        let times: Vec<f64> = gone.iter().map(|fate| fate.last).collect();
        let all = Share { successes: gone.len(), trials: fates.len() };
        out.metrics.push(format!("lemma8_last_death_n{n}"), mean(&times));
        out.metrics.push(format!("lemma8_ratio_n{n}"), mean(&ratios));
        out.metrics.push(format!("lemma8_ratio_most_n{n}"), max(&ratios));
        for (name, share) in [("all_gone", all), ("all_kept", kept)] {
            let (low, high) = share.interval();
            out.metrics.push(format!("lemma8_{name}_n{n}"), share.value());
            out.metrics.push(format!("lemma8_{name}_low_n{n}"), low);
            out.metrics.push(format!("lemma8_{name}_high_n{n}"), high);
        }
        lost += kept.trials - kept.successes;
        survived = all.trials - all.successes;
        points.extend(ratios.iter().map(|&ratio| (n as f64, ratio)));
    }
    let source = "arXiv 2502.16977, Lemma 8 and (47)";
    let mut judge = |verdict| out.verdicts.push(verdict);
    judge(Verdict::at_most(
        "wrong activations that die are gone by t_n: the latest, in t_n",
        source,
        max(points.iter().map(|point| point.1)),
        1.0,
    ));
    judge(Verdict::equal(
        "all wrong activations die, at the largest n: networks that keep one",
        source,
        survived as f64,
        0.0,
    ));
    judge(Verdict::equal(
        "correct activations are all kept until the samples are learned: networks that lose one",
        source,
        lost as f64,
        0.0,
    ));
    Ok(Panel::new("Lemma 8: wrong activations die", "n", "last death / t_n")
        .log_x()
        .log_y()
        .series(Look::Points, "networks", points)
        .guide_y(1.0, "t_n")
        .legend(Corner::BottomLeft))
}

fn fate(axes: &Axes, control: Option<Control>) -> Result<Fate, Failure> {
    let Axes { c, y, w, a } = axes;
    let (p, n) = (a.len(), y.len());
    let mut u: Vec<f64> = axes.u(1.0).collect();
    let surplus = |(w, a): (&[f64], &f64)| a * a - w.iter().map(|w| w * w).sum::<f64>();
    let slowest = min(w.chunks(w.len() / p).zip(a).map(surplus)).sqrt();
    let (x_min, y_min) = (min(c), min(y.iter().map(|y| y.abs())));
    let top = max(&u);
    let scale = 2.0 * n as f64 * top / (y_min * x_min * x_min * slowest);

    // Pairs alive with a_j y_i > 0, and with a_j y_i < 0.
    let count = |u: &[f64]| {
        let pairs = u.chunks(n).zip(a).flat_map(|(row, a)| row.iter().zip(y).map(move |p| (p, a)));
        pairs.filter(|((u, _), _)| **u > 0.0).fold((0, 0), |(right, wrong), ((_, y), a)| {
            if a * y > 0.0 { (right + 1, wrong) } else { (right, wrong + 1) }
        })
    };
    let axis = Start { w: vec![1.0; p], a: a.clone(), exponent: 0 };
    let problem = Problem { x: c.clone(), y: y.clone(), d: 1, start: axis, scale: Scale::OneOverP };
    let mut memory = Memory::default();
    let (numerics, kind) = (Numerics::FAST, Kind::Orthogonal);
    let mut state = descent(numerics, kind, &problem, &Pool::ALONE, &mut memory)?;
    state.restore(&u, a)?;
    let (correct, _) = count(&u);
    let (mut last, mut t) = (f64::INFINITY, 0.0);
    while t < 2.0 * scale {
        // The signs need be looked at only when as many are alive as may stay.
        if state.live().is_some_and(|live| live <= correct) {
            state.pre_activations(&mut u)?;
            if count(&u).1 == 0 {
                last = t;
                break;
            }
        }
        state.step(Control::effective_dt(control, SHORT))?;
        t += SHORT;
    }
    let patience = 10 * epochs(p, n);
    for _ in 0..patience {
        let loss = state.step(Control::effective_dt(control, LONG))?.loss;
        if 2.0 * n as f64 * loss < 1e-6 || !loss.is_finite() {
            break;
        }
    }
    state.pre_activations(&mut u)?;
    Ok(Fate { last, scale, correct: (correct, count(&u).0) })
}
