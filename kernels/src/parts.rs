//! Dealing: rows into row groups, chunks into panels.

/// `total` things dealt into the fewest parts of at most `most`, the first `longer` of them one
/// larger than the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Parts of size `size + 1`, which come first.
    pub longer: usize,
    /// Parts of size `size`.
    pub shorter: usize,
    /// Size of a shorter part.
    pub size: usize,
}

impl Parts {
    #[inline(always)]
    pub const fn of(total: usize, most: usize) -> Parts {
        let count = total.div_ceil(most);
        if count == 0 {
            return Parts { longer: 0, shorter: 0, size: 0 };
        }
        let longer = total % count;
        Parts { longer, shorter: count - longer, size: total / count }
    }

    /// (first, size) of the part that holds `at`.
    #[inline(always)]
    pub const fn holding(self, at: usize) -> (usize, usize) {
        // Divisions that cannot fail, for no panic path may remain.
        let long = self.size + 1;
        let longer = self.longer * long;
        if at < longer {
            return match at.checked_div(long) {
                Some(part) => (part * long, long),
                None => (0, long),
            };
        }
        match (at - longer).checked_div(self.size) {
            Some(part) => (longer + part * self.size, self.size),
            None => (longer, 1),
        }
    }

    /// (first, size) of each part, ascending.
    #[inline(always)]
    pub fn each(self) -> impl Iterator<Item = (usize, usize)> {
        let long = self.size + 1;
        let first = self.longer * long;
        (0..self.longer)
            .map(move |part| (part * long, long))
            .chain((0..self.shorter).map(move |part| (first + part * self.size, self.size)))
    }
}

/// Can a part of `size` occur, where `total` is 0 if it is not known?
pub(crate) const fn occurs(total: usize, most: usize, size: usize) -> bool {
    if size > most {
        return false;
    }
    let parts = Parts::of(total, most);
    total == 0
        || (parts.longer > 0 && size == parts.size + 1)
        || (parts.shorter > 0 && size == parts.size)
}
