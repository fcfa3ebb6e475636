//! The experiments of paper `general`: Jakhmola: Gradient flow convergence guarantee for general neural network architectures.
//!
//! One file an experiment, listed in [`EXPERIMENTS`]; what several of them use is in `shared`. What the paper states, and what
//! shows it here, is in `statements`.
#![forbid(unsafe_code)]

mod dnn;
mod gcn;
mod resnet;
mod shared;
mod singular;
mod statements;

use lab::{Experiment, Paper};

/// Every experiment of the paper, in the order of `reluflow list`.
pub static EXPERIMENTS: &[&Experiment] =
    &[&dnn::DNN, &resnet::RESNET, &gcn::GCN, &singular::SINGULAR_KERNELS];

/// The paper.
pub static PAPER: Paper = Paper {
    name: "general",
    title: "Jakhmola: Gradient flow convergence guarantee for general neural network architectures",
    source: "arXiv 2509.23887",
    experiments: EXPERIMENTS,
    statements: statements::STATEMENTS,
};

#[cfg(test)]
mod tests {
    use super::{EXPERIMENTS, PAPER};

    #[test]
    fn tables_are_consistent() {
        lab::checks::tables(EXPERIMENTS);
    }

    #[test]
    fn every_declared_control_is_noticed_and_the_ledger_is_true() {
        let judged = lab::checks::controls(EXPERIMENTS);
        lab::checks::statements(&PAPER, &judged);
    }
}
