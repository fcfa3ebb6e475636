//! The textbook flow of one neuron on the samples e_1, e_2 with relu'(0) = c, and what may solve it
//! after a pair has died; `orthogonal_subgradient` says why.
use lab::statistics::{larger, max, smaller};

/// Targets of the samples e_1 and e_2.
pub const Y: [f64; 2] = [1.0, -1.0];
/// The neuron whose pair with e_2 dies: z_1, z_2, a, balanced.
pub const START: [f64; 3] = [0.6, 0.8, 1.0];

/// The textbook right-hand side F_c of one neuron on e_1, e_2 beside others that predict `h`:
/// dz_i/dt = (a/n) r_i g(z_i), da/dt = (1/n) sum_i r_i relu(z_i).
pub fn velocity([z1, z2, a]: [f64; 3], h: [f64; 2], c: f64) -> [f64; 3] {
    let gate = |z: f64| {
        if z > 0.0 {
            1.0
        } else if z == 0.0 {
            c
        } else {
            0.0
        }
    };
    let relu = |z: f64| if z <= 0.0 { 0.0 } else { z };
    let r = [Y[0] - h[0], Y[1] - h[1]];
    [
        0.5 * a * r[0] * gate(z1),
        0.5 * a * r[1] * gate(z2),
        0.5 * (r[0] * relu(z1) + r[1] * relu(z2)),
    ]
}

/// What neurons (z_1, z_2, a) predict on e_1, e_2.
pub fn predictions(neurons: &[[f64; 3]]) -> [f64; 2] {
    let on = |i: usize| neurons.iter().map(|neuron| neuron[2] * larger(neuron[i], 0.0)).sum();
    [on(0), on(1)]
}

/// theta + dt F_c(theta) of one neuron alone.
pub fn euler(theta: [f64; 3], c: f64, dt: f64) -> [f64; 3] {
    let v = velocity(theta, predictions(&[theta]), c);
    std::array::from_fn(|k| theta[k] + dt * v[k])
}

/// The only continuous candidate for a solution: the flow with c = 0, by Euler's method whose step
/// is cut where z_2 reaches 0.
pub struct Candidate {
    /// (t, theta), from the death on with z_2 = 0.
    pub path: Vec<(f64, [f64; 3])>,
    /// t_1; NaN if the pair lives to the end.
    pub death: f64,
}

impl Candidate {
    pub fn follow(dt: f64, until: f64) -> Self {
        let (mut path, mut death) = (vec![(0.0, START)], f64::NAN);
        let (mut t, mut theta) = (0.0, START);
        while t < until {
            let mut length = smaller(dt, until - t);
            let fall = -velocity(theta, predictions(&[theta]), 0.0)[1];
            let dies = theta[1] > 0.0 && theta[1] <= length * fall;
            if dies {
                length = theta[1] / fall;
            }
            theta = euler(theta, 0.0, length);
            t += length;
            if dies {
                (theta[1], death) = (0.0, t);
            }
            path.push((t, theta));
        }
        Self { path, death }
    }

    /// (t, integral from t_1 to t of |theta' - F_c(theta)|), theta' by differences of the path.
    pub fn defect(&self, c: f64) -> Vec<(f64, f64)> {
        let mut sum = 0.0;
        let after = self.path.windows(2).filter(|pair| pair[0].0 >= self.death);
        let steps = after.map(|pair| {
            let [(from, theta), (to, next)] = [pair[0], pair[1]];
            let v = velocity(theta, predictions(&[theta]), c);
            let gap = |k: usize| next[k] - theta[k] - (to - from) * v[k];
            sum += (0..3).map(|k| gap(k).powi(2)).sum::<f64>().sqrt();
            (to, sum)
        });
        std::iter::once((self.death, 0.0)).chain(steps.collect::<Vec<_>>()).collect()
    }
}

/// Total correction of Euler's method that puts a negative z_2 back to 0, after the first one.
pub fn corrections(c: f64, dt: f64, until: f64) -> f64 {
    let (mut theta, mut total, mut dead) = (START, 0.0, false);
    for _ in 0..(until / dt).round() as u64 {
        theta = euler(theta, c, dt);
        if theta[1] < 0.0 {
            total += if dead { -theta[1] } else { 0.0 };
            (theta[1], dead) = (0.0, true);
        }
    }
    total
}

/// Largest difference between plain Euler with relu'(0) = 1 and with 0.
pub fn euler_gap(dt: f64, until: f64) -> f64 {
    let (mut one, mut zero, mut gap) = (START, START, 0.0f64);
    for _ in 0..(until / dt).round() as u64 {
        (one, zero) = (euler(one, 1.0, dt), euler(zero, 0.0, dt));
        gap = larger(gap, max(one.iter().zip(zero).map(|(x, y)| (x - y).abs())));
    }
    gap
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_candidate_dies_where_steps_of_any_length_say_and_stays() {
        let [coarse, fine] = [1e-2, 1e-4].map(|dt| Candidate::follow(dt, 2.0));
        assert!((coarse.death - fine.death).abs() < 2e-2);
        assert!(
            fine.path.iter().filter(|(t, _)| *t >= fine.death).all(|(_, theta)| theta[1] == 0.0)
        );
        assert!(fine.path.iter().filter(|(t, _)| *t < fine.death).all(|(_, theta)| theta[1] > 0.0));
        assert_eq!(fine.defect(0.25).first(), Some(&(fine.death, 0.0)));
    }
}
