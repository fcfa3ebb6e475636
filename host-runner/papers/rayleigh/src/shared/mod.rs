//! What the experiments of paper `rayleigh` (arXiv 2301.08117) share.
//!
//! | question | file |
//! |---|---|
//! | a gradient flow and what is measured along it | `descent` |
//! | Proposition 3.6 on random operators | `families` |
//! | the lemniscate and its two parameterisations | `lemniscate` |
//! | the two-point set and the authors' two configurations | `separable` |
//! | a network of two layers with tanh | `tanh` |
//! | random sums of sines within the hypotheses | `waves` |
//! | the constants of Proposition 4.7 | `region` |
pub mod descent;
pub mod families;
pub mod lemniscate;
pub mod region;
pub mod separable;
pub mod tanh;
pub mod waves;
