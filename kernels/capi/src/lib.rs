//! The C interface of reluflow: `include/reluflow.h` is generated from this crate, `docs/c-api.md`
//! explains it.
//!
//! | question | file |
//! |---|---|
//! | which status, which text? | `status` |
//! | pointers, overlap, states in blocks: all unsafe code | `memory` |
//! | types shared by all functions | `types` |
//! | functions of plain arrays | `plain`, `init`, `theory` |
//! | what if something panics? | `panic` |
//! | functions of states | `dense`, `stream`, `gram`, `orthogonal` |
//!
//! Every function checks all that it can before it writes anything, so a call that fails leaves
//! outputs and states as they were.
#![no_std]

mod dense;
mod gram;
mod init;
/// cbindgen:ignore
mod memory;
mod orthogonal;
/// cbindgen:ignore
mod panic;
mod plain;
mod status;
mod stream;
mod theory;
mod types;

use reluflow::Canonical;

/// The widest registers of the target.
#[cfg(not(feature = "width-1"))]
pub(crate) type Register = reluflow::lanes::NativeF32;
/// Plain numbers, as where there is no SIMD.
#[cfg(feature = "width-1")]
pub(crate) type Register = f32;
/// The lanes of all functions: the same bits on every target.
pub(crate) type L = Canonical<Register>;

const fn number(text: &str) -> u32 {
    match u32::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => 0,
    }
}

const VERSION: u32 = number(env!("CARGO_PKG_VERSION_MAJOR")) << 16
    | number(env!("CARGO_PKG_VERSION_MINOR")) << 8
    | number(env!("CARGO_PKG_VERSION_PATCH"));

/// Version of the library that is linked: major * 65536 + minor * 256 + patch. That of this header is
/// RELUFLOW_VERSION; a program that compares the two knows that they belong together.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_version() -> u32 {
    VERSION
}

/// Floats in a SIMD register of the library that is linked: 1, 4, 8 or 16. Results do not depend on
/// it; sizes of blocks do, see RELUFLOW_WIDTH.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_width() -> usize {
    <L as reluflow::Lanes>::WIDTH
}

/// A self-check of the device: trains three small networks for 1000 steps each and hashes all losses,
/// all mu and the final weights. Equals RELUFLOW_GOLDEN on every target whose arithmetic is that of
/// IEEE 754; another number means that this device computes something else than the host, for example
/// because subnormals are flushed. Needs 9 KB of stack.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_golden() -> u64 {
    reluflow::golden::hash::<Register>()
}
