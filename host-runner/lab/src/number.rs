//! Numbers for people.

/// Five digits, without an exponent where that is readable.
pub fn short(x: f64) -> String {
    if x == 0.0 {
        return "0".into();
    }
    if !(1e-3..1e6).contains(&x.abs()) {
        return format!("{x:.4e}");
    }
    // The exponent after rounding: 0.999999 has that of 1.
    let scientific = format!("{x:.4e}");
    let exponent = scientific.split('e').nth(1).and_then(|e| e.parse().ok()).unwrap_or(0i32);
    format!("{x:.*}", (4 - exponent).max(0) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_digits_at_every_size() {
        for (x, text) in [
            (0.0, "0"),
            (0.012345678, "0.012346"),
            (1.0, "1.0000"),
            (0.9999999, "1.0000"),
            (-9962.6, "-9962.6"),
            (123456.0, "123456"),
            (1.17367e8, "1.1737e8"),
            (1e-9, "1.0000e-9"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(short(x), text);
        }
    }
}
