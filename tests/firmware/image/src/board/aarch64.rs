//! AArch64 at EL1, MMU off; the virtual counter counts.

use core::arch::{asm, global_asm};

pub use super::semihosting::write;

pub const MASK: u32 = u32::MAX;

// CPACR_EL1.FPEN = 3 switches floating point and NEON on.
global_asm!(
    ".section .init, \"ax\"",
    ".globl _start",
    "_start:",
    "mov x0, #(3 << 20)",
    "msr cpacr_el1, x0",
    "isb",
    "adrp x0, _stack_start",
    "add x0, x0, :lo12:_stack_start",
    "mov sp, x0",
    "b {start}",
    start = sym start,
);

extern "C" fn start() -> ! {
    super::semihosting::exit(super::run())
}

pub fn ticks() -> u32 {
    let count: u64;
    // SAFETY: reads a counter.
    unsafe { asm!("isb", "mrs {}, cntvct_el0", out(reg) count) };
    count as u32
}

pub fn spin(loops: u32) -> bool {
    // SAFETY: a loop in one register.
    unsafe { asm!("2: subs {0:w}, {0:w}, #1", "b.ne 2b", inout(reg) loops => _) };
    true
}
