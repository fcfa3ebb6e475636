//! When a run is looked at.
use engine::schedule::{descent, flow, trajectory};

#[test]
fn iterations_of_a_trajectory_rise_and_hold_both_ends() {
    for iterations in [1, 999, 20_000, 40_000] {
        let at = trajectory(iterations);
        assert!(at.is_sorted() && at[0] == 0 && at.last() == Some(&iterations));
    }
}

#[test]
fn iterations_of_checkpoints_rise_and_hold_both_ends() {
    for steps in [1, 2, 99, 10_000, 1 << 40] {
        let at = descent(steps);
        assert!(at.is_sorted() && at[0] == 0 && at.last() == Some(&steps));
        assert!(at.len() <= 202);
    }
}

#[test]
fn times_rise_and_hold_both_ends() {
    for until in [1e-3, 20.0, 1e6] {
        let at = flow(until);
        assert!(at.is_sorted() && at[0] == 0.0 && at.last() == Some(&until));
        assert!(at.len() > 100 && at.len() <= 121);
    }
}
