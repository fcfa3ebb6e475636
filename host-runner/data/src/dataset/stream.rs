//! A table that stays on disk: a `.npy` file behind a memory map, decoded piece by piece.
use super::error::{InputError, Place};
use super::npy::{self, finite, form};
use super::read::{FEATURE_AND_TARGET, check_file};
use super::standardization::Standardization;
use super::table::{Dataset, others, split, target_index};
use crate::mapped::Mapped;
use engine::{Rows, SampleFile};
use lab::failure::Failure;
use reluflow::Real;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Bytes in which the header must lie; NumPy writes 128.
const HEAD: u64 = 1 << 16;

/// The samples of a mapped table, with what is done to each of them.
#[derive(Debug)]
pub struct Stream {
    path: PathBuf,
    mapped: Mapped,
    /// Where the numbers begin.
    offset: usize,
    /// Bytes of a number: 4 or 8.
    size: usize,
    rows: usize,
    columns: usize,
    target: usize,
    standardization: Option<Standardization>,
    bias: bool,
}

impl SampleFile for Stream {
    fn n(&self) -> usize {
        self.rows
    }

    /// The bias among them.
    fn d(&self) -> usize {
        self.columns - 1 + usize::from(self.bias)
    }

    fn read_f32(&self, at: Range<usize>, rows: &mut Rows<f32>) -> Result<(), Failure> {
        self.read(at, rows)
    }

    fn read_f64(&self, at: Range<usize>, rows: &mut Rows<f64>) -> Result<(), Failure> {
        self.read(at, rows)
    }
}

impl Stream {
    /// Maps a table and says what [`load`](super::load) would, but for the numbers themselves.
    pub fn open(path: &Path, target: Option<&str>) -> Result<(Self, Dataset), InputError> {
        let at = || Place::file(path);
        check_file(path)?;
        let found = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if found != "npy" {
            return Err(InputError::StreamExtension { at: at(), found });
        }
        let unreadable = |reason| InputError::Unreadable { at: at(), reason };
        // Not through the map: what is believed must not change afterwards.
        let (head, total) = head(path).map_err(unreadable)?;
        let form = form(path, &head, total, FEATURE_AND_TARGET)?;
        if form.fortran_order {
            return Err(InputError::StreamOrder { at: at() });
        }
        let (kind, size) = (form.decode.kind, form.decode.size);
        if kind != b'f' || form.decode.big_endian {
            let order = if form.decode.big_endian { '>' } else { '<' };
            let found = format!("{order}{}{size}", char::from(kind));
            return Err(InputError::StreamType { at: at(), found });
        }
        if form.rows == 1 {
            return Err(InputError::OneRow { at: at() });
        }
        let mapped = Mapped::open(path).map_err(unreadable)?;
        if mapped.bytes().len() as u64 != total {
            let what = format!("{} bytes instead of {total}", mapped.bytes().len());
            return Err(InputError::Changed { at: at(), what });
        }
        let (rows, columns) = (form.rows, form.columns);
        let table = npy::table(path, rows, columns, Vec::new());
        let target = match target {
            Some(target) => target_index(&table, target)?,
            None => columns - 1,
        };
        let data = split(table, &others(columns, target), target);
        let (path, offset, bias) = (path.to_path_buf(), form.offset, false);
        let standardization = None;
        let stream =
            Self { path, mapped, offset, size, rows, columns, target, standardization, bias };
        Ok((stream, data))
    }

    /// Column of the target.
    pub fn target(&self) -> usize {
        self.target
    }

    /// All bytes of the file, for its hash.
    pub fn bytes(&self) -> &[u8] {
        self.mapped.bytes()
    }

    /// From now on numbers are standardized.
    pub fn standardize(&mut self, transform: Standardization) {
        self.standardization = Some(transform);
    }

    /// From now on each sample ends with a feature equal to 1.
    pub fn append_bias(&mut self) {
        self.bias = true;
    }

    /// Calls `f(row, cells)` with each row as it is in the file, in order, and refuses what is not
    /// finite.
    pub fn each_row(&self, mut f: impl FnMut(usize, &[f64])) -> Result<(), InputError> {
        // Rows that are decoded at a time: some pages.
        const AT_ONCE: usize = 1024;
        let mut cells = Vec::new();
        for first in (0..self.rows).step_by(AT_ONCE) {
            let rows = first..(first + AT_ONCE).min(self.rows);
            let bytes = self.rows(rows.clone())?;
            cells.clear();
            match self.size {
                4 => cells.extend(bytes.as_chunks().0.iter().map(single)),
                _ => cells.extend(bytes.as_chunks().0.iter().map(double)),
            }
            for (row, cells) in rows.zip(cells.chunks_exact(self.columns)) {
                if !cells.iter().all(|cell| cell.is_finite()) {
                    for (column, &cell) in cells.iter().enumerate() {
                        finite(&self.path, row, column, cell)?;
                    }
                }
                f(row, cells);
            }
        }
        Ok(())
    }

    /// Some samples as they are trained on: split, standardized, with their bias, rounded to `T`.
    fn read<T: Real>(&self, at: Range<usize>, rows: &mut Rows<T>) -> Result<(), Failure> {
        let count = at.len();
        let bytes = self.rows(at).map_err(|error| Failure::bad_input(error.to_string()))?;
        rows.x.clear();
        rows.y.clear();
        rows.x.reserve(count * self.d());
        rows.y.reserve(count);
        match self.size {
            4 => self.decode(bytes.as_chunks().0, single, rows),
            _ => self.decode(bytes.as_chunks().0, double, rows),
        }
        Ok(())
    }

    fn decode<const N: usize, T: Real>(
        &self,
        cells: &[[u8; N]],
        number: impl Fn(&[u8; N]) -> f64,
        rows: &mut Rows<T>,
    ) {
        for row in cells.chunks_exact(self.columns) {
            let (before, rest) = row.split_at(self.target);
            let (y, after) = rest.split_at(1);
            match &self.standardization {
                None => {
                    // Apart, so that each is one loop over neighbours.
                    rows.x.extend(before.iter().map(|cell| T::from_f64(number(cell))));
                    rows.x.extend(after.iter().map(|cell| T::from_f64(number(cell))));
                    rows.y.extend(y.iter().map(|cell| T::from_f64(number(cell))));
                }
                Some(transform) => {
                    let moments = transform.feature_mean.iter().zip(&transform.feature_std);
                    let features = before.iter().chain(after).zip(moments);
                    rows.x.extend(
                        features
                            .map(|(cell, (mean, std))| T::from_f64((number(cell) - mean) / std)),
                    );
                    let (mean, std) = (transform.target_mean, transform.target_std);
                    rows.y.extend(y.iter().map(|cell| T::from_f64((number(cell) - mean) / std)));
                }
            }
            if self.bias {
                rows.x.push(T::ONE);
            }
        }
    }

    /// The bytes of some rows, if the file is still what was opened.
    fn rows(&self, at: Range<usize>) -> Result<&[u8], InputError> {
        if let Some(what) = self.mapped.changed() {
            return Err(InputError::Changed { at: Place::file(&self.path), what });
        }
        let line = self.columns * self.size;
        let (from, to) = (self.offset + at.start * line, self.offset + at.end * line);
        self.mapped.will_need(from, to - from);
        Ok(&self.mapped.bytes()[from..to])
    }
}

fn single(bytes: &[u8; 4]) -> f64 {
    f32::from_le_bytes(*bytes).into()
}

fn double(bytes: &[u8; 8]) -> f64 {
    f64::from_le_bytes(*bytes)
}

/// The first bytes of a file, and how many it has.
fn head(path: &Path) -> io::Result<(Vec<u8>, u64)> {
    let file = File::open(path)?;
    let total = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    Ok((head, total))
}
