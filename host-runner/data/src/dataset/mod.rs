//! The user's own table: loading it, or saying exactly why not.
//!
//! `.csv`, `.tsv`, `.txt`: numbers separated by commas, semicolons or tabs, with or without a
//! header. `.npy`: a two-dimensional array of floats or integers. Rows are samples, one column is
//! the target, all others are features.

mod csv;
mod error;
mod matrix;
mod npy;
mod read;
mod standardization;
mod stream;
mod table;
#[cfg(test)]
mod tests;

use read::read;
use std::path::Path;
use table::{column_name, others, split, target_index};

pub use error::{InputError, Place};
pub use matrix::{Matrix, load_list, load_matrix};
pub use npy::write as npy_bytes;
pub use standardization::Standardization;
pub use stream::Stream;
pub use table::Dataset;

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
