//! The conformance suites of `reluflow::spectrum`, bounds of extreme eigenvalues, and of
//! `reluflow::tangent`, the matrix that they are for.

mod bounds;
mod matrices;
mod method;
mod planted;
mod tangent;
