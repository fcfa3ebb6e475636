//! The conformance suites of `reluflow::flow`, the integrator of the flow itself.

mod errors;
mod events;
mod log;
mod method;
mod sliding;
mod starts;
mod support;
mod two_point;
