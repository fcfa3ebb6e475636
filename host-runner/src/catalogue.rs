//! Every experiment of this build, paper by paper. Nothing else here knows papers by name.
use lab::Experiment;
use std::sync::LazyLock;

/// All of them, in the order of `list`.
pub static ALL: LazyLock<Vec<&'static Experiment>> = LazyLock::new(|| {
    let papers = [
        orthogonal::EXPERIMENTS,
        weak::EXPERIMENTS,
        mirror::EXPERIMENTS,
        rayleigh::EXPERIMENTS,
        general::EXPERIMENTS,
    ];
    papers.concat()
});

#[cfg(test)]
mod tests {
    /// Papers do not know each other: only here can two ids be the same.
    #[test]
    fn ids_are_unique() {
        lab::checks::tables(&super::ALL);
    }
}
