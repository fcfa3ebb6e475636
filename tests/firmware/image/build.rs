//! Gives the linker the memory map of the target's board.
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=boards");
    let target = env::var("TARGET").unwrap();
    let memory = format!("boards/{target}.x");
    if !fs::exists(&memory).unwrap() {
        return; // The host and wasm have none.
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    fs::copy(memory, out.join("memory.x")).unwrap();
    // Both include memory.x; the first is that of cortex-m-rt.
    let script = if target.starts_with("thumb") { "link.x" } else { "sections.x" };
    if script == "sections.x" {
        fs::copy("boards/sections.x", out.join(script)).unwrap();
    }
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=-T{script}");
    println!("cargo::rustc-link-arg-bins=--nmagic");
}
