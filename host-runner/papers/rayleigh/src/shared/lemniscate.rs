//! The lemniscate of Bernoulli, by the angle of a circle and by a line.
//!
//! F_S(theta) = (cos, sin cos)/(1 + sin^2), |F_S'|^2 = 1/(1 + sin^2 theta); F_L(theta) = F_S(2 arctan theta), so that
//! |F_L'|^2 = 4/(1 + 6 theta^2 + theta^4).

/// A map from the line onto the curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// F_S: theta is the angle of a circle.
    Circle,
    /// F_L: theta is the tangent of half of it.
    Line,
}

impl Chart {
    /// The angle of the circle, and its derivative by theta.
    fn angle(self, theta: f64) -> (f64, f64) {
        match self {
            Self::Circle => (theta, 1.0),
            Self::Line => (2.0 * theta.atan(), 2.0 / (1.0 + theta * theta)),
        }
    }

    /// F(theta).
    pub fn point(self, theta: f64) -> [f64; 2] {
        let (sin, cos) = self.angle(theta).0.sin_cos();
        let below = 1.0 + sin * sin;
        [cos / below, sin * cos / below]
    }

    /// F'(theta).
    pub fn tangent(self, theta: f64) -> [f64; 2] {
        let (angle, slope) = self.angle(theta);
        let sin = angle.sin();
        let below = (1.0 + sin * sin).powi(2);
        // (cos / (1 + s^2))' = -s (1 + s^2 + 2 c^2) / (1 + s^2)^2, (s c / (1 + s^2))' = (c^2 - s^2 - s^2) / ..
        let x = -sin * (3.0 - sin * sin) / below;
        let y = (1.0 - 3.0 * sin * sin) / below;
        [slope * x, slope * y]
    }

    /// |F'(theta)|^2 in closed form.
    pub fn speed(self, theta: f64) -> f64 {
        match self {
            Self::Circle => 1.0 / (1.0 + theta.sin().powi(2)),
            Self::Line => 4.0 / (1.0 + 6.0 * theta * theta + theta.powi(4)),
        }
    }
}

/// l(F) = (<t, F> - y)^2.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// t.
    pub t: [f64; 2],
    /// y.
    pub y: f64,
}

impl Target {
    /// <t, F> - y.
    pub fn residual(&self, point: [f64; 2]) -> f64 {
        self.t[0] * point[0] + self.t[1] * point[1] - self.y
    }

    /// cos^2 of the angle between t and F'(theta).
    pub fn cosine_sq(&self, chart: Chart, theta: f64) -> f64 {
        let [x, y] = chart.tangent(theta);
        (self.t[0] * x + self.t[1] * y).powi(2) / (self.size_sq() * (x * x + y * y))
    }

    /// |t|^2.
    pub fn size_sq(&self) -> f64 {
        self.t[0].powi(2) + self.t[1].powi(2)
    }

    /// -d log l/dt = 4 |t|^2 cos^2 |F'|^2 along the flow.
    pub fn rate(&self, chart: Chart, theta: f64) -> f64 {
        4.0 * self.size_sq() * self.cosine_sq(chart, theta) * chart.speed(theta)
    }

    /// The points of the lemniscate with l = 0: by bisection between 4000 angles, so that a line that only touches it may be missed.
    pub fn solutions(&self) -> Vec<[f64; 2]> {
        let residual = |angle: f64| self.residual(Chart::Circle.point(angle));
        let angle = |k: u32| std::f64::consts::TAU * (f64::from(k) + 0.5) / 4000.0;
        let between = (0..4000).filter(|&k| residual(angle(k)) * residual(angle(k + 1)) < 0.0);
        let root = |k: u32| {
            let (mut low, mut high) = (angle(k), angle(k + 1));
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                let left = residual(low) * residual(middle) <= 0.0;
                if left { high = middle } else { low = middle }
            }
            Chart::Circle.point(low)
        };
        between.map(root).collect()
    }

    /// l(F(theta)) and its derivative.
    pub fn loss(&self, chart: Chart, theta: f64) -> (f64, f64) {
        let residual = self.residual(chart.point(theta));
        let [x, y] = chart.tangent(theta);
        (residual * residual, 2.0 * residual * (self.t[0] * x + self.t[1] * y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_line_meets_the_lemniscate_twice() {
        let target = Target { t: [4.0, -1.0], y: -3.0 };
        let found = target.solutions();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|&at| target.residual(at).abs() < 1e-12));
        assert!(found.iter().any(|at| (at[0] + 0.824_535).abs() < 1e-6));
    }

    #[test]
    fn both_charts_run_along_the_curve_with_their_speeds() {
        for chart in [Chart::Circle, Chart::Line] {
            for k in -40..=40 {
                let (theta, h) = (0.17 * f64::from(k), 1e-5);
                let [x, y] = chart.point(theta);
                assert!(((x * x + y * y).powi(2) - (x * x - y * y)).abs() < 1e-14);
                let (tangent, [x1, y1], [x0, y0]) =
                    (chart.tangent(theta), chart.point(theta + h), chart.point(theta - h));
                let slope = [(x1 - x0) / (2.0 * h), (y1 - y0) / (2.0 * h)];
                assert!((tangent[0] - slope[0]).abs() + (tangent[1] - slope[1]).abs() < 1e-8);
                let speed = tangent[0].powi(2) + tangent[1].powi(2);
                assert!((speed / chart.speed(theta) - 1.0).abs() < 1e-10, "{chart:?} {theta}");
            }
        }
    }

    #[test]
    fn the_start_and_the_optimum_are_the_papers() {
        let target = Target { t: [4.0, -1.0], y: -3.0 };
        assert_eq!(target.loss(Chart::Line, 0.0).0, 49.0);
        assert!((target.cosine_sq(Chart::Line, 0.0) - 1.0 / 17.0).abs() < 1e-15);
        for (chart, theta) in [(Chart::Circle, 2.771_624), (Chart::Line, 5.344_060)] {
            let [x, y] = chart.point(theta);
            assert!((x + 0.824_535).abs() < 1e-6 && (y + 0.298_141).abs() < 1e-6);
        }
        assert!((Chart::Line.speed(5.344_060) - 4.048_71e-3).abs() < 1e-8);
        assert!((target.rate(Chart::Circle, 2.771_624) - 55.385).abs() < 1e-2);
    }
}
