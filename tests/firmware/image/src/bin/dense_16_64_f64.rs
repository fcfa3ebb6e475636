//! Dense, 16 inputs, 64 neurons, 16 samples, f64.
#![cfg_attr(not(unix), no_std, no_main)]

image::train!(dense, f64, p 64, n 16, d 16);
