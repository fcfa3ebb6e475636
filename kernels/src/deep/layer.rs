//! Layers, what they compute, and how many parameters they have.

use crate::error::Error;
use crate::lanes::Lanes;
use crate::real::Real;

/// The function that a layer applies to each of its outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// z.
    Identity,
    /// max(0, z), with derivative 0 at 0.
    Relu,
    /// z above 0, slope z elsewhere, with derivative `slope` at 0.
    Leaky {
        /// The slope.
        slope: f64,
    },
    /// As [`Leaky`](Activation::Leaky) with a slope that is trained: one parameter of the layer.
    Parametric,
    /// 1 / (1 + e^-z).
    Sigmoid,
}

impl Activation {
    /// Does it have a parameter?
    pub const fn is_parametric(self) -> bool {
        matches!(self, Activation::Parametric)
    }

    /// sigma'(z) d; `slope` is that of a parametric one.
    #[inline(always)]
    pub(crate) fn times_slope<L: Lanes>(self, z: L, d: L, slope: L::Elem) -> L {
        match self {
            Activation::Identity => d,
            Activation::Relu => d.gate(z),
            Activation::Leaky { slope } => kink(L::splat(L::Elem::from_f64(slope)), z, d),
            Activation::Parametric => kink(L::splat(slope), z, d),
            Activation::Sigmoid => d * sigmoid_slope(z),
        }
    }
}

/// d where z > 0, else slope d.
#[inline(always)]
pub(crate) fn kink<L: Lanes>(slope: L, z: L, d: L) -> L {
    let open = d.gate(z);
    slope.mul_add(d - open, open)
}

/// z where z > 0, else slope z; NaN stays NaN.
#[inline(always)]
pub(crate) fn leaky<L: Lanes>(z: L, slope: L::Elem) -> L {
    L::splat(slope).mul_add(negative(z), z.relu())
}

/// min(0, z).
#[inline(always)]
pub(crate) fn negative<L: Lanes>(z: L) -> L {
    L::zero() - (L::zero() - z).relu()
}

/// 1 / (1 + e^-z): e^-z may overflow to infinity, which gives 0.
fn sigmoid<T: Real>(z: T) -> T {
    T::ONE / (T::ONE + (-z).exp())
}

/// 1 / (1 + e^-z) of each lane.
#[inline(always)]
pub(crate) fn sigmoids<L: Lanes>(z: L) -> L {
    let mut chunk = L::EMPTY;
    z.store(&mut chunk);
    for x in chunk.as_mut() {
        *x = sigmoid(*x);
    }
    L::load(&chunk)
}

/// The derivative of [`sigmoids`].
#[inline(always)]
pub(crate) fn sigmoid_slope<L: Lanes>(z: L) -> L {
    let h = sigmoids(z);
    h * (L::splat(L::Elem::ONE) - h)
}

/// One layer: x' = sigma(W m(x) + b), plus x where it is residual.
///
/// m(x) is x, or for a graph convolution S x: what the neighbours of a sample have, weighed by
/// S = D^(-1/2) A D^(-1/2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    /// Numbers that come in.
    pub inputs: usize,
    /// Numbers that go out.
    pub outputs: usize,
    /// sigma.
    pub activation: Activation,
    /// Is there a b? Else it is 0.
    pub bias: bool,
    /// Is x added to what comes out?
    pub residual: bool,
    /// Are the samples mixed along a graph?
    pub graph: bool,
}

impl Layer {
    /// sigma(W x + b).
    pub const fn dense(inputs: usize, outputs: usize, activation: Activation) -> Self {
        Layer { inputs, outputs, activation, bias: true, residual: false, graph: false }
    }

    /// x + sigma(W x + b) on `width` numbers.
    pub const fn residual(width: usize, activation: Activation) -> Self {
        let layer = Self::dense(width, width, activation);
        Layer { residual: true, ..layer }
    }

    /// sigma(S X W^T + b), X with a sample in each row.
    pub const fn graph(inputs: usize, outputs: usize, activation: Activation) -> Self {
        Layer { graph: true, ..Self::dense(inputs, outputs, activation) }
    }

    /// The same layer without b.
    pub const fn unbiased(self) -> Self {
        Layer { bias: false, ..self }
    }

    /// Does sigma(z) say all that the backward pass asks of z, its sign? Then one array holds both.
    pub(crate) const fn folds(self) -> bool {
        let signed = match self.activation {
            Activation::Identity | Activation::Relu => true,
            Activation::Leaky { slope } => slope >= 0.0,
            Activation::Parametric | Activation::Sigmoid => false,
        };
        signed && !self.residual
    }

    /// Parameters: W, then b, then the slope of a parametric activation.
    pub const fn parameters(self) -> usize {
        self.inputs * self.outputs
            + if self.bias { self.outputs } else { 0 }
            + if self.activation.is_parametric() { 1 } else { 0 }
    }
}

/// Parameters of a network: what each of its layers has, in order.
pub const fn parameters(mut layers: &[Layer]) -> usize {
    let mut sum = 0;
    while let [layer, rest @ ..] = layers {
        sum += layer.parameters();
        layers = rest;
    }
    sum
}

/// Checks that the layers fit together and their arrays the address space.
///
/// # Errors
/// [`Error::Layer`] with the first layer whose sizes are 0, whose inputs are not the outputs before
/// it, or which is residual and changes the width; [`Error::Depth`] without layers;
/// [`Error::TooLarge`].
pub const fn check(layers: &[Layer], n: usize) -> Result<(), Error> {
    if layers.is_empty() {
        return Err(Error::Depth);
    }
    // Padding to a register makes a length at most 16 times longer, and there are few copies of each.
    let limit = usize::MAX / 1024;
    let (mut rest, mut at, mut width, mut total) = (layers, 0, 0, 0usize);
    while let [layer, others @ ..] = rest {
        let fits = at == 0 || layer.inputs == width;
        let square = !layer.residual || layer.inputs == layer.outputs;
        if layer.inputs == 0 || layer.outputs == 0 || !fits || !square {
            return Err(Error::Layer { at });
        }
        let sizes = (
            layer.inputs.checked_mul(layer.outputs),
            layer.inputs.checked_mul(n),
            layer.outputs.checked_mul(n),
        );
        let (Some(weights), Some(before), Some(after)) = sizes else {
            return Err(Error::TooLarge);
        };
        if weights >= limit || before >= limit || after >= limit || total >= limit {
            return Err(Error::TooLarge);
        }
        total += weights + before + after;
        (rest, at, width) = (others, at + 1, layer.outputs);
    }
    if total >= limit { Err(Error::TooLarge) } else { Ok(()) }
}
