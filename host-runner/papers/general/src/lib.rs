//! The experiments of paper `general`: Jakhmola: Gradient flow convergence guarantee for general neural network architectures.
//!
//! One file an experiment, listed in [`EXPERIMENTS`]; what several of them use is in `shared`.
#![forbid(unsafe_code)]

mod dnn;
mod gcn;
mod resnet;
mod shared;
mod singular;

use lab::Experiment;

/// Every experiment of the paper, in the order of `reluflow list`.
pub static EXPERIMENTS: &[&Experiment] =
    &[&dnn::DNN, &resnet::RESNET, &gcn::GCN, &singular::SINGULAR_KERNELS];

#[cfg(test)]
mod tests {
    use super::EXPERIMENTS;

    #[test]
    fn tables_are_consistent() {
        lab::checks::tables(EXPERIMENTS);
    }

    #[test]
    fn every_declared_control_is_noticed() {
        lab::checks::controls(EXPERIMENTS);
    }
}
