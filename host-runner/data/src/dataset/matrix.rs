//! Files of numbers of which no column is singled out.

use std::path::Path;

use super::error::{InputError, Place};
use super::read::{read, read_as};

/// A table as it is in its file, with at least one row and two columns of finite numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Samples.
    pub rows: usize,
    /// Numbers of a sample.
    pub columns: usize,
    /// rows x columns, row-major.
    pub values: Vec<f64>,
}

/// Loads a table.
pub fn load_matrix(path: impl AsRef<Path>) -> Result<Matrix, InputError> {
    let table = read(path.as_ref())?;
    Ok(Matrix { rows: table.rows, columns: table.columns, values: table.values })
}

/// Loads a list of numbers: one column, with or without a header, one row, or an array of one dimension.
pub fn load_list(path: impl AsRef<Path>) -> Result<Vec<f64>, InputError> {
    let path = path.as_ref();
    let table = read_as(path, 1)?;
    let (rows, columns) = (table.rows, table.columns);
    if rows > 1 && columns > 1 {
        return Err(InputError::NotAList { at: Place::file(path), rows, columns });
    }
    Ok(table.values)
}
