//! The network h(x) = s sum_j a_j relu(<w_j, x>): fixed-size, borrowed, borrowed to write.

use crate::error::{Dim, Error, expect};
use crate::real::Real;
use crate::rows::{lines, lines_mut};

/// The factor s in front of the sum. The flow runs at speed 1/s, so that both cases obey the same
/// equations of motion and differ in the residual only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Scale {
    /// s = 1 (paper `orthogonal`).
    #[default]
    One,
    /// s = 1/p (paper `weak`).
    OneOverP,
}

impl Scale {
    /// s for p neurons.
    #[inline(always)]
    pub fn factor<T: Real>(self, p: usize) -> T {
        match self {
            Scale::One => T::ONE,
            Scale::OneOverP => T::ONE / T::from_usize(p),
        }
    }
}

/// A network of P neurons on D inputs that owns its weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Net<T, const P: usize, const D: usize> {
    /// Inner weights, one row w_j for each neuron.
    pub w: [[T; D]; P],
    /// Outer weights a_j.
    pub a: [T; P],
}

impl<T: Real, const P: usize, const D: usize> Net<T, P, D> {
    /// All weights zero.
    pub const fn zero() -> Self {
        const { assert!(P > 0 && D > 0, "p and d must be at least 1") };
        Net { w: [[T::ZERO; D]; P], a: [T::ZERO; P] }
    }

    /// The same network, with sizes known at run time only.
    #[inline(always)]
    pub const fn view(&self) -> NetView<'_, T> {
        const { assert!(P > 0 && D > 0, "p and d must be at least 1") };
        NetView { w: self.w.as_flattened(), a: &self.a, p: P, d: D }
    }

    /// As [`view`](Net::view), to write.
    #[inline(always)]
    pub const fn view_mut(&mut self) -> NetViewMut<'_, T> {
        const { assert!(P > 0 && D > 0, "p and d must be at least 1") };
        NetViewMut { w: self.w.as_flattened_mut(), a: &mut self.a, p: P, d: D }
    }
}

/// A network whose weights are borrowed: `w` is p x d row-major, `a` has p.
#[derive(Clone, Copy, Debug)]
pub struct NetView<'a, T> {
    w: &'a [T],
    a: &'a [T],
    p: usize,
    d: usize,
}

impl<'a, T: Real> NetView<'a, T> {
    /// Borrows `w` (p x d, row-major) and `a` (p); p is the length of `a`.
    ///
    /// # Errors
    /// [`Error::Empty`] when p or d is 0, [`Error::Shape`] when `w` does not have p d elements.
    pub const fn new(w: &'a [T], a: &'a [T], d: usize) -> Result<Self, Error> {
        match check(w.len(), a.len(), d) {
            Ok(p) => Ok(NetView { w, a, p, d }),
            Err(error) => Err(error),
        }
    }
    /// Neurons.
    #[inline(always)]
    pub const fn p(self) -> usize {
        self.p
    }
    /// Input dimension.
    #[inline(always)]
    pub const fn d(self) -> usize {
        self.d
    }
    /// Inner weights, p x d.
    #[inline(always)]
    pub const fn w(self) -> &'a [T] {
        self.w
    }
    /// Outer weights, p.
    #[inline(always)]
    pub const fn a(self) -> &'a [T] {
        self.a
    }
    /// w_j for j = 0, 1, ..., p - 1.
    pub fn rows(self) -> impl Iterator<Item = &'a [T]> {
        lines(self.w, self.d)
    }
}

/// As [`NetView`], to write.
#[derive(Debug)]
pub struct NetViewMut<'a, T> {
    pub(crate) w: &'a mut [T],
    pub(crate) a: &'a mut [T],
    p: usize,
    d: usize,
}

impl<'a, T: Real> NetViewMut<'a, T> {
    /// As [`NetView::new`].
    ///
    /// # Errors
    /// As [`NetView::new`].
    pub const fn new(w: &'a mut [T], a: &'a mut [T], d: usize) -> Result<Self, Error> {
        match check(w.len(), a.len(), d) {
            Ok(p) => Ok(NetViewMut { w, a, p, d }),
            Err(error) => Err(error),
        }
    }
    /// Neurons.
    pub const fn p(&self) -> usize {
        self.p
    }
    /// Input dimension.
    pub const fn d(&self) -> usize {
        self.d
    }
    /// The same network, to read.
    pub const fn as_view(&self) -> NetView<'_, T> {
        NetView { w: self.w, a: self.a, p: self.p, d: self.d }
    }
    /// (w_j, a_j) for j = 0, 1, ..., p - 1.
    pub fn neurons(&mut self) -> impl Iterator<Item = (&mut [T], &mut T)> {
        lines_mut(self.w, self.d).zip(self.a.iter_mut())
    }
    /// The shape error, if this is not p x d.
    pub(crate) const fn expect(&self, p: usize, d: usize) -> Result<(), Error> {
        match expect(Dim::P, p, self.p) {
            Ok(()) => expect(Dim::D, d, self.d),
            error => error,
        }
    }
}

const fn check(w: usize, a: usize, d: usize) -> Result<usize, Error> {
    if a == 0 {
        return Err(Error::Empty { dim: Dim::P });
    }
    if d == 0 {
        return Err(Error::Empty { dim: Dim::D });
    }
    match a.checked_mul(d) {
        None => Err(Error::TooLarge),
        Some(expected) => match expect(Dim::W, expected, w) {
            Ok(()) => Ok(a),
            Err(error) => Err(error),
        },
    }
}
