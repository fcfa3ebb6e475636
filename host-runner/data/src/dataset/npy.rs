//! NumPy arrays: format versions 1 to 3, two dimensions, floats or integers, either order.
//!
//! Read by hand: the header of a numeric array is one fixed dictionary, and every length in it is
//! checked here before it is believed.

use std::path::Path;

use reluflow::Real;

use super::error::{InputError, Place};
use super::table::{Table, column_name};

/// What the header says.
#[derive(Debug, PartialEq)]
struct Header<'a> {
    /// For example `<f8`; the whole list where the dtype is structured.
    descr: &'a str,
    fortran_order: bool,
    shape: Vec<usize>,
}

/// How an array lies in its file, checked against the file's length.
pub(super) struct Form {
    pub rows: usize,
    pub columns: usize,
    pub fortran_order: bool,
    pub decode: Decoder,
    /// Where the numbers begin.
    pub offset: usize,
}

/// Reads the header of an array whose rows are samples; `bytes` are the first ones of a file of
/// `total`. Fewer than `least` columns are refused; where one is enough, so is one dimension.
pub(super) fn form(
    path: &Path,
    bytes: &[u8],
    total: u64,
    least: usize,
) -> Result<Form, InputError> {
    let at = || Place::file(path);
    if bytes.is_empty() {
        return Err(InputError::Empty { at: at() });
    }
    let (header, body) =
        sections(bytes).map_err(|reason| InputError::NotNpy { at: at(), reason })?;
    let offset = bytes.len() - body.len();
    let header = read_header(header).map_err(|reason| InputError::NotNpy { at: at(), reason })?;
    let decode = decoder(header.descr)
        .ok_or_else(|| InputError::NpyType { at: at(), found: header.descr.to_owned() })?;
    let (rows, columns) = match header.shape[..] {
        [rows, columns] => (rows, columns),
        [rows] if least == 1 => (rows, 1),
        _ => {
            return Err(InputError::NpyShape {
                at: at(),
                shape: tuple(&header.shape),
                advice: match header.shape.len() {
                    0 | 1 => "join features and target with numpy.column_stack",
                    _ => "flatten the features with x.reshape(len(x), -1)",
                },
            });
        }
    };
    let found = usize::try_from(total).unwrap_or(usize::MAX).saturating_sub(offset);
    let expected = rows.checked_mul(columns).and_then(|cells| cells.checked_mul(decode.size));
    if expected != Some(found) {
        let expected = expected.unwrap_or(usize::MAX);
        return Err(InputError::NpyLength { at: at(), found, expected });
    }
    if columns < least {
        return Err(InputError::TooFewColumns { at: at(), found: columns });
    }
    if rows == 0 {
        return Err(InputError::Empty { at: at() });
    }
    let fortran_order = header.fortran_order;
    Ok(Form { rows, columns, fortran_order, decode, offset })
}

/// A number that is neither NaN nor infinite, or where it is not.
pub(super) fn finite(
    path: &Path,
    row: usize,
    column: usize,
    value: f64,
) -> Result<f64, InputError> {
    match value.is_finite() {
        true => Ok(value),
        false => Err(InputError::NotFinite {
            at: Place::Cell(path.to_path_buf(), row, column),
            text: value.to_string(),
            column: column_name(column),
        }),
    }
}

/// Parses an array whose rows are samples.
pub fn parse(path: &Path, bytes: &[u8], least: usize) -> Result<Table, InputError> {
    let form = form(path, bytes, bytes.len() as u64, least)?;
    let Form { rows, columns, ref decode, .. } = form;
    let (body, size) = (&bytes[form.offset..], decode.size);
    let mut values = Vec::with_capacity(rows * columns);
    for row in 0..rows {
        for column in 0..columns {
            let cell = match form.fortran_order {
                true => column * rows + row,
                false => row * columns + column,
            };
            let value = decode.value(&body[cell * size..(cell + 1) * size]);
            values.push(finite(path, row, column, value)?);
        }
    }
    Ok(table(path, rows, columns, values))
}

/// A table without a header.
pub(super) fn table(path: &Path, rows: usize, columns: usize, values: Vec<f64>) -> Table {
    Table {
        path: path.to_path_buf(),
        names: (0..columns).map(column_name).collect(),
        has_header: false,
        values,
        rows,
        columns,
        head: Place::file(path),
        body: Place::file(path),
    }
}

/// The header's text and the bytes after it.
fn sections(bytes: &[u8]) -> Result<(&str, &[u8]), &'static str> {
    let Some(rest) = bytes.strip_prefix(b"\x93NUMPY") else {
        return Err("no \\x93NUMPY at the start");
    };
    let (length, rest) = match rest {
        [1, _, a, b, rest @ ..] => (u16::from_le_bytes([*a, *b]) as usize, rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        [1..=3, ..] => return Err("a header that is cut short"),
        _ => return Err("an unknown format version"),
    };
    let (header, body) = rest.split_at_checked(length).ok_or("a header that is cut short")?;
    Ok((str::from_utf8(header).map_err(|_| "a header that is not text")?, body))
}

/// `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }`
fn read_header(text: &str) -> Result<Header<'_>, &'static str> {
    let descr = value_of(text, "descr").ok_or("a header without 'descr'")?;
    let descr = match descr.strip_prefix('\'') {
        Some(descr) => descr.split('\'').next().unwrap_or(descr),
        None => descr.split(']').next().unwrap_or(descr),
    };
    let order = value_of(text, "fortran_order").ok_or("a header without 'fortran_order'")?;
    let fortran_order = match order {
        _ if order.starts_with("True") => true,
        _ if order.starts_with("False") => false,
        _ => return Err("a 'fortran_order' that is neither True nor False"),
    };
    let shape = (value_of(text, "shape").and_then(|shape| shape.strip_prefix('(')))
        .and_then(|shape| shape.split_once(')'))
        .ok_or("a header without 'shape'")?;
    let shape = (shape.0.split(',').map(str::trim))
        .filter(|size| !size.is_empty())
        // Python 2 wrote long integers as 3L.
        .map(|size| size.trim_end_matches('L').parse())
        .collect::<Result<_, _>>()
        .map_err(|_| "a 'shape' that is not made of sizes")?;
    Ok(Header { descr, fortran_order, shape })
}

/// The text after `'key':`.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("'{key}'"))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

fn tuple(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("({}{})", sizes.join(", "), if shape.len() == 1 { "," } else { "" })
}

/// An array in format version 1, row-major, as `numpy.load` reads it.
pub fn write<T: Real>(shape: &[usize], values: &[T]) -> Vec<u8> {
    let size = size_of::<T>();
    let mut header =
        format!("{{'descr': '<f{size}', 'fortran_order': False, 'shape': {}, }}", tuple(shape));
    // Magic, version, length and header with its newline fill whole blocks of 64 bytes.
    let length = (header.len() + 11).next_multiple_of(64) - 10;
    header.push_str(&" ".repeat(length - 1 - header.len()));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    for value in values {
        // The low `size` bytes hold the bits of either precision.
        bytes.extend(&value.bits().to_le_bytes()[..size]);
    }
    bytes
}

/// How one element is stored.
pub(super) struct Decoder {
    pub kind: u8,
    pub size: usize,
    pub big_endian: bool,
}

/// `None` for a type that is not a float or an integer of a usual size.
fn decoder(descr: &str) -> Option<Decoder> {
    let &[order, kind, size] = descr.as_bytes() else {
        return None;
    };
    let big_endian = match order {
        b'<' | b'|' => false,
        b'>' => true,
        b'=' => cfg!(target_endian = "big"),
        _ => return None,
    };
    let size = match (kind, size) {
        (b'f', b'4' | b'8') | (b'i' | b'u', b'1' | b'2' | b'4' | b'8') => size - b'0',
        _ => return None,
    };
    Some(Decoder { kind, size: size.into(), big_endian })
}

impl Decoder {
    /// `bytes` has `size` bytes. Integers beyond 2^53 are rounded.
    fn value(&self, bytes: &[u8]) -> f64 {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(bytes) {
            *to = *from;
        }
        if self.big_endian {
            word[..self.size].reverse();
        }
        let bits = u64::from_le_bytes(word);
        match (self.kind, self.size) {
            (b'f', 4) => f32::from_bits(bits as u32).into(),
            (b'f', _) => f64::from_bits(bits),
            // Shifting up and back down repeats the sign bit.
            (b'i', size) => ((bits << (64 - 8 * size)) as i64 >> (64 - 8 * size)) as f64,
            _ => bits as f64,
        }
    }
}
