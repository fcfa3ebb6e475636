//! Data of several pieces: threads, streams, and what a stream refuses.
use super::*;

/// 5000 samples of six features and a target in the fourth column, in a .npy file of f32 or f64.
fn large(folder: &Path, name: &str, single: bool, change: impl Fn(&mut Vec<f64>)) -> String {
    let mut cells: Vec<f64> = (0..5000 * 7u64)
        .map(|cell| {
            let mixed = (cell + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            (mixed >> 40) as f64 / f64::from(1 << 23) - 0.75
        })
        .collect();
    change(&mut cells);
    let narrow: Vec<f32> = cells.iter().map(|&x| x as f32).collect();
    let bytes = match single {
        true => data::dataset::npy_bytes(&[5000, 7], &narrow),
        false => data::dataset::npy_bytes(&[5000, 7], &cells),
    };
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path.to_string_lossy().into_owned()
}

const LARGE: [&[&str]; 4] = [
    &["--target", "3"],
    &["--target", "3", "--standardize", "--bias", "--precision", "f32"],
    &["--bias", "--precision", "f32", "--arithmetic", "canonical"],
    &["--target", "0", "--standardize", "--arithmetic", "canonical", "--coordinates", "dense"],
];

/// Neither the number of threads, nor where the samples are, nor an interruption is seen in any
/// number of the result.
#[test]
fn threads_streaming_and_resuming_change_no_bit() {
    let folder = tempdir().unwrap();
    for (index, more) in LARGE.into_iter().enumerate() {
        let data = large(folder.path(), "large.npy", index % 2 == 1, |_| {});
        let out = |name: &str| folder.path().join(format!("{name}{index}"));
        let run = |name: &str, extra: &[&str], stop: bool| {
            let out = out(name).to_string_lossy().into_owned();
            let all = [more, extra, &["--steps", "300", "--out", &out]].concat();
            document(&args(&data, &all), &AtomicBool::new(stop))
        };
        let first = run("one", &["--threads", "1"], false).unwrap();
        assert_eq!(first["step"]["kind"], "dense");
        assert_eq!(first["metrics"]["bound_violations"], 0);
        assert_eq!(first["manifest"]["threads"], 1);
        let loss = |name: &str| first["metrics"][name].as_f64().unwrap();
        assert!(loss("loss_final") < loss("loss_start"));
        let two = run("two", &["--threads", "2"], false).unwrap();
        assert_eq!(two["manifest"]["threads"], 2);
        // Three pieces, so no more than three threads.
        assert_eq!(run("nine", &["--threads", "9"], false).unwrap()["manifest"]["threads"], 3);
        run("stream", &["--threads", "2", "--stream"], false).unwrap();
        for extra in [&["--threads", "3"][..], &["--stream", "--threads", "2"], &["--stream"]] {
            assert_eq!(run("stopped", extra, true).unwrap_err().kind(), Fault::Interrupted);
        }
        run("stopped", &["--threads", "1"], false).unwrap();
        for name in ["two", "nine", "stream", "stopped"] {
            for file in ["weights.json", "metrics.jsonl"] {
                assert_eq!(read(&out("one"), file), read(&out(name), file), "{name} {more:?}");
            }
            let result = |name: &str| -> Value {
                let mut result: Value =
                    serde_json::from_str(&read(&out(name), "result.json")).unwrap();
                result["metrics"]["ns_per_step"] = Value::Null;
                result
            };
            assert_eq!(result("one"), result(name), "{name} {more:?}");
        }
    }
}

#[test]
fn bad_data_in_a_stream_are_found_before_training() {
    let folder = tempdir().unwrap();
    let said = |data: &str, more: &[&str]| {
        let failure = go(&args(data, &[more, &["--stream"]].concat())).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        failure.to_string()
    };
    for single in [true, false] {
        let bad = large(folder.path(), "bad.npy", single, |cells| cells[4000 * 7 + 2] = f64::NAN);
        let said = said(&bad, &[]);
        assert!(said.contains("bad.npy: row 4000, column 2: found NaN"), "{said}");
    }
    let flat = large(folder.path(), "flat.npy", true, |cells| {
        cells.iter_mut().skip(6).step_by(7).for_each(|y| *y = 3.0);
    });
    assert!(said(&flat, &[]).contains("\"column6\" equal to 3 in all 5000 rows"));
    let huge = large(folder.path(), "huge.npy", false, |cells| cells[0] = 1e200);
    assert!(said(&huge, &[]).contains("huge.npy: found numbers whose squares overflow"));
    let narrow = large(folder.path(), "narrow.npy", false, |cells| cells[0] = 1e30);
    assert!(said(&narrow, &["--precision", "f32"]).contains("do not fit f32"));
    let good = large(folder.path(), "good.npy", true, |_| {});
    for (more, parts) in [
        (&["--whiten"][..], ["--whiten with --stream", "leave one of the two away"]),
        (&["--coordinates", "gram"], ["--coordinates gram with --stream", "leave one"]),
        (&["--coordinates", "orthogonal"], ["orthogonal with --stream", "in memory"]),
        (&["--target", "9"], ["index 9", "0 to 6"]),
    ] {
        let said = said(&good, more);
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
    let mut bytes = fs::read(&good).unwrap();
    let text = |from: &str, to: &str| {
        let mut bytes = bytes.clone();
        let at = bytes.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        bytes
    };
    let cases = [
        (text("False,", "True, "), "Fortran order"),
        (text("<f4", ">f4"), "type \">f4\", expected '<f4' or '<f8'"),
        (text("<f4", "<i4"), "type \"<i4\""),
        (text("<f4", "<f2"), "type \"<f2\""),
    ];
    bytes.pop();
    for (bytes, part) in cases.into_iter().chain([(bytes, "139999 bytes of numbers")]) {
        let path = folder.path().join("odd.npy");
        fs::write(&path, bytes).unwrap();
        let said = said(&path.to_string_lossy(), &[]);
        assert!(said.contains("odd.npy: found") && said.contains(part), "{said}");
    }
    let wide = folder.path().join("wide.npy");
    fs::write(&wide, data::dataset::npy_bytes(&[2305, 1025], &vec![0f32; 2305 * 1025])).unwrap();
    let wide = said(&wide.to_string_lossy(), &["--bias"]);
    assert!(wide.contains("wide.npy: found 1025 features, expected at most 1024"), "{wide}");
    let (_folder, csv) = fresh();
    assert!(said(&csv, &[]).contains("\"csv\", expected .npy with --stream"));
}

#[test]
fn a_file_that_changes_under_a_stream_stops_the_run() {
    use data::dataset::Stream;
    use engine::{Rows, SampleFile};
    let folder = tempdir().unwrap();
    let data = large(folder.path(), "growing.npy", true, |_| {});
    let (stream, _) = Stream::open(Path::new(&data), None).unwrap();
    let mut rows = Rows::<f32>::default();
    stream.read_f32(0..10, &mut rows).unwrap();
    assert_eq!((rows.x.len(), rows.y.len()), (60, 10));
    let mut file = fs::OpenOptions::new().append(true).open(&data).unwrap();
    std::io::Write::write_all(&mut file, b"more").unwrap();
    let said = stream.read_f32(0..10, &mut rows).unwrap_err().to_string();
    for part in ["growing.npy: found 140132 bytes instead of 140128", "start again when"] {
        assert!(said.contains(part), "{said}");
    }
}
