//! Lemma 5.1: on x > 0 the mirror flow of F = mu/(n (n + 1)) x^(n+1) with the entropy phi = x log x - x.
//!
//! With c = x(0)^-n: F = mu/(n (n + 1)) (c + mu t)^(-(n+1)/n) and D(0, x) = (c + mu t)^(-1/n). F falls about as 1/t for every n,
//! D as slowly as one likes.
use super::draw::refused;
use super::followed::{speed, walk};
use engine::smooth::smooth;
use lab::Arithmetic;
use lab::Context;
use lab::failure::Failure;
use lab::statistics::max;

/// Tolerance of the flow.
const TOLERANCE: f64 = 1e-13;
/// Curvature mu of the objective.
const MU: f64 = 2.0;
/// x(0).
const START: f64 = 1.5;
/// Flow times of the records: 0.01 to 1e6, log-spaced.
const RECORDS: i32 = 80;

/// What one n shows.
#[derive(Debug, Clone)]
pub struct Power {
    /// n.
    pub n: i32,
    /// (t, F, D).
    pub curve: Vec<(f64, f64, f64)>,
    /// Largest relative errors of F and D against the lemma.
    pub errors: [f64; 2],
    /// d log D/d log t over the last decades.
    pub slope: f64,
}

/// F and D of the lemma.
pub fn exact(n: i32, t: f64) -> (f64, f64) {
    let clock = START.powi(-n) + MU * t;
    let n = f64::from(n);
    (MU / (n * (n + 1.0)) * clock.powf(-(n + 1.0) / n), clock.powf(-1.0 / n))
}

/// phi(0) - phi(x) - phi'(x) (0 - x), with phi(0) = 0.
fn divergence(x: f64) -> f64 {
    let phi = x * x.ln() - x;
    x.ln() * x - phi
}

impl Power {
    /// Integrates log x, whose velocity is -F'(x) = -(mu/n) x^n.
    pub fn of(context: &Context, n: i32) -> Result<Self, Failure> {
        let mut memory = Vec::new();
        let mut flow = smooth(Arithmetic::Canonical, &[START.ln()], TOLERANCE, &mut memory)
            .map_err(refused)?;
        let speed = speed(context);
        let mut field = |u: &[f64], du: &mut [f64]| {
            for (u, du) in u.iter().zip(du) {
                *du = -speed * MU / f64::from(n) * (f64::from(n) * u).exp();
            }
        };
        let mut curve = Vec::new();
        for k in 0..=RECORDS {
            let t = 10f64.powf(-2.0 + 8.0 * f64::from(k) / f64::from(RECORDS));
            walk(context, &mut *flow, t, &mut field, &mut |_, _| Ok(()))?;
            let x = flow.state().first().map_or(f64::NAN, |u| u.exp());
            let power = f64::from(n);
            curve.push((t, MU / (power * (power + 1.0)) * x.powi(n + 1), divergence(x)));
        }
        let off = |of: fn((f64, f64)) -> f64, at: &(f64, f64, f64)| {
            (of((at.1, at.2)) / of(exact(n, at.0)) - 1.0).abs()
        };
        let errors = [
            max(curve.iter().map(|at| off(|x| x.0, at))),
            max(curve.iter().map(|at| off(|x| x.1, at))),
        ];
        let slope = match &curve[..] {
            [.., before, _, _, _, _, _, _, _, _, _, last] => {
                (last.2 / before.2).ln() / (last.0 / before.0).ln()
            }
            _ => f64::NAN,
        };
        Ok(Self { n, curve, errors, slope })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// n = 1: x' = -mu x^2, so that 1/x grows by mu t.
    #[test]
    fn the_formulas_are_those_of_the_lemma() {
        let x = |t: f64| 1.0 / (1.0 / START + MU * t);
        for t in [0.0, 0.3, 7.0] {
            let (objective, distance) = exact(1, t);
            assert!((objective - MU / 2.0 * x(t) * x(t)).abs() < 1e-15);
            assert!((distance - x(t)).abs() < 1e-15 && (divergence(x(t)) - x(t)).abs() < 1e-15);
        }
        // Any n: dx/dt = -(mu/n) x^(n+1), by differences.
        for n in [1, 3, 10] {
            let h = 1e-5;
            let slope = (exact(n, 2.0 + h).1 - exact(n, 2.0 - h).1) / (2.0 * h);
            let x = exact(n, 2.0).1;
            assert!((slope + MU / f64::from(n) * x.powi(n + 1)).abs() < 1e-10, "{n}");
        }
    }
}
