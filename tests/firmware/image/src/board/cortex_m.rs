//! Cortex-M: started by `cortex-m-rt`; SysTick counts.

use core::arch::asm;

pub use super::semihosting::write;

/// SysTick has 24 bits.
pub const MASK: u32 = 0xff_ffff;

const SYST_CSR: *mut u32 = 0xe000_e010 as *mut u32;
const SYST_RVR: *mut u32 = 0xe000_e014 as *mut u32;
const SYST_CVR: *mut u32 = 0xe000_e018 as *mut u32;

#[cortex_m_rt::entry]
fn start() -> ! {
    // SAFETY: registers of every Cortex-M; count the processor's clock from the top, no interrupt.
    unsafe {
        SYST_RVR.write_volatile(MASK);
        SYST_CVR.write_volatile(0);
        SYST_CSR.write_volatile(0b101);
    }
    super::semihosting::exit(super::run())
}

pub fn ticks() -> u32 {
    // SAFETY: a register of every Cortex-M. It counts down.
    unsafe { MASK - SYST_CVR.read_volatile() }
}

pub fn spin(loops: u32) -> bool {
    // SAFETY: a loop in one register.
    unsafe { asm!("2: subs {0}, {0}, #1", "bne 2b", inout(reg) loops => _) };
    true
}
