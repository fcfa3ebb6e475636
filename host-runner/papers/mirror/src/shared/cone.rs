//! How often |w_j| >= |b_j| for all neurons of a start, in closed form and by counting.
//!
//! One neuron has w in R^d and b in R of one law. By symmetry of scale neither alpha nor m matters but for
//! the power m.
use lab::Context;
use lab::failure::Failure;
use lab::statistics::Share;
use reluflow::init::{Rng, normal, stream, uniform};

/// Law of w_jk and b_j.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightLaw {
    /// Standard normal.
    Gaussian,
    /// Uniform on [-1, 1].
    Uniform,
}

impl WeightLaw {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Gaussian, Self::Uniform];

    /// As in names of metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gaussian => "gaussian",
            Self::Uniform => "uniform",
        }
    }

    /// P(|w| < |b|) of one neuron.
    ///
    /// Gaussian: b / |(w, b)| is a coordinate of a uniform point of the sphere, above 1/sqrt 2: 1 - P(Beta(1/2,
    /// d/2) <= 1/2), the share of angles below pi/4 under sin^(d-1). Uniform: E (1 - |w|)_+ = V_d / (2^d (d + 1)),
    /// V_d the volume of the unit ball.
    pub fn miss(self, d: usize) -> f64 {
        let quarter = std::f64::consts::FRAC_PI_4;
        match self {
            Self::Gaussian => {
                let below = |end: f64| simpson(end, |angle| angle.sin().powi(d as i32 - 1));
                below(quarter) / below(2.0 * quarter)
            }
            // V_d = V_(d-2) 2 pi / d, and 2^d takes a quarter of that.
            // V_d / 2^d = (pi / (2 d)) V_(d-2) / 2^(d-2), and it is 1 at d = 0 and 1.
            Self::Uniform => {
                let parts = (2..=d).rev().step_by(2).map(|k| 2.0 * quarter / k as f64);
                parts.product::<f64>() / (d as f64 + 1.0)
            }
        }
    }

    /// P(|w_j| >= |b_j| for all m neurons).
    pub fn probability(self, d: usize, m: usize) -> f64 {
        (m as f64 * (-self.miss(d)).ln_1p()).exp()
    }

    fn draw(self, rng: &mut impl Rng) -> f64 {
        match self {
            Self::Gaussian => normal(rng),
            Self::Uniform => 2.0 * uniform(rng) - 1.0,
        }
    }

    /// One neuron. Coordinates of w are drawn until they suffice.
    fn holds(self, d: usize, rng: &mut impl Rng) -> bool {
        let b = self.draw(rng);
        let mut left = b * b;
        (0..d).any(|_| {
            let w = self.draw(rng);
            left -= w * w;
            left <= 0.0
        })
    }

    /// Of `trials` starts, those where all neurons hold.
    pub fn count(
        self,
        context: &Context,
        (d, m): (usize, usize),
        trials: usize,
    ) -> Result<Share, Failure> {
        let cell = (d as u64) << 32 | m as u64;
        let mut successes = 0;
        for trial in 0..trials {
            if trial % 64 == 0 && context.interrupted() {
                return Err(context.stopped());
            }
            let mut rng = stream(context.config.seed, self.name(), cell, trial as u64);
            successes += usize::from((0..m).all(|_| self.holds(d, &mut rng)));
        }
        Ok(Share { successes, trials })
    }
}

/// The integral of f over [0, end], by Simpson's rule.
fn simpson(end: f64, f: impl Fn(f64) -> f64) -> f64 {
    const HALVES: usize = 2000;
    let h = end / (2 * HALVES) as f64;
    let inner: f64 =
        (1..2 * HALVES).map(|k| (if k % 2 == 1 { 4.0 } else { 2.0 }) * f(k as f64 * h)).sum();
    h / 3.0 * (f(0.0) + inner + f(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// d = 1: by symmetry one half; d = 2: 1 - 1/sqrt 2 on the sphere, pi/12 in the cube.
    #[test]
    fn few_dimensions_by_hand() {
        let near = |x: f64, y: f64| assert!((x - y).abs() < 1e-12, "{x} {y}");
        near(WeightLaw::Gaussian.miss(1), 0.5);
        near(WeightLaw::Gaussian.miss(2), 1.0 - 0.5f64.sqrt());
        near(WeightLaw::Uniform.miss(1), 0.5);
        near(WeightLaw::Uniform.miss(2), std::f64::consts::PI / 12.0);
        near(WeightLaw::Uniform.miss(3), std::f64::consts::PI / 24.0);
    }

    #[test]
    fn probabilities_to_three_digits() {
        for (d, m, gaussian, uniform) in [
            (5, 10, 0.456, 0.757),
            (10, 10, 0.903, 0.998),
            (5, 100, 0.0004, 0.062),
            (10, 100, 0.362, 0.978),
            (20, 100, 0.977, 1.0),
            (10, 1000, 0.0, 0.797),
            (20, 1000, 0.792, 1.0),
        ] {
            assert!((WeightLaw::Gaussian.probability(d, m) - gaussian).abs() < 6e-4, "{d} {m}");
            assert!((WeightLaw::Uniform.probability(d, m) - uniform).abs() < 6e-4, "{d} {m}");
        }
    }
}
