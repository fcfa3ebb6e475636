//! Closed forms for one neuron and a group of k orthonormal examples with labels of its sign
//! (`weak`, group initialisation, equations (66)-(69)).
//!
//! n examples in all, T = |sum_i y_i x_i| over the group, kappa = T/n, |a| = |w| = sqrt(u),
//! c = <sum_i y_i x_i, w> sign(a) / (T |w|), all z > 0 and w in the span of the group.

/// c(t) = (sinh kappa t + c_0 cosh kappa t) / (cosh kappa t + c_0 sinh kappa t).
pub fn group_alignment(t: f64, kappa: f64, c0: f64) -> f64 {
    let (sh, ch) = ((kappa * t).sinh(), (kappa * t).cosh());
    (sh + c0 * ch) / (ch + c0 * sh)
}

/// u(t) = |w|^2 for h = s a relu(<w, x>):
///
/// ```text
/// u = u_0 E / (1 + (2 s u_0/n) I)      E = (cosh kappa t + c_0 sinh kappa t)^2 = I'
/// I = (1 - c_0^2) t/2 + (1 + c_0^2) sinh(2 kappa t)/(4 kappa) + c_0 (cosh(2 kappa t) - 1)/(2 kappa)
/// ```
///
/// The printed (69) holds for c_0 = 1 only, with its c = 2 kappa:
/// u = T u_0 e^(2 kappa t) / (T + s u_0 (e^(2 kappa t) - 1)). Derivation: u' = 2 kappa c u -
/// (2 s/n) u^2, linear in 1/u, and E' = 2 kappa c E.
pub fn group_norm(t: f64, kappa: f64, c0: f64, u0: f64, s: f64, n: usize) -> f64 {
    let e = ((kappa * t).cosh() + c0 * (kappa * t).sinh()).powi(2);
    let i = (1.0 - c0 * c0) * t / 2.0
        + (1.0 + c0 * c0) * (2.0 * kappa * t).sinh() / (4.0 * kappa)
        + c0 * ((2.0 * kappa * t).cosh() - 1.0) / (2.0 * kappa);
    u0 * e / (1.0 + 2.0 * s * u0 / n as f64 * i)
}

#[cfg(test)]
mod tests {
    use super::super::super::random::{Random, close};
    use super::super::super::{Data, Net};
    use super::super::Flow;
    use super::*;

    /// k = 3 of n = 12 orthonormal examples, s = 1/4, a of either sign; nothing dies, since all
    /// labels of the group have the sign of a.
    #[test]
    fn group_of_three_follows_the_closed_forms() {
        let (k, n, s) = (3, 12, 0.25);
        for sign in [1.0, -1.0] {
            let mut random = Random(31);
            let mut x = vec![0.0; n * n];
            (0..n).for_each(|i| x[i * (n + 1)] = 1.0);
            let y: Vec<f64> = (0..n).map(|_| sign * random.uniform(0.5, 2.0)).collect();
            let mut w: Vec<f64> = (0..n).map(|_| random.uniform(0.05, 1.0)).collect();
            w[k..].fill(0.0); // z = 0 exactly: these stay inactive for ever
            let u0: f64 = w.iter().map(|w| w * w).sum();
            let data = Data { n, d: n, x, y };
            let net = Net { p: 1, d: n, w, a: vec![sign * u0.sqrt()] };
            let target = (0..k).map(|i| data.y[i].powi(2)).sum::<f64>().sqrt();
            let kappa = target / n as f64;
            let align = |w: &[f64]| {
                let norm = w.iter().map(|w| w * w).sum::<f64>().sqrt();
                (0..k).map(|i| sign * data.y[i] * w[i]).sum::<f64>() / (target * norm)
            };
            let c0 = align(&net.w);
            assert!(c0 < 0.97, "{c0}: aligned already, (69) would pass");
            let times = [0.5, 5.0, 20.0, 60.0];
            let run = Flow::new(&net, &data, s, 1e-14).run(80.0, &[], &times).unwrap();
            assert!(run.events.is_empty());
            for at in &run.snapshots {
                let u: f64 = at.net.w.iter().map(|w| w * w).sum();
                let formula = group_norm(at.t, kappa, c0, u0, s, n);
                assert!(close(u / formula, 1.0, 1e-12), "{u} {formula}");
                assert!(close(align(&at.net.w), group_alignment(at.t, kappa, c0), 1e-12));
            }
            let u = |at: usize| run.snapshots[at].net.a[0].powi(2);
            let printed = |t: f64| {
                let e = (2.0 * kappa * t).exp();
                target * u0 * e / (target + s * u0 * (e - 1.0))
            };
            assert!((u(1) / printed(5.0) - 1.0).abs() > 0.01);
        }
    }
}
