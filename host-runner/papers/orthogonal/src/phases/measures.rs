//! What is read off a state of the flow on orthonormal samples. Starts are balanced, so that
//! |w_j| = |a_j| at all times.
use super::data::{Data, Side};
use super::follow::State;
use lab::statistics::{larger, max, min};
use nalgebra::{DMatrix, DVector};

/// sum_j a_j^2 + |w_j|^2.
pub fn norm_sq(state: &State) -> f64 {
    state.a.iter().zip(&state.rho).map(|(a, rho)| 2.0 * (a * rho.exp()).powi(2)).sum()
}

/// The largest 1 - cos(w_j, direction of the side) over its carriers.
pub fn misalignment(state: &State, side: &Side, carriers: &[bool]) -> f64 {
    let own = rows(state, carriers.len()).zip(carriers).filter(|(_, carries)| **carries);
    max(own.map(|((omega, a, _), _)| 1.0 - along(omega, side) / a.abs()))
}

/// Half the log of sum_j |w_j|^2 over the carriers.
pub fn log_size(state: &State, carriers: &[bool]) -> f64 {
    let logs = state.a.iter().zip(&state.rho).zip(carriers).filter(|(_, carries)| **carries);
    let logs: Vec<f64> = logs.map(|((a, rho), _)| a.abs().ln() + rho).collect();
    let most = max(&logs);
    most + 0.5 * logs.iter().map(|log| (2.0 * (log - most)).exp()).sum::<f64>().ln()
}

/// A side with its carriers.
#[derive(Debug, Clone)]
pub struct Fitted<'a> {
    pub side: &'a Side,
    pub carriers: &'a [bool],
}

/// Distance to the nearest point where these sides are fitted with the smallest norm and every
/// other neuron is 0: carriers at c_j (u, +-1) with sum_j c_j^2 = |y|, u the direction of the side.
///
/// With b_j = (<w_j, u> + |a_j|)/2 the nearest such point has c parallel to b, and the square of
/// the distance is the sum over carriers of |w_j - <w_j, u> u|^2 + (<w_j, u> - |a_j|)^2/2, plus
/// 2 (|b| - sqrt |y|)^2, plus the squares of all others. No term is a difference of large ones.
/// `outside` is |w_j|^2 outside the span of the samples.
pub fn distance(state: &State, fitted: &[Fitted<'_>], outside: &[f64]) -> f64 {
    let mut total: f64 = 0.0;
    let mut sums = vec![0.0; fitted.len()];
    for (j, (omega, a, rho)) in rows(state, state.a.len()).enumerate() {
        let square = (2.0 * rho).exp();
        let Some(at) = fitted.iter().position(|fitted| fitted.carriers[j]) else {
            total += 2.0 * a * a * square;
            continue;
        };
        let unit = &fitted[at].side.unit;
        let length = along(omega, fitted[at].side);
        let across: f64 = omega.iter().zip(unit).map(|(w, u)| (w - length * u).powi(2)).sum();
        total += square * (across + 0.5 * (length - a.abs()).powi(2)) + outside[j];
        sums[at] += square * (0.5 * (length + a.abs())).powi(2);
    }
    let sides = fitted.iter().zip(sums);
    total += sides.map(|(f, sum)| 2.0 * (sum.sqrt() - f.side.size.sqrt()).powi(2)).sum::<f64>();
    total.sqrt()
}

/// The share of |theta|^2 that the carriers do not hold.
pub fn others(state: &State, carriers: [&[bool]; 2]) -> f64 {
    let terms = state.a.iter().zip(&state.rho).enumerate();
    let (mut all, mut rest) = (0.0, 0.0);
    for (j, (a, rho)) in terms {
        let square = (a * rho.exp()).powi(2);
        all += square;
        rest += if carriers.iter().any(|of| of[j]) { 0.0 } else { square };
    }
    rest / all
}

/// By how much neurons (w, a) that carry no side raise |theta|^2 above the smallest, to first
/// order: each adds 2 a^2, and takes |a| <w, u> from what its carriers need for |y|.
pub fn explained(state: &State, sides: &[Side; 2], carriers: [&[bool]; 2]) -> f64 {
    let others =
        rows(state, state.a.len()).enumerate().filter(|(j, _)| !carriers.iter().any(|of| of[*j]));
    let raise = |(_, (omega, a, rho)): (usize, (&[f64], f64, f64))| {
        let side = if sides[0].holds(a) { &sides[0] } else { &sides[1] };
        let seen = omega.iter().zip(&side.unit).map(|(w, u)| larger(*w, 0.0) * u).sum::<f64>();
        2.0 * (2.0 * rho).exp() * a.abs() * (a.abs() - seen)
    };
    others.map(raise).sum()
}

/// How many directions hold all but `rest` of |theta|^2; two are one where their cosine, together
/// with the sign of a, is above 1 - 1e-4.
pub fn directions(state: &State, rest: f64) -> usize {
    let mut neurons: Vec<(&[f64], f64, f64)> = rows(state, state.a.len()).collect();
    let square = |&(_, a, rho): &(&[f64], f64, f64)| (a * rho.exp()).powi(2);
    neurons.sort_by(|p, q| square(q).total_cmp(&square(p)));
    let total: f64 = neurons.iter().map(square).sum();
    let (mut sum, mut found) = (0.0, Vec::<(&[f64], f64)>::new());
    for neuron in &neurons {
        if sum >= (1.0 - rest) * total {
            break;
        }
        sum += square(neuron);
        let &(omega, a, _) = neuron;
        let same = |&(other, b): &(&[f64], f64)| {
            let inner: f64 = omega.iter().zip(other).map(|(p, q)| p * q).sum();
            inner > (1.0 - 1e-4) * (a * b).abs() && a * b > 0.0
        };
        if !found.iter().any(same) {
            found.push((omega, a));
        }
    }
    found.len()
}

/// The relative distance of the network to the interpolator of smallest norm, in mean square over
/// the inputs `points` in the span of the samples, n coordinates each.
pub fn function_distance(state: &State, sides: &[Side; 2], points: &[f64], n: usize) -> f64 {
    let (mut gap, mut size) = (0.0, 0.0);
    for point in points.chunks_exact(n) {
        let relu = |w: &[f64]| larger(w.iter().zip(point).map(|(w, x)| w * x).sum(), 0.0);
        let h: f64 = rows(state, state.a.len())
            .map(|(omega, a, rho)| (2.0 * rho).exp() * a * relu(omega))
            .sum();
        let least = |side: &Side| {
            let sign = if side.holds(1.0) { 1.0 } else { -1.0 };
            sign * side.size * relu(&side.unit)
        };
        let least = least(&sides[0]) + least(&sides[1]);
        gap += (h - least).powi(2);
        size += least * least;
    }
    (gap / size).sqrt()
}

/// M of r' = -(1/n) M r on orthonormal samples: sum_j [z_j z_j^T + a_j^2 I] over live pairs.
pub fn curvature_matrix(state: &State, n: usize) -> DMatrix<f64> {
    let mut sum = DMatrix::zeros(n, n);
    for (omega, a, rho) in rows(state, state.a.len()) {
        let square = (2.0 * rho).exp();
        for i in (0..n).filter(|&i| omega[i] > 0.0) {
            sum[(i, i)] += square * a * a;
            for k in (0..n).filter(|&k| omega[k] > 0.0) {
                sum[(i, k)] += square * omega[i] * omega[k];
            }
        }
    }
    sum
}

/// h_i = sum_j a_j relu(<w_j, x_i>).
pub fn predictions(state: &State, n: usize) -> Vec<f64> {
    let mut h = vec![0.0; n];
    for (omega, a, rho) in rows(state, state.a.len()) {
        let weight = (2.0 * rho).exp() * a;
        h.iter_mut().zip(omega).for_each(|(h, z)| *h += weight * larger(*z, 0.0));
    }
    h
}

/// mu = (2/n) r^T M r / |r|^2 and its least value over all r.
pub fn curvature(state: &State, data: &Data) -> (f64, f64) {
    let n = data.n();
    let matrix = curvature_matrix(state, n);
    let h = predictions(state, n);
    let r = DVector::from_fn(n, |i, _| data.y[i] - h[i]);
    let least = min(&matrix.clone().symmetric_eigenvalues());
    let scale = 2.0 / n as f64;
    (scale * r.dot(&(&matrix * &r)) / r.norm_squared(), scale * least)
}

/// (omega, a, rho) of each neuron.
fn rows(state: &State, m: usize) -> impl Iterator<Item = (&[f64], f64, f64)> {
    let n = state.omega.len() / m.max(1);
    let scalars = state.a.iter().zip(&state.rho);
    state.omega.chunks_exact(n.max(1)).zip(scalars).map(|(omega, (&a, &rho))| (omega, a, rho))
}

/// <omega, u>.
fn along(omega: &[f64], side: &Side) -> f64 {
    omega.iter().zip(&side.unit).map(|(omega, unit)| omega * unit).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::statistics::smaller;

    /// The network of smallest norm on three samples, one neuron a sign, and a third neuron.
    fn limit(extra: f64) -> (Data, [Side; 2], State) {
        let data = Data::draw((6, 0, 0), [3, 2, 5]);
        let sides = data.sides().unwrap();
        let (mut omega, mut a) = (Vec::new(), Vec::new());
        for side in &sides {
            let c = side.size.sqrt();
            omega.extend(side.unit.iter().map(|u| c * u));
            a.push(if side.holds(1.0) { c } else { -c });
        }
        omega.extend([extra, 0.0, 0.0]);
        a.push(extra);
        let state = State { t: 0.0, loss: 0.0, omega, a, rho: vec![0.0; 3] };
        (data, sides, state)
    }

    #[test]
    fn the_limit_has_no_distance_and_the_curvature_of_the_theory() {
        let (data, sides, state) = limit(0.0);
        let [first, second] = [[true, false, false], [false, true, false]];
        let fitted = [
            Fitted { side: &sides[0], carriers: &first },
            Fitted { side: &sides[1], carriers: &second },
        ];
        assert!(distance(&state, &fitted, &[0.0; 3]) < 1e-7);
        // Without the other side it is missing entirely.
        let gap = distance(&state, &fitted[..1], &[0.0; 3]);
        assert!((gap - (2.0 * sides[1].size).sqrt()).abs() < 1e-7);
        assert_eq!(directions(&state, 1e-6), 2);
        assert!(misalignment(&state, &sides[0], &first) < 1e-12);
        let least: f64 = sides.iter().map(|s| 2.0 * s.size).sum();
        assert!((norm_sq(&state) - least).abs() < 1e-12);
        let points = [1.0, -0.5, 0.2, 0.3, 0.9, -2.0, -1.0, 0.1, 1.0];
        assert!(function_distance(&state, &sides, &points, 3) < 1e-14);
        // Two positive samples: 2 |D_+| across; one negative sample: 4 |D_-|.
        let rate = |positive: bool| sides.iter().find(|s| s.holds(1.0) == positive).unwrap().rate;
        let (_, floor) = curvature(&state, &data);
        assert!((floor - smaller(2.0 * rate(true), 4.0 * rate(false))).abs() < 1e-12);
    }

    #[test]
    fn a_stray_neuron_counts() {
        let (_, sides, state) = limit(0.1);
        let [first, second] = [[true, false, false], [false, true, false]];
        let fitted = [
            Fitted { side: &sides[0], carriers: &first },
            Fitted { side: &sides[1], carriers: &second },
        ];
        let gap = distance(&state, &fitted, &[0.0; 3]);
        assert!((gap - 0.02f64.sqrt()).abs() < 1e-7);
        assert!((others(&state, [&first, &second]) - 0.02 / norm_sq(&state)).abs() < 1e-12);
        assert_eq!(directions(&state, 1e-6), 3);
        assert_eq!(log_size(&state, &[false, false, true]), 0.1f64.ln());
    }

    #[test]
    fn a_carrier_without_direction_is_not_aligned() {
        let (_, sides, mut state) = limit(0.1);
        // Of the other side, beside the carrier that is looked at, and that carrier.
        let (first, n) = ([true, false, false], 3);
        state.omega[n] = f64::NAN;
        assert!(misalignment(&state, &sides[0], &first) < 1e-12);
        assert!(misalignment(&state, &sides[0], &[true, true, false]).is_nan());
        assert!(misalignment(&state, &sides[0], &[false; 3]).is_nan());
        state.rho[0] = f64::NAN;
        assert!(log_size(&state, &first).is_nan());
    }
}
