//! What a run was made with: enough to repeat it.
use engine::cpu;
use serde_json::{Map, Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Raised when a field of a run folder changes its meaning.
pub const SCHEMA: u32 = 1;
/// Commit of the build, or `unknown`.
pub const GIT: &str = env!("RELUFLOW_GIT");
/// `rustc --version` of the build.
pub const RUSTC: &str = env!("RELUFLOW_RUSTC");
/// Target triple of the build.
pub const TARGET: &str = env!("RELUFLOW_TARGET");
/// Version of this package.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The manifest of a run of `config`, whose seed it repeats, that took `wall`.
pub fn manifest(config: Map<String, Value>, threads: usize, wall: Duration) -> Value {
    let finished = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_secs());
    let mut manifest = json!({
        "schema": SCHEMA,
        "version": VERSION,
        "git": GIT,
        "rustc": RUSTC,
        "target": TARGET,
        "debug_build": cfg!(debug_assertions),
        "features_compiled": cpu::names(|f| f.compiled),
        "features_detected": cpu::names(|f| f.detected),
        "threads": threads,
        "seed": config["seed"],
        "config": config,
        "command": std::env::args().collect::<Vec<_>>(),
        "wall_seconds": wall.as_secs_f64(),
        "finished_unix": finished,
    });
    // Wrong on purpose: said at the top as well, so that nobody takes it for a true run.
    if let Some(control) = manifest["config"].get("control").cloned() {
        manifest["control"] = control;
    }
    manifest
}
