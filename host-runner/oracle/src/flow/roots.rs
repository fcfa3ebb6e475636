//! First zero of a polynomial, with no zero missed: intervals are thrown away only when a bound
//! on the polynomial proves them empty.

/// c_0 + c_1 t + c_2 t^2 + ... by Horner's rule.
pub fn value(c: &[f64], t: f64) -> f64 {
    c.iter().rev().fold(0.0, |sum, c| sum * t + c)
}

/// Coefficients about `at`: sum_k c_k (at + e)^k = sum_k b_k e^k, by repeated synthetic division.
fn shifted(c: &[f64], at: f64) -> Vec<f64> {
    let mut b = c.to_vec();
    for first in 0..b.len() {
        for k in (first..b.len() - 1).rev() {
            b[k] += at * b[k + 1];
        }
    }
    b
}

/// The smallest t in (0, end] where a polynomial with c_0 > 0 has fallen to 0.
///
/// On an interval of centre m and half width e, with b the coefficients about m:
///
/// ```text
/// b_0 > sum_{k >= 1} |b_k| e^k              no zero
/// |b_1| > sum_{k >= 2} k |b_k| e^(k-1)      monotone: a zero exactly if the ends differ in sign
/// ```
///
/// and any other interval is halved, the left half first. Two zeros closer than 1e-15 end, between
/// which the polynomial is negative by rounding only, count as none.
pub fn first_zero(c: &[f64], end: f64) -> Option<f64> {
    let mut power = 1.0;
    let mut unit = Vec::with_capacity(c.len());
    for c in c {
        unit.push(c * power);
        power *= end;
    }
    if unit[0] > unit[1..].iter().map(|c| c.abs()).sum::<f64>() {
        return None;
    }
    let mut intervals = vec![(0.0, 1.0)];
    while let Some((low, high)) = intervals.pop() {
        let (centre, half): (f64, f64) = (0.5 * (low + high), 0.5 * (high - low));
        let b = shifted(&unit, centre);
        let (mut change, mut slope, mut power) = (0.0, 0.0, 1.0);
        for k in 1..b.len() {
            if k >= 2 {
                slope += k as f64 * b[k].abs() * power;
            }
            power *= half;
            change += b[k].abs() * power;
        }
        if b[0] > change {
            continue;
        }
        let monotone = b.len() < 2 || b[1].abs() > slope;
        if monotone || half < 1e-15 {
            if value(&unit, high) <= 0.0 {
                return Some(end * bisect(low, high, |t| value(&unit, t)));
            }
        } else {
            intervals.push((centre, high));
            intervals.push((low, centre));
        }
    }
    None
}

/// The sign change of `f` between `low`, where it is positive, and `high`, where it is not, to the
/// last bit. The answer has f <= 0.
pub fn bisect(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return high;
        }
        if f(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// prod_m (1 - t/zero_m).
    fn with_zeros(zeros: &[f64]) -> Vec<f64> {
        let mut c = vec![1.0];
        for zero in zeros {
            c.push(0.0);
            for k in (1..c.len()).rev() {
                c[k] -= c[k - 1] / zero;
            }
        }
        c
    }

    #[test]
    fn first_of_several() {
        let c = with_zeros(&[0.7, 0.3, 2.0, -0.1, 0.9]);
        assert!((first_zero(&c, 1.0).unwrap() - 0.3).abs() < 1e-15);
        assert!((first_zero(&c, 0.31).unwrap() - 0.3).abs() < 1e-15);
        assert_eq!(first_zero(&c, 0.29), None);
        assert_eq!(first_zero(&[1.0], 5.0), None);
        assert_eq!(first_zero(&[1.0, -0.5], 5.0), Some(2.0));
    }

    /// Two zeros a millionth apart: both ends of the interval are positive.
    #[test]
    fn a_short_dip_is_found() {
        let c = with_zeros(&[0.5, 0.500_001, 3.0]);
        assert!(value(&c, 1.0) > 0.0);
        assert!((first_zero(&c, 1.0).unwrap() - 0.5).abs() < 1e-9);
        // (t - 1/2)^2 + 1e-12 has none.
        assert_eq!(first_zero(&[0.25 + 1e-12, -1.0, 1.0], 1.0), None);
    }

    #[test]
    fn zero_far_below_the_end() {
        let zero = first_zero(&[1e-30, -1.0, 0.3], 1.0).unwrap();
        assert!((zero - 1e-30).abs() < 1e-44, "{zero}");
    }
}
