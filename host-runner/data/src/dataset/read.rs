//! From a file to a table.
use super::error::{InputError, Place};
use super::table::Table;
use super::{csv, npy};
use std::fs;
use std::io;
use std::path::Path;

/// Refuses what is not there or is a directory.
pub fn check_file(path: &Path) -> Result<(), InputError> {
    let at = Place::file(path);
    match fs::metadata(path) {
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Err(InputError::Missing { at }),
        Err(reason) => Err(InputError::Unreadable { at, reason }),
        Ok(metadata) if metadata.is_dir() => Err(InputError::Directory { at }),
        Ok(_) => Ok(()),
    }
}

/// Columns that a table of samples has at least.
pub const FEATURE_AND_TARGET: usize = 2;

pub fn read(path: &Path) -> Result<Table, InputError> {
    read_as(path, FEATURE_AND_TARGET)
}

/// With that many columns at least.
pub fn read_as(path: &Path, least: usize) -> Result<Table, InputError> {
    let at = Place::file(path);
    check_file(path)?;
    // Before reading: a spreadsheet or an archive may be large.
    let format = format_of(path)?;
    match fs::read(path) {
        Ok(bytes) => parse(path, format, &bytes, least),
        Err(reason) => Err(InputError::Unreadable { at, reason }),
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Format {
    Text,
    Npy,
}

pub fn format_of(path: &Path) -> Result<Format, InputError> {
    let found = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match found.as_str() {
        "csv" | "tsv" | "txt" => Ok(Format::Text),
        "npy" => Ok(Format::Npy),
        _ => Err(InputError::Extension { at: Place::file(path), found }),
    }
}

/// Every table that passes has at least one row and `least` columns.
pub fn parse(path: &Path, format: Format, bytes: &[u8], least: usize) -> Result<Table, InputError> {
    match format {
        Format::Text => csv::parse(path, bytes, least),
        Format::Npy => npy::parse(path, bytes, least),
    }
}
