//! The network, its loss, its gradients and one Euler step of its flow.

/// Parameters of h(x) = s sum_j a_j relu(<w_j, x>).
#[derive(Clone, Debug, PartialEq)]
pub struct Net {
    /// Number of neurons.
    pub p: usize,
    /// Input dimension.
    pub d: usize,
    /// Inner weights, p x d row-major: w_jk at `j * d + k`.
    pub w: Vec<f64>,
    /// Outer weights, p.
    pub a: Vec<f64>,
}

/// Samples (x_i, y_i).
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// Number of samples.
    pub n: usize,
    /// Input dimension.
    pub d: usize,
    /// Inputs, n x d row-major: x_ik at `i * d + k`.
    pub x: Vec<f64>,
    /// Labels, n.
    pub y: Vec<f64>,
}

/// relu that keeps NaN, which `z.max(0.0)` would turn into 0.
pub(super) fn relu(z: f64) -> f64 {
    if z <= 0.0 { 0.0 } else { z }
}

/// z_ji = <w_j, x_i>, p x n row-major: z_ji at `j * n + i`.
pub fn pre_activations(net: &Net, data: &Data) -> Vec<f64> {
    let (p, n, d) = (net.p, data.n, net.d);
    let mut z = vec![0.0; p * n];
    for j in 0..p {
        for i in 0..n {
            let mut sum = 0.0;
            for k in 0..d {
                sum += net.w[j * d + k] * data.x[i * d + k];
            }
            z[j * n + i] = sum;
        }
    }
    z
}

/// r_i = y_i - s sum_j a_j relu(z_ji) from pre-activations (p x n), n values.
pub(super) fn residuals_at(z: &[f64], a: &[f64], y: &[f64], s: f64) -> Vec<f64> {
    let n = y.len();
    let mut r = vec![0.0; n];
    for i in 0..n {
        let mut sum = 0.0;
        for j in 0..a.len() {
            sum += a[j] * relu(z[j * n + i]);
        }
        r[i] = y[i] - s * sum;
    }
    r
}

/// 1/(2n) sum_i r_i^2.
pub(super) fn loss_at(r: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..r.len() {
        sum += r[i] * r[i];
    }
    sum / (2.0 * r.len() as f64)
}

/// da_j = (1/n) sum_i r_i relu(z_ji), p values.
pub(super) fn velocity_a(z: &[f64], r: &[f64], p: usize) -> Vec<f64> {
    let n = r.len();
    let mut da = vec![0.0; p];
    for j in 0..p {
        let mut sum = 0.0;
        for i in 0..n {
            sum += r[i] * relu(z[j * n + i]);
        }
        da[j] = sum / n as f64;
    }
    da
}

/// `dw_j = (a_j/n) sum_i r_i 1[z_ji > 0] x_i`, p x d row-major.
fn velocity_w(net: &Net, data: &Data, z: &[f64], r: &[f64]) -> Vec<f64> {
    let (p, n, d) = (net.p, data.n, net.d);
    let mut dw = vec![0.0; p * d];
    for j in 0..p {
        for i in 0..n {
            if z[j * n + i] > 0.0 {
                let pull = net.a[j] / n as f64 * r[i];
                for k in 0..d {
                    dw[j * d + k] += pull * data.x[i * d + k];
                }
            }
        }
    }
    dw
}

/// |dw|^2 + |da|^2.
fn norm_sq(dw: &[f64], da: &[f64]) -> f64 {
    let mut sum = 0.0;
    for v in dw {
        sum += v * v;
    }
    for v in da {
        sum += v * v;
    }
    sum
}

/// h(x_i), n values.
pub fn predictions(net: &Net, data: &Data, s: f64) -> Vec<f64> {
    let r = residuals(net, data, s);
    (0..data.n).map(|i| data.y[i] - r[i]).collect()
}

/// r_i = y_i - h(x_i), n values.
pub fn residuals(net: &Net, data: &Data, s: f64) -> Vec<f64> {
    residuals_at(&pre_activations(net, data), &net.a, &data.y, s)
}

/// L = 1/(2n) sum_i r_i^2 (`orthogonal` and `weak`, equation (2) of the latter).
pub fn loss(net: &Net, data: &Data, s: f64) -> f64 {
    loss_at(&residuals(net, data, s))
}

/// `1[z_ji > 0]`, p x n row-major. False for NaN.
pub fn pattern(net: &Net, data: &Data) -> Vec<bool> {
    pre_activations(net, data).iter().map(|&z| z > 0.0).collect()
}

/// `dL/dw_j = -(s a_j/n) sum_i r_i 1[z_ji > 0] x_i`, p x d row-major.
pub fn grad_w(net: &Net, data: &Data, s: f64) -> Vec<f64> {
    velocity(net, data, s).0.iter().map(|v| -s * v).collect()
}

/// dL/da_j = -(s/n) sum_i r_i relu(z_ji), p values.
pub fn grad_a(net: &Net, data: &Data, s: f64) -> Vec<f64> {
    velocity(net, data, s).1.iter().map(|v| -s * v).collect()
}

/// (dw/dt, da/dt) of the flow at speed 1/s, p x d and p
/// (`weak`, equations (13) and (14), with general s).
pub fn velocity(net: &Net, data: &Data, s: f64) -> (Vec<f64>, Vec<f64>) {
    let z = pre_activations(net, data);
    let r = residuals_at(&z, &net.a, &data.y, s);
    (velocity_w(net, data, &z, &r), velocity_a(&z, &r, net.p))
}

/// mu = s |dtheta/dt|^2 / L, in 1/flow-time (`weak`, equation (5)). NaN where L = 0.
pub fn curvature(net: &Net, data: &Data, s: f64) -> f64 {
    let (dw, da) = velocity(net, data, s);
    s * norm_sq(&dw, &da) / loss(net, data, s)
}

/// theta += dt dtheta/dt, every velocity taken from the old parameters.
/// Returns (L, mu) at the start of the step.
pub fn euler_step(net: &mut Net, data: &Data, s: f64, dt: f64) -> (f64, f64) {
    let z = pre_activations(net, data);
    let r = residuals_at(&z, &net.a, &data.y, s);
    let dw = velocity_w(net, data, &z, &r);
    let da = velocity_a(&z, &r, net.p);
    for (w, v) in net.w.iter_mut().zip(&dw) {
        *w += dt * v;
    }
    for (a, v) in net.a.iter_mut().zip(&da) {
        *a += dt * v;
    }
    let l = loss_at(&r);
    (l, s * norm_sq(&dw, &da) / l)
}

#[cfg(test)]
mod tests {
    use super::super::random::{Random, close};
    use super::*;

    /// p = 2, n = 2, d = 2, worked on paper with s = 1/2:
    /// z = [[1, 2], [-1, 0]], h = (1, 2), r = (2, -3), L = 13/4.
    fn by_hand() -> (Net, Data) {
        let net = Net { p: 2, d: 2, w: vec![1.0, 2.0, -1.0, 0.0], a: vec![2.0, 3.0] };
        let data = Data { n: 2, d: 2, x: vec![1.0, 0.0, 0.0, 1.0], y: vec![3.0, -1.0] };
        (net, data)
    }

    #[test]
    fn by_hand_forward() {
        let (net, data) = by_hand();
        assert_eq!(pre_activations(&net, &data), [1.0, 2.0, -1.0, 0.0]);
        assert_eq!(pattern(&net, &data), [true, true, false, false]);
        assert_eq!(predictions(&net, &data, 0.5), [1.0, 2.0]);
        assert_eq!(residuals(&net, &data, 0.5), [2.0, -3.0]);
        assert_eq!(loss(&net, &data, 0.5), 3.25);
    }

    #[test]
    fn by_hand_backward() {
        let (net, data) = by_hand();
        // da_1 = (2*1 - 3*2)/2 = -2; dw_1 = (2/2)(2, -3); neuron 2 is dead or at its kink.
        let (dw, da) = velocity(&net, &data, 0.5);
        assert_eq!(dw, [2.0, -3.0, 0.0, 0.0]);
        assert_eq!(da, [-2.0, 0.0]);
        assert_eq!(grad_w(&net, &data, 0.5), [-1.0, 1.5, 0.0, 0.0]);
        assert_eq!(grad_a(&net, &data, 0.5), [1.0, 0.0]);
        assert_eq!(curvature(&net, &data, 0.5), 0.5 * 17.0 / 3.25);
    }

    #[test]
    fn by_hand_step_uses_old_parameters() {
        let (mut net, data) = by_hand();
        let (l, mu) = euler_step(&mut net, &data, 0.5, 0.5);
        assert_eq!((l, mu), (3.25, 0.5 * 17.0 / 3.25));
        assert_eq!(net.w, [2.0, 0.5, -1.0, 0.0]);
        assert_eq!(net.a, [1.0, 3.0]);
    }

    #[test]
    fn gradients_are_finite_differences_of_the_loss() {
        let mut random = Random(1);
        let (net, data, s) = (random.net(7, 4), random.data(5, 4), 1.0 / 7.0);
        let (gw, ga) = (grad_w(&net, &data, s), grad_a(&net, &data, s));
        let step = 1e-6;
        for m in 0..net.w.len() + net.a.len() {
            let shifted = |sign: f64| {
                let mut moved = net.clone();
                let theta = moved.w.iter_mut().chain(moved.a.iter_mut()).nth(m).unwrap();
                *theta += sign * step;
                loss(&moved, &data, s)
            };
            let difference = (shifted(1.0) - shifted(-1.0)) / (2.0 * step);
            let gradient = if m < gw.len() { gw[m] } else { ga[m - gw.len()] };
            assert!((difference - gradient).abs() < 1e-9, "{m}: {difference} vs {gradient}");
        }
    }

    /// -d/dt log L along a short step, |grad L|^2/(s L), and (2/n) Rbar^T M Rbar with
    /// M_ik = s sum_j 1_ji 1_jk (z_ji z_jk + a_j^2 <x_i, x_k>) (`weak`, equation (15)).
    #[test]
    fn curvature_four_ways() {
        let mut random = Random(2);
        for s in [1.0, 1.0 / 9.0] {
            let (net, data) = (random.net(9, 6), random.data(4, 6));
            let mu = curvature(&net, &data, s);
            let l = loss(&net, &data, s);

            let by_gradient = norm_sq(&grad_w(&net, &data, s), &grad_a(&net, &data, s)) / (s * l);
            assert!(close(by_gradient, mu, 1e-13), "{by_gradient} {mu}");

            let log_loss_after = |dt: f64| {
                let mut moved = net.clone();
                assert_eq!(euler_step(&mut moved, &data, s, dt), (l, mu));
                loss(&moved, &data, s).ln()
            };
            let by_descent = -(log_loss_after(1e-6) - log_loss_after(-1e-6)) / 2e-6;
            assert!(close(by_descent, mu, 1e-8), "{by_descent} {mu}");

            let (z, r, n, d) = (pre_activations(&net, &data), residuals(&net, &data, s), 4, 6);
            let mut quadratic = 0.0;
            for i in 0..n {
                for k in 0..n {
                    let xx: f64 = (0..d).map(|c| data.x[i * d + c] * data.x[k * d + c]).sum();
                    for j in 0..net.p {
                        let (zi, zk) = (z[j * n + i], z[j * n + k]);
                        if zi > 0.0 && zk > 0.0 {
                            quadratic += s * (zi * zk + net.a[j] * net.a[j] * xx) * r[i] * r[k];
                        }
                    }
                }
            }
            let by_matrix = 2.0 / n as f64 * quadratic / (2.0 * n as f64 * l);
            assert!(close(by_matrix, mu, 1e-13), "{by_matrix} {mu}");
        }
    }

    #[test]
    fn nan_reaches_the_loss() {
        let (mut net, data) = by_hand();
        net.w[2] = f64::NAN;
        assert!(loss(&net, &data, 1.0).is_nan());
        assert!(euler_step(&mut net, &data, 1.0, 0.1).0.is_nan());
    }

    /// x = (-.5, 1), (2, 1), y = (-1, 1), p = 60, s = 1: the saddle at L = y_1^2/4 = 1/4, then
    /// L = 0 with |theta|^2 = 2.6832816, the minimum norm (`orthogonal`).
    #[test]
    fn two_points_meet_the_saddle_and_end_at_minimum_norm() {
        let data = Data { n: 2, d: 2, x: vec![-0.5, 1.0, 2.0, 1.0], y: vec![-1.0, 1.0] };
        let mut random = Random(3);
        let mut net = random.net(60, 2);
        for j in 0..60 {
            for k in 0..2 {
                net.w[2 * j + k] *= 1e-6 / 60f64.sqrt();
            }
            net.a[j] = net.a[j].signum() * net.w[2 * j].hypot(net.w[2 * j + 1]);
        }
        let mut at_saddle = 0;
        for _ in 0..20_000 {
            let (l, _) = euler_step(&mut net, &data, 1.0, 2e-3);
            at_saddle += usize::from((l - 0.25).abs() < 1e-3);
        }
        assert!(at_saddle > 3000, "{at_saddle} steps near L = 1/4");
        assert!(loss(&net, &data, 1.0) < 1e-4);
        let theta_sq = norm_sq(&net.w, &net.a);
        assert!((theta_sq - 2.6832816).abs() < 2e-3, "{theta_sq}");
    }

    /// d = n = p = 2, x canonical, W = ones, a = +-.01, y = (10, -3), s = 1/p: both a end
    /// positive, so y_2 is never learnt and L ends at y_2^2/4 = 2.25. With a = +-1.5 it is learnt.
    /// (`weak`, Proposition 3.)
    #[test]
    fn unbalanced_pair_collapses() {
        let data = Data { n: 2, d: 2, x: vec![1.0, 0.0, 0.0, 1.0], y: vec![10.0, -3.0] };
        let end = |a0: f64| {
            let mut net = Net { p: 2, d: 2, w: vec![1.0; 4], a: vec![a0, -a0] };
            for _ in 0..30_000 {
                euler_step(&mut net, &data, 0.5, 2e-3);
            }
            (loss(&net, &data, 0.5), net)
        };
        let (l, net) = end(0.01);
        assert!((l - 2.25).abs() < 1e-9, "{l}");
        assert!(net.a.iter().all(|&a| a > 0.0));
        assert!(pattern(&net, &data)[1..].iter().step_by(2).all(|&active| !active));
        assert!(end(1.5).0 < 1e-9);
    }
}
