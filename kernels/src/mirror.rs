//! Least squares by mirror flow with the hypentropy potential, and the two-layer network that reduces to it.
//!
//! Paper `mirror`: Robin, Non-linear parameterizations of least-squares gradient flow. A network
//! sum_j b_j relu(<w_j, x>) whose directions theta_j = w_j / |w_j| stay put is linear in
//! beta_j = a_j b_j, a_j = |w_j|. The gradient flow of F = 1/2 |X beta - y|^2 in (a, b) moves beta along the
//! mirror flow
//!
//! d/dt asinh(beta_j / r_j) = -2 (X^T (X beta - y))_j,   r_j = |a_j^2 - b_j^2| / 2, which is conserved.
//!
//! X is n x m: one row of features for each sample, one column for each direction. It is given as
//! [`SamplesView`](crate::SamplesView), so that its d is m here.
//!
//! | question | module |
//! |---|---|
//! | the potential, its derivatives and its Bregman divergence | [`hypentropy`] |
//! | F, its gradient, a step of mirror descent | [`descent`] |
//! | features, the network's own flow, its reduction, equal directions | [`network`] |
//! | constants of the rates and the bounds | [`rates`] |
//!
//! The mirror flow is a smooth field in u = asinh(beta/r): [`Mirror::velocity`](descent::Mirror::velocity) is what
//! [`Smooth`](crate::smooth::Smooth) integrates.
//!
//! Factor 2: a and b both move, so the potential of the flow is Phi_r / 2 (Theorem 3.4 of paper `mirror`). Divergences here are
//! those of Phi_r, twice as large.

pub mod descent;
pub mod hypentropy;
pub mod network;
pub mod rates;
