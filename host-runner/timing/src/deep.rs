//! The deep network that is timed: 500 - 250 - 250 - 50 on 1000 samples, the largest one of paper `general`'s
//! dense networks.
use crate::case::{Case, lanes, memory, repeated, runner};
use crate::grid::{CHECKED_STEPS, Size};
use engine::Numerics;
use engine::deep::{DeepMemory, DeepProblem};
use lab::{Failure, Precision};
use oracle::{DeepLayer, DeepNet, Sigma};
use reluflow::deep::{Activation, Deep, Layer, parameters};
use reluflow::init::{kaiming_uniform, normal, stream};
use reluflow::{Error, Lanes, Real};

/// p stands for the width. L is 1/2 sum |r|^2, so that the step is short.
pub const SIZE: Size =
    Size { letter: 'N', p: 250, n: 1000, d: 500, orthogonal: false, dt: 1.0 / 16384.0 };
const SLOPE: f64 = 1.0 / 64.0;
const LEAKY: Activation = Activation::Leaky { slope: SLOPE };
/// The layers.
pub const LAYERS: [Layer; 3] = [
    Layer::dense(500, 250, LEAKY),
    Layer::dense(250, 250, LEAKY),
    Layer::dense(250, 50, Activation::Identity),
];

/// Start and data, with what the reference makes of them. Every number is an f32.
#[derive(Clone, Debug)]
pub struct Fixture {
    net: DeepNet,
    /// (L, mu) of the first [`CHECKED_STEPS`] steps of length `SIZE.dt`, by the reference.
    pub expected: [(f64, f64); CHECKED_STEPS],
}

/// 2 n (3 W - W_1) for W weights, W_1 of them in the first layer: three products of each layer, but
/// nothing is carried to the inputs.
pub fn flops() -> f64 {
    let weights = |layers: &[Layer]| layers.iter().map(|l| l.inputs * l.outputs).sum::<usize>();
    (2 * SIZE.n * (3 * weights(&LAYERS) - weights(&LAYERS[..1]))) as f64
}

impl Default for Fixture {
    /// The same each time.
    fn default() -> Self {
        let mut rng = stream(1, "bench-deep", 0, 0);
        let single = |x: f64| f64::from(x as f32);
        let mut theta = vec![0.0f32; parameters(&LAYERS)];
        let drawn = kaiming_uniform(&LAYERS, &mut theta, &mut rng);
        drawn.expect("as many parameters as the layers have");
        let x = (0..SIZE.n * 500).map(|_| single(normal(&mut rng) / 500f64.sqrt())).collect();
        let y = (0..SIZE.n * 50).map(|_| single(normal(&mut rng))).collect();
        let net = DeepNet {
            layers: LAYERS.iter().map(textbook).collect(),
            theta: theta.into_iter().map(f64::from).collect(),
            x,
            y,
            n: SIZE.n,
            mix: Vec::new(),
        };
        let mut moved = net.clone();
        let expected = std::array::from_fn(|_| step(&mut moved, SIZE.dt));
        Self { net, expected }
    }
}

/// The step of the kernels.
///
/// # Errors
/// None for this network.
pub fn deep<L: Lanes>(fixture: &Fixture) -> Result<Case, Error> {
    let round = |x: &[f64]| x.iter().map(|&x| L::Elem::from_f64(x)).collect::<Vec<_>>();
    let DeepNet { theta, x, y, .. } = &fixture.net;
    let memory = memory(Deep::<L>::len(&LAYERS, SIZE.n));
    let state = Deep::<L>::new(&LAYERS, &round(theta), &round(x), &round(y), None, memory)?;
    Ok(Case {
        size: SIZE,
        step: "deep",
        lanes: lanes::<L>(),
        naive: false,
        single: crate::case::is_single::<L>(),
        flops: flops(),
        networks: 1,
        run: runner(state, Deep::step),
    })
}

/// The step as a run of the command takes it; see [`trained`](crate::case::trained).
///
/// # Errors
/// None for this network.
pub fn trained(fixture: &Fixture, numerics: Numerics) -> Result<Case, Failure> {
    let DeepNet { theta, x, y, .. } = &fixture.net;
    let problem = DeepProblem { layers: &LAYERS, theta, x, y, n: SIZE.n, graph: None };
    let memory: &'static mut DeepMemory = Box::leak(Box::default());
    let mut network = engine::deep::deep(numerics, &problem, memory)?;
    Ok(Case {
        size: SIZE,
        step: "deep",
        lanes: engine::lanes(numerics),
        naive: false,
        single: numerics.precision == Precision::F32,
        flops: flops(),
        networks: 1,
        run: repeated(move |dt| {
            let report = network.step(dt);
            (report.loss, report.mu.unwrap_or(f64::NAN))
        }),
    })
}

/// The reference's step.
pub fn naive(fixture: &Fixture) -> Case {
    let mut net = fixture.net.clone();
    Case {
        size: SIZE,
        step: "deep",
        lanes: "naive-f64".into(),
        naive: true,
        single: false,
        flops: flops(),
        networks: 1,
        run: repeated(move |dt| step(&mut net, dt)),
    }
}

/// One step of the reference; returns (L, mu) where it started.
fn step(net: &mut DeepNet, dt: f64) -> (f64, f64) {
    let r = net.residuals();
    let slopes = net.pullback(&r);
    let square = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
    let loss = square(&r) / 2.0;
    net.theta.iter_mut().zip(&slopes).for_each(|(theta, slope)| *theta += dt * slope);
    (loss, square(&slopes) / loss)
}

fn textbook(layer: &Layer) -> DeepLayer {
    let leaky: Sigma = |z, _| if z > 0.0 { [z, 1.0, 0.0] } else { [SLOPE * z, SLOPE, 0.0] };
    let linear: Sigma = |z, _| [z, 1.0, 0.0];
    DeepLayer {
        inputs: layer.inputs,
        outputs: layer.outputs,
        sigma: if layer.activation == LEAKY { leaky } else { linear },
        parametric: false,
        bias: true,
        residual: false,
        graph: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reluflow::lanes::{NativeF32, NativeF64};

    /// The step moves the loss by far more than the check allows, and both precisions agree with the
    /// reference.
    #[test]
    fn the_check_sees_the_update() {
        let fixture = Fixture::default();
        let [first, .., last] = fixture.expected;
        let moved = crate::case::apart(last.0, first.0);
        assert!((0.001..0.9).contains(&moved), "{:?}", fixture.expected);
        assert!(deep::<NativeF32>(&fixture).unwrap().check(&fixture.expected).is_ok());
        assert!(deep::<NativeF64>(&fixture).unwrap().check(&fixture.expected).is_ok());
        let mut shifted = fixture.clone();
        shifted.net.theta[7] += 0.1;
        assert!(deep::<NativeF64>(&shifted).unwrap().check(&fixture.expected).is_err());
    }
}
