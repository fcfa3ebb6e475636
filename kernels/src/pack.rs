//! Matrices in the two forms that a tile reads ([`crate::tile`]): row groups and panels, to and from
//! plain numbers.
//!
//! [`pack_panels`] asks for one number at a time; [`pack_rows`] and [`pack_columns`] copy whole chunks
//! and rows, three times faster: samples are packed once a data set, but once a step where they are
//! read from a file.

use crate::lanes::Lanes;
use crate::parts::Parts;
use crate::real::Real;
use crate::rows::{fill, impossible, lines, lines_mut, slice, slice_mut, split_mut};

/// Writes `rows` x `len` row-major numbers as row groups; what pads a row's last chunk is zero.
pub(crate) fn pack_groups<L: Lanes>(
    source: &[L::Elem],
    rows: usize,
    len: usize,
    groups: &mut [L::Chunk],
) {
    each_chunk::<L>(rows, len.div_ceil(L::WIDTH), |at, row, chunk| {
        let line = slice(source, row * len..(row + 1) * len);
        let part = slice(line, chunk * L::WIDTH..);
        let Some(target) = groups.get_mut(at) else { return impossible() };
        fill(target.as_mut(), part);
    });
}

/// The reverse of [`pack_groups`].
pub(crate) fn unpack_groups<L: Lanes>(
    groups: &[L::Chunk],
    rows: usize,
    len: usize,
    target: &mut [L::Elem],
) {
    each_chunk::<L>(rows, len.div_ceil(L::WIDTH), |at, row, chunk| {
        let line = slice_mut(target, row * len..(row + 1) * len);
        let part = slice_mut(line, chunk * L::WIDTH..);
        let Some(source) = groups.get(at) else { return impossible() };
        for (x, y) in part.iter_mut().zip(source.as_ref()) {
            *x = *y;
        }
    });
}

/// Calls `f(at, row, chunk)` for each chunk of a matrix in row groups; `at` is where it lies.
pub(crate) fn each_chunk<L: Lanes>(
    rows: usize,
    depth: usize,
    mut f: impl FnMut(usize, usize, usize),
) {
    for (first, size) in Parts::of(rows, L::ROWS).each() {
        for chunk in 0..depth {
            for m in 0..size {
                f(first * depth + chunk * size + m, first + m, chunk);
            }
        }
    }
}

/// Writes rows `source[k]`, `len` numbers each, as panels; what pads the last chunk is zero.
pub(crate) fn pack_panels<L: Lanes>(
    height: usize,
    len: usize,
    mut value: impl FnMut(usize, usize) -> L::Elem,
    panels: &mut [L::Chunk],
) {
    each_panel_chunk::<L>(height, len.div_ceil(L::WIDTH), |at, k, chunk| {
        let Some(target) = panels.get_mut(at) else { return impossible() };
        for (lane, x) in target.as_mut().iter_mut().enumerate() {
            let at = chunk * L::WIDTH + lane;
            *x = if at < len { value(k, at) } else { L::Elem::ZERO };
        }
    });
}

/// The reverse of [`pack_panels`]: `give(k, lane, x)` for each number.
pub(crate) fn unpack_panels<L: Lanes>(
    height: usize,
    len: usize,
    panels: &[L::Chunk],
    mut give: impl FnMut(usize, usize, L::Elem),
) {
    each_panel_chunk::<L>(height, len.div_ceil(L::WIDTH), |at, k, chunk| {
        let Some(source) = panels.get(at) else { return impossible() };
        for (lane, &x) in source.as_ref().iter().enumerate() {
            let at = chunk * L::WIDTH + lane;
            if at < len {
                give(k, at, x);
            }
        }
    });
}

/// Calls `f(at, k, chunk)` for each chunk of a matrix in panels; `at` is where it lies.
fn each_panel_chunk<L: Lanes>(height: usize, cols: usize, mut f: impl FnMut(usize, usize, usize)) {
    for (first, size) in Parts::of(cols, L::PANEL).each() {
        for k in 0..height {
            for v in 0..size {
                f(first * height + k * size + v, k, first + v);
            }
        }
    }
}

/// Fills chunks with the numbers of `source` in order; what pads the last one is zero.
pub(crate) fn fill_chunks<L: Lanes>(target: &mut [L::Chunk], source: &[L::Elem]) {
    let whole = L::chunks(source);
    let mut rest = slice(source, whole.len() * L::WIDTH..);
    let mut whole = whole.iter();
    for chunk in target {
        match whole.next() {
            Some(from) => *chunk = *from,
            None => fill(chunk.as_mut(), core::mem::take(&mut rest)),
        }
    }
}

/// Writes the rows of `source`, `len` numbers each, as panels: row k of the panels is row k of
/// `source`. As [`pack_panels`], by copying whole chunks.
pub(crate) fn pack_rows<L: Lanes>(source: &[L::Elem], len: usize, panels: &mut [L::Chunk]) {
    let (mut panels, height) = (panels, lines(source, len).count());
    for (first, size) in Parts::of(len.div_ceil(L::WIDTH), L::PANEL).each() {
        let (panel, rest) = split_mut(core::mem::take(&mut panels), height * size);
        panels = rest;
        for (row, target) in lines(source, len).zip(lines_mut(panel, size)) {
            fill_chunks::<L>(target, slice(row, first * L::WIDTH..));
        }
    }
}

/// Writes the columns of `source`, whose rows have `height` numbers each, as panels: row k of the
/// panels is column k of `source`. As [`pack_panels`], but every row of `source` is read once, in
/// order, while the panel that it goes to is in cache.
pub(crate) fn pack_columns<L: Lanes>(source: &[L::Elem], height: usize, panels: &mut [L::Chunk]) {
    let (mut panels, mut rows) = (panels, lines(source, height));
    let len = lines(source, height).count();
    for (_, size) in Parts::of(len.div_ceil(L::WIDTH), L::PANEL).each() {
        let (panel, rest) = split_mut(core::mem::take(&mut panels), height * size);
        panels = rest;
        match size {
            1 => pack_column_panel::<L, 1>(&mut rows, panel),
            2 => pack_column_panel::<L, 2>(&mut rows, panel),
            3 => pack_column_panel::<L, 3>(&mut rows, panel),
            _ => pack_column_panel::<L, 4>(&mut rows, panel),
        }
    }
}

/// One panel of V chunks from the next V chunks of `rows`, or as many as are left.
fn pack_column_panel<'a, L: Lanes, const V: usize>(
    rows: &mut impl Iterator<Item = &'a [L::Elem]>,
    panel: &mut [L::Chunk],
) {
    let panel: &mut [[L::Chunk; V]] = panel.as_chunks_mut().0;
    for v in 0..V {
        for lane in 0..L::WIDTH {
            let row = rows.next().unwrap_or_default();
            let lanes = panel.iter_mut().filter_map(|chunks| {
                chunks.get_mut(v).and_then(|chunk| chunk.as_mut().get_mut(lane))
            });
            if row.is_empty() {
                lanes.for_each(|x| *x = L::Elem::ZERO);
            } else {
                lanes.zip(row).for_each(|(x, &from)| *x = from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wide::{f32x4, f32x16, f64x4};

    fn check<L: Lanes>() {
        for (n, d) in [(1, 1), (3, 5), (16, 16), (17, 50), (97, 33), (144, 100)] {
            let mut numbers = [L::Elem::ZERO; 144 * 100];
            for (i, x) in numbers.iter_mut().enumerate() {
                *x = L::Elem::from_usize(i + 1);
            }
            let x = &numbers[..n * d];
            // Neither may leave what was in memory before.
            let mut packed = [[L::Elem::ONE; 20_000]; 2];
            let [found, expected] = &mut packed;
            pack_rows::<L>(x, d, L::chunks_mut(&mut found[..n * d.next_multiple_of(L::WIDTH)]));
            let chunks = L::chunks_mut(&mut expected[..n * d.next_multiple_of(L::WIDTH)]);
            pack_panels::<L>(n, d, |i, k| x[i * d + k], chunks);
            assert!(found == expected, "{} {n} {d} rows", L::NAME);
            pack_columns::<L>(x, d, L::chunks_mut(&mut found[..d * n.next_multiple_of(L::WIDTH)]));
            let chunks = L::chunks_mut(&mut expected[..d * n.next_multiple_of(L::WIDTH)]);
            pack_panels::<L>(d, n, |k, i| x[i * d + k], chunks);
            assert!(found == expected, "{} {n} {d} columns", L::NAME);
        }
    }

    #[test]
    fn panels_are_those_made_one_number_at_a_time() {
        check::<f32>();
        check::<f32x4>();
        check::<f32x16>();
        check::<f64x4>();
    }
}
