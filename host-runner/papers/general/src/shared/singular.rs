//! Random networks of one hidden layer on random inputs: how often is J J^T singular?
//!
//! f(x) = sum_j v_j sigma(w_j x + b_j) + c on the line, N = M = 1, so P = 3H + 1. Between two kinks
//! -b_j/w_j of a leaky relu f is affine in x, and so is each of its derivatives by the parameters: the rows of
//! three inputs in one such piece are linearly dependent, and J has rank below n for every network that
//! has these kinks. That is an event of positive probability.
use engine::Numerics;
use engine::deep::{DeepMemory, DeepProblem, deep};
use lab::failure::Failure;
use lab::statistics::{Share, larger, min, smaller};
use nalgebra::DMatrix;
use reluflow::deep::{Activation, Layer, parameters};
use reluflow::init;

/// Below it the n-th singular value of J counts as 0.
pub const SINGULAR: f64 = 1e-10;

/// Random networks of H units on n inputs.
#[derive(Debug)]
pub struct Ensemble {
    /// Hidden units.
    pub h: usize,
    /// For figures.
    pub label: String,
    /// Ends of the names of its metrics, e.g. `n4_h2`.
    pub name: String,
    /// One for each draw.
    pub draws: Vec<RandomNetwork>,
}

/// One network on its inputs.
#[derive(Debug, Clone, Copy)]
pub struct RandomNetwork {
    /// The n-th singular value of J.
    pub least: f64,
    /// Three inputs lie between neighbouring kinks.
    pub crowded: bool,
    /// Inputs on which no hidden unit is active.
    pub dead: usize,
}

impl RandomNetwork {
    /// Is J J^T singular?
    pub fn singular(&self) -> bool {
        self.least < SINGULAR
    }
}

impl Ensemble {
    /// `count` networks with this activation, of their own random streams.
    pub fn of(
        seed: u64,
        (word, activation): (&str, Activation),
        (n, h): (usize, usize),
        count: usize,
    ) -> Result<Self, Failure> {
        let layers = [Layer::dense(1, h, activation), Layer::dense(h, 1, Activation::Identity)];
        let cell = (n * 1000 + h) as u64;
        let draws = (0..count as u64).map(|trial| {
            let mut rng = init::stream(seed, "general-singular", cell, trial);
            let mut symmetric = || 2.0 * init::uniform(&mut rng) - 1.0;
            let x: Vec<f64> = (0..n).map(|_| symmetric()).collect();
            let mut theta: Vec<f64> = (0..parameters(&layers)).map(|_| symmetric()).collect();
            theta[2 * h..].iter_mut().for_each(|v| *v /= (h as f64).sqrt());
            draw(&layers, &x, &theta)
        });
        let name = format!("{word}n{n}_h{h}");
        let label = format!("n = {n}, H = {h}");
        Ok(Self { h, label, name, draws: draws.collect::<Result<_, _>>()? })
    }

    /// How many are singular.
    pub fn singular(&self) -> Share {
        Share::of(&self.draws, RandomNetwork::singular)
    }

    /// How many are singular of those with three inputs in one piece.
    pub fn crowded(&self) -> Share {
        let crowded: Vec<RandomNetwork> =
            self.draws.iter().copied().filter(|draw| draw.crowded).collect();
        Share::of(&crowded, RandomNetwork::singular)
    }

    /// How many are singular of those with two inputs on which no unit is active.
    pub fn dead(&self) -> Share {
        let dead: Vec<RandomNetwork> =
            self.draws.iter().copied().filter(|draw| draw.dead >= 2).collect();
        Share::of(&dead, RandomNetwork::singular)
    }

    /// The largest singular value that counts as 0, and the least that does not.
    pub fn gap(&self) -> (f64, f64) {
        self.draws.iter().fold((0.0, f64::INFINITY), |(below, above), draw| {
            if draw.singular() {
                (larger(draw.least, below), above)
            } else {
                (below, smaller(draw.least, above))
            }
        })
    }
}

fn draw(layers: &[Layer; 2], x: &[f64], theta: &[f64]) -> Result<RandomNetwork, Failure> {
    let (n, h, p) = (x.len(), layers[0].outputs, theta.len());
    let (mut memory, y) = (DeepMemory::default(), vec![0.0; n]);
    let problem = DeepProblem { layers, theta, x, y: &y, n, graph: None };
    let mut deep = deep(Numerics::FAST, &problem, &mut memory)?;
    let (mut unit, mut columns) = (vec![0.0; n], DMatrix::zeros(p, n));
    for i in 0..n {
        unit[i] = 1.0;
        deep.pullback(&unit, columns.column_mut(i).as_mut_slice())?;
        unit[i] = 0.0;
    }
    // R of J^T = QR has the singular values of J, and is smaller.
    let values = columns.qr().r().singular_values();
    let least = min(&values);
    if least.is_nan() {
        return Err(Failure::failed("the singular values of J are no numbers; please report this"));
    }
    let (w, b) = (&theta[..h], &theta[h..2 * h]);
    let active = |x: f64| w.iter().zip(b).map(move |(w, b)| w * x + b > 0.0);
    let alike = |x: f64, z: f64| active(x).eq(active(z));
    // The inputs of a piece are those with the same active units.
    let crowded = x.iter().any(|&x0| x.iter().filter(|&&x1| alike(x0, x1)).count() >= 3);
    let dead = x.iter().filter(|&&x| !active(x).any(|on| on)).count();
    Ok(RandomNetwork { least, crowded, dead })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAKY: Activation = Activation::Leaky { slope: 0.01 };

    fn least(activation: Activation, x: &[f64]) -> RandomNetwork {
        let layers = [Layer::dense(1, 2, activation), Layer::dense(2, 1, Activation::Identity)];
        // Kinks at 0 and 1/2.
        draw(&layers, x, &[1.0, 2.0, 0.0, -1.0, 0.7, -0.4, 0.1]).unwrap()
    }

    #[test]
    fn three_inputs_in_a_piece_make_it_singular() {
        let crowded = least(LEAKY, &[-0.5, 0.6, 0.7, 0.9]);
        assert!(crowded.crowded && crowded.singular(), "{crowded:?}");
        let spread = least(LEAKY, &[-0.5, 0.2, 0.3, 0.9]);
        assert!(!spread.crowded && !spread.singular(), "{spread:?}");
        assert!(least(Activation::Sigmoid, &[-0.5, 0.6, 0.7, 0.9]).least > 1e-6);
    }

    #[test]
    fn two_inputs_that_no_unit_sees_make_it_singular() {
        let blind = least(Activation::Relu, &[-0.5, -0.6, 0.7]);
        assert!(blind.dead == 2 && blind.singular(), "{blind:?}");
        let one = least(Activation::Relu, &[-0.5, 0.2, 0.7]);
        assert!(one.dead == 1 && !one.singular(), "{one:?}");
    }
}
