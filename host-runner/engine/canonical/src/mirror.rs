//! The fields of paper `mirror`, in f64 and the canonical order: the kernels of the same names.
use engine_generic::Exact;
use reluflow::mirror::{descent, network};
use reluflow::{Error, SamplesView};

/// The mirror flow as a field in the dual coordinates.
#[derive(Debug)]
pub struct Mirror<'m>(descent::Mirror<'m, Exact>);

impl<'m> Mirror<'m> {
    /// The flow on `samples` (X is n x m) with one r >= 0 a coordinate, in `memory`, which is made long enough.
    pub fn new(
        samples: SamplesView<'m, f64>,
        r: &'m [f64],
        memory: &'m mut Vec<f64>,
    ) -> Result<Self, Error> {
        memory.resize(descent::Mirror::<Exact>::len(samples.d()), 0.0);
        descent::Mirror::new(samples, r, memory).map(Self)
    }

    /// `du` = -2 X^T (X beta - y) at beta = r sinh(u); returns F(beta).
    pub fn velocity(&mut self, u: &[f64], du: &mut [f64]) -> f64 {
        self.0.velocity(u, du)
    }
}

/// The gradient flow of the network, as a field on (a, b).
#[derive(Debug)]
pub struct Network<'m>(network::Network<'m, Exact>);

impl<'m> Network<'m> {
    /// The flow on the features `samples` (X is n x m), in `memory`, which is made long enough.
    pub fn new(samples: SamplesView<'m, f64>, memory: &'m mut Vec<f64>) -> Result<Self, Error> {
        memory.resize(network::Network::<Exact>::len(samples.d()), 0.0);
        network::Network::new(samples, memory).map(Self)
    }

    /// `velocity` = (-b g, -a g) at `weights` = (a, b); returns F.
    pub fn velocity(&mut self, weights: &[f64], velocity: &mut [f64]) -> f64 {
        self.0.velocity(weights, velocity)
    }
}
