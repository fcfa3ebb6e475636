//! Taylor coefficients of the flow while no pair changes its mode.

use super::super::network::loss_at;
use super::modes::{Mode, Modes};
use super::roots::value;
use super::state::{Problem, State};

/// The flow's right-hand side is polynomial in its unknowns, so every coefficient follows from the
/// ones before it by products of series.
pub const ORDER: usize = 24;

impl Problem {
    /// r_i = y_i - s sum_j a_j relu(z_ji), over the pairs that are active.
    pub fn residuals(&self, state: &State, modes: &Modes) -> Vec<f64> {
        let mut r = vec![0.0; self.n];
        for i in 0..self.n {
            let mut h = 0.0;
            for j in 0..self.p {
                if modes.of(j, i) == Mode::Active {
                    h += state.a[j] * state.z[j * self.n + i];
                }
            }
            r[i] = self.y[i] - self.s * h;
        }
        r
    }

    /// L = 1/(2n) sum_i r_i^2.
    pub fn loss(&self, state: &State, modes: &Modes) -> f64 {
        loss_at(&self.residuals(state, modes))
    }
}

/// Coefficients about the present: entry k of each multiplies t^k.
pub struct Series {
    pub a: Vec<Vec<f64>>,
    pub z: Vec<Vec<f64>>,
    dual: Vec<Vec<f64>>,
    integral: Vec<f64>,
    /// g_i = r_i/n, orders 0..ORDER - 1.
    pub g: Vec<Vec<f64>>,
    /// b_ji: w_j' = a_j sum_i b_ji x_i, orders 0..ORDER - 1. g_i where active, 0 where inactive,
    /// between the two where sliding.
    pub pull: Vec<Vec<f64>>,
}

/// sum_{l <= k} f_l g_{k-l}, entry by entry.
fn product(f: &[Vec<f64>], g: &[Vec<f64>], k: usize) -> Vec<f64> {
    let mut sum = vec![0.0; f[0].len()];
    for l in 0..=k {
        for ((sum, f), g) in sum.iter_mut().zip(&f[l]).zip(&g[k - l]) {
            *sum += f * g;
        }
    }
    sum
}

/// sum_{l <= k} f_l a_{k-l} for p x n times p: row j times a_j.
fn by_neuron(f: &[Vec<f64>], a: &[Vec<f64>], k: usize) -> Vec<f64> {
    let (p, mut sum) = (a[0].len(), vec![0.0; f[0].len()]);
    let n = sum.len() / p;
    for l in 0..=k {
        for j in 0..p {
            for i in j * n..(j + 1) * n {
                sum[i] += f[l][i] * a[k - l][j];
            }
        }
    }
    sum
}

/// sum_{l <= k} <z_l, g_{k-l}> over the active pairs of every neuron, p values.
fn by_sample(z: &[Vec<f64>], g: &[Vec<f64>], k: usize, active: &[bool]) -> Vec<f64> {
    let n = g[0].len();
    let mut sum = vec![0.0; active.len() / n];
    for l in 0..=k {
        for (j, sum) in sum.iter_mut().enumerate() {
            for i in (0..n).filter(|i| active[j * n + i]) {
                *sum += z[l][j * n + i] * g[k - l][i];
            }
        }
    }
    sum
}

impl Series {
    /// With b the pulls and u = b G (0 where sliding), order by order:
    ///
    /// ```text
    /// z' = a u      c' = a b      a_j' = sum_active g_i z_ji      g = (y - s sum_j a_j z_j[active])/n
    /// mu = s (sum_j |w_j'|^2 + a_j'^2) / L      |w_j'|^2 = sum_i c_ji' z_ji'
    /// ```
    pub fn new(problem: &Problem, modes: &Modes, state: &State) -> Self {
        let (p, n, s) = (problem.p, problem.n, problem.s);
        let mut it = Series {
            a: vec![state.a.clone()],
            z: vec![state.z.clone()],
            dual: vec![state.dual.clone()],
            integral: vec![state.integral],
            g: vec![],
            pull: vec![],
        };
        let active: Vec<bool> =
            (0..p * n).map(|m| modes.of(m / n, m % n) == Mode::Active).collect();
        let mut u: Vec<Vec<f64>> = vec![];
        let mut da: Vec<Vec<f64>> = vec![];
        let mut dz: Vec<Vec<f64>> = vec![];
        let mut dc: Vec<Vec<f64>> = vec![];
        let (mut loss, mut energy): (Vec<f64>, Vec<f64>) = (vec![], vec![]);
        for k in 0..ORDER {
            let h = by_neuron(&it.z, &it.a, k);
            let mut g = vec![0.0; n];
            for i in 0..n {
                let mut sum = 0.0;
                for j in (0..p).filter(|j| active[j * n + i]) {
                    sum += h[j * n + i];
                }
                g[i] = (if k == 0 { problem.y[i] } else { 0.0 } - s * sum) / n as f64;
            }
            let mut pull: Vec<f64> =
                (0..p * n).map(|m| if active[m] { g[m % n] } else { 0.0 }).collect();
            for j in 0..p {
                modes.sliding_pulls(j, &g, &mut pull[j * n..(j + 1) * n]);
            }
            let mut push = vec![0.0; p * n];
            for j in 0..p {
                for i in (0..n).filter(|&i| modes.of(j, i) != Mode::Sliding) {
                    let mut sum = 0.0;
                    for l in 0..n {
                        sum += problem.gram[i * n + l] * pull[j * n + l];
                    }
                    push[j * n + i] = sum;
                }
            }
            it.g.push(g);
            it.pull.push(pull);
            u.push(push);

            dz.push(by_neuron(&u, &it.a, k));
            dc.push(by_neuron(&it.pull, &it.a, k));
            da.push(by_sample(&it.z, &it.g, k, &active));
            let w_sq: f64 = product(&dc, &dz, k).iter().sum();
            let a_sq: f64 = product(&da, &da, k).iter().sum();
            energy.push(s * (w_sq + a_sq));
            loss.push(product(&it.g, &it.g, k).iter().sum::<f64>() * n as f64 / 2.0);

            let next = (k + 1) as f64;
            let divided = |v: &Vec<f64>| v.iter().map(|v| v / next).collect();
            it.z.push(divided(&dz[k]));
            it.dual.push(divided(&dc[k]));
            it.a.push(divided(&da[k]));
            // I' L = energy, and I'_l = (l + 1) I_{l+1}.
            let mut mu = energy[k];
            for l in 0..k {
                mu -= (l + 1) as f64 * it.integral[l + 1] * loss[k - l];
            }
            it.integral.push(mu / loss[0] / next);
        }
        it
    }

    /// The state after t.
    pub fn at(&self, t: f64) -> State {
        let all = |c: &[Vec<f64>]| {
            let mut sum = vec![0.0; c[0].len()];
            for c in c.iter().rev() {
                for (sum, c) in sum.iter_mut().zip(c) {
                    *sum = *sum * t + c;
                }
            }
            sum
        };
        State {
            a: all(&self.a),
            z: all(&self.z),
            dual: all(&self.dual),
            integral: value(&self.integral, t),
        }
    }

    /// mu at the present.
    pub fn mu(&self) -> f64 {
        self.integral[1]
    }

    /// Coefficients of entry m.
    pub fn column(of: &[Vec<f64>], m: usize) -> Vec<f64> {
        of.iter().map(|c| c[m]).collect()
    }

    /// The longest t for which the last two terms of (w_j, a_j) are below tolerance |(w_j, a_j)|
    /// for every neuron, those of int mu below tolerance and those of r below tolerance max_i |r_i|.
    ///
    /// |(w_j, a_j)| is taken as max(|a_j|, max_i |z_ji|/|x_i|), which is no larger.
    pub fn trusted(&self, problem: &Problem) -> f64 {
        let (p, n) = (problem.p, problem.n);
        let norms: Vec<f64> = (0..n).map(|i| problem.gram[i * n + i].sqrt()).collect();
        let size = |a: &[f64], z: &[f64], j: usize| {
            let mut size = a[j].abs();
            for i in (0..n).filter(|&i| norms[i] > 0.0) {
                size = size.max(z[j * n + i].abs() / norms[i]);
            }
            size
        };
        let largest = |v: &[f64]| v.iter().fold(0f64, |m, v| m.max(v.abs()));
        // Once all is fitted r is rounding: relative to that, no step would do.
        let floor = 1e-9 * largest(&problem.y) / n as f64;
        let mut end = f64::INFINITY;
        let mut limit = |allowed: f64, term: f64, k: usize| {
            if term > 0.0 {
                end = end.min((problem.tolerance * allowed / term).powf(1.0 / k as f64));
            }
        };
        for k in [ORDER - 1, ORDER] {
            for j in 0..p {
                limit(size(&self.a[0], &self.z[0], j), size(&self.a[k], &self.z[k], j), k);
            }
            if largest(&self.g[0]) > floor {
                limit(1.0, self.integral[k].abs(), k);
            }
        }
        for k in [ORDER - 2, ORDER - 1] {
            limit(largest(&self.g[0]).max(floor), largest(&self.g[k]), k);
        }
        end
    }
}
