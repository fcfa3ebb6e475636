//! The conformance suites; the library `conformance` has what they share.

mod backward;
mod canonical;
mod coverage;
mod curvature;
mod dead_pairs;
mod dense;
mod errors;
mod forward;
mod geometry;
mod gram;
mod health;
mod init;
mod layout;
mod limit;
mod linalg;
mod nan;
mod orthogonal;
mod part;
mod physics;
mod plain;
mod real;
mod replica;
mod stream;
