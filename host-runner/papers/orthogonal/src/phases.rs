//! `orthogonal-phases`: the phases of the flow from a tiny start on orthonormal samples, over 300
//! decades of lambda (paper `orthogonal`, Lemmas 2 to 4 and Theorem 1).
//!
//! The flow itself is followed, not a descent, and lambda is a logarithm, so that nothing
//! underflows. Orthonormal samples, z_ji = <w_j, x_i>, balanced start |a_j| = |w_j| of order
//! lambda. A pair with a_j y_i < 0 falls until it dies, the others grow; a dead pair rests. What
//! follows is derived from that, not quoted.
//!
//! - Alignment. While r = y a neuron that sees the samples K of its sign obeys w' = a D_K,
//!   a' = <w, D_K>, |D_K| = |y_K|/n. Parts of w across D_K stay, the part along it grows as
//!   e^{|D_K| t}: 1 - cos falls as e^{-2 |D_K| t}, in a time that does not depend on lambda, while
//!   the norm grows by a factor that does not either. Carriers (S_+, S_-) see all of their sign.
//! - Escapes. Carriers are of order lambda e^{|D| t}, so each side escapes at log(1/lambda)/|D|
//!   plus a constant, each by itself, for no sample is seen by growing neurons of both signs.
//! - The saddle between: the first side is fitted with the smallest norm, the rest is 0. Neurons
//!   that miss some sample of it stop at order lambda^{1 - |D_K|/|D|}. The others have then
//!   lambda^{1 - q}, q = |D_second|/|D_lead|, and grow on at q |D_lead| while the first fit relaxes
//!   at 2 |D_lead|: they meet at lambda^{2 (1 - q)/(2 + q)}. The distance to the saddle falls as
//!   the larger of both.
//! - The limit. Only neurons that miss a sample keep it from the smallest norm: its distance falls
//!   as lambda^{1 - kappa}, kappa the largest |D_K|/|D| of both sides, and |theta|^2 exceeds the
//!   smallest by lambda^{2 (1 - kappa)}: for a neuron (w, a) of them takes a <w, u> = kappa a^2
//!   from the carriers and adds a^2.
//! - There M of r' = -(1/n) M r is |y| (u u^T + I) for each side, so mu, which is (2/n) r^T M
//!   r/|r|^2, is at least 2 min(|D_+|, |D_-|), and 4 |D| of the last side while the residual is
//!   along u.
//! - Assumption 3 has the probability of the file `theory`. Where it fails, a sample that no neuron
//!   with a_j of its sign sees is never fitted, and a side without carriers is fitted with several
//!   neurons, at a larger norm.
//! - With <x_i, x_k> = delta > 0 growing neurons slide on the kinks of the other sign, which takes
//!   their share of D away. Times over log(1/lambda) change by order delta, so the clock of a run
//!   changes by order 1 when delta log(1/lambda) is of order 1. Earlier, already when delta is
//!   above lambda^{kappa}, neurons that miss samples of their sign wake there before the escape and
//!   become carriers: a side then needs no more than one neuron that sees one sample of it (file
//!   `nearly`).
//!
//! | question | file |
//! |---|---|
//! | which samples, which targets, what is |D|? | `data` |
//! | how is the flow followed? | `follow` |
//! | all that was measured | `found` |
//! | what is read off a state of it? | `measures` |
//! | what should come out? | `theory` |
//! | what do the phases do as lambda falls? | `sweep` |
//! | how often does Assumption 3 hold, and what if not? | `chance` |
//! | what does a little correlation change? | `nearly` |
//! | which numbers are reported? | `numbers` |
//! | which claims are judged? | `verdicts` |
//! | how does it look? | `figures` |
mod chance;
mod data;
mod figures;
mod follow;
mod found;
mod measures;
mod nearly;
mod numbers;
mod sweep;
mod theory;
mod verdicts;

use data::{Data, Start};
use engine::parallel::Pool;
use found::Found;
use lab::Control;
use lab::failure::Failure;
use lab::settings::Key;
use lab::{Context, Experiment, Numbers, Outcome, Precision};
use reluflow::init::{normal, stream};
use sweep::{DECADES, InitialValueProblem};

const N: Key<usize> = Key::count("n", 8, "number of samples").between(2, 16);
const POSITIVE: Key<usize> = Key::count("positive", 5, "number of positive targets").between(1, 15);
const D: Key<usize> = Key::count("d", 20, "input dimension, above n").between(3, 1 << 10);
const M: Key<usize> = Key::count("m", 400, "number of neurons").between(2, 1 << 14).quick(200);
const TOLERANCE: Key<f64> =
    Key::number("tolerance", 1e-10, "local error of the flow").within(1e-12, 1e-6);
const DRAWS: Key<usize> =
    Key::count("draws", 4000, "starts of each width, for the probability of Assumption 3")
        .between(1, 1 << 24)
        .quick(1000);
const TRIALS: Key<usize> =
    Key::count("trials", 40, "flows of each width").between(1, 1 << 16).quick(8);

/// The table entry.
pub static PHASES: Experiment = Experiment {
    id: "orthogonal-phases",
    paper: "orthogonal",
    figure: "Lemmas 2 to 4, Theorem 1",
    about: "alignment, both escapes, the saddle between and the limit, for lambda = 1e-6 to 1e-300",
    cost_seconds: 15.0,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[Control::DoubledRate],
    keys: &[&[&N, &POSITIVE, &D, &M, &TOLERANCE, &DRAWS, &TRIALS]],
    run,
};

/// Streams of random numbers.
const DATA: u64 = 0;
const START: u64 = 1;
const POINTS: u64 = 2;
/// Starts to try until one has carriers of both signs.
const TRIES: u64 = 1000;
/// Inputs at which the limit is compared with the interpolator of smallest norm.
const INPUTS: usize = 400;

fn run(context: &Context) -> Result<Outcome, Failure> {
    if context.config.precision != Precision::F64 {
        return Err(Failure::bad_input("--precision f32: phases over 300 decades need f64"));
    }
    let seed = context.config.seed;
    let tolerance = context.get(TOLERANCE);
    let rate = Control::effective_dt(context.control(), 1.0);
    let pool = Pool::new(context.threads)?;
    context.progress.start(4, "parts");
    let (problem, tries) = draw(context)?;
    let runs = pool.each(&pool.per_thread(|| ()), DECADES.to_vec(), |(), _, decades| {
        problem.follow(decades, tolerance, rate)
    })?;
    context.progress.at(1);
    let odds = chance::odds(seed, context.get(DRAWS), &pool)?;
    context.progress.at(2);
    let trials = chance::flows(seed, context.get(TRIALS), tolerance, rate, &pool)?;
    let cured = chance::cured(seed, &trials, tolerance, rate, &pool)?;
    context.progress.at(3);
    let moved = nearly::flows(&problem, tolerance, rate, &pool)?;
    context.progress.at(4);
    let found = Found { problem, runs, odds, trials, moved, cured };
    let default_shape = [N, POSITIVE, D].map(|key| context.get(key)) == [8, 5, 20];
    let mut metrics = Numbers::from([("starts_drawn", tries as f64)]);
    numbers::measure(&found, &mut metrics);
    Ok(Outcome {
        verdicts: verdicts::judge(&metrics, default_shape),
        metrics,
        trace: trace(&found),
        figures: figures::all(&found),
        ..Outcome::default()
    })
}

/// The problem with the first start that fulfils Assumption 3, and how many it took.
fn draw(context: &Context) -> Result<(InitialValueProblem, u64), Failure> {
    let [n, positive, d, m] = [N, POSITIVE, D, M].map(|key| context.get(key));
    let seed = context.config.seed;
    if positive >= n || d <= n {
        return Err(Failure::bad_input(format!(
            "n = {n}, positive = {positive}, d = {d}: positive must be below n and n below d"
        )));
    }
    let data = Data::draw((seed, DATA, 0), [n, positive, d]);
    let mut rng = stream(seed, PHASES.id, POINTS, 0);
    let points = (0..INPUTS * n).map(|_| normal(&mut rng)).collect();
    for tries in 0..TRIES {
        let start = Start::draw((seed, START, tries), m, d)?;
        if start.assumption_3(&data)? {
            return Ok((InitialValueProblem::new(data, start, points)?, tries + 1));
        }
    }
    Err(Failure::bad_input(format!(
        "none of {TRIES} starts of {m} neurons has carriers of both signs; choose a larger m"
    )))
}

fn trace(found: &Found) -> Vec<Numbers> {
    let decades = |log: f64| ("log10_lambda", -log / std::f64::consts::LN_10);
    let yes = |is: bool| f64::from(u8::from(is));
    let phases = found.runs.iter().flat_map(|run| {
        run.curve.iter().step_by(4).map(|&[t, loss, lead, second]| {
            Numbers::from([
                decades(run.log),
                ("t", t),
                ("loss", loss),
                ("one_minus_cos_lead", lead),
                ("one_minus_cos_second", second),
            ])
        })
    });
    let moved = found.moved.iter().map(|moved| {
        Numbers::from([
            ("delta", moved.delta),
            decades(moved.log),
            ("escape_lead", moved.times[0]),
            ("escape_second", moved.times[1]),
            ("theta_norm_sq", moved.norm_sq),
            ("final_loss", moved.final_loss),
        ])
    });
    let trials = found.trials.iter().map(|trial| {
        Numbers::from([
            ("m", chance::WIDTHS[trial.place.0 as usize] as f64),
            ("trial", trial.place.1 as f64),
            ("assumption_3", yes(trial.assumption_3)),
            ("covered", yes(trial.covered)),
            ("final_loss", trial.loss[0]),
            ("norm_ratio", trial.norm[0]),
        ])
    });
    let cured = found.cured.iter().map(|cured| {
        Numbers::from([
            ("delta", chance::CURE),
            ("m", chance::WIDTHS[cured.place.0 as usize] as f64),
            ("trial", cured.place.1 as f64),
            ("covered", yes(cured.covered)),
            ("touched", yes(cured.touched)),
            ("final_loss", cured.loss),
            ("norm_ratio", cured.norm),
        ])
    });
    phases.chain(moved).chain(trials).chain(cured).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_passes_no_verdict() {
        lab::checks::nan_is_noticed(&PHASES, |_, metrics| verdicts::judge(metrics, true));
    }
}
