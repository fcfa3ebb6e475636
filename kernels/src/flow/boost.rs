//! The exact motion of one neuron while the residual stands still.
//!
//! With g frozen and no kink crossed, omega' = a D and a' = D . omega: (omega, a) turns hyperbolically
//! in the plane of D. Along the light cone, P = (a + e . omega)/2 and M = (a - e . omega)/2 with
//! e = D/|D|, P grows as X = e^{|D| t} and M decays as 1/X. Every z_i = R_i . omega then is
//! z_i(0) + (R_i . e) [P (X - 1) - M (1/X - 1)], so that it reaches 0 at a root of a quadratic in X.

use super::row::Row;
use super::span::Span;
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, norm_sq};
use crate::real::Real;
use crate::rows::impossible;

/// A neuron's plane of motion.
#[derive(Clone, Copy, Debug)]
pub struct Boost<T> {
    /// |D|.
    pub rate: T,
    /// e . omega.
    along: T,
    grows: T,
    decays: T,
}

impl<T: Real> Boost<T> {
    /// Of the neuron in `row` under the pull D.
    pub fn of<L: Lanes<Elem = T>>(row: Row<'_, T>, pull: &[T]) -> Self {
        let rate = dot::<L>(pull, pull).sqrt();
        let along = if rate > T::ZERO { dot::<L>(pull, row.omega) / rate } else { T::ZERO };
        let half = T::from_f64(0.5);
        Boost { rate, along, grows: half * (row.a + along), decays: half * (row.a - along) }
    }

    /// The first x = |D| t in `[0, limit]` at which pair i, on the side that `outward` is the sign
    /// of and at `z` now, reaches its kink; |z| <= `band` counts as on it. None where it does not.
    pub fn hit<L: Lanes<Elem = T>>(
        &self,
        span: &Span<'_, L>,
        i: usize,
        (z, band, outward): (T, T, T),
        pull: &[T],
        limit: T,
    ) -> Option<T> {
        let slope = span.dot(i, pull) / self.rate;
        if !(slope.abs() > T::ZERO) {
            return None;
        }
        let (up, down) = (slope * self.grows, slope * self.decays);
        let inside = |x: T| (x > T::ZERO && x <= limit).then_some(x);
        if z.abs() <= band {
            // On the kink and leaving to the wrong side: now. By less than rounding: it stays.
            let (along, size) = ((up + down) * outward, (up.abs() + down.abs()) * T::EPSILON);
            if along < -T::from_f64(64.0) * size {
                return Some(T::ZERO);
            }
            // X = 1 is a root of the quadratic below; this is the other one.
            return log_ratio(-down, up).and_then(inside);
        }
        // up X^2 + (z - up + down) X - down = 0.
        let middle = z - up + down;
        let four = T::from_f64(4.0);
        let under = middle * middle + four * up * down;
        if !(under >= T::ZERO) {
            return None;
        }
        let root = under.sqrt();
        let sum = if middle > T::ZERO { middle + root } else { middle - root };
        let q = T::from_f64(-0.5) * sum;
        let (one, two) = (log_ratio(q, up).and_then(inside), log_ratio(-down, q).and_then(inside));
        match (one, two) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        }
    }

    /// The x at which a changes its sign, if it does.
    pub fn turn(&self, limit: T) -> Option<T> {
        let twice = log_ratio(-self.decays, self.grows)?;
        let x = T::from_f64(0.5) * twice;
        (x > T::ZERO && x <= limit).then_some(x)
    }

    /// Moves the neuron by x = |D| t. In polar coordinates the row is scaled back to a^2 + |omega|^2
    /// as before over the growth, whose logarithm is returned; else 0 is.
    ///
    /// Sums of exponentials are taken relative to the largest: a neuron that decays must not meet
    /// infinity, nor one that grows.
    pub fn apply<L: Lanes<Elem = T>>(&self, row: &mut [T], pull: &[T], x: T, polar: bool) -> T {
        if !(self.rate > T::ZERO) {
            return T::ZERO;
        }
        let before = Row::of(row).size_sq::<L>();
        let (dominant, across) = if polar { self.shift(x, before) } else { (T::ZERO, true) };
        // 0 times infinity is not 0.
        let part = |c: T, x: T| if c == T::ZERO { c } else { c * (x - dominant).exp() };
        let (grown, decayed) = (part(self.grows, x), part(self.decays, -x));
        let still = if across { (-dominant).exp() } else { T::ZERO };
        let [omega @ .., a, _] = row else { return impossible() };
        // omega = (omega - along_0 e) still + along e.
        omega.iter_mut().for_each(|omega| *omega = *omega * still);
        axpy::<L>((grown - decayed - self.along * still) / self.rate, pull, omega);
        *a = grown + decayed;
        if !polar {
            return T::ZERO;
        }
        let ratio = ((norm_sq::<L>(omega) + *a * *a) / before).sqrt();
        if !(ratio > T::ZERO) || !ratio.is_finite() {
            return dominant;
        }
        omega.iter_mut().for_each(|omega| *omega = *omega / ratio);
        *a = *a / ratio;
        dominant + ratio.ln()
    }

    /// The largest of the exponents that the moved neuron is made of, and whether it has a part
    /// across D: that does not move, and where it is rounding it does not count.
    fn shift(&self, x: T, size_sq: T) -> (T, bool) {
        let exponent = |c: T, x: T| if c == T::ZERO { -T::INFINITY } else { x + c.abs().ln() };
        let still =
            size_sq - (self.grows * self.grows + self.decays * self.decays) * T::from_f64(2.0);
        let across = still > T::EPSILON * size_sq;
        let rest = if across { T::from_f64(0.5) * still.ln() } else { -T::INFINITY };
        let most = exponent(self.grows, x).max(exponent(self.decays, -x)).max(rest);
        if most.is_finite() { (most, across) } else { (T::ZERO, true) }
    }
}

/// log(above/below) where the ratio is positive; the ratio itself may overflow.
fn log_ratio<T: Real>(above: T, below: T) -> Option<T> {
    let alike = (above > T::ZERO) == (below > T::ZERO);
    if above == T::ZERO || below == T::ZERO || !alike {
        return None;
    }
    let ratio = above / below;
    // Near 1 the logarithm of the ratio, far from it the difference of logarithms.
    if ratio.is_ordinary() && ratio > T::ZERO {
        Some(ratio.ln())
    } else {
        Some(above.abs().ln() - below.abs().ln())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init;
    use crate::samples::SamplesView;

    type Row4 = [f64; 5];

    /// omega' = a D, a' = D . omega by tiny steps of the explicit midpoint rule; the last number of a
    /// row is rho, which stays.
    fn tiny(mut row: Row4, pull: [f64; 3], t: f64) -> Row4 {
        let steps = 20_000;
        let h = t / f64::from(steps);
        let rate = |row: Row4| {
            let [x, y, z, a, _] = row;
            let [d, e, f] = pull;
            [a * d, a * e, a * f, d * x + e * y + f * z, 0.0]
        };
        let along = |row: Row4, by: Row4, h: f64| {
            let mut next = row;
            next.iter_mut().zip(by).for_each(|(x, by)| *x += h * by);
            next
        };
        for _ in 0..steps {
            let middle = along(row, rate(row), 0.5 * h);
            row = along(row, rate(middle), h);
        }
        row
    }

    fn apart(one: Row4, two: Row4) -> f64 {
        let far = one.iter().zip(two).map(|(x, y)| (x - y).abs());
        // Not f64::max, which would hide a NaN.
        far.fold(0.0, |most, far| if far <= most { most } else { far })
    }

    fn random(seed: u64) -> (Row4, [f64; 3]) {
        let mut rng = init::stream(seed, "boost", 0, 0);
        let mut draw = || init::normal(&mut rng);
        ([draw(), draw(), draw(), draw(), 0.0], [draw(), draw(), draw()])
    }

    #[test]
    fn motion_is_that_of_tiny_steps() {
        for seed in 0..20 {
            let (mut row, pull) = random(seed);
            if seed < 5 {
                // An outer weight that starts small, or at 0, and changes its sign.
                row[3] = if seed == 0 { 0.0 } else { -0.05 * row[3].abs() };
            }
            let t = 0.2 * seed as f64;
            let boost = Boost::of::<f64>(Row::of(&row), &pull);
            let want = tiny(row, pull, t);
            let size = 1.0 + want.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            let mut plain = row;
            assert_eq!(boost.apply::<f64>(&mut plain, &pull, boost.rate * t, false), 0.0);
            assert!(apart(plain, want) < 1e-6 * size, "{seed}: {plain:?} {want:?}");
            let mut polar = row;
            let growth = boost.apply::<f64>(&mut polar, &pull, boost.rate * t, true);
            let before = Row::of(&row).size_sq::<f64>();
            assert!((Row::of(&polar).size_sq::<f64>() / before - 1.0).abs() < 1e-13);
            polar.iter_mut().for_each(|x| *x *= growth.exp());
            assert!(apart(polar, want) < 1e-6 * size, "{seed}: {polar:?} {want:?}");
        }
    }

    #[test]
    fn far_away_nothing_overflows() {
        let pull = [2.0, 0.0, 0.0];
        // (row, its growth over x = 800, where it ends up to its size before)
        let decays: Row4 = [-1.0, 0.0, 0.0, 1.0, 0.0];
        let half = 0.5f64.sqrt();
        let cases: [(Row4, f64, Row4); 4] = [
            (decays, -800.0, decays),
            ([1.0, 0.0, 0.0, 1.0, 0.0], 800.0, [1.0, 0.0, 0.0, 1.0, 0.0]),
            // What lies across the pull is all that is left.
            ([-1.0, 0.0, 1.0, 1.0, 0.0], -0.5 * 3f64.ln(), [0.0, 0.0, 3f64.sqrt(), 0.0, 0.0]),
            // A trace along the growing direction wins.
            ([0.0, 1.0, 0.0, 1e-9, 0.0], 800.0 + (half * 1e-9).ln(), [half, 0.0, 0.0, half, 0.0]),
        ];
        for (start, growth, end) in cases {
            let mut row = start;
            let boost = Boost::of::<f64>(Row::of(&row), &pull);
            let found = boost.apply::<f64>(&mut row, &pull, 800.0, true);
            assert!((found - growth).abs() < 1e-9, "{start:?}: {found}, expected {growth}");
            assert!(apart(row, end) < 1e-8, "{start:?}: {row:?}");
            // As plain numbers, what decays ends too; what grows is infinite, and a leap refuses it.
            if growth < 0.0 {
                let mut row = start;
                boost.apply::<f64>(&mut row, &pull, 800.0, false);
                assert!(row.iter().all(|x| x.is_finite()), "{start:?}: {row:?}");
            }
        }
        let mut still: Row4 = [1.0, 2.0, 3.0, 4.0, 0.0];
        let boost = Boost::of::<f64>(Row::of(&still), &[0.0; 3]);
        assert_eq!(boost.apply::<f64>(&mut still, &[0.0; 3], 800.0, true), 0.0);
        assert_eq!(still, [1.0, 2.0, 3.0, 4.0, 0.0]);
    }

    #[test]
    fn an_outer_weight_turns_where_it_is_zero() {
        let (mut turned, mut not) = (0, 0);
        for seed in 0..100 {
            let (row, pull) = random(seed);
            let boost = Boost::of::<f64>(Row::of(&row), &pull);
            let mut end = row;
            boost.apply::<f64>(&mut end, &pull, 9.0, true);
            match boost.turn(9.0) {
                Some(x) => {
                    let mut at = row;
                    boost.apply::<f64>(&mut at, &pull, x, false);
                    assert!(at[3].abs() < 1e-12 * (1.0 + x.exp()), "{seed}: {at:?}");
                    assert!(row[3] * end[3] < 0.0, "{seed}");
                    turned += 1;
                }
                None => {
                    assert!(row[3] * end[3] > 0.0, "{seed}");
                    not += 1;
                }
            }
        }
        assert!(turned > 10 && not > 10, "{turned} {not}");
    }

    /// Against a scan of z along the motion, from either side and from the kink itself.
    #[test]
    fn hits_are_the_first_zeros() {
        let x = [1.0, 0.2, 0.0, -0.4, 1.5, 0.3, 0.1, -0.6, 0.8];
        let samples = SamplesView::new(&x, &[1.0; 3], 3).unwrap();
        let mut memory = [0.0; Span::<f64>::len(3, 3)];
        let span = Span::<f64>::new(samples, &mut memory).unwrap();
        let limit = 6.0;
        let (mut hits, mut none, mut now) = (0, 0, 0);
        for seed in 0..100 {
            for i in 0..3 {
                let (mut row, pull) = random(seed);
                let on_kink = seed % 4 == 3;
                if on_kink {
                    span.flatten(i, &mut row);
                }
                let boost = Boost::of::<f64>(Row::of(&row), &pull);
                let z = |x: f64| {
                    let mut row = row;
                    boost.apply::<f64>(&mut row, &pull, x, true);
                    span.dot(i, Row::of(&row).omega)
                };
                let side = if on_kink || z(0.0) > 0.0 { 1.0 } else { -1.0 };
                let found = boost.hit::<f64>(&span, i, (z(0.0), 1e-12, side), &pull, limit);
                let steps = 20_000;
                let scan = (1..=steps).map(|k| limit * f64::from(k) / f64::from(steps));
                let first = scan.into_iter().find(|&x| side * z(x) < 0.0);
                match (found, first) {
                    (Some(x), Some(first)) => {
                        assert!((x - first).abs() < 1.01 * limit / f64::from(steps), "{seed} {i}");
                        assert!(z(x).abs() < 1e-11, "{seed} {i}: {}", z(x));
                        hits += 1;
                        now += usize::from(x == 0.0);
                    }
                    (None, None) => none += 1,
                    _ => panic!("{seed} {i}: {found:?}, by scanning {first:?}"),
                }
            }
        }
        assert!(hits > 50 && none > 50 && now > 10, "{hits} {none} {now}");
    }
}
