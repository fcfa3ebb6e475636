//! What is done to each number of a layer between two products.

use super::layer::{Activation, kink, leaky, negative, sigmoid_slope, sigmoids};
use crate::lanes::Lanes;
use crate::layout::set;
use crate::parts::Parts;
use crate::real::Real;
use crate::rows::{change, item, lines, lines_mut, slice, slice_mut};

/// What lies between two products: samples, numbers a sample, what is applied to them.
#[derive(Clone, Copy)]
pub(crate) struct Pass<T> {
    pub n: usize,
    pub len: usize,
    pub activation: Activation,
    /// Of a parametric activation.
    pub slope: T,
}

impl<T: Real> Pass<T> {
    fn panels<L: Lanes<Elem = T>>(self) -> impl Iterator<Item = (usize, usize)> {
        Parts::of(self.len.div_ceil(L::WIDTH), L::PANEL).each()
    }

    /// 1 in the lanes of chunk `chunk` that hold numbers, 0 in those that pad it.
    fn mask<L: Lanes<Elem = T>>(self, chunk: usize) -> L {
        let mut mask = L::EMPTY;
        for (lane, x) in mask.as_mut().iter_mut().enumerate() {
            *x = if chunk * L::WIDTH + lane < self.len { T::ONE } else { T::ZERO };
        }
        L::load(&mask)
    }

    /// z += b, x = sigma(z), plus `before` where it is given; without x sigma(z) takes the place of z.
    pub fn forward<L: Lanes<Elem = T>>(
        self,
        b: &[L::Chunk],
        z: &mut [L::Chunk],
        before: Option<&[L::Chunk]>,
        mut x: Option<&mut [L::Chunk]>,
    ) {
        for (first, size) in self.panels::<L>() {
            let part = first * self.n..(first + size) * self.n;
            let before = before.map(|before| slice(before, part.clone()));
            let (b, z) = (slice(b, first..first + size), slice_mut(z, part.clone()));
            match x.as_deref_mut() {
                Some(x) => {
                    self.forward_panel::<L>(first, b, z, before, slice_mut(x, part));
                }
                None => self.fold_panel::<L>(first, b, z),
            }
        }
    }

    /// [`forward`](Pass::forward) of some rows of the panel whose first chunk is `first`.
    pub fn forward_panel<L: Lanes<Elem = T>>(
        self,
        first: usize,
        b: &[L::Chunk],
        z: &mut [L::Chunk],
        before: Option<&[L::Chunk]>,
        x: &mut [L::Chunk],
    ) {
        // One loop for each activation.
        match self.activation {
            Activation::Identity => activate::<L>(b, z, before, x, |_, z| z),
            Activation::Relu => activate::<L>(b, z, before, x, |_, z| z.relu()),
            Activation::Leaky { slope } => {
                let slope = T::from_f64(slope);
                activate::<L>(b, z, before, x, |_, z| leaky(z, slope));
            }
            Activation::Parametric => activate::<L>(b, z, before, x, |_, z| leaky(z, self.slope)),
            // sigmoid(0) is not 0, and padding must be.
            Activation::Sigmoid => {
                activate::<L>(b, z, before, x, |v, z| sigmoids(z).gate(self.mask(first + v)));
            }
        }
    }

    /// z = sigma(z + b) in some rows of the panel whose first chunk is `first`.
    pub fn fold_panel<L: Lanes<Elem = T>>(self, first: usize, b: &[L::Chunk], z: &mut [L::Chunk]) {
        match self.activation {
            Activation::Identity => fold::<L>(b, z, |_, z| z),
            Activation::Relu => fold::<L>(b, z, |_, z| z.relu()),
            Activation::Leaky { slope } => {
                let slope = T::from_f64(slope);
                fold::<L>(b, z, |_, z| leaky(z, slope));
            }
            Activation::Parametric => fold::<L>(b, z, |_, z| leaky(z, self.slope)),
            Activation::Sigmoid => {
                fold::<L>(b, z, |v, z| sigmoids(z).gate(self.mask(first + v)));
            }
        }
    }

    /// z = sigma'(z) d, b = sum_i of that; returns sum_ij d min(0, z), the derivative by the slope.
    ///
    /// Sums over i ascending in each lane, then over the numbers of a sample in virtual lanes.
    pub fn backward<L: Lanes<Elem = T>>(
        self,
        d: &[L::Chunk],
        z: &mut [L::Chunk],
        b: &mut [L::Chunk],
    ) -> T {
        let mut slope = L::bank(L::zero());
        for (first, size) in self.panels::<L>() {
            let part = first * self.n..(first + size) * self.n;
            let (d, z) = (slice(d, part.clone()), slice_mut(z, part));
            for v in 0..size {
                let (sum, steep) = self.backward_chunk::<L>((v, size), L::zero(), d, z);
                change(b, first + v, |b| sum.store(b));
                change(slope.as_mut(), (first + v) % set::<L>(), |sum| *sum = *sum + steep);
            }
        }
        L::fold(slope)
    }

    /// [`backward`](Pass::backward) of chunk v of some rows of a panel of `size` chunks; returns `sum`
    /// plus the sum of z, and sum d min(0, z).
    pub fn backward_chunk<L: Lanes<Elem = T>>(
        self,
        at: (usize, usize),
        sum: L,
        d: &[L::Chunk],
        z: &mut [L::Chunk],
    ) -> (L, L) {
        match self.activation {
            Activation::Identity => down::<L>(at, sum, d, z, |_, d| (d, L::zero())),
            Activation::Relu => down::<L>(at, sum, d, z, |z, d| (d.gate(z), L::zero())),
            Activation::Leaky { slope } => {
                let slope = L::splat(T::from_f64(slope));
                down::<L>(at, sum, d, z, |z, d| (kink(slope, z, d), L::zero()))
            }
            Activation::Parametric => {
                let slope = L::splat(self.slope);
                down::<L>(at, sum, d, z, |z, d| (kink(slope, z, d), d * negative(z)))
            }
            Activation::Sigmoid => {
                down::<L>(at, sum, d, z, |z, d| (d * sigmoid_slope(z), L::zero()))
            }
        }
    }

    /// x = sigma'(z) dz + min(0, z) dslope, plus `before` where it is given: the derivative of what
    /// comes out, for that of z and of the slope.
    pub fn tangent<L: Lanes<Elem = T>>(
        self,
        dslope: T,
        b: &[L::Chunk],
        z: &[L::Chunk],
        dz: &[L::Chunk],
        x: &mut [L::Chunk],
        residual: bool,
    ) {
        for (first, size) in self.panels::<L>() {
            let part = first * self.n..(first + size) * self.n;
            let (b, z) = (slice(b, first..first + size), slice(z, part.clone()));
            let (dz, x) = (slice(dz, part.clone()), slice_mut(x, part));
            let rows = lines(z, size).zip(lines(dz, size)).zip(lines_mut(x, size));
            for ((z, dz), x) in rows {
                for (((z, dz), x), b) in z.iter().zip(dz).zip(x).zip(b) {
                    let z = L::load(z);
                    let dz = L::load(dz) + L::load(b);
                    let mut dx = self.activation.times_slope(z, dz, self.slope);
                    if self.activation.is_parametric() {
                        dx = L::splat(dslope).mul_add(negative(z), dx);
                    }
                    if residual {
                        dx = dx + L::load(x);
                    }
                    dx.store(x);
                }
            }
        }
    }
}

/// z += b, x = f(v, z) + before, in rows of as many chunks as b has.
#[inline(always)]
fn activate<L: Lanes>(
    b: &[L::Chunk],
    z: &mut [L::Chunk],
    before: Option<&[L::Chunk]>,
    x: &mut [L::Chunk],
    f: impl Fn(usize, L) -> L,
) {
    let size = b.len();
    for (v, b) in b.iter().enumerate() {
        let b = L::load(b);
        let column = z.iter_mut().zip(x.iter_mut()).skip(v).step_by(size.max(1));
        match before {
            None => {
                for (z, x) in column {
                    let sum = L::load(z) + b;
                    sum.store(z);
                    f(v, sum).store(x);
                }
            }
            Some(before) => {
                let before = before.iter().skip(v).step_by(size.max(1));
                for ((z, x), before) in column.zip(before) {
                    let sum = L::load(z) + b;
                    sum.store(z);
                    (f(v, sum) + L::load(before)).store(x);
                }
            }
        }
    }
}

/// z = f(v, z + b), in rows of as many chunks as b has.
#[inline(always)]
fn fold<L: Lanes>(b: &[L::Chunk], z: &mut [L::Chunk], f: impl Fn(usize, L) -> L) {
    let size = b.len();
    for (v, b) in b.iter().enumerate() {
        let b = L::load(b);
        for z in z.iter_mut().skip(v).step_by(size.max(1)) {
            f(v, L::load(z) + b).store(z);
        }
    }
}

/// z = the first of f(z, d) in chunk v of each row of `size` chunks; adds up both.
#[inline(always)]
fn down<L: Lanes>(
    (v, size): (usize, usize),
    mut sum: L,
    d: &[L::Chunk],
    z: &mut [L::Chunk],
    f: impl Fn(L, L) -> (L, L),
) -> (L, L) {
    let mut steep = L::zero();
    for (z, d) in z.iter_mut().zip(d).skip(v).step_by(size.max(1)) {
        let (gated, by_slope) = f(L::load(z), L::load(d));
        sum = sum + gated;
        steep = steep + by_slope;
        gated.store(z);
    }
    (sum, steep)
}

/// d = y - x in panels of n rows; returns sum_i |y_i - x_i|^2.
///
/// Over the numbers of a sample in virtual lanes, then over i ascending.
pub(crate) fn residual<L: Lanes>(
    n: usize,
    cols: usize,
    y: &[L::Chunk],
    x: &[L::Chunk],
    d: &mut [L::Chunk],
) -> L::Elem {
    for (d, (y, x)) in d.iter_mut().zip(y.iter().zip(x)) {
        (L::load(y) - L::load(x)).store(d);
    }
    norm_sq::<L>(n, cols, d)
}

/// The sum of the squares of a matrix in panels: over a row in virtual lanes, then over rows ascending.
pub(crate) fn norm_sq<L: Lanes>(n: usize, cols: usize, panels: &[L::Chunk]) -> L::Elem {
    let mut sum = L::Elem::ZERO;
    for row in 0..n {
        let mut bank = L::bank(L::zero());
        for (first, size) in Parts::of(cols, L::PANEL).each() {
            let at = first * n + row * size;
            for (v, x) in slice(panels, at..at + size).iter().enumerate() {
                let x = L::load(x);
                let lanes = (first + v) % set::<L>();
                change(bank.as_mut(), lanes, |sum| *sum = x.mul_add(x, *sum));
            }
        }
        sum += L::fold(bank);
    }
    sum
}

/// W with the outputs in the lanes from W with the inputs in the lanes.
pub(crate) fn transpose<L: Lanes>(
    (inputs, outputs): (usize, usize),
    w: &[L::Chunk],
    across: &mut [L::Chunk],
) {
    for (first, size) in Parts::of(inputs.div_ceil(L::WIDTH), L::PANEL).each() {
        let panel = slice(w, first * outputs..(first + size) * outputs);
        for (start, wide) in Parts::of(outputs.div_ceil(L::WIDTH), L::PANEL).each() {
            let target = slice_mut(across, start * inputs..(start + wide) * inputs);
            for v in 0..size {
                let k = (first + v) * L::WIDTH;
                let target = slice_mut(target, k * wide..);
                for (to, lines) in (0..wide).map(|to| (to, (start + to) * L::WIDTH)) {
                    let rows = slice(panel, lines * size..);
                    block::<L>(rows, (v, size), target, (to, wide));
                }
            }
        }
    }
}

/// WIDTH x WIDTH numbers: lane k of row m of `from` becomes lane m of row k of `to`. Each has a row
/// every so many chunks, from the given one on.
#[inline(always)]
fn block<L: Lanes>(
    from: &[L::Chunk],
    (first, step): (usize, usize),
    to: &mut [L::Chunk],
    (start, wide): (usize, usize),
) {
    let rows = to.iter_mut().skip(start).step_by(wide.max(1)).take(L::WIDTH);
    for (k, target) in rows.enumerate() {
        let column = from.iter().skip(first).step_by(step.max(1));
        for (to, from) in target.as_mut().iter_mut().zip(column) {
            *to = item(from.as_ref(), k);
        }
    }
}
