//! `replay`: a run of the flow again, from its configuration, event by event against its log.
use engine::event_log;
use lab::failure::{DONE, Failure, print};
use lab::interrupt;
use lab::progress::Progress;
use lab::run_folder::read_toml;
use lab::{Config, Context, Experiment, Wishes, find};
use std::path::PathBuf;

/// Name of the log in a run folder.
pub const LOG: &str = "events.csv";

/// Flags of `replay`.
#[derive(Debug, Clone, clap::Args)]
pub struct ReplayArgs {
    /// Run folder of an experiment that integrated the flow: --set method=flow, or one that always does.
    /// Its config.toml is run again; exit code 2, and the first line that differs, unless the run meets
    /// every event of its events.csv again, to the last bit of its time
    pub folder: PathBuf,
    /// No progress on stderr
    #[arg(long)]
    pub quiet: bool,
}

/// Runs the command; returns the exit code.
pub fn run(all: &[&'static Experiment], args: &ReplayArgs) -> Result<u8, Failure> {
    let path = args.folder.join(LOG);
    let logged = std::fs::read_to_string(&path).map_err(|error| {
        Failure::bad_input(format!(
            "{}: {error}; expected the run folder of an experiment that ran with --set method=flow",
            path.display()
        ))
    })?;
    event_log::verify(&path, &logged)?;
    let settings = args.folder.join("config.toml");
    let file = read_toml(&settings)?;
    let Some(id) = file.get("experiment").and_then(|id| id.as_str()) else {
        return Err(Failure::bad_input(format!(
            "{}: names no experiment; replay is for folders of `run`, those of `train` are compared \
             by training again with another --out",
            settings.display()
        )));
    };
    let experiment = find(all, id)?;
    let config = Config::resolve(
        experiment,
        &Wishes { file: Some((&settings, file)), ..Wishes::default() },
    )?;
    let progress = Progress::new(args.quiet);
    let context = Context::new(config, 1, progress, None, interrupt::listen()?);
    let outcome = (experiment.run)(&context);
    context.progress.finish();
    let events = outcome?.events.unwrap_or_default();
    let mut lines = logged.lines().enumerate();
    for again in events.lines() {
        let (line, found) = lines.next().unwrap_or((logged.lines().count(), "the end"));
        if found != again {
            return Err(differs(&path, line + 1, found, again));
        }
    }
    if let Some((line, found)) = lines.next() {
        return Err(differs(&path, line + 1, found, "the end"));
    }
    print(&format!(
        "{}: the run met the same {} events, to the last bit of their times\n",
        path.display(),
        events.lines().count().saturating_sub(1)
    ))?;
    Ok(DONE)
}

fn differs(path: &std::path::Path, line: usize, found: &str, again: &str) -> Failure {
    Failure::bad_input(format!(
        "{}:{line}: found '{found}', the run gives '{again}': the log is of another build or \
         configuration, or was changed together with its checks",
        path.display()
    ))
}
