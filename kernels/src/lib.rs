//! Train and dissect small ReLU networks: `no_std`, no allocation, no panics, explicit SIMD.
//!
//! The network is h(x) = s sum_j a_j relu(<w_j, x>) with p neurons on d inputs, trained on n samples
//! by the gradient flow of L = 1/(2n) sum_i r_i^2, r_i = y_i - h(x_i). Every step also measures the
//! local-PL curvature mu = -d/dt log L, the quantity that the convergence theory of these networks
//! is about.
//!
//! # Conventions
//! | symbol | meaning | shape |
//! |---|---|---|
//! | p, n, d | neurons, samples, input dimension; always in this order, indices j, i, k | |
//! | `w`, `a` | inner and outer weights | p x d row-major, p |
//! | `x`, `y` | inputs and targets | n x d row-major, n |
//! | z | pre-activations z_ji = <w_j, x_i> | p x n row-major |
//! | h, r | predictions, residuals r = y - h | n |
//! | s | output [`Scale`]: 1 (paper `orthogonal`) or 1/p (paper `weak`) | |
//! | t, `dt` | flow time and Euler step in it | |
//! | mu | s abs(d theta/dt)^2 / L = abs(grad L)^2 / (s L), in 1/flow-time | |
//!
//! - The flow runs at speed 1/s: da_j/dt = (1/n) sum_i r_i relu(z_ji) and
//!   dw_j/dt = (a_j/n) sum_i r_i `1[z_ji > 0]` x_i for both scales. Gradient descent on L with rate lr
//!   is `dt` = lr s; on the mean squared error (1/n) sum r^2, as PyTorch has it, `dt` = 2 lr s.
//! - relu'(0) = 0. A NaN pre-activation stays NaN and reaches the loss.
//! - [`deep`] networks have biases, many layers and outputs, and L = 1/2 sum_i |r_i|^2; [`mirror`] and [`softmax`]
//!   say what their losses are.
//! - Papers: `orthogonal` is Boursier, Pillaud-Vivien and Flammarion, arXiv 2206.00939; `weak` is
//!   Dana, Pillaud-Vivien and Bach, arXiv 2502.16977; `rayleigh` is Robin, Scaman and Lelarge, arXiv 2301.08117;
//!   `mirror` is Robin, Non-linear parameterizations of least-squares gradient flow; `general` is Jakhmola,
//!   arXiv 2509.23887.
//!
//! # Three ways to take a step
//! | state | coordinates | data | multiply-adds a step |
//! |---|---|---|---|
//! | [`Dense`] | w | any | 2 p n d |
//! | [`Gram`] | u_ji = <w_j, x_i> and dual coefficients | any; right when n < 2 d | p n^2 |
//! | [`Orthogonal`] | u_ji = <w_j, x_i> | pairwise orthogonal samples | 3 p n, less as pairs die |
//!
//! Each is built from a network and samples in memory that the caller owns (its `len` says how
//! much, as a `const fn`), steps, and writes a network back; so one state converts to another.
//! Each comes with sizes that are constants of the type ([`Fixed`]) or run-time numbers ([`Sizes`]).
//! [`Stream`] takes dense steps on samples that are fed to it, so that the training set need not be in
//! memory. [`Replicas`] trains many small networks at once, one in each lane; a [`Part`] holds the gradient
//! of some of the samples, so that threads can share a dense step.
//!
//! ```
//! use reluflow::{Batch, Dense, Fixed, Net, Samples, Scale, lanes::NativeF32};
//!
//! const P: usize = 4;
//! let samples = Samples { x: [[-0.5, 1.0], [2.0, 1.0]], y: [-1.0f32, 1.0] };
//! let mut net = Net::<f32, P, 2>::zero();
//! let mut rng = reluflow::init::stream(1, "readme", 0, 0);
//! reluflow::init::balanced::<NativeF32>(&mut net.view_mut(), 0.5, &mut rng);
//!
//! let mut data = [0.0; Batch::<NativeF32>::len(2, 2)];
//! let mut memory = [0.0; Dense::<NativeF32>::len(P, 2, 2)];
//! let batch = Batch::<NativeF32>::pack(samples.view(), &mut data)?;
//! let mut dense = Dense::<_, Fixed<P, 2, 2>>::fixed(&net, batch, Scale::One, &mut memory)?;
//! let start = dense.step(0.05);
//! for _ in 0..100 {
//!     dense.step(0.05);
//! }
//! assert!(dense.loss() < start.loss && dense.health().is_good());
//! dense.write(&mut net.view_mut())?;
//! # Ok::<(), reluflow::Error>(())
//! ```
//!
//! # Lanes
//! Every algorithm is one body generic over [`Lanes`]: a SIMD register of the `wide` crate, or a
//! plain `f32`/`f64`. [`lanes::NativeF32`] and [`lanes::NativeF64`] name the widest register of the
//! build's target; [`Canonical`] of any of them gives the same bits on every width and target.
//! Feature levels are chosen at compile time, e.g. `RUSTFLAGS="-C target-cpu=native"`.
//!
//! # Files
//! | question | file |
//! |---|---|
//! | what may a kernel assume about SIMD, in which order are sums taken? | `lanes`, `canonical`, `linalg` |
//! | how is a matrix product covered by register tiles, in which forms of memory? | `tile`, `parts`, `pack` |
//! | which index lies in the lanes of a dense step? | `layout` |
//! | how is an index taken that cannot be outside? | `rows` |
//! | how are network and data held? | `network`, `samples`, `buffer`, `shape`, `weights`, `part` |
//! | z, h, r, L / gradients / activation pattern | `forward` / `backward` / `pattern` |
//! | the three steps, what they report | `dense` with `state` and `advance`, `gram`, `orthogonal`, `step` |
//! | samples that pass by | `stream` |
//! | prediction and gradient without a state | `plain` |
//! | the flow itself, to a tolerance: what is integrated, rules, certificate | `flow` |
//! | its step and error / the method / how it ends / sums kept as pairs / memory | `flow/step` / `tableau` / `accept` / `sum` / `memory` |
//! | what these tell each other / states inside a step | `flow/tried` / `inside` |
//! | one neuron: its derivative / its network written back | `flow/row` / `write` |
//! | kinks in a step: which are felt / neurons taken alone / one neuron past its kinks | `flow/judge` / `alone` / `local` with `root` |
//! | what becomes of pairs at a kink / events and logs | `flow/kink` / `event` |
//! | sliding along kinks / the samples' span | `flow/slide` / `span` |
//! | stretches of constant residual / the exact motion there | `flow/leap` / `boost` |
//! | the flow of a smooth field, for everything without relu | `smooth` |
//! | hypentropy, least squares by mirror flow, networks of fixed directions | `mirror` |
//! | deep networks / layers, graphs / their products / what is between them | `deep` / `deep/layer`, `graph` / `product` / `passes` |
//! | their two passes / parameters, memory / tangent kernel | `deep/walk` / `theta`, `offsets` / `tangent` |
//! | many small networks at once | `replica` |
//! | bounds of mu, constants of the theorems, the limit | `curvature`, `geometry`, `limit` |
//! | Rayleigh quotients and their bounds | `rayleigh` |
//! | logistic regression, its bound / sums of sines | `softmax` with `lambert` / `sines` |
//! | the tangent kernel and its products | `tangent` |
//! | the ends of a spectrum, with bounds / its tridiagonal matrix / the bound / what they say | `spectrum` / `spectrum/tridiagonal` / `bound` / `ends` |
//! | initialisation | `init` |
//! | the self-check of a device | `golden` |
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable
)]
#![allow(
    clippy::neg_cmp_op_on_partial_ord,
    reason = "comparisons are negated on purpose where NaN must fail them"
)]

mod advance;
pub mod backward;
mod buffer;
pub mod canonical;
pub mod curvature;
pub mod deep;
pub mod dense;
pub mod error;
pub mod flow;
pub mod forward;
pub mod geometry;
pub mod golden;
pub mod gram;
pub mod init;
pub mod lambert;
pub mod lanes;
pub mod layout;
pub mod limit;
pub mod linalg;
pub mod mirror;
pub mod network;
pub mod orthogonal;
mod pack;
pub mod part;
mod parts;
pub mod pattern;
pub mod plain;
pub mod rayleigh;
pub mod real;
pub mod replica;
mod rows;
pub mod samples;
pub mod shape;
pub mod sines;
pub mod smooth;
pub mod softmax;
pub mod spectrum;
mod state;
pub mod step;
pub mod stream;
pub mod tangent;
mod tile;
mod weights;

pub use canonical::Canonical;
pub use curvature::Bounds;
pub use deep::Deep;
pub use dense::Dense;
pub use error::{Dim, Error};
pub use flow::Flow;
pub use geometry::{Defect, Geometry};
pub use gram::Gram;
pub use lanes::{Lanes, Widest};
pub use layout::Layout;
pub use network::{Net, NetView, NetViewMut, Scale};
pub use orthogonal::Orthogonal;
pub use part::Part;
pub use pattern::Pattern;
pub use real::Real;
pub use replica::{Replicas, Steps};
pub use samples::{Batch, Samples, SamplesView};
pub use shape::{Fixed, Shape, Sizes};
pub use smooth::Smooth;
pub use spectrum::Lanczos;
pub use step::{Health, Step};
pub use stream::Stream;
pub use tangent::Tangent;
