//! How deep the stack has been: it is painted before the image runs.

use core::hint::black_box;
use core::ptr::{from_mut, with_exposed_provenance, with_exposed_provenance_mut};

/// No value of interest: as a float -2.9e-16, as an address outside every board's memory.
const PAINT: u32 = 0xa5a5_a5a5;

unsafe extern "C" {
    /// The statics end here and the stack may not pass.
    static _stack_end: u32;
    /// The stack starts here and grows down.
    static _stack_start: u32;
}

fn bounds() -> (usize, usize) {
    // The linker's symbols are addresses, nothing is stored there.
    ((&raw const _stack_end).expose_provenance(), (&raw const _stack_start).expose_provenance())
}

/// Paints what is not in use.
#[inline(never)]
pub fn paint() {
    let mut here = 0u32;
    // 256 bytes for this function's own frame.
    let top = from_mut(black_box(&mut here)).addr() - 256;
    for address in (bounds().0..top).step_by(4) {
        // SAFETY: between the statics and the stack pointer, which nothing uses.
        unsafe { with_exposed_provenance_mut::<u32>(address).write_volatile(PAINT) };
    }
}

/// Bytes of the stack that have been used.
pub fn used() -> usize {
    let (end, start) = bounds();
    let painted = (end..start).step_by(4).take_while(|&address| {
        // SAFETY: inside the stack, which was painted or written.
        unsafe { with_exposed_provenance::<u32>(address).read_volatile() == PAINT }
    });
    start - end - 4 * painted.count()
}
