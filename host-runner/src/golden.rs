//! `doctor --golden`: does this machine compute what every target must compute?
use lab::failure::Failure;
use lab::run_folder::pretty;
use reluflow::golden::HASH;
use serde_json::{Map, Value, json};

/// The hash, or the width that got another one.
pub fn golden(as_json: bool) -> Result<String, Failure> {
    report(&[engine::golden()], as_json)
}

fn report(found: &[(&str, u64)], as_json: bool) -> Result<String, Failure> {
    let wrong: Vec<String> = found
        .iter()
        .filter(|(_, hash)| *hash != HASH)
        .map(|(lanes, hash)| format!("{lanes}: {hash:#018x}"))
        .collect();
    if !wrong.is_empty() {
        return Err(Failure::failed(format!(
            "golden hash: expected {HASH:#018x} at every width, found {}; this build does not \
             compute what other targets compute: build it again without flags that change \
             floating-point arithmetic, then test the machine's memory",
            wrong.join(", ")
        )));
    }
    if !as_json {
        return Ok(format!("{HASH:#018x}\n"));
    }
    let lanes: Map<String, Value> = found
        .iter()
        .map(|(lanes, hash)| ((*lanes).into(), format!("{hash:#018x}").into()))
        .collect();
    Ok(pretty(&json!({ "golden": format!("{HASH:#018x}"), "lanes": lanes })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_with_other_bits_is_named() {
        assert!(golden(false).unwrap().starts_with("0x"));
        assert!(golden(true).unwrap().contains("lanes"));
        let failure = report(&[("f32", HASH), ("f32x4", 1)], false).unwrap_err();
        assert!(failure.to_string().contains("f32x4: 0x0000000000000001"), "{failure}");
    }
}
