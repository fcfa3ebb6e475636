//! Data and start of a network.
use super::family::{DATA, Family, Law, N, NONE, Network, RADIUS, START, TARGETS, THETA};
use super::neighbours::Neighbours;
use super::own;
use super::samples::Samples;
use lab::failure::Failure;
use lab::{Context, Precision};
use rand_core::Rng;
use reluflow::deep::parameters;
use reluflow::init;

/// Nearest neighbours of a sample in the graph of `general-gcn`.
const NEAREST: usize = 10;

impl Samples {
    /// The user's, or inputs uniform in a ball with normal targets. Rounded to the run's precision, so
    /// that looks in f64 see what was trained on.
    pub fn of(context: &Context, family: Family) -> Result<Self, Failure> {
        let own = || (context.get(DATA), context.get(TARGETS));
        let (data, targets) = if family == Family::Dense { own() } else { (NONE, 0) };
        let mut samples = match data {
            NONE => Self::random(context, family),
            path => own::samples(path, targets)?,
        };
        for values in [&mut samples.x, &mut samples.y] {
            round(context.config.precision, values);
        }
        if family == Family::Graph {
            let inputs = samples.ends.0;
            samples.graph = Some(Neighbours::nearest(&samples.x, inputs, NEAREST));
        }
        Ok(samples)
    }

    fn random(context: &Context, family: Family) -> Self {
        let (n, radius) = (context.get(N), context.get(RADIUS));
        let ends = family.ends(context);
        let mut rng = init::stream(context.config.seed, context.config.experiment, 0, 0);
        let x = (0..n).flat_map(|_| in_ball(ends.0, radius, &mut rng)).collect();
        let y = (0..n * ends.1).map(|_| init::normal(&mut rng)).collect();
        Self { x, y, n, ends, graph: None }
    }
}

/// Parameters where a network starts: the user's, or uniform ones from its own stream.
pub fn start(context: &Context, family: Family, network: &Network) -> Result<Vec<f64>, Failure> {
    let count = parameters(&network.layers);
    let path = if family == Family::Dense { context.get(THETA) } else { NONE };
    let mut theta = if path == NONE {
        let mut theta = vec![0.0; count];
        let cell = 1 + network.size as u64;
        let mut rng = init::stream(context.config.seed, context.config.experiment, cell, 0);
        match context.get(START) {
            Law::Linear => init::linear_uniform(&network.layers, &mut theta, &mut rng)?,
            Law::Kaiming => init::kaiming_uniform(&network.layers, &mut theta, &mut rng)?,
        }
        family.centre(&network.layers, &mut theta);
        theta
    } else {
        own::theta(path, &network.layers)?
    };
    round(context.config.precision, &mut theta);
    Ok(theta)
}

fn round(precision: Precision, values: &mut [f64]) {
    if precision == Precision::F32 {
        values.iter_mut().for_each(|x| *x = f64::from(*x as f32));
    }
}

/// Uniform in the ball of that radius in R^d: a uniform direction times radius u^(1/d).
fn in_ball(d: usize, radius: f64, rng: &mut impl Rng) -> Vec<f64> {
    let mut x: Vec<f64> = (0..d).map(|_| init::normal(rng)).collect();
    let length = x.iter().map(|x| x * x).sum::<f64>().sqrt();
    let scale = radius * init::uniform(rng).powf(1.0 / d as f64) / length;
    x.iter_mut().for_each(|x| *x *= scale);
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::statistics::smaller;

    /// P(|x| <= r) = r^d in the unit ball, and no direction is preferred.
    #[test]
    fn points_fill_the_ball() {
        let mut rng = init::stream(1, "ball", 0, 0);
        let points: Vec<_> = (0..4000).map(|_| in_ball(3, 2.0, &mut rng)).collect();
        let size = |x: &Vec<f64>| x.iter().map(|x| x * x).sum::<f64>().sqrt() / 2.0;
        for r in [0.5f64, 0.8, 1.0 + 1e-12] {
            let inside = points.iter().filter(|x| size(x) <= r).count() as f64 / 4000.0;
            assert!((inside - smaller(r.powi(3), 1.0)).abs() < 0.03, "{r}: {inside}");
        }
        let upper = points.iter().filter(|x| x[2] > 0.0).count() as f64 / 4000.0;
        assert!((upper - 0.5).abs() < 0.04, "{upper}");
    }
}
