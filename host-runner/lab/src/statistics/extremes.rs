//! The only maxima, minima and means of measured numbers. Those of `f64` drop NaN, and with it the word that something
//! could not be measured; clippy.toml keeps them out of the crates that judge.
use std::borrow::Borrow;

/// The larger of two; NaN if either is.
#[expect(clippy::disallowed_methods, reason = "NaN has been dealt with")]
pub fn larger(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() { f64::NAN } else { x.max(y) }
}

/// The smaller of two; NaN if either is.
#[expect(clippy::disallowed_methods, reason = "NaN has been dealt with")]
pub fn smaller(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() { f64::NAN } else { x.min(y) }
}

/// The largest; NaN if any is, and of none.
pub fn max(values: impl IntoIterator<Item: Borrow<f64>>) -> f64 {
    values.into_iter().map(|x| *x.borrow()).reduce(larger).unwrap_or(f64::NAN)
}

/// The smallest; NaN if any is, and of none.
pub fn min(values: impl IntoIterator<Item: Borrow<f64>>) -> f64 {
    values.into_iter().map(|x| *x.borrow()).reduce(smaller).unwrap_or(f64::NAN)
}

/// The smallest and the largest; both NaN if any is, and of none.
pub fn range(values: impl IntoIterator<Item: Borrow<f64>>) -> (f64, f64) {
    let pairs = values.into_iter().map(|x| (*x.borrow(), *x.borrow()));
    let both = pairs.reduce(|(low, high), (x, _)| (smaller(low, x), larger(high, x)));
    both.unwrap_or((f64::NAN, f64::NAN))
}

/// The mean; NaN if any is, and of none.
pub fn mean(values: impl IntoIterator<Item: Borrow<f64>>) -> f64 {
    let (mut sum, mut count) = (-0.0, 0.0);
    for x in values {
        sum += x.borrow();
        count += 1.0;
    }
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    #[test]
    fn nan_in_gives_nan_out_wherever_it_stands() {
        for values in [[NAN, 1.0, 2.0], [1.0, NAN, 2.0], [1.0, 2.0, NAN], [f64::INFINITY, NAN, 0.0]]
        {
            assert!(max(values).is_nan() && min(values).is_nan() && mean(values).is_nan());
            let (low, high) = range(values);
            assert!(low.is_nan() && high.is_nan());
        }
        for (x, y) in [(NAN, 1.0), (1.0, NAN), (NAN, NAN), (NAN, f64::NEG_INFINITY)] {
            assert!(larger(x, y).is_nan() && smaller(x, y).is_nan());
        }
    }

    #[test]
    fn of_nothing_there_is_nothing() {
        let none: [f64; 0] = [];
        assert!(max(none).is_nan() && min(none).is_nan() && mean(none).is_nan());
        assert!(range(none).0.is_nan() && range(none).1.is_nan());
    }

    #[test]
    fn else_they_are_what_they_are_called() {
        let values = [2.0, -3.0, f64::INFINITY, 0.5];
        assert_eq!((max(values), min(values)), (f64::INFINITY, -3.0));
        assert_eq!(range(values.iter()), (-3.0, f64::INFINITY));
        assert_eq!((larger(-1.0, 2.0), smaller(-1.0, 2.0)), (2.0, -1.0));
        assert_eq!(mean([1.0, 2.0, 6.0]), 3.0);
    }
}
