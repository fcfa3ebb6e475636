//! Dense, 8 inputs, 32 neurons, 8 samples, f64.
#![cfg_attr(not(unix), no_std, no_main)]

image::train!(dense, f64, p 32, n 8, d 8);
