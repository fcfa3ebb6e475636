//! The conformance suites of `reluflow::mirror`.

mod errors;
mod flow;
mod hypentropy;
mod network;
mod rates;
mod support;
