//! The graph of nearest neighbours that graph convolutions mix along.
use engine::linalg::norm_sq;
use lab::Arithmetic;

/// Rows of A, compressed: those of sample i are `list[starts[i]..starts[i + 1]]`, ascending.
#[derive(Debug)]
pub struct Neighbours {
    /// n + 1 of them.
    pub starts: Vec<usize>,
    /// Samples.
    pub list: Vec<usize>,
}

impl Neighbours {
    /// i and k are neighbours where one is among the `nearest` of the other, and each is its own.
    pub fn nearest(x: &[f64], d: usize, nearest: usize) -> Self {
        let rows: Vec<&[f64]> = x.chunks_exact(d).collect();
        let n = rows.len();
        let mut near = vec![vec![false; n]; n];
        for (i, row) in rows.iter().enumerate() {
            let away = |k: usize| -> f64 {
                let difference: Vec<f64> = row.iter().zip(rows[k]).map(|(x, y)| x - y).collect();
                norm_sq(Arithmetic::Fused, &difference)
            };
            let mut others: Vec<(f64, usize)> =
                (0..n).filter(|&k| k != i).map(|k| (away(k), k)).collect();
            others.sort_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
            near[i][i] = true;
            for &(_, k) in others.iter().take(nearest) {
                near[i][k] = true;
                near[k][i] = true;
            }
        }
        let (mut starts, mut list) = (vec![0], Vec::new());
        for row in &near {
            list.extend((0..n).filter(|&k| row[k]));
            starts.push(list.len());
        }
        Self { starts, list }
    }

    /// The extreme eigenvalues of S, or of the printed D^(1/2) A D^(1/2).
    pub fn ends(&self, printed: bool) -> (f64, f64) {
        let n = self.starts.len() - 1;
        let degree = |i: usize| (self.starts[i + 1] - self.starts[i]) as f64;
        let weight = |i: usize, k: usize| {
            let both = (degree(i) * degree(k)).sqrt();
            if printed { both } else { 1.0 / both }
        };
        let matrix = nalgebra::DMatrix::from_fn(n, n, |i, k| {
            let row = &self.list[self.starts[i]..self.starts[i + 1]];
            if row.binary_search(&k).is_ok() { weight(i, k) } else { 0.0 }
        });
        super::spectrum::ends(matrix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the path of three samples, with loops: 1, 1/2, -1/6, and printed 6, 2, -1.
    #[test]
    fn a_path_has_the_eigenvalues_that_tell_the_misprint() {
        let path = Neighbours::nearest(&[0.0, 1.0, 2.1], 1, 1);
        assert_eq!(path.list, [0, 1, 0, 1, 2, 1, 2]);
        let near = |(x, y): (f64, f64), (u, v): (f64, f64)| {
            assert!((x - u).abs() < 1e-12 && (y - v).abs() < 1e-12, "{x} {y}");
        };
        near(path.ends(false), (-1.0 / 6.0, 1.0));
        near(path.ends(true), (-1.0, 6.0));
        assert_eq!(path.starts, [0, 2, 5, 7]);
    }
}
