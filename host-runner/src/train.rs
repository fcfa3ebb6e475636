//! `train`: a network on the user's own data, with the curvature and its bounds at checkpoints.
mod args;
mod figures;
mod text;
mod weights;

pub(crate) use args::width;
pub use args::{Method, TrainArgs};

use crate::manifest::manifest;
use data::prepare::Prepared;
use engine::Numerics;
use engine::SampleFile;
use engine::coordinates::Choice;
use engine::event_log;
use engine::facts::Facts;
use engine::parallel::Cuts;
use engine::training::{Checkpoint, DescentOptions, FlowOptions, Samples, Spec, Trained, training};
use lab::Numbers;
use lab::failure::{DONE, Failure, print};
use lab::interrupt;
use lab::keeper::Keeper;
use lab::progress::Progress;
use lab::run_folder::{Opened, RunFolder, pretty};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

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
    Job { args, prepared: &prepared, config, interrupt }.document()
}

/// One command, checked and loaded.
struct Job<'a> {
    args: &'a TrainArgs,
    prepared: &'a Prepared,
    config: Map<String, Value>,
    interrupt: &'a AtomicBool,
}

impl Job<'_> {
    fn spec(&self) -> Spec<'_> {
        let (args, data) = (self.args, &self.prepared.train);
        let file = self.prepared.stream.clone().map(|stream| stream as Arc<dyn SampleFile>);
        let test = self.prepared.test.as_ref();
        Spec {
            numerics: Numerics { precision: args.precision, arithmetic: args.arithmetic },
            p: args.width as usize,
            law: (args.law(), args.lambda()),
            seed: args.seed,
            scale: args.scale(),
            samples: Samples { x: &data.x, y: &data.y, file, n: data.n, d: data.d },
            source: &data.source,
            test: test.map(|t| Samples { x: &t.x, y: &t.y, file: None, n: t.n, d: t.d }),
            coordinates: args.kind(),
            threads: args.threads.map(usize::from),
        }
    }

    fn document(self) -> Result<Value, Failure> {
        let args = self.args;
        let network = training(&self.spec())?;
        let (facts, plan, threads) = (network.facts(), network.plan(), network.threads());
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
            if threads > 1 {
                let pieces = Cuts::of(self.prepared.train.n).count();
                eprintln!("{threads} threads share {pieces} pieces of the samples");
            }
        }
        let stop_loss = args.stop_loss;
        let keeper = Keeper::new(folder.as_ref(), self.interrupt);
        let trained = match args.method {
            Method::Gd => {
                let options = DescentOptions { steps: args.steps, dt: args.dt, stop_loss };
                network.descend(options, (&keeper, &progress))?
            }
            Method::Flow => {
                let (until, tolerance) = (args.until, args.tolerance);
                let options = FlowOptions { until, tolerance, stop_loss };
                network.flow(options, (&keeper, &progress))?
            }
        };
        let result = self.result(facts, plan, &trained, network.epsilon());
        let manifest = manifest(self.config.clone(), threads, started.elapsed());
        if let Some(folder) = folder {
            weights::write(&folder, args, self.prepared, &trained)?;
            folder.write_lines("metrics.jsonl", &trained.checkpoints)?;
            let figures = figures::figures(&trained.checkpoints, self.prepared);
            drawing::write_figures(&folder, &figures)?;
            if let Some(account) = &trained.account {
                folder.write(crate::replay::LOG, event_log::csv(&account.events).as_bytes())?;
            }
            folder.write(RESULT, pretty(&result).as_bytes())?;
            folder.finish(&manifest)?;
        }
        Ok(assemble(result, manifest))
    }

    /// `data`, `step`, `metrics` and `checkpoints` of the document.
    fn result(&self, facts: &Facts, plan: &Choice, trained: &Trained, epsilon: f64) -> Value {
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
            facts.why_not_assumption_2().map(|why| format!("Theorem 1 of arXiv 2502.16977 is not applicable: {why}")),
            trained.account.as_ref().and_then(|account| account.broken).map(|broken| {
                format!(
                    "the flow did not keep its certificate ({broken:?}): use a smaller --tolerance, \
                     or --precision f64"
                )
            }),
            drifted.then(|| {
                "Theorem 1 of arXiv 2502.16977 is not applicable at some checkpoints: there some \
                 |a_j| < |w_j|, as Euler steps from a balanced start make it"
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
        let outside = |at_most: fn(&Checkpoint) -> f64, side: f64| {
            let bad = |row: &&Checkpoint| {
                row.mu.is_some_and(|mu| {
                    let beyond = side * (mu - at_most(row));
                    beyond.is_nan() || beyond > slack * mu.abs()
                })
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
