//! Lemma 4: at the start n mu is a mean over p neurons, about beta_0 = 2 E[(w^T X P Y)^2 + a^2 |X P Y|^2] /
//! |Y|^2 with fluctuations of order 1/sqrt p, where P = diag `1[<w, x_i> > 0]`.
//!
//! The mean has the residual Y - h(0) where beta_0 has Y; h(0) is of order 1/sqrt p as well.
use super::trials::{REPETITIONS, STREAM, trials};
use crate::shared::cells::Exponent;
use crate::shared::law::{Draw, INNER, NetworkId};
use engine::descent::{Memory, descent};
use engine::parallel::Pool;
use engine::trajectory::{Problem, Start};
use engine::{Kind, Numerics};
use lab::failure::Failure;
use lab::figure::{Look, Panel};
use lab::statistics::mean_and_error;
use lab::{Context, Outcome, Preset, Verdict};
use reluflow::Scale;

const N: usize = 10;
const D: usize = 100;
/// Neurons of each part of the mean that gives beta_0.
const PART: usize = 1 << 12;

/// Measures, judges, draws.
pub fn lemma_4(context: &Context, pool: &Pool, out: &mut Outcome) -> Result<Panel, Failure> {
    let quick = context.config.preset == Preset::Quick;
    let widths: &[usize] = if quick { &[64, 256, 1024] } else { &[64, 256, 1024, 4096] };
    let (seed, law) = (context.config.seed, context.get(INNER).0);
    let place = |p: usize, trial| NetworkId { seed, name: STREAM, cell: 4 << 60 | p as u64, trial };
    let data = Draw::sphere(place(0, 0), (1, N, D), law)?;
    let parts = if quick { 16 } else { 128 };
    let means = trials(context, pool, parts, |trial| {
        let start = place(PART, trial).start((PART, N, D), law)?;
        Ok(expected(&data, &start.0, &start.1))
    })?;
    let (beta, beta_error) = mean_and_error(&means);
    out.metrics.push("lemma4_beta0", beta);
    out.metrics.push("lemma4_beta0_error", beta_error);
    let (mut spread, mut worst) = (Vec::new(), 0.0);
    for &p in widths {
        let found = trials(context, pool, context.get(REPETITIONS), |trial| {
            // Beyond the trials that beta_0 took.
            let (w, a) = place(p, 1 << 32 | trial).start((p, N, D), law)?;
            at_start(&data, w, a)
        })?;
        let (value, error) = mean_and_error(&found);
        let deviation = error * (found.len() as f64).sqrt();
        out.metrics.push(format!("lemma4_mean_p{p}"), value);
        out.metrics.push(format!("lemma4_deviation_p{p}"), deviation);
        // Of a normal variable.
        let relative = 1.0 / (2.0 * (found.len() as f64 - 1.0)).sqrt();
        spread.push(((p as f64).ln(), deviation.ln(), relative));
        worst = (value - beta).abs() / error.hypot(beta_error);
    }
    let exponent = Exponent::of(&spread);
    out.metrics.push("lemma4_exponent", exponent.slope);
    out.metrics.push("lemma4_exponent_error", exponent.error);
    let source = "arXiv 2502.16977, Lemma 4 and (77)";
    out.verdicts.push(Verdict::at_most(
        "n mu(0) of the widest networks is beta_0 on average: distance in standard errors",
        source,
        worst,
        4.0,
    ));
    out.verdicts.push(Verdict::near(
        "n mu(0) fluctuates by 1/sqrt p: the power, to 4 standard errors",
        source,
        exponent.slope,
        -0.5,
        4.0 * exponent.error,
    ));
    let point = |p: &(f64, f64, f64)| (p.0.exp(), p.1.exp());
    let middle = |p: &(f64, f64, f64)| p.1 + 0.5 * p.0;
    let level = spread.iter().map(middle).sum::<f64>() / spread.len() as f64;
    Ok(Panel::new("Lemma 4: curvature at the start", "p", "standard deviation of n mu(0)")
        .log_x()
        .log_y()
        .series(Look::Points, "measured", spread.iter().map(point))
        .series(
            Look::Dashed,
            format!("{:.1} / sqrt p", level.exp()),
            spread.iter().map(|p| (p.0.exp(), (level - 0.5 * p.0).exp())),
        ))
}

/// The mean of 2 ((w^T X P Y)^2 + a^2 |X P Y|^2) / |Y|^2 over these neurons.
fn expected(data: &Draw, w: &[f64], a: &[f64]) -> f64 {
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let neuron = |(w, a): (&[f64], &f64)| {
        let mut sum = vec![0.0; D];
        for (x, y) in data.x.chunks(D).zip(&data.y) {
            if dot(w, x) > 0.0 {
                sum.iter_mut().zip(x).for_each(|(sum, x)| *sum += y * x);
            }
        }
        dot(w, &sum).powi(2) + a * a * dot(&sum, &sum)
    };
    let total: f64 = w.chunks(D).zip(a).map(neuron).sum();
    2.0 * total / a.len() as f64 / dot(&data.y, &data.y)
}

/// n mu(0) of a network.
fn at_start(data: &Draw, w: Vec<f64>, a: Vec<f64>) -> Result<f64, Failure> {
    let (x, y, start) = (data.x.clone(), data.y.clone(), Start { w, a, exponent: 0 });
    let problem = Problem { x, y, d: D, start, scale: Scale::OneOverP };
    let mut memory = Memory::default();
    let mut state = descent(Numerics::FAST, Kind::Dense, &problem, &Pool::ALONE, &mut memory)?;
    // What a step reports is measured where it starts; this one goes nowhere.
    Ok(N as f64 * state.step(0.0)?.mu.unwrap_or(f64::NAN))
}
