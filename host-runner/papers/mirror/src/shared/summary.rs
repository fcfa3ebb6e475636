//! Many draws of one figure: metrics, verdicts, figures.
use super::draw::{ALPHA, D, FixedDirections, M, N};
use super::followed::{At, Followed, UNTIL};
use super::{drawn, source};
use lab::{Context, Numbers, Outcome, Precision, Verdict};

use engine::parallel::Pool;
use lab::failure::Failure;
use lab::figure::log_spaced;
use lab::settings::Key;
use lab::statistics::{max, median, min};

/// How many draws.
pub const REPETITIONS: Key<usize> =
    Key::count("repetitions", 10, "number of draws").between(1, 10_000);

/// A number of each draw.
type Column<'a> = (&'static str, &'a dyn Fn(&Followed) -> f64);

/// Until times the rate at the limit above which D has fallen far enough for its end to be judged.
const ARRIVES: f64 = 30.0;
/// Relative difference at which a printed constant counts as found.
const FOUND: f64 = 0.2;
/// Lines of the trace.
const TRACE: usize = 200;

/// A constant of a figure.
#[derive(Debug, Clone, Copy)]
pub struct Constant {
    /// The metric.
    pub name: &'static str,
    /// As the paper prints it.
    pub printed: Option<f64>,
    /// Least and greatest of ten draws of another simulation of the same protocol.
    pub range: (f64, f64),
}

/// The constants of one draw, as the paper prints them.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Which of the figure's.
    pub name: &'static str,
    /// Samples with which they come out; not printed.
    pub n: usize,
    /// inf r, |X^(T+)|, kappa_1, kappa_2, sup |beta|_1.
    pub printed: [f64; 5],
}

/// What is known of a figure.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Figure, as cited.
    pub figure: &'static str,
    /// Sizes and alpha of which the constants speak.
    pub protocol: (usize, usize, usize, f64),
    /// Its constants.
    pub constants: &'static [Constant],
    /// Draws of which all constants are printed.
    pub examples: &'static [Example],
    /// Title of the drawing.
    pub title: &'static str,
}

impl Known {
    /// The example that is drawn with the sizes of a run.
    fn example(&self, context: &Context) -> Option<&Example> {
        let [n, d, m] = [N, D, M].map(|key| context.get(key));
        let (_, like_d, like_m, like_alpha) = self.protocol;
        let sizes = (d, m, context.get(ALPHA)) == (like_d, like_m, like_alpha);
        self.examples.iter().find(|example| sizes && example.n == n)
    }
}

impl Example {
    fn told(&self) -> String {
        format!("The constants of the {} come out at n = {}", self.name, self.n)
    }

    /// The largest relative difference of a draw's constants from the printed ones.
    fn off(&self, run: &Followed) -> f64 {
        let rates = run.rates;
        let ours = [run.inf_r, run.norm_pinv, rates.kappa_1, rates.kappa_2, run.l1_max];
        max(ours.iter().zip(self.printed).map(|(x, printed)| (x / printed - 1.0).abs()))
    }
}

/// All draws of a run.
pub fn runs(context: &Context) -> Result<Vec<Followed>, Failure> {
    if context.config.precision != Precision::F64 {
        return Err(Failure::bad_input("--precision f32: divergences are measured at f64"));
    }
    let repetitions = context.get(REPETITIONS) as u64;
    let pool = Pool::new(context.threads)?;
    context.progress.start(repetitions, "draws");
    pool.each(&pool.per_thread(|| ()), (0..repetitions).collect(), |(), at, trial| {
        let followed = Followed::of(context, &FixedDirections::of(context, trial)?)?;
        context.progress.at(1 + at as u64);
        Ok(followed)
    })
}

/// Everything about the draws.
pub fn outcome(context: &Context, known: &Known) -> Result<Outcome, Failure> {
    let runs = runs(context)?;
    let Some(shown) = runs.first() else {
        return Err(Failure::failed("no draw".to_owned()));
    };
    let mut metrics = measured(&runs);
    if let Some(example) = known.example(context) {
        metrics.push("printed_off_least", min(runs.iter().map(|run| example.off(run))));
    }
    let verdicts = judged(context, known, &metrics);
    Ok(Outcome {
        verdicts,
        notes: notes(context, known, &metrics),
        trace: trace(shown),
        figures: vec![drawn::first(known.title, shown), drawn::all(&runs)],
        metrics,
        ..Outcome::default()
    })
}

fn measured(runs: &[Followed]) -> Numbers {
    let mut metrics = Numbers::new();
    metrics.push("draws", runs.len() as f64);
    let columns: [Column<'_>; 9] = [
        ("inf_r", &|run| run.inf_r),
        ("norm_pinv", &|run| run.norm_pinv),
        ("kappa1", &|run| run.rates.kappa_1),
        ("kappa2", &|run| run.rates.kappa_2),
        ("l1_max", &|run| run.l1_max),
        ("rate", &|run| run.rate),
        ("rate_last", &|run| run.rate_last),
        ("rate_limit", &|run| run.rate_limit),
        ("d_start", &|run| run.points.first().map_or(f64::NAN, |at| at.divergence)),
    ];
    for (name, of) in columns {
        // A rate is missing where D does not come far enough.
        let there = |x: &f64| !["rate", "rate_last"].contains(&name) || !x.is_nan();
        let values: Vec<f64> = runs.iter().map(of).filter(there).collect();
        metrics.push(name, median(&values));
        metrics.push(format!("{name}_min"), min(&values));
        metrics.push(format!("{name}_max"), max(&values));
        if name == "rate" {
            metrics.push("rate_fitted", values.len() as f64);
        }
    }
    let most = |of: &dyn Fn(&Followed) -> f64| max(runs.iter().map(of));
    let sum = |of: &dyn Fn(&Followed) -> usize| runs.iter().map(of).sum::<usize>() as f64;
    metrics.push("moments", sum(&|run| run.points.len()));
    metrics.push("violations_kappa1", sum(&|run| run.violations[0]));
    metrics.push("violations_kappa2", sum(&|run| run.violations[1]));
    metrics.push("violations_mean", sum(&|run| run.above_mean));
    metrics.push("conserved", most(&|run| run.conserved));
    metrics.push("sign_least", min(runs.iter().map(|run| run.sign)));
    metrics.push("unspent", most(&|run| run.unspent));
    metrics.push("equivalence", most(&|run| run.equivalence));
    let off = |run: &Followed| (run.rate_last / run.rate_limit - 1.0).abs();
    let fitted = runs.iter().filter(|run| !run.rate_last.is_nan());
    metrics.push("rate_off_limit", median(&fitted.map(off).collect::<Vec<_>>()));
    metrics.push("limit_error_least", min(runs.iter().map(|run| run.limit_error)));
    metrics.push("limit_error_most", most(&|run| run.limit_error));
    metrics.push("loss_final_most", most(&|run| run.points.last().map_or(f64::NAN, |at| at.loss)));
    // Where F does not come so far, there is no such time.
    let times: Vec<f64> = runs.iter().map(|run| run.stopped).filter(|t| !t.is_nan()).collect();
    metrics.push("time_1e-5", median(&times));
    metrics.push("evaluations", runs.iter().map(|run| run.evaluations as f64).sum());
    metrics
}

/// Of what was [`measured`].
pub fn judged(context: &Context, known: &Known, metrics: &Numbers) -> Vec<Verdict> {
    let mut verdicts = vec![
        Verdict::equal(
            "D is never above D(0) exp(-kappa_1 t)",
            &source(&format!("Theorem 2.6, Lemmas 2.5 and 3.6, {}", known.figure)),
            metrics.number("violations_kappa1"),
            0.0,
        ),
        Verdict::equal(
            "D is never above 1/(kappa_2 t + 1/D(0))",
            &source(&format!("Theorem 2.7, Lemmas 2.5 and 3.7, {}", known.figure)),
            metrics.number("violations_kappa2"),
            0.0,
        ),
        Verdict::at_most(
            "beta = a b of the network's gradient flow is that of the mirror flow, at 40 times",
            &source("Theorem 3.4"),
            metrics.number("equivalence"),
            1e-8,
        ),
        Verdict::at_most(
            "a^2 - b^2 of each neuron is conserved along the network's flow: largest relative change",
            &source("Lemma A.2"),
            metrics.number("conserved"),
            1e-5,
        ),
        Verdict::at_least(
            "and a never comes to 0: the least of a over its start",
            &source("Lemma A.2"),
            metrics.number("sign_least"),
            1e-9,
        ),
        Verdict::equal(
            "F is never above D(0)/t, D that of Phi_r/2",
            &source("(3)"),
            metrics.number("violations_mean"),
            0.0,
        ),
        Verdict::at_most(
            "D(0) - D(t) is 4 times the integral of F, for D of Phi_r: largest gap over D(0)",
            &source("(2) and (6), equalities where X beta* = y"),
            metrics.number("unspent"),
            1e-3,
        ),
    ];
    // A flow that is stopped before D has fallen far says nothing about its end.
    let stopped = context.get(UNTIL) * metrics.number("rate_limit") < ARRIVES;
    if !stopped {
        verdicts.extend([
            Verdict::at_most(
                "D falls in the end at 4 times the least eigenvalue of X diag(sqrt(beta^2 + r^2)) X^T at \
                 the Bregman projection: median difference",
                "linearisation at the limit, which is found without a flow",
                metrics.number("rate_off_limit"),
                0.2,
            ),
            Verdict::at_most(
                "the flow comes to the Bregman projection of its start: the nearest end",
                &source("Theorem 2.2, (1)"),
                metrics.number("limit_error_least"),
                1e-6,
            ),
        ]);
    }
    if let Some(example) = known.example(context) {
        verdicts.push(Verdict::at_most(
            &format!(
                "the five constants of the {} are found: largest relative difference of the nearest draw",
                example.name
            ),
            &source(known.figure),
            metrics.number("printed_off_least"),
            FOUND,
        ));
    }
    let [n, d, m] = [N, D, M].map(|key| context.get(key));
    if (n, d, m, context.get(ALPHA)) == known.protocol {
        verdicts.extend(known.constants.iter().map(|constant| {
            let (least, most) = constant.range;
            Verdict::between(
                &format!(
                    "median {}, in the range of ten draws of another simulation, give or take a tenth",
                    constant.name
                ),
                &source(known.figure),
                metrics.number(constant.name),
                // One median of ten in eight is outside the bare range.
                0.9 * least,
                1.1 * most,
            )
        }));
    }
    verdicts
}

fn notes(context: &Context, known: &Known, metrics: &Numbers) -> Vec<String> {
    let (n, d, m, alpha) = known.protocol;
    let mut notes = Vec::new();
    if known.examples.is_empty() {
        notes.push(format!(
            "{} is that of n = {n} samples in d = {d} dimensions, m = {m} neurons and alpha = {alpha:?}.",
            known.figure
        ));
    } else {
        notes.push(format!(
            "The caption of {} has d = {d}, m = {m}, alpha = {alpha:?}; n is not printed. {}.",
            known.figure,
            known.examples.iter().map(Example::told).collect::<Vec<_>>().join("; ")
        ));
    }
    let columns = ["inf_r", "norm_pinv", "kappa1", "kappa2", "l1_max"];
    let example = known.example(context);
    let examples = example.iter().flat_map(|example| columns.into_iter().zip(example.printed));
    let constants = known
        .constants
        .iter()
        .filter_map(|constant| constant.printed.map(|printed| (constant.name, printed)));
    let compared: Vec<String> = constants
        .chain(examples)
        .map(|(name, printed)| {
            let of = |end: &str| metrics.number(&format!("{name}{end}"));
            let [middle, low, high] = [of(""), of("_min"), of("_max")];
            format!("{name} {printed:?}, here {middle:.3e} [{low:.3e}, {high:.3e}]")
        })
        .collect();
    if !compared.is_empty() {
        notes.push(format!(
            "Printed values against medians and ranges here: {}.",
            compared.join("; ")
        ));
    }
    if known.constants.iter().any(|constant| constant.name == "rate" && constant.printed.is_some())
    {
        notes.push(
            "The paper reads a rate of .3 off its figure. In decades of D it would be .3 ln 10 = .7, inside the range here."
                .into(),
        );
    }
    if example.is_some() {
        notes.push(format!(
            "F passes 1e-5 at t = {:.3} (median of those that do). The second example was stopped there, at t = 4.0e5 as it is printed.",
            metrics.number("time_1e-5")
        ));
    }
    notes.push(
        "The potential of the flow is Phi_r/2, as Theorem 3.4 has it: du/dt = -2 X^T (X beta - y). D is that of Phi_r. Both \
         kappas hold with a factor 2 to spare: the gradient of Phi_r/2 is 1/(2 inf r)-Lipschitz, and Theorem 2.6 then gives 2 kappa_1."
            .into(),
    );
    notes
}

fn trace(run: &Followed) -> Vec<Numbers> {
    let d0 = run.points.first().map_or(f64::NAN, |at| at.divergence);
    let row = |at: &At| {
        let [exponential, hyperbolic] =
            [run.rates.exponential(d0, at.t), run.rates.hyperbolic(d0, at.t)];
        Numbers::from([
            ("t", at.t),
            ("loss", at.loss),
            ("divergence", at.divergence),
            ("bound_kappa1", exponential),
            ("bound_kappa2", hyperbolic),
            ("l1", at.l1),
        ])
    };
    log_spaced(run.points.len(), TRACE).into_iter().map(|at| row(&run.points[at])).collect()
}
