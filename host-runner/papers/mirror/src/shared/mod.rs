//! What the experiments of paper `mirror` share: Robin, Non-linear parameterizations of least-squares
//! gradient flow.
//!
//! | question | file |
//! |---|---|
//! | samples, directions and weights of a figure | `draw` |
//! | the flow of beta, its bounds, the network beside it | `followed` |
//! | many draws: metrics, verdicts; figures | `summary`; `drawn` |
//! | where the flow must end | `projection` |
//! | one r for all coordinates, from 1e-12 to 1e3: which solution? | `solutions` |
//! | one coordinate, as slow as one likes: Lemma 5.1; a hypentropy | `entropy`; `slow` |
//! | hypentropies and their level sets | `levels` |
//! | how often all |w_j| >= |b_j| | `cone` |
pub mod cone;
pub mod draw;
pub mod drawn;
pub mod entropy;
pub mod followed;
pub mod levels;
pub mod projection;
pub mod slow;
pub mod solutions;
pub mod summary;

use lab::statistics::max;

/// The paper, as verdicts cite it.
pub fn source(place: &str) -> String {
    format!("Robin, Non-linear parameterizations of least-squares gradient flow, {place}")
}

/// Largest |x_j - y_j| over the largest |y_j|, at least 1.
pub fn distance(x: &[f64], y: &[f64]) -> f64 {
    let size = max(y.iter().map(|y| y.abs()).chain([1.0]));
    max(x.iter().zip(y).map(|(x, y)| (x - y).abs() / size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::exact::mirror_loss;
    use reluflow::SamplesView;
    use reluflow::init::{normal, stream, uniform};
    use reluflow::mirror::hypentropy::{divergence, gradient, inverse, potential, second};
    use reluflow::mirror::network::merge;

    /// Definitions 3.1 and 3.2 with Lemma A.3 and what Lemma 3.3 needs of it: derivatives, convexity, and a gradient that is onto.
    #[test]
    fn hypentropies_have_their_derivatives_and_are_of_legendre_type() {
        for r in [1e-6, 0.3, 1.0, 50.0] {
            for x in [-20.0, -0.7, 0.0, 1e-3, 2.0, 30.0f64] {
                let h = 1e-5 * x.hypot(r);
                let printed = x * (x / r).asinh() - x.hypot(r) + r;
                assert!(
                    (potential(x, r) - printed).abs() <= 1e-13 * (1.0 + printed.abs() + x.hypot(r))
                );
                let slope = (potential(x + h, r) - potential(x - h, r)) / (2.0 * h);
                assert!((slope - gradient(x, r)).abs() < 1e-4 * (1.0 + slope.abs()), "{x} {r}");
                let bend = (gradient(x + h, r) - gradient(x - h, r)) / (2.0 * h);
                assert!((bend * x.hypot(r) - 1.0).abs() < 1e-6, "{x} {r}");
                assert!((second(x, r) * x.hypot(r) - 1.0).abs() < 1e-14);
            }
            for u in [-30.0, -1.0, 0.0, 0.2, 25.0] {
                assert!((gradient(inverse(u, r), r) - u).abs() < 1e-12, "{u} is reached");
            }
        }
        // r = 0 on x > 0: log x and 1/x, with the gradient of all reals.
        for x in [1e-9, 0.4, 7.0f64] {
            assert!((second(x, 0.0) * x - 1.0).abs() < 1e-14);
            let entropy = 2.0 * (2.0 / x).ln() - 2.0 + x;
            assert!((divergence(2.0, x, 0.0) / entropy - 1.0).abs() < 1e-9, "{x}");
        }
    }

    /// Lemma 2.4: F(b0) - F(b1) - <grad F(b1), b0 - b1> is |X (b0 - b1)|^2/2, and so it is the other way round.
    #[test]
    fn the_divergence_of_least_squares_is_symmetric() {
        let mut rng = stream(1, "mirror-test", 0, 0);
        let mut numbers = |count: usize| (0..count).map(|_| normal(&mut rng)).collect::<Vec<f64>>();
        let (x, y, one, other) = (numbers(12), numbers(3), numbers(4), numbers(4));
        let samples = SamplesView::new(&x, &y, 4).unwrap();
        let loss = |beta: &[f64]| mirror_loss(samples, beta).unwrap();
        let along = |from: &[f64], to: &[f64]| {
            let at = |s: f64| from.iter().zip(to).map(|(f, t)| f + s * (t - f)).collect::<Vec<_>>();
            // F is quadratic, so that central differences are exact.
            0.5 * (loss(&at(1.0)) - loss(&at(-1.0)))
        };
        let divergence = |to: &[f64], from: &[f64]| loss(to) - loss(from) - along(from, to);
        let half: f64 = x
            .chunks(4)
            .map(|x| (0..4).map(|k| x[k] * (one[k] - other[k])).sum::<f64>().powi(2) / 2.0)
            .sum();
        for found in [divergence(&one, &other), divergence(&other, &one)] {
            assert!((found / half - 1.0).abs() < 1e-10, "{found} {half}");
        }
    }

    /// Section 5.3 on X = diag(s): beta_k - beta*_k falls as e^(-s_k^2 t), mu is the least s_k^2 = 1/|X^(T+)|^2.
    #[test]
    fn with_half_the_squared_norm_the_rate_is_that_of_gradient_flow_but_for_two() {
        let s = [0.5f64, 1.0, 3.0];
        let mu = 0.25;
        let half = |start: [f64; 3], t: f64| {
            let off = start.iter().zip(s).map(|(x, s)| x * (-s * s * t).exp());
            0.5 * off.map(|x| x * x).sum::<f64>()
        };
        for start in [[1.0, 0.0, 0.0], [0.3, -2.0, 0.7], [1e-3, 4.0, 4.0]] {
            for t in [0.0, 0.1, 1.0, 10.0] {
                let (now, first) = (half(start, t), half(start, 0.0));
                assert!(now <= first * (-mu * t).exp(), "Theorem 2.6, L = 1");
                assert!(now <= first * (-2.0 * mu * t).exp() * (1.0 + 1e-12), "gradient flow");
            }
        }
        // Attained along the least singular direction.
        assert!((half([1.0, 0.0, 0.0], 3.0) - 0.5 * (-2.0 * mu * 3.0f64).exp()).abs() < 1e-15);
    }

    /// Lemma 3.5: r of merged neurons by its double sum, constant along d(a, b)/dt = -g (b, a) with one g for equal directions.
    #[test]
    fn merged_neurons_have_the_printed_r() {
        let mut rng = stream(1, "mirror-test", 1, 0);
        for _ in 0..50 {
            let b: Vec<f64> = (0..4).map(|_| normal(&mut rng)).collect();
            let a: Vec<f64> = b.iter().map(|b| b.abs() + uniform(&mut rng)).collect();
            let r = |a: &[f64], b: &[f64]| {
                let (mut beta, mut r, mut memory) = ([0.0], [0.0], [0.0]);
                merge(a, b, &[0; 4], &mut beta, &mut r, &mut memory).unwrap();
                let sum: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                assert!((beta[0] - sum).abs() < 1e-12);
                r[0]
            };
            let pairs = (0..16).map(|at| (at / 4, at % 4));
            let square: f64 = pairs
                .map(|(i, j)| {
                    (a[i] * a[j] - b[i] * b[j]).powi(2) + (a[i] * b[j] - b[i] * a[j]).powi(2)
                })
                .sum();
            let printed = (0.25 * square).sqrt();
            assert!((r(&a, &b) / printed - 1.0).abs() < 1e-12);
            // The flow turns (a, b) hyperbolically, by the same angle in each neuron.
            let (cosh, sinh) = (0.8f64.cosh(), 0.8f64.sinh());
            let turned = |x: &[f64], y: &[f64]| {
                x.iter().zip(y).map(|(x, y)| cosh * x - sinh * y).collect::<Vec<_>>()
            };
            assert!((r(&turned(&a, &b), &turned(&b, &a)) / printed - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_coordinate_without_value_has_no_distance() {
        assert_eq!(distance(&[1.0, 2.0, 0.0], &[1.0, 4.0, 0.0]), 0.5);
        assert!(distance(&[1.0, f64::NAN, 0.0], &[1.0, 4.0, 0.0]).is_nan());
        assert!(distance(&[1.0, 2.0, 0.0], &[1.0, f64::NAN, 0.0]).is_nan());
    }
}
