//! A file as memory: the one unsafe block of this crate.
#![allow(unsafe_code, reason = "a memory map cannot be made without; see the SAFETY comment")]
use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// A file that is read through a memory map.
#[derive(Debug)]
pub struct Mapped {
    map: Mmap,
    file: File,
    opened: Stamp,
}

/// What a change of a file changes.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { len: metadata.len(), modified: metadata.modified().ok() })
    }
}

impl Mapped {
    /// Maps a file, read-only.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let opened = Stamp::of(&file)?;
        // SAFETY: the map is read-only and private to this struct, which keeps the file open. What
        // Rust cannot rule out is that somebody else writes to the file or cuts it short while it
        // is mapped; numbers then change under a reader, or a read past the new end kills the
        // process. `train --help` forbids it, `changed` looks for it before each piece is
        // read, and the bytes are only ever decoded as floats, for which every pattern is valid.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self { map, file, opened })
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// How the file differs from what was opened, if it does.
    pub fn changed(&self) -> Option<String> {
        match Stamp::of(&self.file) {
            Ok(now) if now == self.opened => None,
            Ok(now) if now.len == self.opened.len => Some("that it was written to".to_owned()),
            Ok(now) => Some(format!("{} bytes instead of {}", now.len, self.opened.len)),
            Err(error) => Some(format!("that it cannot be asked for its length ({error})")),
        }
    }

    /// Says that some bytes are read soon, so that the disk reads them in one go, ahead of the
    /// page faults. Only advice: nothing depends on it.
    pub fn will_need(&self, offset: usize, len: usize) {
        #[cfg(unix)]
        let _ = self.map.advise_range(memmap2::Advice::WillNeed, offset, len);
        #[cfg(not(unix))]
        let _ = (offset, len);
    }
}
