//! `doctor`: what this build is, what this machine is, and whether they suit each other.
use crate::manifest::{GIT, RUSTC, TARGET, VERSION};
use engine::cpu::{Feature, features, level, registers, speed_left_behind};
use lab::run_folder::pretty;
use serde_json::json;

/// The text of the command.
pub fn doctor(as_json: bool) -> String {
    let features = features();
    let warning = speed_left_behind(&features);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let built: fn(&Feature) -> bool = |f| f.compiled;
    let offered: fn(&Feature) -> bool = |f| f.detected;
    let names = |on: fn(&Feature) -> bool| -> Vec<&str> {
        features.iter().filter(|f| on(f)).map(|f| f.name).collect()
    };
    if as_json {
        let side = |on: fn(&Feature) -> bool| {
            let (name, bits) = registers(&features, on);
            json!({ "level": level(&features, on), "registers": name, "bits": bits, "features": names(on) })
        };
        return pretty(&json!({
            "version": VERSION,
            "git": GIT,
            "rustc": RUSTC,
            "target": TARGET,
            "cores": cores,
            "compiled": side(built),
            "detected": side(offered),
            "warnings": warning.into_iter().collect::<Vec<_>>(),
        }));
    }
    let side = |on: fn(&Feature) -> bool| {
        let (name, bits) = registers(&features, on);
        format!(
            "{} ({name}, {bits}-bit registers)\n          {}",
            level(&features, on),
            names(on).join(" ")
        )
    };
    format!(
        "reluflow {VERSION}, commit {GIT}\n\
         compiler  {RUSTC}\n\
         target    {TARGET}\n\
         cores     {cores}\n\
         build     {}\n\
         machine   {}\n\
         {}\n",
        side(built),
        side(offered),
        warning.map_or_else(
            || "no complaints: the build uses the widest registers of this machine".into(),
            |warning| format!("warning: {warning}")
        )
    )
}
