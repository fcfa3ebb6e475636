//! An experiment for the tests of the house: counts, can be stopped half-way, passes or fails.
use crate::Control;
use crate::failure::Failure;
use crate::figure::{Figure, Film, Frame, Look, Panel};
use crate::settings::Key;
use crate::{Context, Experiment, Numbers, Outcome, Precision, Verdict};
use crate::{Evidence, Paper, State, Statement};

/// How many steps it takes.
pub const STEPS: Key<usize> = Key::count("steps", 1000, "number of steps").quick(10);
/// What each of them adds.
pub const DT: Key<f64> = Key::number("dt", 0.5, "size of a step").positive();
/// What it promises.
pub const WANTED: Key<f64> = Key::number("wanted", 500.0, "sum that counts as reproduced");

/// A paper of one theorem and one figure.
pub static PAPER: Paper = Paper {
    name: "fake",
    title: "Nobody: Numbers can be counted",
    source: "fake",
    experiments: &[&FAKE],
    statements: &[
        Statement {
            number: "Theorem 1",
            says: "sums are right",
            under: "steps of one size",
            state: State::Shown,
            shown_by: &[Evidence::Verdict("fake-count", "the sum is right")],
        },
        Statement {
            number: "Figure 0",
            says: "sums over steps",
            under: "",
            state: State::Partly("only one size of steps"),
            shown_by: &[Evidence::Run("fake-count")],
        },
    ],
};

/// Sums `dt` over `steps`, starting from the seed less one.
pub static FAKE: Experiment = Experiment {
    id: "fake-count",
    paper: "fake",
    figure: "Figure 0",
    about: "counts",
    cost_seconds: 0.1,
    precision: Precision::F64,
    keys: &[&[&STEPS, &DT, &WANTED]],
    variants: &[&[], &["steps=100", "wanted=50"]],
    controls: &[Control::DoubledRate, Control::WrongSign],
    run,
};

fn run(context: &Context) -> Result<Outcome, Failure> {
    let steps = context.get(STEPS);
    let (mut done, mut sum) = (0, context.config.seed as f64 - 1.0);
    if let Some(state) = context.load_checkpoint()? {
        let word = |at: usize| <[u8; 8]>::try_from(&state[at..at + 8]).unwrap();
        done = u64::from_le_bytes(word(0)) as usize;
        sum = f64::from_le_bytes(word(8));
    }
    let resumed_at = done;
    context.progress.start(steps as u64, "steps");
    let mut trace = Vec::new();
    while done < steps {
        // A pending interrupt stops a fresh run half-way, and lets a resumed one end.
        if context.interrupted() && done == steps / 2 && resumed_at == 0 {
            assert_eq!(context.checkpoint_due(), context.load_checkpoint().is_ok());
            let mut state = (done as u64).to_le_bytes().to_vec();
            state.extend_from_slice(&sum.to_le_bytes());
            context.save_checkpoint(&state)?;
            return Err(context.stopped());
        }
        sum += Control::effective_dt(context.control(), context.get(DT));
        done += 1;
        context.progress.at(done as u64);
        trace.push(Numbers::from([("step", done as f64), ("sum", sum)]));
    }
    let wanted = context.get(WANTED);
    let points = trace.iter().filter_map(|row| Some((row.get("step")?, row.get("sum")?)));
    let panel = Panel::new("", "step", "sum").series(Look::Line, "sum", points);
    Ok(Outcome {
        metrics: Numbers::from([
            ("sum", sum),
            ("third", sum / 3.0),
            ("resumed_at", resumed_at as f64),
            ("undefined", f64::NAN),
        ]),
        verdicts: vec![Verdict::near("the sum is right", "fake, Theorem 1", sum, wanted, 1e-9)],
        notes: vec!["numbers are counted, not measured".into()],
        events: None,
        films: vec![Film::new("sum", "Counting", [Frame::new("the end").panel(panel.clone())])],
        figures: vec![Figure::new("sum", "Counting").panel(panel)],
        trace,
    })
}
