//! Dense, 2 inputs, 16 neurons, 2 samples, f32.
#![cfg_attr(not(unix), no_std, no_main)]

image::train!(dense, f32, p 16, n 2, d 2);
