//! Through the layers: forward, backward, and the norm of the slopes.

use super::Deep;
use super::offsets::{Offsets, all_offsets};
use super::passes::{Pass, norm_sq};
use super::product::{Finish, Out, across, rows};
use crate::lanes::Lanes;
use crate::real::Real;
use crate::rows::{change, impossible, item, slice, slice_mut, split_mut};

impl<L: Lanes> Deep<'_, L> {
    /// Forward pass of all layers: x and z are those of the present parameters.
    pub(super) fn forward(&mut self) {
        for offsets in all_offsets::<L>(self.layers, self.n) {
            self.forward_layer(&offsets);
        }
    }

    pub(super) fn forward_layer(&mut self, offsets: &Offsets) {
        let n = self.n;
        let (before, after) = offsets.of_x(n, self.x);
        let (b, slope) = offsets.of_b(self.b);
        let pass = offsets.pass::<L>(n, slope);
        let left = (&*before, offsets.layer.inputs);
        let right = (offsets.of_across(self.across), offsets.outputs);
        let residual = offsets.layer.residual.then_some(&*before);
        if let Some(graph) = self.graph.filter(|_| offsets.layer.graph) {
            let sums = slice_mut(self.mixed, ..n * offsets.outputs);
            rows::<L>(n, left, right, Out::Into(sums), self.packed, Finish::Store);
            if offsets.layer.folds() {
                graph.mix::<L>(offsets.outputs, sums, after);
                pass.forward::<L>(b, after, None, None);
            } else {
                let z = offsets.of_z(n, &mut [], self.z);
                graph.mix::<L>(offsets.outputs, sums, z);
                pass.forward::<L>(b, z, residual, Some(after));
            }
        } else if offsets.layer.folds() {
            rows::<L>(n, left, right, Out::Into(after), self.packed, Finish::Fold { pass, b });
        } else {
            let finish = Finish::Activate { pass, b, before: residual, x: after };
            let z = offsets.of_z(n, &mut [], self.z);
            rows::<L>(n, left, right, Out::Into(z), self.packed, finish);
        }
    }

    /// Backward pass from `down` = v, n x M: the slopes are J^T v, those of theta for r = v. Needs the
    /// forward pass, and spends it.
    pub(super) fn backward(&mut self) {
        let (layers, n) = (self.layers, self.n);
        let offsets = |l: usize| all_offsets::<L>(layers, n).nth(l);
        let Some(last) = layers.len().checked_sub(1).and_then(offsets) else { return impossible() };
        self.gate(&last);
        for l in (0..layers.len()).rev() {
            let Some(above) = offsets(l) else { return impossible() };
            let (before, after) = above.of_x(n, self.x);
            let (under, own) = split_mut(self.z, above.z);
            let z = if above.layer.folds() { after } else { own };
            let mut d: &[L::Chunk] = slice(z, ..n * above.outputs);
            if let Some(graph) = self.graph.filter(|_| above.layer.graph) {
                let sums = slice_mut(self.mixed, ..n * above.outputs);
                graph.mix::<L>(above.outputs, d, sums);
                d = sums;
            }
            let left = (d, above.layer.outputs);
            across::<L>(n, left, (before, above.inputs), above.of_w_mut(self.slope_w));
            // The first layer carries nothing further down.
            let Some(below) = l.checked_sub(1).and_then(offsets) else { return };
            let right = (above.of_w(self.w), above.inputs);
            if below.layer.activation.is_parametric() {
                let out = onto(above.layer.residual, self.down);
                rows::<L>(n, left, right, out, self.packed, Finish::Store);
                self.gate(&below);
                continue;
            }
            let pass = below.pass::<L>(n, below.of_b(self.b).1);
            let (b, _) = below.of_b_mut(self.slope_b);
            b.fill(L::EMPTY);
            let finish = Finish::Gate { pass, z: below.of_z(n, before, under), b };
            // Only around a residual layer is the derivative asked for again.
            let out = if above.layer.residual || below.layer.residual {
                onto(above.layer.residual, self.down)
            } else {
                Out::Past(self.down)
            };
            rows::<L>(n, left, right, out, self.packed, finish);
            self.unbias(&below);
        }
    }

    /// z becomes the derivative by it, from `down`, that by what comes out of the layer; with it those of
    /// b and of the slope.
    fn gate(&mut self, offsets: &Offsets) {
        let (_, slope) = offsets.of_b(self.b);
        let pass = offsets.pass::<L>(self.n, slope);
        let (slope_b, steep) = offsets.of_b_mut(self.slope_b);
        let (_, after) = offsets.of_x(self.n, self.x);
        let z = offsets.of_z(self.n, after, self.z);
        let by_slope = pass.backward::<L>(self.down, z, slope_b);
        change(steep, 0, |steep| L::alone(by_slope, 0).store(steep));
        self.unbias(offsets);
    }

    /// A layer without b has no slope by it.
    fn unbias(&mut self, offsets: &Offsets) {
        if !offsets.layer.bias {
            offsets.of_b_mut(self.slope_b).0.fill(L::EMPTY);
        }
    }

    /// The square of the slopes' norm: over the inputs of an output in virtual lanes, outputs, b, slope
    /// and layers ascending.
    pub(super) fn speed_sq(&self) -> L::Elem {
        let mut sum = L::Elem::ZERO;
        for offsets in all_offsets::<L>(self.layers, self.n) {
            let w = offsets.of_w(self.slope_w);
            sum += norm_sq::<L>(offsets.layer.outputs, offsets.inputs, w);
            let (b, steep) = offsets.of_b(self.slope_b);
            // One row, so the panels are its chunks in order.
            sum += norm_sq::<L>(1, b.len(), b) + norm_sq::<L>(1, 1, steep);
        }
        sum
    }
}

impl Offsets {
    pub(super) fn pass<L: Lanes>(&self, n: usize, slope: &[L::Chunk]) -> Pass<L::Elem> {
        let slope = item(L::flat(slope), 0);
        Pass { n, len: self.layer.outputs, activation: self.layer.activation, slope }
    }
}

/// Into `out`, or onto it.
pub(super) fn onto<L: Lanes>(add: bool, out: &mut [L::Chunk]) -> Out<'_, L> {
    if add { Out::Onto(out) } else { Out::Into(out) }
}
