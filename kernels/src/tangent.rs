//! The neural tangent kernel of the network on its samples, mostly without forming it.
//!
//! J = dh/d(w, a) is n x (p d + p): dh_i/dw_j = s a_j `1[z_ji > 0]` x_i and dh_i/da_j = s
//! relu(z_ji). The kernel K = J J^T is n x n, symmetric and positive semidefinite, and
//!
//! K_ik = s^2 sum_j [ relu(z_ji) relu(z_jk) + a_j^2 `1[z_ji > 0] 1[z_jk > 0]` <x_i, x_k> ].
//!
//! - Gradient flow dtheta/dt = -grad L moves the predictions by dh/dt = (1/n) K r. The flow of this
//!   crate, at speed 1/s, moves them by (1/n) M r with M = K/s (paper `weak`, eq. 15, where s =
//!   1/p).
//! - K* = K/n is the operator of Robin, Scaman and Lelarge (Convergence beyond the
//!   over-parameterized regime using Rayleigh quotients, NeurIPS 2022), K*(g, h) = E_(x, x') g(x)
//!   K(x, x') h(x'), on functions with the norm |h|^2 = E h(x)^2 over the samples. A loss L = E
//!   l(h(x), y) falls at -dL/dt = K*(grad l, grad l), and mu = (2/n) R^T M R / |R|^2 is (2/s) times
//!   K*'s Rayleigh quotient at the residuals.
//!
//! relu'(0) = 0; a NaN pre-activation reaches every product.

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, norm_sq};
use crate::network::{NetView, Scale};
use crate::real::Real;
use crate::rows::{lines, lines_mut};
use crate::samples::SamplesView;

/// J at a network, by its products; holds relu(z) in the caller's memory.
#[derive(Debug)]
pub struct Tangent<'a, L: Lanes> {
    net: NetView<'a, L::Elem>,
    samples: SamplesView<'a, L::Elem>,
    scale: L::Elem,
    /// relu(z_ji), p x n: not 0 exactly where the gate is open.
    active: &'a mut [L::Elem],
    /// sum_i u_i `1[z_ji > 0]` x_i of one neuron.
    pull: &'a mut [L::Elem],
}

impl<'a, L: Lanes> Tangent<'a, L> {
    /// Elements of memory for p neurons on n samples in d dimensions.
    pub const fn len(p: usize, n: usize, d: usize) -> usize {
        p * n + d
    }

    /// Takes the pre-activations of `net` on `samples`. Cost: p n d.
    ///
    /// # Errors
    /// [`Error::Shape`] when the two differ in d, [`Error::TooLarge`], [`Error::Memory`].
    pub fn new(
        net: NetView<'a, L::Elem>,
        samples: SamplesView<'a, L::Elem>,
        scale: Scale,
        memory: &'a mut [L::Elem],
    ) -> Result<Self, Error> {
        expect(Dim::D, samples.d(), net.d())?;
        let (p, n, d) = (net.p(), samples.n(), net.d());
        let Some(pairs) = p.checked_mul(n).filter(|pairs| pairs.checked_add(d).is_some()) else {
            return Err(Error::TooLarge);
        };
        let (needed, found) = (Self::len(p, n, d), memory.len());
        let parts = memory
            .split_at_mut_checked(pairs)
            .and_then(|(active, rest)| Some((active, rest.get_mut(..d)?)));
        let Some((active, pull)) = parts else { return Err(Error::Memory { needed, found }) };
        for (w, row) in net.rows().zip(lines_mut(active, n)) {
            for (active, x) in row.iter_mut().zip(samples.rows()) {
                let z = dot::<L>(w, x);
                *active = if z <= L::Elem::ZERO { L::Elem::ZERO } else { z };
            }
        }
        Ok(Tangent { net, samples, scale: scale.factor(p), active, pull })
    }

    /// J v for the direction v = (`dw`, `da`), p x d and p: how fast the n predictions move. Cost:
    /// p n d at most.
    ///
    /// # Errors
    /// [`Error::Shape`].
    pub fn forward(&self, dw: &[L::Elem], da: &[L::Elem], dh: &mut [L::Elem]) -> Result<(), Error> {
        self.expect_direction(dw.len(), da.len())?;
        expect(Dim::Output, self.samples.n(), dh.len())?;
        dh.fill(L::Elem::ZERO);
        let neurons = lines(dw, self.net.d()).zip(da).zip(self.net.a()).zip(self.rows());
        for (((dw, &da), &a), active) in neurons {
            axpy::<L>(self.scale * da, active, dh);
            spread::<L>(self.scale * a, dw, active, self.samples, dh);
        }
        Ok(())
    }

    /// J^T u for `u` of n numbers, written to `dw` and `da`. At u = r/n it is the gradient of -L.
    /// Cost: p n d at most.
    ///
    /// # Errors
    /// [`Error::Shape`].
    pub fn pullback(
        &self,
        u: &[L::Elem],
        dw: &mut [L::Elem],
        da: &mut [L::Elem],
    ) -> Result<(), Error> {
        self.expect_direction(dw.len(), da.len())?;
        expect(Dim::N, self.samples.n(), u.len())?;
        let neurons = lines_mut(dw, self.net.d()).zip(da).zip(self.net.a()).zip(self.rows());
        for (((dw, da), &a), active) in neurons {
            *da = self.scale * dot::<L>(u, active);
            gather::<L>(u, active, self.samples, dw);
            let factor = self.scale * a;
            dw.iter_mut().for_each(|dw| *dw = factor * *dw);
        }
        Ok(())
    }

    /// K u = J J^T u, neuron by neuron. Cost: 2 p n d at most; where n is less and there is room
    /// for [`kernel`](Tangent::kernel), its n^2 a product are soon cheaper.
    ///
    /// # Errors
    /// [`Error::Shape`] when `u` or `ku` does not have n elements.
    pub fn kernel_product(&mut self, u: &[L::Elem], ku: &mut [L::Elem]) -> Result<(), Error> {
        let n = self.samples.n();
        expect(Dim::N, n, u.len())?;
        expect(Dim::Output, n, ku.len())?;
        ku.fill(L::Elem::ZERO);
        let square = self.scale * self.scale;
        let Tangent { net, samples, active, pull, .. } = self;
        for (&a, active) in net.a().iter().zip(lines(active, n)) {
            axpy::<L>(square * dot::<L>(u, active), active, ku);
            gather::<L>(u, active, *samples, pull);
            spread::<L>(square * a * a, pull, active, *samples, ku);
        }
        Ok(())
    }

    /// K, n x n, by its formula. Cost: n^2 (2 p + d).
    ///
    /// # Errors
    /// [`Error::Shape`] when `k` does not have n^2 elements.
    pub fn kernel(&self, k: &mut [L::Elem]) -> Result<(), Error> {
        let n = self.samples.n();
        expect(Dim::Output, n.checked_mul(n).ok_or(Error::TooLarge)?, k.len())?;
        k.fill(L::Elem::ZERO);
        for (&a, active) in self.net.a().iter().zip(self.rows()) {
            for (row, &left) in lines_mut(k, n).zip(active) {
                if left != L::Elem::ZERO {
                    for (entry, &right) in row.iter_mut().zip(active) {
                        *entry += if right == L::Elem::ZERO { L::Elem::ZERO } else { a * a };
                    }
                }
            }
        }
        for (row, x) in lines_mut(k, n).zip(self.samples.rows()) {
            for (entry, other) in row.iter_mut().zip(self.samples.rows()) {
                *entry = *entry * dot::<L>(x, other);
            }
        }
        for active in self.rows() {
            for (row, &left) in lines_mut(k, n).zip(active) {
                axpy::<L>(left, active, row);
            }
        }
        let square = self.scale * self.scale;
        k.iter_mut().for_each(|entry| *entry = square * *entry);
        Ok(())
    }

    /// R(K*; h, h) = |J^T h|^2 / (n |h|^2) with |h|^2 the sum of squares: between the least and the
    /// greatest eigenvalue of K* = K/n. NaN where h = 0. Cost: p n d at most.
    ///
    /// # Errors
    /// [`Error::Shape`] when `h` does not have n elements.
    pub fn rayleigh(&mut self, h: &[L::Elem]) -> Result<L::Elem, Error> {
        let square = self.pullback_norm_sq(h)?;
        Ok(square / (L::Elem::from_usize(self.samples.n()) * norm_sq::<L>(h)))
    }

    /// K*(g, g) = |J^T g|^2 / n^2: how fast L = (1/n) sum_i l_i falls along dtheta/dt = -grad L,
    /// where g_i is the derivative of l_i by the prediction h_i; s times as fast as the flow of
    /// this crate. Cost: p n d at most.
    ///
    /// # Errors
    /// [`Error::Shape`] when `g` does not have n elements.
    pub fn descent(&mut self, g: &[L::Elem]) -> Result<L::Elem, Error> {
        let count = L::Elem::from_usize(self.samples.n());
        Ok(self.pullback_norm_sq(g)? / (count * count))
    }

    /// The local-PL curvature mu = (2/s) R(K*; r, r) of the square loss at residuals `r`, which a
    /// step measures as [`Step::mu`](crate::Step::mu). NaN where r = 0.
    ///
    /// # Errors
    /// [`Error::Shape`] when `r` does not have n elements.
    pub fn mu(&mut self, r: &[L::Elem]) -> Result<L::Elem, Error> {
        let quotient = self.rayleigh(r)?;
        Ok((quotient + quotient) / self.scale)
    }

    /// |J^T u|^2.
    fn pullback_norm_sq(&mut self, u: &[L::Elem]) -> Result<L::Elem, Error> {
        let n = self.samples.n();
        expect(Dim::N, n, u.len())?;
        let Tangent { net, samples, scale, active, pull } = self;
        let mut sum = L::Elem::ZERO;
        for (&a, active) in net.a().iter().zip(lines(active, n)) {
            let outer = dot::<L>(u, active);
            gather::<L>(u, active, *samples, pull);
            sum += outer * outer + a * a * norm_sq::<L>(pull);
        }
        Ok(*scale * *scale * sum)
    }

    /// relu(z_j) for j = 0, 1, ..., p - 1.
    fn rows(&self) -> impl Iterator<Item = &[L::Elem]> {
        lines(self.active, self.samples.n())
    }

    fn expect_direction(&self, w: usize, a: usize) -> Result<(), Error> {
        expect(Dim::W, self.net.w().len(), w)?;
        expect(Dim::A, self.net.p(), a)
    }
}

/// out_i += factor `1[z_i > 0]` <v, x_i>.
fn spread<L: Lanes>(
    factor: L::Elem,
    v: &[L::Elem],
    active: &[L::Elem],
    samples: SamplesView<'_, L::Elem>,
    out: &mut [L::Elem],
) {
    for ((x, out), &active) in samples.rows().zip(out).zip(active) {
        if active != L::Elem::ZERO {
            *out += factor * dot::<L>(v, x);
        }
    }
}

/// sum_i u_i `1[z_i > 0]` x_i.
fn gather<L: Lanes>(
    u: &[L::Elem],
    active: &[L::Elem],
    samples: SamplesView<'_, L::Elem>,
    pull: &mut [L::Elem],
) {
    pull.fill(L::Elem::ZERO);
    for ((x, &u), &active) in samples.rows().zip(u).zip(active) {
        if active != L::Elem::ZERO {
            axpy::<L>(u, x, pull);
        }
    }
}
