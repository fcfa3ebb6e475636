//! Networks x -> h(x, 1) of one variable: the second input is constant, so that each neuron bends
//! the graph at one point.
use super::pace::Pace;
use crate::figure::{Figure, Look, Panel};
use crate::trajectory::Snapshot;

/// (position -w_2/w_1, change of slope a |w_1|) of each neuron.
pub(super) fn stars<'a>(w: &'a [f64], a: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    let neurons = w.chunks_exact(2).zip(a);
    neurons.map(|(w, a)| (-w[1] / w[0], a * w[0].abs())).filter(|(x, _)| x.is_finite())
}

/// (position, change of slope) of the kinks: neurons within 1e-2 are one kink, changes below 1e-3
/// are none.
pub(super) fn kinks(w: &[f64], a: &[f64]) -> Vec<(f64, f64)> {
    let mut bends: Vec<(f64, f64)> = stars(w, a).collect();
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

/// h(x, 1) = sum_j a_j relu(w_j1 x + w_j2).
pub(super) fn predict(shot: &Snapshot, x: f64) -> f64 {
    let neurons = shot.w.chunks_exact(2).zip(&shot.a);
    neurons.map(|(w, a)| a * (w[0] * x + w[1]).max(0.0)).sum()
}

/// Data and axes of [`network_figure`].
pub(super) struct Frame<'a> {
    /// Points (x, y) that are fitted.
    pub data: &'a [(f64, f64)],
    /// Range of x.
    pub x: (f64, f64),
    /// Range of y.
    pub y: (f64, f64),
}

/// One panel for each snapshot: the graph, the neurons as stars, the data.
pub(super) fn network_figure(
    title: impl Into<String>,
    shots: &[Snapshot],
    pace: &Pace,
    frame: &Frame,
) -> Figure {
    let mut figure = Figure::new("network", title);
    let (from, to) = frame.x;
    for shot in shots {
        let xs = (0..=180).map(|i| from + (to - from) * f64::from(i) / 180.0);
        figure = figure.panel(
            Panel::new(format!("iteration {}", pace.iteration(shot.t)), "x", "h(x)")
                .series(Look::Line, "network", xs.map(|x| (x, predict(shot, x))))
                .series(Look::Stars, "neurons", stars(&shot.w, &shot.a))
                .series(Look::Points, "data", frame.data.iter().copied())
                .x_range(from, to)
                .y_range(frame.y.0, frame.y.1),
        );
    }
    figure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinks_merge_neighbours_and_ignore_faint_ones() {
        // Positions 1, 1.005, 2 and 3; the last turns the slope by 1e-4 only.
        let w = [1.0, -1.0, 1.0, -1.005, -1.0, 2.0, 1.0, -3.0];
        let kinks = kinks(&w, &[1.0, 1.0, -2.0, 1e-4]);
        assert_eq!(kinks.len(), 2);
        assert!((kinks[0].0 - 1.0025).abs() < 1e-12 && (kinks[0].1 - 2.0).abs() < 1e-12);
        assert_eq!(kinks[1], (2.0, -2.0));
    }
}
