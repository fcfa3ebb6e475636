//! Which combination of one-sided velocities slides along a set of kinks: a box-constrained
//! least squares problem, by enumeration and by an active set.
//!
//! With q_i = <x_i, v> for the pull v of the other samples, the pull of smallest norm is
//!
//! ```text
//! min 1/2 b^T G b + q^T b      b_i between 0 and g_i
//! ```
//!
//! with the conditions, u = G b + q and e_i = sign g_i,
//!
//! ```text
//! b_i = 0: e_i u_i >= 0        b_i = g_i: e_i u_i <= 0        between: u_i = 0
//! ```

/// Where a component of the solution lies in its box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// b_i = 0: the kink is left on its inactive side.
    Zero,
    /// 0 < b_i / g_i < 1: sliding.
    Between,
    /// b_i = g_i: the kink is left on its active side.
    Full,
}

/// One problem: G (k x k, symmetric, positive semidefinite), q and g (k).
pub struct Kinks<'a> {
    pub gram: &'a [f64],
    pub q: &'a [f64],
    pub g: &'a [f64],
}

impl Kinks<'_> {
    /// The solution: by enumeration where that is cheap, else by the active set.
    pub fn solve(&self) -> (Vec<f64>, Vec<Place>) {
        if self.q.len() <= 6 { self.enumerate() } else { self.active_set() }
    }

    /// u = G b + q.
    pub fn slope(&self, b: &[f64]) -> Vec<f64> {
        let k = b.len();
        (0..k)
            .map(|i| (0..k).map(|l| self.gram[i * k + l] * b[l]).sum::<f64>() + self.q[i])
            .collect()
    }

    /// How far (b, places) is from the conditions above, in units of u.
    pub fn violation(&self, b: &[f64], places: &[Place]) -> f64 {
        let (k, u) = (b.len(), self.slope(b));
        let mut worst = 0f64;
        for i in 0..k {
            let (sign, g) = (self.g[i].signum(), self.g[i]);
            worst = worst.max(match places[i] {
                Place::Zero => (-sign * u[i]).max(b[i].abs() * self.gram[i * k + i]),
                Place::Full => (sign * u[i]).max((b[i] - g).abs() * self.gram[i * k + i]),
                Place::Between => {
                    let outside = (-sign * b[i]).max(sign * (b[i] - g)).max(0.0);
                    u[i].abs().max(outside * self.gram[i * k + i])
                }
            });
        }
        worst
    }

    /// b with the components that are `Between` solving u = 0 there, the others at their bounds.
    /// None where those components of G are linearly dependent.
    fn at(&self, places: &[Place]) -> Option<Vec<f64>> {
        let k = places.len();
        let mut b: Vec<f64> =
            (0..k).map(|i| if places[i] == Place::Full { self.g[i] } else { 0.0 }).collect();
        let free: Vec<usize> = (0..k).filter(|&i| places[i] == Place::Between).collect();
        let u = self.slope(&b);
        let mut matrix = Vec::new();
        for &i in &free {
            for &l in &free {
                matrix.push(self.gram[i * k + l]);
            }
        }
        let mut right: Vec<f64> = free.iter().map(|&i| -u[i]).collect();
        linear_solve(&mut matrix, &mut right, free.len())?;
        for (value, &i) in right.iter().zip(&free) {
            b[i] = *value;
        }
        Some(b)
    }

    /// The best of the 3^k ways to place the components. Among the solutions of a singular
    /// problem there is one whose components in between are independent (a vertex of the set of
    /// solutions), so dependent ones may be left out.
    pub fn enumerate(&self) -> (Vec<f64>, Vec<Place>) {
        let k = self.q.len();
        let mut best = (f64::INFINITY, vec![], vec![]);
        for pattern in 0..3usize.pow(k as u32) {
            let places: Vec<Place> = (0..k as u32)
                .map(|i| [Place::Zero, Place::Between, Place::Full][pattern / 3usize.pow(i) % 3])
                .collect();
            if let Some(b) = self.at(&places) {
                let violation = self.violation(&b, &places);
                if violation < best.0 {
                    best = (violation, b, places);
                }
            }
        }
        (best.1, best.2)
    }

    /// Bounded least squares as Stark and Parker: let go of the bound that violates its condition
    /// most, move to the solution on the free components, stop at every bound on the way.
    ///
    /// A component that depends linearly on the free ones has u_i = 0 and is never let go.
    pub fn active_set(&self) -> (Vec<f64>, Vec<Place>) {
        let k = self.q.len();
        let (mut b, mut places) = (vec![0.0; k], vec![Place::Zero; k]);
        let size = (0..k).fold(0f64, |size, i| {
            size.max(self.q[i].abs()).max(self.gram[i * k + i] * self.g[i].abs())
        });
        let mut refused = vec![false; k];
        for _ in 0..100 * (k + 1) {
            let u = self.slope(&b);
            let wish = |i: usize| match places[i] {
                Place::Zero => -self.g[i].signum() * u[i],
                Place::Full => self.g[i].signum() * u[i],
                Place::Between => 0.0,
            };
            let Some(i) = (0..k)
                .filter(|&i| !refused[i] && wish(i) > 1e-14 * size)
                .max_by(|&i, &l| wish(i).total_cmp(&wish(l)))
            else {
                break;
            };
            let before = places[i];
            places[i] = Place::Between;
            let moved = self.move_to_solution(&mut b, &mut places);
            if places[i] == before && !moved {
                refused[i] = true; // it cannot move: without this the same choice for ever
            } else {
                refused.fill(false);
            }
        }
        (b, places)
    }

    /// Moves b to the solution on the components in between, fixing those that meet a bound first.
    /// Returns whether b moved at all.
    fn move_to_solution(&self, b: &mut Vec<f64>, places: &mut [Place]) -> bool {
        let mut moved = false;
        while let Some(target) = self.at(places) {
            let mut first = (1.0, None);
            for i in 0..b.len() {
                if places[i] != Place::Between {
                    continue;
                }
                let sign = self.g[i].signum();
                for (bound, place) in [(0.0, Place::Zero), (self.g[i], Place::Full)] {
                    let outwards = if place == Place::Zero { -sign } else { sign };
                    if outwards * (target[i] - bound) >= 0.0 {
                        let way = target[i] - b[i];
                        let part = if way == 0.0 { 0.0 } else { ((bound - b[i]) / way).max(0.0) };
                        if part < first.0 {
                            first = (part, Some((i, bound, place)));
                        }
                    }
                }
            }
            moved |= first.0 > 0.0;
            let Some((i, bound, place)) = first.1 else {
                *b = target;
                return moved;
            };
            for l in 0..b.len() {
                b[l] += first.0 * (target[l] - b[l]);
            }
            b[i] = bound;
            places[i] = place;
        }
        moved
    }
}

/// Solves M X = R in place (X over R, any number of columns, row-major) by elimination with
/// pivots. None where M is singular to rounding.
pub fn linear_solve(matrix: &mut [f64], right: &mut [f64], k: usize) -> Option<()> {
    if k == 0 {
        return Some(());
    }
    let columns = right.len() / k;
    let size = matrix.iter().fold(0f64, |size, v| size.max(v.abs()));
    for c in 0..k {
        let pivot =
            (c..k).max_by(|&i, &l| matrix[i * k + c].abs().total_cmp(&matrix[l * k + c].abs()))?;
        if matrix[pivot * k + c].abs() <= 1e-12 * size {
            return None;
        }
        for l in 0..k {
            matrix.swap(c * k + l, pivot * k + l);
        }
        for l in 0..columns {
            right.swap(c * columns + l, pivot * columns + l);
        }
        for i in (0..k).filter(|&i| i != c) {
            let factor = matrix[i * k + c] / matrix[c * k + c];
            for l in c..k {
                matrix[i * k + l] -= factor * matrix[c * k + l];
            }
            for l in 0..columns {
                right[i * columns + l] -= factor * right[c * columns + l];
            }
        }
    }
    for i in 0..k {
        for l in 0..columns {
            right[i * columns + l] /= matrix[i * k + i];
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::super::random::Random;
    use super::*;

    #[test]
    fn one_kink_by_hand() {
        // u = 2b + q, b in [-3, 0]: q = 4 slides at b = -2; q = -1 is left at 0, q = 9 at -3.
        for (q, b, place) in
            [(4.0, -2.0, Place::Between), (-1.0, 0.0, Place::Zero), (9.0, -3.0, Place::Full)]
        {
            let problem = Kinks { gram: &[2.0], q: &[q], g: &[-3.0] };
            assert_eq!(problem.enumerate(), (vec![b], vec![place]));
            assert_eq!(problem.active_set(), (vec![b], vec![place]));
        }
    }

    /// Random problems of 1 to 7 kinks with pulls of 3 more samples; every other one has fewer
    /// dimensions than kinks, and every fourth a sample twice: G is then singular. The conditions
    /// hold for both methods, and u = G b + q, which is unique where b is not, is the same.
    #[test]
    fn enumeration_and_active_set_agree() {
        let mut random = Random(21);
        let (mut singular, mut between) = (0, 0);
        for case in 0..200 {
            let k = 1 + case % 7;
            let d = if case % 2 == 0 { k + 2 } else { 1 + k / 2 };
            let mut x = random.vector((k + 3) * d);
            if case % 4 == 0 && k > 1 {
                x.copy_within(0..d, d);
            }
            let dot =
                |i: usize, l: usize| -> f64 { (0..d).map(|c| x[i * d + c] * x[l * d + c]).sum() };
            let gram: Vec<f64> = (0..k * k).map(|m| dot(m / k, m % k)).collect();
            let others = random.vector(3);
            let q: Vec<f64> =
                (0..k).map(|i| (0..3).map(|l| others[l] * dot(i, k + l)).sum()).collect();
            let sign = random.uniform(-1.0, 1.0).signum();
            let g: Vec<f64> = (0..k).map(|_| sign * random.uniform(0.01, 1.0)).collect();
            let problem = Kinks { gram: &gram, q: &q, g: &g };
            let (b, places) = problem.enumerate();
            let (c, others) = problem.active_set();
            assert!(problem.violation(&b, &places) < 1e-12, "{case}");
            assert!(problem.violation(&c, &others) < 1e-12, "{case}");
            let (u, v) = (problem.slope(&b), problem.slope(&c));
            assert!((0..k).all(|i| (u[i] - v[i]).abs() < 1e-11), "{case}: {u:?} {v:?}");
            singular += usize::from(d < k || (case % 4 == 0 && k > 1));
            between += usize::from(places.contains(&Place::Between));
            // The conditions do tell a wrong answer from a right one.
            let mut wrong = places.clone();
            wrong[0] = if places[0] == Place::Zero { Place::Full } else { Place::Zero };
            assert!(problem.violation(&b, &wrong) > 1e-9, "{case}");
        }
        assert!(singular > 80 && between > 60, "{singular} {between}");
    }

    #[test]
    fn linear_system_by_hand() {
        let (mut m, mut r) = (vec![0.0, 2.0, 3.0, 1.0], vec![4.0, 5.0]);
        assert_eq!(linear_solve(&mut m, &mut r, 2), Some(()));
        assert_eq!(r, [1.0, 2.0]);
        assert_eq!(linear_solve(&mut [1.0, 1.0, 1.0, 1.0], &mut [1.0, 2.0], 2), None);
    }
}
