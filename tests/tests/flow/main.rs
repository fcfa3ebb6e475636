//! The conformance suites of `reluflow::flow`, the integrator of the flow itself.

mod sliding;
mod support;
mod two_point;
