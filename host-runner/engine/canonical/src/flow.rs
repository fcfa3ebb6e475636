//! The gradient flow itself, in f64 and the canonical order: the kernels' integrator on memory of its own.
use engine_generic::{Exact, FlowMemory};
use reluflow::flow::{Advance, Certificate, Event, Failed, Flow, Neuron, Rules, Start};
use reluflow::{Error, NetViewMut, SamplesView, Scale};

/// Memory of a flow.
pub struct ExactMemory<'a>(FlowMemory<'a, Exact>);

impl<'a> ExactMemory<'a> {
    /// For `p` neurons; `orthogonal` says that the samples are pairwise orthogonal.
    pub fn new(p: usize, samples: SamplesView<'a, f64>, orthogonal: bool) -> Self {
        Self(FlowMemory::new(p, samples, orthogonal))
    }

    /// A flow that begins at `start`.
    pub fn flow(
        &mut self,
        start: Start<'_, f64>,
        scale: Scale,
        rules: Rules<f64>,
    ) -> Result<ExactFlow<'_>, Error> {
        self.0.flow(start, scale, rules).map(ExactFlow)
    }
}

/// A flow on its way; each method is that of the kernels.
pub struct ExactFlow<'m>(Flow<'m, Exact>);

impl ExactFlow<'_> {
    /// One step, leap or arrival; `log` is told what happens at kinks.
    pub fn advance(
        &mut self,
        until: f64,
        mut log: &mut dyn FnMut(Event<f64>),
    ) -> Result<Advance<f64>, Failed> {
        self.0.advance(until, &mut log)
    }

    /// Time.
    pub fn t(&self) -> f64 {
        self.0.t()
    }

    /// L.
    pub fn loss(&self) -> f64 {
        self.0.loss()
    }

    /// L at a time inside the last step.
    pub fn loss_at(&mut self, t: f64) -> Option<f64> {
        self.0.loss_at(t)
    }

    /// Neuron j.
    pub fn neuron(&self, j: usize) -> Option<Neuron<'_, f64>> {
        self.0.neuron(j)
    }

    /// e^log_factor times the network.
    pub fn write(
        &mut self,
        start: Start<'_, f64>,
        samples: SamplesView<'_, f64>,
        log_factor: f64,
        net: &mut NetViewMut<'_, f64>,
    ) -> Result<(), Error> {
        self.0.write(start, samples, log_factor, net)
    }

    /// What the flow vouches for.
    pub fn certificate(&self) -> Certificate<f64> {
        self.0.certificate()
    }
}
