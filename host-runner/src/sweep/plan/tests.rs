//! Plans, right and wrong, of the experiment that counts.
use super::*;
use lab::fake::FAKE;

fn parse(text: &str) -> Result<Plan, Failure> {
    Plan::parse(Path::new("plan.toml"), text, &[&FAKE])
}

fn said(text: &str) -> String {
    let failure = parse(text).unwrap_err();
    assert_eq!(failure.exit_code(), 2, "{failure}");
    failure.to_string()
}

#[test]
fn a_short_plan_has_the_defaults() {
    let plan = parse("experiment = \"fake-count\"").unwrap();
    assert_eq!((plan.jobs(), plan.seed, plan.preset), (1, 1, Preset::Paper));
    assert_eq!((plan.precision, plan.control), (Precision::F64, None));
}

#[test]
fn the_grid_keeps_the_order_written_and_ranges_are_lists() {
    let plan = parse(
        "experiment = \"fake-count\"\npreset = \"quick\"\nrepetitions = 3\nseed = 7\n\
         [set]\nwanted = 1\n[grid]\nsteps = { from = 2, to = 6, step = 2 }\ndt = [\n 0.5,\n 1e-3]\n",
    )
    .unwrap();
    let names: Vec<&str> = plan.grid.iter().map(|(name, _)| *name).collect();
    assert_eq!((names, plan.cells(), plan.jobs()), (vec!["steps", "dt"], 6, 18));
    assert_eq!(plan.grid[0].1, [2, 4, 6].map(Setting::Count));
    assert_eq!(plan.set, [("wanted", Setting::Number(1.0))]);
    assert_eq!(
        plan.text(),
        "experiment = \"fake-count\"\npreset = \"quick\"\nprecision = \"f64\"\nseed = 7\n\
         repetitions = 3\nset.wanted = 1.0\ngrid.steps = [2,4,6]\ngrid.dt = [0.5,0.001]\n"
    );
}

#[test]
fn the_canonical_text_is_the_plan_again() {
    let text = "experiment = \"fake-count\"\ncontrol = \"wrong-sign\"\nprecision = \"f32\"\n\
                [grid]\nwanted = [1e300, -0.5, 3]\ndt = [1e-300]\n";
    let plan = parse(text).unwrap();
    assert_eq!(parse(&plan.text()).unwrap().text(), plan.text());
}

#[test]
fn every_mistake_is_named_with_its_line() {
    let id = "experiment = \"fake-count\"\n";
    for (text, line, parts) in [
        ("", 1, &["missing field `experiment`"][..]),
        ("experiment = \"fake-cuont\"", 1, &["did you mean 'fake-count'?"]),
        ("seed = 1\nexperiment = 3", 2, &["expected a string"]),
        (&format!("{id}repetition = 3"), 2, &["unknown field", "did you mean 'repetitions'?"]),
        (&format!("{id}seed = -1"), 2, &["`-1`", "u64"]),
        (&format!("{id}\nrepetitions = 0"), 3, &["found repetitions = 0, expected at least 1"]),
        (&format!("{id}preset = \"fast\""), 2, &["unknown variant `fast`", "`quick`", "`paper`"]),
        (&format!("{id}precision = \"f16\""), 2, &["`f16`", "`f32`"]),
        (&format!("{id}control = \"wrong\""), 2, &["`wrong`", "`wrong-sign`"]),
        (&format!("{id}control = \"sigma-prime-one\""), 2, &["changes nothing", "doubled-rate"]),
        (&format!("{id}[set]\nstpes = 3"), 3, &["no key 'stpes'", "did you mean 'steps'?"]),
        (&format!("{id}[set]\nsteps = \"x\""), 3, &["'x' is not a whole number", "default 1000"]),
        (&format!("{id}[set]\nsteps = [1, 2]"), 3, &["found [1, 2], expected one number"]),
        (&format!("{id}[set]\nseed = 3"), 3, &["'seed' is no setting", "above the tables"]),
        (&format!("{id}[grid]\ndt = [1,\n0.5,\n-2]"), 5, &["'-2' is not a number above 0"]),
        (&format!("{id}[grid]\ndt = [1,\n0.5,\n1.0]"), 5, &["dt = 1.0 is there twice"]),
        (&format!("{id}[grid]\ndt = []"), 3, &["no value of 'dt'"]),
        (&format!("{id}[grid]\ndt = 3"), 3, &["expected values such as [4, 8]"]),
        (&format!("{id}[grid]\ndtt = [3]"), 3, &["did you mean 'dt'?"]),
        (&format!("{id}[grid]\ndt = {{ from = 2, to = 1, step = 1 }}"), 3, &["from <= to"]),
        (&format!("{id}[grid]\ndt = {{ from = 2, upto = 1 }}"), 3, &["`upto`", "`to`"]),
        (&format!("{id}[set]\ndt = 1\n[grid]\ndt = [2]"), 5, &["set in line 3 already"]),
        (&format!("{id}[grid]\ndt = [2"), 3, &["plan.toml"]),
        (&format!("repetitions = 2000000\n{id}"), 1, &["2000000 jobs", "at most 1000000"]),
    ] {
        let said = said(text);
        assert!(said.starts_with(&format!("plan.toml:{line}: ")), "{text}\n{said}");
        for part in parts {
            assert!(said.contains(part), "{part} in {said}");
        }
    }
}
