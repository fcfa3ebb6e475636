//! Nothing in this crate or the kernels panics, so the handler is never called. `make test` links a
//! program that proves it.

use core::panic::PanicInfo;

#[cfg(not(feature = "prove-no-panic"))]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

#[cfg(feature = "prove-no-panic")]
unsafe extern "C" {
    fn an_exported_function_can_panic() -> !;
}

#[cfg(feature = "prove-no-panic")]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: never called; the symbol does not exist, so a program that could call it cannot link.
    unsafe { an_exported_function_can_panic() }
}

/// Can panic, on purpose.
#[cfg(feature = "planted")]
#[unsafe(no_mangle)]
extern "C" fn reluflow_planted(at: usize) -> u32 {
    [1, 2, 3][at]
}
