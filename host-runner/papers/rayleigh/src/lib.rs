//! The experiments of paper `rayleigh`: Robin, Scaman, Lelarge: Convergence beyond the over-parameterized regime using Rayleigh quotients.
//!
//! One file an experiment, listed in [`EXPERIMENTS`]; what several of them use is in `shared`. What the paper states, and what
//! shows it here, is in `statements`.
#![forbid(unsafe_code)]

mod lemniscate;
mod linear;
mod logistic;
mod periodic;
mod shared;
mod statements;
mod twolayer;

use lab::{Experiment, Paper};

/// Every experiment of the paper, in the order of `reluflow list`.
pub static EXPERIMENTS: &[&Experiment] = &[
    &linear::LINEAR,
    &lemniscate::LEMNISCATE,
    &logistic::LOGISTIC,
    &twolayer::TWOLAYER,
    &periodic::PERIODIC,
];

/// The paper.
pub static PAPER: Paper = Paper {
    name: "rayleigh",
    title: "Robin, Scaman, Lelarge: Convergence beyond the over-parameterized regime using Rayleigh quotients",
    source: "arXiv 2301.08117",
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
    fn every_control_is_noticed_and_every_statement_is_in_the_ledger() {
        let judged = lab::checks::controls(EXPERIMENTS);
        lab::checks::statements(&PAPER, &judged);
    }
}
