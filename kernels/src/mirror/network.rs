//! Two-layer networks with fixed directions, and their reduction to the mirror flow.
//!
//! f(x) = sum_j b_j relu(<a_j theta_j, x>) = sum_j a_j b_j relu(<theta_j, x>) with a_j > 0, theta_j a unit vector that
//! is not trained. On n samples it is X beta, X_ij = relu(<theta_j, x_i>), beta_j = a_j b_j. The gradient
//! flow of F = 1/2 |X beta - y|^2 is da_j/dt = -b_j g_j, db_j/dt = -a_j g_j, g = X^T (X beta - y).
//!
//! Theorem 3.4 of paper `mirror`: a_j^2 - b_j^2 is conserved, and beta follows the mirror flow of
//! [`Mirror`](super::descent::Mirror) with r_j = |a_j^2 - b_j^2| / 2. Lemma 3.5: neurons of one direction act as one.

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::dot;
use crate::mirror::descent::scaled_gradient;
use crate::real::Real;
use crate::rows::{fill, lines, lines_mut, split_mut};
use crate::samples::SamplesView;

/// X_ij = relu(<theta_j, x_i>) into `out` (n x m); `theta` is m x d. Cost: n m d.
///
/// # Errors
/// [`Error::Shape`] when `theta` is not whole rows of d or `out` does not have n m elements.
pub fn features<L: Lanes>(
    inputs: SamplesView<'_, L::Elem>,
    theta: &[L::Elem],
    out: &mut [L::Elem],
) -> Result<(), Error> {
    let d = inputs.d();
    let m = theta.len().checked_div(d).unwrap_or(0);
    if m == 0 {
        return Err(Error::Empty { dim: Dim::P });
    }
    expect(Dim::W, m.checked_mul(d).ok_or(Error::TooLarge)?, theta.len())?;
    expect(Dim::Output, inputs.n().checked_mul(m).ok_or(Error::TooLarge)?, out.len())?;
    for (x, row) in inputs.rows().zip(lines_mut(out, m)) {
        for (feature, theta) in row.iter_mut().zip(lines(theta, d)) {
            let z = dot::<L>(theta, x);
            *feature = if z <= L::Elem::ZERO { L::Elem::ZERO } else { z };
        }
    }
    Ok(())
}

/// The gradient flow of the network, as a field on (a, b).
#[derive(Debug)]
pub struct Network<'m, L: Lanes> {
    samples: SamplesView<'m, L::Elem>,
    beta: &'m mut [L::Elem],
    minus_g: &'m mut [L::Elem],
}

impl<'m, L: Lanes> Network<'m, L> {
    /// Elements of memory for m neurons.
    pub const fn len(m: usize) -> usize {
        2 * m
    }

    /// The flow on the features `samples` (X is n x m).
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn new(
        samples: SamplesView<'m, L::Elem>,
        memory: &'m mut [L::Elem],
    ) -> Result<Self, Error> {
        let m = samples.d();
        let short = Error::Memory { needed: 2 * m, found: memory.len() };
        let (beta, rest) = memory.split_at_mut_checked(m).ok_or(short)?;
        let minus_g = rest.get_mut(..m).ok_or(short)?;
        Ok(Network { samples, beta, minus_g })
    }

    /// `velocity` = (-b g, -a g) at `weights` = (a, b), 2 m elements each; returns F, NaN where they have
    /// another length. Cost: 2 n m.
    pub fn velocity(&mut self, weights: &[L::Elem], velocity: &mut [L::Elem]) -> L::Elem {
        let m = self.beta.len();
        let split = weights.split_at_checked(m).zip(velocity.split_at_mut_checked(m));
        let Some(((a, b), (da, db))) =
            split.filter(|((_, b), (_, db))| (b.len(), db.len()) == (m, m))
        else {
            return L::Elem::from_f64(f64::NAN);
        };
        for (beta, (&a, &b)) in self.beta.iter_mut().zip(a.iter().zip(b)) {
            *beta = a * b;
        }
        let minus_one = L::Elem::from_f64(-1.0);
        let loss = scaled_gradient::<L>(minus_one, self.samples, self.beta, self.minus_g);
        let neurons = a.iter().zip(b).zip(self.minus_g.iter());
        for (((&a, &b), &minus_g), (da, db)) in neurons.zip(da.iter_mut().zip(db)) {
            (*da, *db) = (b * minus_g, a * minus_g);
        }
        loss
    }
}

/// beta_j = a_j b_j and r_j = |a_j^2 - b_j^2| / 2, of m neurons each.
///
/// # Errors
/// [`Error::Shape`] when the lengths differ.
pub fn reduce<T: Real>(a: &[T], b: &[T], beta: &mut [T], r: &mut [T]) -> Result<(), Error> {
    let m = a.len();
    expect(Dim::A, m, b.len())?;
    expect(Dim::Output, m, beta.len())?;
    expect(Dim::Output, m, r.len())?;
    for ((&a, &b), (beta, r)) in a.iter().zip(b).zip(beta.iter_mut().zip(r)) {
        *beta = a * b;
        // Not a^2 - b^2, whose roundings are as large as it where a and b are nearly balanced.
        *r = T::from_f64(0.5) * ((a - b) * (a + b)).abs();
    }
    Ok(())
}

/// The network with |a_j| >= |b_j|, a_j > 0 that [`reduce`] takes to (beta, r): a^2 = sqrt(beta^2 + r^2) + r,
/// b = beta / a.
///
/// # Errors
/// [`Error::Shape`] when the lengths differ.
pub fn lift<T: Real>(beta: &[T], r: &[T], a: &mut [T], b: &mut [T]) -> Result<(), Error> {
    let m = beta.len();
    expect(Dim::D, m, r.len())?;
    expect(Dim::Output, m, a.len())?;
    expect(Dim::Output, m, b.len())?;
    for ((&beta, &r), (a, b)) in beta.iter().zip(r).zip(a.iter_mut().zip(b)) {
        let norm = T::ONE / super::hypentropy::second(beta, r);
        *a = (norm + r).sqrt();
        *b = if beta == T::ZERO { beta } else { beta / *a };
    }
    Ok(())
}

/// Neurons of one direction as one coordinate (Lemma 3.5): neuron j belongs to coordinate `group[j]`,
/// beta_k = sum a_j b_j and r_k = 1/2 sqrt(sum (a_j + b_j)^2 sum (a_j - b_j)^2) over the group.
///
/// The paper prints r_k^2 = 1/4 sum_ij (a_i a_j - b_i b_j)^2 + (a_i b_j - b_i a_j)^2, the same number at the
/// cost of the group squared. A coordinate without neurons has beta = r = 0. `memory` needs as many
/// elements as there are coordinates. Cost: O(m).
///
/// # Errors
/// [`Error::Shape`] when lengths differ or a group is not one of the coordinates, [`Error::Memory`].
pub fn merge<T: Real>(
    a: &[T],
    b: &[T],
    group: &[usize],
    beta: &mut [T],
    r: &mut [T],
    memory: &mut [T],
) -> Result<(), Error> {
    let (m, count) = (a.len(), beta.len());
    expect(Dim::A, m, b.len())?;
    expect(Dim::A, m, group.len())?;
    expect(Dim::Output, count, r.len())?;
    let short = Error::Memory { needed: count, found: memory.len() };
    let minus = memory.get_mut(..count).ok_or(short)?;
    for sums in [&mut *beta, &mut *r, &mut *minus] {
        sums.fill(T::ZERO);
    }
    for (&k, (&a, &b)) in group.iter().zip(a.iter().zip(b)) {
        let slots = beta.get_mut(k).zip(r.get_mut(k)).zip(minus.get_mut(k));
        let Some(((beta, plus), minus)) = slots else {
            return Err(Error::Shape {
                dim: Dim::Output,
                expected: k.saturating_add(1),
                found: count,
            });
        };
        *beta += a * b;
        *plus += (a + b) * (a + b);
        *minus += (a - b) * (a - b);
    }
    for (r, &minus) in r.iter_mut().zip(minus.iter()) {
        *r = T::from_f64(0.5) * r.sqrt() * minus.sqrt();
    }
    Ok(())
}

/// Writes (a, b) one after the other, as [`Network::velocity`] takes them.
///
/// # Errors
/// [`Error::Shape`] when the lengths do not fit.
pub fn join<T: Real>(a: &[T], b: &[T], weights: &mut [T]) -> Result<(), Error> {
    let m = a.len();
    expect(Dim::A, m, b.len())?;
    expect(Dim::Output, m.checked_mul(2).ok_or(Error::TooLarge)?, weights.len())?;
    let (front, back) = split_mut(weights, m);
    fill(front, a);
    fill(back, b);
    Ok(())
}
