//! Bounds of the local-PL curvature mu = |grad L|^2 / (s L) of a network on its data.
//!
//! Lemma 7 of paper `weak`, for any output scale s (s = 1/p in the paper):
//!
//! - lower: (2/n) ((C_x^-)^2 - |X^T X - D_X|) min_i s sum_j a_j^2 `1[z_ji > 0]`;
//! - upper: (2/n) ((C_x^+)^2 + |X^T X - D_X|) max_i s sum_j (a_j^2 + |w_j|^2) `1[z_ji > 0]`.
//!
//! The paper prints the upper bound without the defect, which holds for orthogonal data only: its
//! proof drops the cross term on that side.

use crate::error::{Dim, Error, expect};
use crate::geometry::Geometry;
use crate::lanes::Lanes;
use crate::linalg::norm_sq;
use crate::network::{NetView, Scale};
use crate::real::Real;

/// Lemma 7's bracket of mu.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds<T> {
    /// Never above mu. Not positive, hence empty, where some sample has no active neuron or the
    /// defect exceeds (C_x^-)^2.
    pub lower: T,
    /// Never below mu.
    pub upper: T,
    /// The upper bound as the paper prints it: correct for orthogonal data only.
    pub upper_printed: T,
}

impl<T: Real> Bounds<T> {
    /// Lemma 7 at `net`, whose pre-activations `z` are p x n row-major. `memory` needs p elements.
    ///
    /// Uses the upper end of the defect's bracket, so that both bounds are certain.
    /// Cost: p d + 3 p n.
    ///
    /// # Errors
    /// [`Error::Shape`] when `z` does not have p n elements, [`Error::Memory`].
    pub fn lemma_7<L: Lanes<Elem = T>>(
        net: NetView<'_, T>,
        z: &[T],
        scale: Scale,
        geometry: &Geometry<T>,
        memory: &mut [T],
    ) -> Result<Self, Error> {
        let (p, n) = (net.p(), geometry.n);
        expect(Dim::Output, p * n, z.len())?;
        let found = memory.len();
        let Some(norms) = memory.get_mut(..p) else {
            return Err(Error::Memory { needed: p, found });
        };
        for (norm, w) in norms.iter_mut().zip(net.rows()) {
            *norm = norm_sq::<L>(w);
        }
        let (mut least, mut most) = (T::INFINITY, T::ZERO);
        for i in 0..n {
            let (mut outer, mut both) = (T::ZERO, T::ZERO);
            let column = z.iter().skip(i).step_by(n.max(1));
            for (&z, (&a, &norm)) in column.zip(net.a().iter().zip(norms.iter())) {
                if z > T::ZERO {
                    outer += a * a;
                    both += a * a + norm;
                }
            }
            (least, most) = (least.min(outer), most.max(both));
        }
        let per = scale.factor::<T>(p) * (T::ONE + T::ONE) / T::from_usize(n);
        let (x_min, x_max) = (geometry.x_min * geometry.x_min, geometry.x_max * geometry.x_max);
        let defect = geometry.defect.upper;
        Ok(Bounds {
            lower: per * (x_min - defect) * least,
            upper: per * (x_max + defect) * most,
            upper_printed: per * x_max * most,
        })
    }
}

/// Assumption 1 (paper `weak`): every neuron starts with |a_j| >= |w_j|. Lemma 1 then keeps the
/// sign of a_j for ever. Returns the first neuron that fails, if any.
pub fn assumption_1<L: Lanes>(net: NetView<'_, L::Elem>) -> Option<usize> {
    // Negated so that NaN fails.
    net.rows().zip(net.a()).position(|(w, &a)| !(a * a >= norm_sq::<L>(w)))
}

/// Largest |a_j^2 - |w_j|^2 - (b_j^2 - |v_j|^2)| over the neurons of `net` and `start`: the flow
/// conserves a^2 - |w|^2 (Lemma 1 of paper `weak`), Euler steps drift by O(dt).
///
/// # Errors
/// [`Error::Shape`] when the networks differ in size.
pub fn balance_drift<L: Lanes>(
    net: NetView<'_, L::Elem>,
    start: NetView<'_, L::Elem>,
) -> Result<L::Elem, Error> {
    expect(Dim::P, start.p(), net.p())?;
    expect(Dim::D, start.d(), net.d())?;
    let balance = |w: &[L::Elem], a: L::Elem| a * a - norm_sq::<L>(w);
    let pairs = net.rows().zip(net.a()).zip(start.rows().zip(start.a()));
    Ok(pairs.fold(L::Elem::ZERO, |most, ((w, &a), (v, &b))| {
        most.max((balance(w, a) - balance(v, b)).abs())
    }))
}
