//! Where a probability that falls with x passes one half: a logistic curve with an interval.
//!
//! P(x) = (1 - e)/(1 + exp((x - m)/s)), where e is the share of trials that fail for another reason, by
//! the maximum of the likelihood times Jeffreys' prior for m and s (Firth 1993) and an exponential one of
//! mean 0.05 for e. Plain maximum likelihood has none where the successes end before the failures
//! begin, as they do on a coarse grid or after few trials; with the prior m and s are always finite.
//! Without e a few failures far below the fall would flatten it: networks with an unlucky start fail at any
//! n. The interval holds the m whose best s and e cost less than 1.92 in the logarithm (profile likelihood,
//! 95 %). The threshold is where P = 1/2, m + s log(1 - 2e).

/// Trials at one x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Count {
    /// Where.
    pub x: f64,
    /// How many succeeded.
    pub successes: usize,
    /// How many were tried.
    pub trials: usize,
}

/// The fitted curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Where P = 1/2.
    pub at: f64,
    /// Ends of its 95 % interval; infinite where the data do not bound it within twice their
    /// range.
    pub low: f64,
    /// As `low`.
    pub high: f64,
    /// s: P falls from 0.73 to 0.27 of its height within 2 s.
    pub scale: f64,
    /// e, the share that fails far below the threshold.
    pub lapses: f64,
}

/// Half the 95 % quantile of the chi-squared law with one degree of freedom.
const DROP: f64 = 1.920_729_410_347_062;
/// Points of the first search for m.
const GRID: usize = 64;
/// Mean of the prior of e, and its largest value.
const LAPSES: (f64, f64) = (0.05, 0.3);

impl Threshold {
    /// Fits `counts`; `None` where they have fewer than two different x or no trials.
    pub fn fit(counts: &[Count]) -> Option<Self> {
        let counts: Vec<Count> = counts.iter().copied().filter(|c| c.trials > 0).collect();
        let (from, to) = super::extremes::range(counts.iter().map(|c| c.x));
        let range = to - from;
        if range.is_nan() || range <= 0.0 {
            return None;
        }
        // In units of the range the search is the same for all data.
        let scaled: Vec<Count> =
            counts.iter().map(|c| Count { x: (c.x - from) / range, ..*c }).collect();
        let (shortest, longest) = ((0.5e-3f64).ln(), 1.5);
        let scale = |m: f64, e: f64| {
            best(|ln_s| posterior(&scaled, (m, ln_s.exp(), e)), shortest, longest, 24)
        };
        let profile = |m: f64| best(|e| scale(m, e).1, 0.0, LAPSES.1, 12);
        let (least, most) = (-1.0, 2.0);
        let grid = |k: usize| least + (most - least) * k as f64 / GRID as f64;
        let heights: Vec<f64> = (0..=GRID).map(|k| profile(grid(k)).1).collect();
        let top = (0..=GRID).max_by(|&i, &k| heights[i].total_cmp(&heights[k]))?;
        let near = (grid(top.saturating_sub(1)), grid((top + 1).min(GRID)));
        let (m, height) = best(|m| profile(m).1, near.0, near.1, 24);
        let inside = |m: f64| profile(m).1 > height - DROP;
        let e = profile(m).0;
        let s = scale(m, e).0.exp();
        // From m to where P = 1/2, the same for the ends.
        let shift = from + range * s * (1.0 - 2.0 * e).ln();
        let low = edge(m, least, inside).map_or(f64::NEG_INFINITY, |m| shift + range * m);
        let high = edge(m, most, inside).map_or(f64::INFINITY, |m| shift + range * m);
        Some(Self { at: shift + range * m, low, high, scale: range * s, lapses: e })
    }

    /// Half the width of the interval.
    pub fn half_width(&self) -> f64 {
        0.5 * (self.high - self.low)
    }

    /// P(x).
    pub fn probability(&self, x: f64) -> f64 {
        let Self { at, scale, lapses, .. } = *self;
        // (1 - e) / (1 + exp((x - m)/s)) with m = at - s log(1 - 2e).
        (1.0 - lapses) / (1.0 + (1.0 - 2.0 * lapses) * ((x - at) / scale).exp())
    }
}

/// log likelihood + 1/2 log det of the information in (1/s, m/s) + log prior of e.
fn posterior(counts: &[Count], (m, s, e): (f64, f64, f64)) -> f64 {
    let (mut likelihood, mut weight, mut moment, mut square) = (0.0, 0.0, 0.0, 0.0);
    for count in counts {
        let (yes, no) = (count.successes as f64, (count.trials - count.successes) as f64);
        let eta = (count.x - m) / s;
        // With g = exp(-|eta|): the logistic q = 1/(1 + exp(eta)), and 1 - q, without overflow.
        let g = (-eta.abs()).exp();
        let (small, large) = (g / (1.0 + g), 1.0 / (1.0 + g));
        let (q, rest) = if eta > 0.0 { (small, large) } else { (large, small) };
        // P = (1 - e) q, 1 - P = (1 - q) + e q.
        let (p, fails) = ((1.0 - e) * q, rest + e * q);
        likelihood += if yes > 0.0 { yes * p.ln() } else { 0.0 };
        likelihood += if no > 0.0 { no * fails.ln() } else { 0.0 };
        // (dP/d eta)^2 / (P (1 - P)), where P = 0 or 1 without weight.
        let slope = (1.0 - e) * q * rest;
        let w = if slope > 0.0 { (yes + no) * slope * slope / (p * fails) } else { 0.0 };
        weight += w;
        moment += w * count.x;
        square += w * count.x * count.x;
    }
    let determinant = weight * (square - moment * moment / weight);
    if determinant > 0.0 {
        likelihood + 0.5 * determinant.ln() - e / LAPSES.0
    } else {
        f64::NEG_INFINITY
    }
}

/// The maximum of `f` between `low` and `high`, by golden section, the interval 0.618 as long after each
/// step: (where, value).
fn best(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64, steps: usize) -> (f64, f64) {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    let (mut x0, mut x1) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut f0, mut f1) = (f(x0), f(x1));
    for _ in 0..steps {
        if f0 < f1 {
            (low, x0, f0) = (x0, x1, f1);
            x1 = low + GOLDEN * (high - low);
            f1 = f(x1);
        } else {
            (high, x1, f1) = (x1, x0, f0);
            x0 = high - GOLDEN * (high - low);
            f0 = f(x0);
        }
    }
    if f0 > f1 { (x0, f0) } else { (x1, f1) }
}

/// The last m from `at` towards `far` that is inside; `None` where `far` itself is.
fn edge(at: f64, far: f64, inside: impl Fn(f64) -> bool) -> Option<f64> {
    let (mut near, mut out) = (at, far);
    if inside(out) {
        return None;
    }
    for _ in 0..24 {
        let middle = 0.5 * (near + out);
        if inside(middle) { near = middle } else { out = middle }
    }
    Some(near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reluflow::init::{stream, uniform};

    fn draw(trial: u64, at: f64, scale: f64, xs: &[f64], trials: usize) -> Vec<Count> {
        let mut rng = stream(3, "logistic", 0, trial);
        let count = |&x: &f64| {
            let p = 1.0 / (1.0 + ((x - at) / scale).exp());
            let successes = (0..trials).filter(|_| uniform(&mut rng) < p).count();
            Count { x, successes, trials }
        };
        xs.iter().map(count).collect()
    }

    /// 300 data sets: the interval holds the truth 95 times in a hundred, the error of a count of 285 is 4.
    #[test]
    fn the_interval_covers_as_often_as_it_says() {
        let xs: Vec<f64> = (0..10).map(|k| 100.0 + 10.0 * f64::from(k)).collect();
        for (at, scale) in [(148.0, 8.0), (133.0, 3.0)] {
            let fits = (0..300).map(|k| Threshold::fit(&draw(k, at, scale, &xs, 20)).unwrap());
            let fits: Vec<_> = fits.collect();
            let covered = fits.iter().filter(|fit| fit.low <= at && at <= fit.high).count();
            assert!((272..=298).contains(&covered), "{covered} of 300 at scale {scale}");
            let mean = fits.iter().map(|fit| fit.at).sum::<f64>() / 300.0;
            assert!((mean - at).abs() < 0.5, "{mean}");
        }
    }

    #[test]
    fn separated_data_have_a_finite_fit_between_them() {
        let count = |x, successes| Count { x, successes, trials: 5 };
        let fit = Threshold::fit(&[count(1.0, 5), count(2.0, 5), count(3.0, 0)]).unwrap();
        assert!(2.0 < fit.at && fit.at < 3.0 && fit.scale > 0.0, "{fit:?}");
        assert!(fit.low > 1.0 && fit.high.is_finite(), "{fit:?}");
        assert!((fit.probability(fit.at) - 0.5).abs() < 1e-12 && fit.probability(2.0) > 0.5);
    }

    #[test]
    fn data_without_a_fall_bound_nothing_above() {
        let counts = [1.0, 2.0, 3.0].map(|x| Count { x, successes: 4, trials: 4 });
        let fit = Threshold::fit(&counts).unwrap();
        assert!(fit.high == f64::INFINITY && fit.low > 1.0, "{fit:?}");
        assert_eq!(Threshold::fit(&counts[..1]), None);
    }
}
