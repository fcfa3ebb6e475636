//! The experiments of paper `mirror`: Robin: Non-linear parameterizations of least-squares gradient flow.
//!
//! One file an experiment, listed in [`EXPERIMENTS`]; what several of them use is in `shared`. What the paper states, and what
//! shows it here, is in `statements`.
#![forbid(unsafe_code)]

mod cone;
mod linear;
mod projection;
mod shared;
mod statements;
mod sublinear;
mod wide;

use lab::{Experiment, Paper};

/// Every experiment of the paper, in the order of `reluflow list`.
pub static EXPERIMENTS: &[&Experiment] =
    &[&linear::LINEAR, &sublinear::SUBLINEAR, &wide::WIDE, &cone::CONE, &projection::PROJECTION];

/// The paper.
pub static PAPER: Paper = Paper {
    name: "mirror",
    title: "Robin: Non-linear parameterizations of least-squares gradient flow",
    source: "Robin, Non-linear parameterizations of least-squares gradient flow",
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
