//! The lines of a shard's file: one JSON document each, the last field of which is a check of the
//! rest, so that a line that was cut short or altered is known.
use super::digest;
use super::job::Record;
use super::shard::Header;
use lab::failure::Failure;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

const CHECK: &str = ",\"check\":\"";

/// A document `{...}` as a line with its check.
pub fn sealed(document: &str) -> String {
    let open = document.strip_suffix('}').unwrap_or(document);
    format!("{open}{CHECK}{}\"}}\n", digest::short(open))
}

/// The document of a whole line, if nothing happened to it.
fn opened(line: &[u8]) -> Option<String> {
    let line = str::from_utf8(line.strip_suffix(b"\"}\n")?).ok()?;
    let (open, check) = line.rsplit_once(CHECK)?;
    (check == digest::short(open)).then(|| format!("{open}}}"))
}

/// What a file holds.
#[derive(Debug)]
pub struct Lines {
    /// `None` where the file was cut short in its first line.
    pub header: Option<Header>,
    /// In the order written.
    pub records: Vec<Record>,
    /// Bytes up to the end of the last good line.
    pub kept: u64,
    /// Lines after that.
    pub torn: usize,
}

/// The header alone, without a look at the rest.
pub fn header(path: &Path) -> Result<Option<Header>, Failure> {
    let mut line = Vec::new();
    File::open(path)
        .and_then(|file| BufReader::new(file).read_until(b'\n', &mut line))
        .map_err(|e| Failure::read(path, &e))?;
    opened(&line).map(|text| parsed(path, 1, &text)).transpose()
}

/// Reads the file of a shard. Bad lines at its end are what a kill leaves behind: they are counted
/// and otherwise passed over. A bad line before a good one is a failure.
pub fn read(path: &Path) -> Result<Lines, Failure> {
    let bytes = fs::read(path).map_err(|e| Failure::read(path, &e))?;
    let mut lines: Vec<Option<String>> = Vec::new();
    let (mut at, mut kept, mut good) = (0, 0, 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        lines.push(opened(line));
        if lines.last().is_some_and(Option::is_some) {
            (kept, good) = (at as u64, lines.len());
        }
    }
    let torn = lines.len() - good;
    let mut documents = Vec::with_capacity(good);
    for (number, line) in (1..).zip(lines.into_iter().take(good)) {
        documents.push(line.ok_or_else(|| damaged(path, number))?);
    }
    let mut documents = documents.iter();
    let header = documents.next().map(|text| parsed(path, 1, text)).transpose()?;
    let mut records: Vec<Record> = Vec::new();
    let mut seen = HashMap::new();
    for (number, text) in (2usize..).zip(documents) {
        let record: Record = parsed(path, number, text)?;
        if let Some(first) = seen.insert(record.job, number) {
            return Err(Failure::bad_input(format!(
                "{}:{number}: found job {} again, expected it once, in line {first}; two processes \
                 wrote to this file: delete it and run the shard again",
                path.display(),
                record.job
            )));
        }
        records.push(record);
    }
    Ok(Lines { header, records, kept, torn })
}

/// A complete file: nothing may be wrong with it, for it was renamed when all was written.
pub fn read_whole(path: &Path) -> Result<(Header, Vec<Record>), Failure> {
    let lines = read(path)?;
    match lines.header {
        Some(header) if lines.torn == 0 => Ok((header, lines.records)),
        None => Err(damaged(path, 1)),
        Some(_) => Err(damaged(path, lines.records.len() + 2)),
    }
}

fn damaged(path: &Path, line: usize) -> Failure {
    let name = path.display();
    let header = "delete the file and run the shard again";
    let advice = if line == 1 {
        header.to_string()
    } else if name.to_string().ends_with(".part") {
        "delete this line and run the shard again, which runs its job again".to_string()
    } else {
        format!("{header}, or delete this line, rename the file to {name}.part and do so")
    };
    Failure::bad_input(format!(
        "{name}:{line}: found a damaged line, expected one that ends with its own check; {advice}"
    ))
}

fn parsed<T: DeserializeOwned>(path: &Path, line: usize, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::bad_input(format!(
            "{}:{line}: {error}; the line is whole but of another version of reluflow: use that one, \
             or delete the file and run the shard again",
            path.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_by_its_check() {
        let line = sealed("{\"job\":1,\"check\":\"no\"}");
        assert_eq!(opened(line.as_bytes()).unwrap(), "{\"job\":1,\"check\":\"no\"}");
        let value: serde_json::Value = serde_json::from_str(&sealed("{\"a\":1}")).unwrap();
        assert_eq!(value["a"], 1, "still JSON");
        for at in 0..line.len() {
            assert_eq!(opened(&line.as_bytes()[..at]), None, "cut at {at}");
            let mut altered = line.clone().into_bytes();
            altered[at] ^= 1;
            assert_eq!(opened(&altered), None, "altered at {at}");
        }
    }
}
