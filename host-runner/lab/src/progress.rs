//! Progress on stderr: a bar with the time left on a terminal, a plain line every ten seconds
//! elsewhere (logs, pipes), nothing under `--quiet`.
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Shows how far a run is. Shared by reference between threads.
#[derive(Debug)]
pub struct Progress {
    shown: Shown,
}

#[derive(Debug)]
enum Shown {
    Silent,
    Bar(ProgressBar),
    Lines(Mutex<Lines>),
}

#[derive(Debug)]
struct Lines {
    total: u64,
    what: &'static str,
    /// Where this session began: a resumed run must not count old work into its speed.
    first: Option<u64>,
    started: Instant,
    said: Instant,
}

const PERIOD: Duration = Duration::from_secs(10);

impl Progress {
    /// Chooses the form that suits stderr.
    pub fn new(quiet: bool) -> Self {
        let shown = if quiet {
            Shown::Silent
        } else if std::io::stderr().is_terminal() {
            Shown::Bar(ProgressBar::no_length())
        } else {
            let now = Instant::now();
            let lines = Lines { total: 0, what: "", first: None, started: now, said: now };
            Shown::Lines(Mutex::new(lines))
        };
        Self { shown }
    }

    /// Announces `total` steps of `what`, e.g. 20000 `iterations`.
    pub fn start(&self, total: u64, what: &'static str) {
        match &self.shown {
            Shown::Silent => {}
            Shown::Bar(bar) => {
                let template = format!("{{bar:40}} {{pos}}/{{len}} {what}, {{eta}} left, {{msg}}");
                bar.set_style(ProgressStyle::with_template(&template).unwrap_or_else(|_| {
                    // The template is ours; a slip in it must not cost the user the run.
                    ProgressStyle::default_bar()
                }));
                bar.set_length(total);
                bar.reset();
            }
            Shown::Lines(lines) => {
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                let now = Instant::now();
                *lines = Lines { total, what, first: None, started: now, said: now };
            }
        }
    }

    /// `done` steps are behind us. Reads the clock: call it every some hundred steps.
    pub fn at(&self, done: u64) {
        match &self.shown {
            Shown::Silent => {}
            Shown::Bar(bar) => bar.set_position(done),
            Shown::Lines(lines) => {
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.first.get_or_insert(done);
                if lines.said.elapsed() >= PERIOD {
                    lines.said = Instant::now();
                    let line = lines.line(done, lines.started.elapsed());
                    // A closed stderr is no reason to stop.
                    let _ = writeln!(std::io::stderr(), "{line}");
                }
            }
        }
    }

    /// A few words behind the bar, e.g. the loss.
    pub fn note(&self, words: String) {
        if let Shown::Bar(bar) = &self.shown {
            bar.set_message(words);
        }
    }

    /// A line of its own, which stays.
    pub fn warn(&self, words: &str) {
        match &self.shown {
            Shown::Silent => {}
            Shown::Bar(bar) => bar.println(format!("warning: {words}")),
            Shown::Lines(_) => {
                let _ = writeln!(std::io::stderr(), "warning: {words}");
            }
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

impl Lines {
    fn line(&self, done: u64, elapsed: Duration) -> String {
        let new = done.saturating_sub(self.first.unwrap_or(0));
        let left = match new {
            0 => "unknown time".into(),
            _ => {
                let per_step = elapsed.as_secs_f64() / new as f64;
                format!("{:.0} s", per_step * self.total.saturating_sub(done) as f64)
            }
        };
        let percent = 100.0 * done as f64 / self.total.max(1) as f64;
        format!("{done} of {} {} ({percent:.0} %), {left} left", self.total, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_run_estimates_from_its_own_speed() {
        let now = Instant::now();
        let lines =
            Lines { total: 100, what: "iterations", first: Some(50), started: now, said: now };
        let line = lines.line(75, Duration::from_secs(10));
        assert_eq!(line, "75 of 100 iterations (75 %), 10 s left");
        assert!(lines.line(50, Duration::ZERO).contains("unknown time"));
    }
}
