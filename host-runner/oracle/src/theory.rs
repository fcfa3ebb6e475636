//! Constants, bounds and sets of the theorems.
//!
//! C_x^-, C_x^+ are min and max |x_i|; C_y^-, C_y^+ min and max |y_i|; D_X = diag(|x_i|^2);
//! `1_ij = 1[<w_j, x_i> > 0]`.

use super::matrix::defect_norm;
use super::network::{Data, Net, pre_activations};

/// |x_i|, n values.
fn input_norms(data: &Data) -> Vec<f64> {
    (0..data.n)
        .map(|i| data.x[i * data.d..(i + 1) * data.d].iter().map(|v| v * v).sum::<f64>().sqrt())
        .collect()
}

fn min(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}

fn max(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::NEG_INFINITY, f64::max)
}

/// (C_x^-, C_x^+, C_y^-, C_y^+).
fn extremes(data: &Data) -> (f64, f64, f64, f64) {
    let norms = input_norms(data);
    let labels = || data.y.iter().map(|y| y.abs());
    (min(norms.iter().copied()), max(norms.iter().copied()), min(labels()), max(labels()))
}

/// s sum_j f_j 1_ij for every i, n values.
fn active_sums(net: &Net, data: &Data, s: f64, f: impl Fn(usize) -> f64) -> Vec<f64> {
    let z = pre_activations(net, data);
    let mut sums = vec![0.0; data.n];
    for i in 0..data.n {
        for j in 0..net.p {
            if z[j * data.n + i] > 0.0 {
                sums[i] += s * f(j);
            }
        }
    }
    sums
}

/// |w_j|^2.
fn neuron_norm_sq(net: &Net, j: usize) -> f64 {
    net.w[j * net.d..(j + 1) * net.d].iter().map(|v| v * v).sum()
}

/// (lower, upper) bounds on mu (`weak`, Lemma 7, s = 1/p there):
///
/// ```text
/// lower = (2/n) ((C_x^-)^2 - |X^T X - D_X|) min_i s sum_j a_j^2 1_ij
/// upper = (2/n) ((C_x^+)^2 + |X^T X - D_X|) max_i s sum_j (a_j^2 + |w_j|^2) 1_ij
/// ```
///
/// The printed upper bound lacks `+ |X^T X - D_X|`, the cross terms that its proof drops; see
/// [`lemma7_upper_printed`]. With it: mu = (2/n) Rbar^T M Rbar, and in every term
/// |X P_j v|^2 <= ((C_x^+)^2 + |X^T X - D_X|) |P_j v|^2.
pub fn lemma7_bounds(net: &Net, data: &Data, s: f64) -> (f64, f64) {
    let (cx_min, cx_max, _, _) = extremes(data);
    let defect = defect_norm(data);
    let a_sq = active_sums(net, data, s, |j| net.a[j] * net.a[j]);
    let both = active_sums(net, data, s, |j| net.a[j] * net.a[j] + neuron_norm_sq(net, j));
    let scale = 2.0 / data.n as f64;
    (scale * (cx_min * cx_min - defect) * min(a_sq), scale * (cx_max * cx_max + defect) * max(both))
}

/// (2/n) (C_x^+)^2 max_i s sum_j (a_j^2 + |w_j|^2) 1_ij: the upper bound as printed in `weak`,
/// Lemma 7. True for orthogonal inputs, false in general.
pub fn lemma7_upper_printed(net: &Net, data: &Data, s: f64) -> f64 {
    let (_, cx_max, _, _) = extremes(data);
    let both = active_sums(net, data, s, |j| net.a[j] * net.a[j] + neuron_norm_sq(net, j));
    2.0 / data.n as f64 * cx_max * cx_max * max(both)
}

/// C = (6/5) (C_x^-)^2 / C_x^+ * C_y^- (`weak`, Theorem 1, s = 1/p).
pub fn theorem1_constant(data: &Data) -> f64 {
    let (cx_min, cx_max, cy_min, _) = extremes(data);
    6.0 / 5.0 * cx_min * cx_min / cx_max * cy_min
}

/// (C/n) min_i |1 - r_i/y_i| <= mu(t), from the n residuals at time t (`weak`, Theorem 1).
pub fn theorem1_lower(data: &Data, residuals: &[f64]) -> f64 {
    let learnt = min((0..data.n).map(|i| (1.0 - residuals[i] / data.y[i]).abs()));
    theorem1_constant(data) / data.n as f64 * learnt
}

/// (C_x^-)^2 / (2 sqrt n) * C_y^-/C_y^+ - |X^T X - D_X|: `weak`, Assumption 2 (equation (4)),
/// holds exactly where this is >= 0.
pub fn assumption2_slack(data: &Data) -> f64 {
    let (cx_min, _, cy_min, cy_max) = extremes(data);
    cx_min * cx_min / (2.0 * (data.n as f64).sqrt()) * cy_min / cy_max - defect_norm(data)
}

/// 1 - n (3/4)^p, at least 0: lower bound on the probability that every example starts with an
/// active neuron of its own sign (`weak`, Lemma 5).
pub fn lemma5_probability(n: usize, p: usize) -> f64 {
    (1.0 - n as f64 * 0.75f64.powf(p as f64)).max(0.0)
}

/// The smallest p with 1 - n (3/4)^p >= 1 - eps, that is ceil(log(n/eps) / log(4/3)).
/// No such p exists for eps <= 0: returns `usize::MAX`.
pub fn lemma5_width(n: usize, eps: f64) -> usize {
    ((n as f64 / eps).ln() / (4.0f64 / 3.0).ln()).ceil() as usize
}

/// Smallest sum_j (a_j^2 + |w_j|^2) among the networks (s = 1) that fit orthogonal inputs:
///
/// ```text
/// 2 [sqrt(sum_{y_k > 0} y_k^2/|x_k|^2) + sqrt(sum_{y_k < 0} y_k^2/|x_k|^2)]
/// ```
///
/// For unit inputs this is 2n(|D_+| + |D_-|) (`orthogonal`, Proposition 1); for others that
/// expression is not the minimum. Proof: let v_k = sum_{a_j > 0} |a_j| relu(<w_j, x_k>)/|x_k|.
/// Where y_k > 0, v_k >= y_k/|x_k|, since neurons with a_j < 0 only subtract; and |v| <=
/// sum_{a_j > 0} |a_j| |w_j| <= 1/2 sum_{a_j > 0} (a_j^2 + |w_j|^2). Likewise for y_k < 0. One
/// neuron per sign attains it.
pub fn minimum_norm(data: &Data) -> f64 {
    let norms = input_norms(data);
    let side = |sign: f64| {
        let mut sum = 0.0;
        for k in 0..data.n {
            if sign * data.y[k] > 0.0 {
                sum += (data.y[k] / norms[k]).powi(2);
            }
        }
        sum.sqrt()
    };
    2.0 * (side(1.0) + side(-1.0))
}

/// (1/n) sum_{k: sign y_k > 0} y_k x_k, d values.
fn mean_direction(data: &Data, sign: f64) -> Vec<f64> {
    let mut direction = vec![0.0; data.d];
    for k in 0..data.n {
        if sign * data.y[k] > 0.0 {
            for c in 0..data.d {
                direction[c] += data.y[k] * data.x[k * data.d + c] / data.n as f64;
            }
        }
    }
    direction
}

/// D_+ = (1/n) sum_{y_k > 0} y_k x_k, d values: where neurons with a_j > 0 align
/// (`orthogonal`).
pub fn d_plus(data: &Data) -> Vec<f64> {
    mean_direction(data, 1.0)
}

/// D_- = (1/n) sum_{y_k < 0} y_k x_k, d values: neurons with a_j < 0 align with -D_-.
pub fn d_minus(data: &Data) -> Vec<f64> {
    mean_direction(data, -1.0)
}

/// Neurons with sign a_j = `sign` and <w_j, x_k> >= 0 for every k with sign y_k = `sign`.
fn aligned_neurons(net: &Net, data: &Data, sign: f64) -> Vec<usize> {
    let z = pre_activations(net, data);
    (0..net.p)
        .filter(|&j| {
            sign * net.a[j] > 0.0
                && (0..data.n).filter(|&k| sign * data.y[k] > 0.0).all(|k| z[j * data.n + k] >= 0.0)
        })
        .collect()
}

/// S_{+,1} = {j : a_j > 0 and <w_j, x_k> >= 0 for all k with y_k > 0}, ascending, for the initial
/// network (`orthogonal`).
pub fn s_plus(net: &Net, data: &Data) -> Vec<usize> {
    aligned_neurons(net, data, 1.0)
}

/// S_{-,1} = {j : a_j < 0 and <w_j, x_k> >= 0 for all k with y_k < 0}, ascending, for the initial
/// network.
pub fn s_minus(net: &Net, data: &Data) -> Vec<usize> {
    aligned_neurons(net, data, -1.0)
}

#[cfg(test)]
mod tests {
    use super::super::random::{Random, close};
    use super::super::{curvature, orthogonal_step};
    use super::*;

    /// The two inputs of the first experiment of `orthogonal`, with the bias as second coordinate.
    fn two_points() -> Data {
        Data { n: 2, d: 2, x: vec![-0.5, 1.0, 2.0, 1.0], y: vec![-1.0, 1.0] }
    }

    #[test]
    fn two_points_constants() {
        let data = two_points();
        assert_eq!(d_plus(&data), [1.0, 0.5]);
        assert_eq!(d_minus(&data), [0.25, -0.5]);
        let norm = |v: Vec<f64>| v[0].hypot(v[1]);
        assert!(close(norm(d_plus(&data)), 1.118034, 1e-6));
        assert!(close(norm(d_minus(&data)), 0.559017, 1e-6));
        assert!(close(minimum_norm(&data), 2.6832816, 1e-7));
        // C_x^- = sqrt 1.25, C_x^+ = sqrt 5, |y| = 1.
        assert!(close(theorem1_constant(&data), 1.2 * 1.25 / 5f64.sqrt(), 1e-15));
        assert!(close(assumption2_slack(&data), 1.25 / (2.0 * 2f64.sqrt()), 1e-15));
        assert!(close(
            theorem1_lower(&data, &[-0.5, 0.9]),
            theorem1_constant(&data) / 2.0 * 0.1,
            1e-14
        ));
    }

    #[test]
    fn minimum_norm_of_unit_inputs_is_2n_times_the_directions() {
        let data = Data {
            n: 3,
            d: 3,
            x: vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
            y: vec![3.0, 4.0, -2.0],
        };
        assert_eq!(minimum_norm(&data), 2.0 * (5.0 + 2.0));
        let norm = |v: Vec<f64>| v.iter().map(|x| x * x).sum::<f64>().sqrt();
        let printed = 6.0 * (norm(d_plus(&data)) + norm(d_minus(&data)));
        assert!(close(printed, 14.0, 1e-15));
    }

    #[test]
    fn aligned_neurons_by_hand() {
        // <w_j, x_1>, <w_j, x_2>: (-.5, 2), (.5, -2), (1, 1), (-1, -1), (0, 2.5).
        let w = vec![1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0, 1.0, 0.5];
        let net = Net { p: 5, d: 2, w, a: vec![1.0, -1.0, 1.0, -1.0, -1.0] };
        assert_eq!(s_plus(&net, &two_points()), [0, 2]);
        // Neuron 4 sits exactly on the boundary <w, x_1> = 0, which belongs to the set.
        assert_eq!(s_minus(&net, &two_points()), [1, 4]);
    }

    #[test]
    fn widths_of_the_published_runs() {
        for (n, p) in [(1000, 35), (1300, 36), (1600, 37), (2000, 37), (2100, 38)] {
            assert_eq!(lemma5_width(n, 0.05), p);
            assert!(lemma5_probability(n, p) >= 0.95 && lemma5_probability(n, p - 1) < 0.95);
        }
        assert_eq!(lemma5_probability(100, 1), 0.0);
        assert_eq!(lemma5_width(10, 0.0), usize::MAX);
        assert_eq!(lemma5_width(0, 0.5), 0);
    }

    #[test]
    fn lemma7_holds_corrected_and_fails_as_printed() {
        let mut random = Random(8);
        let mut broken = 0;
        for _ in 0..400 {
            let (net, data, s) = (random.net(5, 3), random.data(4, 3), 0.2);
            let mu = curvature(&net, &data, s);
            let (lower, upper) = lemma7_bounds(&net, &data, s);
            assert!(lower <= mu * (1.0 + 1e-12) && mu <= upper * (1.0 + 1e-12));
            broken += usize::from(mu > lemma7_upper_printed(&net, &data, s));
        }
        assert!(broken > 0, "the printed bound should fail on some correlated data");
        for s in [0.2, 1.0] {
            let (net, data) = (random.net(5, 6), random.orthogonal_data(4, 6));
            let (_, upper) = lemma7_bounds(&net, &data, s);
            assert_eq!(upper, lemma7_upper_printed(&net, &data, s));
            assert!(curvature(&net, &data, s) <= upper);
        }
    }

    /// Orthogonal inputs, |a_j| >= |w_j|, every example well initialised: n mu >= C min|1 - r/y|
    /// at every step, and the mean of mu is at least C/n once the loss is gone.
    #[test]
    fn theorem1_along_a_run() {
        let mut random = Random(9);
        let (n, d, p) = (8, 8, 40);
        let s = 1.0 / p as f64;
        let data = random.orthogonal_data(n, d);
        let mut net = random.net(p, d);
        for j in 0..p {
            net.a[j] = net.a[j].signum() * (neuron_norm_sq(&net, j).sqrt() + net.a[j].abs());
        }
        let mut u = pre_activations(&net, &data);
        assert!((0..n).all(|i| (0..p).any(|j| u[j * n + i] > 0.0 && net.a[j] * data.y[i] > 0.0)));
        let norm_sq: Vec<f64> = input_norms(&data).iter().map(|v| v * v).collect();
        let (dt, mut t, first) = (0.01, 0.0, super::super::loss(&net, &data, s));
        let mut last = first;
        while last > 1e-12 {
            let r = super::super::network::residuals_at(&u, &net.a, &data.y, s);
            let (l, mu) = orthogonal_step(&mut u, &mut net.a, &norm_sq, &data.y, s, dt);
            assert!(mu >= theorem1_lower(&data, &r), "t = {t}");
            (last, t) = (l, t + dt);
            assert!(t < 1e4);
        }
        assert!((first / last).ln() / t >= theorem1_constant(&data) / n as f64);
    }
}
