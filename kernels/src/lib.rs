//! Kernels for small ReLU networks.
#![no_std]
#![forbid(unsafe_code)]

pub mod backward;
pub mod dense;
pub mod error;
pub mod forward;
pub mod lanes;
pub mod linalg;
pub mod network;
pub mod real;
pub mod samples;
pub mod shape;
pub mod step;
mod tile;

pub use dense::Dense;
pub use error::{Dim, Error};
pub use lanes::{Canonical, Lanes};
pub use network::{Net, NetView, NetViewMut, Scale};
pub use real::Real;
pub use samples::{Batch, Samples, SamplesView};
pub use shape::{Fixed, Shape, Sizes};
pub use step::{Health, Step};
