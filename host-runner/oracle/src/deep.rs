//! Deep networks of dense, residual and graph layers, by textbook loops.

/// What a layer applies to z, with the slope that it may have: (sigma, d sigma/dz, d sigma/d slope).
pub type Sigma = fn(f64, f64) -> [f64; 3];

/// One layer: x' = sigma(W m(x) + b), plus x where it is residual; m mixes the samples by S where it
/// is a graph convolution.
#[derive(Clone, Copy, Debug)]
pub struct DeepLayer {
    /// Numbers that come in.
    pub inputs: usize,
    /// Numbers that go out.
    pub outputs: usize,
    /// sigma.
    pub sigma: Sigma,
    /// Does sigma have a slope that is a parameter?
    pub parametric: bool,
    /// Is there a b?
    pub bias: bool,
    /// Is x added?
    pub residual: bool,
    /// Are samples mixed?
    pub graph: bool,
}

impl DeepLayer {
    fn parameters(&self) -> usize {
        self.inputs * self.outputs
            + if self.bias { self.outputs } else { 0 }
            + usize::from(self.parametric)
    }
}

/// A deep network on n samples: L = 1/2 sum_i |y_i - f(x_i)|^2.
#[derive(Clone, Debug)]
pub struct DeepNet {
    /// In order.
    pub layers: Vec<DeepLayer>,
    /// Of each layer: W (outputs x inputs, row-major), b, slope.
    pub theta: Vec<f64>,
    /// n x inputs.
    pub x: Vec<f64>,
    /// n x outputs.
    pub y: Vec<f64>,
    /// Samples.
    pub n: usize,
    /// S, n x n; empty without graph layers.
    pub mix: Vec<f64>,
}

/// What a layer did: its inputs after mixing, z, and what came out, each with a row for a sample.
#[derive(Clone, Debug)]
pub struct Pass {
    /// m(x).
    pub mixed: Vec<f64>,
    /// W m(x) + b.
    pub z: Vec<f64>,
    /// What comes out.
    pub x: Vec<f64>,
}

struct Parameters<'a> {
    w: &'a [f64],
    b: &'a [f64],
    slope: f64,
}

impl DeepNet {
    fn parameters<'a>(&self, theta: &'a [f64]) -> Vec<Parameters<'a>> {
        let mut at = 0;
        let mut all = Vec::new();
        for layer in &self.layers {
            let w = layer.inputs * layer.outputs;
            let b = if layer.bias { layer.outputs } else { 0 };
            let slope = if layer.parametric { theta[at + w + b] } else { 0.0 };
            all.push(Parameters { w: &theta[at..at + w], b: &theta[at + w..at + w + b], slope });
            at += layer.parameters();
        }
        assert_eq!(at, theta.len(), "as many parameters as the layers have");
        all
    }

    /// S x for rows of `width` numbers, or x.
    fn mix(&self, layer: &DeepLayer, x: &[f64], width: usize) -> Vec<f64> {
        if !layer.graph {
            return x.to_vec();
        }
        let mut out = vec![0.0; self.n * width];
        for i in 0..self.n {
            for k in 0..self.n {
                for c in 0..width {
                    out[i * width + c] += self.mix[i * self.n + k] * x[k * width + c];
                }
            }
        }
        out
    }

    /// All layers, in order.
    pub fn forward(&self) -> Vec<Pass> {
        let mut passes: Vec<Pass> = Vec::new();
        for (layer, theta) in self.layers.iter().zip(self.parameters(&self.theta)) {
            let before = passes.last().map_or(&self.x, |pass| &pass.x).clone();
            let mixed = self.mix(layer, &before, layer.inputs);
            let (mut z, mut x) = (Vec::new(), Vec::new());
            for i in 0..self.n {
                for j in 0..layer.outputs {
                    let mut sum = if layer.bias { theta.b[j] } else { 0.0 };
                    for k in 0..layer.inputs {
                        sum += theta.w[j * layer.inputs + k] * mixed[i * layer.inputs + k];
                    }
                    z.push(sum);
                    let skip = if layer.residual { before[i * layer.inputs + j] } else { 0.0 };
                    x.push((layer.sigma)(sum, theta.slope)[0] + skip);
                }
            }
            passes.push(Pass { mixed, z, x });
        }
        passes
    }

    /// f(x_i), n x M.
    pub fn predictions(&self) -> Vec<f64> {
        self.forward().pop().expect("a layer").x
    }

    /// L.
    pub fn loss(&self) -> f64 {
        let f = self.predictions();
        self.y.iter().zip(&f).map(|(y, f)| (y - f) * (y - f)).sum::<f64>() / 2.0
    }

    /// J^T u for u of n x M numbers, in the order of theta.
    pub fn pullback(&self, u: &[f64]) -> Vec<f64> {
        let passes = self.forward();
        let parameters = self.parameters(&self.theta);
        let mut slopes: Vec<Vec<f64>> = Vec::new();
        let mut down = u.to_vec();
        for ((layer, theta), pass) in self.layers.iter().zip(&parameters).zip(&passes).rev() {
            let (inputs, outputs) = (layer.inputs, layer.outputs);
            let mut w = vec![0.0; inputs * outputs];
            let mut b = vec![0.0; outputs];
            let mut by_slope = 0.0;
            let mut before = vec![0.0; self.n * inputs];
            for i in 0..self.n {
                for j in 0..outputs {
                    let at = i * outputs + j;
                    let [_, by_z, by_parameter] = (layer.sigma)(pass.z[at], theta.slope);
                    by_slope += down[at] * by_parameter;
                    let dz = down[at] * by_z;
                    b[j] += dz;
                    for k in 0..inputs {
                        w[j * inputs + k] += dz * pass.mixed[i * inputs + k];
                        before[i * inputs + k] += dz * theta.w[j * inputs + k];
                    }
                }
            }
            // S is symmetric.
            before = self.mix(layer, &before, inputs);
            if layer.residual {
                before.iter_mut().zip(&down).for_each(|(before, down)| *before += down);
            }
            down = before;
            let mut all = w;
            all.extend(if layer.bias { b } else { Vec::new() });
            all.extend(layer.parametric.then_some(by_slope));
            slopes.push(all);
        }
        slopes.into_iter().rev().flatten().collect()
    }

    /// r = y - f, n x M.
    pub fn residuals(&self) -> Vec<f64> {
        self.y.iter().zip(self.predictions()).map(|(y, f)| y - f).collect()
    }

    /// dL/d theta = -J^T r.
    pub fn gradient(&self) -> Vec<f64> {
        self.pullback(&self.residuals()).into_iter().map(|slope| -slope).collect()
    }

    /// J v for a direction v of theta, n x M.
    pub fn push(&self, v: &[f64]) -> Vec<f64> {
        let passes = self.forward();
        let (parameters, along) = (self.parameters(&self.theta), self.parameters(v));
        let mut moved = vec![0.0; self.x.len()];
        for (l, layer) in self.layers.iter().enumerate() {
            let (theta, v, pass) = (&parameters[l], &along[l], &passes[l]);
            let mixed = self.mix(layer, &moved, layer.inputs);
            let mut next = Vec::new();
            for i in 0..self.n {
                for j in 0..layer.outputs {
                    let mut dz = if layer.bias { v.b[j] } else { 0.0 };
                    for k in 0..layer.inputs {
                        let (w, at) = (j * layer.inputs + k, i * layer.inputs + k);
                        dz += v.w[w] * pass.mixed[at] + theta.w[w] * mixed[at];
                    }
                    let z = pass.z[i * layer.outputs + j];
                    let [_, by_z, by_slope] = (layer.sigma)(z, theta.slope);
                    let skip = if layer.residual { moved[i * layer.inputs + j] } else { 0.0 };
                    next.push(by_z * dz + by_slope * v.slope + skip);
                }
            }
            moved = next;
        }
        moved
    }

    /// One step of gradient descent on L.
    pub fn euler_step(&mut self, dt: f64) {
        let gradient = self.gradient();
        self.theta.iter_mut().zip(gradient).for_each(|(theta, slope)| *theta -= dt * slope);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// The derivative along a direction is that of the predictions, and J^T is its transpose.
    #[test]
    fn derivatives_are_those_of_the_predictions() {
        let smooth: Sigma = |z, slope| {
            let h = (z + slope * z * z).tanh();
            let steep = 1.0 - h * h;
            [h, steep * (1.0 + 2.0 * slope * z), steep * z * z]
        };
        let layer = |inputs, outputs, bias, residual, graph| DeepLayer {
            inputs,
            outputs,
            sigma: smooth,
            parametric: graph,
            bias,
            residual,
            graph,
        };
        let layers = vec![
            layer(3, 4, true, false, false),
            layer(4, 4, false, true, true),
            layer(4, 2, true, false, true),
        ];
        let mut random = Random(1);
        let mut draw = |len| (0..len).map(|_| random.uniform(-0.7, 0.7)).collect::<Vec<f64>>();
        let n = 3;
        let mut mix = draw(n * n);
        for i in 0..n {
            for k in 0..i {
                mix[i * n + k] = mix[k * n + i];
            }
        }
        let count = layers.iter().map(DeepLayer::parameters).sum();
        let net = DeepNet { layers, theta: draw(count), x: draw(3 * n), y: draw(2 * n), n, mix };
        let (v, u, h) = (draw(count), draw(2 * n), 1e-5);
        let moved = |h: f64| {
            let theta = net.theta.iter().zip(&v).map(|(theta, v)| theta + h * v).collect();
            DeepNet { theta, ..net.clone() }.predictions()
        };
        let pushed = net.push(&v);
        for ((plus, minus), pushed) in moved(h).iter().zip(moved(-h)).zip(&pushed) {
            assert!(((plus - minus) / (2.0 * h) - pushed).abs() < 1e-8);
        }
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        assert!((dot(&pushed, &u) - dot(&v, &net.pullback(&u))).abs() < 1e-12);
        let mut next = net.clone();
        next.euler_step(1e-4);
        let speed_sq = dot(&net.gradient(), &net.gradient());
        assert!(((net.loss() - next.loss()) / 1e-4 / speed_sq - 1.0).abs() < 1e-2);
    }
}
