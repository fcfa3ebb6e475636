//! The samples in an orthonormal basis of their span.
//!
//! No flow moves w_j out of the span of the samples, so of w_j only its r coordinates there are
//! integrated, r <= min(n, d): x_i = sum_k R_ik e_k, z_ji = sum_k R_ik omega_jk. Orthogonal samples
//! are their own basis and R is diagonal; n < d samples get one by Gram and Schmidt and R is
//! triangular; else the axes are the basis and R is x.

use crate::error::Dim;
use crate::error::{Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, norm_sq};
use crate::network::NetView;
use crate::real::Real;
use crate::rows::{fill, item, lines, lines_mut, put, slice, slice_mut, split_mut};
use crate::samples::SamplesView;

/// What is known of R.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Diagonal,
    Triangular,
    Full,
}

/// n samples in r orthonormal coordinates, with their targets, in the caller's memory.
#[derive(Clone, Copy, Debug)]
pub struct Span<'m, L: Lanes> {
    n: usize,
    d: usize,
    r: usize,
    form: Form,
    /// R: the diagonal (n), or n x r.
    rows: &'m [L::Elem],
    /// The basis where it is neither the axes nor the samples, r x d.
    basis: &'m [L::Elem],
    /// |x_i|.
    norms: &'m [L::Elem],
    y: &'m [L::Elem],
}

impl<'m, L: Lanes> Span<'m, L> {
    /// Elements of memory that [`new`](Span::new) needs.
    pub const fn len(n: usize, d: usize) -> usize {
        let r = if n < d { n } else { d };
        let basis = if n < d { r * d } else { 0 };
        n * r + basis + 2 * n
    }

    /// Elements of memory that [`orthogonal`](Span::orthogonal) needs.
    pub const fn len_orthogonal(n: usize) -> usize {
        3 * n
    }

    /// Any samples. Gram and Schmidt runs twice over each sample, so that the basis is orthogonal
    /// to rounding; a sample that depends on those before it adds no vector to it.
    ///
    /// Cost: 2 n^2 d where n < d, else a copy.
    ///
    /// # Errors
    /// [`Error::Memory`], [`Error::NonFinite`] in x or y.
    pub fn new(
        samples: SamplesView<'_, L::Elem>,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        let (n, d) = (samples.n(), samples.d());
        let r = n.min(d);
        let (needed, found) = (Self::len(n, d), memory.len());
        finite(samples.x())?;
        finite(samples.y())?;
        let parts = memory.split_at_mut_checked(n * r).and_then(|(rows, rest)| {
            let (norms, rest) = rest.split_at_mut_checked(n)?;
            let (y, rest) = rest.split_at_mut_checked(n)?;
            Some((rows, norms, y, rest.get_mut(..if n < d { r * d } else { 0 })?))
        });
        let Some((rows, norms, y, basis)) = parts else {
            return Err(Error::Memory { needed, found });
        };
        fill(y, samples.y());
        for (norm, x) in norms.iter_mut().zip(samples.rows()) {
            *norm = norm_sq::<L>(x).sqrt();
        }
        let form = if n < d { Form::Triangular } else { Form::Full };
        match form {
            Form::Full => fill(rows, samples.x()),
            _ => orthonormalise::<L>(samples, rows, basis),
        }
        Ok(Span { n, d, r, form, rows, basis, norms, y })
    }

    /// Pairwise orthogonal samples. That they are is not checked here:
    /// [`check_orthogonal`](crate::geometry::check_orthogonal) does.
    ///
    /// # Errors
    /// [`Error::Memory`], [`Error::NonFinite`] in x or y, [`Error::ZeroSample`].
    pub fn orthogonal(
        samples: SamplesView<'_, L::Elem>,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        let (n, d) = (samples.n(), samples.d());
        let (needed, found) = (Self::len_orthogonal(n), memory.len());
        finite(samples.x())?;
        finite(samples.y())?;
        let parts = memory.split_at_mut_checked(n).and_then(|(rows, rest)| {
            let (norms, rest) = rest.split_at_mut_checked(n)?;
            Some((rows, norms, rest.get_mut(..n)?))
        });
        let Some((rows, norms, y)) = parts else { return Err(Error::Memory { needed, found }) };
        fill(y, samples.y());
        for (i, (norm, x)) in norms.iter_mut().zip(samples.rows()).enumerate() {
            *norm = norm_sq::<L>(x).sqrt();
            if *norm == L::Elem::ZERO {
                return Err(Error::ZeroSample { i });
            }
        }
        fill(rows, norms);
        Ok(Span { n, d, r: n, form: Form::Diagonal, rows, basis: &[], norms, y })
    }

    /// Samples.
    pub const fn n(&self) -> usize {
        self.n
    }
    /// Coordinates.
    pub const fn r(&self) -> usize {
        self.r
    }
    /// Most pairs of one neuron that can slide at once: none on orthogonal samples.
    pub(super) fn sliding(&self) -> usize {
        if self.is_diagonal() { 0 } else { self.r }
    }
    /// Is R diagonal?
    pub(super) fn is_diagonal(&self) -> bool {
        self.form == Form::Diagonal
    }
    /// |x_i|.
    pub(super) const fn norms(&self) -> &'m [L::Elem] {
        self.norms
    }
    /// y_i.
    pub(super) const fn y(&self) -> &'m [L::Elem] {
        self.y
    }

    /// The first coordinate of sample i that may differ from 0, and those from there on.
    #[inline(always)]
    pub(super) fn row(&self, i: usize) -> (usize, &'m [L::Elem]) {
        let (first, at, len) = match self.form {
            Form::Diagonal => (i, i, 1),
            Form::Triangular => (0, i * self.r, (i + 1).min(self.r)),
            Form::Full => (0, i * self.r, self.r),
        };
        (first, slice(self.rows, at..at + len))
    }

    /// z = R_i . omega.
    #[inline(always)]
    pub(super) fn dot(&self, i: usize, omega: &[L::Elem]) -> L::Elem {
        let (first, row) = self.row(i);
        if let [c] = row {
            return *c * item(omega, first);
        }
        dot::<L>(row, slice(omega, first..))
    }

    /// out += c R_i.
    #[inline(always)]
    pub(super) fn add(&self, i: usize, c: L::Elem, out: &mut [L::Elem]) {
        let (first, row) = self.row(i);
        if let ([x], Some(out)) = (row, out.get_mut(first)) {
            *out += c * *x;
            return;
        }
        axpy::<L>(c, row, slice_mut(out, first..));
    }

    /// Takes what rounding and interpolation left of z_i out of omega: a pair on its kink is on it.
    pub(super) fn flatten(&self, i: usize, omega: &mut [L::Elem]) {
        if self.form == Form::Diagonal {
            put(omega, i, L::Elem::ZERO);
            return;
        }
        let square = self.inner(i, i);
        let z = self.dot(i, omega);
        if square > L::Elem::ZERO {
            self.add(i, -z / square, omega);
        }
    }

    /// <x_i, x_k>.
    pub(super) fn inner(&self, i: usize, k: usize) -> L::Elem {
        let (first, row) = self.row(i);
        let (other_first, other) = self.row(k);
        if first == other_first { dot::<L>(row, other) } else { L::Elem::ZERO }
    }

    /// out += c e_k, the basis vector k in R^d.
    fn lift(&self, samples: SamplesView<'_, L::Elem>, k: usize, c: L::Elem, out: &mut [L::Elem]) {
        let d = self.d;
        match self.form {
            Form::Full => {
                put(out, k, item(out, k) + c);
            }
            Form::Triangular => axpy::<L>(c, slice(self.basis, k * d..k * d + d), out),
            Form::Diagonal => {
                let norm = item(self.norms, k);
                axpy::<L>(c / norm, slice(samples.x(), k * d..k * d + d), out);
            }
        }
    }

    /// omega_k = <w, e_k>, the coordinates of w in the span.
    pub(super) fn project(
        &self,
        samples: SamplesView<'_, L::Elem>,
        w: &[L::Elem],
        omega: &mut [L::Elem],
    ) {
        let d = self.d;
        for (k, omega) in omega.iter_mut().take(self.r).enumerate() {
            let x = || slice(samples.x(), k * d..k * d + d);
            *omega = match self.form {
                Form::Full => item(w, k),
                Form::Triangular => dot::<L>(w, slice(self.basis, k * d..k * d + d)),
                Form::Diagonal => dot::<L>(w, x()) / item(self.norms, k),
            };
        }
    }

    /// w = w_start + sum_k (omega_k - omega_k(start)) e_k; `memory` holds r numbers.
    pub(super) fn rebuild(
        &self,
        samples: SamplesView<'_, L::Elem>,
        start: (&[L::Elem], L::Elem),
        omega: &[L::Elem],
        memory: &mut [L::Elem],
        w: &mut [L::Elem],
    ) {
        self.project(samples, start.0, memory);
        for (w, &first) in w.iter_mut().zip(start.0) {
            *w = start.1 * first;
        }
        for (k, (&omega, &first)) in omega.iter().zip(memory.iter()).take(self.r).enumerate() {
            self.lift(samples, k, omega - start.1 * first, w);
        }
    }

    /// The errors of samples or a network of other sizes than the span's.
    pub(super) fn expect(
        &self,
        net: NetView<'_, L::Elem>,
        samples: SamplesView<'_, L::Elem>,
    ) -> Result<(), Error> {
        expect(Dim::N, self.n, samples.n())?;
        expect(Dim::D, self.d, samples.d())?;
        expect(Dim::D, self.d, net.d())
    }
}

fn finite<T: Real>(numbers: &[T]) -> Result<(), Error> {
    match numbers.iter().position(|x| !x.is_finite()) {
        Some(at) => Err(Error::NonFinite { at }),
        None => Ok(()),
    }
}

/// x_i = sum_k R_ik e_k with R triangular (n x n) and e orthonormal (n x d).
fn orthonormalise<L: Lanes>(
    samples: SamplesView<'_, L::Elem>,
    rows: &mut [L::Elem],
    basis: &mut [L::Elem],
) {
    let (n, d) = (samples.n(), samples.d());
    // What is left of a sample below this share of it is rounding: the sample depends on the others.
    let least = L::Elem::EPSILON * L::Elem::from_usize(8 * n);
    rows.fill(L::Elem::ZERO);
    basis.fill(L::Elem::ZERO);
    for ((i, x), row) in samples.rows().enumerate().zip(lines_mut(rows, n)) {
        let (done, rest) = split_mut(basis, i * d);
        let rest = slice_mut(rest, ..d);
        fill(rest, x);
        for _ in 0..2 {
            for (e, c) in lines(done, d).zip(row.iter_mut()) {
                let share = dot::<L>(e, rest);
                *c += share;
                axpy::<L>(-share, e, rest);
            }
        }
        let size = norm_sq::<L>(rest).sqrt();
        if size <= least * norm_sq::<L>(x).sqrt() {
            rest.fill(L::Elem::ZERO);
            continue;
        }
        rest.iter_mut().for_each(|e| *e = *e / size);
        put(row, i, size);
    }
}
