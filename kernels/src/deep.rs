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
mod offsets;
mod passes;
mod product;
mod theta;
mod walk;

pub mod graph;
pub mod tangent;

pub use graph::Graph;
pub use layer::{Activation, Layer, check, parameters};

use offsets::{Extent, all_offsets, chunks};
use passes::residual;
use theta::{load, save, unpack_rows};

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{aligned, slack};
use crate::pack::pack_rows;
use crate::real::Real;
use crate::rows::{slice, slice_mut};
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
        pack_rows::<L>(x, width, slice_mut(inputs, ..n * chunks::<L>(width)));
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
        for offsets in all_offsets::<L>(self.layers, self.n) {
            load::<L>(&offsets, theta, self.w, self.b);
            offsets.turn::<L>(self.w, self.across);
        }
        Ok(())
    }

    /// The parameters, as [`new`](Deep::new) takes them.
    ///
    /// # Errors
    /// [`Error::Shape`] when `theta` has another length.
    pub fn write(&self, theta: &mut [L::Elem]) -> Result<(), Error> {
        expect(Dim::Output, parameters(self.layers), theta.len())?;
        for offsets in all_offsets::<L>(self.layers, self.n) {
            save::<L>(&offsets, self.w, self.b, theta);
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
        for offsets in all_offsets::<L>(self.layers, self.n) {
            offsets.turn::<L>(self.w, self.across);
        }
        self.health.look(loss);
        self.health.look(speed_sq);
        Step { loss, speed_sq, scale: L::Elem::ONE }
    }

    /// L = 1/2 sum_i |y_i - f(x_i)|^2. Cost: one multiply-add for each weight and sample.
    pub fn loss(&mut self) -> L::Elem {
        self.forward();
        let (n, cols) = (self.n, chunks::<L>(self.outputs()));
        let out = slice(self.x, self.x.len().saturating_sub(n * cols)..);
        let down = slice_mut(self.down, ..n * cols);
        let half = L::Elem::from_f64(0.5);
        half * residual::<L>(n, cols, self.y, out, down)
    }

    /// f(x_i), written to `out` as n x M row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] when `out` does not have n M elements.
    pub fn predictions(&mut self, out: &mut [L::Elem]) -> Result<(), Error> {
        let outputs = self.outputs();
        expect(Dim::Output, self.n * outputs, out.len())?;
        self.forward();
        let from = self.x.len().saturating_sub(self.n * chunks::<L>(outputs));
        let f = slice(self.x, from..);
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

    fn save_slopes(&self, out: &mut [L::Elem]) {
        for offsets in all_offsets::<L>(self.layers, self.n) {
            save::<L>(&offsets, self.slope_w, self.slope_b, out);
        }
    }
}
