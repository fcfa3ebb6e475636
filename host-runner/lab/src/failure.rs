//! The one error type of the command: a sentence for the user and an exit code for scripts.
use std::fmt;
use std::io;
use std::path::Path;

/// Exit code of a command that did what it was asked.
pub const DONE: u8 = 0;
/// Exit code of a run whose claims did not all reproduce.
pub const NOT_REPRODUCED: u8 = 3;

/// Exit code of a command that did only a part of it.
pub const PARTIAL: u8 = 4;

/// What kind of thing went wrong; it decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The machine let us down: disk full, folder not writable. Exit code 1.
    Failed,
    /// The user asked for something impossible. Exit code 2.
    BadInput,
    /// Something is missing that another command will bring. Exit code 4.
    Partial,
    /// Stopped by SIGINT or SIGTERM. Exit code 130.
    Interrupted,
}

/// A sentence saying what happened, where, why and what to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    kind: Kind,
    sentence: String,
}

impl Failure {
    /// The machine's fault, exit code 1.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, sentence: sentence.into() }
    }

    /// Wrong usage or unusable input, exit code 2.
    pub fn bad_input(sentence: impl Into<String>) -> Self {
        Self { kind: Kind::BadInput, sentence: sentence.into() }
    }

    /// Not all of it is there yet, exit code 4.
    pub fn partial(sentence: impl Into<String>) -> Self {
        Self { kind: Kind::Partial, sentence: sentence.into() }
    }

    /// Stopped by a signal, exit code 130.
    pub fn interrupted(sentence: impl Into<String>) -> Self {
        Self { kind: Kind::Interrupted, sentence: sentence.into() }
    }

    /// A file or folder that could not be written, exit code 1.
    pub fn write(path: &Path, error: &io::Error) -> Self {
        let advice = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "free some space, or choose a folder on another disk"
            }
            _ => "choose a folder that you may write to",
        };
        Self::failed(format!("cannot write {}: {error}; {advice}", path.display()))
    }

    /// A file that could not be read, exit code 2: the user named it.
    pub fn read(path: &Path, error: &io::Error) -> Self {
        Self::bad_input(format!(
            "cannot read {}: {error}; check the name and its permissions",
            path.display()
        ))
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The exit code promised by `--help`.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::BadInput => 2,
            Kind::Partial => PARTIAL,
            Kind::Interrupted => 130,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Failure {}

/// For input and output with no file name at hand; prefer [`Failure::write`] and [`Failure::read`].
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::failed(format!("input or output failed: {error}"))
    }
}

/// The kernels refused a shape: our mistake, not the user's.
impl From<reluflow::Error> for Failure {
    fn from(error: reluflow::Error) -> Self {
        Self::failed(format!("a kernel refused its arguments: {error}; please report this"))
    }
}

/// Writes a command's result to stdout. A reader that has gone away (`| head`) is no failure:
/// it took what it wanted, and the exit code must still be that of the work done.
pub fn print(text: &str) -> Result<(), Failure> {
    use io::Write;
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::failed(format!(
            "cannot write the result to stdout: {error}; send it to a file with room for it"
        ))),
        _ => Ok(()),
    }
}

/// The candidate nearest to a mistyped name, if any is near enough to be what was meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.7)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_the_help() {
        assert_eq!(Failure::failed("x").exit_code(), 1);
        assert_eq!(Failure::bad_input("x").exit_code(), 2);
        assert_eq!(Failure::partial("x").exit_code(), 4);
        assert_eq!(Failure::interrupted("x").exit_code(), 130);
    }

    #[test]
    fn a_full_disk_gets_advice_about_space() {
        let error = io::Error::from(io::ErrorKind::StorageFull);
        let said = Failure::write(Path::new("out/a"), &error).to_string();
        assert!(said.contains("out/a") && said.contains("free some space"), "{said}");
    }

    #[test]
    fn nearest_finds_a_slip_and_ignores_nonsense() {
        let names = ["orthogonal-two-point", "weak-phase"];
        assert_eq!(nearest("ortogonal-two-pint", names), Some("orthogonal-two-point"));
        assert_eq!(nearest("zzz", names), None);
    }
}
