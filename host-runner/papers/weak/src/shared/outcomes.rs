//! Which of two orthogonal samples two neurons lose, over a grid of problems.
use engine::Kind;
use engine::trajectory::{Plan, Problem, Snapshot, integrate};
use lab::Context;
use lab::failure::Failure;
use lab::figure::{Look, Panel};
use lab::settings::Key;

/// How long flows are followed.
pub const UNTIL: Key<f64> = Key::number("until", 200.0, "flow time at the end").within(20.0, 1e4);

/// Whether each sample is lost: no <w_j, x_i> is above 0.
pub fn lost(end: &Snapshot) -> [bool; 2] {
    [0, 1].map(|i| (0..2).all(|j| end.w[2 * j + i] <= ALIVE))
}

/// Below this a pair that died is at its kink up to rounding.
pub const ALIVE: f64 = 1e-9;

/// Nothing but the end is kept.
pub fn map_plan(context: &Context) -> Plan {
    let until = context.get(UNTIL);
    Plan { until, records: Vec::new(), ..Plan::new(until, 1) }
}

/// One flow of a map.
#[derive(Debug)]
pub struct Point {
    /// Where on the map.
    pub at: (f64, f64),
    /// Which samples.
    pub lost: [bool; 2],
    /// At the end.
    pub loss: f64,
}

/// What became of a grid of problems.
#[derive(Debug)]
pub struct Map {
    /// Of both axes, as in the trace.
    pub names: (&'static str, &'static str),
    /// Column by column.
    pub points: Vec<Point>,
}

impl Map {
    /// `problem` of each pair of values.
    pub fn of(
        context: &Context,
        names: (&'static str, &'static str),
        (across, up): (Vec<f64>, Vec<f64>),
        problem: impl Fn(f64, f64) -> Problem,
    ) -> Result<Self, Failure> {
        let plan = map_plan(context);
        let mut points = Vec::with_capacity(across.len() * up.len());
        for &x in &across {
            for &y in &up {
                let run = integrate(context, &problem(x, y), &plan, Kind::Orthogonal)?;
                points.push(Point { at: (x, y), lost: lost(&run.end), loss: run.last().loss });
            }
        }
        Ok(Self { names, points })
    }

    /// Points with that property.
    pub fn count(&self, what: impl Fn(&Point) -> bool) -> usize {
        self.points.iter().filter(|point| what(point)).count()
    }

    /// A dot for each, by what was lost.
    pub fn panel(&self, title: &str, x: &str, y: &str) -> Panel {
        let those = |which: &dyn Fn(&Point) -> bool| {
            let chosen = self.points.iter().filter(|point| which(point));
            chosen.map(|point| point.at).collect::<Vec<_>>()
        };
        Panel::new(title, x, y)
            .series(Look::Points, "both learned", those(&|point| point.lost == [false, false]))
            .series(Look::Points, "second lost", those(&|point| point.lost == [false, true]))
            .series(Look::Points, "first lost", those(&|point| point.lost == [true, false]))
    }
}

/// `count` values from one to the other.
pub fn grid(from: f64, to: f64, count: usize) -> Vec<f64> {
    (0..count).map(|k| from + (to - from) * k as f64 / (count - 1) as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_lost_where_no_neuron_sees_it() {
        let shot = |w: [f64; 4]| Snapshot { w: w.to_vec(), a: vec![1.0; 2], t: 0.0 };
        assert_eq!(lost(&shot([1.0, 0.0, 2.0, -1.0])), [false, true]);
        assert_eq!(lost(&shot([0.0, 1.0, 0.0, 0.5])), [true, false]);
        assert_eq!(lost(&shot([1.0, 0.0, 0.0, 0.5])), [false, false]);
    }
}
