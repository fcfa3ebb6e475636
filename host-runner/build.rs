//! Records at build time what a manifest must say about a build: commit, compiler, target.
//! Outside a git checkout (a tarball, a vendored copy) the commit is "unknown", never an error.
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("..");
    let commit = commit(&root).unwrap_or_else(|| "unknown".into());
    println!("cargo:rustc-env=RELUFLOW_GIT={commit}");
    println!("cargo:rustc-env=RELUFLOW_RUSTC={}", rustc_version());
    let target = env::var("TARGET").unwrap_or_else(|_| "unknown".into());
    println!("cargo:rustc-env=RELUFLOW_TARGET={target}");
}

/// The checked-out commit, read from the files of `.git` so that no git program is needed.
fn commit(root: &Path) -> Option<String> {
    let mut git = root.join(".git");
    if git.is_file() {
        // A linked work tree: the file names the real directory.
        let text = fs::read_to_string(&git).ok()?;
        git = root.join(text.strip_prefix("gitdir:")?.trim());
    }
    let head = read_watched(&git.join("HEAD"))?;
    let Some(name) = head.trim().strip_prefix("ref: ") else {
        return Some(head.trim().to_string());
    };
    let common = fs::read_to_string(git.join("commondir"))
        .map_or_else(|_| git.clone(), |text| git.join(text.trim()));
    if let Some(text) = read_watched(&common.join(name)) {
        return Some(text.trim().to_string());
    }
    let packed = read_watched(&common.join("packed-refs"))?;
    let line = packed.lines().find(|line| line.ends_with(&format!(" {name}")))?;
    line.split(' ').next().map(str::to_string)
}

/// Reads a file and asks cargo to run this script again when it changes. Only files that exist
/// are watched: cargo would rerun the script on every build for a missing one.
fn read_watched(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    println!("cargo:rerun-if-changed={}", path.display());
    Some(text)
}

fn rustc_version() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    match Command::new(rustc).arg("--version").output() {
        Ok(out) if out.status.success() => String::from_utf8_lossy(&out.stdout).trim().to_string(),
        _ => "unknown".into(),
    }
}
