//! RISC-V in machine mode; `minstret` counts.

use core::arch::{asm, global_asm};

pub use super::semihosting::write;

pub const MASK: u32 = u32::MAX;

// mstatus.FS = 3 switches the floating-point unit on; without one it has no effect.
global_asm!(
    ".section .init, \"ax\"",
    ".globl _start",
    "_start:",
    "la sp, _stack_start",
    "li t0, 0x6000",
    "csrs mstatus, t0",
    "j {start}",
    start = sym start,
);

extern "C" fn start() -> ! {
    super::semihosting::exit(super::run())
}

pub fn ticks() -> u32 {
    let count: u32;
    // SAFETY: reads a counter.
    unsafe { asm!("csrr {}, minstret", out(reg) count) };
    count
}

pub fn spin(loops: u32) -> bool {
    // SAFETY: a loop in one register.
    unsafe { asm!("2: addi {0}, {0}, -1", "bnez {0}, 2b", inout(reg) loops => _) };
    true
}
