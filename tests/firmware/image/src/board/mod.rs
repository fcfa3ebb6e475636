//! What an image needs of a machine: start and exit status, text, a clock that counts instructions, the
//! depth of the stack, and statics.
//!
//! Each architecture's file has `start`, which the machine enters, and
//! - `write`: text out;
//! - `ticks`: a counter that only runs forward, modulo `MASK` + 1; its unit is found by
//!   [`Instructions`];
//! - `spin(n)`: a loop of exactly 2 n instructions; false where there is no counter.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

#[cfg_attr(target_arch = "arm", path = "cortex_m.rs")]
#[cfg_attr(any(target_arch = "riscv32", target_arch = "riscv64"), path = "riscv.rs")]
#[cfg_attr(all(target_arch = "aarch64", target_os = "none"), path = "aarch64.rs")]
#[cfg_attr(target_family = "wasm", path = "wasm.rs")]
#[cfg_attr(unix, path = "host.rs")]
mod machine;
#[cfg(target_os = "none")]
mod semihosting;
#[cfg(target_os = "none")]
mod stack;

#[cfg(unix)]
pub use machine::start;
pub use machine::write;

/// Makes `body`, a `fn() -> bool`, the image: its verdict is the exit status.
#[macro_export]
macro_rules! image {
    ($body:path) => {
        // The board's start calls it by name, so that one start serves all images.
        #[unsafe(no_mangle)]
        extern "C" fn image_body() -> bool {
            $body()
        }
        #[cfg(unix)]
        fn main() -> std::process::ExitCode {
            $crate::board::start()
        }
    };
}

unsafe extern "C" {
    /// Defined by `image!`.
    safe fn image_body() -> bool;
}

/// Runs the image between painting the stack and reporting how much of it was used.
fn run() -> bool {
    #[cfg(target_os = "none")]
    stack::paint();
    let verdict = image_body();
    #[cfg(target_os = "none")]
    crate::text::named("stack", stack::used() as u64);
    crate::text::line(if verdict { "verdict pass" } else { "verdict FAIL" });
    verdict
}

/// An image that can panic does not link, since this symbol does not exist.
#[cfg(not(unix))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn a_public_kernel_can_panic() -> !;
    }
    // SAFETY: never called; a program that could call it cannot link.
    unsafe { a_public_kernel_can_panic() }
}

/// A static that is borrowed once, mutably: memory that the caller of the kernels owns.
pub struct Static<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached through `take` only.
unsafe impl<T: Send> Sync for Static<T> {}

impl<T> Static<T> {
    /// Holds `value`.
    pub const fn new(value: T) -> Self {
        Static { taken: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// The value, the first time.
    #[expect(clippy::mut_from_ref, reason = "it is given away once")]
    pub fn take(&'static self) -> Option<&'static mut T> {
        // Not `swap`, which thumbv6m does not have.
        if self.taken.load(Ordering::Relaxed) {
            return None;
        }
        self.taken.store(true, Ordering::Relaxed);
        // SAFETY: the images have one thread and no interrupts, so nothing came between the load and
        // the store, and this is the only borrow.
        Some(unsafe { &mut *self.value.get() })
    }
}

/// Counts instructions by a clock of unknown unit, calibrated by a loop of known length.
pub struct Instructions {
    ticks: u64,
    /// Instructions of the calibration, and the ticks that they took.
    unit: (u64, u64),
}

impl Instructions {
    /// A counter at 0; `None` on a machine that does not count.
    pub fn new() -> Option<Self> {
        const LOOPS: u32 = 2_000_000;
        let mut counted = Instructions { ticks: 0, unit: (2 * u64::from(LOOPS), 0) };
        let known = counted.count(|| machine::spin(LOOPS));
        counted.unit.1 = core::mem::take(&mut counted.ticks);
        known.then_some(counted)
    }

    /// Runs `work` and adds what it took.
    pub fn count<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let from = machine::ticks();
        let result = work();
        self.ticks += u64::from(machine::ticks().wrapping_sub(from) & machine::MASK);
        result
    }

    /// Instructions so far.
    pub fn total(&self) -> u64 {
        self.ticks * self.unit.0 / self.unit.1.max(1)
    }
}
