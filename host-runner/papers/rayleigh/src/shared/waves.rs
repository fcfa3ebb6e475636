//! Random sums of sines within the hypotheses of Proposition 4.7, their Rayleigh quotients and their flow.
use super::descent::Loss;
use lab::statistics::{larger, max, min, smaller};
use reluflow::init::{Rng, sign, uniform};
use reluflow::sines::Sines;

/// Smallest and largest |a_j|.
const AMPLITUDES: (f64, f64) = (0.5, 1.5);
/// Least R |w_j - w*_j|, unless eta is smaller: E h^2 must stay above its rounding.
const CLOSEST: f64 = 5e-5;

/// Sizes of a draw.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Terms.
    pub m: usize,
    /// Separation of w* times R.
    pub mu: f64,
    /// Largest R |w_j - w*_j|.
    pub eta: f64,
    /// R.
    pub radius: f64,
}

/// A model and its target.
#[derive(Debug, Clone)]
pub struct Pair {
    /// theta = (a, w).
    pub theta: Vec<f64>,
    /// (a*, w*).
    pub star: Vec<f64>,
}

/// R(K*; h, h) as a function of R, at fixed R w and R w*: `level` + R^2 `slope`.
#[derive(Debug, Clone, Copy)]
pub struct Quotient {
    /// What the amplitudes give.
    pub level: f64,
    /// What the frequencies give, over R^2.
    pub slope: f64,
    /// min(1, min_j a_j^2).
    pub alpha: f64,
}

impl Quotient {
    /// R(K*; h, h)/alpha in a window of half width `radius`.
    pub fn at(&self, radius: f64) -> f64 {
        (self.level + radius * radius * self.slope) / self.alpha
    }

    /// The R at which R(K*; h, h)/alpha is `bound`; 0 where it is above it in every window.
    pub fn meets(&self, bound: f64) -> f64 {
        let missing = bound * self.alpha - self.level;
        if missing <= 0.0 { 0.0 } else { (missing / self.slope).sqrt() }
    }
}

impl Pair {
    /// Frequencies of the target from mu up with gaps of mu to 1.2 mu, over R; those of the model within eta of them. Every third
    /// draw differs in all parameters, every third in frequencies only, every third in the frequency of the smallest amplitude: there the bound is tightest.
    pub fn draw(sizes: Sizes, kind: usize, rng: &mut impl Rng) -> Self {
        let Sizes { m, mu, eta, radius } = sizes;
        let mut at = 0.0;
        let star: Vec<f64> = (0..m)
            .map(|_| {
                at += mu * (1.0 + 0.2 * uniform(rng));
                at / radius
            })
            .collect();
        let amplitudes = |rng: &mut _| -> Vec<f64> {
            let (least, most) = AMPLITUDES;
            (0..m).map(|_| sign(rng) * (least + (most - least) * uniform(rng))).collect()
        };
        let a = amplitudes(rng);
        let other = if kind.is_multiple_of(3) { amplitudes(rng) } else { a.clone() };
        let chosen = (0..m).min_by(|&i, &j| a[i].abs().total_cmp(&a[j].abs())).unwrap_or(0);
        let closest = smaller(larger(0.05 * eta, CLOSEST), eta);
        let near = (0..m).map(|j| {
            let shift = sign(rng) * (closest + (eta - closest) * uniform(rng)) / radius;
            if kind % 3 == 2 && j != chosen { star[j] } else { star[j] + shift }
        });
        let near = near.collect();
        Self { theta: [a, near].concat(), star: [other, star].concat() }
    }

    /// Two sines of opposite frequencies, w* = (mu, -mu)/R and w = (mu + eta, eta - mu)/R, with a = (1, -1): h is then
    /// 2 sin(mu x/R) (cos(eta x/R) - b), and this b makes it orthogonal to both sines of the model. The separation that is printed
    /// allows it; as sin(-w x) = -sin(w x), the two terms are nearly the same function.
    pub fn mirrored(mu: f64, eta: f64, radius: f64) -> Self {
        let overlap = |u: f64, v: f64| {
            let of = |w: &[f64]| Sines::new(&[1.0], w).map(|one| one.product(one, 1.0));
            let both = Sines::new(&[1.0, 1.0], &[u, v]).map(|two| two.product(two, 1.0));
            // 2 <f, g> = |f + g|^2 - |f|^2 - |g|^2.
            match (both, of(&[u]), of(&[v])) {
                (Ok(both), Ok(one), Ok(other)) => 0.5 * (both - one - other),
                _ => f64::NAN,
            }
        };
        let [up, down] = [mu + eta, mu - eta];
        let sum = |v: f64| overlap(up, v) + overlap(down, v);
        let b = (sum(up) + sum(down)) / (2.0 * sum(mu));
        let over = |w: f64| w / radius;
        Self {
            theta: vec![1.0, -1.0, over(up), -over(down)],
            star: vec![b, -b, over(mu), -over(mu)],
        }
    }

    /// R(K*; h, h) at the model, by the closed forms of the expectations.
    pub fn quotient(&self, radius: f64) -> Quotient {
        let mut out = vec![0.0; self.theta.len()];
        let square = residual(&self.theta, &self.star, radius, &mut out);
        let m = self.theta.len() / 2;
        let of = |part: &[f64]| part.iter().map(|v| v * v).sum::<f64>() / square;
        let alpha = min(self.theta[..m].iter().map(|a| a * a).chain([1.0]));
        Quotient { level: of(&out[..m]), slope: of(&out[m..]) / (radius * radius), alpha }
    }

    /// E h^2, the loss of the flow.
    pub fn loss(&self, radius: f64) -> Waves<'_> {
        Waves { star: &self.star, radius, theta: self.star.clone() }
    }
}

/// E h^2 and D^T h; NaN for lengths that do not fit, which no caller has.
fn residual(theta: &[f64], star: &[f64], radius: f64, out: &mut [f64]) -> f64 {
    let m = theta.len() / 2;
    let ((a, w), (b, v)) = (theta.split_at(m), star.split_at(m));
    let square = Sines::new(a, w)
        .and_then(|model| Sines::new(b, v).and_then(|target| model.gradient(target, radius, out)));
    square.unwrap_or(f64::NAN)
}

/// L = E h^2, grad L = 2 D^T h, in the chart (a, R (w - w*)): frequencies may be so large that an integrator's error of a part of them
/// is more than what they are off by.
#[derive(Debug)]
pub struct Waves<'a> {
    star: &'a [f64],
    radius: f64,
    theta: Vec<f64>,
}

impl Waves<'_> {
    /// A point of the chart.
    pub fn chart(&self, theta: &[f64]) -> Vec<f64> {
        let m = theta.len() / 2;
        let off = |k: usize| (theta[k] - self.star[k]) * self.radius;
        (0..2 * m).map(|k| if k < m { theta[k] } else { off(k) }).collect()
    }

    /// (a, w) of a point of the chart.
    pub fn theta(&mut self, point: &[f64]) -> &[f64] {
        let m = point.len() / 2;
        for (k, (theta, &x)) in self.theta.iter_mut().zip(point).enumerate() {
            *theta = if k < m { x } else { self.star[k] + x / self.radius };
        }
        &self.theta
    }
}

impl Loss for Waves<'_> {
    fn gradient(&mut self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let (star, radius) = (self.star, self.radius);
        let square = residual(self.theta(point), star, radius, gradient);
        let m = point.len() / 2;
        let slopes = gradient.iter_mut().enumerate();
        slopes.for_each(|(k, g)| *g *= if k < m { 2.0 } else { 2.0 / radius });
        square
    }

    fn speed(&self, k: usize) -> f64 {
        if k < self.star.len() / 2 { 1.0 } else { self.radius * self.radius }
    }
}

/// F(x).
pub fn signal(theta: &[f64], x: f64) -> f64 {
    let (a, w) = theta.split_at(theta.len() / 2);
    a.iter().zip(w).map(|(a, w)| a * (w * x).sin()).sum()
}

/// max |F(x) - F*(x)| on [0, `to`].
pub fn gap(theta: &[f64], star: &[f64], to: f64) -> f64 {
    let points = (0..=4000).map(|k| to * f64::from(k) / 4000.0);
    max(points.map(|x| (signal(theta, x) - signal(star, x)).abs()))
}

#[cfg(test)]
mod tests {
    use super::super::region::Region;
    use super::*;
    use reluflow::init::stream;

    /// It is the target's frequencies that are separated, from each other and from 0.
    #[test]
    fn draws_are_within_the_hypotheses() {
        let sizes = Sizes { m: 3, mu: 60.0, eta: 0.1, radius: 2.0 };
        for trial in 0..300 {
            let mut rng = stream(1, "waves-test", 0, trial);
            let pair = Pair::draw(sizes, trial as usize, &mut rng);
            let v: Vec<f64> = pair.star[3..].iter().map(|v| 2.0 * v).collect();
            let least = 60.0 - 1e-12;
            assert!(v[0] >= least && v[1] - v[0] >= least && v[2] - v[1] >= least, "{v:?}");
            let far = pair.star[3..].iter().zip(&pair.theta[3..]);
            assert!(far.clone().all(|(v, w)| 2.0 * (v - w).abs() <= 0.1 + 1e-12));
            assert!(far.clone().any(|(v, w)| v != w), "h is not 0");
        }
    }

    #[test]
    fn a_quotient_is_split_by_the_width_of_the_window() {
        for trial in 0..30 {
            let of = |radius: f64| {
                let mut rng = stream(1, "waves-test", 1, trial);
                let sizes = Sizes { m: 3, mu: 60.0, eta: 0.1, radius };
                Pair::draw(sizes, trial as usize, &mut rng).quotient(radius)
            };
            let (one, two) = (of(0.7), of(2.0));
            assert!((one.at(2.0) / two.at(2.0) - 1.0).abs() < 1e-6);
            let meets = one.meets(0.1);
            assert!(meets == 0.0 || (one.at(meets) / 0.1 - 1.0).abs() < 1e-12);
        }
    }

    /// Each least quotient with the factor min(1, R^2/2) is at R = sqrt 2, for it is a + b R^2.
    #[test]
    fn the_printed_bound_holds_from_the_square_root_of_two_on() {
        for (cell, (m, mu, eta)) in [
            (1, 30.0, 0.05),
            (2, 60.0, 0.1),
            (2, 5000.0, 1e-3),
            (3, 500.0, 0.7),
            (5, 80.0, 0.4),
            (20, 200.0, 0.05),
            (40, 200.0, 0.02),
        ]
        .into_iter()
        .enumerate()
        {
            let region = Region::new(m, mu, eta);
            assert!(region.promises(), "{m} {mu} {eta}: {region:?}");
            let sizes = Sizes { m, mu, eta, radius: 1.0 };
            let draws: Vec<Quotient> = (0..120)
                .map(|trial| {
                    let mut rng = stream(2, "waves-test", cell as u64, trial);
                    Pair::draw(sizes, trial as usize, &mut rng).quotient(1.0)
                })
                .collect();
            let least = min(draws.iter().map(|draw| draw.at(2f64.sqrt())));
            assert!(least >= region.bound(), "{m} {mu} {eta}: {least} {}", region.bound());
            let fails = max(draws.iter().map(|draw| draw.meets(region.bound())));
            let over = fails / region.narrow();
            assert!(region.bound() < 3e-3 || (0.9..1.15).contains(&over), "{m} {mu} {eta}: {over}");
        }
    }

    #[test]
    fn opposite_frequencies_break_the_bound_in_every_window() {
        let region = Region::new(2, 60.0, 0.1);
        for radius in [0.5, 2f64.sqrt(), 2.0] {
            let quotient = Pair::mirrored(60.0, 0.1, radius).quotient(radius);
            assert_eq!(quotient.alpha, 1.0);
            assert!(quotient.at(radius) < 0.2 * region.bound(), "{radius}: {quotient:?}");
        }
    }
}
