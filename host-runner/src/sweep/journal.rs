//! The file of a shard while it grows: a line for each job as it ends, and a rename at the end.
use super::job::Record;
use super::lines::{Lines, read, read_whole, sealed};
use super::shard::{Header, Shard};
use lab::failure::Failure;
use lab::keeper::CHECKPOINT_PERIOD;
use lab::run_folder::{lock_or_refuse, write_whole};
use serde::Serialize;
use serde_json::json;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The file of a shard, open for this process alone.
#[derive(Debug)]
pub struct Journal {
    header: Header,
    whole: PathBuf,
    part: PathBuf,
    /// Holds the lock as well.
    file: File,
    /// What is there, in no order.
    pub records: Vec<Record>,
    /// Lines that a kill had cut short.
    pub torn: usize,
    synced: Instant,
    /// Why nothing may follow: half a line may stand at the end.
    broken: Option<Failure>,
}

/// What a folder held of a shard.
#[derive(Debug)]
pub enum Opened {
    /// All of it.
    Complete(Vec<Record>),
    /// A part, or nothing.
    Begun(Box<Journal>),
}

impl Journal {
    /// Opens or creates the file of the shard of `header`. Refuses one of another plan or program.
    pub fn open(folder: &Path, shard: Shard, header: Header) -> Result<Opened, Failure> {
        let (whole, part) = (folder.join(shard.file()), folder.join(shard.part()));
        if whole.exists() {
            return complete(&whole, &header);
        }
        let file = fs::create_dir_all(folder)
            .and_then(|()| OpenOptions::new().append(true).create(true).open(&part))
            .map_err(|e| Failure::write(&part, &e))?;
        lock_or_refuse(
            &file,
            &part,
            "this shard; wait for it, or choose another --shard or --out",
        )?;
        // The one who held the lock may have finished between the look above and the lock.
        if whole.exists() {
            let _ = fs::remove_file(&part);
            return complete(&whole, &header);
        }
        let Lines { header: found, records, kept, torn } = read(&part)?;
        if let Some(found) = &found {
            agree(&part, found, &header)?;
        }
        let mut journal =
            Self { header, whole, part, file, records, torn, synced: Instant::now(), broken: None };
        if torn > 0 {
            journal.file.set_len(kept).map_err(|e| Failure::write(&journal.part, &e))?;
        }
        if found.is_none() {
            journal.append(&line(&journal.header))?;
        }
        Ok(Opened::Begun(Box::new(journal)))
    }

    /// Keeps a record. A kill cannot take it away once this returns; a power cut can until two
    /// seconds later.
    pub fn push(&mut self, record: Record) -> Result<(), Failure> {
        self.append(&line(&record))?;
        self.records.push(record);
        Ok(())
    }

    /// One write for the whole line, at the end of the file. After a failure there is no other:
    /// behind half a line, a whole one could not be read.
    fn append(&mut self, line: &str) -> Result<(), Failure> {
        if let Some(failure) = &self.broken {
            return Err(failure.clone());
        }
        let mut written = self.file.write_all(line.as_bytes());
        if written.is_ok() && self.synced.elapsed() >= CHECKPOINT_PERIOD {
            self.synced = Instant::now();
            written = self.file.sync_data();
        }
        written.map_err(|error| {
            let failure = Failure::write(&self.part, &error);
            self.broken.insert(failure).clone()
        })
    }

    /// Puts the records in order, into a file of their own. Call it when all are there.
    pub fn finish(mut self) -> Result<(PathBuf, Vec<Record>), Failure> {
        self.records.sort_by_key(|record| record.job);
        let mut text = line(&self.header);
        self.records.iter().for_each(|record| text.push_str(&line(record)));
        write_whole(&self.whole, text.as_bytes())?;
        // Only litter by now: whoever finds both takes the whole one.
        let _ = fs::remove_file(&self.part);
        Ok((self.whole, self.records))
    }

    /// Where it is until then.
    pub fn path(&self) -> &Path {
        &self.part
    }
}

/// Refuses a file of another plan or another program.
pub fn agree(path: &Path, found: &Header, wanted: &Header) -> Result<(), Failure> {
    let differences = found.differences(wanted, ["in the file", "now"]);
    if differences.is_empty() {
        return Ok(());
    }
    Err(Failure::bad_input(format!(
        "{}: this shard is of another sweep; choose another --out, or undo:\n{}",
        path.display(),
        differences.join("\n")
    )))
}

fn complete(path: &Path, wanted: &Header) -> Result<Opened, Failure> {
    let (found, records) = read_whole(path)?;
    agree(path, &found, wanted)?;
    Ok(Opened::Complete(records))
}

fn line(document: &impl Serialize) -> String {
    sealed(&json!(document).to_string())
}

#[cfg(test)]
mod tests;
