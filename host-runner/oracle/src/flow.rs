//! The flow itself, to rounding: Taylor steps that end at every change of a pair's mode.
//!
//! ```text
//! w_j' = a_j sum_i alpha_ji g_i x_i      a_j' = sum_i g_i relu(z_ji)      g_i = r_i/n
//! alpha_ji = 1 (z_ji > 0), 0 (z_ji < 0), in [0, 1] where z_ji = 0
//! ```
//!
//! Where a_j r_i < 0 the kink z_ji = 0 attracts from both sides, and a neuron that meets it may
//! slide along it: alpha is then what makes |w_j'| smallest (Filippov's velocity), and with it
//! `-dL/dt = s |theta'|^2` and log L(t) = log L(0) - int mu hold as they do elsewhere. A kink with
//! a_j r_i > 0 repels: it is crossed, and a pair that starts on it stays inactive unless its
//! inactive side points across (relu'(0) = 0). A pair that slides leaves where alpha is 0 or 1.
//!
//! Between such events the right-hand side is polynomial, so a step is a Taylor polynomial of
//! order 24 in time, and events are zeros of polynomials: as exact as the step, and none is
//! missed, since an interval is passed over only when a bound shows it empty.
//!
//! Not handled, and answered by [`Stuck`]: kinks met together because their inputs are linearly
//! dependent (equal or opposite inputs; w_j = 0, possible in finite time where n > d), where the
//! velocity need not be unique. Inputs in general position with n <= d never come to that.
//!
//! int mu is exact while L is: r is a difference, so log L carries 2e-16 |y|/|r| of rounding.

mod group;
mod modes;
mod outcome;
mod roots;
mod run;
mod series;
mod sliding;
mod state;

use super::coordinates::gram_step;
use super::matrix::gram;
use super::network::{Data, Net, loss, pre_activations};
use state::Problem;

pub use group::{group_alignment, group_norm};
pub use outcome::{Event, EventKind, Outcome, Snapshot, Stuck};
pub use state::Flow;

impl Flow {
    /// The flow dtheta/dt = -(1/s) grad L from `net`; every step is exact to `tolerance` relative
    /// to |(w_j, a_j)| of each neuron. Useful from 1e-4 to 1e-14.
    pub fn new(net: &Net, data: &Data, s: f64, tolerance: f64) -> Self {
        let problem =
            Problem { p: net.p, n: data.n, gram: gram(data), y: data.y.clone(), s, tolerance };
        Flow { problem, data: data.clone(), net: net.clone() }
    }

    /// From 0 to `end`, with the first times at which L is at most each of `levels`, and the flow
    /// at those of `times` that lie before the end.
    pub fn run(&self, end: f64, levels: &[f64], times: &[f64]) -> Result<Outcome, Stuck> {
        run::Run::new(self).to(end, levels, times)
    }
}

/// max_j |(w_j, a_j) - (w_j, a_j)'| / |(w_j, a_j)'|, the distance of `net` from `truth`.
pub fn theta_error(net: &Net, truth: &Net) -> f64 {
    let d = truth.d;
    let mut worst = 0f64;
    for j in 0..truth.p {
        let (mut far, mut size) = ((net.a[j] - truth.a[j]).powi(2), truth.a[j].powi(2));
        for k in j * d..(j + 1) * d {
            far += (net.w[k] - truth.w[k]).powi(2);
            size += truth.w[k].powi(2);
        }
        let error = (far / size).sqrt();
        // Not f64::max, which would hide a NaN.
        worst = if error <= worst { worst } else { error };
    }
    worst
}

/// log L(T) - log L(0) + sum mu dt of `steps` Euler steps, T = steps dt: of order dt where every
/// pair crosses its kink, but where the flow slides Euler chatters, mu is that of one side or the
/// other, and the defect does not vanish with dt.
pub fn euler_defect(net: &Net, data: &Data, s: f64, dt: f64, steps: usize) -> f64 {
    let g = gram(data);
    let (mut u, mut a) = (pre_activations(net, data), net.a.clone());
    let mut dual = vec![0.0; u.len()];
    let (first, mut integral) = (loss(net, data, s), 0.0);
    for _ in 0..steps {
        integral += dt * gram_step(&mut u, &mut a, &mut dual, &g, &data.y, s, dt).1;
    }
    let last = gram_step(&mut u, &mut a, &mut dual, &g, &data.y, s, 0.0).0;
    last.ln() - first.ln() + integral
}

#[cfg(test)]
mod tests;
