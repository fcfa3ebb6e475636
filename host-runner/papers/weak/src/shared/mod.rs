//! What the experiments of paper `weak` (arXiv 2502.16977) share.
//!
//! | question | file |
//! |---|---|
//! | which samples, which start? | `law` |
//! | which sizes, how long, when is a run over? | `protocol` |
//! | what decides a result beside the sizes, on which kernels? | `setup` |
//! | one network from its start to its end | `trial` |
//! | the same on samples along the axes, with its curvatures | `axes`, `curvature`, `slowest` |
//! | what do means over networks say about sizes? | `cells` |
//! | many networks, in any order, with interruptions | `ledger` |
//! | where does the probability of convergence pass one half? | `threshold` |
//! | the same with few networks | `search` |
//! | what is said about it, and drawn | `verdict` |
//! | one group of orthonormal samples in closed form | `group` |
//! | the flow of few samples in many dimensions, in few | `folded` |
//! | runs with all bounds of mu | `followed` |
//! | Lemma 7 on random networks | `lemma` |
//! | two groups and their steps in closed form | `steps` |
//! | four groups of three against the closed form | `three` |
//! | which of two samples is lost, on a map | `outcomes` |
pub mod axes;
pub mod cells;
pub mod curvature;
pub mod curve;
pub mod folded;
pub mod followed;
pub mod group;
pub mod law;
pub mod ledger;
pub mod lemma;
pub mod outcomes;
pub mod protocol;
pub mod search;
pub mod setup;
pub mod slowest;
pub mod steps;
pub mod three;
pub mod threshold;
pub mod trial;
pub mod verdict;
