//! Parameters between a plain slice and the forms of the products.

use super::offsets::Offsets;
use super::passes::transpose;
use crate::lanes::Lanes;
use crate::pack::{fill_chunks, pack_rows, unpack_panels};
use crate::rows::{fill, put, slice, slice_mut};

impl Offsets {
    /// Makes W with the outputs in the lanes from W with the inputs in the lanes.
    pub(super) fn turn<L: Lanes>(&self, w: &[L::Chunk], across: &mut [L::Chunk]) {
        let sizes = (self.layer.inputs, self.layer.outputs);
        transpose::<L>(sizes, self.of_w(w), self.of_across_mut(across));
    }

    /// The parts of this layer in a plain slice of parameters: W, b, slope.
    fn parts(&self) -> [core::ops::Range<usize>; 3] {
        let weights = self.theta + self.layer.inputs * self.layer.outputs;
        let biases = weights + if self.layer.bias { self.layer.outputs } else { 0 };
        let end = self.theta + self.layer.parameters();
        [self.theta..weights, weights..biases, biases..end]
    }
}

/// Parameters of a layer from a plain slice into panels.
pub(super) fn load<L: Lanes>(
    offsets: &Offsets,
    theta: &[L::Elem],
    w: &mut [L::Chunk],
    b: &mut [L::Chunk],
) {
    let [weights, biases, slope] = offsets.parts().map(|part| slice(theta, part));
    pack_rows::<L>(weights, offsets.layer.inputs, offsets.of_w_mut(w));
    let (b, steep) = offsets.of_b_mut(b);
    fill_chunks::<L>(b, biases);
    fill_chunks::<L>(steep, slope);
}

/// The reverse of [`load`].
pub(super) fn save<L: Lanes>(
    offsets: &Offsets,
    w: &[L::Chunk],
    b: &[L::Chunk],
    theta: &mut [L::Elem],
) {
    let [weights, biases, slope] = offsets.parts();
    let (outputs, inputs) = (offsets.layer.outputs, offsets.layer.inputs);
    unpack_rows::<L>(outputs, inputs, offsets.of_w(w), slice_mut(theta, weights));
    let (b, steep) = offsets.of_b(b);
    for (part, source) in [(biases, b), (slope, steep)] {
        fill(slice_mut(theta, part), L::flat(source));
    }
}

/// The reverse of [`pack_rows`].
pub(super) fn unpack_rows<L: Lanes>(
    height: usize,
    len: usize,
    panels: &[L::Chunk],
    out: &mut [L::Elem],
) {
    unpack_panels::<L>(height, len, panels, |row, k, x| {
        put(out, row * len + k, x);
    });
}
