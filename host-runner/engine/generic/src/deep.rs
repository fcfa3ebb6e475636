//! Deep networks in training and their tangent kernels, behind one object for every precision and arithmetic.
use crate::number::{Number, Report, narrow, narrow_into};
use lab::Failure;
use reluflow::deep::{Deep, Graph, Layer};
use reluflow::spectrum::{Lanczos, Rules, Spectrum};
use reluflow::{Error, Lanes, Real, init};

/// Rows of a graph's adjacency, compressed: the neighbours of i are `list[starts[i]..starts[i + 1]]`, ascending.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// n + 1 of them.
    pub starts: &'a [usize],
    /// Samples.
    pub list: &'a [usize],
}

/// What a deep network is trained on and from.
#[derive(Debug, Clone, Copy)]
pub struct DeepProblem<'m, 'p> {
    /// The layers.
    pub layers: &'m [Layer],
    /// Parameters at the start.
    pub theta: &'p [f64],
    /// Inputs, n x N.
    pub x: &'p [f64],
    /// Targets, n x M.
    pub y: &'p [f64],
    /// Samples.
    pub n: usize,
    /// Neighbours, for graph convolutions.
    pub graph: Option<Rows<'m>>,
}

/// A deep network in training. Lengths are those of the problem; what has another one is refused.
pub trait DeepNetwork {
    /// One Euler step of length dt; what is reported is measured where it starts.
    fn step(&mut self, dt: f64) -> Report;
    /// The parameters.
    fn write(&mut self, theta: &mut [f64]) -> Result<(), Error>;
    /// Goes to other parameters.
    fn restore(&mut self, theta: &[f64]) -> Result<(), Error>;
    /// The loss.
    fn loss(&mut self) -> f64;
    /// f, n x M.
    fn predictions(&mut self, out: &mut [f64]) -> Result<(), Error>;
    /// grad L.
    fn gradient(&mut self, out: &mut [f64]) -> Result<(), Error>;
    /// J^T u.
    fn pullback(&mut self, u: &[f64], out: &mut [f64]) -> Result<(), Error>;
    /// K u = J J^T u.
    fn kernel_product(&mut self, u: &[f64], out: &mut [f64]) -> Result<(), Error>;
}

/// Memory of a network, used again for the next.
#[derive(Debug, Default)]
pub struct DeepMemory {
    single: MemoryIn<f32>,
    double: MemoryIn<f64>,
}

/// The same in one precision.
#[derive(Debug, Default)]
pub struct MemoryIn<T> {
    edges: Vec<T>,
    state: Vec<T>,
}

impl DeepMemory {
    /// That of f32.
    pub fn single(&mut self) -> &mut MemoryIn<f32> {
        &mut self.single
    }

    /// That of f64.
    pub fn double(&mut self) -> &mut MemoryIn<f64> {
        &mut self.double
    }
}

/// The network at its start.
pub fn begin<'m, L: Lanes<Elem: Number>>(
    problem: &DeepProblem<'m, '_>,
    memory: &'m mut MemoryIn<L::Elem>,
) -> Result<Box<dyn DeepNetwork + 'm>, Failure> {
    Ok(Box::new(Held::<L>::new(problem, memory)?))
}

/// A state of the kernels with what converts to and from f64.
struct Held<'m, L: Lanes> {
    deep: Deep<'m, L>,
    tangent: Vec<L::Elem>,
    given: Vec<L::Elem>,
    found: Vec<L::Elem>,
}

impl<'m, L: Lanes<Elem: Number>> Held<'m, L> {
    fn new(
        problem: &DeepProblem<'m, '_>,
        memory: &'m mut MemoryIn<L::Elem>,
    ) -> Result<Self, Error> {
        let DeepProblem { layers, theta, x, y, n, graph } = *problem;
        let MemoryIn { edges, state } = memory;
        let graph = match graph {
            None => None,
            Some(Rows { starts, list }) => {
                edges.resize(list.len(), L::Elem::ZERO);
                Some(Graph::normalised(starts, list, edges)?)
            }
        };
        let [x, y, theta] = [x, y, theta].map(narrow::<L::Elem>);
        state.resize(Deep::<L>::len(layers, n), L::Elem::ZERO);
        let tangent = vec![L::Elem::ZERO; Deep::<L>::tangent_len(layers, n)];
        let deep = Deep::new(layers, &theta, &x, &y, graph, state)?;
        Ok(Held { deep, tangent, given: Vec::new(), found: Vec::new() })
    }

    /// `work` with room for `out` in the kernels' precision.
    fn out(
        &mut self,
        out: &mut [f64],
        work: impl FnOnce(&mut Deep<'m, L>, &mut [L::Elem]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.found.clear();
        self.found.resize(out.len(), L::Elem::ZERO);
        work(&mut self.deep, &mut self.found)?;
        for (to, from) in out.iter_mut().zip(&self.found) {
            *to = from.to_f64();
        }
        Ok(())
    }
}

impl<L: Lanes<Elem: Number>> DeepNetwork for Held<'_, L> {
    fn step(&mut self, dt: f64) -> Report {
        Report::of(self.deep.step(L::Elem::from_f64(dt)))
    }

    fn write(&mut self, theta: &mut [f64]) -> Result<(), Error> {
        self.out(theta, |deep, out| deep.write(out))
    }

    fn restore(&mut self, theta: &[f64]) -> Result<(), Error> {
        narrow_into(theta, &mut self.given);
        self.deep.restore(&self.given)
    }

    fn loss(&mut self) -> f64 {
        self.deep.loss().to_f64()
    }

    fn predictions(&mut self, out: &mut [f64]) -> Result<(), Error> {
        self.out(out, |deep, out| deep.predictions(out))
    }

    fn gradient(&mut self, out: &mut [f64]) -> Result<(), Error> {
        self.out(out, |deep, out| deep.gradient(out).map(drop))
    }

    fn pullback(&mut self, u: &[f64], out: &mut [f64]) -> Result<(), Error> {
        let mut given = std::mem::take(&mut self.given);
        narrow_into(u, &mut given);
        let done = self.out(out, |deep, out| deep.pullback(&given, out));
        self.given = given;
        done
    }

    fn kernel_product(&mut self, u: &[f64], out: &mut [f64]) -> Result<(), Error> {
        let mut given = std::mem::take(&mut self.given);
        let mut tangent = std::mem::take(&mut self.tangent);
        narrow_into(u, &mut given);
        let done = self.out(out, |deep, out| deep.kernel_product(&given, out, &mut tangent));
        (self.given, self.tangent) = (given, tangent);
        done
    }
}

/// Bounds of the ends of a symmetric matrix's spectrum by Lanczos' method with `steps` products at most, from a start
/// of the random stream (seed, name, cell); `product` writes A x to its second argument.
pub fn ends<L: Lanes<Elem = f64>>(
    (size, steps): (usize, usize),
    rules: Rules<f64>,
    (seed, name, cell): (u64, &str, u64),
    mut product: &mut dyn FnMut(&[f64], &mut [f64]),
) -> Result<Spectrum<f64>, Error> {
    let mut memory = vec![0.0; Lanczos::<L>::len(size, steps)];
    let rng = init::stream(seed, name, cell, 0);
    Lanczos::<L>::new(size, steps, rules, rng, &mut memory)?.run(&mut product)
}
