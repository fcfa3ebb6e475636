//! SIGINT, SIGTERM and SIGHUP set a flag; runs look at it, save a checkpoint and end with 130.
use crate::failure::Failure;
use std::sync::atomic::{AtomicBool, Ordering};

static PENDING: AtomicBool = AtomicBool::new(false);

/// Starts to listen and returns the flag. A second signal ends the process at once: whoever asks
/// twice does not want to wait, and files are renamed into place, so nothing is half-written.
pub fn listen() -> Result<&'static AtomicBool, Failure> {
    ctrlc::set_handler(|| {
        if PENDING.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })
    .map_err(|error| Failure::failed(format!("cannot listen for Ctrl-C: {error}")))?;
    Ok(&PENDING)
}
