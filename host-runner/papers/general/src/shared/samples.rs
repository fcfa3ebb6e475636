//! What networks are trained on.
use super::neighbours::Neighbours;
use engine::deep::{DeepProblem, Rows};
use reluflow::deep::Layer;

/// The samples that all networks of a run are trained on.
#[derive(Debug)]
pub struct Samples {
    /// n x N, row-major.
    pub x: Vec<f64>,
    /// n x M.
    pub y: Vec<f64>,
    /// n.
    pub n: usize,
    /// (N, M).
    pub ends: (usize, usize),
    /// For graph convolutions.
    pub graph: Option<Neighbours>,
}

impl Samples {
    /// A network on them.
    pub fn problem<'m, 'p>(&'m self, layers: &'m [Layer], theta: &'p [f64]) -> DeepProblem<'m, 'p>
    where
        'm: 'p,
    {
        let graph = self.graph.as_ref();
        let graph = graph.map(|graph| Rows { starts: &graph.starts, list: &graph.list });
        DeepProblem { layers, theta, x: &self.x, y: &self.y, n: self.n, graph }
    }

    /// nM, the size of the tangent kernel.
    pub fn targets(&self) -> usize {
        self.y.len()
    }
}
