//! Through the layers: forward, backward, and the norm of the slopes.

use super::Deep;
use super::passes::{Pass, norm_sq};
use super::place::{Place, places};
use super::product::{Finish, Out, across, rows};
use crate::lanes::Lanes;
use crate::real::Real;
use crate::rows::{impossible, slice, slice_mut, split_mut};

impl<L: Lanes> Deep<'_, L> {
    /// Forward pass of all layers: x and z are those of the present parameters.
    pub(super) fn forward(&mut self) {
        for place in places::<L>(self.layers, self.n) {
            self.forward_layer(&place);
        }
    }

    pub(super) fn forward_layer(&mut self, place: &Place) {
        let n = self.n;
        let (before, after) = place.of_x(n, self.x);
        let (b, slope) = place.of_b(self.b);
        let pass = place.pass::<L>(n, slope);
        let left = (&*before, place.layer.inputs);
        let right = (place.of_across(self.across), place.outputs);
        let residual = place.layer.residual.then_some(&*before);
        if let Some(graph) = self.graph.filter(|_| place.layer.graph) {
            let sums = slice_mut(self.mixed, ..n * place.outputs);
            rows::<L>(n, left, right, Out::Into(sums), self.packed, Finish::Store);
            if place.layer.folds() {
                graph.mix::<L>(place.outputs, sums, after);
                pass.forward::<L>(b, after, None, None);
            } else {
                let z = place.of_z(n, &mut [], self.z);
                graph.mix::<L>(place.outputs, sums, z);
                pass.forward::<L>(b, z, residual, Some(after));
            }
        } else if place.layer.folds() {
            rows::<L>(n, left, right, Out::Into(after), self.packed, Finish::Fold { pass, b });
        } else {
            let finish = Finish::Activate { pass, b, before: residual, x: after };
            let z = place.of_z(n, &mut [], self.z);
            rows::<L>(n, left, right, Out::Into(z), self.packed, finish);
        }
    }

    /// Backward pass from `down` = v, n x M: the slopes are J^T v, those of theta for r = v. Needs the
    /// forward pass, and spends it.
    pub(super) fn backward(&mut self) {
        let (layers, n) = (self.layers, self.n);
        let place = |l: usize| places::<L>(layers, n).nth(l);
        let Some(last) = layers.len().checked_sub(1).and_then(place) else { return impossible() };
        self.gate(&last);
        for l in (0..layers.len()).rev() {
            let Some(above) = place(l) else { return impossible() };
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
            let Some(below) = l.checked_sub(1).and_then(place) else { return };
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
    fn gate(&mut self, place: &Place) {
        let (_, slope) = place.of_b(self.b);
        let pass = place.pass::<L>(self.n, slope);
        let (slope_b, steep) = place.of_b_mut(self.slope_b);
        let (_, after) = place.of_x(self.n, self.x);
        let z = place.of_z(self.n, after, self.z);
        let by_slope = pass.backward::<L>(self.down, z, slope_b);
        if let Some(steep) = steep.first_mut() {
            L::alone(by_slope, 0).store(steep);
        }
        self.unbias(place);
    }

    /// A layer without b has no slope by it.
    fn unbias(&mut self, place: &Place) {
        if !place.layer.bias {
            place.of_b_mut(self.slope_b).0.fill(L::EMPTY);
        }
    }

    /// The square of the slopes' norm: over the inputs of an output in virtual lanes, outputs, b, slope
    /// and layers ascending.
    pub(super) fn speed_sq(&self) -> L::Elem {
        let mut sum = L::Elem::ZERO;
        for place in places::<L>(self.layers, self.n) {
            let w = place.of_w(self.slope_w);
            sum += norm_sq::<L>(place.layer.outputs, place.inputs, w);
            let (b, steep) = place.of_b(self.slope_b);
            // One row, so the panels are its chunks in order.
            sum += norm_sq::<L>(1, b.len(), b) + norm_sq::<L>(1, 1, steep);
        }
        sum
    }
}

impl Place {
    pub(super) fn pass<L: Lanes>(&self, n: usize, slope: &[L::Chunk]) -> Pass<L::Elem> {
        let slope = slope.first().and_then(|chunk| chunk.as_ref().first().copied());
        let slope = slope.unwrap_or(L::Elem::ZERO);
        Pass { n, len: self.layer.outputs, activation: self.layer.activation, slope }
    }
}

/// Into `out`, or onto it.
pub(super) fn onto<L: Lanes>(add: bool, out: &mut [L::Chunk]) -> Out<'_, L> {
    if add { Out::Onto(out) } else { Out::Into(out) }
}
