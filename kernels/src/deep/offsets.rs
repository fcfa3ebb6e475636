//! Where the arrays of each layer lie in the memory of a state.

use super::layer::Layer;
use super::product::groups;
use crate::lanes::Lanes;
use crate::rows::{slice, slice_mut, split, split_mut};

/// Chunks for `len` numbers.
pub(crate) const fn chunks<L: Lanes>(len: usize) -> usize {
    len.div_ceil(L::WIDTH)
}

const fn larger(x: usize, y: usize) -> usize {
    if x > y { x } else { y }
}

/// Chunks of each array, of all layers together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extent {
    /// W in panels with the inputs in the lanes.
    pub w: usize,
    /// W in panels with the outputs in the lanes.
    pub across: usize,
    /// b, and a chunk whose first lane is the slope, of each layer.
    pub b: usize,
    /// What goes into the first layer and comes out of each, in panels.
    pub x: usize,
    /// What the activations are applied to, where what comes out does not say enough of it.
    pub z: usize,
    /// What goes into or comes out of the widest layer.
    pub widest: usize,
    /// What comes out of the widest graph convolution.
    pub mixed: usize,
    /// Scratch of the products.
    pub packed: usize,
    /// What comes out of the last layer.
    pub last: usize,
}

impl Extent {
    /// Of a network on n samples.
    pub const fn of<L: Lanes>(mut layers: &[Layer], n: usize) -> Extent {
        let mut all =
            Extent { w: 0, across: 0, b: 0, x: 0, z: 0, widest: 0, mixed: 0, packed: 0, last: 0 };
        if let [first, ..] = layers {
            all.x = n * chunks::<L>(first.inputs);
        }
        while let [layer, rest @ ..] = layers {
            let (inputs, outputs) = (chunks::<L>(layer.inputs), chunks::<L>(layer.outputs));
            all.w += inputs * layer.outputs;
            all.across += outputs * layer.inputs;
            all.b += outputs + 1;
            all.x += n * outputs;
            all.z += if layer.folds() { 0 } else { n * outputs };
            all.widest = larger(all.widest, n * larger(inputs, outputs));
            all.packed = larger(all.packed, groups(n, larger(inputs, outputs)));
            all.last = n * outputs;
            if layer.graph {
                all.mixed = larger(all.mixed, n * outputs);
            }
            layers = rest;
        }
        all
    }
}

/// One layer, and where its arrays begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offsets {
    pub layer: Layer,
    /// Chunks of the inputs and the outputs.
    pub inputs: usize,
    pub outputs: usize,
    pub w: usize,
    pub across: usize,
    pub b: usize,
    /// Of what goes in; what comes out follows it.
    pub x: usize,
    pub z: usize,
    /// Of the parameters in a plain slice.
    pub theta: usize,
}

/// The layers in order.
pub(crate) fn all_offsets<L: Lanes>(
    layers: &[Layer],
    n: usize,
) -> impl Iterator<Item = Offsets> + use<'_, L> {
    let (mut at, mut theta) = (Extent::default(), 0);
    layers.iter().map(move |&layer| {
        let (inputs, outputs) = (chunks::<L>(layer.inputs), chunks::<L>(layer.outputs));
        let offsets = Offsets {
            layer,
            inputs,
            outputs,
            w: at.w,
            across: at.across,
            b: at.b,
            x: at.x,
            z: at.z,
            theta,
        };
        at.w += inputs * layer.outputs;
        at.across += outputs * layer.inputs;
        at.b += outputs + 1;
        at.x += n * inputs;
        at.z += if layer.folds() { 0 } else { n * outputs };
        theta += layer.parameters();
        offsets
    })
}

impl Offsets {
    /// Of the array that [`Extent::w`] counts.
    pub fn of_w<'a, C>(&self, all: &'a [C]) -> &'a [C] {
        slice(all, self.w..self.w + self.inputs * self.layer.outputs)
    }
    pub fn of_w_mut<'a, C>(&self, all: &'a mut [C]) -> &'a mut [C] {
        slice_mut(all, self.w..self.w + self.inputs * self.layer.outputs)
    }
    /// Of the array that [`Extent::across`] counts.
    pub fn of_across<'a, C>(&self, all: &'a [C]) -> &'a [C] {
        slice(all, self.across..self.across + self.outputs * self.layer.inputs)
    }
    pub fn of_across_mut<'a, C>(&self, all: &'a mut [C]) -> &'a mut [C] {
        slice_mut(all, self.across..self.across + self.outputs * self.layer.inputs)
    }
    /// Of the array that [`Extent::b`] counts: b, and the chunk of the slope.
    pub fn of_b<'a, C>(&self, all: &'a [C]) -> (&'a [C], &'a [C]) {
        let both = slice(all, self.b..self.b + self.outputs + 1);
        split(both, self.outputs)
    }
    pub fn of_b_mut<'a, C>(&self, all: &'a mut [C]) -> (&'a mut [C], &'a mut [C]) {
        let both = slice_mut(all, self.b..self.b + self.outputs + 1);
        split_mut(both, self.outputs)
    }
    /// What goes in and what comes out, of the array that [`Extent::x`] counts.
    pub fn of_x<'a, C>(&self, n: usize, all: &'a mut [C]) -> (&'a mut [C], &'a mut [C]) {
        let end = self.x + n * (self.inputs + self.outputs);
        let both = slice_mut(all, self.x..end);
        split_mut(both, n * self.inputs)
    }
    /// Of the array that [`Extent::z`] counts; `after` is what comes out.
    pub fn of_z<'a, C>(&self, n: usize, after: &'a mut [C], all: &'a mut [C]) -> &'a mut [C] {
        if self.layer.folds() {
            return after;
        }
        slice_mut(all, self.z..self.z + n * self.outputs)
    }
}
