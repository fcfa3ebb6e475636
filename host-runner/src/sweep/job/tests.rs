//! What a job's random numbers hang on, and what is kept of it.
use super::*;
use crate::catalogue::ALL;
use lab::fake::FAKE;
use lab::{Experiment, Numbers, Verdict};
use std::collections::BTreeMap;
use std::path::Path;

fn plan(text: &str) -> Plan {
    Plan::parse(Path::new("plan.toml"), &format!("experiment = \"fake-count\"\n{text}"), &[&FAKE])
        .unwrap()
}

/// Seeds by what is run.
fn seeds(plan: &Plan) -> BTreeMap<String, u64> {
    let job = |index| plan.job(index);
    let title = |job: Job| {
        let mut set: Vec<String> = job.set.iter().map(|(k, v)| format!("{k}={v}")).collect();
        set.sort();
        (format!("{} {}", set.join(" "), job.repetition), job.seed)
    };
    (0..plan.jobs()).map(job).map(title).collect()
}

#[test]
fn jobs_are_cells_in_order_with_repetitions_inside() {
    let plan = plan("repetitions = 2\n[grid]\nsteps = [3, 4]\ndt = [1, 2]");
    let all: Vec<String> = (0..plan.jobs())
        .map(|index| plan.job(index))
        .map(|job| format!("{}{}{}", job.set[0].1, job.set[1].1, job.repetition))
        .collect();
    assert_eq!(all, ["31.00", "31.01", "32.00", "32.01", "41.00", "41.01", "42.00", "42.01"]);
    let cells: Vec<u64> = (0..4).map(|index| plan.job(index).cell).collect();
    assert_eq!((cells[0], cells[2]), (cells[1], cells[3]));
    assert_ne!(cells[0], cells[2]);
}

#[test]
fn more_points_axes_in_another_order_and_fixed_values_change_no_other_seed() {
    let small = seeds(&plan("repetitions = 2\n[grid]\nsteps = [3, 4]\ndt = [0.5, 2]"));
    let large = seeds(&plan("repetitions = 5\n[grid]\ndt = [9, 2.0, 5e-1]\nsteps = [4, 7, 3]"));
    let fixed = seeds(&plan("repetitions = 2\n[set]\ndt = 2\n[grid]\nsteps = [3, 4]"));
    assert_eq!(small.len(), 8);
    for (what, seed) in small.iter().chain(&fixed) {
        assert_eq!(large.get(what), Some(seed), "{what}");
    }
    let mut distinct: Vec<u64> = large.into_values().collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 3 * 3 * 5);
}

#[test]
fn another_seed_preset_or_precision_is_another_stream_and_a_control_is_not() {
    let seed = |text: &str| plan(text).job(0).seed;
    let base = seed("");
    for other in ["seed = 2", "preset = \"quick\"", "precision = \"f32\"", "[set]\ndt = 0.5"] {
        assert_ne!(seed(other), base, "{other}");
    }
    assert_eq!(seed("control = \"wrong-sign\""), base);
    assert_eq!(seed("preset = \"paper\"\nprecision = \"f64\""), base);
    // Pinned: a sweep of an earlier version can be gone on with.
    assert_eq!(base, 4_161_239_430_569_860);
    assert!(base < 1 << 53);
}

#[test]
fn a_record_keeps_metrics_and_verdicts_and_puts_times_aside() {
    let plan = plan("[set]\nsteps = 10\nwanted = 3");
    let job = plan.job(0);
    let record = plan.carry_out(&job, &AtomicBool::new(false)).unwrap();
    assert_eq!(record.metrics["sum"], json!(job.seed as f64 - 1.0 + 5.0).as_f64().unwrap());
    assert_eq!(record.metrics["undefined"], Value::Null);
    assert_eq!(record.verdicts, Tally { passed: 0, total: 1 });
    assert_eq!(record.set, *json!({ "steps": 10, "wanted": 3.0 }).as_object().unwrap());
    assert!(record.wall["seconds"].is_number() && record.failed.is_none());
    let text = json!(record).to_string();
    assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
}

#[test]
fn long_jobs_are_those_with_large_counts_on_the_grid() {
    let plan = plan("[set]\nwanted = 9\n[grid]\nsteps = [3, 40]\ndt = [1, 100]");
    let costs: Vec<f64> = (0..4).map(|index| plan.cost(&plan.job(index))).collect();
    assert_eq!(costs, [3.0, 3.0, 40.0, 40.0]);
}

#[test]
fn the_command_runs_the_job_alone() {
    let plan = plan("control = \"wrong-sign\"\n[grid]\nsteps = [3]");
    let job = plan.job(0);
    assert_eq!(
        plan.command(&job),
        format!(
            "reluflow run fake-count --preset paper --precision f64 --seed {} --set steps=3 \
             --control wrong-sign",
            job.seed
        )
    );
}

fn run_of(run: fn(&Context) -> Result<Outcome, Failure>) -> Result<Record, Failure> {
    let experiment: &'static Experiment = Box::leak(Box::new(Experiment { run, ..FAKE }));
    let plan = Plan { experiment, ..plan("") };
    plan.carry_out(&plan.job(0), &AtomicBool::new(false))
}

#[test]
fn failures_and_panics_are_results_and_an_interrupt_is_not() {
    let record = run_of(|_| Err(Failure::failed("no luck"))).unwrap();
    assert_eq!(record.failed.as_deref(), Some("no luck"));
    let record = run_of(|context| panic!("at seed {}", context.config.seed)).unwrap();
    assert!(record.failed.unwrap().contains("panicked: at seed"), "{:?}", record.metrics);
    assert_eq!(run_of(|context| Err(context.stopped())).unwrap_err().kind(), Kind::Interrupted);
}

#[test]
fn a_clock_is_told_by_its_name() {
    let record = run_of(|_| {
        let metrics = Numbers::from([("ns_per_step", 3.0), ("loss", 1.5), ("wall_seconds", 2.0)]);
        let verdicts = vec![Verdict::equal("c", "s", 1.0, 1.0), Verdict::equal("c", "s", 1.0, 2.0)];
        Ok(Outcome { metrics, verdicts, ..Outcome::default() })
    });
    let record = record.unwrap();
    assert_eq!(record.metrics.keys().collect::<Vec<_>>(), ["loss"]);
    assert_eq!(record.wall.keys().collect::<Vec<_>>(), ["ns_per_step", "wall_seconds", "seconds"]);
    assert_eq!(record.verdicts, Tally { passed: 1, total: 2 });
}

/// No clock is left in the metrics under another name, nor anything else that changes from run to
/// run, or a merge would have no hash to compare.
#[test]
fn every_experiment_gives_the_same_record_again() {
    for experiment in ALL.iter().filter(|experiment| experiment.cost_seconds < 3.0) {
        let text = format!("experiment = \"{}\"\npreset = \"quick\"", experiment.id);
        let plan = Plan::parse(Path::new("plan.toml"), &text, &ALL).unwrap();
        let run = || {
            let record = plan.carry_out(&plan.job(0), &AtomicBool::new(false)).unwrap();
            Record { wall: Map::new(), ..record }
        };
        let record = run();
        assert_eq!(record, run());
        assert!(record.failed.is_none() && !record.metrics.is_empty(), "{record:?}");
    }
}
