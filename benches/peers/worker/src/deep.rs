//! The step of a deep network: dense layers, leaky relu, L = 1/2 sum_i |y_i - f(x_i)|^2.
use oracle::{DeepLayer, DeepNet, Sigma};
use reluflow::deep::{Activation, Deep, Layer, parameters};
use reluflow::lanes::NativeF32;
use reluflow::{Error, init};
use timing::case::Run;

/// Its letter beside those of the grid.
pub const LETTER: &str = "F";
/// The widest network of `reluflow run general-dnn`.
pub const WIDTHS: [usize; 4] = [500, 250, 250, 50];
pub const N: usize = 1000;
pub const DT: f64 = 1e-5;
const SLOPE: f64 = 0.01;

const LEAKY: Activation = Activation::Leaky { slope: SLOPE };
const LAYERS: [Layer; 3] = [
    Layer::dense(WIDTHS[0], WIDTHS[1], LEAKY),
    Layer::dense(WIDTHS[1], WIDTHS[2], LEAKY),
    Layer::dense(WIDTHS[2], WIDTHS[3], Activation::Identity),
];

/// Operations of a step: three products of each layer, but no derivative by the data.
pub fn flops() -> f64 {
    let weights: usize = LAYERS.iter().map(|layer| layer.inputs * layer.outputs).sum();
    (2 * N * (3 * weights - WIDTHS[0] * WIDTHS[1])) as f64
}

/// x, y and theta, in f32.
pub struct Start {
    x: Vec<f32>,
    y: Vec<f32>,
    theta: Vec<f32>,
}

impl Start {
    /// Normal data, with inputs of length 1 or so.
    pub fn new() -> Result<Self, Error> {
        let mut rng = init::stream(1, "peers-deep", 0, 0);
        let unit = 1.0 / (WIDTHS[0] as f64).sqrt();
        let x = (0..N * WIDTHS[0]).map(|_| (unit * init::normal(&mut rng)) as f32).collect();
        let y = (0..N * WIDTHS[3]).map(|_| init::normal(&mut rng) as f32).collect();
        let mut theta = vec![0.0f32; parameters(&LAYERS)];
        init::kaiming_uniform(&LAYERS, &mut theta, &mut rng)?;
        Ok(Start { x, y, theta })
    }

    /// All numbers in the order of the file.
    pub fn numbers(&self) -> impl Iterator<Item = &f32> {
        self.x.iter().chain(&self.y).chain(&self.theta)
    }

    /// Our step; also gives loss, mu and health.
    pub fn ours(&self) -> Result<Run, Error> {
        let memory = vec![0.0; Deep::<NativeF32>::len(&LAYERS, N)].leak();
        let mut deep =
            Deep::<NativeF32>::new(&LAYERS, &self.theta, &self.x, &self.y, None, memory)?;
        Ok(Box::new(move |steps, dt| {
            let mut last = (f64::NAN, 0.0);
            for _ in 0..steps {
                let step = deep.step(dt as f32);
                last = (f64::from(step.loss), step.mu().map_or(0.0, f64::from));
            }
            last
        }))
    }

    /// Textbook loops in f64.
    pub fn naive(&self) -> Run {
        let leaky: Sigma = |z, _| if z > 0.0 { [z, 1.0, 0.0] } else { [SLOPE * z, SLOPE, 0.0] };
        let linear: Sigma = |z, _| [z, 1.0, 0.0];
        let layer = |(at, pair): (usize, &[usize])| DeepLayer {
            inputs: pair[0],
            outputs: pair[1],
            sigma: if at + 2 < WIDTHS.len() { leaky } else { linear },
            parametric: false,
            bias: true,
            residual: false,
            graph: false,
        };
        let wide = |from: &[f32]| from.iter().map(|&x| f64::from(x)).collect();
        let mut net = DeepNet {
            layers: WIDTHS.windows(2).enumerate().map(layer).collect(),
            theta: wide(&self.theta),
            x: wide(&self.x),
            y: wide(&self.y),
            n: N,
            mix: Vec::new(),
        };
        Box::new(move |steps, dt| {
            (0..steps).for_each(|_| net.euler_step(dt));
            (net.loss(), f64::NAN)
        })
    }
}
