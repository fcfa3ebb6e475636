//! The gradient flow d theta/dt = -grad L of a smooth loss, with L(0) - L(t) beside the integral of |grad L|^2: they
//! are equal along a true one, at whatever speed its clock should run.
use engine::smooth::smooth;
use lab::Control;
use lab::failure::Failure;
use lab::statistics::max;
use lab::{Arithmetic, Context, Precision, Verdict};

/// A record of the flow.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    /// Flow time.
    pub t: f64,
    /// L.
    pub loss: f64,
    /// |grad L|^2, which is -dL/dt.
    pub decrease: f64,
    /// Integral of |grad L|^2 from 0 to t.
    pub spent: f64,
}

/// What is descended on.
pub trait Loss {
    /// L at `theta`, with grad L written to `gradient`.
    fn gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64;
    /// Square of the speed that coordinate `k` of this chart has in the parameters' own one: with theta_k = u_k / s_k,
    /// du_k/dt = -s_k^2 dL/du_k.
    fn speed(&self, _k: usize) -> f64 {
        1.0
    }
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> Loss for F {
    fn gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        self(theta, gradient)
    }
}

/// |grad L|^2 in the parameters' own chart.
fn squared(loss: &impl Loss, gradient: &[f64]) -> f64 {
    gradient.iter().enumerate().map(|(k, g)| loss.speed(k) * g * g).sum()
}

/// Follows the flow of `loss` from `start` through the rising `times`, calling `visit` at the start and at each until it
/// returns false. The local error of a step is below `tolerance` times 1 + |theta_k|.
pub fn follow(
    context: &Context,
    loss: &mut impl Loss,
    start: &[f64],
    tolerance: f64,
    times: &[f64],
    mut visit: impl FnMut(Point, &[f64]) -> bool,
) -> Result<(), Failure> {
    let size = start.len();
    let rate = Control::effective_dt(context.control(), 1.0);
    let mut gradient = vec![0.0; size];
    let mut state = start.to_vec();
    // The integral is a coordinate of its own.
    state.push(0.0);
    let mut memory = Vec::new();
    let mut flow = smooth(Arithmetic::Canonical, &state, tolerance, &mut memory)?;
    let first = loss.gradient(start, &mut gradient);
    let decrease = squared(loss, &gradient);
    if !visit(Point { t: 0.0, loss: first, decrease, spent: 0.0 }, start) {
        return Ok(());
    }
    for &end in times {
        loop {
            let mut field = |y: &[f64], dy: &mut [f64]| {
                let (theta, _) = y.split_at(size);
                loss.gradient(theta, &mut gradient);
                dy[size] = squared(loss, &gradient);
                for (k, (dy, g)) in dy.iter_mut().zip(&gradient).enumerate() {
                    *dy = -rate * loss.speed(k) * g;
                }
            };
            let arrived = flow.advance(end, &mut field)?;
            if context.interrupted() {
                return Err(context.stopped());
            }
            if arrived {
                break;
            }
        }
        let (theta, spent) = flow.state().split_at(size);
        let now = loss.gradient(theta, &mut gradient);
        let decrease = squared(loss, &gradient);
        if !visit(Point { t: end, loss: now, decrease, spent: spent[0] }, theta) {
            break;
        }
    }
    Ok(())
}

/// |L(0) - L(t) - integral of |grad L|^2| over L(0), the largest along a run.
pub fn unspent(curve: &[Point]) -> f64 {
    let Some(first) = curve.first() else { return f64::NAN };
    max(curve.iter().map(|at| ((first.loss - at.loss - at.spent) / first.loss).abs()))
}

/// The verdict about [`unspent`].
pub fn spends(measured: f64, most: f64) -> Verdict {
    Verdict::at_most(
        "L(0) - L(t) is the integral of |grad L|^2: largest gap over L(0)",
        "arXiv 2301.08117, Definition 2.3",
        measured,
        most,
    )
}

/// `count` times from `from` to `to`, evenly on a log axis.
pub fn decades(from: f64, to: f64, count: usize) -> Vec<f64> {
    let last = count.saturating_sub(1).max(1) as f64;
    let ratio = (to / from).ln() / last;
    let mut times: Vec<f64> = (0..count).map(|k| from * (ratio * k as f64).exp()).collect();
    if let Some(end) = times.last_mut() {
        *end = to;
    }
    times
}

/// `count` + 1 times from 0 to `to`, without the first.
pub fn even(to: f64, count: usize) -> Vec<f64> {
    (1..=count).map(|k| to * k as f64 / count as f64).collect()
}

/// The first record at which L is at most `level`, between records by the logarithm of L; NaN if there is none.
pub fn reaches(curve: &[Point], level: f64) -> f64 {
    let crossing = curve.windows(2).find(|pair| pair[0].loss > level && pair[1].loss <= level);
    let Some([before, after]) = crossing else { return f64::NAN };
    let share = (before.loss / level).ln() / (before.loss / after.loss).ln();
    before.t + share * (after.t - before.t)
}

/// -d log L/dt between the times at which L passes `from` L(0) and `to` L(0).
pub fn fall(curve: &[Point], from: f64, to: f64) -> f64 {
    let first = curve.first().map_or(f64::NAN, |at| at.loss);
    let gap = reaches(curve, to * first) - reaches(curve, from * first);
    (from / to).ln() / gap
}

/// These experiments know one precision.
pub fn only_f64(context: &Context) -> Result<(), Failure> {
    match context.config.precision {
        Precision::F64 => Ok(()),
        Precision::F32 => {
            Err(Failure::bad_input("--precision f32: the bounds are measured at f64"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(t: f64) -> Point {
        Point { t, loss: 3.0 * (-2.0 * t).exp(), decrease: 0.0, spent: 0.0 }
    }

    #[test]
    fn exponentials_are_read_off_exactly() {
        let curve: Vec<Point> = (0..100).map(|k| point(0.1 * f64::from(k))).collect();
        assert!((reaches(&curve, 3.0 * (-4.1f64).exp()) - 2.05).abs() < 1e-12);
        assert!((fall(&curve, 1e-2, 1e-6) - 2.0).abs() < 1e-12);
        assert!(reaches(&curve, 1e-30).is_nan() && fall(&[], 0.1, 0.01).is_nan());
    }

    #[test]
    fn times_meet_their_ends() {
        let times = decades(1e-3, 1e5, 9);
        assert_eq!((times.len(), times[8]), (9, 1e5));
        assert!((times[0] / 1e-3 - 1.0).abs() < 1e-15 && (times[4] / 10.0 - 1.0).abs() < 1e-12);
        assert_eq!(even(2.0, 4), [0.5, 1.0, 1.5, 2.0]);
    }

    #[test]
    fn a_loss_without_value_is_not_spent() {
        let mut curve: Vec<Point> = (0..9).map(|k| point(f64::from(k))).collect();
        curve.iter_mut().for_each(|at| at.spent = 3.0 - at.loss);
        assert!(spends(unspent(&curve), 1e-9).pass);
        curve[4].loss = f64::NAN;
        assert!(unspent(&curve).is_nan() && !spends(unspent(&curve), 1e-9).pass);
        assert!(unspent(&[]).is_nan());
    }
}
