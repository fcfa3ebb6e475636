//! One line of `[grid]`: values one by one, or evenly spaced.
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use toml::Spanned;

/// The values of a key.
pub enum Axis {
    /// Each written out.
    List(Vec<Spanned<toml::Value>>),
    /// `{ from, to, step }`, both ends included.
    Range(Range),
}

/// Evenly spaced values.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    from: f64,
    to: f64,
    step: f64,
}

/// More values than this in one range are a slip of the step.
const MOST: usize = 1_000_000;

impl Axis {
    /// The texts of the values with their places; that of a range is `start`.
    pub fn texts(&self, start: usize) -> Result<Vec<(usize, String)>, (usize, String)> {
        match self {
            Self::List(values) => {
                let text = |value: &Spanned<toml::Value>| {
                    let at = value.span().start;
                    spelled(value.get_ref()).map(|text| (at, text)).map_err(|wrong| (at, wrong))
                };
                values.iter().map(text).collect()
            }
            Self::Range(range) => {
                let texts = range.texts().map_err(|wrong| (start, wrong))?;
                Ok(texts.into_iter().map(|text| (start, text)).collect())
            }
        }
    }
}

/// A value as `--set` would have it.
pub fn spelled(value: &toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(n) => Ok(n.to_string()),
        toml::Value::Float(x) => Ok(format!("{x:?}")),
        toml::Value::Boolean(on) => Ok(on.to_string()),
        other => Err(format!("found {other}, expected one number, word, true or false")),
    }
}

impl Range {
    /// Computed in decimals, so that the third value from 0.1 in steps of 0.1 is 0.3, as it would be
    /// in a list, and not 0.30000000000000004, which is another cell.
    fn texts(&self) -> Result<Vec<String>, String> {
        let Self { from, to, step } = *self;
        let sound = from.is_finite() && to.is_finite() && step.is_finite();
        if !(sound && step > 0.0 && from <= to) {
            return Err(format!(
                "found from = {from}, to = {to}, step = {step}, expected from <= to and step > 0"
            ));
        }
        // Display never uses an exponent, so what follows the point are the decimals.
        let decimals = |x: f64| x.to_string().split_once('.').map_or(0, |(_, tail)| tail.len());
        let digits = decimals(from).max(decimals(step));
        let mut texts = Vec::new();
        for k in 0..=MOST {
            let text = format!("{:.digits$}", from + k as f64 * step);
            let value: f64 = text.parse().map_err(|_| format!("{text} is not a number"))?;
            if value > to {
                return Ok(texts);
            }
            // -0.0 is spelled 0, as in a list.
            texts.push(if value == 0.0 { "0".into() } else { text });
        }
        Err(format!("found more than {MOST} values, expected fewer; is step = {step} too small?"))
    }
}

impl<'de> Deserialize<'de> for Axis {
    /// By hand, because an untagged enum would lose the places of the values.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Axis;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("values such as [4, 8] or { from = 4, to = 8, step = 2 }")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Axis, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(values)).map(Axis::List)
            }

            fn visit_map<A: MapAccess<'de>>(self, range: A) -> Result<Axis, A::Error> {
                Range::deserialize(MapAccessDeserializer::new(range)).map(Axis::Range)
            }
        }

        from.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(from: f64, to: f64, step: f64) -> Result<Vec<String>, String> {
        Range { from, to, step }.texts()
    }

    #[test]
    fn a_range_counts_in_decimals_and_holds_both_ends() {
        assert_eq!(texts(0.1, 0.4, 0.1).unwrap(), ["0.1", "0.2", "0.3", "0.4"]);
        assert_eq!(texts(-0.2, 0.2, 0.1).unwrap(), ["-0.2", "-0.1", "0", "0.1", "0.2"]);
        assert_eq!(texts(4.0, 9.0, 2.0).unwrap(), ["4", "6", "8"]);
        assert_eq!(texts(1e-3, 1e-3, 1.0).unwrap(), ["0.001"]);
        assert_eq!(texts(0.0, 1e-7, 1e-8).unwrap().len(), 11);
        assert_eq!(texts(1e-300, 3e-300, 1e-300).unwrap()[2].parse(), Ok(3e-300));
    }

    #[test]
    fn a_range_that_does_not_end_is_refused() {
        for (from, to, step) in [(1.0, 2.0, 0.0), (1.0, 2.0, -1.0), (2.0, 1.0, 1.0)] {
            assert!(texts(from, to, step).unwrap_err().contains("expected from <= to"));
        }
        assert!(texts(f64::NEG_INFINITY, 0.0, 1.0).is_err());
        assert!(texts(0.0, 1.0, 1e-9).unwrap_err().contains("step = 0.000000001 too small"));
    }
}
