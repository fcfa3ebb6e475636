//! What is trained, and from where.
use crate::number::{Number, narrow};
use crate::numerics::Exact;
use crate::state::ProblemIn;
use lab::Failure;
use reluflow::{NetViewMut, Scale, init};

/// Where training starts: at 2^exponent (w, a).
///
/// The scale stands apart because starts as small as 1e-300 are of interest, whose products no
/// float holds. It is a power of two, so that multiplying it out changes no digit.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// Inner weights over 2^exponent, p x d row-major.
    pub w: Vec<f64>,
    /// Outer weights over 2^exponent, p.
    pub a: Vec<f64>,
    /// Binary logarithm of the scale.
    pub exponent: i32,
}

impl Start {
    /// Balanced start of `p` neurons in d dimensions: w_jk ~ N(0, lambda^2) from the random stream
    /// of `experiment` under `seed`, a_j = +-|w_j| with a fair sign.
    pub fn balanced(
        (seed, experiment): (u64, &str),
        (p, d): (usize, usize),
        lambda: f64,
    ) -> Result<Self, Failure> {
        let (mut w, mut a) = (vec![0.0; p * d], vec![0.0; p]);
        let mut rng = init::stream(seed, experiment, 0, 0);
        let exponent = lambda.log2().floor() as i32;
        let mut net = NetViewMut::new(&mut w, &mut a, d)?;
        let mantissa = lambda / power(exponent);
        init::balanced::<Exact>(&mut net, mantissa, &mut rng);
        Ok(Self { w, a, exponent })
    }
}

/// 2^exponent; 0 or infinity beyond the range of floats.
fn power(exponent: i32) -> f64 {
    2f64.powi(exponent)
}

/// Samples and a start.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Inputs, n x d row-major.
    pub x: Vec<f64>,
    /// Targets, n.
    pub y: Vec<f64>,
    /// Input dimension.
    pub d: usize,
    /// The network at the start.
    pub start: Start,
    /// Output scale.
    pub scale: Scale,
}

impl Problem {
    /// Samples x_i with targets y_i, output scale 1.
    pub fn new<const D: usize>(x: &[[f64; D]], y: &[f64], start: Start) -> Self {
        Self { x: x.concat(), y: y.to_vec(), d: D, start, scale: Scale::One }
    }

    /// The problem at a precision, the start multiplied out.
    pub(crate) fn at<T: Number>(&self) -> Result<ProblemIn<T>, Failure> {
        let scale = power(self.start.exponent);
        let out = |x: &[f64]| narrow::<T>(&x.iter().map(|x| scale * x).collect::<Vec<_>>());
        let (w, a) = (out(&self.start.w), out(&self.start.a));
        let lost = w.iter().chain(&a).all(|&x| x == T::ZERO);
        if lost && self.start.a.iter().any(|&a| a != 0.0) {
            return Err(Failure::bad_input(format!(
                "a start at scale 2^{} is 0 in this precision, where gradient descent never \
                 leaves it; choose a larger lambda or --precision f64",
                self.start.exponent
            )));
        }
        let n = self.y.len();
        Ok(ProblemIn {
            x: narrow(&self.x),
            y: narrow(&self.y),
            stream: None,
            n,
            mean_square: self.y.iter().map(|y| y * y).sum::<f64>() / n as f64,
            w,
            a,
            d: self.d,
            scale: self.scale,
        })
    }
}
