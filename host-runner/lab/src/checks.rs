//! What the tests of a paper's crate ask of its experiments. Each of these panics where an experiment breaks a promise.
use crate::progress::Progress;
use crate::{Config, Context, Experiment, Numbers, Preset, Verdict, Wishes};
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
///
/// # Panics
/// Where that is not so.
pub fn controls(experiments: &[&'static Experiment]) {
    let runs = experiments.iter().flat_map(|&experiment| {
        let controls = experiment.controls.iter().copied().map(Some);
        std::iter::once(None).chain(controls).flat_map(move |control| {
            experiment.variants_under(control).map(move |set| (experiment, set, control))
        })
    });
    let (runs, interrupt) = (runs.collect::<Vec<_>>(), AtomicBool::new(false));
    let unread: Mutex<BTreeMap<&str, BTreeSet<&str>>> = Mutex::default();
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
