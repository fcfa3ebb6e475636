//! Where the flow from a small start goes on orthogonal data (paper `orthogonal`): the two signs
//! are fitted one after the other and the limit has the smallest norm among interpolators.

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, norm_sq};
use crate::network::NetView;
use crate::real::Real;
use crate::samples::SamplesView;

/// The smallest |theta|^2 = sum_j a_j^2 + |w_j|^2 of a network (s = 1) that interpolates orthogonal
/// samples, not necessarily of unit norm:
/// 2 [ sqrt(sum_{y_k>0} y_k^2/|x_k|^2) + sqrt(sum_{y_k<0} y_k^2/|x_k|^2) ].
///
/// For unit norms this is Proposition 1 of paper `orthogonal`, 2 n (|D_+| + |D_-|). One neuron a
/// sign attains it. Not checked here: orthogonality.
///
/// # Errors
/// [`Error::ZeroSample`].
pub fn minimum_norm<L: Lanes>(samples: SamplesView<'_, L::Elem>) -> Result<L::Elem, Error> {
    let (mut plus, mut minus) = (L::Elem::ZERO, L::Elem::ZERO);
    for (i, (x, &y)) in samples.rows().zip(samples.y()).enumerate() {
        let norm = norm_sq::<L>(x);
        if norm == L::Elem::ZERO {
            return Err(Error::ZeroSample { i });
        }
        let share = y * y / norm;
        if y > L::Elem::ZERO {
            plus += share;
        } else {
            minus += share;
        }
    }
    let half = plus.sqrt() + minus.sqrt();
    Ok(half + half)
}

/// A sign of the outer weight and of the targets that it can fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// a_j > 0, y_k > 0.
    Plus,
    /// a_j < 0, y_k < 0.
    Minus,
}

impl Sign {
    fn holds<T: Real>(self, x: T) -> bool {
        match self {
            Sign::Plus => x > T::ZERO,
            Sign::Minus => x < T::ZERO,
        }
    }
}

/// D_+ = (1/n) sum_{y_k>0} y_k x_k, or D_- with y_k < 0, written to `out`; returns |D|. From a small
/// start, neurons of that sign align with it and their norm grows at rate |D| (paper
/// `orthogonal`).
///
/// # Errors
/// [`Error::Shape`] when `out` does not have d elements.
pub fn direction<L: Lanes>(
    samples: SamplesView<'_, L::Elem>,
    sign: Sign,
    out: &mut [L::Elem],
) -> Result<L::Elem, Error> {
    expect(Dim::Output, samples.d(), out.len())?;
    out.fill(L::Elem::ZERO);
    let count = L::Elem::from_usize(samples.n());
    for (x, &y) in samples.rows().zip(samples.y()) {
        if sign.holds(y) {
            axpy::<L>(y / count, x, out);
        }
    }
    Ok(norm_sq::<L>(out).sqrt())
}

/// Is neuron (w, a) in S_+ (or S_-): a of that sign and <w, x_k> >= 0 for all y_k of that sign?
/// These neurons align with D_+ (or D_-) and carry the fit (paper `orthogonal`).
pub fn carries<L: Lanes>(
    w: &[L::Elem],
    a: L::Elem,
    samples: SamplesView<'_, L::Elem>,
    sign: Sign,
) -> bool {
    sign.holds(a)
        && samples
            .rows()
            .zip(samples.y())
            .all(|(x, &y)| !sign.holds(y) || dot::<L>(w, x) >= L::Elem::ZERO)
}

/// Number of neurons in S_+ (or S_-).
///
/// # Errors
/// [`Error::Shape`] when `net` and `samples` differ in d.
pub fn carriers<L: Lanes>(
    net: NetView<'_, L::Elem>,
    samples: SamplesView<'_, L::Elem>,
    sign: Sign,
) -> Result<usize, Error> {
    expect(Dim::D, samples.d(), net.d())?;
    Ok(net.rows().zip(net.a()).filter(|&(w, &a)| carries::<L>(w, a, samples, sign)).count())
}
