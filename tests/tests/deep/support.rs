//! Deep networks that the kernels and the oracle see as the same numbers.

use conformance::precision::Tolerance;
use conformance::{Random, widen};
use oracle::{DeepLayer, DeepNet, Sigma};
use reluflow::deep::{Activation, Deep, Graph, Layer, parameters};
use reluflow::{Lanes, Real};

pub const LEAKY: Activation = Activation::Leaky { slope: 0.125 };

/// Layers and n: each of 1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 49 is a number of inputs, of outputs and of
/// samples; 130 inputs and 150, 300 samples are several segments and blocks.
pub fn networks() -> Vec<(Vec<Layer>, usize)> {
    let (dense, residual, graph) = (Layer::dense, Layer::residual, Layer::graph);
    let (relu, sigmoid, linear) = (Activation::Relu, Activation::Sigmoid, Activation::Identity);
    let parametric = Activation::Parametric;
    vec![
        (vec![dense(1, 1, linear)], 1),
        (vec![dense(2, 3, relu), dense(3, 1, linear)], 7),
        (vec![dense(7, 2, LEAKY), dense(2, 9, LEAKY), dense(9, 2, linear)], 3),
        (vec![dense(8, 15, sigmoid), dense(15, 7, sigmoid)], 9),
        (vec![dense(3, 17, parametric), dense(17, 8, parametric), dense(8, 3, linear)], 16),
        (vec![residual(9, LEAKY), residual(9, relu), residual(9, linear)], 8),
        (vec![residual(17, parametric), residual(17, sigmoid)], 15),
        (vec![graph(16, 33, LEAKY), graph(33, 16, linear)], 17),
        (vec![graph(15, 7, parametric), graph(7, 7, sigmoid), dense(7, 2, relu)], 33),
        (vec![Layer { residual: true, ..graph(8, 8, LEAKY) }, residual(8, LEAKY)], 2),
        (vec![dense(33, 49, LEAKY).unbiased(), dense(49, 33, relu), dense(33, 17, linear)], 49),
        (vec![dense(130, 20, LEAKY), dense(20, 5, parametric).unbiased()], 150),
        (vec![dense(5, 16, LEAKY), residual(16, LEAKY), dense(16, 2, linear)], 300),
        (vec![graph(4, 8, LEAKY), graph(8, 3, linear)], 145),
    ]
}

/// A network and its samples in the kernel's precision.
pub struct Problem<T> {
    pub layers: Vec<Layer>,
    pub theta: Vec<T>,
    pub x: Vec<T>,
    pub y: Vec<T>,
    pub n: usize,
    starts: Vec<usize>,
    neighbours: Vec<usize>,
    weights: Vec<T>,
}

impl<T: Real> Problem<T> {
    /// Weights as large as Kaiming's, so that all layers matter. Drawn again until no z lies next
    /// to a kink, where rounding would decide a gate.
    pub fn new(layers: &[Layer], n: usize) -> Self {
        (0..).map(|seed| Self::draw(layers, n, seed)).find(Self::is_clear).expect("endless")
    }

    fn draw(layers: &[Layer], n: usize, seed: u64) -> Self {
        let mut random = Random(seed);
        let mut theta = Vec::new();
        for layer in layers {
            let reach = (3.0 / layer.inputs as f64).sqrt();
            for _ in 0..layer.inputs * layer.outputs {
                theta.push(T::from_f64(random.uniform(-reach, reach)));
            }
            for _ in 0..if layer.bias { layer.outputs } else { 0 } {
                theta.push(T::from_f64(random.uniform(-0.5, 0.5)));
            }
            if layer.activation.is_parametric() {
                theta.push(T::from_f64(random.uniform(0.1, 0.4)));
            }
        }
        let (inputs, outputs) = (layers[0].inputs, layers[layers.len() - 1].outputs);
        let (x, y) = (random.vector(n * inputs), random.vector(n * outputs));
        // A ring with a chord here and there, and every sample beside itself.
        let joined = |i: usize, k: usize| {
            let apart = i.abs_diff(k);
            apart <= 1 || apart == n - 1 || (apart == 3 && (i + k).is_multiple_of(5))
        };
        let (mut starts, mut neighbours) = (vec![0], Vec::new());
        for i in 0..n {
            neighbours.extend((0..n).filter(|&k| joined(i, k)));
            starts.push(neighbours.len());
        }
        let mut weights = vec![T::ZERO; neighbours.len()];
        Graph::normalised(&starts, &neighbours, &mut weights).unwrap();
        Problem { layers: layers.to_vec(), theta, x, y, n, starts, neighbours, weights }
    }

    fn is_clear(&self) -> bool {
        let passes = self.oracle().forward();
        let kinked =
            |layer: &Layer| !matches!(layer.activation, Activation::Identity | Activation::Sigmoid);
        let layers = self.layers.iter().zip(&passes).filter(|(layer, _)| kinked(layer));
        layers.flat_map(|(_, pass)| &pass.z).all(|z| z.abs() > 3e-5)
    }

    pub fn outputs(&self) -> usize {
        self.layers[self.layers.len() - 1].outputs
    }

    pub fn is_graph(&self) -> bool {
        self.layers.iter().any(|layer| layer.graph)
    }

    /// What fails names it.
    pub fn name(&self) -> String {
        format!("{:?} n {}", self.layers, self.n)
    }

    /// Calls `f` with a state of the network.
    pub fn with<L: Lanes<Elem = T>, R>(&self, f: impl FnOnce(&mut Deep<'_, L>) -> R) -> R {
        let mut weights = self.weights.clone();
        let graph = Graph::normalised(&self.starts, &self.neighbours, &mut weights).unwrap();
        let mut memory = vec![T::ONE; Deep::<L>::len(&self.layers, self.n)];
        let graph = self.is_graph().then_some(graph);
        let deep = Deep::<L>::new(&self.layers, &self.theta, &self.x, &self.y, graph, &mut memory);
        f(&mut deep.unwrap())
    }

    /// The same for the oracle; S is made here anew.
    pub fn oracle(&self) -> DeepNet {
        let n = self.n;
        let degree = |i: usize| (self.starts[i + 1] - self.starts[i]) as f64;
        let mut mix = vec![0.0; n * n];
        for i in 0..n {
            for &k in &self.neighbours[self.starts[i]..self.starts[i + 1]] {
                mix[i * n + k] = 1.0 / (degree(i) * degree(k)).sqrt();
            }
        }
        DeepNet {
            layers: self.layers.iter().map(|layer| textbook(layer, sigma(layer))).collect(),
            theta: widen(&self.theta),
            x: widen(&self.x),
            y: widen(&self.y),
            n,
            mix,
        }
    }

    /// Bounds of every number that the network computes: all terms of all sums positive. A layer passes
    /// on |z| + 1, and backwards 1 + |z|/8, which bounds sigma' and what an error of z does to it.
    pub fn magnitudes(&self) -> DeepNet {
        let mut net = self.oracle();
        let bound: Sigma = |z, _| [z + 1.0, 1.0 + z / 8.0, z];
        net.layers.iter_mut().for_each(|layer| layer.sigma = bound);
        for all in [&mut net.theta, &mut net.x] {
            all.iter_mut().for_each(|x| *x = x.abs());
        }
        // r = y - f becomes |y| + |f|.
        net.y.iter_mut().for_each(|y| *y = -y.abs());
        net
    }

    /// Roundings on the way of any term from the parameters to f.
    pub fn forward(&self) -> Tolerance {
        Tolerance::Rounded { roundings: self.roundings() }
    }

    /// From the parameters to a gradient: both r and the layers' numbers are known to forward accuracy.
    pub fn backward(&self) -> Tolerance {
        let back: usize = self.layers.iter().map(|layer| layer.outputs + 10).sum();
        Tolerance::Rounded { roundings: 3 * self.roundings() + 2 * back + self.n }
    }

    fn roundings(&self) -> usize {
        // A sum over inputs, one over neighbours, exp, division, b, skip.
        self.layers.iter().map(|layer| layer.inputs + 6 + 8).sum()
    }

    /// Parameters.
    pub fn count(&self) -> usize {
        parameters(&self.layers)
    }
}

fn textbook(layer: &Layer, sigma: Sigma) -> DeepLayer {
    DeepLayer {
        inputs: layer.inputs,
        outputs: layer.outputs,
        sigma,
        parametric: layer.activation.is_parametric(),
        bias: layer.bias,
        residual: layer.residual,
        graph: layer.graph,
    }
}

fn sigma(layer: &Layer) -> Sigma {
    match layer.activation {
        Activation::Identity => |z, _| [z, 1.0, 0.0],
        Activation::Relu => |z, _| if z > 0.0 { [z, 1.0, 0.0] } else { [0.0, 0.0, 0.0] },
        Activation::Leaky { .. } => |z, _| {
            if z > 0.0 { [z, 1.0, 0.0] } else { [0.125 * z, 0.125, 0.0] }
        },
        Activation::Parametric => |z, slope| {
            if z > 0.0 { [z, 1.0, 0.0] } else { [slope * z, slope, z] }
        },
        Activation::Sigmoid => |z, _| {
            let h = 1.0 / (1.0 + (-z).exp());
            [h, h * (1.0 - h), 0.0]
        },
    }
}
