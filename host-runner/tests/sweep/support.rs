//! A folder with a plan, and what is done to it.
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::{TempDir, tempdir};

/// 280 jobs of a few milliseconds.
pub const PLAN: &str = "experiment = \"orthogonal-two-point\"\npreset = \"quick\"\nrepetitions = 70\n\
                    [set]\niterations = 3000\n[grid]\nm = [4, 9]\nlambda = [1e-2, 1e-6]\n";
/// 6 jobs of the same.
pub const SMALL: &str = "experiment = \"orthogonal-two-point\"\npreset = \"quick\"\nrepetitions = 2\n\
                     [set]\niterations = 50\n[grid]\nm = [4, 9, 16]\n";

/// A folder with a plan in it.
pub struct Sweep {
    folder: TempDir,
}

impl Sweep {
    pub fn new(plan: &str) -> Self {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("plan.toml"), plan).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `reluflow sweep ...`, in the folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reluflow"));
        command.current_dir(self.folder.path()).arg("sweep").args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn done(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The command fails with `code`, says `parts` on stderr and prints nothing.
    pub fn refused(&self, arguments: &[&str], code: i32, parts: &[&str]) {
        let output = self.run(arguments);
        let said = stderr(&output);
        println!("{said}");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty() && !said.contains("panicked"), "{arguments:?}");
        for part in parts {
            assert!(said.contains(part), "{part} in {said}");
        }
    }

    /// Changes the document of a line, counted from 0, and gives it the check that belongs to it.
    pub fn alter(&self, file: &str, line: usize, change: impl Fn(&mut Value)) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        let mut lines: Vec<String> = text.lines().map(String::from).collect();
        let mut document: Value = serde_json::from_str(&lines[line]).unwrap();
        document.as_object_mut().unwrap().shift_remove("check");
        change(&mut document);
        let open = document.to_string().strip_suffix('}').unwrap().to_string();
        let check: String =
            Sha256::digest(&open).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        lines[line] = format!("{open},\"check\":\"{check}\"}}");
        fs::write(self.path(file), lines.join("\n") + "\n").unwrap();
    }

    pub fn remove_line(&self, file: &str, line: usize) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        let kept = text.lines().enumerate().filter(|(at, _)| *at != line).map(|(_, text)| text);
        let kept: String = kept.map(|text| format!("{text}\n")).collect();
        fs::write(self.path(file), kept).unwrap();
    }

    pub fn hash(&self, folders: &[&str]) -> String {
        let document = self.done(&[&["merge"], folders].concat());
        document["hash"].as_str().unwrap().to_string()
    }

    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Waits until the unfinished file has so many lines.
    pub fn wait_for(&self, file: &str, lines: usize, child: &mut Child) {
        let began = Instant::now();
        while count(&self.path(file)) < lines {
            assert!(child.try_wait().unwrap().is_none(), "it ended too early to be stopped");
            assert!(began.elapsed() < Duration::from_secs(120), "it does not get on");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

pub fn count(path: &Path) -> usize {
    fs::read(path).map_or(0, |bytes| bytes.iter().filter(|byte| **byte == b'\n').count())
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub fn run_one(sweep: &Sweep, out: &str) {
    let document = sweep.done(&["run", "plan.toml", "--out", out, "--quiet", "--threads", "1"]);
    assert_eq!((&document["failed"], &document["shards"]), (&json!(0), &json!(1)));
}
