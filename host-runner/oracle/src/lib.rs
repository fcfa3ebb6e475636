//! The oracle: every quantity of the project as a textbook loop over `f64`.
//!
//! Nothing here is clever and nothing here is shared with the kernels: a kernel is right when it
//! agrees with this module, and a benchmark's "naive" is this module. Sums run left to right.
//!
//! # Conventions
//! Sizes in the order p (neurons), n (samples), d (dimension); indices j, i, k.
//! `w` is p x d, `x` is n x d, both row-major; `a` has p entries, `y` has n.
//!
//! ```text
//! z_ji   = <w_j, x_i>
//! h(x_i) = s sum_j a_j relu(z_ji)            s = 1 (orthogonal) or 1/p (weak)
//! r_i    = y_i - h(x_i)
//! L      = 1/(2n) sum_i r_i^2
//! da_j/dt = (1/n) sum_i r_i relu(z_ji)       the flow dtheta/dt = -(1/s) grad L
//! dw_j/dt = (a_j/n) sum_i r_i 1[z_ji > 0] x_i
//! mu     = -d/dt log L = s |dtheta/dt|^2 / L = |grad L|^2 / (s L)
//! ```
//!
//! relu'(0) = 0. A NaN pre-activation stays NaN and reaches the loss.
//!
//! # Sources
//! `orthogonal`: Boursier, Pillaud-Vivien, Flammarion, "Gradient flow dynamics of shallow ReLU
//! networks for square loss and orthogonal inputs", arXiv 2206.00939.
//! `weak`: Dana, Pillaud-Vivien, Bach, "Convergence of shallow ReLU networks on weakly
//! interacting data", arXiv 2502.16977.
//!
//! Slices whose lengths do not fit together panic: this module checks kernels, not users.

mod coordinates;
mod deep;
mod flow;
mod matrix;
mod network;
mod tangent;
mod theory;

pub use coordinates::{gram_step, orthogonal_step};
pub use deep::{DeepLayer, DeepNet, Pass, Sigma};
pub use flow::{
    Event, EventKind, Flow, Outcome, Snapshot, Stuck, euler_defect, group_alignment, group_norm,
    theta_error,
};
pub use matrix::{defect_norm, gram, symmetric_eigenvalues};
pub use network::{
    Data, Net, curvature, euler_step, grad_a, grad_w, loss, pattern, pre_activations, predictions,
    residuals, velocity,
};
pub use tangent::{jacobian, tangent_kernel};
pub use theory::{
    assumption2_slack, d_minus, d_plus, lemma5_probability, lemma5_width, lemma7_bounds,
    lemma7_upper_printed, minimum_norm, s_minus, s_plus, theorem1_constant, theorem1_lower,
};

#[cfg(test)]
mod random;
