//! Predictions, loss and gradients of plain arrays: no state, no workspace, nothing packed.
//!
//! For a network that is used more often than trained, and for checks. A state takes 2 p n d
//! multiply-adds a step, in SIMD registers; a gradient here takes 3 p n d, one number at a time.
//!
//! Order of summation: z over k, h over j, everything else over i, all ascending. With samples in the lanes a
//! [`Canonical`](crate::Canonical) state has the same predictions, bit for bit.

use crate::error::{Dim, Error, expect};
use crate::lanes::Lanes;
use crate::network::{NetView, Scale};
use crate::real::Real;
use crate::rows::{lines, lines_mut};
use crate::samples::SamplesView;
use crate::step::Step;

impl<T: Real + Lanes<Elem = T>> NetView<'_, T> {
    /// h(x) = s sum_j a_j relu(<w_j, x>) at one input. Cost: p d multiply-adds.
    ///
    /// ```
    /// use reluflow::{NetView, Scale};
    /// let net = NetView::new(&[1.0f32, -1.0, 2.0, 0.5], &[3.0, -1.0], 2)?;
    /// assert_eq!(net.predict(&[2.0, 1.0], Scale::One)?, 3.0 * 1.0 - 4.5);
    /// # Ok::<(), reluflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] when `x` does not have d elements.
    pub fn predict(self, x: &[T], scale: Scale) -> Result<T, Error> {
        expect(Dim::D, self.d(), x.len())?;
        Ok(scale.factor::<T>(self.p()) * self.output(x))
    }

    /// L = 1/(2n) sum_i (y_i - h(x_i))^2. Cost: p n d multiply-adds.
    ///
    /// # Errors
    /// [`Error::Shape`] when the samples have another d.
    pub fn loss(self, samples: SamplesView<'_, T>, scale: Scale) -> Result<T, Error> {
        expect(Dim::D, self.d(), samples.d())?;
        let squares = self.residuals(samples, scale).fold(T::ZERO, |sum, (_, r)| sum + r * r);
        Ok(squares / T::from_usize(2 * samples.n()))
    }

    /// dL/dw into `grad_w` (p x d row-major) and dL/da into `grad_a` (p); returns L, the speed of the
    /// flow and with them mu. Cost: 3 p n d multiply-adds.
    ///
    /// # Errors
    /// [`Error::Shape`] when the samples have another d, or `grad_w` or `grad_a` another length. Nothing
    /// has been written then.
    pub fn gradient(
        self,
        samples: SamplesView<'_, T>,
        scale: Scale,
        grad_w: &mut [T],
        grad_a: &mut [T],
    ) -> Result<Step<T>, Error> {
        let (p, d) = (self.p(), self.d());
        expect(Dim::D, d, samples.d())?;
        expect(Dim::W, p * d, grad_w.len())?;
        expect(Dim::A, p, grad_a.len())?;
        grad_w.fill(T::ZERO);
        grad_a.fill(T::ZERO);
        let mut squares = T::ZERO;
        // First D_j = sum_i r_i 1[z_ji > 0] x_i and sum_i r_i relu(z_ji).
        for (x, r) in self.residuals(samples, scale) {
            squares += r * r;
            let gradients = lines_mut(grad_w, d).zip(grad_a.iter_mut());
            for (w, (slope, outer)) in self.rows().zip(gradients) {
                let z = pre_activation(w, x);
                *outer += r * z.relu();
                let g = r.gate(z);
                slope.iter_mut().zip(x).for_each(|(slope, &x)| *slope += g * x);
            }
        }
        let (n, s) = (T::from_usize(samples.n()), scale.factor::<T>(p));
        let speed = -s / n;
        let mut speed_sq = T::ZERO;
        for (slope, (outer, &a)) in lines_mut(grad_w, d).zip(grad_a.iter_mut().zip(self.a())) {
            let mut steep = T::ZERO;
            for slope in slope {
                steep += *slope * *slope;
                *slope = speed * a * *slope;
            }
            speed_sq += a * a * steep + *outer * *outer;
            *outer = speed * *outer;
        }
        Ok(Step { loss: squares / (n + n), speed_sq: speed_sq / (n * n), scale: s })
    }

    /// h(x) / s.
    fn output(self, x: &[T]) -> T {
        let neurons = self.rows().zip(self.a());
        neurons.fold(T::ZERO, |sum, (w, &a)| sum + a * pre_activation(w, x).relu())
    }

    /// (x_i, r_i) for i = 0, 1, ..., n - 1.
    fn residuals(
        self,
        samples: SamplesView<'_, T>,
        scale: Scale,
    ) -> impl Iterator<Item = (&[T], T)> {
        let s = scale.factor::<T>(self.p());
        let rows = lines(samples.x(), samples.d()).zip(samples.y());
        rows.map(move |(x, &y)| (x, y - s * self.output(x)))
    }
}

/// <w, x>, k ascending.
#[inline(always)]
fn pre_activation<T: Real>(w: &[T], x: &[T]) -> T {
    w.iter().zip(x).fold(T::ZERO, |sum, (&w, &x)| sum + w * x)
}
