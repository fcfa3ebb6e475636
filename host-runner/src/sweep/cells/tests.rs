//! Statistics of cells, worked out by hand.
use super::*;
use lab::fake::FAKE;

fn record(repetition: u64, metrics: Value) -> Record {
    Record {
        job: repetition,
        cell: "00ff".into(),
        set: json!({ "dt": 0.5, "steps": 3 }).as_object().unwrap().clone(),
        repetition,
        seed: 1,
        metrics: metrics.as_object().unwrap().clone(),
        verdicts: Tally { passed: 1, total: 2 },
        failed: None,
        wall: Map::new(),
    }
}

fn plan() -> Plan {
    let text = "experiment = \"fake-count\"\nrepetitions = 4\n[set]\ndt = 0.5\n[grid]\nsteps = [3]";
    Plan::parse(Path::new("plan.toml"), text, &[&FAKE]).unwrap()
}

fn cells() -> Vec<CellStats> {
    let records = [
        record(0, json!({ "a": 4, "b": null })),
        record(1, json!({ "a": 1, "b": 7.5 })),
        Record { failed: Some("no".into()), ..record(2, json!({})) },
        record(3, json!({ "a": 2, "late": -1 })),
    ];
    of(&plan(), &records)
}

#[test]
fn a_cell_has_its_statistics() {
    let cells = cells();
    let document = cells[0].to_json();
    // 4, 1, 2: mean 7/3, squares 42/9, so that the error is sqrt(42/9 / 2 / 3).
    let a = &document["metrics"]["a"];
    assert!((a["mean"].as_f64().unwrap() - 7.0 / 3.0).abs() < 1e-15);
    assert!((a["standard_error"].as_f64().unwrap() - (42.0f64 / 54.0).sqrt()).abs() < 1e-15);
    assert_eq!([&a["min"], &a["median"], &a["max"]], [1.0, 2.0, 4.0]);
    assert_eq!([&a["count"], &a["nulls"]], [3, 0]);
    let b = &document["metrics"]["b"];
    assert_eq!([&b["count"], &b["nulls"]], [1, 1]);
    assert_eq!((&b["mean"], &b["standard_error"]), (&json!(7.5), &Value::Null));
    assert_eq!((&document["jobs"], &document["failed"]), (&json!(4), &json!(1)));
    assert_eq!(document["verdicts"], json!({ "passed": 4, "total": 8 }));
}

#[test]
fn a_median_of_two_lies_between_and_one_of_none_is_nothing() {
    let stats = |values: &[f64]| Stats { values: values.to_vec(), nulls: 0 }.summary();
    assert_eq!(stats(&[3.0, 1.0])[3], 2.0);
    assert_eq!(stats(&[1e308, 1e308])[3], 1e308);
    assert!(stats(&[]).iter().all(|x| x.is_nan()));
}

#[test]
fn the_csv_names_the_axes_and_leaves_empty_what_is_not_there() {
    let text = csv(&plan(), &cells()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "cell,steps,metric,count,nulls,mean,standard_error,min,median,max");
    assert!(lines[1].starts_with("00ff,3,a,3,0,2.333333333333333"), "{}", lines[1]);
    assert_eq!(lines[2], "00ff,3,b,1,1,7.5,,7.5,7.5,7.5");
    assert_eq!((lines[3], lines.len()), ("00ff,3,late,1,0,-1.0,,-1.0,-1.0,-1.0", 4));
}

#[test]
fn a_long_table_is_cut_and_says_so() {
    let whole = table(&cells(), 3, None);
    assert_eq!(whole.lines().count(), 4);
    assert!(whole.contains("dt=0.5 steps=3  b"), "{whole}");
    let cut = table(&cells(), 1, Some(Path::new("out")));
    assert!(cut.ends_with("2 more lines in out/cells.csv\n"), "{cut}");
}
