//! `general-dnn`: dense networks of growing width under gradient descent, against the bound by their
//! tangent kernel (paper `general`, Theorem 3.1, Figure 3).
//!
//! n = 1000 inputs in R^500, 50 targets, two hidden layers of equal width. With `--set data=FILE` and
//! `hidden`, `theta`, `targets` it follows a network of the user's own.
use crate::shared::{self, DENSE_WIDTH, DESCENT, ENDS, Family, OWN};
use lab::Control;
use lab::{Experiment, Precision};

/// The table entry.
pub static DNN: Experiment = Experiment {
    id: "general-dnn",
    paper: "general",
    figure: "Figure 3, Theorem 3.1",
    about: "dense networks of five widths: their error, and the bound by the tangent kernel",
    cost_seconds: 400.0,
    precision: Precision::F32,
    variants: &[&[]],
    controls: &[Control::DoubledRate, Control::WrongSign],
    keys: &[&[&DENSE_WIDTH], ENDS, OWN, DESCENT],
    run: |context| shared::run(context, Family::Dense),
};
