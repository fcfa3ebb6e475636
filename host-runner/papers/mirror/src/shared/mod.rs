//! What the experiments of paper `mirror` share: Robin, Non-linear parameterizations of least-squares
//! gradient flow.
//!
//! | question | file |
//! |---|---|
//! | samples, directions and weights of a figure | `draw` |
//! | the flow of beta, its bounds, the network beside it | `followed` |
//! | many draws: metrics, verdicts, figures | `summary` |
//! | where the flow must end | `projection` |
//! | one r for all coordinates, from 1e-12 to 1e3: which solution? | `solutions` |
//! | one coordinate, as slow as one likes: Lemma 5.1; a hypentropy | `entropy`; `slow` |
//! | how often all |w_j| >= |b_j| | `cone` |
pub mod cone;
pub mod draw;
pub mod entropy;
pub mod followed;
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

    #[test]
    fn a_coordinate_without_value_has_no_distance() {
        assert_eq!(distance(&[1.0, 2.0, 0.0], &[1.0, 4.0, 0.0]), 0.5);
        assert!(distance(&[1.0, f64::NAN, 0.0], &[1.0, 4.0, 0.0]).is_nan());
        assert!(distance(&[1.0, 2.0, 0.0], &[1.0, f64::NAN, 0.0]).is_nan());
    }
}
