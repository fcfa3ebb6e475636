//! Lines on the picture: cut at the frame, thinned, and told apart where they lie over each other.
use crate::scene::{Area, Point};

/// Points of a line nearer to each other than this cannot be seen apart.
const FINE: f64 = 0.25;
/// Points of a stretch that only has to lie under its line.
const COARSE: f64 = 3.0;
/// Lines that run together for less only cross.
const TOGETHER: usize = 30;
/// More lines than this over each other nobody can count.
pub(crate) const DEEPEST: u32 = 3;

/// The pieces of a line inside an area. By our own hand, because clip paths need ids, and because a
/// line along the frame is to be seen at its full width.
pub(crate) fn clip(line: &[Point], area: &Area) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    if let [only] = line {
        return if area.holds(*only) { vec![vec![*only]] } else { Vec::new() };
    }
    // Whether the last piece ends at the start of the next segment.
    let mut open = false;
    for pair in line.windows(2) {
        let Some((enters, leaves)) = inside(pair[0], pair[1], area) else {
            open = false;
            continue;
        };
        let at = |share: f64| {
            let along = |from: f64, to: f64| from + share * (to - from);
            (along(pair[0].0, pair[1].0), along(pair[0].1, pair[1].1))
        };
        match pieces.last_mut() {
            Some(piece) if open => piece.push(at(leaves)),
            _ => pieces.push(vec![at(enters), at(leaves)]),
        }
        open = leaves == 1.0;
    }
    pieces.into_iter().map(|piece| thinned(piece, FINE)).collect()
}

/// Between which shares of a segment it is inside, after Liang and Barsky.
fn inside(from: Point, to: Point, area: &Area) -> Option<(f64, f64)> {
    let (mut enters, mut leaves) = (0.0f64, 1.0f64);
    let sides = [
        (from.0 - to.0, from.0 - area.x),
        (to.0 - from.0, area.right() - from.0),
        (from.1 - to.1, from.1 - area.y),
        (to.1 - from.1, area.bottom() - from.1),
    ];
    for (outwards, room) in sides {
        if outwards == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if outwards < 0.0 {
            enters = enters.max(room / outwards);
        } else {
            leaves = leaves.min(room / outwards);
        }
    }
    (enters <= leaves).then_some((enters, leaves))
}

fn thinned(line: Vec<Point>, fine: f64) -> Vec<Point> {
    let last = line.len() - 1;
    let mut kept: Vec<Point> = Vec::new();
    for (k, point) in line.into_iter().enumerate() {
        let near = |other: &Point| (point.0 - other.0).hypot(point.1 - other.1) < fine;
        if k == last && kept.len() > 1 && kept.last().is_some_and(near) {
            kept.pop();
        } else if k != last && kept.last().is_some_and(near) {
            continue;
        }
        kept.push(point);
    }
    kept
}

/// Points about one unit apart along a line.
pub(crate) fn sampled(line: &[Point]) -> Vec<Point> {
    let mut samples: Vec<Point> = line.first().copied().into_iter().collect();
    for pair in line.windows(2) {
        let (dx, dy) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
        let steps = dx.hypot(dy).ceil().max(1.0) as usize;
        samples.extend((1..=steps).map(|k| {
            let share = k as f64 / steps as f64;
            (pair[0].0 + share * dx, pair[0].1 + share * dy)
        }));
    }
    samples
}

/// The samples of the pieces of a line.
pub(crate) struct Sampled {
    pub(crate) pieces: Vec<Vec<Point>>,
    pub(crate) dashed: bool,
}

/// For each line, lowest first, its stretches over which so many others of its kind run, at most
/// [`DEEPEST`]. Dashes over a solid line leave it to be seen as it is.
pub(crate) fn covered(lines: &[Sampled], area: &Area) -> Vec<Vec<(u32, Vec<Point>)>> {
    let grid = Grid::of(lines, area);
    let mut all = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let kin = lines.iter().enumerate().take(GRID_LINES).skip(index + 1);
        let kin = kin.filter(|(_, other)| other.dashed == line.dashed);
        let kin = kin.fold(0, |kin, (above, _)| kin | 1 << above);
        let mut stretches = Vec::new();
        for piece in &line.pieces {
            let depths: Vec<u32> =
                piece.iter().map(|&at| (grid.lines_near(at) & kin).count_ones()).collect();
            for depth in 1..=DEEPEST {
                let mut start = 0;
                for run in depths.chunk_by(|a, b| (*a >= depth) == (*b >= depth)) {
                    let end = start + run.len();
                    // Lines shorter than that lie over each other as well.
                    let long = run.len() >= TOGETHER.min(piece.len() / 2 + 1);
                    if run[0] >= depth && long {
                        stretches.push((depth, thinned(piece[start..end].to_vec(), COARSE)));
                    }
                    start = end;
                }
            }
        }
        all.push(stretches);
    }
    all
}

/// A bit for each.
const GRID_LINES: usize = u64::BITS as usize;

/// Which lines pass through, or beside, each square unit of an area.
struct Grid {
    left: f64,
    top: f64,
    columns: usize,
    squares: Vec<u64>,
}

impl Grid {
    fn of(lines: &[Sampled], area: &Area) -> Self {
        // A square more on each side, so that no sample lies at an end of the grid.
        let squares = |length: f64| length.ceil() as usize + 3;
        let (columns, rows) = (squares(area.width), squares(area.height));
        let (left, top) = (area.x - 1.0, area.y - 1.0);
        let mut grid = Self { left, top, columns, squares: vec![0; columns * rows] };
        for (index, line) in lines.iter().enumerate().take(GRID_LINES) {
            for &at in line.pieces.iter().flatten() {
                let middle = grid.square(at);
                for row in [middle.saturating_sub(columns), middle, middle + columns] {
                    for square in row.saturating_sub(1)..=row + 1 {
                        if let Some(square) = grid.squares.get_mut(square) {
                            *square |= 1 << index;
                        }
                    }
                }
            }
        }
        grid
    }

    fn square(&self, (x, y): Point) -> usize {
        // Negative numbers become 0.
        (y - self.top) as usize * self.columns + (x - self.left) as usize
    }

    fn lines_near(&self, at: Point) -> u64 {
        self.squares.get(self.square(at)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { x: 0.0, y: 0.0, width: 100.0, height: 50.0 };

    #[test]
    fn lines_end_at_the_frame() {
        let zigzag = [(-50.0, 25.0), (50.0, 25.0), (50.0, 1e9), (60.0, 1e9), (60.0, 10.0)];
        let pieces = clip(&zigzag, &AREA);
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces[0], [(0.0, 25.0), (50.0, 25.0), (50.0, 50.0)]);
        assert!(pieces[1][0].1 >= 49.999 && pieces[1][1] == (60.0, 10.0));
        assert!(clip(&[(-1.0, -1.0), (101.0, -1.0)], &AREA).is_empty());
        assert_eq!(clip(&[(0.0, 0.0), (100.0, 0.0)], &AREA).len(), 1, "along the frame");
        assert_eq!(clip(&[(5.0, 5.0)], &AREA), [[(5.0, 5.0)]]);
    }

    #[test]
    fn thinning_keeps_the_ends() {
        let line: Vec<Point> = (0..=100_000).map(|k| (f64::from(k) / 1000.0, 7.0)).collect();
        let pieces = clip(&line, &AREA);
        assert!(pieces[0].len() < 500);
        assert_eq!((pieces[0][0], pieces[0][pieces[0].len() - 1]), ((0.0, 7.0), (100.0, 7.0)));
    }

    #[test]
    fn lines_over_each_other_are_found_where_they_are() {
        let line =
            |points: &[Point], dashed: bool| Sampled { pieces: vec![sampled(points)], dashed };
        let level = |dashed| line(&[(0.0, 10.0), (100.0, 10.0)], dashed);
        let bent = line(&[(0.0, 10.2), (50.0, 10.2), (100.0, 40.0)], false);
        let crossing = line(&[(50.0, 0.0), (60.0, 50.0)], false);
        let all = covered(&[level(false), bent, crossing, level(true), level(true)], &AREA);
        let [(1, stretch)] = &all[0][..] else { panic!("{:?}", all[0]) };
        let (start, end) = (stretch[0].0, stretch[stretch.len() - 1].0);
        assert!(start == 0.0 && (50.0..60.0).contains(&end), "{start} to {end}");
        assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 0, 1, 0]);
        let three = covered(&[level(false), level(false), level(false)], &AREA);
        assert_eq!(three.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 0]);
    }
}
