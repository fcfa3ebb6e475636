//! `mirror-wide`: as `mirror-linear` with 1000 neurons (paper `mirror`, Figure 6).

use crate::shared::draw::{ALPHA, D, M, N};
use crate::shared::followed::UNTIL;
use crate::shared::summary::{Known, REPETITIONS, outcome};
use lab::Control;
use lab::failure::Failure;
use lab::{Context, Experiment, Outcome, Precision};

/// The table entry.
pub static WIDE: Experiment = Experiment {
    id: "mirror-wide",
    paper: "mirror",
    figure: "Figure 6",
    about: "fixed directions, 1000 neurons: both bounds of the divergence",
    cost_seconds: 4.0,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[Control::DoubledRate],
    keys: &[&[&N, &D, &M.usually(1000), &ALPHA, &REPETITIONS.quick(3), &UNTIL.usually(20.0)]],
    run,
};

static KNOWN: Known = Known {
    figure: "Figure 6",
    protocol: (20, 50, 1000, 1.0),
    title: "Fixed directions, 1000 neurons",
    constants: &[],
};

fn run(context: &Context) -> Result<Outcome, Failure> {
    outcome(context, &KNOWN)
}
