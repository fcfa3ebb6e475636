//! The bytes of a checkpoint: a line of JSON, then the state of the steps in little-endian bytes,
//! for it may be too large for text.
use crate::failure::Failure;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Serialised floats keep every bit; those in `journal` must be finite, those in `state` need not.
pub fn encode(journal: &impl Serialize, state: &[f64]) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec(journal)
        .map_err(|error| Failure::failed(format!("cannot save a checkpoint: {error}")))?;
    bytes.push(b'\n');
    bytes.extend(state.iter().flat_map(|x| x.to_le_bytes()));
    Ok(bytes)
}

/// What [`encode`] was given, where the state must have `len` numbers.
pub fn decode<J: DeserializeOwned>(bytes: &[u8], len: usize) -> Result<(J, Vec<f64>), Failure> {
    let damaged = |what: String| {
        Failure::bad_input(format!(
            "the checkpoint in the --out folder is damaged: {what}; delete the file `checkpoint` \
             to start again"
        ))
    };
    let at = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let (head, body) = bytes.split_at(at);
    let journal = serde_json::from_slice(head).map_err(|error| damaged(error.to_string()))?;
    let state: Vec<f64> = (body.get(1..).unwrap_or_default().as_chunks().0.iter())
        .map(|word| f64::from_le_bytes(*word))
        .collect();
    if state.len() != len {
        return Err(damaged(format!("{} numbers instead of {len}", state.len())));
    }
    Ok((journal, state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_run_keeps_every_bit_and_damage_is_seen() {
        let journal = (7, 0.1 + 0.2, 1e-300);
        let bytes = encode(&journal, &[0.1, -0.0, 5e-324]).unwrap();
        let (back, state) = decode::<(u64, f64, f64)>(&bytes, 3).unwrap();
        assert_eq!(back, journal);
        let bits: Vec<u64> = state.iter().map(|x| x.to_bits()).collect();
        assert_eq!(bits, [0.1f64.to_bits(), (-0.0f64).to_bits(), 1]);
        for bad in [&bytes[..bytes.len() - 1], b"{}", b""] {
            let failure = decode::<(u64, f64, f64)>(bad, 3).unwrap_err();
            assert!(failure.to_string().contains("delete the file"));
        }
    }
}
