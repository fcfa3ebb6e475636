//! A program without `std` has to ask for the C library itself.
fn main() {
    println!("cargo::rustc-link-arg=-lc");
}
