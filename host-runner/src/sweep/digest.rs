//! SHA-256 of texts, in the three forms that a sweep needs.
use sha2::{Digest, Sha256};

/// All of it, in hexadecimal: what `sha256sum` prints.
pub fn hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Its first 64 bits.
pub fn word(text: &str) -> u64 {
    Sha256::digest(text).iter().take(8).fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// The same in hexadecimal, 16 digits.
pub fn short(text: &str) -> String {
    format!("{:016x}", word(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_agree_with_the_standard() {
        // FIPS 180-4, the example "abc".
        assert!(hex("abc").starts_with("ba7816bf8f01cfea414140de5dae2223"));
        assert_eq!(word("abc"), 0xba78_16bf_8f01_cfea);
        assert_eq!(short("abc"), "ba7816bf8f01cfea");
    }
}
