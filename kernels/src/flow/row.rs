//! One neuron of the state and its derivative.

use crate::lanes::Lanes;
use crate::linalg::{dot, norm_sq};
use crate::real::Real;
use crate::rows::impossible;

/// One neuron, to read: its coordinates omega, its outer weight a and its log-size rho.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a, T> {
    pub omega: &'a [T],
    pub a: T,
    pub rho: T,
}

impl<'a, T: Real> Row<'a, T> {
    #[inline(always)]
    pub fn of(row: &'a [T]) -> Self {
        match row {
            [omega @ .., a, rho] => Row { omega, a: *a, rho: *rho },
            _ => {
                impossible::<()>();
                Row { omega: &[], a: T::ZERO, rho: T::ZERO }
            }
        }
    }

    /// e^{2 rho}, which multiplies what is quadratic in the neuron: 1 in Cartesian coordinates,
    /// where rho is 0.
    #[inline(always)]
    pub fn growth(self) -> T {
        (self.rho + self.rho).exp()
    }

    /// a^2 + |omega|^2.
    pub fn size_sq<L: Lanes<Elem = T>>(self) -> T {
        norm_sq::<L>(self.omega) + self.a * self.a
    }

    /// |(omega, a)|.
    pub fn size<L: Lanes<Elem = T>>(self) -> T {
        self.size_sq::<L>().sqrt()
    }
}

/// The derivative of one neuron under the pull D, written to `k`; returns |(omega, a)'|^2.
///
/// In polar coordinates the size |(omega, a)| grows at the rate 2 a <omega, D> / size^2; rho takes
/// that growth and the rest stays on the sphere.
#[inline(always)]
pub fn field<L: Lanes>(
    row: Row<'_, L::Elem>,
    pull: &[L::Elem],
    polar: bool,
    k: &mut [L::Elem],
) -> L::Elem {
    let force = dot::<L>(pull, row.omega);
    let growth = if polar { (row.a + row.a) * force } else { L::Elem::ZERO };
    let [omega @ .., a, rho] = k else { return impossible() };
    for ((k, &pull), &omega) in omega.iter_mut().zip(pull).zip(row.omega) {
        *k = row.a * pull - growth * omega;
    }
    *a = force - growth * row.a;
    *rho = growth;
    row.a * row.a * norm_sq::<L>(pull) + force * force
}
