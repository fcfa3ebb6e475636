//! Lemma 7 on random networks and samples: how often each form of the upper bound fails.
use engine::exact::lemma_7;
use engine::facts::Facts;
use lab::failure::Failure;
use lab::figure::{Corner, Figure, Look, Panel};
use lab::statistics::{Share, max};
use lab::{Numbers, Verdict};
use reluflow::init::{Rng, normal, stream, uniform};
use reluflow::{NetView, SamplesView, Scale};

/// Sizes are drawn from 1 or 2 up to these: p, n, d.
const SIZES: [usize; 3] = [4, 10, 3];
const LEMMA: &str = "arXiv 2502.16977, Lemma 7";

/// One network on its samples.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    /// |X^T X - D_X| / (C_x^+)^2.
    defect: f64,
    /// mu over the lower bound, which counts as 0 where it is negative.
    lower: f64,
    /// mu over the upper bound.
    upper: f64,
    /// mu over the printed one.
    printed: f64,
}

/// Many of them, on samples of two kinds.
#[derive(Debug)]
pub struct Draws {
    oblique: Vec<Drawn>,
    orthogonal: Vec<Drawn>,
}

/// p |grad L|^2 / L of a network.
pub fn mu(net: NetView<f64>, samples: SamplesView<f64>, scale: Scale) -> Result<f64, Failure> {
    let (mut w, mut a) = (vec![0.0; net.p() * net.d()], vec![0.0; net.p()]);
    let step = net.gradient(samples, scale, &mut w, &mut a)?;
    Ok(step.mu().unwrap_or(f64::NAN))
}

impl Draws {
    /// `count` of each kind.
    pub fn of(seed: u64, count: usize) -> Result<Self, Failure> {
        let draws = |orthogonal: bool| {
            let each = (0..count as u64).map(|trial| {
                let mut rng = stream(seed, "weak-lemma-7", u64::from(orthogonal), trial);
                Drawn::new(orthogonal, &mut rng)
            });
            each.collect::<Result<Vec<_>, _>>()
        };
        Ok(Self { oblique: draws(false)?, orthogonal: draws(true)? })
    }

    /// Violations and the worst ratios.
    pub fn measure(&self, metrics: &mut Numbers) {
        let count = |drawn: &[Drawn], over: fn(&Drawn) -> f64| {
            // NaN is not below.
            let below = Share::of(drawn, |drawn| over(drawn) <= 1.0 + 1e-12).successes;
            (drawn.len() - below) as f64
        };
        let most = |over: fn(&Drawn) -> f64| max(self.oblique.iter().map(over));
        let below = |drawn: &[Drawn]| {
            let above = Share::of(drawn, |drawn| drawn.lower >= 1.0 - 1e-12).successes;
            (drawn.len() - above) as f64
        };
        // Here NaN is no violation: that there are some is the claim.
        let violations = Share::of(&self.oblique, |drawn| drawn.printed > 1.0 + 1e-12).successes;
        for (name, value) in [
            ("draws", self.oblique.len() as f64),
            ("printed_violations", violations as f64),
            ("printed_worst", most(|drawn| drawn.printed)),
            ("printed_violations_orthogonal", count(&self.orthogonal, |drawn| drawn.printed)),
            ("upper_violations", count(&self.oblique, |drawn| drawn.upper)),
            ("upper_tightest", most(|drawn| drawn.upper)),
            ("lower_violations", below(&self.oblique) + below(&self.orthogonal)),
        ] {
            metrics.push(name, value);
        }
    }

    /// Of what [`measure`](Self::measure) found.
    pub fn judged(&self, metrics: &Numbers) -> [Verdict; 4] {
        [
            Verdict::at_least(
                "the printed upper bound fails on random samples: share of the networks",
                LEMMA,
                metrics.number("printed_violations") / metrics.number("draws"),
                0.01,
            ),
            Verdict::equal(
                "on orthogonal ones it does not: networks above it",
                LEMMA,
                metrics.number("printed_violations_orthogonal"),
                0.0,
            ),
            Verdict::equal(
                "the corrected one never does: networks above it",
                "arXiv 2502.16977, Lemma 7 with the defect in the upper bound",
                metrics.number("upper_violations"),
                0.0,
            ),
            Verdict::equal(
                "nor does the lower bound: networks below it",
                LEMMA,
                metrics.number("lower_violations"),
                0.0,
            ),
        ]
    }

    /// mu over both forms of the bound.
    pub fn figure(&self) -> Figure {
        let dots = |drawn: &[Drawn], over: fn(&Drawn) -> f64| {
            let shown = drawn.iter().take(1000);
            shown.map(|drawn| (drawn.defect, over(drawn))).collect::<Vec<_>>()
        };
        let panel = |title: &str| {
            let axis = "|X^T X - D_X| / (C_x^+)^2";
            Panel::new(title, axis, "mu over the bound").guide_y(1.0, "the bound")
        };
        let printed = panel("as printed")
            .series(Look::Points, "", dots(&self.oblique, |drawn| drawn.printed))
            .legend(Corner::TopLeft);
        let corrected = panel("with the defect")
            .series(Look::Points, "", dots(&self.oblique, |drawn| drawn.upper))
            .y_range(0.0, 1.1);
        Figure::new("lemma-7", "Upper bound of mu on random networks")
            .panel(printed)
            .panel(corrected)
    }
}

impl Drawn {
    fn new(orthogonal: bool, rng: &mut impl Rng) -> Result<Self, Failure> {
        let mut size =
            |most: usize, least: usize| least + (uniform(rng) * (most + 1 - least) as f64) as usize;
        let (p, n, d) = (size(SIZES[0], 1), size(SIZES[1], 2), size(SIZES[2], 1));
        let d = if orthogonal { n } else { d };
        let mut numbers = |count: usize| (0..count).map(|_| normal(rng)).collect::<Vec<f64>>();
        let (mut x, y, w, a) = (numbers(n * d), numbers(n), numbers(p * d), numbers(p));
        if orthogonal {
            for (_, x) in x.iter_mut().enumerate().filter(|(at, _)| at % (d + 1) != 0) {
                *x = 0.0;
            }
        }
        let samples = SamplesView::new(&x, &y, d)?;
        let net = NetView::new(&w, &a, d)?;
        let geometry = Facts::of(samples, f64::EPSILON)?.geometry;
        let dot = |w: &[f64], x: &[f64]| w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
        let rows = w.chunks_exact(d);
        let z: Vec<f64> = rows.flat_map(|w| x.chunks_exact(d).map(|x| dot(w, x))).collect();
        let scale = Scale::OneOverP;
        let bounds = lemma_7(net, &z, scale, &geometry, &mut vec![0.0; p])?;
        let mu = mu(net, samples, scale)?;
        // A network that sees no sample has mu = 0 and both upper bounds 0.
        let over = |bound: f64| if mu == 0.0 { 0.0 } else { mu / bound };
        Ok(Self {
            defect: geometry.defect.upper / geometry.x_max.powi(2),
            lower: if bounds.lower <= 0.0 { f64::INFINITY } else { mu / bounds.lower },
            upper: over(bounds.upper),
            printed: over(bounds.upper_printed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// n times the same sample and residual: mu is n times the printed bound.
    #[test]
    fn the_printed_bound_fails_by_the_number_of_samples() {
        let n = 7;
        let (x, y) = (vec![1.0; n], vec![5.0; n]);
        let samples = SamplesView::new(&x, &y, 1).unwrap();
        let net = NetView::new(&[0.6], &[0.6], 1).unwrap();
        let geometry = Facts::of(samples, f64::EPSILON).unwrap().geometry;
        let bounds = lemma_7(net, &[0.6; 7], Scale::OneOverP, &geometry, &mut [0.0]);
        let (bounds, mu) = (bounds.unwrap(), mu(net, samples, Scale::OneOverP).unwrap());
        assert!((mu / bounds.upper_printed - n as f64).abs() < 1e-12);
        assert!((mu / bounds.upper - 1.0).abs() < 1e-12, "the corrected one is attained");
    }
}
