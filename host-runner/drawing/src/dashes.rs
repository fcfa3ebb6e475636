//! Dashed lines.

/// A dash and the gap after it, as shares of the panel. The plotting crate begins its own dashes
/// anew at every point of a PNG: a curve of many points is solid there, and hides what it is laid over.
const DASH: f64 = 0.012;
const GAP: f64 = 0.01;

/// The dashes of a line on a panel of this size.
pub(super) fn dashes(line: &[(f64, f64)], size: (f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let mut pieces = vec![line[..1].to_vec()];
    // Of the present dash or gap, how much there is still to go.
    let (mut draws, mut left) = (true, DASH);
    for pair in line.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = ((to.0 - from.0) / size.0).hypot((to.1 - from.1) / size.1);
        let at = |share: f64| (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let point = at(done / length);
            match pieces.last_mut() {
                Some(piece) if draws => piece.push(point),
                _ => pieces.push(vec![point]),
            }
            draws = !draws;
            left = if draws { DASH } else { GAP };
        }
        left -= length - done;
        if let Some(piece) = pieces.last_mut().filter(|_| draws) {
            piece.push(to);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_do_not_depend_on_how_many_points_a_line_has() {
        let line = |count: usize| -> Vec<(f64, f64)> {
            (0..=count).map(|k| (4.0 * k as f64 / count as f64, 1.0)).collect()
        };
        let ends = |pieces: Vec<Vec<(f64, f64)>>| -> Vec<[f64; 2]> {
            pieces.iter().map(|piece| [piece[0].0, piece[piece.len() - 1].0]).collect()
        };
        let coarse = ends(dashes(&line(1), (4.0, 1.0)));
        assert_eq!(coarse.len(), 46, "one in each .022 of the panel");
        for (k, [from, to]) in coarse.iter().enumerate() {
            let start = 4.0 * (DASH + GAP) * k as f64;
            assert!((from - start).abs() < 1e-12 && to - from < 4.0 * DASH + 1e-12, "{k}");
        }
        for count in [7, 1000, 20_000] {
            let fine = ends(dashes(&line(count), (4.0, 1.0)));
            assert_eq!(fine.len(), coarse.len());
            for (fine, coarse) in fine.iter().zip(&coarse) {
                assert!((fine[0] - coarse[0]).abs() < 1e-9 && (fine[1] - coarse[1]).abs() < 1e-9);
            }
        }
        assert_eq!(dashes(&line(1)[..1], (4.0, 1.0)), [[(0.0, 1.0)]]);
    }
}
