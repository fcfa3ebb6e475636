//! `mirror-wide`: as `mirror-linear` with 1000 neurons (paper `mirror`, Figure 6).

use crate::shared::draw::sizes;
use crate::shared::summary::{Known, outcome};
use lab::Control;
use lab::failure::Failure;
use lab::settings::{Key, Setting};
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
    keys: &[
        &sizes(20, 50, 1000, 1.0),
        &[
            Key::count("repetitions", 10, "number of draws")
                .between(1, 10_000)
                .quick(Setting::Count(3)),
            Key::number("until", 20.0, "flow time at the end").within(1e-3, 1e6),
        ],
    ],
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
