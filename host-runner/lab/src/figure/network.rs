//! Pictures of networks of one variable: x -> h(x, 1), whose second input is a bias.
use super::film::Frame;
use super::model::{Corner, Look, Panel};
use crate::statistics::larger;

/// A network at one time of its training.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'a> {
    /// Hidden weights, row-major p x 2; the second column is the bias.
    pub w: &'a [f64],
    /// Output weights.
    pub a: &'a [f64],
}

impl Snapshot<'_> {
    /// The output h at (x, 1).
    pub fn at(&self, x: f64) -> f64 {
        let neurons = self.w.chunks_exact(2).zip(self.a);
        neurons.map(|(w, a)| a * larger(w[0] * x + w[1], 0.0)).sum()
    }

    /// For each neuron that bends h: (where, -w_2 / w_1; by how much, its change of slope a |w_1|).
    pub fn bends(&self) -> impl Iterator<Item = (f64, f64)> {
        let neurons = self.w.chunks_exact(2).zip(self.a);
        neurons.map(|(w, a)| (-w[1] / w[0], a * w[0].abs())).filter(|(x, _)| x.is_finite())
    }

    /// Vertices of the graph of h over `[from, to]`: exact, or with more neurons than pixels, as
    /// good as the eye can tell.
    fn graph(&self, from: f64, to: f64) -> Vec<(f64, f64)> {
        let mut xs: Vec<f64> =
            self.bends().map(|(x, _)| x).filter(|x| (from..to).contains(x)).collect();
        if xs.len() > FINE {
            xs = (1..FINE).map(|k| from + (to - from) * k as f64 / FINE as f64).collect();
        }
        xs.extend([from, to]);
        xs.sort_by(f64::total_cmp);
        xs.dedup();
        xs.into_iter().map(|x| (x, self.at(x))).collect()
    }

    /// For each neuron that bends h: (where; the sign of a times |w|, which is a itself where the start is balanced).
    fn neurons(&self) -> impl Iterator<Item = (f64, f64)> {
        let neurons = self.w.chunks_exact(2).zip(self.a);
        let sized = |(w, a): (&[f64], &f64)| (-w[1] / w[0], a.signum() * w[0].hypot(w[1]));
        neurons.map(sized).filter(|(x, _)| x.is_finite())
    }

    /// The neurons to draw as stars, the largest of those in range.
    fn stars(&self, from: f64, to: f64) -> Vec<(f64, f64)> {
        let mut stars: Vec<_> = self.neurons().filter(|(x, _)| (from..=to).contains(x)).collect();
        if stars.len() > STARS {
            stars.sort_by(|x, y| y.1.abs().total_cmp(&x.1.abs()));
            stars.truncate(STARS);
        }
        stars
    }
}

/// More points of a curve than this nobody can see.
const FINE: usize = 800;
/// More stars than this hide each other, and make a film of a large network too large a file.
const STARS: usize = 400;

/// What the frames of a film have in common.
#[derive(Debug, Clone, Copy)]
pub struct Stage<'a> {
    /// The samples as (x, y).
    pub data: &'a [(f64, f64)],
    /// Ends of the x axis.
    pub x: (f64, f64),
    /// Ends of the y axis.
    pub y: (f64, f64),
    /// A corner that h leaves free: for the legend of a film, where a strip has it outside.
    pub legend: Corner,
}

/// One frame for each (caption, network): the graph of h, a star for each neuron at (position, sign of a times |w|), and the
/// data. At most 400 stars, those of the largest neurons.
pub fn frames<'a>(
    shots: impl IntoIterator<Item = (String, Snapshot<'a>)>,
    stage: Stage,
) -> Vec<Frame> {
    let ((left, right), (bottom, top)) = (stage.x, stage.y);
    shots
        .into_iter()
        .map(|(caption, net)| {
            let panel = Panel::new("", "x", "h(x)")
                .series(Look::Line, "network", net.graph(left, right))
                .series(Look::Stars, "neurons", net.stars(left, right))
                .series(Look::Points, "data", stage.data.iter().copied())
                .x_range(left, right)
                .y_range(bottom, top)
                .legend(stage.legend);
            Frame::new(caption).panel(panel)
        })
        .collect()
}
