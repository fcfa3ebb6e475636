//! What is integrated, and where it is.

use super::super::network::{Data, Net};

/// Where the flow is.
#[derive(Clone, Debug)]
pub struct State {
    /// Outer weights, p.
    pub a: Vec<f64>,
    /// z_ji = <w_j, x_i>, p x n; exactly 0 where sliding.
    pub z: Vec<f64>,
    /// c_ji of w_j = w_j(0) + sum_i c_ji x_i, p x n.
    pub dual: Vec<f64>,
    /// int_0^t mu.
    pub integral: f64,
}

/// What does not change along a run.
#[derive(Clone, Debug)]
pub struct Problem {
    pub p: usize,
    pub n: usize,
    /// G_ik = <x_i, x_k>, n x n.
    pub gram: Vec<f64>,
    pub y: Vec<f64>,
    pub s: f64,
    pub tolerance: f64,
}

/// The initial value problem.
#[derive(Clone, Debug)]
pub struct Flow {
    pub(super) problem: Problem,
    pub(super) data: Data,
    pub(super) net: Net,
}
