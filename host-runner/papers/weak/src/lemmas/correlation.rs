//! Lemma 3: how often random samples satisfy Assumption 2, |X^T X - D_X| <= (C_x^-)^2 / (2 sqrt n)
//! C_y^- / C_y^+.
//!
//! The left side is about 2 sqrt(n/d) E |x|^2, for samples of uniform direction, the right side at least
//! 1/(4 sqrt n): the assumption needs d ~ n^2 with a prefactor of several hundred.
//!
//! Only scalar products matter, and those of n Gaussian vectors in R^d have Bartlett's law: they are those
//! of the rows of a triangular n x n matrix with normal entries below the diagonal and the roots of
//! chi-squared variables on it. So d costs nothing.
use super::trials::{REPETITIONS, STREAM, trials};
use crate::shared::cells::Exponent;
use engine::exact;
use engine::parallel::Pool;
use lab::failure::Failure;
use lab::figure::{Corner, Look, Panel};
use lab::statistics::{Count, Share, Threshold, max};
use lab::{Context, Outcome, Preset, Verdict};
use nalgebra::DMatrix;
use reluflow::SamplesView;
use reluflow::geometry::Defect;
use reluflow::init::{Rng, normal, stream, uniform};

/// d / n^2.
const RATIOS: [usize; 9] = [8, 16, 32, 64, 128, 256, 512, 1024, 2048];

/// Measures, judges, draws.
pub fn lemma_3(context: &Context, pool: &Pool, out: &mut Outcome) -> Result<Panel, Failure> {
    let quick = context.config.preset == Preset::Quick;
    let sizes: &[usize] = if quick { &[4, 8, 16, 32, 64] } else { &[4, 8, 16, 32, 64, 128] };
    let draws = context.get(REPETITIONS);
    let mut panel = Panel::new("Lemma 3: Assumption 2", "d / n^2", "frequency")
        .log_x()
        .y_range(-0.02, 1.02)
        .legend(Corner::BottomRight);
    let mut halves = Vec::new();
    for &n in sizes {
        let mut points = Vec::new();
        for ratio in RATIOS {
            let (seed, d) = (context.config.seed, ratio * n * n);
            let holds = trials(context, pool, draws, |trial| {
                let mut rng = stream(seed, STREAM, 3 << 60 | (n as u64) << 40 | d as u64, trial);
                satisfied(&mut rng, n, d)
            })?;
            points.push((d, Share::of(&holds, |&holds| holds)));
        }
        // The fit is of a fall, and the share rises with d.
        let count = |&(d, share): &(usize, Share)| Count {
            x: -(d as f64).ln(),
            successes: share.successes,
            trials: share.trials,
        };
        let half = Threshold::fit(&points.iter().map(count).collect::<Vec<_>>());
        let ends = half.map_or([f64::NAN; 3], |fit| [fit.at, fit.high, fit.low]);
        let [at, low, high] = ends.map(|x| (-x).exp());
        out.metrics.push(format!("lemma3_d_half_n{n}"), at);
        out.metrics.push(format!("lemma3_d_half_low_n{n}"), low);
        out.metrics.push(format!("lemma3_d_half_high_n{n}"), high);
        out.metrics.push(format!("lemma3_d_half_over_n2_n{n}"), at / (n * n) as f64);
        halves.push(((n as f64).ln(), at.ln(), (high / low).ln() / (2.0 * 1.96)));
        let share = |&(d, share): &(usize, Share)| (d as f64 / (n * n) as f64, share.value());
        panel = panel.series(Look::Line, format!("n = {n}"), points.iter().map(share));
    }
    // d / n^2 still grows at the smaller n: few samples are not extreme.
    let last = Exponent::of(&halves[halves.len().saturating_sub(2)..]);
    out.metrics.push("lemma3_exponent", last.slope);
    out.metrics.push("lemma3_exponent_error", last.error);
    out.verdicts.push(Verdict::between(
        "half of all sample sets satisfy Assumption 2 at d ~ n^2: the power between the last two n",
        "arXiv 2502.16977, Lemma 3 and Assumption 2",
        last.slope,
        1.8,
        2.5,
    ));
    Ok(panel.guide_y(0.5, ""))
}

/// Whether a random set of n samples in R^d satisfies Assumption 2.
fn satisfied(rng: &mut impl Rng, n: usize, d: usize) -> Result<bool, Failure> {
    let mut x = vec![0.0; n * n];
    for (i, row) in x.chunks_mut(n).enumerate() {
        for (k, x) in row.iter_mut().enumerate().take(i + 1) {
            *x = if k < i { normal(rng) } else { chi_squared(rng, (d - i) as f64).sqrt() };
        }
        let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        let length = 1.0 + uniform(rng);
        row.iter_mut().for_each(|x| *x *= length / norm);
    }
    let y: Vec<f64> = (0..n).map(|_| 1.0 + uniform(rng)).collect();
    let rows = DMatrix::from_row_slice(n, n, &x);
    let mut overlaps = &rows * rows.transpose();
    overlaps.fill_diagonal(0.0);
    let defect = max(overlaps.symmetric_eigenvalues().iter().map(|x| x.abs()));
    let samples = SamplesView::new(&x, &y, n)?;
    let geometry = exact::geometry(samples, Defect::exact(defect));
    Ok(geometry.assumption_2() == Some(true))
}

/// A chi-squared variable of k >= 2 degrees of freedom, twice a gamma variable (Marsaglia and Tsang 2000).
fn chi_squared(rng: &mut impl Rng, k: f64) -> f64 {
    let shape = 0.5 * k - 1.0 / 3.0;
    loop {
        let x = normal(rng);
        let v = (1.0 + x / (9.0 * shape).sqrt()).powi(3);
        if v > 0.0 && (1.0 - uniform(rng)).ln() < 0.5 * x * x + shape * (1.0 - v + v.ln()) {
            return 2.0 * shape * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::statistics::mean_and_error;

    /// Mean k and variance 2 k.
    #[test]
    fn chi_squared_variables_have_their_moments() {
        for k in [2.0, 7.0, 1000.0] {
            let mut rng = stream(1, STREAM, 0, k as u64);
            let draws: Vec<f64> = (0..40_000).map(|_| chi_squared(&mut rng, k)).collect();
            let (found, error) = mean_and_error(&draws);
            assert!((found - k).abs() < 4.0 * error, "{k}: {found}");
            let (square, error) =
                mean_and_error(&draws.iter().map(|x| (x - k).powi(2)).collect::<Vec<_>>());
            assert!((square - 2.0 * k).abs() < 4.0 * error, "{k}: {square}");
        }
    }
}
