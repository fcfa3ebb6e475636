//! Text tables.

use std::collections::HashMap;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::error::{InputError, Place};
use super::table::{Table, column_name};

/// Parses a table of numbers. The first row is a header if it has text in any cell; NaN and inf
/// spell numbers there, and so does nothing at all, so that an incomplete first row of numbers is
/// refused rather than taken for names. Fewer than `least` columns are refused.
pub fn parse(path: &Path, bytes: &[u8], least: usize) -> Result<Table, InputError> {
    let text = utf8(path, bytes)?;
    let (text, lines) = significant_lines(text);
    let Some(first) = text.lines().next() else {
        return Err(InputError::Empty { at: Place::file(path) });
    };
    let separator = separator(first);
    let mut records = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());

    let mut table: Option<Table> = None;
    let mut record = StringRecord::new();
    loop {
        match records.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(reason) => {
                let reason = reason.to_string();
                return Err(InputError::Malformed { at: Place::file(path), reason });
            }
        }
        let in_text = record.position().map_or(1, |position| position.line() as usize);
        let line = lines.get(in_text - 1).copied().unwrap_or(in_text);
        match &mut table {
            Some(table) => push_row(table, &record, separator, line)?,
            None => {
                let mut head = head(path, &record, line, least)?;
                if !head.has_header {
                    push_row(&mut head, &record, separator, line)?;
                }
                table = Some(head);
            }
        }
    }
    match table {
        Some(table) if table.rows > 0 => Ok(table),
        Some(table) => Err(InputError::HeaderOnly { at: table.head, columns: table.columns }),
        None => Err(InputError::Empty { at: Place::file(path) }),
    }
}

fn utf8<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, InputError> {
    match str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            let line = 1 + valid.iter().filter(|&&b| b == b'\n').count();
            let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            Err(InputError::NotUtf8 {
                at: Place::line(path, line),
                byte: rest[0],
                hint: if utf16 { " (it looks like UTF-16)" } else { "" },
            })
        }
    }
}

/// The text without blank and comment lines, and the number in the file of each line that is left.
/// `csv` would skip them too, but then reports the line where it began to skip.
fn significant_lines(text: &str) -> (String, Vec<usize>) {
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut kept = String::with_capacity(unix.len());
    let mut numbers = Vec::new();
    for (index, line) in unix.split('\n').enumerate() {
        let content = line.trim();
        if !content.is_empty() && !content.starts_with('#') {
            kept.push_str(line);
            kept.push('\n');
            numbers.push(index + 1);
        }
    }
    (kept, numbers)
}

/// A tab or a semicolon outside quotes decides against the comma, which may be a decimal comma.
fn separator(line: &str) -> u8 {
    let mut quoted = false;
    let mut seen = b',';
    for byte in line.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\t' if !quoted => return b'\t',
            b';' if !quoted => seen = b';',
            _ => {}
        }
    }
    seen
}

/// An empty table with the names of the first record, or generated ones.
fn head(
    path: &Path,
    record: &StringRecord,
    line: usize,
    least: usize,
) -> Result<Table, InputError> {
    let at = Place::line(path, line);
    let columns = record.len();
    if columns < least {
        return Err(InputError::TooFewColumns { at, found: columns });
    }
    let is_text = |cell: &str| !cell.trim().is_empty() && cell.trim().parse::<f64>().is_err();
    let has_header = record.iter().any(is_text);
    let names: Vec<String> = (record.iter().enumerate())
        .map(|(index, cell)| match cell.trim() {
            name if has_header && !name.is_empty() => name.to_owned(),
            _ => column_name(index),
        })
        .collect();
    let mut seen = HashMap::new();
    for (second, name) in names.iter().enumerate() {
        if let Some(first) = seen.insert(name, second) {
            let name = name.clone();
            return Err(InputError::DuplicateName { at, name, first, second });
        }
    }
    Ok(Table {
        path: path.to_path_buf(),
        names,
        has_header,
        values: Vec::new(),
        rows: 0,
        columns,
        head: at.clone(),
        body: at,
    })
}

fn push_row(
    table: &mut Table,
    record: &StringRecord,
    separator: u8,
    line: usize,
) -> Result<(), InputError> {
    let at = Place::line(&table.path, line);
    if record.len() != table.columns {
        let first = match table.head {
            Place::Line(_, first) => first,
            _ => 1,
        };
        let (found, expected) = (record.len(), table.columns);
        return Err(InputError::Ragged { at, found, expected, first });
    }
    for (cell, name) in record.iter().zip(&table.names) {
        let cell = cell.trim();
        if cell.is_empty() {
            return Err(InputError::EmptyCell { at, column: name.clone() });
        }
        match cell.parse::<f64>() {
            Ok(value) if value.is_finite() => table.values.push(value),
            Ok(_) => {
                return Err(InputError::NotFinite { at, text: short(cell), column: name.clone() });
            }
            Err(_) => {
                return Err(InputError::Text {
                    at,
                    text: short(cell),
                    column: name.clone(),
                    advice: advice(cell, name, separator),
                });
            }
        }
    }
    if table.rows == 0 {
        table.body = at;
    }
    table.rows += 1;
    Ok(())
}

/// A cell as shown in a message.
fn short(cell: &str) -> String {
    match cell.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &cell[..end]),
        None => cell.to_owned(),
    }
}

fn advice(cell: &str, name: &str, separator: u8) -> &'static str {
    const MISSING: [&str; 8] = ["na", "n/a", "null", "none", "missing", "?", "-", "."];
    if cell == name {
        "the header seems to be repeated here, delete this line"
    } else if separator != b',' && cell.replacen(',', ".", 1).parse::<f64>().is_ok() {
        "write decimals with a point, 1.5 not 1,5"
    } else if MISSING.contains(&cell.to_lowercase().as_str()) {
        "it seems to mark a missing value, fill it in or delete the row"
    } else {
        "correct it, encode categories as numbers, or drop the column"
    }
}
