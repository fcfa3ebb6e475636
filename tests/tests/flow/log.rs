//! Logs: what they keep, what a replay finds, and the same bits at every lane width.

use conformance::fnv;
use conformance::wide::{f32x4, f32x8, f32x16, f64x2, f64x4, f64x8};
use reluflow::flow::{Event, Kept, Kind, Log, Replay, Rules};
use reluflow::{Canonical, Lanes, Real};

use crate::support::{Run, Task, weak};

const END: f64 = 10.0;

fn run<L: Lanes>(log: &mut impl Log<L::Elem>) -> Run<L::Elem> {
    let problem = weak::<L::Elem>(41, (20, 6, 12));
    let tolerance = if L::Elem::EPSILON.to_f64() > 1e-10 { 1e-5 } else { 1e-8 };
    let rules = Rules::new(L::Elem::from_f64(tolerance));
    Task::new(&problem, rules, END).log_to::<L>(log).unwrap()
}

fn nothing<T>() -> impl FnMut(Event<T>) {
    |_| ()
}

#[test]
fn kept_keeps_the_first_and_counts_the_rest() {
    let events = run::<f64>(&mut nothing()).events;
    assert!(events.len() > 30, "{}", events.len());
    for room in [0, 1, 7, events.len(), events.len() + 3] {
        let mut slots = vec![events[events.len() - 1]; room];
        let mut kept = Kept::new(&mut slots);
        run::<f64>(&mut kept);
        let whole = room.min(events.len());
        assert_eq!(kept.events(), &events[..whole]);
        assert_eq!(kept.lost(), events.len() - whole);
    }
}

#[test]
fn replay_finds_every_change() {
    let events = run::<f64>(&mut nothing()).events;
    let differs = |expected: &[Event<f64>]| {
        let mut replay = Replay::of(expected);
        for event in &events {
            replay.record(*event);
        }
        replay.difference(true)
    };
    assert_eq!(differs(&events), None);
    for at in [0, 5, events.len() - 1] {
        let changed = |change: fn(&mut Event<f64>)| {
            let mut other = events.clone();
            change(&mut other[at]);
            differs(&other)
        };
        assert_eq!(changed(|e| e.t = f64::from_bits(e.t.to_bits() ^ 1)), Some(at));
        assert_eq!(changed(|e| e.t = -e.t), Some(at));
        assert_eq!(changed(|e| e.t = f64::NAN), Some(at));
        assert_eq!(changed(|e| e.neuron ^= 1), Some(at));
        assert_eq!(changed(|e| e.sample += 1), Some(at));
        assert_eq!(changed(|e| e.kind = Kind::Grazes), Some(at));
        let mut missing = events.clone();
        missing.remove(at);
        assert!(differs(&missing).is_some_and(|found| found >= at && found < events.len()));
        let mut added = events.clone();
        added.insert(at, Event { t: 0.5 * events[at].t, ..events[at] });
        assert_eq!(differs(&added), Some(at));
    }
    // The log goes on after the run: found only when the run is over.
    let mut longer = events.clone();
    longer.push(events[0]);
    let mut replay = Replay::of(&longer);
    run::<f64>(&mut replay);
    assert_eq!((replay.difference(false), replay.difference(true)), (None, Some(events.len())));
}

#[test]
fn words_differ() {
    let kinds = [
        Kind::Dies,
        Kind::Wakes,
        Kind::Slides,
        Kind::LeavesInactive,
        Kind::LeavesActive,
        Kind::Grazes,
    ];
    let mut words = kinds.map(Kind::word);
    words.sort_unstable();
    assert!(words.windows(2).all(|pair| pair[0] != pair[1] && !pair[0].contains(' ')));
}

/// All that a run leaves, bit by bit.
fn hash<L: Lanes>() -> (u64, usize) {
    let run = run::<Canonical<L>>(&mut nothing());
    let c = run.certificate;
    let counts = [c.evaluations, c.predictions, c.steps, c.rejected, c.leaps, c.events, c.cut];
    let numbers = [c.balance_drift, c.curvature_defect, c.energy_defect, c.error_estimate];
    let events = run.events.iter().flat_map(|event| {
        let place = [event.neuron as f64, event.sample as f64, event.kind as u8 as f64];
        [event.t.to_f64()].into_iter().chain(place)
    });
    let all = events
        .chain(run.net.w.iter().chain(&run.net.a).copied())
        .chain(numbers.map(Real::to_f64))
        .chain(counts.map(|count| count as f64));
    (fnv(all), run.events.len())
}

/// Any width replays the log of any other.
#[test]
fn canonical_lanes_have_the_same_bits() {
    let want = hash::<f64>();
    assert!(want.1 > 30);
    assert_eq!([hash::<f64x2>(), hash::<f64x4>(), hash::<f64x8>()], [want; 3]);
    let want = hash::<f32>();
    assert!(want.1 > 30);
    assert_eq!([hash::<f32x4>(), hash::<f32x8>(), hash::<f32x16>()], [want; 3]);
    let events = run::<Canonical<f64>>(&mut nothing()).events;
    let mut replay = Replay::of(&events);
    run::<Canonical<f64x4>>(&mut replay);
    assert_eq!(replay.difference(true), None);
}
