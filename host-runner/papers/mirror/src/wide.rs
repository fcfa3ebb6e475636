//! `mirror-wide`: as `mirror-sublinear` with 1000 neurons (paper `mirror`, Figure 6): the constant of the bound 1/t stays finite
//! for m to infinity, but grows as 1/inf r, and neither bound says anything.
//!
//! In 100 dimensions, from a start of size 1e-4. The number of samples is not printed: the constants of the first example come out
//! with some 11, those of the second, which the paper stops early, with 100.

use crate::shared::draw::{ALPHA, D, M, N};
use crate::shared::followed::UNTIL;
use crate::shared::summary::{Example, Known, REPETITIONS, outcome};
use lab::Control;
use lab::failure::Failure;
use lab::{Context, Experiment, Outcome, Precision};

/// The table entry.
pub static WIDE: Experiment = Experiment {
    id: "mirror-wide",
    paper: "mirror",
    figure: "Figure 6",
    about: "fixed directions, 1000 neurons from a tiny start: both printed examples",
    cost_seconds: 15.0,
    precision: Precision::F64,
    variants: &[&[], &["n=100", "until=70", "repetitions=1"]],
    controls: &[Control::DoubledRate],
    keys: &[&[
        &N.usually(11),
        &D.usually(100),
        &M.usually(1000),
        &ALPHA.usually(1e-4),
        &REPETITIONS.quick(3),
        &UNTIL.usually(200.0),
    ]],
    run,
};

static KNOWN: Known = Known {
    examples: &[
        Example { name: "first example", n: 11, printed: [1.1e-10, 0.13, 6.9e-9, 4.7e-8, 3.2] },
        Example { name: "second example", n: 100, printed: [1.2e-10, 0.23, 2.2e-9, 1.3e-8, 20.0] },
    ],
    figure: "Figure 6",
    protocol: (11, 100, 1000, 1e-4),
    title: "Fixed directions, 1000 neurons from a start of size 10⁻⁴",
    constants: &[],
};

fn run(context: &Context) -> Result<Outcome, Failure> {
    outcome(context, &KNOWN)
}
