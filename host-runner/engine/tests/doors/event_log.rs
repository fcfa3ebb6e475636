//! A damaged log is noticed.
use engine::event_log::{csv, verify};
use reluflow::flow::{Event, Kind};
use std::path::Path;

#[test]
fn a_damaged_line_is_named() {
    let event = |t, neuron| Event { t, neuron, sample: 1, kind: Kind::Dies };
    let text = csv(&[event(0.5, 0), event(1.0 / 3.0, 7), event(2.0, 3)]);
    let path = Path::new("events.csv");
    assert!(verify(path, &text).is_ok());
    for (from, to, line) in [
        ("0.3333333333333333,", "0.3333333333333334,", 3),
        ("2.0,3,", "2.0,4,", 4),
        ("0.5,0,1,dies", "0.5,0,1,wakes", 2),
        ("t,neuron,sample,kind,check", "t,neuron", 1),
    ] {
        let damaged = text.replacen(from, to, 1);
        assert_ne!(damaged, text);
        let said = verify(path, &damaged).unwrap_err().to_string();
        assert!(said.starts_with(&format!("events.csv:{line}: ")), "{said}");
    }
    let lost: Vec<&str> = text.lines().enumerate().filter(|l| l.0 != 2).map(|l| l.1).collect();
    assert!(verify(path, &lost.join("\n")).unwrap_err().to_string().contains(":3: "));
}
