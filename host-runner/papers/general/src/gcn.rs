//! `general-gcn`: graph convolutions of growing width under gradient descent, against the bound by their
//! tangent kernel (paper `general`, Theorem 3.1, Figure 3).
//!
//! The 1000 samples are the nodes of a graph of their 10 nearest neighbours; each layer mixes them by
//! D^(-1/2) A D^(-1/2).
use crate::shared::{self, DESCENT, ENDS, Family, GRAPH_WIDTH};
use lab::Control;
use lab::{Experiment, Precision};

/// The table entry.
pub static GCN: Experiment = Experiment {
    id: "general-gcn",
    paper: "general",
    figure: "Figure 3, Theorem 3.1",
    about: "graph convolutions of five widths: their error, and the bound by the tangent kernel",
    cost_seconds: 300.0,
    precision: Precision::F32,
    variants: &[&[]],
    controls: &[Control::DoubledRate, Control::WrongSign],
    keys: &[&[&GRAPH_WIDTH], ENDS, DESCENT],
    run: |context| shared::run(context, Family::Graph),
};
