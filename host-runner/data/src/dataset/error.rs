//! Everything that can be wrong with the user's file, one sentence each.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Where in the input the problem is; opens every message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File(PathBuf),
    /// A line of a text file, counted from 1.
    Line(PathBuf, usize),
    /// A cell of a `.npy` array, row and column counted from 0 as NumPy does.
    Cell(PathBuf, usize, usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(path) => write!(f, "{}", path.display()),
            Place::Line(path, line) => write!(f, "{}:{line}", path.display()),
            Place::Cell(path, row, column) => {
                write!(f, "{}: row {row}, column {column}", path.display())
            }
        }
    }
}

impl Place {
    pub(super) fn file(path: &Path) -> Self {
        Place::File(path.to_path_buf())
    }

    pub(super) fn line(path: &Path, line: usize) -> Self {
        Place::Line(path.to_path_buf(), line)
    }
}

/// Why a data file was refused. The message reads
/// `FILE:LINE: what was found, what was expected; what to do now`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each message documents its variant and names its fields")]
pub enum InputError {
    #[error(
        "{at}: no such file, expected a table of numbers; check the spelling (a relative path \
         starts at the current directory)"
    )]
    Missing { at: Place },

    #[error("{at}: is a directory, expected one file; name a .csv or .npy file inside it")]
    Directory { at: Place },

    #[error("{at}: cannot be read ({reason}), expected a readable file; check its permissions")]
    Unreadable { at: Place, reason: io::Error },

    #[error(
        "{at}: found the extension {found:?}, expected .csv, .tsv, .txt or .npy; export the table \
         to one of these (or rename the file, if it already is one)"
    )]
    Extension { at: Place, found: String },

    #[error("{at}: found no rows, expected a header or numbers; check that the export finished")]
    Empty { at: Place },

    #[error(
        "{at}: found byte 0x{byte:02X}, which is not UTF-8, expected UTF-8 text; save the file \
         with the encoding UTF-8{hint}"
    )]
    NotUtf8 { at: Place, byte: u8, hint: &'static str },

    #[error("{at}: found {reason}, expected a table; re-export the file")]
    Malformed { at: Place, reason: String },

    #[error(
        "{at}: found a header of {columns} columns and nothing after it, expected at least two \
         rows of numbers; add the data"
    )]
    HeaderOnly { at: Place, columns: usize },

    #[error(
        "{at}: found {found} columns, expected at least two, features and then the target; \
         columns are separated by a comma, a semicolon or a tab"
    )]
    TooFewColumns { at: Place, found: usize },

    #[error(
        "{at}: found {found} columns, expected {expected} as in line {first}; add the missing \
         cells or remove the extra separators"
    )]
    Ragged { at: Place, found: usize, expected: usize, first: usize },

    #[error(
        "{at}: found a table of {rows} rows and {columns} columns, expected one list of numbers; write \
         them one below the other"
    )]
    NotAList { at: Place, rows: usize, columns: usize },

    #[error("{at}: found the text {text:?} in column {column:?}, expected a number; {advice}")]
    Text { at: Place, text: String, column: String, advice: &'static str },

    #[error(
        "{at}: found an empty cell in column {column:?}, expected a number; fill it in or delete \
         the row (a separator at the end of a line also makes an empty cell)"
    )]
    EmptyCell { at: Place, column: String },

    #[error(
        "{at}: found {text} in column {column:?}, expected a finite number; replace the value or \
         delete the row"
    )]
    NotFinite { at: Place, text: String, column: String },

    #[error(
        "{at}: found one row of numbers, expected at least two; one sample leaves nothing to learn"
    )]
    OneRow { at: Place },

    #[error(
        "{at}: found the target {target:?} equal to {value} in all {n} rows, expected at least \
         two different values; choose another target column"
    )]
    ConstantTarget { at: Place, target: String, value: f64, n: usize },

    #[error("{at}: found no column {name:?}, expected one of {names}; {advice}")]
    UnknownTarget { at: Place, name: String, names: String, advice: String },

    #[error(
        "{at}: found the target index {index}, expected 0 to {last}; columns are counted from 0, \
         name one of {names}"
    )]
    TargetIndex { at: Place, index: String, last: usize, names: String },

    #[error(
        "{at}: found the name {name:?} for columns {first} and {second} (counted from 0), expected \
         every column to have its own name; rename one"
    )]
    DuplicateName { at: Place, name: String, first: usize, second: usize },

    #[error(
        "{at}: found {found} columns, expected {expected} as in the training data {train}; give \
         both files the same columns"
    )]
    TestColumns { at: Place, found: usize, expected: usize, train: String },

    #[error(
        "{at}: found no column {name:?}, expected the columns of the training data {train}; \
         rename or add it"
    )]
    TestNames { at: Place, name: String, train: String },

    #[error(
        "{at}: found {reason}, expected a NumPy .npy header; write the array again with numpy.save"
    )]
    NotNpy { at: Place, reason: &'static str },

    #[error(
        "{at}: found an array of shape {shape}, expected two dimensions, rows by columns, target \
         included; {advice}"
    )]
    NpyShape { at: Place, shape: String, advice: &'static str },

    #[error(
        "{at}: found the element type {found:?}, expected floats (f4, f8) or integers; convert \
         with x.astype('float64') before numpy.save"
    )]
    NpyType { at: Place, found: String },

    #[error(
        "{at}: found {found} bytes of numbers, expected {expected} for its shape and type; the \
         file is cut short or has a tail, write it again with numpy.save"
    )]
    NpyLength { at: Place, found: usize, expected: usize },

    #[error(
        "{at}: found the extension {found:?}, expected .npy with --stream; write the table with \
         numpy.save, or leave --stream away to read it into memory"
    )]
    StreamExtension { at: Place, found: String },

    #[error(
        "{at}: found an array in Fortran order, expected C order with --stream, so that a sample \
         lies in one place; write numpy.ascontiguousarray(x) with numpy.save, or leave --stream \
         away"
    )]
    StreamOrder { at: Place },

    #[error(
        "{at}: found the element type {found:?}, expected '<f4' or '<f8' with --stream; convert \
         with x.astype('<f4') before numpy.save, or leave --stream away"
    )]
    StreamType { at: Place, found: String },

    #[error(
        "{at}: found {what} since it was opened, expected a file that stays as it is while \
         --stream uses it; start again when nothing writes to it any more"
    )]
    Changed { at: Place, what: String },
}
