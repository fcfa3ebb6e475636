//! Computes the hash that is the same on every target.
#![cfg_attr(not(unix), no_std, no_main)]

use image::{board, text};
use reluflow::{golden, lanes::NativeF32};

fn body() -> bool {
    let hash = golden::hash::<NativeF32>();
    board::write(b"golden ");
    text::hexadecimal(hash);
    text::line("");
    hash == golden::HASH
}
image::image!(body);
