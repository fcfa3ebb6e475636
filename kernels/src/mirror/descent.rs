//! Least squares F(beta) = 1/2 |X beta - y|^2 under the mirror flow of the hypentropy.
//!
//! In the dual coordinate u = asinh(beta/r) the flow is du/dt = -2 X^T (X r sinh(u) - y) (paper `mirror`,
//! Theorem 3.4), a smooth field; Euler's method on it is mirror descent with potential Phi_r / 2.

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, sum};
use crate::mirror::hypentropy::{to_dual, to_primal};
use crate::real::Real;
use crate::rows::fill;
use crate::samples::SamplesView;

fn checked<T: Real>(samples: SamplesView<'_, T>, beta: &[T]) -> Result<(), Error> {
    expect(Dim::D, samples.d(), beta.len())
}

/// F(beta) = 1/2 sum_i (<x_i, beta> - y_i)^2. Cost: n m.
///
/// # Errors
/// [`Error::Shape`] when `beta` does not have m elements.
pub fn loss<L: Lanes>(
    samples: SamplesView<'_, L::Elem>,
    beta: &[L::Elem],
) -> Result<L::Elem, Error> {
    checked(samples, beta)?;
    let squares = samples.rows().zip(samples.y()).map(|(x, &y)| {
        let residual = dot::<L>(x, beta) - y;
        residual * residual
    });
    Ok(L::Elem::from_f64(0.5) * sum::<L>(squares))
}

/// grad F = X^T (X beta - y) into `out`; returns F. Cost: 2 n m.
///
/// # Errors
/// [`Error::Shape`] when `beta` or `out` does not have m elements.
pub fn gradient<L: Lanes>(
    samples: SamplesView<'_, L::Elem>,
    beta: &[L::Elem],
    out: &mut [L::Elem],
) -> Result<L::Elem, Error> {
    checked(samples, beta)?;
    expect(Dim::Output, samples.d(), out.len())?;
    Ok(scaled_gradient::<L>(L::Elem::ONE, samples, beta, out))
}

/// `out` = c grad F; returns F.
pub(super) fn scaled_gradient<L: Lanes>(
    c: L::Elem,
    samples: SamplesView<'_, L::Elem>,
    beta: &[L::Elem],
    out: &mut [L::Elem],
) -> L::Elem {
    out.fill(L::Elem::ZERO);
    let squares = samples.rows().zip(samples.y()).map(|(x, &y)| {
        let residual = dot::<L>(x, beta) - y;
        axpy::<L>(c * residual, x, out);
        residual * residual
    });
    L::Elem::from_f64(0.5) * sum::<L>(squares)
}

/// The mirror flow as a field in the dual coordinates.
#[derive(Debug)]
pub struct Mirror<'m, L: Lanes> {
    samples: SamplesView<'m, L::Elem>,
    r: &'m [L::Elem],
    beta: &'m mut [L::Elem],
}

impl<'m, L: Lanes> Mirror<'m, L> {
    /// Elements of memory for m coordinates.
    pub const fn len(m: usize) -> usize {
        m
    }

    /// The flow on `samples` (X is n x m) with one r >= 0 a coordinate. A coordinate with r = 0 rests at
    /// 0 here: its dual coordinate is infinite elsewhere.
    ///
    /// # Errors
    /// [`Error::Shape`] when `r` does not have m elements, [`Error::NonFinite`] where r is not finite or
    /// below 0, [`Error::Memory`].
    pub fn new(
        samples: SamplesView<'m, L::Elem>,
        r: &'m [L::Elem],
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        checked(samples, r)?;
        if let Some(at) = r.iter().position(|r| !(*r >= L::Elem::ZERO && r.is_finite())) {
            return Err(Error::NonFinite { at });
        }
        let (needed, found) = (samples.d(), memory.len());
        let beta = memory.get_mut(..needed).ok_or(Error::Memory { needed, found })?;
        beta.fill(L::Elem::ZERO);
        Ok(Mirror { samples, r, beta })
    }

    /// `du` = -2 X^T (X beta - y) at beta = r sinh(u); returns F(beta). Both have m elements; of longer
    /// slices the rest is left as it is. Cost: 2 n m and m sinh.
    pub fn velocity(&mut self, u: &[L::Elem], du: &mut [L::Elem]) -> L::Elem {
        let (m, nan) = (self.r.len(), L::Elem::from_f64(f64::NAN));
        let (Some(u), Some(du)) = (u.get(..m), du.get_mut(..m)) else { return nan };
        if to_primal(u, self.r, self.beta).is_err() {
            return nan;
        }
        let minus_two = L::Elem::from_f64(-2.0);
        scaled_gradient::<L>(minus_two, self.samples, self.beta, du)
    }

    /// beta of the last call of [`velocity`](Mirror::velocity).
    pub fn beta(&self) -> &[L::Elem] {
        self.beta
    }

    /// r.
    pub fn r(&self) -> &[L::Elem] {
        self.r
    }
}

/// Mirror descent: Euler steps of the flow, u -= 2 dt X^T (X beta - y).
#[derive(Debug)]
pub struct Descent<'m, L: Lanes> {
    mirror: Mirror<'m, L>,
    u: &'m mut [L::Elem],
    velocity: &'m mut [L::Elem],
}

impl<'m, L: Lanes> Descent<'m, L> {
    /// Elements of memory for m coordinates.
    pub const fn len(m: usize) -> usize {
        3 * m
    }

    /// Starts at `beta`.
    ///
    /// # Errors
    /// As [`Mirror::new`]; [`Error::Shape`] when `beta` does not have m elements, [`Error::NonFinite`]
    /// where its dual coordinate is infinite: beta is, or r = 0 and beta is not.
    pub fn new(
        samples: SamplesView<'m, L::Elem>,
        r: &'m [L::Elem],
        beta: &[L::Elem],
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        checked(samples, beta)?;
        let m = samples.d();
        let short = Error::Memory { needed: 3 * m, found: memory.len() };
        let (u, rest) = memory.split_at_mut_checked(m).ok_or(short)?;
        let (velocity, rest) = rest.split_at_mut_checked(m).ok_or(short)?;
        let mirror = Mirror::new(samples, r, rest.get_mut(..m).ok_or(short)?)?;
        to_dual(beta, r, u)?;
        if let Some(at) = u.iter().position(|u| !u.is_finite()) {
            return Err(Error::NonFinite { at });
        }
        velocity.fill(L::Elem::ZERO);
        fill(mirror.beta, beta);
        Ok(Descent { mirror, u, velocity })
    }

    /// One step; returns F before it. Cost: 2 n m and m sinh.
    pub fn step(&mut self, dt: L::Elem) -> L::Elem {
        let loss = self.mirror.velocity(self.u, self.velocity);
        axpy::<L>(dt, self.velocity, self.u);
        loss
    }

    /// u = asinh(beta/r).
    pub fn dual(&self) -> &[L::Elem] {
        self.u
    }

    /// beta = r sinh(u) into `out`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `out` does not have m elements.
    pub fn beta(&self, out: &mut [L::Elem]) -> Result<(), Error> {
        to_primal(self.u, self.mirror.r, out)
    }
}
