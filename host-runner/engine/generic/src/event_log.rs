//! The event log of a flow as a file: one line an event, each with a check of all lines so far.
use lab::Failure;
use reluflow::flow::Event;
use std::fmt::Write;
use std::path::Path;

const HEADER: &str = "t,neuron,sample,kind,check";

/// The file. Times keep every bit.
pub fn csv(events: &[Event<f64>]) -> String {
    let mut text = format!("{HEADER}\n");
    let mut check = Check::default();
    for Event { t, neuron, sample, kind } in events {
        let line = format!("{t:?},{neuron},{sample},{}", kind.word());
        check.add(&line);
        let _ = writeln!(text, "{line},{:016x}", check.0);
    }
    text
}

/// Checks the lines of a file against their own checks: finds a line that was changed, lost or
/// added anywhere but at the end.
pub fn verify(path: &Path, text: &str) -> Result<(), Failure> {
    let wrong = |line: usize, what: &str| {
        Failure::bad_input(format!(
            "{}:{line}: {what}; the log is damaged from here on: delete the run folder and run again",
            path.display()
        ))
    };
    let mut lines = text.lines().enumerate();
    if lines.next().is_none_or(|(_, first)| first != HEADER) {
        return Err(wrong(1, &format!("expected the header {HEADER}")));
    }
    let mut check = Check::default();
    for (at, line) in lines {
        let Some((event, found)) = line.rsplit_once(',') else {
            return Err(wrong(at + 1, "found no check at the end of the line"));
        };
        check.add(event);
        let expected = format!("{:016x}", check.0);
        if found != expected {
            return Err(wrong(at + 1, &format!("found check {found}, expected {expected}")));
        }
    }
    Ok(())
}

/// FNV-1a over all lines so far.
struct Check(u64);

impl Default for Check {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Check {
    fn add(&mut self, line: &str) {
        for byte in line.bytes().chain([b'\n']) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
