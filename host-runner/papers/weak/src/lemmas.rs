//! `weak-lemmas`: the probabilistic lemmas of paper `weak`, how often and how tightly they hold.
//!
//! | lemma | says | file |
//! |---|---|---|
//! | 3 | random samples satisfy Assumption 2 where d is of order n^2 | `lemmas/correlation` |
//! | 4 | n mu(0) is beta_0, up to 1/sqrt p | `lemmas/curvature` |
//! | 5 | every sample has a neuron, with probability 1 - n (3/4)^p | `lemmas/neurons` |
//! | 8 | on orthogonal samples wrong activations die soon, and no others | `lemmas/deaths` |
//!
//! Lemmas 1, 2 and 7 are for every single path: `weak-sliding` and `check` follow them.

mod correlation;
mod curvature;
mod deaths;
mod neurons;
mod trials;

use crate::shared::law::INNER;
use engine::parallel::Pool;
use lab::Control;
use lab::failure::Failure;
use lab::figure::Figure;
use lab::{Context, Experiment, Outcome, Precision, Preset};
use trials::REPETITIONS;

/// The table entry.
pub static LEMMAS: Experiment = Experiment {
    id: "weak-lemmas",
    paper: "weak",
    figure: "Lemmas 3, 4, 5 and 8",
    about: "how often random samples and starts are good, and how soon wrong pairs die",
    cost_seconds: 10.0,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[Control::WrongSign],
    keys: &[&[&REPETITIONS, &INNER]],
    run,
};

fn run(context: &Context) -> Result<Outcome, Failure> {
    if context.config.precision != Precision::F64 {
        return Err(Failure::bad_input("--precision f32: the lemmas are measured at f64"));
    }
    let pool = Pool::new(context.threads)?;
    context.progress.start(4, "lemmas");
    let mut outcome = Outcome::default();
    let mut figure = Figure::new("lemmas", "The lemmas on random samples and starts");
    let all = [correlation::lemma_3, curvature::lemma_4, neurons::lemma_5, deaths::lemma_8];
    for (at, lemma) in all.into_iter().enumerate() {
        figure = figure.panel(lemma(context, &pool, &mut outcome)?);
        context.progress.at(1 + at as u64);
    }
    outcome.figures = vec![figure];
    outcome.notes = notes(context.config.preset);
    Ok(outcome)
}

fn notes(preset: Preset) -> Vec<String> {
    let mut notes = vec![
        "Lemma 3 is judged by its order n^2 alone, not by its constant; Lemma 6 is left out."
            .to_owned(),
        "In Lemma 8 A is read as min_j (a_j^2 - |w_j|^2), which the flow conserves, and t_n up to the \
         lemma's constant. At n = 50 some samples are learned before their last wrong pair has died, \
         which then lives on: all_gone."
            .to_owned(),
    ];
    if preset == Preset::Quick {
        notes.push(
            "Up to n = 64 the dimension that Assumption 2 needs grows faster than n^2, for the \
             extremes of |x_i| and |y_i| are not in their limits; these draws tell n^2 from n or n^3."
                .to_owned(),
        );
    }
    notes
}
