//! `mirror-sublinear`: as `mirror-linear` from a start of size 1e-4, where r is 7e-9 and the exponential bound
//! says nothing; the bound 1/t goes with log(1/r) only (paper `mirror`, Figure 3).
//!
//! 10 samples in 100 dimensions, 20 neurons.

use crate::shared::draw::{ALPHA, D, M, N};
use crate::shared::followed::UNTIL;
use crate::shared::summary::{Constant, Known, REPETITIONS, outcome};
use lab::Control;
use lab::failure::Failure;
use lab::{Context, Experiment, Outcome, Precision};

/// The table entry.
pub static SUBLINEAR: Experiment = Experiment {
    id: "mirror-sublinear",
    paper: "mirror",
    figure: "Figure 3",
    about: "fixed directions from a tiny start: the bound 1/t of the divergence",
    cost_seconds: 2.0,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[Control::DoubledRate],
    keys: &[&[
        &N.usually(10),
        &D.usually(100),
        &M.usually(20),
        &ALPHA.usually(1e-4),
        &REPETITIONS,
        &UNTIL.usually(2000.0),
    ]],
    run,
};

static KNOWN: Known = Known {
    examples: &[],
    figure: "Figure 3",
    protocol: (10, 100, 20, 1e-4),
    title: "Fixed directions, a start of size 10⁻⁴: the exponential bound says nothing",
    constants: &[
        Constant { name: "inf_r", printed: Some(6.9e-9), range: (6.0e-9, 7.4e-9) },
        Constant { name: "norm_pinv", printed: Some(1.9), range: (1.14, 3.28) },
        Constant { name: "kappa1", printed: Some(1.8e-9), range: (6.0e-10, 5.4e-9) },
        Constant { name: "kappa2", printed: Some(4.7e-7), range: (1.6e-7, 1.4e-6) },
        Constant { name: "l1_max", printed: Some(6.2), range: (5.2, 14.6) },
        Constant { name: "rate", printed: None, range: (0.027, 0.23) },
    ],
};

fn run(context: &Context) -> Result<Outcome, Failure> {
    outcome(context, &KNOWN)
}
