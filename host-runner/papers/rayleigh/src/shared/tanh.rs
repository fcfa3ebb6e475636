//! A network of two layers with tanh: f(x) = sum_j a_j tanh(<w_j, x>), L = (1/n) sum_i (f(x_i) - y_i)^2.
use super::descent::Loss;
use engine::exact::{axpy, dot};
use lab::failure::Failure;
use nalgebra::{DMatrix, DVector};
use reluflow::init::{normal, stream};

/// Samples and sizes.
#[derive(Debug, Clone)]
pub struct Tanh {
    /// Neurons.
    pub m: usize,
    /// Samples.
    pub n: usize,
    /// Dimension.
    pub d: usize,
    x: Vec<f64>,
    y: Vec<f64>,
    /// Do the inner weights move?
    pub both: bool,
    features: Vec<f64>,
}

impl Tanh {
    /// Normal inputs and targets.
    pub fn new(seed: u64, (m, n, d): (usize, usize, usize)) -> Self {
        let mut rng = stream(seed, "rayleigh-twolayer", 0, 0);
        let mut numbers = |count: usize| (0..count).map(|_| normal(&mut rng)).collect::<Vec<f64>>();
        let (x, y) = (numbers(n * d), numbers(n));
        Self { m, n, d, x, y, both: false, features: vec![0.0; n * m] }
    }

    /// theta(0) = (a, w): w normal, a of standard deviation `size`.
    pub fn start(&self, seed: u64, size: f64) -> Vec<f64> {
        let mut rng = stream(seed, "rayleigh-twolayer", 1, 0);
        let outer: Vec<f64> = (0..self.m).map(|_| size * normal(&mut rng)).collect();
        let inner = (0..self.m * self.d).map(|_| normal(&mut rng));
        outer.iter().copied().chain(inner).collect()
    }

    /// tanh(<w_j, x_i>), n x m.
    fn fill(&mut self, w: &[f64]) {
        let rows = self.features.chunks_exact_mut(self.m).zip(self.x.chunks_exact(self.d));
        for (row, x) in rows {
            for (feature, w) in row.iter_mut().zip(w.chunks_exact(self.d)) {
                *feature = dot(w, x).tanh();
            }
        }
    }

    /// The outer weights nearest to `outer` among those that minimise L with the features of `w`.
    pub fn nearest(&mut self, outer: &[f64], w: &[f64]) -> Result<Vec<f64>, Failure> {
        self.fill(w);
        let features = DMatrix::from_row_slice(self.n, self.m, &self.features);
        let rest = DVector::from_iterator(
            self.n,
            self.features.chunks_exact(self.m).zip(&self.y).map(|(row, y)| y - dot(row, outer)),
        );
        let step = features.svd(true, true).solve(&rest, 1e-10).map_err(|why| {
            Failure::failed(format!("the least squares problem has no solution: {why}"))
        })?;
        Ok(outer.iter().zip(step.iter()).map(|(a, step)| a + step).collect())
    }

    /// L with outer weights `a` and inner ones `w`.
    pub fn loss(&mut self, a: &[f64], w: &[f64]) -> f64 {
        self.fill(w);
        let rows = self.features.chunks_exact(self.m).zip(&self.y);
        rows.map(|(row, y)| (dot(row, a) - y).powi(2)).sum::<f64>() / self.n as f64
    }
}

impl Loss for Tanh {
    fn gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let (a, w) = theta.split_at(self.m);
        self.fill(w);
        gradient.fill(0.0);
        let (outer, inner) = gradient.split_at_mut(self.m);
        let (mut sum, count) = (0.0, self.n as f64);
        for (i, row) in self.features.chunks_exact(self.m).enumerate() {
            let residual = dot(row, a) - self.y[i];
            sum += residual * residual / count;
            let scale = 2.0 * residual / count;
            axpy(scale, row, outer);
            if self.both {
                let x = &self.x[i * self.d..(i + 1) * self.d];
                for ((feature, a), inner) in row.iter().zip(a).zip(inner.chunks_exact_mut(self.d)) {
                    axpy(scale * a * (1.0 - feature * feature), x, inner);
                }
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_that_of_differences() {
        let mut net = Tanh { both: true, ..Tanh::new(1, (5, 4, 3)) };
        let theta = net.start(1, 0.5);
        let (mut gradient, mut unused) = (vec![0.0; theta.len()], vec![0.0; theta.len()]);
        let loss = net.gradient(&theta, &mut gradient);
        assert_eq!(loss, net.loss(&theta[..5], &theta[5..]));
        for k in 0..theta.len() {
            let mut at = |step: f64| {
                let mut moved = theta.clone();
                moved[k] += step;
                net.gradient(&moved, &mut unused)
            };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((slope - gradient[k]).abs() < 1e-8, "{k}: {slope} {}", gradient[k]);
        }
    }

    #[test]
    fn the_nearest_solution_interpolates() {
        let mut net = Tanh::new(1, (40, 8, 3));
        let theta = net.start(1, 0.5);
        let star = net.nearest(&theta[..40], &theta[40..]).unwrap();
        assert!(net.loss(&star, &theta[40..]) < 1e-20);
    }
}
