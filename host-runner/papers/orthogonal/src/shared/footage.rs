//! When a run is filmed, and which of its frames stand in a strip.
use super::pace::Pace;
use engine::trajectory::Snapshot;
use lab::figure::{Figure, Film, Frame, evenly_spaced, log_spaced};

/// Frames of a film: a few seconds, and about as much as a page bears.
const FRAMES: usize = 101;
/// Numbers that all snapshots of a run may hold together, 32 MB; networks beyond get fewer frames.
const ROOM: usize = 4_000_000;

/// Evenly spaced times of a run whose network has `size` weights, with both ends.
pub fn evenly(pace: &Pace, size: usize) -> Vec<f64> {
    times(pace, evenly_spaced(steps(pace), frames(size)))
}

/// The same where much happens at once: half of the times on a log axis.
pub fn log_and_evenly(pace: &Pace, size: usize) -> Vec<f64> {
    let half = (frames(size) / 2).max(2);
    let mut at = log_spaced(steps(pace), half);
    at.extend(evenly_spaced(steps(pace), half));
    at.sort_unstable();
    at.dedup();
    times(pace, at)
}

fn frames(size: usize) -> usize {
    (ROOM / size).clamp(2, FRAMES)
}

/// Iterations 0, 1, ..., how many.
fn steps(pace: &Pace) -> usize {
    usize::try_from(pace.iterations).unwrap_or(usize::MAX).saturating_add(1)
}

fn times(pace: &Pace, at: Vec<usize>) -> Vec<f64> {
    at.into_iter().map(|k| pace.dt * k as f64).collect()
}

/// `wanted` among `times`, rising.
pub fn with(mut times: Vec<f64>, wanted: &[f64]) -> Vec<f64> {
    times.extend(wanted);
    times.sort_by(f64::total_cmp);
    // The ends are in both.
    times.dedup_by(|later, time| *later - *time <= 1e-9 * *later);
    times
}

/// A film of `frames`, one for each of `shots`, and a strip of those at the `wanted` times: four of
/// any where the run reached none.
pub fn cut(
    (name, title): (&str, &str),
    (shots, frames): (&[Snapshot], Vec<Frame>),
    pace: &Pace,
    wanted: &[f64],
) -> (Figure, Film) {
    let is_wanted =
        |shot: &Snapshot| wanted.iter().any(|&t| pace.iteration(t) == pace.iteration(shot.t));
    let chosen: Vec<Frame> = shots
        .iter()
        .zip(&frames)
        .filter(|(shot, _)| is_wanted(shot))
        .map(|(_, frame)| frame.clone())
        .collect();
    let film = Film::new(name, title, frames);
    let strip = match chosen.len() {
        0 => film.strip(name, 4),
        count => Film::new(name, title, chosen).strip(name, count),
    };
    (strip, film)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::figure::{Look, Panel};

    const PACE: Pace = Pace { dt: 0.5, slower: 1.0, iterations: 1000, whole: true };

    #[test]
    fn the_times_of_a_film_rise_and_hold_both_ends() {
        for times in [evenly(&PACE, 180), log_and_evenly(&PACE, 180)] {
            assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
            assert_eq!((times[0], times.last()), (0.0, Some(&500.0)));
            assert!((80..=FRAMES).contains(&times.len()), "{}", times.len());
        }
        assert!(log_and_evenly(&PACE, 180).contains(&0.5), "the first step");
        assert_eq!(evenly(&PACE, ROOM), [0.0, 500.0], "a network that fills the room");
        assert_eq!(evenly(&Pace { iterations: 1, ..PACE }, 180), [0.0, 0.5]);
    }

    #[test]
    fn a_strip_has_the_wanted_times_or_four() {
        let shots: Vec<Snapshot> =
            (0..10).map(|k| Snapshot { t: f64::from(k), ..Snapshot::default() }).collect();
        let panel = || Panel::new("", "x", "y").series(Look::Points, "", [(0.0, 0.0)]);
        let panels = |wanted: &[f64]| {
            let frames = shots.iter().map(|shot| Frame::new(format!("t{}", shot.t)));
            let frames = frames.map(|frame| frame.panel(panel()));
            let footage = (&shots[..], frames.collect());
            let csv = cut(("n", "t"), footage, &PACE, wanted).0.csv();
            (0..10).filter(|k| csv.contains(&format!("\nt{k},"))).collect::<Vec<_>>()
        };
        assert_eq!(panels(&[2.0, 7.0, 11.0]), [2, 7]);
        assert_eq!(panels(&[11.0]), [0, 3, 6, 9]);
    }
}
