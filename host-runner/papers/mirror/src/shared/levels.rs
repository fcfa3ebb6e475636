//! Hypentropies of one coordinate and their level sets in two (Figure 1).
use lab::figure::{Corner, Figure, Look, Panel};
use reluflow::mirror::hypentropy::potential;

/// r of the pictures; the paper does not print its own.
const SHOWN: [(f64, &str); 4] = [(1e-4, "10⁻⁴"), (0.1, "0.1"), (1.0, "1"), (10.0, "10")];

/// The point at `angle` of the level set of Phi_r through (1, 0), by its distance from 0.
pub fn radius(r: f64, angle: f64) -> f64 {
    let (sin, cos) = angle.sin_cos();
    let level = potential(1.0, r);
    let (mut low, mut high) = (0.0, 2.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let below = potential(middle * cos, r) + potential(middle * sin, r) < level;
        if below { low = middle } else { high = middle }
    }
    low
}

/// Both panels.
pub fn figure() -> Figure {
    let mut curves = Panel::new("one coordinate", "x", "φ_r(x) / φ_r(1)");
    let mut levels = Panel::new("level sets through (1, 0)", "x₁", "x₂").equal();
    for (r, name) in SHOWN {
        let xs = (-100..=100).map(|k| f64::from(k) / 50.0);
        let name = format!("r = {name}");
        let scaled = xs.map(|x| (x, potential(x, r) / potential(1.0, r)));
        curves = curves.series(Look::Line, name.clone(), scaled);
        let angles = (0..=360).map(|k| f64::from(k) * std::f64::consts::PI / 180.0);
        let points = angles.map(|angle| {
            let length = radius(r, angle);
            (length * angle.cos(), length * angle.sin())
        });
        levels = levels.series(Look::Line, name, points);
    }
    Figure::new("hypentropy", "Hypentropies: like ℓ₁ for small r, like ℓ₂ for large")
        .panel(curves.legend(Corner::TopRight))
        .panel(levels.x_range(-1.6, 1.6).y_range(-1.1, 1.1).legend(Corner::TopRight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_sets_pass_through_the_axes() {
        for r in [1e-9, 1.0, 1e3] {
            for k in 0..4 {
                let angle = f64::from(k) * std::f64::consts::FRAC_PI_2;
                assert!((radius(r, angle) - 1.0).abs() < 1e-9, "{r}");
            }
        }
    }
}
