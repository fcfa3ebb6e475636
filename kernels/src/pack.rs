//! Samples into panels, both ways: as they lie, and transposed.
//!
//! What [`pack_panels`](crate::tile::pack_panels) does one number at a time, by whole chunks and
//! whole rows, three times faster: packing is done once a data set, but once a step where samples
//! are read from a file.

use crate::lanes::Lanes;
use crate::linalg::{lines, lines_mut};
use crate::real::Real;
use crate::tile::{Parts, fill_chunks};

/// Writes the rows of `source`, `len` numbers each, as panels: row k of the panels is row k of
/// `source`. As [`pack_panels`], by copying whole chunks.
pub(crate) fn pack_rows<L: Lanes>(source: &[L::Elem], len: usize, panels: &mut [L::Chunk]) {
    let (mut panels, height) = (panels, lines(source, len).count());
    for (first, size) in Parts::of(len.div_ceil(L::WIDTH), L::PANEL).each() {
        let (panel, rest) =
            core::mem::take(&mut panels).split_at_mut_checked(height * size).unwrap_or_default();
        panels = rest;
        for (row, target) in lines(source, len).zip(lines_mut(panel, size)) {
            fill_chunks::<L>(target, row.get(first * L::WIDTH..).unwrap_or(&[]));
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
        let (panel, rest) =
            core::mem::take(&mut panels).split_at_mut_checked(height * size).unwrap_or_default();
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
            let row = rows.next().unwrap_or(&[]);
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
#[allow(clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::tile::pack_panels;
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
