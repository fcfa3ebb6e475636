//! What the tests of a paper's crate ask of its experiments. Each of these panics where an experiment breaks a promise.
use crate::progress::Progress;
use crate::{Config, Context, Experiment, Numbers, Preset, Verdict, Wishes};
use crate::{Evidence, Paper, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Ids are unique and named after the paper, keys can be written to a file and read back, and every variant that
/// `repro` runs is accepted.
///
/// # Panics
/// Where that is not so.
pub fn tables(experiments: &[&'static Experiment]) {
    for (at, &experiment) in experiments.iter().enumerate() {
        let id = experiment.id;
        assert!(id.starts_with(&format!("{}-", experiment.paper)), "{id}");
        assert!(experiments[..at].iter().all(|other| other.id != id), "{id} twice");
        let mut names = BTreeSet::new();
        for key in experiment.keys() {
            assert!(!Config::RESERVED.contains(&key.name), "{id}: {}", key.name);
            assert!(names.insert(key.name), "{id}: {} twice", key.name);
            for value in [Some(key.default), key.quick, key.extended].into_iter().flatten() {
                assert_eq!(key.parse(&value.to_string()), Ok(value), "{id}: {}", key.name);
            }
        }
        let mut seen: Vec<&[&str]> = Vec::new();
        for &variant in experiment.variants {
            let set: Vec<String> = variant.iter().map(ToString::to_string).collect();
            let config = Config::resolve(experiment, &Wishes { set: &set, ..Wishes::default() });
            assert!(config.is_ok(), "{id}: {config:?}");
            assert!(!seen.contains(&variant), "{id}: {variant:?} twice");
            seen.push(variant);
        }
        assert!(!seen.is_empty(), "{id}: repro would leave it out");
    }
}

/// The quick preset of every variant passes, and fails with every control that it declares. No run asks for a key that
/// its experiment's table lacks, and every key of the table is asked for by one of its runs. On all cores.
/// Returns what was judged without a control: ids and verdicts.
///
/// # Panics
/// Where that is not so.
pub fn controls(experiments: &[&'static Experiment]) -> Vec<(&'static str, Verdict)> {
    let runs = experiments.iter().flat_map(|&experiment| {
        let controls = experiment.controls.iter().copied().map(Some);
        std::iter::once(None).chain(controls).flat_map(move |control| {
            experiment.variants_under(control).map(move |set| (experiment, set, control))
        })
    });
    let (runs, interrupt) = (runs.collect::<Vec<_>>(), AtomicBool::new(false));
    let unread: Mutex<BTreeMap<&str, BTreeSet<&str>>> = Mutex::default();
    let judged: Mutex<Vec<(&'static str, Verdict)>> = Mutex::default();
    let judge = |(experiment, set, control): (&'static Experiment, &[&str], _)| {
        let set: &[String] = &set.iter().map(ToString::to_string).collect::<Vec<_>>();
        let preset = Some(Preset::Quick);
        let wishes = Wishes { preset, control, set, ..Wishes::default() };
        let config = Config::resolve(experiment, &wishes).unwrap_or_else(|why| panic!("{why}"));
        let context = Context::new(config, 1, Progress::new(true), None, &interrupt);
        let outcome = (experiment.run)(&context);
        let what = format!("{} {set:?} {control:?}", experiment.id);
        assert!(
            context.strays().is_empty(),
            "{what} reads keys that it lacks: {:?}",
            context.strays()
        );
        let left = BTreeSet::from_iter(context.unread());
        let mut unread = unread.lock().unwrap_or_else(PoisonError::into_inner);
        unread
            .entry(experiment.id)
            .and_modify(|all| all.retain(|key| left.contains(key)))
            .or_insert(left);
        drop(unread);
        let verdicts = outcome.unwrap_or_else(|why| panic!("{what}: {why}")).verdicts;
        let passes = verdicts.iter().all(|verdict| verdict.pass);
        assert!(!verdicts.is_empty() && passes == control.is_none(), "{what}: {verdicts:#?}");
        if control.is_none() {
            let mut judged = judged.lock().unwrap_or_else(PoisonError::into_inner);
            judged.extend(verdicts.into_iter().map(|verdict| (experiment.id, verdict)));
        }
    };
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(&run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    judge(run);
                }
            });
        }
    });
    let mut unread = unread.into_inner().unwrap_or_else(PoisonError::into_inner);
    unread.retain(|_, keys| !keys.is_empty());
    assert!(unread.is_empty(), "keys that no variant reads: {unread:?}");
    judged.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Verdicts and ledger name each other: no verdict cites a statement that the ledger lacks or calls open, no row names
/// a verdict, an experiment or a test that does not exist, and what is called shown names something that shows it.
/// `judged` is what [`controls`] returned.
///
/// # Panics
/// Where that is not so.
pub fn statements(paper: &Paper, judged: &[(&'static str, Verdict)]) {
    let places = |verdict: &Verdict| {
        let places = paper.cited(&verdict.source);
        places.unwrap_or_else(|lacks| panic!("{verdict:?}: the ledger has no '{lacks}'"))
    };
    for (id, verdict) in judged {
        for at in places(verdict) {
            let row = &paper.statements[at];
            let open = matches!(row.state, State::Open(_) | State::Beyond(_));
            assert!(!open, "{id} judges {}, which the ledger calls open: {verdict:?}", row.number);
        }
    }
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for (at, row) in paper.statements.iter().enumerate() {
        let number = row.number;
        let mut unless = |holds: bool, why: String| {
            if !holds {
                wrong.push(format!("{number}: {why}"));
            }
        };
        unless(seen.insert(number), "is there twice".into());
        for text in [row.says, row.under, row.state.why().unwrap_or_default()] {
            unless(!text.to_lowercase().contains("not at hand"), format!("says '{text}'"));
        }
        let open = matches!(row.state, State::Open(_) | State::Beyond(_));
        unless(
            open == row.shown_by.is_empty(),
            format!("{:?} with evidence, or without", row.state),
        );
        for evidence in row.shown_by {
            let exists = match evidence {
                Evidence::Verdict(id, claim) => judged.iter().any(|(by, verdict)| {
                    by == id && verdict.claim.contains(claim) && places(verdict).contains(&at)
                }),
                Evidence::Run(id) => paper.experiments.iter().any(|e| e.id == *id),
                Evidence::Test(test) => is_test(test),
            };
            unless(exists, format!("there is no {evidence:?} that cites it"));
        }
    }
    assert!(wrong.is_empty(), "the ledger of {}: {wrong:#?}", paper.name);
}

/// Whether `folder/file.rs::function` is a test of the repository.
fn is_test(path: &str) -> bool {
    let Some((file, function)) = path.split_once("::") else { return false };
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(top.join(file)).unwrap_or_default();
    // Suites are generic over lanes.
    let named = ["(", "<"].iter().any(|end| text.contains(&format!("fn {function}{end}")));
    named && (text.contains("#[test]") || text.contains("for_each_lanes!"))
}

/// In the quick preset, a number that could not be measured is never passed over: with NaN for any one of the metrics,
/// `judge` gives the verdicts that it gave, or one that fails. Returns how many of the metrics a verdict is about.
///
/// # Panics
/// Where that is not so, or no verdict is about any of them.
pub fn nan_is_noticed(
    experiment: &'static Experiment,
    judge: impl Fn(&Context, &Numbers) -> Vec<Verdict>,
) -> usize {
    let (id, interrupt) = (experiment.id, AtomicBool::new(false));
    let wishes = Wishes { preset: Some(Preset::Quick), ..Wishes::default() };
    let config = Config::resolve(experiment, &wishes).unwrap_or_else(|why| panic!("{why}"));
    let context = Context::new(config, 1, Progress::new(true), None, &interrupt);
    let outcome = (experiment.run)(&context).unwrap_or_else(|why| panic!("{id}: {why}"));
    let usual = judge(&context, &outcome.metrics);
    assert!(usual.iter().all(|verdict| verdict.pass), "{id}: {usual:#?}");
    let mut noticed = 0;
    for (at, (name, value)) in outcome.metrics.iter().enumerate() {
        let verdicts = judge(&context, &outcome.metrics.without(at));
        if verdicts != usual {
            assert!(
                verdicts.iter().any(|verdict| !verdict.pass),
                "{id}: all is well with NaN for {name} = {value}: {verdicts:#?}"
            );
            noticed += 1;
        }
    }
    assert!(noticed > 0, "{id}: no verdict is about a metric");
    noticed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Statement;
    use crate::fake::{DT, FAKE, PAPER, STEPS, WANTED};
    use crate::settings::Key;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    const IDLE: Key<usize> = Key::count("idle", 1, "number that nobody reads");
    static SOUND: Experiment = Experiment { variants: &[&["steps=1000"]], controls: &[], ..FAKE };
    static UNREAD: Experiment = Experiment { keys: &[&[&STEPS, &DT, &WANTED, &IDLE]], ..SOUND };
    static ASTRAY: Experiment = Experiment {
        run: |context| {
            // A debug build stops here, and the check is to see it in a release build too.
            let _ = catch_unwind(AssertUnwindSafe(|| context.get(IDLE)));
            (FAKE.run)(context)
        },
        ..SOUND
    };

    fn refused(experiment: &'static Experiment) -> bool {
        catch_unwind(AssertUnwindSafe(|| controls(&[experiment]))).is_err()
    }

    #[test]
    fn a_key_that_nobody_reads_and_one_that_the_table_lacks_are_noticed() {
        assert!(!refused(&SOUND));
        assert!(refused(&UNREAD) && refused(&ASTRAY));
    }

    #[test]
    fn verdicts_and_ledger_must_name_each_other() {
        let judged = controls(&[&SOUND]);
        statements(&PAPER, &judged);
        let refused = |change: &dyn Fn(&mut Verdict)| {
            let mut judged = judged.clone();
            judged.iter_mut().for_each(|(_, verdict)| change(verdict));
            catch_unwind(AssertUnwindSafe(|| statements(&PAPER, &judged))).is_err()
        };
        assert!(refused(&|verdict| verdict.source = "fake, Theorem 2".into()));
        assert!(refused(&|verdict| verdict.source = "fake, Figure 0".into()));
        assert!(refused(&|verdict| verdict.claim = "the product is right".into()));
        assert!(!refused(&|verdict| verdict.source = "fake, Theorem 1 and Figure 0".into()));
        let name = "host-runner/lab/src/checks.rs::verdicts_and_ledger_must_name_each_other";
        assert!(is_test(name) && !is_test("host-runner/lab/src/checks.rs::nothing"));
        for evidence in [&[][..], &[Evidence::Run("fake-other")], &[Evidence::Test("a.rs::b")]] {
            let row = Statement { shown_by: evidence, ..PAPER.statements[0] };
            let row: &'static [Statement] = Box::leak(Box::new([row]));
            let paper = Paper { statements: row, ..PAPER };
            let checked = catch_unwind(AssertUnwindSafe(|| statements(&paper, &[])));
            assert!(checked.is_err(), "{evidence:?}");
        }
    }
}
