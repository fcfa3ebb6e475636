//! The tangent kernel by its definition: the Jacobian as a matrix.

use super::network::{Data, Net, pre_activations, relu};

/// J = dh/d(w, a), n x (p d + p) row-major, w before a:
/// `dh_i/dw_j = s a_j 1[z_ji > 0] x_i`, dh_i/da_j = s relu(z_ji).
pub fn jacobian(net: &Net, data: &Data, s: f64) -> Vec<f64> {
    let (p, n, d) = (net.p, data.n, net.d);
    let z = pre_activations(net, data);
    let width = p * d + p;
    let mut j = vec![0.0; n * width];
    for i in 0..n {
        for neuron in 0..p {
            let pre = z[neuron * n + i];
            for k in 0..d {
                if pre > 0.0 {
                    j[i * width + neuron * d + k] = s * net.a[neuron] * data.x[i * d + k];
                }
            }
            j[i * width + p * d + neuron] = s * relu(pre);
        }
    }
    j
}

/// K_ik = s^2 sum_j [relu(z_ji) relu(z_jk) + a_j^2 `1[z_ji > 0] 1[z_jk > 0]` <x_i, x_k>], n x n
/// (s times the M of `weak`, equation (15)).
pub fn tangent_kernel(net: &Net, data: &Data, s: f64) -> Vec<f64> {
    let (p, n, d) = (net.p, data.n, net.d);
    let z = pre_activations(net, data);
    let mut kernel = vec![0.0; n * n];
    for i in 0..n {
        for k in 0..n {
            let mut overlap = 0.0;
            for c in 0..d {
                overlap += data.x[i * d + c] * data.x[k * d + c];
            }
            for j in 0..p {
                let (left, right) = (z[j * n + i], z[j * n + k]);
                kernel[i * n + k] += relu(left) * relu(right);
                if left > 0.0 && right > 0.0 {
                    kernel[i * n + k] += net.a[j] * net.a[j] * overlap;
                }
            }
            kernel[i * n + k] *= s * s;
        }
    }
    kernel
}

#[cfg(test)]
mod tests {
    use super::super::random::{Random, close};
    use super::super::{curvature, predictions, residuals};
    use super::*;

    /// One neuron w = (1, 2), a = 3 on (1, 0) and (0, 1), s = 1/2: J = [[3/2, 0, 1/2], [0, 3/2, 1]].
    #[test]
    fn by_hand() {
        let net = Net { p: 1, d: 2, w: vec![1.0, 2.0], a: vec![3.0] };
        let data = Data { n: 2, d: 2, x: vec![1.0, 0.0, 0.0, 1.0], y: vec![0.0; 2] };
        assert_eq!(jacobian(&net, &data, 0.5), [1.5, 0.0, 0.5, 0.0, 1.5, 1.0]);
        assert_eq!(tangent_kernel(&net, &data, 0.5), [2.5, 0.5, 0.5, 3.25]);
    }

    #[test]
    fn jacobian_is_finite_differences_and_kernel_its_square() {
        let mut random = Random(11);
        let (net, data, s) = (random.net(6, 3), random.data(5, 3), 1.0 / 6.0);
        let (j, width, step) = (jacobian(&net, &data, s), 6 * 3 + 6, 1e-6);
        for m in 0..width {
            let shifted = |sign: f64| {
                let mut moved = net.clone();
                *moved.w.iter_mut().chain(&mut moved.a).nth(m).unwrap() += sign * step;
                predictions(&moved, &data, s)
            };
            let (up, down) = (shifted(1.0), shifted(-1.0));
            for i in 0..5 {
                assert!(close(j[i * width + m], (up[i] - down[i]) / (2.0 * step), 1e-9));
            }
        }
        let kernel = tangent_kernel(&net, &data, s);
        for i in 0..5 {
            for k in 0..5 {
                let square: f64 = (0..width).map(|m| j[i * width + m] * j[k * width + m]).sum();
                assert!(close(kernel[i * 5 + k], square, 1e-14));
            }
        }
    }

    /// mu = (2 / (n s)) R^T K R / |R|^2 (`weak`, equation (5)).
    #[test]
    fn curvature_is_a_rayleigh_quotient() {
        let mut random = Random(12);
        let (net, data, s) = (random.net(6, 3), random.data(5, 3), 1.0 / 6.0);
        let (kernel, r) = (tangent_kernel(&net, &data, s), residuals(&net, &data, s));
        let form: f64 = (0..25).map(|at| r[at / 5] * kernel[at] * r[at % 5]).sum();
        let square: f64 = r.iter().map(|r| r * r).sum();
        assert!(close(2.0 / (5.0 * s) * form / square, curvature(&net, &data, s), 1e-13));
    }
}
