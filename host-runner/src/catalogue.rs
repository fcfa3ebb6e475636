//! Every paper of this build, and its experiments. Nothing else here knows papers by name.
use lab::{Experiment, Paper};
use std::sync::LazyLock;

/// In the order of `list`.
pub static PAPERS: [&Paper; 5] =
    [&orthogonal::PAPER, &weak::PAPER, &mirror::PAPER, &rayleigh::PAPER, &general::PAPER];

/// The experiments of all of them.
pub static ALL: LazyLock<Vec<&'static Experiment>> =
    LazyLock::new(|| PAPERS.map(|paper| paper.experiments).concat());

#[cfg(test)]
mod tests {
    /// Papers do not know each other: only here can two ids be the same.
    #[test]
    fn ids_are_unique() {
        lab::checks::tables(&super::ALL);
    }
}
