//! Two groups of n/2 orthonormal samples, each with its own neuron: the loss and its steps in closed
//! form, for any n. All targets of a group are |D_j|; the neurons start aligned with |w_j| = 1.
//!
//! Times are in units of t_n = sqrt(np) log(np)/4, losses are L = 1/(2n) sum r^2.
use super::group::{Group, falls_to};
use std::f64::consts::{LN_2, LN_10};

/// |D_j| of the two groups.
pub const D: [f64; 2] = [1.0, 2.0];
/// Neurons and groups.
pub const P: f64 = 2.0;

/// Both groups at n samples.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// log(np).
    pub log_np: f64,
}

impl Scene {
    /// n = 10^decades.
    pub fn new(decades: f64) -> Self {
        Self { log_np: decades * LN_10 + LN_2 }
    }

    /// T = sqrt(n/p) |D|, so p T = sqrt(np) |D|.
    pub fn group(self, d: f64) -> Group {
        Group { aligned: 1.0, growth: d.ln() + 0.5 * self.log_np }
    }

    /// tau of a group at t/t_n: kappa t_n = |D| log(np)/4.
    pub fn tau(self, d: f64, time: f64) -> f64 {
        0.25 * d * self.log_np * time
    }

    /// L at t/t_n.
    pub fn loss(self, time: f64) -> f64 {
        D.iter().map(|&d| d * d / (2.0 * P) * self.group(d).loss(self.tau(d, time))).sum()
    }

    /// t/t_n at which this share of a group's loss is left.
    pub fn time(self, d: f64, left: f64) -> f64 {
        self.group(d).time(left) / self.tau(d, 1.0)
    }

    /// (t(eps) - t(1 - eps))/t_n of a group; NaN where it has begun before the start.
    pub fn window(self, d: f64, eps: f64) -> f64 {
        if self.begun(d, eps) {
            return f64::NAN;
        }
        self.time(d, eps) - self.time(d, 1.0 - eps)
    }

    /// Whether a group's window has begun before the start.
    pub fn begun(self, d: f64, eps: f64) -> bool {
        self.group(d).loss(0.0) <= 1.0 - eps
    }

    /// The same by the theorem's formula, with the coefficient 2/|D|.
    pub fn formula(self, d: f64, eps: f64) -> f64 {
        let (some, most) = (eps.sqrt(), (1.0 - eps).sqrt());
        let constant = (1.0 - some) * most / (some * (1.0 - most));
        2.0 / d * constant.ln() / self.log_np
    }

    /// As it is printed: 1/(2|D|).
    pub fn printed(self, d: f64, eps: f64) -> f64 {
        0.25 * self.formula(d, eps)
    }

    /// t/t_n at which L falls to `level`.
    pub fn crossing(self, level: f64) -> f64 {
        falls_to(level, 100.0, |time| self.loss(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_the_formula_and_the_half_time_its_expansion() {
        for decades in [8.0, 64.0, 300.0] {
            let scene = Scene::new(decades);
            for d in D {
                for eps in [1e-3, 0.1, 0.3] {
                    let ratio = scene.window(d, eps) / scene.formula(d, eps);
                    assert!((ratio - 1.0).abs() < 1e-9, "{decades} {d} {eps}: {ratio}");
                }
                let miss = 1.0 - 2.0 / scene.log_np * ((1.0 + 2f64.sqrt()) / d).ln();
                let allowed = 0.1 * 10f64.powf(-decades / 2.0) + 1e-12;
                assert!((d * scene.time(d, 0.5) - miss).abs() < allowed);
            }
        }
        // |w|^2 starts beyond where the window does.
        assert!(Scene::new(2.0).window(1.0, 0.1).is_nan());
    }

    #[test]
    fn the_loss_is_the_limits_where_n_is_large() {
        let scene = Scene::new(300.0);
        for (time, loss) in [(0.0, 1.25), (0.4, 1.25), (0.6, 0.25), (0.9, 0.25), (1.1, 0.0)] {
            assert!((scene.loss(time) - loss).abs() < 1e-6, "{time}");
        }
    }
}
