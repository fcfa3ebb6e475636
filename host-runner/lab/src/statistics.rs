//! Statistics of repeated runs: largest, smallest and mean values, proportions, lines, thresholds.
//!
//! A number that could not be measured is NaN, and NaN never passes a verdict. So here NaN in gives NaN out, and so does
//! nothing in. Where some of the values need not exist, filter them and say why.
mod extremes;
mod logistic;

pub use extremes::{larger, max, mean, min, range, smaller};
pub use logistic::{Count, Threshold};

/// Half-width of a 95 % interval of a normal variable, in standard deviations.
const Z: f64 = 1.959_963_984_540_054;

/// `successes` of `trials`, an estimate of a probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// How many did.
    pub successes: usize,
    /// How many were tried.
    pub trials: usize,
}

impl Share {
    /// Of those for which `did` says so.
    pub fn of<T>(items: &[T], did: impl Fn(&T) -> bool) -> Self {
        Self { successes: items.iter().filter(|item| did(item)).count(), trials: items.len() }
    }

    /// The estimate; NaN without trials.
    pub fn value(self) -> f64 {
        self.successes as f64 / self.trials as f64
    }

    /// The 95 % interval of Wilson's score test: the probabilities under which a share as far off as
    /// this one is no surprise. Unlike value +- 2 sd it says something at 0 and at 1.
    pub fn interval(self) -> (f64, f64) {
        let (n, p) = (self.trials as f64, self.value());
        let shrink = 1.0 / (1.0 + Z * Z / n);
        let middle = shrink * (p + Z * Z / (2.0 * n));
        let half = shrink * Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        // Exactly 0 or 1 where rounding says almost.
        let low = if self.successes == 0 { 0.0 } else { middle - half };
        let high = if self.successes == self.trials { 1.0 } else { middle + half };
        (low, high)
    }
}

/// Mean and its standard error; NaN for none, and the error for fewer than two.
pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = mean(values);
    let square: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    (mean, if values.len() > 1 { (square / (n - 1.0) / n).sqrt() } else { f64::NAN })
}

/// The middle one.
pub fn median(values: &[f64]) -> f64 {
    if values.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => sorted[middle],
        _ => 0.5 * (sorted[middle - 1] + sorted[middle]),
    }
}

/// A straight line through points, by least squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Its slope.
    pub slope: f64,
    /// Standard error of the slope; NaN for fewer than three points.
    pub error: f64,
    /// Its value at 0.
    pub offset: f64,
    /// Share of the variance of y that it explains.
    pub r_squared: f64,
    /// The largest distance of a point from it, along y.
    pub farthest: f64,
}

impl Line {
    /// Fits the points (x, y).
    pub fn through(points: &[(f64, f64)]) -> Self {
        let count = points.len() as f64;
        let (x, y) = (mean(points.iter().map(|p| p.0)), mean(points.iter().map(|p| p.1)));
        let square: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
        let slope = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / square;
        let offset = y - slope * x;
        let residual = |p: &(f64, f64)| p.1 - offset - slope * p.0;
        let rest: f64 = points.iter().map(|p| residual(p).powi(2)).sum();
        let total: f64 = points.iter().map(|p| (p.1 - y).powi(2)).sum();
        let error =
            if points.len() > 2 { (rest / (count - 2.0) / square).sqrt() } else { f64::NAN };
        let farthest = max(points.iter().map(|p| residual(p).abs()));
        Self { slope, error, offset, r_squared: 1.0 - rest / total, farthest }
    }

    /// Its value at x.
    pub fn at(&self, x: f64) -> f64 {
        self.offset + self.slope * x
    }
}

/// Where a falling curve, drawn straight from point to point, last passes `level`; `None` where it
/// does not.
pub fn crossing(points: &[(f64, f64)], level: f64) -> Option<f64> {
    points.windows(2).rev().find_map(|pair| {
        let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
        (y0 >= level && y1 < level).then(|| x0 + (y0 - level) / (y0 - y1) * (x1 - x0))
    })
}

/// The threshold as the published code of paper `weak` estimates it: the k between the ends, of 10000
/// evenly spaced, for which the sigmoid 1/(1 + exp(unit x - unit k)) is nearest to the shares in the
/// sum of squares. Its slope is fixed: in the code `unit` is 80 over the first x, or 1, so that with
/// coarse grids the sigmoid is a step, and the threshold a point of the grid.
pub fn fixed_slope(points: &[(f64, f64)], unit: f64) -> f64 {
    let ends = points.first().zip(points.last());
    let Some((&(from, _), &(to, _))) = ends else { return f64::NAN };
    let candidates = (0..10_000).map(|k| from + (to - from) * f64::from(k) / 9999.0);
    let distance = |k: f64| -> f64 {
        let sigmoid = |x: f64| 1.0 / (1.0 + (unit * (x - k)).exp());
        points.iter().map(|&(x, y)| (y - sigmoid(x)).powi(2)).sum()
    };
    let nearest = candidates.map(|k| (distance(k), k)).min_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map_or(f64::NAN, |(_, k)| k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_with_its_error() {
        let exact = Line::through(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]);
        let line = Line { slope: 2.0, error: 0.0, offset: 1.0, r_squared: 1.0, farthest: 0.0 };
        assert_eq!(exact, line);
        // Residuals 1, -2, 1 over 3: their squares sum to 2/3, and those of x - 1 to 2.
        let bent = Line::through(&[(0.0, 0.0), (1.0, 0.0), (2.0, 2.0)]);
        assert!((bent.slope - 1.0).abs() < 1e-15);
        assert!((bent.error - (1.0f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!((bent.farthest - 2.0 / 3.0).abs() < 1e-15);
        assert!((bent.r_squared - 0.75).abs() < 1e-15);
        assert!(Line::through(&[(0.0, 0.0), (1.0, 1.0)]).error.is_nan());
    }

    /// Against the formula's roots: |p - share| = Z sqrt(p (1 - p) / n).
    #[test]
    fn wilsons_interval_ends_where_the_score_test_does() {
        for (successes, trials) in [(0, 20), (1, 20), (10, 20), (20, 20), (3, 80)] {
            let share = Share { successes, trials };
            let (low, high) = share.interval();
            for p in [low, high].into_iter().filter(|p| (1e-9..1.0 - 1e-9).contains(p)) {
                let score = (p - share.value()).abs() / (p * (1.0 - p) / trials as f64).sqrt();
                assert!((score - Z).abs() < 1e-9, "{share:?}: {p} {score}");
            }
            assert!(low <= share.value() && share.value() <= high);
        }
        let (low, high) = Share { successes: 0, trials: 20 }.interval();
        assert!(low == 0.0 && (high - 0.1611).abs() < 1e-4, "{high}");
    }

    #[test]
    fn the_last_fall_counts() {
        let points = [(1.0, 0.9), (2.0, 0.4), (3.0, 0.6), (4.0, 0.1)];
        assert_eq!(crossing(&points, 0.5), Some(3.2));
        assert_eq!(crossing(&points, 0.05), None);
    }

    /// The published shares at d = 10, p = 30, whose published threshold is 30.0.
    #[test]
    fn the_published_estimator_gives_the_published_threshold() {
        let shares = [1.0, 0.95, 0.45, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let points: Vec<_> = (1..).map(|k| 10.0 * f64::from(k)).zip(shares).collect();
        assert!((fixed_slope(&points, 8.0) - 30.0).abs() < 0.1);
        assert!((crossing(&points, 0.5).unwrap() - 29.0).abs() < 1e-12);
    }

    #[test]
    fn the_error_of_a_mean_is_that_of_the_formula() {
        let (value, error) = mean_and_error(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(value, 2.5);
        assert!((error - (5.0f64 / 3.0 / 4.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn medians() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
        // Sorted, it would be an end, and the middle a number.
        assert!(median(&[1.0, f64::NAN, 2.0]).is_nan());
    }
}
