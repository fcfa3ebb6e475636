//! What the others carry beside the kernels: the board's code and the texts.
#![cfg_attr(not(unix), no_std, no_main)]

use core::hint::black_box;
use image::board::Instructions;
use image::text::{line, named, real};

fn body() -> bool {
    let mut counted = Instructions::new();
    if let Some(counted) = &mut counted {
        counted.count(|| real(black_box(1.0f32)));
        line("");
        named("instructions", counted.total());
    }
    true
}
image::image!(body);
