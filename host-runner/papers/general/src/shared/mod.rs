//! What the experiments of paper `general` share (Jakhmola, Gradient flow convergence guarantee for general
//! neural network architectures, arXiv 2509.23887).
//!
//! | question | file |
//! |---|---|
//! | which networks, with which keys? | `family` |
//! | on which data, from which start? | `problem`; of the user's own: `own` |
//! | which samples are neighbours? | `neighbours` |
//! | how is a network trained, and what is kept of it? | `descent`, `journal` |
//! | how fast is that on this machine? | `pace` |
//! | the tangent kernel's eigenvalues on the way | `tangent` |
//! | the flow that descent follows | `flow` |
//! | numbers and claims | `report`, `verdicts`, `notes`; drawn in `figures` |
//! | singular tangent kernels | `singular` |
//!
//! f(x) has M numbers, r_i = y_i - f(x_i), L = 1/2 sum_i |r_i|^2, and gradient descent with rate lr is
//! Euler's method with step lr on d theta/dt = -grad L. Then dr/dt = -K r with the tangent kernel
//! K = J J^T (the paper's G), so |r(t)| <= e^(-lambda0 t) |r(0)| for any lambda0 below the eigenvalues of K on
//! the way (Theorem 3.1).
mod account;
mod descent;
mod family;
mod figures;
mod flow;
mod journal;
mod neighbours;
mod notes;
mod own;
mod pace;
mod problem;
mod report;
mod samples;
pub mod singular;
mod spectrum;
mod tangent;
#[cfg(test)]
mod tests;
mod verdicts;

pub use family::{DENSE_WIDTH, DESCENT, ENDS, Family, GRAPH_WIDTH, INPUTS, LAYERS, OWN};
pub use report::run;
