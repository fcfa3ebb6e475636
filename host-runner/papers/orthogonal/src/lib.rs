//! The experiments of paper `orthogonal`: Boursier, Pillaud-Vivien, Flammarion: Gradient flow dynamics of shallow ReLU networks for square loss and
//! orthogonal inputs (arXiv 2206.00939).
//!
//! One file an experiment, listed in [`EXPERIMENTS`]; what several of them use is in `shared`. What the paper states, and what
//! shows it here, is in `statements`.
#![forbid(unsafe_code)]

mod five_point;
mod highdim;
mod lazy;
mod phases;
#[cfg(test)]
mod printed;
mod shared;
mod statements;
mod subgradient;
mod two_point;

use lab::{Experiment, Paper};

/// Every experiment of the paper, in the order of `reluflow list`.
pub static EXPERIMENTS: &[&Experiment] = &[
    &two_point::TWO_POINT,
    &five_point::FIVE_POINT,
    &lazy::LAZY,
    &highdim::HIGHDIM,
    &subgradient::SUBGRADIENT,
    &phases::PHASES,
];

/// The paper.
pub static PAPER: Paper = Paper {
    name: "orthogonal",
    title: "Boursier, Pillaud-Vivien, Flammarion: Gradient flow dynamics of shallow ReLU networks for square loss and orthogonal inputs",
    source: "arXiv 2206.00939",
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
