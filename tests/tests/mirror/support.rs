//! What the suites compare with: f64, textbook, none of the kernels' formulas.

use conformance::Random;
use reluflow::{Real, SamplesView};

/// Lengths around every tail.
pub const SIZES: [usize; 11] = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33];

/// Nodes and weights of Gauss and Legendre's rule with 16 points on [-1, 1], by Newton's method.
fn gauss() -> [(f64, f64); 16] {
    let legendre = |x: f64| {
        let (mut p, mut last) = (x, 1.0);
        for k in 2..=16 {
            let k = f64::from(k);
            (p, last) = (((2.0 * k - 1.0) * x * p - (k - 1.0) * last) / k, p);
        }
        (p, 16.0 * (x * p - last) / (x * x - 1.0))
    };
    std::array::from_fn(|at| {
        let mut x = (std::f64::consts::PI * (at as f64 + 0.75) / 16.5).cos();
        for _ in 0..20 {
            let (p, slope) = legendre(x);
            x -= p / slope;
        }
        let slope = legendre(x).1;
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    })
}

/// D(b1, b0) as the integral of phi''(s) (b1 - s) from b0 to b1: h^2 times that of v / sqrt((b1 - h v)^2 + r^2)
/// over [0, 1], h = b1 - b0, whose terms are all positive. Panels grow twofold away from where |b1 - h v|
/// is least, so that each is as far from the nearest singularity, +- i r, as it is long.
pub fn divergence(b1: f64, b0: f64, r: f64) -> f64 {
    let h = b1 - b0;
    if h == 0.0 {
        return 0.0;
    }
    // Where |b1 - h v| is least, what it is there, and how far it is from there to v = 1 and to 0.
    let (nearest, least, rooms) = if (b1 < 0.0) != (b0 < 0.0) {
        (b1 / h, 0.0, [-b0 / h, b1 / h])
    } else if b1.abs() < b0.abs() {
        (0.0, b1, [1.0, 0.0])
    } else {
        (1.0, b0, [0.0, 1.0])
    };
    let unit = least.hypot(r) / h.abs();
    let rule = gauss();
    let mut sum = 0.0;
    for (side, room) in [1.0, -1.0].into_iter().zip(rooms) {
        let (mut from, mut length) = (0.0f64, unit);
        while from < room {
            let to = (from + length).min(room);
            for (x, weight) in rule {
                let off = from + 0.5 * (to - from) * (1.0 + x);
                let distance = (least - side * h * off).hypot(r);
                sum += 0.5 * (to - from) * weight * (nearest + side * off) / distance;
            }
            (from, length) = (to, 2.0 * length);
        }
    }
    h * h * sum
}

/// A least-squares problem and r, seeded, as the kernels take it and widened.
pub struct Problem<T> {
    pub m: usize,
    pub x: Vec<T>,
    pub y: Vec<T>,
    pub r: Vec<T>,
    pub beta: Vec<T>,
}

impl<T: Real> Problem<T> {
    pub fn random(n: usize, m: usize) -> Self {
        let mut random = Random((1000 * n + m) as u64);
        let (x, y) = (random.vector(n * m), random.labels(n));
        let r = (0..m).map(|_| T::from_f64(random.uniform(0.05, 1.0))).collect();
        Problem { m, x, y, r, beta: random.vector(m) }
    }

    pub fn samples(&self) -> SamplesView<'_, T> {
        SamplesView::new(&self.x, &self.y, self.m).unwrap()
    }
}

pub fn wide<T: Real>(v: &[T]) -> Vec<f64> {
    v.iter().map(|v| v.to_f64()).collect()
}

/// F and grad F; `sizes` are their terms in absolute value.
pub fn least_squares(x: &[f64], y: &[f64], beta: &[f64]) -> (f64, Vec<f64>) {
    let m = beta.len();
    let (mut loss, mut gradient) = (0.0, vec![0.0; m]);
    for (row, y) in x.chunks(m).zip(y) {
        let residual: f64 = row.iter().zip(beta).map(|(x, b)| x * b).sum::<f64>() - y;
        loss += 0.5 * residual * residual;
        gradient.iter_mut().zip(row).for_each(|(g, x)| *g += x * residual);
    }
    (loss, gradient)
}

/// y(end) of y' = f(y), by the classical method of order 4.
pub fn runge_kutta(
    mut y: Vec<f64>,
    end: f64,
    steps: usize,
    f: impl Fn(&[f64]) -> Vec<f64>,
) -> Vec<f64> {
    let dt = end / steps as f64;
    let moved = |y: &[f64], k: &[f64], c: f64| -> Vec<f64> {
        y.iter().zip(k).map(|(y, k)| y + c * dt * k).collect()
    };
    for _ in 0..steps {
        let k1 = f(&y);
        let k2 = f(&moved(&y, &k1, 0.5));
        let k3 = f(&moved(&y, &k2, 0.5));
        let k4 = f(&moved(&y, &k3, 1.0));
        for (at, y) in y.iter_mut().enumerate() {
            *y += dt / 6.0 * (k1[at] + 2.0 * k2[at] + 2.0 * k3[at] + k4[at]);
        }
    }
    y
}
