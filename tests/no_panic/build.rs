//! What a program without `std` has to ask of the linker itself.
use std::env;

fn main() {
    if env::var_os("CARGO_CFG_UNIX").is_some() {
        println!("cargo::rustc-link-arg=-lc");
    } else {
        // No C runtime enters `main`, so it has to be named lest all is thrown away as unused.
        println!("cargo::rustc-link-arg=-emain");
    }
}
