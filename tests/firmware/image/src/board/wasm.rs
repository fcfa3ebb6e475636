//! WebAssembly in Node (`lib/wasm.mjs`), which does not count instructions.

pub const MASK: u32 = 0;

mod host {
    #[link(wasm_import_module = "board")]
    unsafe extern "C" {
        /// Writes `text` to the terminal.
        pub fn write(from: *const u8, len: usize);
    }
}

/// The image's exit status.
#[unsafe(no_mangle)]
extern "C" fn start() -> i32 {
    i32::from(!super::run())
}

/// Writes `text` to the terminal.
pub fn write(text: &[u8]) {
    // SAFETY: the host reads `len` bytes.
    unsafe { host::write(text.as_ptr(), text.len()) };
}

pub fn ticks() -> u32 {
    0
}

pub fn spin(_: u32) -> bool {
    false
}
