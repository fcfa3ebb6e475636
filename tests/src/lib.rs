//! Fixtures and the tolerance table shared by the conformance suites.
