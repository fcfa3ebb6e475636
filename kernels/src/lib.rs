//! Kernels for small ReLU networks.
#![no_std]
#![forbid(unsafe_code)]
