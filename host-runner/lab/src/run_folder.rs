//! The folder of one run: written so that it is either complete, or says what is missing.
//!
//! `config.toml` comes first and marks the folder as ours, `manifest.json` comes last and marks it
//! as complete. Every file is written under a temporary name and renamed, so that a killed run
//! leaves whole files or none.
use crate::failure::Failure;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const CONFIG: &str = "config.toml";
const MANIFEST: &str = "manifest.json";
const CHECKPOINT: &str = "checkpoint";
const LOCK: &str = ".lock";

/// A folder that this process may write, and nobody else.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Holds the lock until the run ends, however it ends.
    _lock: File,
}

/// What `--out` found.
#[derive(Debug)]
pub enum Opened {
    /// Finished earlier with the same configuration: `manifest.json` and the result.
    Complete(Value, Value),
    /// New, or begun with the same configuration.
    Ready(RunFolder),
}

impl RunFolder {
    /// Opens or creates the folder for `config`; a complete one has its result in the JSON file
    /// `result`. Refuses a folder of another configuration, and one that holds anything that is
    /// not a run.
    pub fn open(path: &Path, config: &Map<String, Value>, result: &str) -> Result<Opened, Failure> {
        if let Some(done) = finished(path, config, result)? {
            return Ok(done);
        }
        fs::create_dir_all(path).map_err(|e| Failure::write(path, &e))?;
        let lock_path = path.join(LOCK);
        let lock = File::create(&lock_path).map_err(|e| Failure::write(&lock_path, &e))?;
        lock_or_refuse(&lock, path, "this folder; wait for it, or choose another --out")?;
        // The one who held the lock may have finished between the look above and the lock.
        if let Some(done) = finished(path, config, result)? {
            return Ok(done);
        }
        let folder = Self { path: path.into(), _lock: lock };
        if !path.join(CONFIG).exists() {
            let text = toml::to_string(config).map_err(|e| {
                Failure::failed(format!("cannot express the configuration as TOML: {e}"))
            })?;
            folder.write(CONFIG, text.as_bytes())?;
        }
        Ok(Opened::Ready(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `name`, which may hold one `/`, whole or not at all.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        write_whole(&self.path.join(name), bytes)
    }

    /// Writes one JSON document a line.
    pub fn write_lines(&self, name: &str, rows: &[impl Serialize]) -> Result<(), Failure> {
        let mut lines = String::new();
        for row in rows {
            lines.push_str(&json!(row).to_string());
            lines.push('\n');
        }
        self.write(name, lines.as_bytes())
    }

    /// Marks the run as complete. Call it last.
    pub fn finish(self, manifest: &Value) -> Result<(), Failure> {
        self.write(MANIFEST, pretty(manifest).as_bytes())?;
        for name in [CHECKPOINT, LOCK] {
            // Only litter by now: a later run looks at the manifest first.
            let _ = fs::remove_file(self.path.join(name));
        }
        Ok(())
    }

    /// Replaces the checkpoint; the old one stays until the new one is whole.
    pub fn save_checkpoint(&self, state: &[u8]) -> Result<(), Failure> {
        let mut bytes = checkpoint_mark().into_bytes();
        bytes.extend_from_slice(state);
        self.write(CHECKPOINT, &bytes)
    }

    /// The last checkpoint. One of another version of the program is refused: its layout and its
    /// arithmetic may differ, and a mixture of two versions reproduces neither.
    pub fn load_checkpoint(&self) -> Result<Option<Vec<u8>>, Failure> {
        let path = self.path.join(CHECKPOINT);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::read(&path, &error)),
        };
        match bytes.strip_prefix(checkpoint_mark().as_bytes()) {
            Some(state) => Ok(Some(state.to_vec())),
            None => Err(Failure::bad_input(format!(
                "{}: this checkpoint was written by another version of reluflow; delete it to \
                 start again, or finish with that version",
                path.display()
            ))),
        }
    }
}

/// Writes a file under a temporary name and renames it, so that it is there whole or not at all.
/// Makes its folder where there is none.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = parent.join(format!(".{file_name}.part"));
    let written = fs::create_dir_all(parent)
        .and_then(|()| File::create(&temporary))
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        // What is half-written helps nobody; a failure to remove it adds nothing.
        let _ = fs::remove_file(&temporary);
        Failure::write(path, &error)
    })
}

/// Locks `file` for this process until it is closed; another that holds it is a failure that names
/// `path` and says `what` is taken and what to do.
pub fn lock_or_refuse(file: &File, path: &Path, what: &str) -> Result<(), Failure> {
    match file.try_lock() {
        // Some network file systems have no locks; that alone must not forbid a run.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(Failure::failed(format!(
            "{}: another reluflow is writing to {what}",
            path.display()
        ))),
    }
}

fn checkpoint_mark() -> String {
    format!("reluflow {} checkpoint\n", env!("CARGO_PKG_VERSION"))
}

/// JSON for people: indented, with a final newline.
pub fn pretty(value: &Value) -> String {
    // Display of a `Value` cannot fail: its keys are strings and its numbers finite.
    format!("{value:#}\n")
}

/// Reads a TOML file as a JSON map.
pub fn read_toml(path: &Path) -> Result<Map<String, Value>, Failure> {
    let text = fs::read_to_string(path).map_err(|e| Failure::read(path, &e))?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |at| line_at(&text, at.start));
        Failure::bad_input(format!(
            "{}:{line}: {}; expected lines like `m = 60`",
            path.display(),
            error.message()
        ))
    })
}

/// The line, counted from 1, of the byte `at` of a text.
pub fn line_at(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

/// Looks without touching: complete, or nothing to say, or a reason to refuse.
fn finished(
    path: &Path,
    config: &Map<String, Value>,
    result: &str,
) -> Result<Option<Opened>, Failure> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::write(path, &error)),
    };
    if !path.join(CONFIG).exists() {
        // A run killed before its first file leaves a lock and a temporary name at most.
        let ours = [LOCK.to_string(), format!(".{CONFIG}.part")];
        let foreign = entries.flatten().find(|e| !ours.iter().any(|name| e.file_name() == **name));
        return match foreign {
            None => Ok(None),
            Some(entry) => Err(Failure::bad_input(format!(
                "{}: this folder holds '{}' and no {CONFIG}, so it is not the folder of a run; \
                 choose a new or empty one",
                path.display(),
                entry.file_name().to_string_lossy()
            ))),
        };
    }
    let config_path = path.join(CONFIG);
    let difference = difference(&read_toml(&config_path)?, config, ["in the folder", "now"]);
    if !difference.is_empty() {
        return Err(Failure::bad_input(format!(
            "{}: this folder is of another configuration; choose another --out, or undo:\n{}",
            path.display(),
            difference.join("\n")
        )));
    }
    if !path.join(MANIFEST).exists() {
        return Ok(None);
    }
    Ok(Some(Opened::Complete(read_json(&path.join(MANIFEST))?, read_json(&path.join(result))?)))
}

/// The entries that differ, a line each; `places` says where each side is.
pub fn difference(
    there: &Map<String, Value>,
    here: &Map<String, Value>,
    places: [&str; 2],
) -> Vec<String> {
    let mut names: Vec<&String> = there.keys().collect();
    names.extend(here.keys().filter(|name| !there.contains_key(*name)));
    let word = |side: &Map<String, Value>, name: &str| {
        side.get(name).map_or_else(|| "(absent)".to_string(), Value::to_string)
    };
    names
        .into_iter()
        .filter(|name| there.get(*name) != here.get(*name))
        .map(|name| {
            let [at_first, at_second] = places;
            let (first, second) = (word(there, name), word(here, name));
            format!("  {name}: {first} {at_first}, {second} {at_second}")
        })
        .collect()
}

fn read_json(path: &Path) -> Result<Value, Failure> {
    let text = fs::read_to_string(path).map_err(|e| Failure::read(path, &e))?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::bad_input(format!(
            "{}:{}: {error}; the file was changed after the run: delete it to run again",
            path.display(),
            error.line()
        ))
    })
}
