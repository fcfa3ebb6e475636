//! Rows and parts of arrays whose sizes were checked when a state was built.
//!
//! A constructor checks all sizes once and cuts the arrays of its state out of the caller's memory.
//! From then on an index lies inside its array, or this crate has a bug. The functions of this file
//! take such indices, and only they do: `get`, `Option` and `else` anywhere else in the crate are
//! about what may really happen.
//!
//! Where an index is outside after all, a build with debug assertions stops at the caller's line
//! (`CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true cargo test -p conformance --release` runs the suites
//! so). Any other build goes on with an empty part, or the default element, which is 0: nothing
//! unsafe, and no panic for the link-time proof to find.

use core::slice::SliceIndex;

/// What cannot happen has happened: `else { return impossible() }` where the functions below do not
/// serve, in most cases because an array's length should stay a constant of the type.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn impossible<T: Default>() -> T {
    debug_assert!(false, "an array has another size than its state was built with");
    T::default()
}

/// The elements of `range`.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn slice<T>(all: &[T], range: impl SliceIndex<[T], Output = [T]>) -> &[T] {
    match all.get(range) {
        Some(slice) => slice,
        None => impossible(),
    }
}

/// As [`slice`], to write.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn slice_mut<T>(all: &mut [T], range: impl SliceIndex<[T], Output = [T]>) -> &mut [T] {
    match all.get_mut(range) {
        Some(slice) => slice,
        None => impossible(),
    }
}

/// The first `count` elements, and the others.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn split<T>(all: &[T], count: usize) -> (&[T], &[T]) {
    match all.split_at_checked(count) {
        Some(parts) => parts,
        None => impossible(),
    }
}

/// As [`split`], to write.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn split_mut<T>(all: &mut [T], count: usize) -> (&mut [T], &mut [T]) {
    match all.split_at_mut_checked(count) {
        Some(parts) => parts,
        None => impossible(),
    }
}

/// Element `i`.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn item<T: Copy + Default>(all: &[T], i: usize) -> T {
    match all.get(i) {
        Some(item) => *item,
        None => impossible(),
    }
}

/// Makes element `i` be `x`.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn put<T>(all: &mut [T], i: usize, x: T) {
    match all.get_mut(i) {
        Some(item) => *item = x,
        None => impossible(),
    }
}

/// Lets `f` change element `i`.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn change<T>(all: &mut [T], i: usize, f: impl FnOnce(&mut T)) {
    match all.get_mut(i) {
        Some(item) => f(item),
        None => impossible(),
    }
}

/// The first `count` elements and the others, or all and none: here an array may end early.
#[inline(always)]
pub(crate) fn up_to<T>(all: &[T], count: usize) -> (&[T], &[T]) {
    all.split_at_checked(count).unwrap_or((all, &[]))
}

/// The elements from `first` on, none where the array ends before: here it may.
#[inline(always)]
pub(crate) fn beyond<T>(all: &[T], first: usize) -> &[T] {
    all.get(first..).unwrap_or(&[])
}

/// Copies `source` and sets the rest of `target` to zero.
pub(crate) fn fill<T: Copy + Default>(target: &mut [T], source: &[T]) {
    let mut source = source.iter();
    for x in target {
        *x = source.next().copied().unwrap_or_default();
    }
}

/// The whole lines of `len` elements each.
///
/// Written out because zipping `chunks` or `chunks_exact` divides by their size, which leaves a
/// panic path wherever the zip is not inlined.
#[inline(always)]
pub(crate) fn lines<T>(mut x: &[T], len: usize) -> impl Iterator<Item = &[T]> {
    core::iter::from_fn(move || {
        let (line, rest) = x.split_at_checked(len)?;
        x = rest;
        (!line.is_empty()).then_some(line)
    })
}

/// As [`lines`], to write.
#[inline(always)]
pub(crate) fn lines_mut<T>(mut x: &mut [T], len: usize) -> impl Iterator<Item = &mut [T]> {
    core::iter::from_fn(move || {
        let (line, rest) = core::mem::take(&mut x).split_at_mut_checked(len)?;
        x = rest;
        (!line.is_empty()).then_some(line)
    })
}

/// Rows of `width` elements each, to read.
#[derive(Debug)]
pub(crate) struct Rows<'a, T> {
    pub all: &'a [T],
    pub width: usize,
}

impl<T> Clone for Rows<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Rows<'_, T> {}

impl<'a, T> Rows<'a, T> {
    /// Row `j`.
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn row(self, j: usize) -> &'a [T] {
        slice(self.all, j * self.width..(j + 1) * self.width)
    }

    /// Row 0, 1, ...
    #[inline(always)]
    pub fn each(self) -> impl Iterator<Item = &'a [T]> {
        lines(self.all, self.width)
    }
}

/// Rows of `width` elements each, to write.
#[derive(Debug)]
pub(crate) struct RowsMut<'m, T> {
    pub all: &'m mut [T],
    pub width: usize,
}

impl<T> RowsMut<'_, T> {
    /// The same rows, to read.
    #[inline(always)]
    pub fn read(&self) -> Rows<'_, T> {
        Rows { all: self.all, width: self.width }
    }

    /// Row `j`.
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn row(&self, j: usize) -> &[T] {
        self.read().row(j)
    }

    /// Row `j`, to write.
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn row_mut(&mut self, j: usize) -> &mut [T] {
        slice_mut(self.all, j * self.width..(j + 1) * self.width)
    }

    /// Row 0, 1, ...
    #[inline(always)]
    pub fn each(&self) -> impl Iterator<Item = &[T]> {
        lines(self.all, self.width)
    }

    /// As [`each`](Self::each), to write.
    #[inline(always)]
    pub fn each_mut(&mut self) -> impl Iterator<Item = &mut [T]> {
        lines_mut(self.all, self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_by_hand() {
        let mut numbers = [1, 2, 3, 4, 5, 6];
        let mut rows = RowsMut { all: &mut numbers, width: 3 };
        put(rows.row_mut(1), 2, 7);
        assert_eq!((rows.row(0), rows.read().row(1)), (&[1, 2, 3][..], &[4, 5, 7][..]));
        assert_eq!(rows.each().count(), 2);
        assert_eq!(up_to(rows.row(0), 4), (&[1, 2, 3][..], &[][..]));
        assert_eq!(beyond(rows.row(0), 4), &[]);
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic = "another size")]
    fn outside_is_a_mistake_that_only_debug_builds_stop_at() {
        assert_eq!(Rows { all: &[1, 2, 3], width: 2 }.row(1), &[]);
    }
}
