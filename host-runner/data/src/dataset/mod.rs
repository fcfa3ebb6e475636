//! The user's own table: loading it, or saying exactly why not.
//!
//! `.csv`, `.tsv`, `.txt`: numbers separated by commas, semicolons or tabs, with or without a
//! header. `.npy`: a two-dimensional array of floats or integers. Rows are samples, one column is
//! the target, all others are features.

mod csv;
mod error;
mod matrix;
mod npy;
mod stream;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use error::{InputError, Place};
pub use matrix::{Matrix, load_list, load_matrix};
pub use npy::write as npy_bytes;
pub use stream::Stream;

/// A table split into features and target.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Features, n x d row-major; empty where the table stays on disk, in a [`Stream`].
    pub x: Vec<f64>,
    /// Target, n; empty likewise.
    pub y: Vec<f64>,
    /// Number of samples.
    pub n: usize,
    /// Number of features.
    pub d: usize,
    /// Names of the d features; `column0`, `column1`, ... where the file has no header.
    pub feature_names: Vec<String>,
    /// Name of the target column.
    pub target_name: String,
    /// Column of the target in the file, counted from 0.
    pub target_index: usize,
    /// The file this came from.
    pub source: PathBuf,
}

/// A file as parsed, before one column is singled out. All values are finite.
struct Table {
    path: PathBuf,
    names: Vec<String>,
    has_header: bool,
    /// rows x columns, row-major.
    values: Vec<f64>,
    rows: usize,
    columns: usize,
    /// The header, or the first row where there is none.
    head: Place,
    /// The first row of numbers.
    body: Place,
}

/// Loads a table. `target` is a column name or an index counted from 0; the last column if `None`.
pub fn load(path: impl AsRef<Path>, target: Option<&str>) -> Result<Dataset, InputError> {
    let table = read(path.as_ref())?;
    let index = match target {
        Some(target) => target_index(&table, target)?,
        None => table.columns - 1,
    };
    if table.rows == 1 {
        return Err(InputError::OneRow { at: table.body });
    }
    let body = table.body.clone();
    let features = others(table.columns, index);
    let data = split(table, &features, index);
    if data.y.iter().all(|&y| y == data.y[0]) {
        return Err(InputError::ConstantTarget {
            at: body,
            target: data.target_name,
            value: data.y[0],
            n: data.n,
        });
    }
    Ok(data)
}

/// Loads test data for `train`, as [`load`] returned it. Columns are matched by name where both
/// files have a header (so their order may differ), by position otherwise. One row is enough.
pub fn load_test(path: impl AsRef<Path>, train: &Dataset) -> Result<Dataset, InputError> {
    let table = read(path.as_ref())?;
    let source = || train.source.display().to_string();
    if table.columns != train.d + 1 {
        return Err(InputError::TestColumns {
            at: table.head,
            found: table.columns,
            expected: train.d + 1,
            train: source(),
        });
    }
    let by_position = others(table.columns, train.target_index);
    let train_has_header = train.target_name != column_name(train.target_index)
        || (0..train.d).any(|k| train.feature_names[k] != column_name(by_position[k]));
    if !(table.has_header && train_has_header) {
        let mut data = split(table, &by_position, train.target_index);
        data.feature_names.clone_from(&train.feature_names);
        data.target_name.clone_from(&train.target_name);
        return Ok(data);
    }
    let find = |name: &String| {
        table.names.iter().position(|n| n == name).ok_or_else(|| InputError::TestNames {
            at: table.head.clone(),
            name: name.clone(),
            train: source(),
        })
    };
    let features = train.feature_names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    let target = find(&train.target_name)?;
    Ok(split(table, &features, target))
}

/// All columns but the target.
fn others(columns: usize, target: usize) -> Vec<usize> {
    (0..columns).filter(|&column| column != target).collect()
}

fn split(table: Table, features: &[usize], target: usize) -> Dataset {
    let mut x = Vec::with_capacity(table.rows * features.len());
    let mut y = Vec::with_capacity(table.rows);
    for row in table.values.chunks_exact(table.columns) {
        x.extend(features.iter().map(|&c| row[c]));
        y.push(row[target]);
    }
    Dataset {
        x,
        y,
        n: table.rows,
        d: features.len(),
        feature_names: features.iter().map(|&c| table.names[c].clone()).collect(),
        target_name: table.names[target].clone(),
        target_index: target,
        source: table.path,
    }
}

fn column_name(index: usize) -> String {
    format!("column{index}")
}

/// A name wins over an index, since a header may consist of years or wavelengths.
fn target_index(table: &Table, target: &str) -> Result<usize, InputError> {
    if let Some(index) = table.names.iter().position(|name| name == target.trim()) {
        return Ok(index);
    }
    let at = table.head.clone();
    let names = quoted_list(&table.names);
    if target.trim().bytes().all(|b| b.is_ascii_digit()) && !target.trim().is_empty() {
        return match target.trim().parse() {
            Ok(index) if index < table.columns => Ok(index),
            _ => Err(InputError::TargetIndex {
                at,
                index: target.to_owned(),
                last: table.columns - 1,
                names,
            }),
        };
    }
    let nearest = (table.names.iter()).min_by_key(|name| {
        strsim::damerau_levenshtein(&name.to_lowercase(), &target.to_lowercase())
    });
    let advice = match nearest {
        Some(name) if table.has_header => format!("did you mean {name:?}?"),
        _ => "the file has no header, so give the index of the column".to_owned(),
    };
    Err(InputError::UnknownTarget { at, name: target.to_owned(), names, advice })
}

/// The names, quoted; cut after twenty so that a message stays readable.
fn quoted_list(names: &[String]) -> String {
    let mut list: Vec<String> = names.iter().take(20).map(|name| format!("{name:?}")).collect();
    if names.len() > 20 {
        list.push(format!("and {} more", names.len() - 20));
    }
    list.join(", ")
}

/// Refuses what is not there or is a directory.
fn check_file(path: &Path) -> Result<(), InputError> {
    let at = Place::file(path);
    match fs::metadata(path) {
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Err(InputError::Missing { at }),
        Err(reason) => Err(InputError::Unreadable { at, reason }),
        Ok(metadata) if metadata.is_dir() => Err(InputError::Directory { at }),
        Ok(_) => Ok(()),
    }
}

/// Columns that a table of samples has at least.
const FEATURE_AND_TARGET: usize = 2;

fn read(path: &Path) -> Result<Table, InputError> {
    read_as(path, FEATURE_AND_TARGET)
}

/// With that many columns at least.
fn read_as(path: &Path, least: usize) -> Result<Table, InputError> {
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
enum Format {
    Text,
    Npy,
}

fn format_of(path: &Path) -> Result<Format, InputError> {
    let found = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match found.as_str() {
        "csv" | "tsv" | "txt" => Ok(Format::Text),
        "npy" => Ok(Format::Npy),
        _ => Err(InputError::Extension { at: Place::file(path), found }),
    }
}

/// Every table that passes has at least one row and `least` columns.
fn parse(path: &Path, format: Format, bytes: &[u8], least: usize) -> Result<Table, InputError> {
    match format {
        Format::Text => csv::parse(path, bytes, least),
        Format::Npy => npy::parse(path, bytes, least),
    }
}
