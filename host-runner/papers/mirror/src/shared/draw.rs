//! Samples, directions and weights as the paper draws them.
use engine::exact::features;
use lab::Context;
use lab::failure::Failure;
use lab::settings::Key;
use lab::statistics::min;
use reluflow::SamplesView;
use reluflow::init::{sign, stream, uniform};
use reluflow::mirror::network::reduce;

/// Starts to try until |w_j| > |b_j| for all j.
const TRIES: usize = 1000;

/// Samples; these and the next three are the sizes of a figure.
pub const N: Key<usize> = Key::count("n", 20, "number of samples").between(1, 1000);
/// Dimension.
pub const D: Key<usize> = Key::count("d", 50, "dimension of the inputs").between(1, 10_000);
/// Neurons.
pub const M: Key<usize> = Key::count("m", 50, "number of neurons").between(1, 10_000);
/// Scale of the weights.
pub const ALPHA: Key<f64> =
    Key::number("alpha", 1.0, "size of the start: weights are uniform on +-alpha/sqrt m")
        .within(1e-12, 1e3);

/// A network with fixed directions on its samples.
#[derive(Debug, Clone)]
pub struct FixedDirections {
    /// Features relu(<theta_j, x_i>), n x m.
    pub x: Vec<f64>,
    /// Targets, +-1.
    pub y: Vec<f64>,
    /// |w_j|.
    pub a: Vec<f64>,
    /// Outer weights.
    pub b: Vec<f64>,
    /// a_j b_j.
    pub beta: Vec<f64>,
    /// (a_j^2 - b_j^2) / 2.
    pub r: Vec<f64>,
}

impl FixedDirections {
    /// Inputs uniform on [-1, 1]^d, w_j and b_j uniform on +-alpha/sqrt m, until |w_j| > |b_j| for all j.
    pub fn of(context: &Context, trial: u64) -> Result<Self, Failure> {
        let [n, d, m] = [N, D, M].map(|key| context.get(key));
        let size = context.get(ALPHA) / (m as f64).sqrt();
        let mut rng = stream(context.config.seed, context.config.experiment, 0, trial);
        let mut draw = |size: f64| size * (2.0 * uniform(&mut rng) - 1.0);
        let inputs: Vec<f64> = (0..n * d).map(|_| draw(1.0)).collect();
        for _ in 0..TRIES {
            let mut theta: Vec<f64> = (0..m * d).map(|_| draw(size)).collect();
            let b: Vec<f64> = (0..m).map(|_| draw(size)).collect();
            let mut a = Vec::with_capacity(m);
            for w in theta.chunks_mut(d) {
                let norm = w.iter().map(|w| w * w).sum::<f64>().sqrt();
                w.iter_mut().for_each(|w| *w /= norm);
                a.push(norm);
            }
            if a.iter().zip(&b).all(|(a, b)| *a > b.abs()) {
                let y: Vec<f64> = (0..n).map(|_| sign(&mut rng)).collect();
                return Self::on(&inputs, y, &theta, a, b);
            }
        }
        Err(Failure::bad_input(format!(
            "m = {m}, d = {d}: none of {TRIES} starts has |w_j| > |b_j| for all neurons; choose a larger \
             d or a smaller m (mirror-cone has the odds)"
        )))
    }

    fn on(
        inputs: &[f64],
        y: Vec<f64>,
        theta: &[f64],
        a: Vec<f64>,
        b: Vec<f64>,
    ) -> Result<Self, Failure> {
        let m = a.len();
        let d = theta.len() / m;
        let (mut x, mut beta, mut r) = (vec![0.0; y.len() * m], vec![0.0; m], vec![0.0; m]);
        SamplesView::new(inputs, &y, d)
            .and_then(|inputs| features(inputs, theta, &mut x))
            .and_then(|()| reduce(&a, &b, &mut beta, &mut r))
            .map_err(refused)?;
        Ok(Self { x, y, a, b, beta, r })
    }

    /// Features and targets.
    pub fn samples(&self) -> Result<SamplesView<'_, f64>, Failure> {
        SamplesView::new(&self.x, &self.y, self.r.len()).map_err(refused)
    }

    /// The least r_j.
    pub fn inf_r(&self) -> f64 {
        min(&self.r)
    }
}

/// A kernel's refusal of what an experiment built.
pub fn refused(error: reluflow::Error) -> Failure {
    Failure::failed(format!("the mirror flow: {error}"))
}
