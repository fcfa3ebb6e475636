//! The order, the exit codes and the documents of `repro`, with an experiment that counts.
use super::*;
use lab::failure::{DONE, NOT_REPRODUCED};
use lab::fake::{self, FAKE};
use lab::{Context, Outcome};
use serde_json::Value;
use serde_json::json;
use tempfile::tempdir;

/// Passes nothing and judges nothing: it breaks.
static BROKEN: Experiment =
    Experiment { id: "fake-broken", figure: "Figures 4 and 5", run: break_down, ..FAKE };
/// Every experiment of these tests.
static PAPER: Paper = Paper { experiments: &[&FAKE, &BROKEN], ..fake::PAPER };
static BROKEN_FIRST: Paper = Paper { experiments: &[&BROKEN, &FAKE], ..fake::PAPER };
static OTHER: Paper = Paper { name: "other", experiments: &[], ..fake::PAPER };

fn break_down(_: &Context) -> Result<Outcome, Failure> {
    Err(Failure::failed("the disk is full"))
}

fn args() -> ReproArgs {
    ReproArgs { paper: "fake".into(), quiet: true, full: true, ..ReproArgs::default() }
}

fn go(paper: &Paper, args: &ReproArgs) -> (Vec<Done>, Value) {
    let done = carry_out(&jobs(paper, args).unwrap(), args, &AtomicBool::new(false));
    let document = report::json(paper, args, &done);
    (done, document)
}

#[test]
fn every_variant_of_the_paper_runs_in_order_and_passes() {
    let (done, document) = go(&fake::PAPER, &args());
    let titles: Vec<_> = done.iter().map(|done| done.job.title()).collect();
    assert_eq!(titles, ["fake-count", "fake-count steps=100 wanted=50"]);
    assert_eq!(document["experiments"][1]["config"]["steps"], 100);
    let names: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["paper", "preset", "experiments", "statements", "errors", "passed", "failed", "exit"]
    );
    assert_eq!((&document["passed"], &document["failed"]), (&json!(2), &json!(0)));
    assert_eq!((exit_code(&done), &document["exit"]), (DONE, &json!(DONE)));
    let text = report::text(&fake::PAPER, &args(), &done);
    assert!(text.starts_with("STATEMENT  EXPERIMENT  "), "{text}");
    assert!(text.contains("\nTheorem 1  fake-count  "), "{text}");
    // The statement is named once.
    assert_eq!(text.matches("Theorem 1").count(), 1, "{text}");
    let row = &document["statements"][0];
    assert_eq!((&row["number"], &row["state"]), (&json!("Theorem 1"), &json!("shown")));
    assert_eq!((&row["passed"], &row["failed"]), (&json!(2), &json!(0)));
    assert_eq!(row["verdicts"][1]["set"], json!(["steps=100", "wanted=50"]));
    assert!(text.contains("the sum is right  500 +- 0.000000001  500       pass\n"), "{text}");
    assert!(text.ends_with("fake: 2 of 2 claims reproduced in 2 runs\n"), "{text}");
}

#[test]
fn a_claim_that_fails_is_exit_code_3() {
    // Ten steps of the quick preset do not reach the sum of a thousand.
    let (done, document) = go(&fake::PAPER, &ReproArgs { full: false, ..args() });
    assert_eq!((exit_code(&done), &document["failed"]), (NOT_REPRODUCED, &json!(1)));
    assert_eq!(document["preset"], "quick");
    assert!(report::text(&fake::PAPER, &args(), &done).contains("5         FAIL\n"));
}

#[test]
fn an_error_is_reported_and_the_rest_runs() {
    let (done, document) = go(&BROKEN_FIRST, &args());
    assert_eq!((done.len(), exit_code(&done)), (4, 1));
    assert_eq!(document["errors"][0]["error"], "the disk is full");
    assert_eq!(document["errors"][1]["set"], json!(["steps=100", "wanted=50"]));
    assert_eq!((&document["passed"], &document["exit"]), (&json!(2), &json!(1)));
    let text = report::text(&fake::PAPER, &args(), &done);
    assert!(text.contains("ERROR") && text.contains("2 of 2 claims"), "{text}");
    assert!(text.ends_with("in 4 runs, 2 without a result\n"), "{text}");
}

#[test]
fn each_run_has_its_folder_and_an_interrupt_resumes() {
    let parent = tempdir().unwrap();
    let args = ReproArgs { out: Some(parent.path().join("all")), ..args() };
    let stopped = carry_out(&jobs(&fake::PAPER, &args).unwrap(), &args, &AtomicBool::new(true));
    assert_eq!((stopped.len(), exit_code(&stopped)), (1, 130));
    assert!(report::text(&fake::PAPER, &args, &stopped).contains("(interrupted)"));
    let (done, document) = go(&fake::PAPER, &args);
    assert_eq!(exit_code(&done), DONE);
    assert_eq!(document["experiments"][0]["metrics"]["resumed_at"], 500);
    let (_, again) = go(&fake::PAPER, &args);
    assert_eq!(again, document, "with the same wall time, so not run again");
    for folder in ["fake-count", "fake-count+steps=100+wanted=50"] {
        assert!(parent.path().join("all").join(folder).join("manifest.json").exists());
    }
    // A controlled run may not land in the folder of a true one.
    let control = ReproArgs { control: Some(Control::DoubledRate), ..args };
    let (done, document) = go(&fake::PAPER, &control);
    let said = document["errors"][0]["error"].as_str().unwrap();
    assert!(said.contains("control: (absent) in the folder, \"doubled-rate\" now"), "{said}");
    assert_eq!(exit_code(&done), 2);
}

#[test]
fn planted_physics_is_noticed_and_named() {
    for control in [Control::DoubledRate, Control::WrongSign] {
        let args = ReproArgs { control: Some(control), ..args() };
        let (done, document) = go(&fake::PAPER, &args);
        assert_eq!(exit_code(&done), NOT_REPRODUCED);
        let run = &document["experiments"][0];
        for place in [&document, run, &run["config"], &run["manifest"]] {
            assert_eq!(place["control"], control.name());
        }
        assert_eq!(document["unnoticed"], json!([]));
        assert!(
            report::text(&fake::PAPER, &args, &done).contains("no run passes all of its claims")
        );
        assert!(crate::report::text(run).contains(&format!("CONTROL {}", control.name())));
    }
}

#[test]
fn requests_that_select_nothing_get_a_sentence() {
    let papers = [&PAPER, &OTHER];
    let refused = |args: ReproArgs| {
        let failure = match statements::find(&papers, &args.paper) {
            Ok(paper) => jobs(paper, &args).unwrap_err(),
            Err(unknown) => unknown,
        };
        assert_eq!(failure.exit_code(), 2);
        failure.to_string()
    };
    let said = refused(ReproArgs { paper: "fkae".into(), ..args() });
    assert!(said.contains("'fkae'") && said.contains("did you mean 'fake'"), "{said}");
    let said = refused(ReproArgs { paper: "zzz".into(), ..args() });
    assert!(said.contains("there are fake, other"), "{said}");
    let said = refused(ReproArgs { fig: Some(9), ..args() });
    assert!(said.contains("choose one of 0, 4, 5"), "{said}");
    let said = refused(ReproArgs { control: Some(Control::SigmaPrimeOne), ..args() });
    assert!(said.contains("fake-count: doubled-rate, wrong-sign"), "{said}");
    let two = jobs(&PAPER, &ReproArgs { fig: Some(5), ..args() }).unwrap();
    assert!(two.iter().all(|job| job.experiment.id == "fake-broken"));
}
