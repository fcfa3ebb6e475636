//! `train`: a network on the user's own data, with the curvature and its bounds at checkpoints.
mod args;
mod figures;
pub(crate) mod flow;
mod gauge;
mod integrate;
mod plan;
mod session;
mod text;
mod weights;

pub(crate) use args::width;
pub use args::{Arithmetic, Coordinates, Init, Method, OutputScale, TrainArgs};
pub use plan::{Kind, Plan, plan};

use crate::event_log;
use crate::experiment::{Numbers, Precision};
use crate::facts::Facts;
use crate::failure::{DONE, Failure, print};
use crate::interrupt;
use crate::keeper::Keeper;
use crate::manifest::manifest;
use crate::parallel::{Crew, Cuts, Rows, Shared, cores};
use crate::prepare::Prepared;
use crate::progress::Progress;
use crate::run_folder::{Opened, RunFolder, pretty};
use flow::Problem;
use gauge::Test;
pub(crate) use gauge::{narrow, widen};
use reluflow::init::{self, Inner};
use reluflow::{Batch, Canonical, Lanes, NetViewMut, Real, SamplesView};
use serde_json::{Map, Value, json};
use session::{Options, Trained};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Multiply-adds of a step, some 90 us, below which other threads are not woken unless asked for:
/// waking them takes tens of microseconds (docs/threads.md).
const WORTH_WAKING: f64 = 4e6;

/// File of a run folder that holds everything but the manifest.
const RESULT: &str = "result.json";

/// Runs the command and prints the result; returns the exit code.
pub fn run(args: &TrainArgs) -> Result<u8, Failure> {
    let document = document(args, interrupt::listen()?)?;
    print(&if args.json { pretty(&document) } else { text::text(&document) })?;
    Ok(DONE)
}

/// The result of the run, or that of an earlier one of the same configuration.
pub(crate) fn document(args: &TrainArgs, interrupt: &AtomicBool) -> Result<Value, Failure> {
    let prepared = args.prepare()?;
    if !args.quiet {
        for warning in &prepared.warnings {
            eprintln!("warning: {warning}");
        }
    }
    let config = args.config(&prepared);
    let job = Job { args, prepared: &prepared, config, interrupt };
    match (args.precision, args.arithmetic) {
        (Precision::F32, Arithmetic::Fused) => job.document::<<f32 as Real>::Native>(),
        (Precision::F32, _) => job.document::<Canonical<<f32 as Real>::Native>>(),
        (Precision::F64, Arithmetic::Fused) => job.document::<<f64 as Real>::Native>(),
        (Precision::F64, _) => job.document::<Canonical<<f64 as Real>::Native>>(),
    }
}

impl TrainArgs {
    /// The network at the start, on the samples in the precision of the lanes.
    fn problem<L: Lanes>(&self, prepared: &Prepared) -> Result<Problem<L::Elem>, Failure> {
        let data = &prepared.train;
        let (p, d) = (self.width as usize, data.d);
        let (mut w, mut a) = (vec![L::Elem::ZERO; p * d], vec![L::Elem::ZERO; p]);
        let mut rng = init::stream(self.seed, "train", 0, 0);
        let mut net = NetViewMut::new(&mut w, &mut a, d)?;
        let lambda = self.lambda();
        match self.init {
            Init::Balanced => init::balanced::<L>(&mut net, lambda, &mut rng),
            Init::AsymmetricGaussian => init::asymmetric::<L>(&mut net, Inner::Gaussian, &mut rng),
            Init::AsymmetricUniform => init::asymmetric::<L>(&mut net, Inner::Uniform, &mut rng),
        }
        if self.init != Init::Balanced && lambda != 1.0 {
            for weight in w.iter_mut().chain(&mut a) {
                *weight = L::Elem::from_f64(lambda * weight.to_f64());
            }
        }
        let mut problem = Problem {
            x: narrow::<L::Elem>(&data.x),
            y: narrow(&data.y),
            stream: prepared.stream.clone(),
            n: data.n,
            mean_square: 0.0,
            w,
            a,
            d,
            scale: self.scale(),
        };
        let (mut squares, mut mean_square) = ([L::Elem::ZERO; 2], 0.0);
        let mut rows = Rows::default();
        let source = problem.source()?;
        for piece in Cuts::of(data.n).each() {
            let samples = source.piece(piece, &mut rows)?;
            for (square, v) in squares.iter_mut().zip([samples.x(), samples.y()]) {
                v.iter().for_each(|&v| *square += v * v);
            }
            samples.y().iter().for_each(|y| mean_square += y.to_f64().powi(2));
        }
        if !squares.iter().all(|square| square.is_finite()) {
            return Err(Failure::bad_input(format!(
                "{}: found numbers whose squares do not fit f32; use --precision f64 or \
                 --standardize",
                data.source.display()
            )));
        }
        problem.mean_square = mean_square / data.n as f64;
        Ok(problem)
    }
}

/// One command, checked and loaded.
struct Job<'a> {
    args: &'a TrainArgs,
    prepared: &'a Prepared,
    config: Map<String, Value>,
    interrupt: &'a AtomicBool,
}

impl Job<'_> {
    fn document<L: Shared>(self) -> Result<Value, Failure> {
        let args = self.args;
        let problem = args.problem::<L>(self.prepared)?;
        let (p, n, d) = problem.sizes();
        let pieces = Cuts::of(n).count();
        let enough = if Kind::Dense.cost(p, n, d) < WORTH_WAKING { 1 } else { cores() };
        let crew = Crew::new(args.threads.map_or(enough, usize::from).min(pieces))?;
        // The facts are about the samples as the kernels see them.
        let facts = Facts::over(&problem.source()?, &crew, L::Elem::EPSILON.to_f64())?;
        let plan = plan(&facts, p, d, args.coordinates)?;
        let folder = match &args.out {
            None => None,
            Some(path) => match RunFolder::open(path, &self.config, RESULT)? {
                Opened::Ready(folder) => Some(folder),
                Opened::Complete(manifest, result) => {
                    if !args.quiet {
                        eprintln!("{}: this run is complete; here is its result", path.display());
                    }
                    return Ok(assemble(result, manifest));
                }
            },
        };
        let started = Instant::now();
        let progress = Progress::new(args.quiet);
        if !args.quiet {
            eprintln!("{} step: {}", plan.kind.word(), plan.why);
            if crew.threads() > 1 {
                eprintln!("{} threads share {pieces} pieces of the samples", crew.threads());
            }
        }
        let mut packed = Vec::new();
        let test = match &self.prepared.test {
            None => None,
            Some(test) => {
                let (x, y) = (narrow::<L::Elem>(&test.x), narrow::<L::Elem>(&test.y));
                packed = vec![L::Elem::ZERO; Batch::<L>::len(test.n, d)];
                let samples = SamplesView::new(&x, &y, d)?;
                Some(Test::<L>::new(samples, p, args.scale(), &mut packed)?)
            }
        };
        let stop_loss = args.stop_loss;
        let keeper = Keeper::new(folder.as_ref(), self.interrupt);
        let house = (&keeper, &progress);
        let trained = match args.method {
            Method::Gd => {
                let options = Options { steps: args.steps, dt: args.dt, stop_loss };
                session::train::<L>(&problem, &facts, &plan, options, test, &crew, house)?
            }
            Method::Flow => {
                let (until, tolerance) = (args.until, args.tolerance);
                let options = integrate::Options { until, tolerance, stop_loss };
                integrate::integrate::<L>(&problem, &facts, &plan, options, test, &crew, house)?
            }
        };
        drop(packed);
        let result = self.result(&facts, &plan, &trained, L::Elem::EPSILON.to_f64());
        let manifest = manifest(self.config.clone(), crew.threads(), started.elapsed());
        if let Some(folder) = folder {
            weights::write::<L::Elem>(&folder, args, self.prepared, &trained)?;
            folder.write_lines("metrics.jsonl", &trained.checkpoints)?;
            folder.write_figures(&figures::figures(&trained.checkpoints, self.prepared))?;
            if let Some(account) = &trained.account {
                folder.write(crate::replay::LOG, event_log::csv(&account.events).as_bytes())?;
            }
            folder.write(RESULT, pretty(&result).as_bytes())?;
            folder.finish(&manifest)?;
        }
        Ok(assemble(result, manifest))
    }

    /// `data`, `step`, `metrics` and `checkpoints` of the document.
    fn result(&self, facts: &Facts, plan: &Plan, trained: &Trained, epsilon: f64) -> Value {
        let mut data = self.prepared.to_json();
        data["geometry"] = facts.to_json();
        let rule = match (self.args.method, self.args.dt) {
            (Method::Flow, _) => "chosen by the integrator, cut at kinks",
            (_, Some(_)) => "fixed by --dt",
            (_, None) => "1/U, U the upper bound of mu, chosen again as the weights move",
        };
        let drifted = facts.why_not_assumption_2().is_none()
            && trained.checkpoints.iter().any(|row| row.theorem_1.is_none());
        let notes: Vec<String> = [
            facts.why_lower_is_vacuous().map(|why| format!("the lower bound is vacuous: {why}")),
            facts.why_not_assumption_2().map(|why| format!("Theorem 1 is not applicable: {why}")),
            trained.account.as_ref().and_then(|account| account.broken).map(|broken| {
                format!(
                    "the flow did not keep its certificate ({broken:?}): use a smaller --tolerance, \
                     or --precision f64"
                )
            }),
            drifted.then(|| {
                "Theorem 1 is not applicable at some checkpoints: there some |a_j| < |w_j|, as \
                 Euler steps from a balanced start make it"
                    .into()
            }),
        ]
        .into_iter()
        .flatten()
        .collect();
        json!({
            "data": data,
            "step": {
                "kind": plan.kind,
                "why": plan.why,
                "multiply_adds": plan.cost,
                "dt": rule,
            },
            "notes": notes,
            "metrics": self.metrics(trained, epsilon),
            "checkpoints": trained.checkpoints,
        })
    }

    fn metrics(&self, trained: &Trained, epsilon: f64) -> Numbers {
        let rows = &trained.checkpoints;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Numbers::new();
        };
        // What rounding may put mu outside its bounds by, relatively: mu is a quotient of sums of
        // about n d products, each within a rounding.
        let slack = 1024.0 * epsilon;
        let outside = |at_most: fn(&session::Checkpoint) -> f64, side: f64| {
            let bad = |row: &&session::Checkpoint| {
                row.mu.is_some_and(|mu| side * (mu - at_most(row)) > slack * mu.abs())
            };
            rows.iter().filter(bad).count() as f64
        };
        let violations = outside(|row| row.mu_upper, 1.0) + outside(|row| row.mu_lower, -1.0);
        let theorem_1 = outside(|row| row.theorem_1.unwrap_or(f64::NEG_INFINITY), -1.0);
        let vacuous = rows.iter().filter(|row| row.mu_lower <= 0.0).count() as f64;
        let unit = self.prepared.target_unit();
        let variance = self.prepared.target_variance;
        let mut metrics = Numbers::from([
            ("iterations", last.iteration as f64),
            ("t_final", last.t),
            ("loss_start", first.loss),
            ("loss_final", last.loss),
            ("rmse", unit * (2.0 * last.loss).sqrt()),
            ("r_squared", 1.0 - 2.0 * last.loss / variance),
        ]);
        if let Some(loss) = last.test_loss {
            metrics.push("test_loss_final", loss);
            metrics.push("test_rmse", unit * (2.0 * loss).sqrt());
        }
        for (name, value) in [
            ("mu_start", first.mu.unwrap_or(f64::NAN)),
            ("mu_final", last.mu.unwrap_or(f64::NAN)),
            ("mu_mean", (first.loss / last.loss).ln() / last.t),
            ("bound_violations", violations),
            ("theorem_1_violations", theorem_1),
            ("vacuous_lower_bounds", vacuous),
            ("dt_first", first.dt),
            ("dt_last", last.dt),
            ("health", f64::from(last.health)),
            ("ns_per_step", trained.seconds * 1e9 / trained.session_steps.max(1) as f64),
        ] {
            metrics.push(name, value);
        }
        if let Some(account) = &trained.account {
            account.report(&mut metrics);
        }
        metrics
    }
}

/// The document of `--json`, from the two files that hold it.
fn assemble(result: Value, manifest: Value) -> Value {
    let mut document = Map::new();
    let parts = ["data", "config", "step", "notes", "metrics", "checkpoints"];
    for part in parts {
        let from = if part == "config" { &manifest } else { &result };
        document.insert(part.into(), from[part].clone());
    }
    document.insert("manifest".into(), manifest);
    Value::Object(document)
}

#[cfg(test)]
mod tests;
