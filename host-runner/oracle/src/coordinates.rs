//! The flow in the coordinates u_ji = <w_j, x_i>, for inputs known only by their inner products.

use super::network::{loss_at, residuals_at, velocity_a};

/// One Euler step for orthogonal inputs (`orthogonal`):
///
/// ```text
/// du_ji/dt = (a_j/n) r_i 1[u_ji > 0] |x_i|^2       da_j/dt = (1/n) sum_i r_i relu(u_ji)
/// |dw_j/dt|^2 = (a_j/n)^2 sum_i r_i^2 1[u_ji > 0] |x_i|^2
/// ```
///
/// `u` is p x n row-major, `a` p, `norm_sq` (|x_i|^2) and `y` n. A pair with u_ji <= 0 stays dead.
/// Returns (L, mu) at the start of the step, mu = s |dtheta/dt|^2 / L.
pub fn orthogonal_step(
    u: &mut [f64],
    a: &mut [f64],
    norm_sq: &[f64],
    y: &[f64],
    s: f64,
    dt: f64,
) -> (f64, f64) {
    let (p, n) = (a.len(), y.len());
    let r = residuals_at(u, a, y, s);
    let da = velocity_a(u, &r, p);
    let mut speed_sq = 0.0;
    for j in 0..p {
        for i in 0..n {
            if u[j * n + i] > 0.0 {
                let c = a[j] / n as f64 * r[i];
                speed_sq += c * c * norm_sq[i];
                u[j * n + i] += dt * c * norm_sq[i];
            }
        }
        speed_sq += da[j] * da[j];
        a[j] += dt * da[j];
    }
    let l = loss_at(&r);
    (l, s * speed_sq / l)
}

/// One Euler step for any inputs with Gram matrix G_ik = <x_i, x_k>, where
/// w_j = w_j(0) + sum_i c_ji x_i:
///
/// ```text
/// dc_ji/dt = (a_j/n) r_i 1[u_ji > 0]     du_jk/dt = sum_i G_ki dc_ji/dt
/// |dw_j/dt|^2 = sum_k (dc_jk/dt) (du_jk/dt)
/// ```
///
/// `u` and `dual` (c) are p x n row-major, `a` p, `gram` n x n, `y` n; `u` must hold <w_j, x_i> of
/// the current weights. Returns (L, mu) at the start of the step. (`weak`, equation (13), paired
/// with the inputs.)
pub fn gram_step(
    u: &mut [f64],
    a: &mut [f64],
    dual: &mut [f64],
    gram: &[f64],
    y: &[f64],
    s: f64,
    dt: f64,
) -> (f64, f64) {
    let (p, n) = (a.len(), y.len());
    let r = residuals_at(u, a, y, s);
    let da = velocity_a(u, &r, p);
    let mut speed_sq = 0.0;
    for j in 0..p {
        let mut dc = vec![0.0; n];
        for i in 0..n {
            if u[j * n + i] > 0.0 {
                dc[i] = a[j] / n as f64 * r[i];
            }
        }
        for k in 0..n {
            let mut du = 0.0;
            for i in 0..n {
                du += gram[k * n + i] * dc[i];
            }
            speed_sq += dc[k] * du;
            u[j * n + k] += dt * du;
            dual[j * n + k] += dt * dc[k];
        }
        speed_sq += da[j] * da[j];
        a[j] += dt * da[j];
    }
    let l = loss_at(&r);
    (l, s * speed_sq / l)
}

#[cfg(test)]
mod tests {
    use super::super::random::{Random, close};
    use super::super::{euler_step, gram, pre_activations};
    use super::*;

    #[test]
    fn by_hand() {
        // p = 1, n = 2, s = 1: h = 2 (1, 0), r = (1, 5), da = (1*1)/2; only u_11 moves,
        // by (2/2)*1*4 dt.
        let (mut u, mut a) = (vec![1.0, -1.0], vec![2.0]);
        let (l, mu) = orthogonal_step(&mut u, &mut a, &[4.0, 9.0], &[3.0, 5.0], 1.0, 0.5);
        assert_eq!(u, [3.0, -1.0]);
        assert_eq!(a, [2.25]);
        assert_eq!(l, 26.0 / 4.0);
        assert_eq!(mu, (4.0 + 0.25) / 6.5);
    }

    #[test]
    fn orthogonal_coordinates_follow_the_dense_flow() {
        let mut random = Random(4);
        let (p, n, d, s) = (6, 5, 8, 1.0 / 6.0);
        let (mut net, data) = (random.net(p, d), random.orthogonal_data(n, d));
        let (mut u, mut a) = (pre_activations(&net, &data), net.a.clone());
        let norm_sq: Vec<f64> = (0..n).map(|i| data.x[i * d + i].powi(2)).collect();
        for _ in 0..200 {
            let (l, mu) = euler_step(&mut net, &data, s, 0.01);
            let (l_u, mu_u) = orthogonal_step(&mut u, &mut a, &norm_sq, &data.y, s, 0.01);
            assert!(close(l_u, l, 1e-12) && close(mu_u, mu, 1e-12));
        }
        let z = pre_activations(&net, &data);
        assert!((0..p * n).all(|m| close(u[m], z[m], 1e-12)));
        assert!((0..p).all(|j| close(a[j], net.a[j], 1e-12)));
    }

    #[test]
    fn gram_coordinates_follow_the_dense_flow() {
        let mut random = Random(5);
        let (p, n, d, s) = (6, 5, 8, 1.0);
        let (mut net, data) = (random.net(p, d), random.data(n, d));
        let (start, g) = (net.clone(), gram(&data));
        let (mut u, mut a) = (pre_activations(&net, &data), net.a.clone());
        let mut dual = vec![0.0; p * n];
        for _ in 0..50 {
            let (l, mu) = euler_step(&mut net, &data, s, 0.005);
            let (l_u, mu_u) = gram_step(&mut u, &mut a, &mut dual, &g, &data.y, s, 0.005);
            assert!(close(l_u, l, 1e-10) && close(mu_u, mu, 1e-10));
        }
        for j in 0..p {
            for k in 0..d {
                let mut w = start.w[j * d + k];
                for i in 0..n {
                    w += dual[j * n + i] * data.x[i * d + k];
                }
                assert!(close(w, net.w[j * d + k], 1e-10));
            }
        }
    }
}
