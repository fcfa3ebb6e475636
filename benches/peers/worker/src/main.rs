//! The compiled side of the comparison: our steps, the reference, faer, any CBLAS, and the peak loop.
//!
//! | call | does |
//! |---|---|
//! | `describe` | one JSON document: the build, the sizes, our cases at each |
//! | `sizes` | a line `LETTER P N D` for each |
//! | `write LETTER FILE` | start and data of a size for the other workers: f32 x, y, w, a |
//! | `serve LETTER CASE` | answers the driver; `protocol.py` says how |
mod deep;
mod gemm;
mod ours;

use gemm::{Blas, Faer, GemmStep, Layout};
use timing::case::{Run, naive_dense};
use timing::grid::{Fixture, SIZES, Size};
use timing::measure::STANDSTILL;
use engine::{cpu, peak};
use lab::Precision;
use reluflow::Lanes;
use reluflow::lanes::NativeF32;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::time::Duration;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn work() -> Outcome<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["describe"] => println!("{}", describe()?),
        ["sizes"] => {
            for Size { letter, p, n, d, .. } in SIZES {
                println!("{letter} {p} {n} {d}");
            }
        }
        ["write", deep::LETTER, file] => save(deep::Start::new()?.numbers().copied(), file)?,
        ["write", letter, file] => write(&Fixture::new(size(letter)?), file)?,
        ["serve", "peak"] => serve(|_, _| Ok(peak::gflops(Precision::F32)))?,
        ["serve", letter, case @ ..] => {
            let (mut run, networks) = match letter {
                &deep::LETTER => (run_deep(case)?, 1),
                letter => run(&Fixture::new(size(letter)?), case)?,
            };
            serve(|command, (steps, dt)| match command {
                "time" => Ok(seconds(|| {
                    run(steps, dt);
                }) / networks as f64),
                "loss" => {
                    run(steps, dt);
                    Ok(run(1, 0.0).0)
                }
                _ => Err(format!("no command {command}").into()),
            })?;
        }
        _ => {
            return Err(
                "describe | sizes | write LETTER FILE | serve peak | serve LETTER CASE".into()
            );
        }
    }
    Ok(())
}

fn size(letter: &str) -> Outcome<Size> {
    let size = letter.chars().next().and_then(Size::of);
    size.ok_or_else(|| format!("no size {letter}").into())
}

/// The step that a case names, and how many networks it moves at once.
fn run(fixture: &Fixture, case: &[&str]) -> Outcome<(Run, usize)> {
    let run = match *case {
        ["ours", name] => {
            let case = ours::build(name, fixture)?;
            return Ok((case.run, case.networks));
        }
        ["naive"] => naive_dense(fixture).run,
        ["faer", layout] => GemmStep::new(fixture, Faer, Layout::named(layout)?).run(),
        ["cblas", layout, library, symbol] => {
            GemmStep::new(fixture, Blas::load(library, symbol)?, Layout::named(layout)?).run()
        }
        _ => return Err(format!("no case {}", case.join(" ")).into()),
    };
    Ok((run, 1))
}

/// The step of the deep network that a case names.
fn run_deep(case: &[&str]) -> Outcome<Run> {
    let start = deep::Start::new()?;
    match *case {
        ["ours", "deep"] => Ok(start.ours()?),
        ["naive"] => Ok(start.naive()),
        _ => Err(format!("no case {}", case.join(" ")).into()),
    }
}

/// CPU time of the process while `f` runs.
fn seconds(f: impl FnOnce()) -> f64 {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
    };
    let start = now();
    f();
    (now() - start).as_secs_f64()
}

/// Says `ready`, then answers each line `COMMAND STEPS DT` with a number.
fn serve(mut answer: impl FnMut(&str, (u64, f64)) -> Outcome<f64>) -> Outcome<()> {
    let mut out = std::io::stdout();
    writeln!(out, "ready")?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        let mut next = || words.next().unwrap_or("0");
        let (command, steps, dt) = (next(), next().parse()?, next().parse()?);
        writeln!(out, "{:e}", answer(command, (steps, dt))?)?;
    }
    Ok(())
}

fn write(fixture: &Fixture, file: &str) -> Outcome<()> {
    let (data, net) = (&fixture.data, &fixture.net);
    let numbers = [&data.x, &data.y, &net.w, &net.a].into_iter().flatten();
    save(numbers.map(|&x| x as f32), file)
}

fn save(numbers: impl Iterator<Item = f32>, file: &str) -> Outcome<()> {
    let bytes: Vec<u8> = numbers.flat_map(f32::to_le_bytes).collect();
    Ok(std::fs::write(file, bytes)?)
}

fn describe() -> Outcome<Value> {
    let names = |on: fn(&cpu::Feature) -> bool| {
        let features = cpu::features().into_iter().filter(on).map(|f| f.name);
        features.collect::<Vec<_>>()
    };
    let mut sizes = Vec::new();
    for size in SIZES {
        let cases: Vec<_> = ours::names(size).map(|(name, flops)| json!([name, flops])).collect();
        sizes.push(json!({
            "letter": size.letter, "p": size.p, "n": size.n, "d": size.d, "dt": size.dt,
            "ours": cases,
        }));
    }
    sizes.push(json!({
        "letter": deep::LETTER, "widths": deep::WIDTHS, "n": deep::N, "dt": deep::DT,
        "flops": deep::flops(), "ours": [["deep", deep::flops()]],
    }));
    Ok(json!({
        "cpu": cpu::name(),
        "features": names(|f| f.compiled),
        "lanes": NativeF32::NAME,
        "git": option_env!("RELUFLOW_GIT").unwrap_or("unknown"),
        "rustc": option_env!("RELUFLOW_RUSTC").unwrap_or("unknown"),
        "faer": locked("faer"),
        "standstill": STANDSTILL,
        "sizes": sizes,
    }))
}

/// Version of a dependency.
fn locked(package: &str) -> Option<&'static str> {
    let name = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = include_str!("../Cargo.lock").split_once(&name)?;
    rest.split('"').next()
}
