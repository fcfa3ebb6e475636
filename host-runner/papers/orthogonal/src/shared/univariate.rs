//! Networks x -> h(x, 1) of one variable: the second input is constant, so that each neuron bends
//! the graph at one point.
use super::footage::cut;
use super::pace::Pace;
use engine::trajectory::Snapshot;
use lab::figure::network::{self, Stage, frames};
use lab::figure::{Figure, Film};

/// A snapshot as the pictures take it.
pub fn drawn(shot: &Snapshot) -> network::Snapshot<'_> {
    network::Snapshot { w: &shot.w, a: &shot.a }
}

/// (position, change of slope) of the kinks: neurons within 1e-2 are one kink, changes below 1e-3
/// are none.
pub fn kinks(shot: &Snapshot) -> Vec<(f64, f64)> {
    let mut bends: Vec<(f64, f64)> = drawn(shot).bends().collect();
    bends.sort_by(|x, y| x.0.total_cmp(&y.0));
    bends
        .chunk_by(|x, y| y.0 - x.0 <= 1e-2)
        .map(|group| {
            let (mass, turn) = group
                .iter()
                .fold((0.0, 0.0), |(at, turn), &(x, bend)| (at + x * bend.abs(), turn + bend));
            let weight: f64 = group.iter().map(|(_, bend)| bend.abs()).sum();
            (mass / weight, turn)
        })
        .filter(|(_, turn)| turn.abs() >= 1e-3)
        .collect()
}

/// The graph, the neurons as stars and the data: a strip at the `wanted` times and a film.
pub fn pictures(shots: &[Snapshot], pace: &Pace, wanted: &[f64], stage: Stage) -> (Figure, Film) {
    let caption = |shot: &Snapshot| format!("iteration {}", pace.iteration(shot.t));
    let title = "The network x -> h(x); a star for each neuron: where it bends h, and s_j |w_j|";
    cut(
        ("network", title),
        (shots, frames(shots.iter().map(|shot| (caption(shot), drawn(shot))), stage)),
        pace,
        wanted,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinks_merge_neighbours_and_ignore_faint_ones() {
        // Positions 1, 1.005, 2 and 3; the last turns the slope by 1e-4 only.
        let w = vec![1.0, -1.0, 1.0, -1.005, -1.0, 2.0, 1.0, -3.0];
        let kinks = kinks(&Snapshot { t: 0.0, w, a: vec![1.0, 1.0, -2.0, 1e-4] });
        assert_eq!(kinks.len(), 2);
        assert!((kinks[0].0 - 1.0025).abs() < 1e-12 && (kinks[0].1 - 2.0).abs() < 1e-12);
        assert_eq!(kinks[1], (2.0, -2.0));
    }
}
