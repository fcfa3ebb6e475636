//! What a kill leaves behind, and what another hand does to a file.
use super::*;
use crate::sweep::plan::Plan;
use lab::fake::FAKE;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

const SHARD: Shard = Shard { number: 2, of: 3 };

fn plan(more: &str) -> Plan {
    let text = format!("experiment = \"fake-count\"\nrepetitions = 20\npreset = \"quick\"\n{more}");
    Plan::parse(Path::new("plan.toml"), &text, &[&FAKE]).unwrap()
}

fn record(job: u64) -> Record {
    let plan = plan("");
    plan.carry_out(&plan.job(job), &AtomicBool::new(false)).unwrap()
}

fn open(folder: &TempDir, plan: &Plan) -> Result<Opened, Failure> {
    Journal::open(folder.path(), SHARD, Header::new(plan, SHARD))
}

fn begun(folder: &TempDir) -> Journal {
    match open(folder, &plan("")).unwrap() {
        Opened::Begun(journal) => *journal,
        Opened::Complete(_) => panic!("not complete yet"),
    }
}

/// A folder with the jobs 4 and 1 of the shard, in this order.
fn two_jobs() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = begun(&folder);
    journal.push(record(4)).unwrap();
    journal.push(record(1)).unwrap();
    let path = journal.path().to_path_buf();
    (folder, path)
}

#[test]
fn what_was_pushed_is_there_again_and_sorted_in_the_end() {
    let (folder, part) = two_jobs();
    let journal = begun(&folder);
    assert_eq!(journal.records, [record_of(&part, 1), record_of(&part, 2)]);
    let (whole, records) = journal.finish().unwrap();
    assert_eq!(records.iter().map(|record| record.job).collect::<Vec<_>>(), [1, 4]);
    assert!(whole.ends_with("shard-2-of-3.jsonl") && !part.exists());
    assert!(
        matches!(open(&folder, &plan("")).unwrap(), Opened::Complete(again) if again == records)
    );
}

fn record_of(path: &Path, line: usize) -> Record {
    let text = fs::read_to_string(path).unwrap();
    let value: serde_json::Value = serde_json::from_str(text.lines().nth(line).unwrap()).unwrap();
    let mut map = value.as_object().unwrap().clone();
    map.shift_remove("check");
    serde_json::from_value(map.into()).unwrap()
}

#[test]
fn a_file_cut_anywhere_loses_its_last_line_and_no_other() {
    let (folder, part) = two_jobs();
    let bytes = fs::read(&part).unwrap();
    let ends: Vec<usize> = (1..=bytes.len()).filter(|end| bytes[end - 1] == b'\n').collect();
    for cut in 0..bytes.len() {
        fs::write(&part, &bytes[..cut]).unwrap();
        let journal = begun(&folder);
        let whole = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(journal.records.len(), whole.saturating_sub(1), "cut at {cut}");
        assert_eq!(journal.torn, usize::from(cut != 0 && !ends.contains(&cut)), "cut at {cut}");
        let kept = fs::read(&part).unwrap();
        assert_eq!(kept, &bytes[..ends[whole.max(1) - 1]], "with a header again, cut at {cut}");
    }
}

#[test]
fn nothing_follows_a_line_that_could_not_be_written() {
    let (folder, part) = two_jobs();
    let before = fs::read(&part).unwrap();
    let mut journal = begun(&folder);
    let writable = std::mem::replace(&mut journal.file, File::open(&part).unwrap());
    let failure = journal.push(record(7)).unwrap_err();
    assert!(failure.to_string().contains("cannot write"), "{failure}");
    journal.file = writable;
    assert_eq!(journal.push(record(10)), Err(failure), "room again, but too late");
    assert_eq!((journal.records.len(), fs::read(&part).unwrap()), (2, before));
}

#[test]
fn garbage_at_the_end_is_passed_over_and_garbage_before_a_good_line_is_named() {
    let (folder, part) = two_jobs();
    let good = fs::read_to_string(&part).unwrap();
    fs::write(&part, format!("{good}\0\0\0\n\0\0")).unwrap();
    assert_eq!(begun(&folder).torn, 2);
    assert_eq!(fs::read_to_string(&part).unwrap(), good);
    for (line, advice) in [(1, "delete the file"), (2, "delete this line")] {
        let lines = good.lines().zip(1..).map(|(text, number)| {
            if number == line { text.replacen(':', ";", 1) } else { text.to_string() }
        });
        fs::write(&part, lines.map(|text| text + "\n").collect::<String>()).unwrap();
        let failure = open(&folder, &plan("")).unwrap_err();
        let said = failure.to_string();
        assert_eq!(failure.exit_code(), 2);
        assert!(said.contains(&format!("jsonl.part:{line}: found a damaged line")), "{said}");
        assert!(said.contains(advice) && said.contains("run the shard again"), "{said}");
    }
}

#[test]
fn a_job_that_is_there_twice_is_named() {
    let (folder, part) = two_jobs();
    let good = fs::read_to_string(&part).unwrap();
    let second = good.lines().nth(1).unwrap();
    fs::write(&part, format!("{good}{second}\n")).unwrap();
    let said = open(&folder, &plan("")).unwrap_err().to_string();
    assert!(said.contains(".part:4: found job 4 again, expected it once, in line 2"), "{said}");
}

#[test]
fn another_plan_is_refused_with_what_differs() {
    let (folder, part) = two_jobs();
    let before = fs::read(&part).unwrap();
    let failure = open(&folder, &plan("seed = 9\n[grid]\nsteps = [5, 6]")).unwrap_err();
    let said = failure.to_string();
    assert_eq!(failure.exit_code(), 2);
    for part in ["another sweep", "seed: 1 in the file, 9 now", "grid.steps: (absent) in the file"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("preset"), "{said}");
    assert_eq!(fs::read(&part).unwrap(), before);
    begun(&folder).finish().unwrap();
    let said = open(&folder, &plan("precision = \"f32\"")).unwrap_err().to_string();
    assert!(said.contains("precision: \"f64\" in the file, \"f32\" now"), "{said}");
}

#[test]
fn another_program_is_refused_by_the_feature_that_differs() {
    let header = Header::new(&plan(""), SHARD);
    let mut other = Header { shard: 3, ..header.clone() };
    assert_eq!(header.differences(&other, ["here", "there"]), Vec::<String>::new());
    other.features.push("avx1024".into());
    other.git = "abc".into();
    let differences = header.differences(&other, ["here", "there"]).join("\n");
    assert!(
        differences.contains("CPU feature avx1024: (absent) here, true there"),
        "{differences}"
    );
    assert!(differences.contains("git: ") && differences.lines().count() == 2, "{differences}");
}

#[test]
fn two_at_once_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let held = begun(&folder);
    let failure = open(&folder, &plan("")).unwrap_err();
    assert!(failure.to_string().contains("another reluflow is writing to this shard"), "{failure}");
    assert_eq!(failure.exit_code(), 1);
    drop(held);
    begun(&folder);
}

#[test]
fn a_leftover_beside_a_whole_file_does_no_harm() {
    let (folder, part) = two_jobs();
    let leftover = fs::read(&part).unwrap();
    begun(&folder).finish().unwrap();
    fs::write(&part, leftover).unwrap();
    assert!(matches!(open(&folder, &plan("")).unwrap(), Opened::Complete(_)));
}
