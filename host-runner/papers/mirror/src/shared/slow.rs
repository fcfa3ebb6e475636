//! An example of this project beside Lemma 5.1, with least squares and a hypentropy: one coordinate, one sample x = 1 with target 0, from
//! beta = 1. D(0, beta) falls as slowly as one likes.
//!
//! beta(t) is known in closed form ([`relaxation`]): D falls as 1/(2 t + 1) until 1/(2 r), then as e^(-4 r t).
use super::draw::refused;
use super::followed::{speed, walk};
use engine::mirror::Mirror;
use engine::smooth::smooth;
use lab::Arithmetic;
use lab::Context;
use lab::failure::Failure;
use lab::statistics::larger;
use reluflow::SamplesView;
use reluflow::mirror::hypentropy::{divergence, gradient, inverse};
use reluflow::mirror::rates::relaxation;

/// Tolerance of the flow.
const TOLERANCE: f64 = 1e-12;

/// What one r shows.
#[derive(Debug, Clone)]
pub struct Slow {
    /// r.
    pub r: f64,
    /// (t, D), log-spaced from 0.01 to 3/r.
    pub curve: Vec<(f64, f64)>,
    /// Largest error of the flow's D, over the D of the closed form.
    pub error: f64,
    /// -d/dt log D at the end over r.
    pub end_rate: f64,
}

/// D(0, beta(t)) in closed form.
pub fn exact(r: f64, t: f64) -> f64 {
    divergence(0.0, relaxation(1.0, r, 1.0, t), r)
}

impl Slow {
    /// Follows the flow to t = 3/r, r > 0: later u is below the tolerance.
    pub fn of(context: &Context, r: f64) -> Result<Self, Failure> {
        let (x, y, rs) = ([1.0], [0.0], [r]);
        let samples = SamplesView::new(&x, &y, 1).map_err(refused)?;
        let (mut at, mut memory) = (Vec::new(), Vec::new());
        let mut mirror = Mirror::new(samples, &rs, &mut at).map_err(refused)?;
        let start = [gradient(1.0, r)];
        let mut flow =
            smooth(Arithmetic::Canonical, &start, TOLERANCE, &mut memory).map_err(refused)?;
        let speed = speed(context);
        let mut field = |u: &[f64], du: &mut [f64]| {
            mirror.velocity(u, du);
            du.iter_mut().for_each(|du| *du *= speed);
        };
        let last = 3.0 / r;
        let (mut curve, mut error) = (Vec::new(), 0.0);
        for k in 0..=60 {
            let t = 0.01 * (last / 0.01f64).powf(f64::from(k) / 60.0);
            walk(context, &mut *flow, t, &mut field, &mut |_, _| Ok(()))?;
            let u = flow.state().first().copied().unwrap_or(f64::NAN);
            let d = divergence(0.0, inverse(u, r), r);
            error = larger(error, (d / exact(r, t) - 1.0).abs());
            curve.push((t, d));
        }
        let before = curve.last().map_or(f64::NAN, |at| at.1);
        walk(context, &mut *flow, 1.1 * last, &mut field, &mut |_, _| Ok(()))?;
        let u = flow.state().first().copied().unwrap_or(f64::NAN);
        let end_rate = (before / divergence(0.0, inverse(u, r), r)).ln() / (0.1 * last) / r;
        Ok(Self { r, curve, error, end_rate })
    }
}
