//! The table for a person.
use serde_json::Value;
use std::fmt::Write;

const NOTES: &str = "\
replicas  time of one of the networks that share the lanes
-all ...  which pairs (j, i) have u_ji > 0: all; the half that training leaves; of these a random
          half; of these every other neuron. Without a suffix a random half
deep      three dense layers, 500 - 250 - 250 - 50: 2n(3W - W_1) for W weights, W_1 in the first layer
GFLOP/s   dense 4pnd, gram 2pn^2, orthogonal 7 operations a pair; the O(pn) rest not counted
of peak   of fused multiply-adds in registers, same precision, measured beside each sample: the
          best of this build, not of another one
naive     the reference, scalar f64 textbook loops, timed in turn with the rest: its dense step,
          which is what the problem costs when done by the book, and its step of the same kind
spread    of single samples; look at min when max is far away, others used the machine
threads   one network whose samples the threads share; time on the wall, all else time on a core
";

/// Text of the document that `bench --json` prints.
pub fn text(document: &Value) -> String {
    let mut text = String::new();
    let (machine, build) = (&document["machine"], &document["build"]);
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "machine  {}, {} cores, {}",
        s(machine, "cpu"),
        machine["cores"],
        s(machine, "level")
    );
    let _ = writeln!(
        text,
        "build    {} {}, commit {}, {}\n         {} ({}, {}-bit registers): {}",
        s(build, "version"),
        s(build, "target"),
        s(build, "git").get(..12).unwrap_or("unknown"),
        s(build, "rustc"),
        s(build, "level"),
        s(build, "registers"),
        build["bits"],
        names(&build["features"])
    );
    let _ = writeln!(
        text,
        "peak     {} {} GFLOP/s, {} {} GFLOP/s, one core",
        s(build, "lanes_f32"),
        short(document["peak_gflops_f32"].as_f64()),
        s(build, "lanes_f64"),
        short(document["peak_gflops_f64"].as_f64())
    );
    for (index, line) in list(&document["bandwidth"]).iter().enumerate() {
        let _ = writeln!(
            text,
            "{}{:>7} KB: {} GB/s read, {} GB/s read and written",
            if index == 0 { "memory   " } else { "         " },
            line["bytes"].as_u64().unwrap_or(0) / 1024,
            short(line["read_gbs"].as_f64()),
            short(line["update_gbs"].as_f64())
        );
    }
    let mut size = [&Value::Null; 3];
    for case in list(&document["cases"]) {
        if size != [&case["p"], &case["n"], &case["d"]] {
            size = [&case["p"], &case["n"], &case["d"]];
            let _ = writeln!(
                text,
                "\n{:<46}{:>9}{:>9}{:>9}{:>9}{:>9}{:>10}{:>10}",
                format!("{}  p {}  n {}  d {}", s(case, "size"), case["p"], case["n"], case["d"]),
                "a step",
                "min",
                "max",
                "GFLOP/s",
                "of peak",
                "x naive",
                "same step"
            );
        }
        let time = |key: &str| time(case[key].as_f64());
        let _ = writeln!(
            text,
            "  {:<27} {:<16}{:>9}{:>9}{:>9}{:>9}{:>9}{:>10}{:>10}",
            s(case, "step"),
            s(case, "lanes"),
            time("ns_per_step"),
            time("ns_min"),
            time("ns_max"),
            short(case["gflops"].as_f64()),
            case["share_of_peak"].as_f64().map_or("-".into(), |x| format!("{:.1} %", 100.0 * x)),
            short(case["ratio_to_naive"].as_f64()),
            short(case["ratio_to_naive_same_step"].as_f64())
        );
        if let (Some(2..), Some(gain)) =
            (case["threads"].as_u64(), case["speedup_over_one_thread"].as_f64())
        {
            let _ = writeln!(text, "    {gain:.2} times as fast as one thread, by the min");
        }
    }
    let _ = write!(text, "\n{NOTES}");
    for warning in list(&document["warnings"]) {
        let _ = writeln!(text, "warning: {}", warning.as_str().unwrap_or_default());
    }
    text
}

fn s<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("unknown")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn names(of: &Value) -> String {
    list(of).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

/// Three digits.
fn short(x: Option<f64>) -> String {
    match x {
        None => "-".into(),
        Some(x) if x >= 100.0 => format!("{x:.0}"),
        Some(x) if x >= 10.0 => format!("{x:.1}"),
        Some(x) => format!("{x:.2}"),
    }
}

/// ns with the unit that suits it.
fn time(ns: Option<f64>) -> String {
    match ns {
        Some(ns) if ns >= 1e6 => format!("{} ms", short(Some(ns / 1e6))),
        Some(ns) if ns >= 1e3 => format!("{} us", short(Some(ns / 1e3))),
        ns => format!("{} ns", short(ns)),
    }
}
