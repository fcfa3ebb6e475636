//! Calls to the debugger, here QEMU: the same two operations on all three architectures.

use core::arch::asm;

/// Writes one byte.
const WRITE_BYTE: usize = 0x03;
/// Ends the program with a status.
const EXIT: usize = 0x20;
/// The reason for EXIT that is not an error.
const APPLICATION_EXIT: usize = 0x20026;

/// # Safety
/// `argument` is what `operation` asks for.
unsafe fn call(operation: usize, argument: *const usize) {
    // SAFETY: the debugger reads the argument, returns in the first register and changes nothing else.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("bkpt 0xab", inout("r0") operation => _, in("r1") argument);
        #[cfg(target_arch = "aarch64")]
        asm!("hlt 0xf000", inout("x0") operation => _, in("x1") argument);
        // The debugger knows the call by these three uncompressed instructions.
        #[cfg(target_arch = "riscv32")]
        asm!(
            ".option push",
            ".option norvc",
            ".balign 16",
            "slli x0, x0, 0x1f",
            "ebreak",
            "srai x0, x0, 7",
            ".option pop",
            inout("a0") operation => _, in("a1") argument,
        );
    }
}

/// Writes `text` to the host's terminal.
pub fn write(text: &[u8]) {
    for byte in text {
        // SAFETY: a pointer to the byte.
        unsafe { call(WRITE_BYTE, core::ptr::from_ref(byte).cast()) };
    }
}

/// Ends the program with status 0 for true, 1 for false.
pub fn exit(verdict: bool) -> ! {
    let arguments = [APPLICATION_EXIT, usize::from(!verdict)];
    // SAFETY: a pointer to reason and status.
    unsafe { call(EXIT, arguments.as_ptr()) };
    loop {}
}
