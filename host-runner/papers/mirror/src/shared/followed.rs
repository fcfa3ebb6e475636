//! One draw: the mirror flow to its limit with both bounds, and the network's own flow beside it.
use super::distance;
use super::draw::{FixedDirections, refused};
use super::projection::{Projection, matrix};
use engine::exact::{divergence_sum, mirror_loss};
use engine::mirror::{Mirror, Network};
use engine::smooth::{Field, SmoothFlow, smooth};
use lab::Arithmetic;
use lab::Context;
use lab::Control;
use lab::failure::Failure;
use lab::settings::Key;
use lab::statistics::{Line, max, min};
use nalgebra::{DMatrix, DVector};
use reluflow::mirror::hypentropy::{second, to_dual, to_primal};
use reluflow::mirror::network::reduce;
use reluflow::mirror::rates::Rates;

/// How long flows are followed.
pub const UNTIL: Key<f64> = Key::number("until", 60.0, "flow time at the end").within(1e-3, 1e6);

/// Tolerance of both flows.
const TOLERANCE: f64 = 1e-12;
/// Times at which they are compared.
const LOOKS: usize = 40;
/// Shares of D(0) between which the rate of D is fitted.
const TAIL: (f64, f64) = (1e-9, 1e-3);
/// The same where faster directions are gone as well: of 1000 neurons they are many.
const END: (f64, f64) = (1e-15, 1e-9);

/// F at which the paper stops the second example of Figure 6.
const STOPPED: f64 = 1e-5;

/// A moment of the flow.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// Time.
    pub t: f64,
    /// F = 1/2 |X beta - y|^2.
    pub loss: f64,
    /// D(beta*, beta).
    pub divergence: f64,
    /// sum |beta_j|.
    pub l1: f64,
}

/// What a draw showed.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Every step.
    pub points: Vec<At>,
    /// min_j r_j.
    pub inf_r: f64,
    /// 1 / the least singular value of X.
    pub norm_pinv: f64,
    /// sup_t |beta|_1.
    pub l1_max: f64,
    /// kappa_1 and kappa_2.
    pub rates: Rates<f64>,
    /// Of log D in its tail; NaN where the tail is not reached.
    pub rate: f64,
    /// The same further down.
    pub rate_last: f64,
    /// 4 times the least eigenvalue of X diag(sqrt(beta*^2 + r^2)) X^T: the rate at the limit.
    pub rate_limit: f64,
    /// Moments at which D was above the bound.
    pub violations: [usize; 2],
    /// Moments at which F was above D(0)/(2 t), which is (3) for the potential Phi_r/2.
    pub above_mean: usize,
    /// D(0) - D(t) less 4 times the integral of F, over D(0), the largest: (2), an equality where X beta* = y.
    pub unspent: f64,
    /// The first moment at which F is at most [`STOPPED`]; NaN if there is none.
    pub stopped: f64,
    /// Largest relative change of a^2 - b^2 of a neuron along the network's flow, and the least a over its start: Lemma A.2.
    pub conserved: f64,
    pub sign: f64,
    /// Largest distance of the network's beta from the mirror flow's, relatively.
    pub equivalence: f64,
    /// Distance of the flow's end from the Bregman projection of its start, relatively.
    pub limit_error: f64,
    /// Evaluations of the mirror flow's field.
    pub evaluations: u64,
}

/// How fast a flow runs for its clock; 1 without a control.
pub fn speed(context: &Context) -> f64 {
    Control::effective_dt(context.control(), 1.0)
}

/// Steps until t = `end`, asking for interrupts; `see` gets each.
pub fn walk(
    context: &Context,
    flow: &mut dyn SmoothFlow,
    end: f64,
    field: &mut Field<'_>,
    see: &mut impl FnMut(f64, &[f64]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    loop {
        if flow.steps().0.is_multiple_of(256) && context.interrupted() {
            return Err(context.stopped());
        }
        let arrived = flow.advance(end, field).map_err(refused)?;
        see(flow.t(), flow.state())?;
        if arrived {
            return Ok(());
        }
    }
}

/// One over the least singular value.
pub fn norm_pinv(x: &DMatrix<f64>) -> f64 {
    1.0 / min(&x.clone().svd(false, false).singular_values)
}

/// The rate at which D falls in the end: residuals e obey e' = -2 X Q X^T e, and D goes with their square.
fn rate_at(x: &DMatrix<f64>, beta: &[f64], r: &[f64]) -> f64 {
    let q = beta.iter().zip(r).map(|(&b, &r)| 1.0 / second(b, r));
    let q = DMatrix::from_diagonal(&DVector::from_iterator(r.len(), q));
    4.0 * min(&(x * q * x.transpose()).symmetric_eigenvalues())
}

impl Followed {
    /// Follows both flows to the key `until`.
    pub fn of(context: &Context, draw: &FixedDirections) -> Result<Self, Failure> {
        let until = context.get(UNTIL);
        let x = matrix(&draw.x, draw.r.len());
        let limit = Projection::of(&x, &draw.y, &draw.beta, &draw.r)?;
        // Log-spaced over four decades, the last one `until`.
        let looks: Vec<f64> = (1..=LOOKS)
            .map(|k| until * 10f64.powf(-4.0 * (1.0 - k as f64 / LOOKS as f64)))
            .collect();
        let (points, seen, evaluations) = mirrored(context, draw, &limit.beta, &looks)?;
        let network = networked(context, draw, &looks)?;
        let pairs = network.iter().map(|look| &look.beta).zip(&seen);
        let equivalence = max(pairs.map(|(one, other)| distance(one, other)));
        let d0 = points.first().map_or(f64::NAN, |at| at.divergence);
        let l1_max = max(points.iter().map(|at| at.l1));
        let (inf_r, norm_pinv) = (draw.inf_r(), norm_pinv(&x));
        let rates = Rates::new(inf_r, norm_pinv, l1_max, draw.r.len());
        // The first moment is equality; roundings are allowed. NaN is above everything.
        let above = |bound: &dyn Fn(f64) -> f64| {
            let below = |at: &&At| at.divergence <= bound(at.t) * (1.0 + 1e-14);
            points.len() - points.iter().filter(below).count()
        };
        let violations =
            [above(&|t| rates.exponential(d0, t)), above(&|t| rates.hyperbolic(d0, t))];
        let end = seen.last().map_or(f64::NAN, |end| distance(end, &limit.beta));
        let falls = |at: &&At| at.t == 0.0 || at.loss <= d0 / (2.0 * at.t);
        let stopped = points.iter().find(|at| at.loss <= STOPPED);
        Ok(Self {
            rate: fitted(&points, d0, TAIL),
            rate_last: fitted(&points, d0, END),
            conserved: max(network.iter().map(|look| look.moved)),
            sign: min(network.iter().map(|look| look.least)),
            above_mean: points.len() - points.iter().filter(falls).count(),
            unspent: unspent(&points, d0),
            stopped: stopped.map_or(f64::NAN, |at| at.t),
            rate_limit: rate_at(&x, &limit.beta, &draw.r),
            limit_error: end,
            points,
            inf_r,
            norm_pinv,
            l1_max,
            rates,
            violations,
            equivalence,
            evaluations,
        })
    }
}

/// The largest |D(0) - D(t) - 4 integral of F| over D(0), by the trapezoidal rule over the steps.
fn unspent(points: &[At], d0: f64) -> f64 {
    let mut spent = 0.0;
    max(points.windows(2).map(|pair| {
        spent += 2.0 * (pair[1].t - pair[0].t) * (pair[0].loss + pair[1].loss);
        ((d0 - pair[1].divergence - spent) / d0).abs()
    }))
}

/// Minus the slope of log D between two shares of `d0`.
fn fitted(points: &[At], d0: f64, (low, high): (f64, f64)) -> f64 {
    let tail = |at: &&At| (low * d0..=high * d0).contains(&at.divergence);
    let last = points.iter().rposition(|at| at.divergence > high * d0).map_or(0, |k| k + 1);
    let logs: Vec<(f64, f64)> =
        points[last..].iter().filter(tail).map(|at| (at.t, at.divergence.ln())).collect();
    // A straight line needs a stretch: a fall by e at least.
    match (logs.first(), logs.last()) {
        (Some(first), Some(last)) if logs.len() >= 5 && first.1 - last.1 >= 1.0 => {
            -Line::through(&logs).slope
        }
        _ => f64::NAN,
    }
}

/// Every step of the mirror flow, and its beta at `looks`.
type Seen = (Vec<At>, Vec<Vec<f64>>, u64);

fn mirrored(
    context: &Context,
    draw: &FixedDirections,
    limit: &[f64],
    looks: &[f64],
) -> Result<Seen, Failure> {
    let (samples, m, speed) = (draw.samples()?, draw.r.len(), speed(context));
    let (mut at, mut memory) = (Vec::new(), Vec::new());
    let (mut u, mut beta) = (vec![0.0; m], vec![0.0; m]);
    to_dual(&draw.beta, &draw.r, &mut u).map_err(refused)?;
    let mut mirror = Mirror::new(samples, &draw.r, &mut at).map_err(refused)?;
    let mut flow = smooth(Arithmetic::Canonical, &u, TOLERANCE, &mut memory).map_err(refused)?;
    let mut field = |u: &[f64], du: &mut [f64]| {
        mirror.velocity(u, du);
        du.iter_mut().for_each(|du| *du *= speed);
    };
    let (mut points, mut seen) = (Vec::new(), Vec::new());
    let mut see = |t: f64, u: &[f64]| -> Result<(), Failure> {
        to_primal(u, &draw.r, &mut beta).map_err(refused)?;
        points.push(At {
            t,
            loss: mirror_loss(samples, &beta).map_err(refused)?,
            divergence: divergence_sum(limit, &beta, &draw.r).map_err(refused)?,
            l1: beta.iter().map(|b| b.abs()).sum(),
        });
        Ok(())
    };
    see(0.0, &u)?;
    for &look in looks {
        walk(context, &mut *flow, look, &mut field, &mut see)?;
        let mut beta = vec![0.0; m];
        to_primal(flow.state(), &draw.r, &mut beta).map_err(refused)?;
        seen.push(beta);
    }
    Ok((points, seen, flow.evaluations()))
}

/// (x, y) to c (x + y, x - y), halves of vectors.
fn turn(c: f64, from: &[f64], to: &mut [f64]) {
    let ((x, y), (sum, difference)) =
        (from.split_at(from.len() / 2), to.split_at_mut(from.len() / 2));
    for ((x, y), (sum, difference)) in x.iter().zip(y).zip(sum.iter_mut().zip(difference)) {
        (*sum, *difference) = (c * (x + y), c * (x - y));
    }
}

/// The network at one time.
struct Look {
    beta: Vec<f64>,
    /// Largest relative change of r.
    moved: f64,
    /// Least a_j over its start.
    least: f64,
}

/// The network's own gradient flow at `looks`.
fn networked(
    context: &Context,
    draw: &FixedDirections,
    looks: &[f64],
) -> Result<Vec<Look>, Failure> {
    let (m, speed) = (draw.r.len(), speed(context));
    let (mut at, mut memory) = (Vec::new(), Vec::new());
    // In units of the start: the tolerance is absolute below 1, and a start of 1e-4 must be kept to
    // many digits, for when it is left goes with its logarithm.
    let unit = max(&draw.a);
    // In a + b and a - b, whose product the flow conserves: from a and b that have grown 1e4 times, as large as
    // each other, it would be lost in rounding.
    let scaled = |sign: f64| draw.a.iter().zip(&draw.b).map(move |(a, b)| (a + sign * b) / unit);
    let start: Vec<f64> = scaled(1.0).chain(scaled(-1.0)).collect();
    let (mut weights, mut velocity) = (vec![0.0; 2 * m], vec![0.0; 2 * m]);
    let mut network = Network::new(draw.samples()?, &mut at).map_err(refused)?;
    let mut flow =
        smooth(Arithmetic::Canonical, &start, TOLERANCE, &mut memory).map_err(refused)?;
    let mut field = |y: &[f64], dy: &mut [f64]| {
        turn(0.5 * unit, y, &mut weights);
        network.velocity(&weights, &mut velocity);
        turn(speed / unit, &velocity, dy);
    };
    let mut seen = Vec::new();
    for &look in looks {
        walk(context, &mut *flow, look, &mut field, &mut |_, _| Ok(()))?;
        let mut weights = vec![0.0; 2 * m];
        turn(0.5 * unit, flow.state(), &mut weights);
        let (a, b) = weights.split_at(m);
        let (mut beta, mut r) = (vec![0.0; m], vec![0.0; m]);
        reduce(a, b, &mut beta, &mut r).map_err(refused)?;
        let moved = max(r.iter().zip(&draw.r).map(|(now, start)| (now / start - 1.0).abs()));
        let least = min(a.iter().zip(&draw.a).map(|(now, start)| now / start));
        seen.push(Look { beta, moved, least });
    }
    Ok(seen)
}
