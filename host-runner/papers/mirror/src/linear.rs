//! `mirror-linear`: the flow of a network with fixed directions, its reduction to a mirror flow, and both
//! bounds of its divergence where the exponential one says something (paper `mirror`, Figure 2).
//!
//! 20 samples in 50 dimensions, 50 neurons, start of size 1: r_j is of order 0.1 to 0.2, and D falls
//! exponentially from the beginning.

use crate::shared::draw::{ALPHA, D, M, N};
use crate::shared::followed::UNTIL;
use crate::shared::summary::{Constant, Known, REPETITIONS, outcome};
use lab::Control;
use lab::failure::Failure;
use lab::{Context, Experiment, Outcome, Precision};

/// The table entry.
pub static LINEAR: Experiment = Experiment {
    id: "mirror-linear",
    paper: "mirror",
    figure: "Figure 2, Theorem 3.4",
    about: "fixed directions: network flow = mirror flow, exponential bound of the divergence",
    cost_seconds: 1.0,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[Control::DoubledRate],
    keys: &[&[&N, &D, &M, &ALPHA, &REPETITIONS, &UNTIL]],
    run,
};

static KNOWN: Known = Known {
    examples: &[],
    figure: "Figure 2",
    protocol: (20, 50, 50, 1.0),
    title: "Fixed directions, a start of size 1: the divergence falls exponentially",
    constants: &[
        Constant { name: "inf_r", printed: Some(0.13), range: (0.101, 0.136) },
        Constant { name: "norm_pinv", printed: Some(1.5), range: (1.08, 1.31) },
        Constant { name: "kappa1", printed: Some(0.062), range: (0.063, 0.113) },
        Constant { name: "kappa2", printed: Some(1.7e-5), range: (1.3e-5, 3.2e-5) },
        Constant { name: "l1_max", printed: Some(14.0), range: (11.3, 21.1) },
        Constant { name: "rate", printed: Some(0.3), range: (0.694, 1.50) },
    ],
};

fn run(context: &Context) -> Result<Outcome, Failure> {
    outcome(context, &KNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::summary::judged;

    #[test]
    fn nan_passes_no_verdict() {
        lab::checks::nan_is_noticed(&LINEAR, |context, metrics| judged(context, &KNOWN, metrics));
    }
}
