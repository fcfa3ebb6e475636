//! Time that others on the machine do not add to.
use std::time::Duration;

/// Time that this thread has had on a core. Where others use the machine, a clock on the wall
/// would count their time slices too, and against slow cases more than against fast ones.
#[cfg(unix)]
pub fn on_core() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Time on the wall, for want of a better clock.
#[cfg(not(unix))]
pub fn on_core() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// ns per call of `f`, which makes `calls` of them.
pub fn per_call(calls: u64, f: impl FnOnce()) -> f64 {
    let start = on_core();
    f();
    (on_core() - start).as_secs_f64() * 1e9 / calls as f64
}
