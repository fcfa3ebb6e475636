//! A table, and its split into features and target.
use super::error::{InputError, Place};
use std::path::PathBuf;

/// A table split into features and target.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Features, n x d row-major; empty where the table stays on disk, in a `super::stream::Stream`.
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
pub struct Table {
    pub path: PathBuf,
    pub names: Vec<String>,
    pub has_header: bool,
    /// rows x columns, row-major.
    pub values: Vec<f64>,
    pub rows: usize,
    pub columns: usize,
    /// The header, or the first row where there is none.
    pub head: Place,
    /// The first row of numbers.
    pub body: Place,
}

/// All columns but the target.
pub fn others(columns: usize, target: usize) -> Vec<usize> {
    (0..columns).filter(|&column| column != target).collect()
}

pub fn split(table: Table, features: &[usize], target: usize) -> Dataset {
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

pub fn column_name(index: usize) -> String {
    format!("column{index}")
}

/// A name wins over an index, since a header may consist of years or wavelengths.
pub fn target_index(table: &Table, target: &str) -> Result<usize, InputError> {
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
pub fn quoted_list(names: &[String]) -> String {
    let mut list: Vec<String> = names.iter().take(20).map(|name| format!("{name:?}")).collect();
    if names.len() > 20 {
        list.push(format!("and {} more", names.len() - 20));
    }
    list.join(", ")
}
