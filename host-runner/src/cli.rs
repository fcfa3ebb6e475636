//! The command line: what can be typed, and which function answers.
use crate::bench::{BenchArgs, bench};
use crate::catalogue::{ALL, PAPERS};
use crate::check::CheckArgs;
use crate::replay::ReplayArgs;
use crate::repro::ReproArgs;
use crate::run::RunArgs;
use crate::statements::Form;
use crate::sweep::SweepCommand;
use crate::train::TrainArgs;
use crate::{check, doctor, golden, list, replay, repro, run, statements, sweep, train};
use clap::{CommandFactory, Parser, Subcommand};
use lab::failure::{DONE, Failure, print};

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    failed (disk full, folder not writable)
  2    usage or bad input
  3    ran, but a claim did not reproduce
  4    partial
  130  interrupted

Results go to stdout, everything else to stderr.";

/// Train and dissect small ReLU networks.
#[derive(Debug, Parser)]
#[command(name = "reluflow", version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the experiments, or the papers' statements and what shows each of them
    #[command(
        after_help = "Example:\n  reluflow list --json\n  reluflow list --statements\n  reluflow list --statements mirror --json"
    )]
    List {
        /// Instead, every theorem, figure, ... of PAPER, or of all papers: shown, partly, open, or
        /// beyond what can be computed
        #[arg(long, value_name = "PAPER", num_args = 0..=1, default_missing_value = "")]
        statements: Option<String>,
        /// Print one JSON document; of experiments with their settings
        #[arg(long)]
        json: bool,
        /// Print the statements as the page docs/statements.md
        #[arg(long, requires = "statements", conflicts_with = "json")]
        markdown: bool,
    },
    /// Run an experiment and judge the paper's claims
    #[command(
        after_help = "Example:\n  reluflow run orthogonal-two-point --seed 1 --out runs/two-point"
    )]
    Run(RunArgs),
    /// Run every experiment of a paper and print one table of verdicts
    #[command(
        after_help = "Example:\n  reluflow repro orthogonal --out runs/orthogonal\n  reluflow repro orthogonal --fig 2 --control doubled-rate   # must exit with 3"
    )]
    Repro(ReproArgs),
    /// Run an experiment over a grid of settings, in shards that any machine may take
    #[command(
        subcommand,
        after_help = "\
A plan:
  experiment = \"orthogonal-two-point\"
  preset = \"quick\"      # optional, as are precision, control and seed
  repetitions = 10
  [set]                 # the same in every cell
  loss = \"half-mean\"
  [grid]                # every combination is a cell
  m = [20, 60]
  lambda = [1e-3, 1e-6]

Example:
  reluflow sweep run plan.toml --out sweeps/first
  reluflow sweep status sweeps/first
  reluflow sweep merge sweeps/first --out sweeps/first"
    )]
    Sweep(SweepCommand),
    /// Run a gradient flow again and compare it with its event log, line by line
    #[command(
        after_help = "Example:\n  reluflow run orthogonal-two-point --set method=flow --out runs/flow\n  reluflow replay runs/flow"
    )]
    Replay(ReplayArgs),
    /// Train a network on your own data and measure its curvature
    #[command(
        after_help = "Example:\n  reluflow train --data data/wine.csv --standardize --bias --out runs/wine\n  reluflow train --data data/wine.csv --standardize --bias --method flow --until 20\n  reluflow train --data large.npy --stream --precision f32 --steps 1000 --out runs/large"
    )]
    Train(Box<TrainArgs>),
    /// Say whether the theorems apply to your data, and what they predict
    #[command(after_help = "Example:\n  reluflow check --data data/wine.csv --width 64")]
    Check(CheckArgs),
    /// Time every kind of step beside the machine's peak and the textbook loop, in seconds
    #[command(after_help = "Example:\n  reluflow bench --json > bench.json")]
    Bench(BenchArgs),
    /// Say what this build and this machine are, and whether the build leaves speed behind
    #[command(after_help = "Example:\n  reluflow doctor\n  reluflow doctor --golden")]
    Doctor {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
        /// Instead, compute the hash that every target must compute, at the width of this build;
        /// exit code 1 if one differs
        #[arg(long)]
        golden: bool,
    },
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  reluflow completions bash > ~/.local/share/bash-completion/completions/reluflow"
    )]
    Completions {
        /// Shell to complete in
        shell: clap_complete::Shell,
    },
}

/// Does what was typed; returns the exit code.
pub fn dispatch(cli: Cli) -> Result<u8, Failure> {
    match cli.command {
        Command::List { statements: None, json, .. } => print(&list::list(&ALL, json))?,
        Command::List { statements: Some(paper), json, markdown } => {
            let form = match (json, markdown) {
                (true, _) => Form::Json,
                (_, true) => Form::Markdown,
                _ => Form::Text,
            };
            print(&statements::list(&PAPERS, &paper, form)?)?;
        }
        Command::Run(args) => return run::run(&ALL, &args),
        Command::Repro(args) => return repro::run(&PAPERS, &args),
        Command::Sweep(command) => return sweep::run(&ALL, &command),
        Command::Replay(args) => return replay::run(&ALL, &args),
        Command::Train(args) => return train::run(&args),
        Command::Check(args) => return check::run(&args),
        Command::Bench(args) => bench(args)?,
        Command::Doctor { json, golden: true } => print(&golden::golden(json)?)?,
        Command::Doctor { json, golden: false } => print(&doctor::doctor(json))?,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "reluflow", &mut script);
            print(&String::from_utf8_lossy(&script))?;
        }
    }
    Ok(DONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_subcommand_has_an_example() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("reluflow {}", command.get_name())), "{help}");
        }
    }
}
