//! `orthogonal-subgradient`: why relu'(0) = 0 (paper `orthogonal`, Appendix D).
//!
//! Let relu'(0) = c. On orthonormal samples the pairs z_ji = <w_j, x_i> obey
//! dz_ji/dt = (a_j/n) r_i g(z_ji), g = 1 above 0, c at 0, 0 below, so a pair below 0 rests. Take a
//! pair with a_j r_i < 0 near z_ji = 0: above 0 it falls, and reaches 0 at a time t_1.
//!
//! - It cannot be above 0 later: it would have risen from 0 where its velocity points down.
//! - It cannot be below 0 later: below 0 it rests, so it would always have been there.
//! - So the only continuous candidate is z_ji = 0 from t_1 on. Its velocity is 0, the equation asks
//!   for c (a_j/n) r_i, which is not 0 unless c = 0.
//!
//! With c other than 0 the equation therefore has no solution beyond t_1, not even for almost every
//! t; with c = 0 the candidate is one. (The differential inclusion with g(0) = [0, 1] has the same
//! candidate as its solution, and 0 is the only selection that it uses.) Existence is all that
//! c = 0 buys: from z_ji = 0 with a_j r_i > 0 a pair may rest or leave, and the kernels rest.
//!
//! The gap is measured as the defect of the candidate, the integral of |theta' - F_c(theta)| from
//! t_1 on: c times a number that does not depend on the step. It is also what a scheme pays that
//! keeps to the candidate: Euler's method that puts negative pairs back to 0 corrects by that much
//! in total, a correction of order dt in every step. Plain Euler does not notice: it steps over 0, lands
//! at a distance of order dt below it, rests there and has the same bits for every c. Only exact
//! zeros tell, and they do occur: in starts with zero weights, and in data.

use crate::shared::candidate::{
    Candidate, START, Y, corrections, euler_gap, predictions, velocity,
};
use engine::descent::{Memory, descent};
use engine::parallel::Pool;
use engine::trajectory::{Problem, Start};
use engine::{Kind, Numerics};
use lab::Control;
use lab::failure::Failure;
use lab::figure::{Corner, Figure, Look, Panel, evenly_spaced};
use lab::settings::Key;
use lab::statistics::{larger, max};
use lab::{Context, Experiment, Numbers, Outcome, Precision, Verdict};

const DT: Key<f64> =
    Key::number("dt", 1e-2, "coarsest of three Euler steps, each a tenth of the one before")
        .within(1e-3, 0.1);
// The pair dies at 1.45.
const UNTIL: Key<f64> =
    Key::number("until", 4.0, "flow time of the end").within(2.0, 20.0).quick(2.0);

/// The table entry.
pub static SUBGRADIENT: Experiment = Experiment {
    id: "orthogonal-subgradient",
    paper: "orthogonal",
    figure: "Proposition 2, Appendix D",
    about: "relu'(0) = 0 is the only choice for which the flow exists",
    cost_seconds: 0.1,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[Control::SigmaPrimeOne],
    keys: &[&[&DT, &UNTIL]],
    run,
};

/// Values of relu'(0).
const CHOICES: [f64; 4] = [0.0, 0.25, 0.5, 1.0];
const KINDS: [Kind; 3] = [Kind::Dense, Kind::Gram, Kind::Orthogonal];

fn run(context: &Context) -> Result<Outcome, Failure> {
    let numerics = Numerics { precision: context.config.precision, ..Numerics::EXACT };
    // What the textbook takes it to be; a control plants 1.
    let at_zero = Control::relu_prime_at_zero(context.control());
    let (coarse, until) = (context.get(DT), context.get(UNTIL));
    let steps = [coarse, coarse / 10.0, coarse / 100.0];
    let candidates = steps.map(|dt| Candidate::follow(dt, until));
    let [_, middle, fine] = &candidates;
    let defects = CHOICES.map(|c| fine.defect(c).last().map_or(f64::NAN, |point| point.1));
    let total = |candidate: &Candidate| candidate.defect(1.0).last().map_or(f64::NAN, |p| p.1);
    let proportional =
        CHOICES.iter().zip(defects).map(|(c, defect)| (defect - c * defects[3]).abs());

    let (mut moved, mut awake, mut overshoot, mut restless) = (0, 0, 0.0f64, 0);
    for kind in KINDS {
        let (zeros, alive) = zeros_under(numerics, kind)?;
        moved += zeros;
        awake += alive;
        for dt in steps {
            let path = path_under(numerics, kind, dt, until)?;
            let dead = &path[path.iter().position(|z| z.1 <= 0.0).unwrap_or(path.len())..];
            let landed = dead.first().map_or(f64::NAN, |point| point.1);
            overshoot = larger(overshoot, landed.abs() / dt);
            restless += dead.iter().filter(|point| point.1 != landed).count();
        }
    }
    let euler = max(steps.map(|dt| euler_gap(dt, until)));
    let corrections = CHOICES.map(|c| corrections(c, steps[2], until));
    let metrics = Numbers::from([
        ("zero_pairs", (KINDS.len() * ZEROS.len()) as f64),
        ("zero_pairs_moved", moved as f64),
        ("zero_pairs_moved_textbook", textbook_moved(at_zero) as f64),
        ("zero_pairs_moved_textbook_one", textbook_moved(1.0) as f64),
        ("other_pairs_moved", awake as f64),
        ("death_time", fine.death),
        ("defect_textbook", fine.defect(at_zero).last().map_or(f64::NAN, |point| point.1)),
        ("defect_0", defects[0]),
        ("defect_025", defects[1]),
        ("defect_05", defects[2]),
        ("defect_1", defects[3]),
        ("defect_not_proportional", max(proportional)),
        ("defect_step_change", (total(middle) - total(fine)).abs() / total(fine)),
        ("overshoot_over_dt", overshoot),
        ("dead_pair_moves", restless as f64),
        ("euler_gap", euler),
        ("snap_0", corrections[0]),
        ("snap_1", corrections[3]),
    ]);
    let verdicts = verdicts(&metrics);
    let trace = steps.iter().zip(&candidates).flat_map(|(&dt, candidate)| {
        let defect = |c| candidate.defect(c).last().map_or(f64::NAN, |point| point.1);
        CHOICES.map(|c| Numbers::from([("dt", dt), ("c", c), ("defect", defect(c))]))
    });
    let figure =
        figure(&path_under(numerics, Kind::Orthogonal, steps[0], until)?, &steps, &candidates);
    Ok(Outcome {
        notes: vec![NOTE.into()],
        metrics,
        verdicts,
        trace: trace.collect(),
        figures: vec![figure],
        ..Outcome::default()
    })
}

/// Where the two right-hand sides come from.
const NOTE: &str = "What is compared: the kernels have relu'(0) = 0 built in, so other values stand in a \
    textbook right-hand side of one neuron on two orthonormal samples, against which the kernels and \
    the only candidate for a solution are held. The bounds in these verdicts are ours.";

/// (t, z_2) of the dying neuron under a kernel.
fn path_under(
    numerics: Numerics,
    kind: Kind,
    dt: f64,
    until: f64,
) -> Result<Vec<(f64, f64)>, Failure> {
    let (problem, mut memory) = (problem(&[START]), Memory::default());
    let mut state = descent(numerics, kind, &problem, &Pool::ALONE, &mut memory)?;
    let mut path = Vec::new();
    let mut z = [0.0; 2];
    for k in 0..=(until / dt).round() as u64 {
        state.pre_activations(&mut z)?;
        path.push((dt * k as f64, z[1]));
        state.step(dt)?;
    }
    Ok(path)
}

fn problem(neurons: &[[f64; 3]]) -> Problem {
    let w = neurons.iter().flat_map(|neuron| [neuron[0], neuron[1]]).collect();
    let a = neurons.iter().map(|neuron| neuron[2]).collect();
    Problem::new(&[[1.0, 0.0], [0.0, 1.0]], &Y, Start { w, a, exponent: 0 })
}

/// One pair of each is exactly 0, with a r of either sign on either sample; those of opposite a
/// cancel at the start.
const ZEROS: [[f64; 3]; 4] = [[0.0, 1.0, 1.0], [0.0, 1.0, -1.0], [1.0, 0.0, 1.0], [1.0, 0.0, -1.0]];
const ZERO_STEPS: usize = 100;
const ZERO_DT: f64 = 0.01;

/// Of the pairs of [`ZEROS`] those that moved, at 0 and elsewhere, after [`ZERO_STEPS`] steps.
fn zeros_under(numerics: Numerics, kind: Kind) -> Result<(usize, usize), Failure> {
    let (problem, mut memory) = (problem(&ZEROS), Memory::default());
    let mut state = descent(numerics, kind, &problem, &Pool::ALONE, &mut memory)?;
    for _ in 0..ZERO_STEPS {
        state.step(ZERO_DT)?;
    }
    let mut z = vec![0.0; 2 * ZEROS.len()];
    state.pre_activations(&mut z)?;
    Ok(count_moved(&z))
}

/// The same for the textbook step.
fn textbook_moved(c: f64) -> usize {
    let mut neurons = ZEROS;
    for _ in 0..ZERO_STEPS {
        let h = predictions(&neurons);
        for neuron in &mut neurons {
            let v = velocity(*neuron, h, c);
            *neuron = std::array::from_fn(|k| neuron[k] + ZERO_DT * v[k]);
        }
    }
    count_moved(&neurons.map(|neuron| [neuron[0], neuron[1]]).concat()).0
}

fn count_moved(z: &[f64]) -> (usize, usize) {
    let start = ZEROS.iter().flat_map(|neuron| [neuron[0], neuron[1]]);
    let moved = start.zip(z).filter(|(start, z)| start != *z);
    let (zeros, others): (Vec<_>, Vec<_>) = moved.partition(|(start, _)| *start == 0.0);
    (zeros.len(), others.len())
}

fn verdicts(metrics: &Numbers) -> Vec<Verdict> {
    let source = "arXiv 2206.00939, Proposition 2";
    let zeros = metrics.number("zero_pairs");
    vec![
        Verdict::equal(
            "a pair at 0 rests under every kernel, whatever the sign of a r: pairs that moved",
            source,
            metrics.number("zero_pairs_moved"),
            0.0,
        ),
        Verdict::equal(
            "that is a textbook step with relu'(0) = 0: pairs that it moves more than a kernel",
            source,
            metrics.number("zero_pairs_moved_textbook")
                - metrics.number("zero_pairs_moved") / KINDS.len() as f64,
            0.0,
        ),
        Verdict::equal(
            "with relu'(0) = 1 each of them would leave: pairs that moved in a textbook step",
            source,
            metrics.number("zero_pairs_moved_textbook_one"),
            zeros / KINDS.len() as f64,
        ),
        Verdict::at_most(
            "with relu'(0) = 0 the candidate that stays at 0 solves the flow: its defect",
            source,
            metrics.number("defect_textbook"),
            1e-10,
        ),
        Verdict::at_least(
            "with relu'(0) = 1 it does not: its defect",
            source,
            metrics.number("defect_1"),
            0.1,
        ),
        Verdict::at_most(
            "the defect is proportional to relu'(0): largest deviation",
            source,
            metrics.number("defect_not_proportional"),
            1e-10,
        ),
        Verdict::at_most(
            "the defect does not vanish with the step: relative change from dt/10 to dt/100",
            source,
            metrics.number("defect_step_change"),
            1e-2,
        ),
        Verdict::near(
            "a scheme that stays at 0 with relu'(0) = 1 corrects by the defect in total",
            source,
            metrics.number("snap_1") / metrics.number("defect_1"),
            1.0,
            1e-2,
        ),
        Verdict::equal(
            "under the kernels a pair that has died never moves: moves seen",
            "arXiv 2206.00939, Lemma 6",
            metrics.number("dead_pair_moves"),
            0.0,
        ),
        Verdict::at_most(
            "plain Euler steps over 0 and differs in no bit between relu'(0) = 0 and 1",
            source,
            metrics.number("euler_gap"),
            0.0,
        ),
    ]
}

fn figure(path: &[(f64, f64)], steps: &[f64; 3], candidates: &[Candidate; 3]) -> Figure {
    let candidate = &candidates[2];
    let near = |t: f64| (t - candidate.death).abs() < 8.0 * steps[0];
    let seen = |path: &[(f64, f64)]| {
        path.iter().copied().filter(|point| near(point.0)).collect::<Vec<_>>()
    };
    let ideal: Vec<_> = candidate.path.iter().map(|(t, theta)| (*t, theta[1])).collect();
    let kink = Panel::new("a pair dies", "flow time t", "z = <w, x_2>")
        .series(Look::Points, format!("Euler, dt = {}", steps[0]), seen(path))
        .series(Look::Line, "candidate", seen(&ideal));
    let mut growth = Panel::new("defect of the candidate", "flow time t", "defect since the death")
        .legend(Corner::TopLeft);
    let mut step =
        Panel::new("the same for every step", "Euler step dt", "defect at the end").log_x();
    for c in CHOICES.into_iter().rev() {
        let name = format!("relu'(0) = {c}");
        let defect = candidate.defect(c);
        let shown = evenly_spaced(defect.len(), 500).into_iter().map(|at| defect[at]);
        growth = growth.series(Look::Line, &name, shown);
        let ends = steps.iter().zip(candidates).map(|(&dt, candidate)| {
            (dt, candidate.defect(c).last().map_or(f64::NAN, |point| point.1))
        });
        step = step.series(Look::Points, "", ends.collect::<Vec<_>>());
    }
    Figure::new(
        "defect",
        "With relu'(0) other than 0 nothing solves the flow after a pair has died",
    )
    .panel(kink)
    .panel(growth)
    .panel(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::candidate::euler;

    #[test]
    fn the_right_hand_side_is_that_of_the_kernels_away_from_zero() {
        for kind in KINDS {
            let path = path_under(Numerics::EXACT, kind, 1e-3, 0.1).unwrap();
            let mut theta = START;
            for (_, z) in path {
                assert!((z - theta[1]).abs() < 1e-14);
                theta = euler(theta, 0.5, 1e-3);
            }
        }
    }

    #[test]
    fn a_textbook_step_with_zero_moves_no_pair_at_zero() {
        assert_eq!((textbook_moved(0.0), textbook_moved(1.0)), (0, 4));
    }

    #[test]
    fn nan_passes_no_verdict() {
        lab::checks::nan_is_noticed(&SUBGRADIENT, |_, metrics| verdicts(metrics));
    }
}
