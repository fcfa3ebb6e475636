//! The experiments of paper `mirror`: Robin: Non-linear parameterizations of least-squares gradient flow.
//!
//! One file an experiment, listed in [`EXPERIMENTS`]; what several of them use is in `shared`.
#![forbid(unsafe_code)]

mod cone;
mod linear;
mod projection;
mod shared;
mod sublinear;
mod wide;

use lab::Experiment;

/// Every experiment of the paper, in the order of `reluflow list`.
pub static EXPERIMENTS: &[&Experiment] =
    &[&linear::LINEAR, &sublinear::SUBLINEAR, &wide::WIDE, &cone::CONE, &projection::PROJECTION];

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
