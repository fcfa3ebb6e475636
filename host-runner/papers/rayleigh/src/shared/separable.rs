//! Separable samples for logistic regression: two points, and the two configurations of the authors' code.
use super::descent::Loss;
use engine::exact::{logistic_gradient, margin};
use lab::failure::Failure;
use lab::statistics::max;
use reluflow::init::{normal, stream};
use reluflow::softmax::Labelled;

/// Samples, the direction that separates them, a start, and how long to follow the flow.
#[derive(Debug)]
pub struct Separable {
    /// n x d.
    pub x: Vec<f64>,
    /// Labels.
    pub labels: Vec<usize>,
    /// Dimension.
    pub d: usize,
    /// Classes.
    pub classes: usize,
    /// c x d.
    pub star: Vec<f64>,
    /// theta(0), c x d.
    pub start: Vec<f64>,
    /// Flow time of the end.
    pub until: f64,
    /// First time of the records.
    pub from: f64,
}

/// Length of the large samples of configuration E1.
const LONG: f64 = 1e6;

impl Separable {
    /// e_1 and e_2, a class each, zeta = [[1, -1], [-1, 1]], theta(0) = 0.
    pub fn two_point(until: f64) -> Self {
        let identity = vec![1.0, 0.0, 0.0, 1.0];
        let star = vec![1.0, -1.0, -1.0, 1.0];
        Self {
            x: identity,
            labels: vec![0, 1],
            d: 2,
            classes: 2,
            star,
            start: vec![0.0; 4],
            until,
            from: 1e-3,
        }
    }

    /// E1: two samples of length 1e6 and one of length 1, starting at -1e5 times the direction that separates them.
    pub fn e1() -> Self {
        let x = vec![LONG, 0.0, 0.0, 0.0, 0.0, LONG, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0];
        // c x d: the code's is d x c.
        let star = vec![2.0, -1.0, -5.0, 0.0, -1.0, 2.0, -5.0, 0.0, -1.0, -1.0, 10.0, 0.0];
        let size = star.iter().map(|w: &f64| w * w).sum::<f64>().sqrt();
        let start = star.iter().map(|w| -1e5 * w / size).collect();
        Self { x, labels: vec![0, 1, 2], d: 4, classes: 3, star, start, until: 1e13, from: 1e-4 }
    }

    /// E2: n = 100, d = 5, c = 4, all normal, a start of size 100; the labels are those of `star`. Followed to `until`.
    pub fn e2(seed: u64, until: f64) -> Self {
        let (n, d, classes) = (100, 5, 4);
        let mut rng = stream(seed, "rayleigh-logistic", 2, 0);
        let mut numbers = |count: usize, size: f64| -> Vec<f64> {
            (0..count).map(|_| size * normal(&mut rng)).collect()
        };
        let (x, star, start) =
            (numbers(n * d, 1.0), numbers(classes * d, 1.0), numbers(classes * d, 100.0));
        let logit =
            |x: &[f64], k: usize| -> f64 { x.iter().zip(&star[k * d..]).map(|(x, w)| x * w).sum() };
        let label = |x: &[f64]| {
            let best = (0..classes).max_by(|&i, &k| logit(x, i).total_cmp(&logit(x, k)));
            best.unwrap_or(0)
        };
        let labels = x.chunks_exact(d).map(label).collect();
        Self { x, labels, d, classes, star, start, until, from: 1e-1 }
    }

    /// Length of the columns of x: coordinates u_k = s_k theta_k make steps of the flow of comparable size.
    fn sizes(&self) -> Vec<f64> {
        let column = |k: usize| self.x.iter().skip(k).step_by(self.d);
        (0..self.d).map(|k| max(column(k).map(|x| x.abs()).chain([1.0]))).collect()
    }

    /// The loss in the chart u = s theta, and the start there.
    pub fn scaled(&self) -> (Scaled, Vec<f64>) {
        let sizes = self.sizes();
        let divided = self.x.iter().enumerate().map(|(at, x)| x / sizes[at % self.d]).collect();
        let start = self.start.iter().enumerate().map(|(at, w)| w * sizes[at % self.d]).collect();
        let memory = vec![0.0; self.classes];
        let labels = self.labels.clone();
        (Scaled { x: divided, labels, sizes, classes: self.classes, memory }, start)
    }

    /// eps of the direction that separates.
    pub fn margin(&self) -> Result<f64, Failure> {
        let data = Labelled::new(&self.x, &self.labels, self.d, self.classes)?;
        Ok(margin(&data, &self.star, &mut vec![0.0; self.classes])?)
    }
}

/// L on rescaled coordinates.
#[derive(Debug)]
pub struct Scaled {
    x: Vec<f64>,
    labels: Vec<usize>,
    sizes: Vec<f64>,
    classes: usize,
    memory: Vec<f64>,
}

impl Loss for Scaled {
    fn gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let d = self.sizes.len();
        let loss = Labelled::new(&self.x, &self.labels, d, self.classes)
            .and_then(|data| logistic_gradient(&data, theta, gradient, &mut self.memory));
        // Its shapes are those of the struct.
        loss.unwrap_or(f64::NAN)
    }

    fn speed(&self, k: usize) -> f64 {
        self.sizes[k % self.sizes.len()].powi(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::statistics::larger;

    #[test]
    fn margins_are_those_of_the_authors_code() {
        assert_eq!(Separable::two_point(1.0).margin().unwrap(), 1.0);
        // The third sample's gap is 15; |w|_F = sqrt 162.
        let e1 = Separable::e1().margin().unwrap();
        assert!((e1 - 15.0 / 162f64.sqrt()).abs() < 1e-12, "{e1}");
        assert!(Separable::e2(1, 1.0).margin().unwrap() > 0.0);
    }

    #[test]
    fn the_chart_changes_nothing() {
        let set = Separable::e1();
        let (mut scaled, start) = set.scaled();
        let data = Labelled::new(&set.x, &set.labels, set.d, set.classes).unwrap();
        let (mut plain, mut chart, mut memory) = ([0.0; 12], [0.0; 12], [0.0; 3]);
        let one = logistic_gradient(&data, &set.start, &mut plain, &mut memory).unwrap();
        let two = scaled.gradient(&start, &mut chart);
        assert!((one / two - 1.0).abs() < 1e-12);
        for (k, (plain, chart)) in plain.iter().zip(chart).enumerate() {
            let back = chart * scaled.speed(k).sqrt();
            assert!(
                (plain - back).abs() <= 1e-12 * larger(plain.abs(), 1e-3),
                "{k}: {plain} {back}"
            );
        }
    }
}
