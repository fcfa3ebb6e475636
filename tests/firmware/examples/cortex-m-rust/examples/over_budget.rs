//! Does not compile, on purpose: the network exceeds the budget.
#![no_std]

use reluflow::{Dense, lanes::NativeF32};

const BUDGET: usize = 2048;
const _: () = assert!(
    Dense::<NativeF32>::len(100, 9, 2) * size_of::<f32>() <= BUDGET,
    "the network does not fit"
);
