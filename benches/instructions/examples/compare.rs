//! `compare RECORD SUMMARIES RUSTC VALGRIND [--update]`, called by `benches/instructions/run.sh`.
use instructions::{Record, compare, counts};
use std::error::Error;
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("instructions: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Box<dyn Error>> {
    let args: Vec<_> = env::args().skip(1).collect();
    let [path, summaries, rustc, valgrind, rest @ ..] = args.as_slice() else {
        return Err("usage: compare RECORD SUMMARIES RUSTC VALGRIND [--update]".into());
    };
    let instructions = counts(&fs::read_to_string(summaries)?)?;
    let now = Record { rustc: rustc.clone(), valgrind: valgrind.clone(), instructions };
    let recorded = fs::read_to_string(path);
    let update = rest == ["--update"];
    if let (Ok(recorded), false) = (&recorded, update) {
        let (text, passed) = compare(&serde_json::from_str(recorded)?, &now);
        print!("{text}");
        return Ok(passed);
    }
    if !update {
        return Err(format!("{path}: {}", recorded.unwrap_err()).into());
    }
    // What changed is worth a look before it is committed; an unreadable record is replaced.
    if let Some(recorded) = recorded.ok().and_then(|text| serde_json::from_str(&text).ok()) {
        print!("{}", compare(&recorded, &now).0);
    }
    fs::write(path, serde_json::to_string_pretty(&now)? + "\n")?;
    println!("{} counts recorded in {path}", now.instructions.len());
    Ok(true)
}
