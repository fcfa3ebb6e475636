//! The `reluflow` command.
#![forbid(unsafe_code)]
use clap::Parser;
use engine::cpu;
use host_runner::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    if cpu::guard() { guarded() } else { ExitCode::from(1) }
}

/// Apart from `main`, so that no instruction of it can run before the guard.
#[inline(never)]
fn guarded() -> ExitCode {
    match cli::dispatch(cli::Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
