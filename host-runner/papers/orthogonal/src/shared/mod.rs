//! What several experiments of the paper use.
//!
//! | question | file |
//! |---|---|
//! | which loss, which clock, how many steps? | `pace` |
//! | when is a run filmed? | `footage` |
//! | how does a network of one variable look? | `univariate` |
//! | two coordinates of many dimensions | `principal` |
//! | the textbook neuron with any relu'(0) | `candidate` |
pub mod candidate;
pub mod footage;
pub mod pace;
pub mod principal;
pub mod univariate;
