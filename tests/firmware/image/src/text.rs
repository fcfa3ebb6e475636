//! Numbers as text, without `core::fmt`, which is large and can panic.

use reluflow::Real;

use crate::board::write;

/// Writes `text` and a newline.
pub fn line(text: &str) {
    write(text.as_bytes());
    write(b"\n");
}

/// Writes `name`, a space, `value` and a newline.
pub fn named(name: &str, value: u64) {
    write(name.as_bytes());
    write(b" ");
    decimal(value, 1);
    write(b"\n");
}

/// Writes `value` with at least `digits` digits.
pub fn decimal(mut value: u64, digits: usize) {
    let mut text = [b'0'; 20];
    let mut used = 0;
    for (i, digit) in text.iter_mut().rev().enumerate() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            used = i + 1;
            break;
        }
    }
    write(text.get(text.len() - used.max(digits).min(text.len())..).unwrap_or(&[]));
}

/// Writes 16 hexadecimal digits.
pub fn hexadecimal(value: u64) {
    for shift in (0..64).step_by(4).rev() {
        let digit = (value >> shift) as u8 & 15;
        write(&[if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }]);
    }
}

/// Writes a number that is not negative with six decimals.
pub fn real<T: Real>(value: T) {
    if !value.is_finite() {
        return write(b"not finite");
    }
    let millionths = (value.to_f64() * 1e6 + 0.5) as u64;
    decimal(millionths / 1_000_000, 1);
    write(b".");
    decimal(millionths % 1_000_000, 6);
}
