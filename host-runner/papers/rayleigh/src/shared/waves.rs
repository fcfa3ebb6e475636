//! Random sums of sines within the hypotheses of Proposition 4.7, their Rayleigh quotients and their flow.
use super::descent::Loss;
use lab::statistics::{max, min};
use reluflow::init::{Rng, sign, uniform};
use reluflow::sines::Sines;

/// Smallest and largest |a_j|.
const AMPLITUDES: (f64, f64) = (0.5, 1.5);

/// Sizes of a draw.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Terms.
    pub m: usize,
    /// Separation of the 2m points +-R w_j.
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

/// |D^T h|^2/E h^2 and alpha = min(1, min a_j^2).
#[derive(Debug, Clone, Copy)]
pub struct Quotient {
    /// R(K*; h, h).
    pub value: f64,
    /// alpha.
    pub alpha: f64,
}

impl Pair {
    /// Model frequencies from mu/2 up with gaps of mu to 1.2 mu, the target's within eta of them. Every third draw differs in all
    /// parameters, every third in frequencies only, every third in a single frequency: there the bound is tightest.
    pub fn draw(sizes: Sizes, kind: usize, rng: &mut impl Rng) -> Self {
        let Sizes { m, mu, eta, radius } = sizes;
        let mut at = -0.5 * mu;
        let w: Vec<f64> = (0..m)
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
        let chosen = ((uniform(rng) * m as f64) as usize).min(m - 1);
        let near: Vec<f64> = (0..m)
            .map(|j| {
                let shift = sign(rng) * eta * (0.05 + 0.95 * uniform(rng)) / radius;
                if kind % 3 == 2 && j != chosen { w[j] } else { w[j] + shift }
            })
            .collect();
        Self { theta: [a, w].concat(), star: [other, near].concat() }
    }

    /// R(K*; h, h) at the model, by the closed forms of the expectations.
    pub fn quotient(&self, radius: f64) -> Quotient {
        let mut out = vec![0.0; self.theta.len()];
        let square = residual(&self.theta, &self.star, radius, &mut out);
        let (a, _) = self.theta.split_at(self.theta.len() / 2);
        let alpha = min(a.iter().map(|a| a * a).chain([1.0]));
        Quotient { value: out.iter().map(|v| v * v).sum::<f64>() / square, alpha }
    }

    /// E h^2, the loss of the flow.
    pub fn loss(&self, radius: f64) -> Waves<'_> {
        Waves { star: &self.star, radius }
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

/// L(theta) = E h^2, grad L = 2 D^T h.
#[derive(Debug)]
pub struct Waves<'a> {
    star: &'a [f64],
    radius: f64,
}

impl Loss for Waves<'_> {
    fn gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let square = residual(theta, self.star, self.radius, gradient);
        gradient.iter_mut().for_each(|g| *g *= 2.0);
        square
    }
}

/// max |F(x) - F*(x)| on [0, `to`].
pub fn gap(theta: &[f64], star: &[f64], to: f64) -> f64 {
    let m = theta.len() / 2;
    let value = |theta: &[f64], x: f64| -> f64 {
        let (a, w) = theta.split_at(m);
        a.iter().zip(w).map(|(a, w)| a * (w * x).sin()).sum()
    };
    let points = (0..=4000).map(|k| to * f64::from(k) / 4000.0);
    max(points.map(|x| (value(theta, x) - value(star, x)).abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reluflow::init::stream;

    #[test]
    fn draws_are_within_the_hypotheses() {
        let sizes = Sizes { m: 3, mu: 60.0, eta: 0.1, radius: 2.0 };
        for trial in 0..300 {
            let mut rng = stream(1, "waves-test", 0, trial);
            let pair = Pair::draw(sizes, trial as usize, &mut rng);
            let w: Vec<f64> = pair.theta[3..].iter().map(|w| 2.0 * w).collect();
            assert!(2.0 * w[0] >= 60.0 && w[1] - w[0] >= 60.0 && w[2] - w[1] >= 60.0, "{w:?}");
            let far = pair.star[3..].iter().zip(&pair.theta[3..]);
            assert!(far.clone().all(|(v, w)| 2.0 * (v - w).abs() <= 0.1 + 1e-12));
            assert!(far.clone().any(|(v, w)| v != w), "h is not 0");
        }
    }
}
