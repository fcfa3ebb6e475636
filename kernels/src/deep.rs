//! Deep networks: dense layers, residual layers and graph convolutions, trained on a squared loss.
//!
//! f(x) is what comes out of the last of Lambda [`Layer`]s, x_l = sigma_l(W_l m(x_(l-1)) + b_l), plus
//! x_(l-1) where the layer is residual; m mixes the samples of a graph convolution ([`graph`]) and
//! is the identity elsewhere. M numbers come out. On n samples
//!
//! L = 1/2 sum_i |y_i - f(x_i)|^2, d theta/dt = -grad L = J^T r, r_i = y_i - f(x_i),
//!
//! as in paper `general` (Jakhmola, arXiv 2509.23887): df/dt = K r with the tangent kernel K = J J^T,
//! an nM x nM matrix. `dt` is the rate of gradient descent on that L; on the mean of |r_i|^2, as PyTorch
//! has it for M = 1, a rate lr is `dt` = 2 lr / n.
//!
//! # Memory
//! The parameters theta are one plain slice: for each layer W_l (outputs x inputs, row-major), b_l, and
//! the slope of a parametric activation; [`parameters`] counts them. So `nn.Linear`'s weight and bias,
//! one after the other. Everything else lives in memory of the caller's, whose length is a `const fn`.
//!
//! ```
//! use reluflow::deep::{Activation, Deep, Layer, parameters};
//! use reluflow::lanes::NativeF32;
//!
//! const LAYERS: [Layer; 2] =
//!     [Layer::dense(3, 8, Activation::Leaky { slope: 0.01 }), Layer::dense(8, 1, Activation::Identity)];
//! let mut theta = [0.0f32; parameters(&LAYERS)];
//! let mut rng = reluflow::init::stream(1, "deep", 0, 0);
//! reluflow::init::kaiming_uniform(&LAYERS, &mut theta, &mut rng)?;
//! let x = [0.1, 0.2, -0.3, 1.0, -0.5, 0.4, 0.0, 0.3, 0.9, -0.2, 0.1, 0.6f32];
//! let y = [1.0, -1.0, 0.5, 0.0f32];
//! let mut memory = [0.0; Deep::<NativeF32>::len(&LAYERS, 4)];
//! let mut deep = Deep::<NativeF32>::new(&LAYERS, &theta, &x, &y, None, &mut memory)?;
//! let start = deep.step(0.01);
//! for _ in 0..100 {
//!     deep.step(0.01);
//! }
//! assert!(deep.loss() < start.loss && deep.health().is_good());
//! deep.write(&mut theta)?;
//! # Ok::<(), reluflow::Error>(())
//! ```
//!
//! # Order of summation
//! Over the inputs of a layer and over samples in segments of 128 terms, each ascending, added in
//! order; losses and norms over the numbers of a sample (the inputs of an output) in virtual lanes, then
//! ascending over samples (outputs, layers). None depends on the width. Sizes are run-time numbers: at
//! the sizes of deep networks constant ones gain nothing.

mod layer;
mod passes;
mod place;
mod product;

pub mod graph;
pub mod tangent;

pub use graph::Graph;
pub use layer::{Activation, Layer, check, parameters};

use passes::{Pass, norm_sq, residual, transpose};
use place::{Extent, Place, chunks, places};
use product::{Finish, Out, across, rows};

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{aligned, slack};
use crate::pack::{fill, fill_chunks, pack_rows, unpack_panels};
use crate::real::Real;
use crate::step::{Health, Step};

/// A deep network on its samples, with the memory to train it.
#[derive(Debug)]
pub struct Deep<'m, L: Lanes> {
    layers: &'m [Layer],
    graph: Option<Graph<'m, L::Elem>>,
    n: usize,
    health: Health,
    /// The arrays that [`Extent`] counts; `slope_w` and `slope_b` are the derivatives of `w` and `b`.
    w: &'m mut [L::Chunk],
    across: &'m mut [L::Chunk],
    b: &'m mut [L::Chunk],
    slope_w: &'m mut [L::Chunk],
    slope_b: &'m mut [L::Chunk],
    x: &'m mut [L::Chunk],
    z: &'m mut [L::Chunk],
    y: &'m mut [L::Chunk],
    /// r, then the derivative by what comes out of a layer.
    down: &'m mut [L::Chunk],
    mixed: &'m mut [L::Chunk],
    packed: &'m mut [L::Chunk],
}

impl<'m, L: Lanes> Deep<'m, L> {
    /// Elements of memory for `layers` on n samples. About 3 numbers a parameter and 2 for each number
    /// that a layer puts out for a sample.
    pub const fn len(layers: &[Layer], n: usize) -> usize {
        let at = Extent::of::<L>(layers, n);
        let weights = 2 * at.w + at.across + 2 * at.b;
        let samples = at.x + at.z + at.last + at.widest + at.mixed + at.packed;
        (weights + samples) * L::WIDTH + slack::<L>()
    }

    /// From parameters, n inputs (row-major) and n M targets (row-major); `graph` is needed where a
    /// layer is a graph convolution.
    ///
    /// # Errors
    /// Those of [`check`]; [`Error::Shape`] for `theta` (not [`parameters`]), `x` (not a multiple of
    /// the first layer's inputs), `y` (not n M) or a graph on another number of samples;
    /// [`Error::Empty`] without samples; [`Error::Graph`] where there is none and one is needed;
    /// [`Error::Memory`].
    pub fn new(
        layers: &'m [Layer],
        theta: &[L::Elem],
        x: &[L::Elem],
        y: &[L::Elem],
        graph: Option<Graph<'m, L::Elem>>,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        check(layers, 1)?;
        let width = layers.first().map_or(1, |layer| layer.inputs);
        let outputs = layers.last().map_or(1, |layer| layer.outputs);
        let n = x.len().checked_div(width).unwrap_or(0);
        if n == 0 {
            return Err(Error::Empty { dim: Dim::N });
        }
        check(layers, n)?;
        expect(Dim::X, n * width, x.len())?;
        expect(Dim::Y, n * outputs, y.len())?;
        match graph {
            Some(graph) => expect(Dim::N, n, graph.n())?,
            None if layers.iter().any(|layer| layer.graph) => return Err(Error::Graph { i: 0 }),
            None => {}
        }
        let needed = Self::len(layers, n);
        let short = Error::Memory { needed, found: memory.len() };
        let at = Extent::of::<L>(layers, n);
        let all = aligned::<L>(memory, needed - slack::<L>()).map(L::chunks_mut).ok_or(short)?;
        all.fill(L::EMPTY);
        let (w, all) = all.split_at_mut_checked(at.w).ok_or(short)?;
        let (slope_w, all) = all.split_at_mut_checked(at.w).ok_or(short)?;
        let (across, all) = all.split_at_mut_checked(at.across).ok_or(short)?;
        let (b, all) = all.split_at_mut_checked(at.b).ok_or(short)?;
        let (slope_b, all) = all.split_at_mut_checked(at.b).ok_or(short)?;
        let (inputs, all) = all.split_at_mut_checked(at.x).ok_or(short)?;
        let (z, all) = all.split_at_mut_checked(at.z).ok_or(short)?;
        let (targets, all) = all.split_at_mut_checked(at.last).ok_or(short)?;
        let (down, all) = all.split_at_mut_checked(at.widest).ok_or(short)?;
        let (mixed, packed) = all.split_at_mut_checked(at.mixed).ok_or(short)?;
        pack_rows::<L>(x, width, inputs.get_mut(..n * chunks::<L>(width)).unwrap_or(&mut []));
        pack_rows::<L>(y, outputs, targets);
        let health = Health::default();
        let mut deep = Deep {
            layers,
            graph,
            n,
            health,
            w,
            across,
            b,
            slope_w,
            slope_b,
            x: inputs,
            z,
            y: targets,
            down,
            mixed,
            packed,
        };
        deep.restore(theta)?;
        Ok(deep)
    }

    /// Takes other parameters.
    ///
    /// # Errors
    /// [`Error::Shape`] when there are not [`parameters`] of them.
    pub fn restore(&mut self, theta: &[L::Elem]) -> Result<(), Error> {
        expect(Dim::W, parameters(self.layers), theta.len())?;
        for place in places::<L>(self.layers, self.n) {
            load::<L>(&place, theta, self.w, self.b);
            place.turn::<L>(self.w, self.across);
        }
        Ok(())
    }

    /// The parameters, as [`new`](Deep::new) takes them.
    ///
    /// # Errors
    /// [`Error::Shape`] when `theta` has another length.
    pub fn write(&self, theta: &mut [L::Elem]) -> Result<(), Error> {
        expect(Dim::Output, parameters(self.layers), theta.len())?;
        for place in places::<L>(self.layers, self.n) {
            save::<L>(&place, self.w, self.b, theta);
        }
        Ok(())
    }

    /// One step of gradient descent, theta += dt J^T r; reports L and |grad L|^2 where it started.
    ///
    /// [`Step::mu`] is -d log L/dt = |grad L|^2 / L. Cost: 3 multiply-adds for each weight and
    /// sample, less those that would carry the derivative to the inputs.
    pub fn step(&mut self, dt: L::Elem) -> Step<L::Elem> {
        let loss = self.loss();
        self.backward();
        let speed_sq = self.speed_sq();
        let dt = L::splat(dt);
        let pairs = self.w.iter_mut().zip(self.slope_w.iter());
        for (w, slope) in pairs.chain(self.b.iter_mut().zip(self.slope_b.iter())) {
            dt.mul_add(L::load(slope), L::load(w)).store(w);
        }
        for place in places::<L>(self.layers, self.n) {
            place.turn::<L>(self.w, self.across);
        }
        self.health.look(loss);
        self.health.look(speed_sq);
        Step { loss, speed_sq, scale: L::Elem::ONE }
    }

    /// L = 1/2 sum_i |y_i - f(x_i)|^2. Cost: one multiply-add for each weight and sample.
    pub fn loss(&mut self) -> L::Elem {
        self.forward();
        let (n, cols) = (self.n, chunks::<L>(self.outputs()));
        let out = self.x.len().checked_sub(n * cols).and_then(|from| self.x.get(from..));
        let down = self.down.get_mut(..n * cols).unwrap_or(&mut []);
        let half = L::Elem::from_f64(0.5);
        half * residual::<L>(n, cols, self.y, out.unwrap_or(&[]), down)
    }

    /// f(x_i), written to `out` as n x M row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] when `out` does not have n M elements.
    pub fn predictions(&mut self, out: &mut [L::Elem]) -> Result<(), Error> {
        let outputs = self.outputs();
        expect(Dim::Output, self.n * outputs, out.len())?;
        self.forward();
        let from = self.x.len().checked_sub(self.n * chunks::<L>(outputs));
        let f = from.and_then(|from| self.x.get(from..)).unwrap_or(&[]);
        unpack_rows::<L>(self.n, outputs, f, out);
        Ok(())
    }

    /// dL/d theta into `out`, in the order of the parameters; returns L and |grad L|^2.
    ///
    /// # Errors
    /// [`Error::Shape`] when `out` does not have [`parameters`] elements.
    pub fn gradient(&mut self, out: &mut [L::Elem]) -> Result<Step<L::Elem>, Error> {
        expect(Dim::Output, parameters(self.layers), out.len())?;
        let loss = self.loss();
        self.backward();
        self.save_slopes(out);
        out.iter_mut().for_each(|slope| *slope = -*slope);
        Ok(Step { loss, speed_sq: self.speed_sq(), scale: L::Elem::ONE })
    }

    /// Samples.
    pub fn n(&self) -> usize {
        self.n
    }

    /// M: numbers that come out for each sample.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.outputs)
    }

    /// What has gone wrong since the state was built: NaN or infinity in a loss or a gradient.
    pub fn health(&self) -> Health {
        self.health
    }

    /// Forward pass of all layers: x and z are those of the present parameters.
    fn forward(&mut self) {
        for place in places::<L>(self.layers, self.n) {
            self.forward_layer(&place);
        }
    }

    fn forward_layer(&mut self, place: &Place) {
        let n = self.n;
        let (before, after) = place.of_x(n, self.x);
        let (b, slope) = place.of_b(self.b);
        let pass = place.pass::<L>(n, slope);
        let left = (&*before, place.layer.inputs);
        let right = (place.of_across(self.across), place.outputs);
        let residual = place.layer.residual.then_some(&*before);
        if let Some(graph) = self.graph.filter(|_| place.layer.graph) {
            let sums = self.mixed.get_mut(..n * place.outputs).unwrap_or(&mut []);
            rows::<L>(n, left, right, Out::Into(sums), self.packed, Finish::Store);
            if place.layer.folds() {
                graph.mix::<L>(place.outputs, sums, after);
                pass.forward::<L>(b, after, None, None);
            } else {
                let z = place.of_z(n, &mut [], self.z);
                graph.mix::<L>(place.outputs, sums, z);
                pass.forward::<L>(b, z, residual, Some(after));
            }
        } else if place.layer.folds() {
            rows::<L>(n, left, right, Out::Into(after), self.packed, Finish::Fold { pass, b });
        } else {
            let finish = Finish::Activate { pass, b, before: residual, x: after };
            let z = place.of_z(n, &mut [], self.z);
            rows::<L>(n, left, right, Out::Into(z), self.packed, finish);
        }
    }

    /// Backward pass from `down` = v, n x M: the slopes are J^T v, those of theta for r = v. Needs the
    /// forward pass, and spends it.
    fn backward(&mut self) {
        let (layers, n) = (self.layers, self.n);
        let place = |l: usize| places::<L>(layers, n).nth(l);
        let Some(last) = layers.len().checked_sub(1).and_then(place) else { return };
        self.gate(&last);
        for l in (0..layers.len()).rev() {
            let Some(above) = place(l) else { return };
            let (before, after) = above.of_x(n, self.x);
            let (under, own) = self.z.split_at_mut_checked(above.z).unwrap_or_default();
            let z = if above.layer.folds() { after } else { own };
            let mut d: &[L::Chunk] = z.get(..n * above.outputs).unwrap_or(&[]);
            if let Some(graph) = self.graph.filter(|_| above.layer.graph) {
                let sums = self.mixed.get_mut(..n * above.outputs).unwrap_or(&mut []);
                graph.mix::<L>(above.outputs, d, sums);
                d = sums;
            }
            let left = (d, above.layer.outputs);
            across::<L>(n, left, (before, above.inputs), above.of_w_mut(self.slope_w));
            let Some(below) = l.checked_sub(1).and_then(place) else { return };
            let right = (above.of_w(self.w), above.inputs);
            if below.layer.activation.is_parametric() {
                let out = onto(above.layer.residual, self.down);
                rows::<L>(n, left, right, out, self.packed, Finish::Store);
                self.gate(&below);
                continue;
            }
            let pass = below.pass::<L>(n, below.of_b(self.b).1);
            let (b, _) = below.of_b_mut(self.slope_b);
            b.fill(L::EMPTY);
            let finish = Finish::Gate { pass, z: below.of_z(n, before, under), b };
            // Only around a residual layer is the derivative asked for again.
            let out = if above.layer.residual || below.layer.residual {
                onto(above.layer.residual, self.down)
            } else {
                Out::Past(self.down)
            };
            rows::<L>(n, left, right, out, self.packed, finish);
            self.unbias(&below);
        }
    }

    /// z becomes the derivative by it, from `down`, that by what comes out of the layer; with it those of
    /// b and of the slope.
    fn gate(&mut self, place: &Place) {
        let (_, slope) = place.of_b(self.b);
        let pass = place.pass::<L>(self.n, slope);
        let (slope_b, steep) = place.of_b_mut(self.slope_b);
        let (_, after) = place.of_x(self.n, self.x);
        let z = place.of_z(self.n, after, self.z);
        let by_slope = pass.backward::<L>(self.down, z, slope_b);
        if let Some(steep) = steep.first_mut() {
            L::alone(by_slope, 0).store(steep);
        }
        self.unbias(place);
    }

    /// A layer without b has no slope by it.
    fn unbias(&mut self, place: &Place) {
        if !place.layer.bias {
            place.of_b_mut(self.slope_b).0.fill(L::EMPTY);
        }
    }

    /// The square of the slopes' norm: over the inputs of an output in virtual lanes, outputs, b, slope
    /// and layers ascending.
    fn speed_sq(&self) -> L::Elem {
        let mut sum = L::Elem::ZERO;
        for place in places::<L>(self.layers, self.n) {
            let w = place.of_w(self.slope_w);
            sum += norm_sq::<L>(place.layer.outputs, place.inputs, w);
            let (b, steep) = place.of_b(self.slope_b);
            // One row, so the panels are its chunks in order.
            sum += norm_sq::<L>(1, b.len(), b) + norm_sq::<L>(1, 1, steep);
        }
        sum
    }

    fn save_slopes(&self, out: &mut [L::Elem]) {
        for place in places::<L>(self.layers, self.n) {
            save::<L>(&place, self.slope_w, self.slope_b, out);
        }
    }
}

impl Place {
    fn pass<L: Lanes>(&self, n: usize, slope: &[L::Chunk]) -> Pass<L::Elem> {
        let slope = slope.first().and_then(|chunk| chunk.as_ref().first().copied());
        let slope = slope.unwrap_or(L::Elem::ZERO);
        Pass { n, len: self.layer.outputs, activation: self.layer.activation, slope }
    }

    /// Makes W with the outputs in the lanes from W with the inputs in the lanes.
    fn turn<L: Lanes>(&self, w: &[L::Chunk], across: &mut [L::Chunk]) {
        let sizes = (self.layer.inputs, self.layer.outputs);
        transpose::<L>(sizes, self.of_w(w), self.of_across_mut(across));
    }

    /// The parts of this layer in a plain slice of parameters: W, b, slope.
    fn parts(&self) -> [core::ops::Range<usize>; 3] {
        let weights = self.theta + self.layer.inputs * self.layer.outputs;
        let biases = weights + if self.layer.bias { self.layer.outputs } else { 0 };
        let end = self.theta + self.layer.parameters();
        [self.theta..weights, weights..biases, biases..end]
    }
}

/// Into `out`, or onto it.
fn onto<L: Lanes>(add: bool, out: &mut [L::Chunk]) -> Out<'_, L> {
    if add { Out::Onto(out) } else { Out::Into(out) }
}

/// Parameters of a layer from a plain slice into panels.
fn load<L: Lanes>(place: &Place, theta: &[L::Elem], w: &mut [L::Chunk], b: &mut [L::Chunk]) {
    let [weights, biases, slope] = place.parts().map(|part| theta.get(part).unwrap_or(&[]));
    pack_rows::<L>(weights, place.layer.inputs, place.of_w_mut(w));
    let (b, steep) = place.of_b_mut(b);
    fill_chunks::<L>(b, biases);
    fill_chunks::<L>(steep, slope);
}

/// The reverse of [`load`].
fn save<L: Lanes>(place: &Place, w: &[L::Chunk], b: &[L::Chunk], theta: &mut [L::Elem]) {
    let [weights, biases, slope] = place.parts();
    if let Some(target) = theta.get_mut(weights) {
        unpack_rows::<L>(place.layer.outputs, place.layer.inputs, place.of_w(w), target);
    }
    let (b, steep) = place.of_b(b);
    for (part, source) in [(biases, b), (slope, steep)] {
        if let Some(target) = theta.get_mut(part) {
            let source = L::flat(source);
            fill(target, source);
        }
    }
}

/// The reverse of [`pack_rows`].
fn unpack_rows<L: Lanes>(height: usize, len: usize, panels: &[L::Chunk], out: &mut [L::Elem]) {
    unpack_panels::<L>(height, len, panels, |row, k, x| {
        if let Some(slot) = out.get_mut(row * len + k) {
            *slot = x;
        }
    });
}
