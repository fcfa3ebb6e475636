//! `bench`: what a step costs on this machine, beside what the machine could do and beside the
//! textbook loop, in seconds.
//!
//! What is timed and how is the crate `timing`, whose grid, cases and ids the criterion benches share;
//! what two threads gain is measured in `threads`.
mod numbers;
mod text;
mod threads;

use crate::manifest::{GIT, RUSTC, TARGET, VERSION};
use engine::cpu::{Feature, features, level, name, registers, speed_left_behind};
use engine::{Kind, Numerics, peak};
use lab::failure::{Failure, print};
use lab::progress::Progress;
use lab::run_folder::pretty;
use lab::statistics::median;
use numbers::{CANONICAL_F32, FAST_F32, rounded};
use serde_json::{Value, json};
use timing::case::{self, Case};
use timing::deep;
use timing::fixed;
use timing::grid::{Alive, Fixture, SIZES, Size, WIDTHS};
use timing::measure::{Timing, measure};

/// Flags of `bench`.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct BenchArgs {
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    /// Fewer samples: sooner and noisier
    #[arg(long)]
    pub quick: bool,
    /// What a width costs: p from 1 to 200 on 500 samples in 50 dimensions, instead of the grid
    #[arg(long)]
    pub widths: bool,
}

/// Runs the command and prints the result.
pub fn bench(args: BenchArgs) -> Result<(), Failure> {
    let sizes = if args.widths { WIDTHS.map(Size::of_width).to_vec() } else { SIZES.to_vec() };
    let document = document(&sizes, if args.quick { 7 } else { 31 })?;
    print(&if args.json { pretty(&document) } else { text::text(&document) })
}

/// The cases of one size, the naive ones among them; each right to the tolerance of its precision.
fn cases(fixture: &Fixture) -> Result<Vec<(Case, f64)>, Failure> {
    let mut cases =
        vec![case::naive_dense(fixture), case::trained(fixture, Kind::Dense, FAST_F32)?];
    cases.extend(fixed::cases(fixture)?);
    cases.push(case::trained(fixture, Kind::Dense, Numerics::FAST)?);
    if fixture.size.letter == 'C' {
        cases.push(case::trained(fixture, Kind::Dense, CANONICAL_F32)?);
    }
    if fixture.size.suits_gram() {
        cases.push(case::naive_gram(fixture));
        cases.push(case::trained(fixture, Kind::Gram, FAST_F32)?);
    }
    if fixture.size.orthogonal {
        cases.push(case::naive_orthogonal(fixture));
        cases.push(case::trained(fixture, Kind::Orthogonal, FAST_F32)?);
        cases.push(case::trained(fixture, Kind::Orthogonal, Numerics::FAST)?);
    }
    let mut checked = cases
        .into_iter()
        .map(|mut case| Ok((case.check(&fixture.expected).map_err(Failure::failed)?, case)))
        .collect::<Result<Vec<_>, Failure>>()?;
    if fixture.size.orthogonal {
        for alive in [Alive::All, Alive::Half, Alive::Quarter, Alive::QuarterOfNeurons] {
            let fixture = fixture.with_alive(alive);
            let mut case = case::trained(&fixture, Kind::Orthogonal, FAST_F32)?;
            checked.push((case.check(&fixture.expected).map_err(Failure::failed)?, case));
        }
    }
    Ok(checked.into_iter().map(|(error, case)| (case, error)).collect())
}

/// Those of the deep network.
fn deep_cases() -> Result<Vec<(Case, f64)>, Failure> {
    let fixture = deep::Fixture::default();
    let cases = [
        deep::naive(&fixture),
        deep::trained(&fixture, FAST_F32)?,
        deep::trained(&fixture, Numerics::FAST)?,
        deep::trained(&fixture, CANONICAL_F32)?,
    ];
    let check = |mut case: Case| {
        let error = case.check(&fixture.expected).map_err(Failure::failed)?;
        Ok((case, error))
    };
    cases.into_iter().map(check).collect()
}

/// The rows of cases of one size, measured in turn; `peaks` of f32 and f64 gain those beside them.
fn timed(cases: Vec<(Case, f64)>, rounds: usize, peaks: &mut [Vec<f64>; 2]) -> Vec<Value> {
    let (mut cases, errors): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    let timings = measure(&mut cases, rounds);
    for (case, timing) in cases.iter().zip(&timings) {
        peaks[usize::from(!case.single)].extend_from_slice(&timing.peaks);
    }
    let naive = |step: &str| {
        let mut both = cases.iter().zip(&timings);
        both.find(|(case, _)| case.naive && case.step == step)
            .map_or(f64::NAN, |(_, timing)| timing.ns_per_step())
    };
    let rows = cases.iter().zip(&timings).zip(errors).map(|((case, timing), error)| {
        let same = match case.step {
            "dense-fixed" | "replicas-fixed" => "dense",
            step if step.starts_with("orthogonal") => "orthogonal",
            step => step,
        };
        let book = if case.step == "deep" { "deep" } else { "dense" };
        row(case, timing, error, naive(book), naive(same))
    });
    rows.collect()
}

fn document(sizes: &[Size], rounds: usize) -> Result<Value, Failure> {
    let progress = Progress::new(false);
    progress.start(sizes.len() as u64, "sizes");
    let mut rows = Vec::new();
    let mut peaks = [Vec::new(), Vec::new()];
    for (index, &size) in sizes.iter().enumerate() {
        progress.at(index as u64);
        rows.extend(timed(cases(&Fixture::new(size))?, rounds, &mut peaks));
    }
    if sizes == SIZES {
        rows.extend(timed(deep_cases()?, rounds, &mut peaks));
        rows.extend(threads::rows(rounds)?);
    }
    let [peaks_f32, peaks_f64] = peaks;
    progress.finish();
    let features = features();
    let built: fn(&Feature) -> bool = |f| f.compiled;
    let offered: fn(&Feature) -> bool = |f| f.detected;
    let side = |on: fn(&Feature) -> bool| {
        let (name, bits) = registers(&features, on);
        let names: Vec<_> = features.iter().filter(|f| on(f)).map(|f| f.name).collect();
        json!({ "level": level(&features, on), "registers": name, "bits": bits, "features": names })
    };
    let mut machine = json!({
        "cpu": name(),
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
    });
    let mut build = json!({
        "version": VERSION,
        "git": GIT,
        "rustc": RUSTC,
        "target": TARGET,
        "debug": cfg!(debug_assertions),
        "lanes_f32": engine::lanes(FAST_F32),
        "lanes_f64": engine::lanes(Numerics::FAST),
    });
    join(&mut machine, side(offered));
    join(&mut build, side(built));
    Ok(json!({
        "machine": machine,
        "build": build,
        "rounds": rounds,
        "peak_gflops_f32": rounded(median(&peaks_f32)),
        "peak_gflops_f64": rounded(median(&peaks_f64)),
        "bandwidth": bandwidths(),
        "warnings": speed_left_behind(&features).into_iter().collect::<Vec<_>>(),
        "cases": rows,
    }))
}

/// What one core reads, and reads and writes, of data that fit each cache and none.
fn bandwidths() -> Vec<Value> {
    let sizes: [usize; 4] = [16 << 10, 512 << 10, 8 << 20, 256 << 20];
    let each = sizes.into_iter().map(|bytes| {
        let (read, update) = peak::bandwidth(bytes);
        json!({ "bytes": bytes, "read_gbs": rounded(read), "update_gbs": rounded(update) })
    });
    each.collect()
}

fn row(case: &Case, timing: &Timing, error: f64, naive: f64, naive_same_step: f64) -> Value {
    let (ns, (min, max)) = (timing.ns_per_step(), timing.range());
    json!({
        "id": case.id(),
        "size": case.size.letter,
        "p": case.size.p,
        "n": case.size.n,
        "d": case.size.d,
        "step": case.step,
        "lanes": case.lanes,
        "ns_per_step": rounded(ns),
        "ns_min": rounded(min),
        "ns_max": rounded(max),
        "samples": timing.ns.len(),
        "steps_per_sample": timing.steps,
        "networks": case.networks,
        "flops_per_step": case.flops,
        "gflops": rounded(case.flops / ns),
        "peak_gflops": rounded(median(&timing.peaks)),
        "share_of_peak": rounded(timing.share_of_peak(case.flops)),
        "ratio_to_naive": rounded(naive / ns),
        "ratio_to_naive_same_step": rounded(naive_same_step / ns),
        "check_error": rounded(error),
    })
}

/// Moves the entries of one object into another.
fn join(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

#[cfg(test)]
mod tests;
