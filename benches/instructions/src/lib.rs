//! Counted instructions beside the recorded ones.
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write;

/// Change in per cent that another order of the same instructions does not explain.
pub const LIMIT: f64 = 3.0;

/// Instructions of a step by id, the ids being those of the timed benches.
pub type Counts = BTreeMap<String, u64>;

/// Counts, and what they depend on beside the code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// `rustc --version`.
    pub rustc: String,
    /// `valgrind --version`.
    pub valgrind: String,
    /// One step of each case.
    pub instructions: Counts,
}

/// Counts in what gungraun prints with `--output-format=json`, one case a line.
///
/// # Errors
/// A sentence, when a line is not that of a case with a count.
pub fn counts(summaries: &str) -> Result<Counts, Box<dyn Error>> {
    let mut counts = Counts::new();
    for line in summaries.lines() {
        let summary: Value = serde_json::from_str(line)?;
        let id = id(&summary).ok_or_else(|| format!("not a step at a size: {line}"))?;
        let count = instructions(&summary).ok_or_else(|| format!("{id} was not counted"))?;
        if counts.insert(id.clone(), count).is_some() {
            return Err(format!("{id} was counted twice").into());
        }
    }
    if counts.is_empty() {
        return Err("nothing was counted".into());
    }
    Ok(counts)
}

/// `dense_fixed` and `f32x8_p60_n2_d2` make `step/dense-fixed/f32x8/p60_n2_d2`.
fn id(summary: &Value) -> Option<String> {
    let step = summary["function_name"].as_str()?.replace('_', "-");
    let (lanes, size) = summary["id"].as_str()?.rsplit_once("_p")?;
    Some(format!("step/{step}/{}/p{size}", lanes.replace('_', "-")))
}

fn instructions(summary: &Value) -> Option<u64> {
    let profiles = summary["profiles"].as_array()?;
    let callgrind = profiles.iter().find(|profile| profile["tool"] == "Callgrind")?;
    callgrind["data"]["total"]["metrics"]["Ir"]["values"]["new"].as_u64()
}

/// What is to be said about `now`, and whether it passes.
///
/// The same cases must be in both. A count more than [`LIMIT`] above the recorded one fails if the
/// compiler is the same; another one may count differently without anyone having changed the code.
pub fn compare(recorded: &Record, now: &Record) -> (String, bool) {
    let same_rustc = recorded.rustc == now.rustc;
    let (mut more, mut less, mut other) = (0, 0, 0);
    let mut text = format!("{:<44}{:>10}{:>10}{:>10}\n", "id", "recorded", "now", "change");
    let ids: BTreeSet<_> = recorded.instructions.keys().chain(now.instructions.keys()).collect();
    for id in ids {
        let (was, is) = (recorded.instructions.get(id), now.instructions.get(id));
        let change = was.zip(is).map(|(&was, &is)| 100.0 * (is as f64 - was as f64) / was as f64);
        let (counter, remark) = match change {
            None if was.is_some() => (Some(&mut other), "  not counted"),
            None => (Some(&mut other), "  not recorded"),
            Some(change) if change > LIMIT => (Some(&mut more), "  more"),
            Some(change) if change < -LIMIT => (Some(&mut less), "  less"),
            Some(_) => (None, ""),
        };
        if let Some(counter) = counter {
            *counter += 1;
        }
        let count = |count: Option<&u64>| count.map_or("-".to_string(), u64::to_string);
        let change = change.map_or("-".to_string(), |change| format!("{change:+.1} %"));
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "{id:<44}{:>10}{:>10}{change:>10}{remark}", count(was), count(is));
    }
    let mut say = |number: i32, sentence: &str| {
        if number > 0 {
            let _ = writeln!(text, "{number} {sentence}");
        }
    };
    say(more, &format!("more than {LIMIT} % above the record"));
    say(less, &format!("more than {LIMIT} % below the record: renew it with --update"));
    say(other, "on one side only: renew the record with --update");
    if !same_rustc {
        let (was, is) = (&recorded.rustc, &now.rustc);
        let _ = writeln!(
            text,
            "recorded with {was}, counted with {is}: the compiler may have changed the counts, so \
             none fails; go back to the first or renew the record"
        );
    }
    if recorded.valgrind != now.valgrind {
        let (was, is) = (&recorded.valgrind, &now.valgrind);
        let _ = writeln!(text, "recorded with {was}, counted with {is}");
    }
    (text, other == 0 && (more == 0 || !same_rustc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(rustc: &str, counts: &[(&str, u64)]) -> Record {
        let instructions = counts.iter().map(|&(id, count)| (id.to_string(), count)).collect();
        Record { rustc: rustc.into(), valgrind: "valgrind-3".into(), instructions }
    }

    #[test]
    fn summaries_are_read_under_the_frozen_ids() {
        let line = r#"{"function_name":"dense_fixed","id":"canonical_f32x8_p60_n2_d2","profiles":[
            {"tool":"Callgrind","data":{"total":{"metrics":{"Ir":{"values":{"new":7}}}}}}]}"#;
        let line = line.replace('\n', "");
        let found = counts(&line).unwrap();
        let expected = [("step/dense-fixed/canonical-f32x8/p60_n2_d2".to_string(), 7)];
        assert_eq!(found, Counts::from(expected));
        assert!(counts(&format!("{line}\n{line}")).is_err());
        assert!(counts(&line.replace("Ir", "Dr")).is_err());
        assert!(counts(&line.replace("_p60", "")).is_err());
        assert!(counts("").is_err());
    }

    #[test]
    fn more_fails_and_less_does_not() {
        let recorded = record("1", &[("a", 1000), ("b", 1000)]);
        for (count, passes, says) in [
            (1000, true, None),
            (1030, true, None),
            (970, true, None),
            (1031, false, Some("1 more than 3 % above")),
            (969, true, Some("1 more than 3 % below")),
        ] {
            let (text, passed) = compare(&recorded, &record("1", &[("a", 1000), ("b", count)]));
            assert_eq!(passed, passes, "{count}: {text}");
            assert_eq!(says.is_some(), text.contains("more than"), "{text}");
            assert!(says.is_none_or(|says| text.contains(says)), "{text}");
        }
    }

    #[test]
    fn another_compiler_is_told_and_passes() {
        let (text, passed) = compare(&record("1", &[("a", 1000)]), &record("2", &[("a", 2000)]));
        assert!(passed && text.contains("+100.0 %") && text.contains("none fails"), "{text}");
    }

    #[test]
    fn a_case_on_one_side_fails_whatever_the_compiler() {
        let (one, two) = (record("1", &[("a", 1)]), record("2", &[("a", 1), ("b", 1)]));
        assert!(!compare(&one, &two).1 && !compare(&two, &one).1);
        assert!(compare(&one, &two).0.contains("not recorded"));
        assert!(compare(&two, &one).0.contains("not counted"));
    }
}
