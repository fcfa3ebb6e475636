//! What every function that can fail returns.

use core::ffi::{CStr, c_char, c_int};

use reluflow::Error;

/// Status of a call. The values are frozen: none is ever renumbered, new ones are added at the end.
#[repr(C)]
#[derive(Clone, Copy)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// A pointer is null.
    Null = 1,
    /// A pointer is not aligned for what it points to.
    Misaligned = 2,
    /// A size is 0.
    Empty = 3,
    /// The sizes overflow the address space.
    TooLarge = 4,
    /// The memory block has too few bytes.
    Memory = 5,
    /// Something to write overlaps something else that the call uses.
    Overlap = 6,
    /// A number is NaN or infinite.
    NotFinite = 7,
    /// Not a state of this type, not initialised, or its block has been moved.
    Handle = 8,
    /// A scale, a law or a number is not among those allowed.
    Argument = 9,
    /// A sample is the zero vector or too small to square, so it has no orthogonal coordinate.
    ZeroSample = 10,
    /// Two samples are not orthogonal.
    NotOrthogonal = 11,
    /// A pass that no sample was fed to cannot be finished.
    NoSamples = 12,
    /// The library contradicts itself: please report it.
    Internal = 13,
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Empty { .. } => Status::Empty,
            Error::TooLarge => Status::TooLarge,
            Error::Memory { .. } => Status::Memory,
            Error::ZeroSample { .. } => Status::ZeroSample,
            Error::NotOrthogonal { .. } => Status::NotOrthogonal,
            Error::NonFinite { .. } => Status::NotFinite,
            _ => Status::Internal,
        }
    }
}

/// The status that C sees of what a call did.
#[inline(always)]
pub fn report(call: impl FnOnce() -> Result<(), Status>) -> c_int {
    match call() {
        Ok(()) => Status::Ok as c_int,
        Err(status) => status as c_int,
    }
}

const TEXTS: [&CStr; 14] = [
    c"done",
    c"a pointer is null",
    c"a pointer is not aligned for what it points to",
    c"a size is zero",
    c"the sizes overflow the address space",
    c"the memory block has too few bytes",
    c"something to write overlaps something else that the call uses",
    c"a number is NaN or infinite",
    c"not a state of this type, not initialised, or its block has been moved",
    c"a scale, a law or a number is not among those allowed",
    c"a sample is zero or too small to square",
    c"two samples are not orthogonal",
    c"no sample was fed",
    c"the library contradicts itself: please report it",
];

/// What a status means, in English, without a full stop. Never null; a static string.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_status_text(status: c_int) -> *const c_char {
    let text = usize::try_from(status).ok().and_then(|status| TEXTS.get(status));
    text.copied().unwrap_or(c"not a status of this library").as_ptr()
}
