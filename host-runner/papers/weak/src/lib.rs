//! The experiments of paper `weak`: Dana, Pillaud-Vivien, Bach: Convergence of shallow ReLU networks on weakly interacting data (arXiv
//! 2502.16977).
//!
//! One file an experiment, listed in [`EXPERIMENTS`]; what several of them use is in `shared`. What the paper states, and what
//! shows it here, is in `statements`.
#![forbid(unsafe_code)]

mod bounds;
mod collapse;
mod conjecture;
mod curvature;
mod group;
mod lemmas;
mod phase;
mod probability;
mod shared;
mod sliding;
mod statements;
mod threshold_d;
mod threshold_p;

use lab::{Experiment, Paper};

/// Every experiment of the paper, in the order of `reluflow list`.
pub static EXPERIMENTS: &[&Experiment] = &[
    &probability::PROBABILITY,
    &threshold_d::THRESHOLD_D,
    &threshold_p::THRESHOLD_P,
    &curvature::CURVATURE,
    &conjecture::CONJECTURE,
    &lemmas::LEMMAS,
    &sliding::SLIDING,
    &phase::PHASE,
    &group::GROUP,
    &collapse::COLLAPSE,
    &bounds::BOUNDS,
];

/// The paper.
pub static PAPER: Paper = Paper {
    name: "weak",
    title: "Dana, Pillaud-Vivien, Bach: Convergence of shallow ReLU networks on weakly interacting data",
    source: "arXiv 2502.16977",
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
