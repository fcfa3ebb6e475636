//! `general-resnet`: residual networks of growing depth under gradient descent, against the bound by their
//! tangent kernel (paper `general`, Theorem 3.1, Figure 3).
//!
//! n = 1000, N = M = 100, 8 to 16 layers x + Wx + b with a leaky relu between them: Corollary 3.2.1 has the identity inside the
//! activation, and none after the last layer.
use crate::shared::{self, DESCENT, Family, INPUTS, LAYERS};
use lab::Control;
use lab::{Experiment, Precision};

/// The table entry.
pub static RESNET: Experiment = Experiment {
    id: "general-resnet",
    paper: "general",
    figure: "Figure 3, Theorem 3.1",
    about: "residual networks of five depths: their error, and the bound by the tangent kernel",
    cost_seconds: 500.0,
    precision: Precision::F32,
    variants: &[&[]],
    controls: &[Control::DoubledRate, Control::WrongSign],
    keys: &[
        &[&LAYERS, &INPUTS.usually(100).about("number of inputs, and of targets of a sample")],
        DESCENT,
    ],
    run: |context| shared::run(context, Family::Residual),
};
