//! One data set, one start, lambda from 1e-6 to 1e-300.
use super::data::{Data, Side, Start};
use super::follow::Request;
use super::measures::{self, Fitted};
use engine::exact;
use lab::failure::Failure;
use lab::statistics::{larger, smaller};
use reluflow::{NetView, Scale};

/// -log10 lambda of each run.
pub const DECADES: [f64; 10] = [6.0, 10.0, 18.0, 30.0, 42.0, 56.0, 75.0, 100.0, 178.0, 300.0];

/// A side escapes, and is fitted, when the first and when all but this share of its loss is gone.
pub const SHARE: f64 = 0.05;
/// Two values of 1 - cos between which its decay is measured, the first of which ends alignment.
pub const ALIGNED: [f64; 2] = [1e-4, 1e-8];
/// Share of the first loss at which the last value of mu is taken.
const LAST: f64 = 1e-10;
/// How often to look while neurons align, and from start to end.
const EARLY: usize = 120;
const EVEN: usize = 200;

/// A problem with the start from which it is followed.
#[derive(Debug)]
pub struct InitialValueProblem {
    pub data: Data,
    pub start: Start,
    /// The side of the larger |D| first.
    pub sides: [Side; 2],
    pub carriers: [Vec<bool>; 2],
    outside: Vec<f64>,
    /// Inputs in the span of the samples, at which networks are compared.
    points: Vec<f64>,
}

/// What a run at one lambda says.
#[derive(Debug, Clone)]
pub struct Phases {
    /// log(1/lambda).
    pub log: f64,
    /// When the carriers of the leading side pass each of [`ALIGNED`].
    pub aligned: [f64; 2],
    /// log of the growth of the carriers' norm until the first.
    pub grown: f64,
    /// For each side: when it escapes, when it is fitted.
    pub times: [[f64; 2]; 2],
    /// Least distance to the saddle between the fits, and L there.
    pub saddle: (f64, f64),
    /// Distance to the limit of smallest norm, at the end.
    pub limit: f64,
    /// |theta|^2 less the smallest, over the smallest.
    pub excess: f64,
    /// What neurons that carry nothing explain of it.
    pub explained: f64,
    pub function_distance: f64,
    /// Share of |theta|^2 outside both sets of carriers.
    pub others: f64,
    pub directions: f64,
    /// mu when the loss is almost gone, and the least one over all residuals there.
    pub mu: (f64, f64),
    pub final_loss: f64,
    /// L of the network as the kernels write it out.
    pub written_loss: f64,
    pub evaluations: f64,
    pub events: f64,
    /// Energy defect, balance drift.
    pub defects: [f64; 2],
    /// t, L, 1 - cos of both sides.
    pub curve: Vec<[f64; 4]>,
}

impl InitialValueProblem {
    pub fn new(data: Data, start: Start, points: Vec<f64>) -> Result<Self, Failure> {
        let sides = data.sides()?;
        let carriers = [start.carriers(&data, &sides[0])?, start.carriers(&data, &sides[1])?];
        let outside = start.outside(&data);
        Ok(Self { data, start, sides, carriers, outside, points })
    }

    pub fn follow(&self, decades: f64, tolerance: f64, rate: f64) -> Result<Phases, Failure> {
        let log = decades * std::f64::consts::LN_10;
        let [lead, second] = &self.sides;
        let (first, saddle) = (self.data.first_loss(), second.loss());
        let levels = [
            saddle + (1.0 - SHARE) * lead.loss(),
            saddle + SHARE * lead.loss(),
            (1.0 - SHARE) * saddle,
            SHARE * saddle,
            LAST * first,
        ];
        let looks = looks(lead.rate, (log + 24.0) / second.rate);
        let plan = Request {
            data: &self.data,
            start: &self.start,
            log_scale: -log,
            tolerance,
            looks: &looks,
            levels: &levels,
            rate,
            orthogonal: true,
        };
        let outside: Vec<f64> =
            self.outside.iter().map(|square| (square.ln() - 2.0 * log).exp()).collect();
        let n = self.data.n();
        let fitted =
            [0, 1].map(|at| Fitted { side: &self.sides[at], carriers: &self.carriers[at] });
        let (mut curve, mut sizes) = (Vec::new(), Vec::new());
        let mut nearest = (f64::INFINITY, f64::NAN);
        let course = plan.follow(|state| {
            let gap =
                |at: usize| measures::misalignment(state, &self.sides[at], &self.carriers[at]);
            // Where rounding leaves nothing of it there is no logarithm.
            let gaps = [0, 1].map(|at| larger(gap(at), 1e-17));
            curve.push([state.t, state.loss, gaps[0], gaps[1]]);
            sizes.push(measures::log_size(state, &self.carriers[0]));
            let gap = measures::distance(state, &fitted[..1], &outside);
            if gap < nearest.0 {
                nearest = (gap, state.loss);
            }
        })?;
        let aligned = ALIGNED.map(|level| passing(&curve, level));
        let grown = between(&curve, &sizes, aligned[0]) - sizes.first().unwrap_or(&f64::NAN);

        let end = &course.end;
        let samples = self.data.samples()?;
        let least = exact::minimum_norm(samples)?;
        let time = |at: usize| course.crossings[at];
        // Without a last crossing the last state crossed is another one.
        let last = course.crossed.get(levels.len() - 1);
        let mu = last.map_or((f64::NAN, f64::NAN), |state| measures::curvature(state, &self.data));
        let net = NetView::new(&course.w, &course.a, self.data.d)?;
        let certificate = &course.certificate;
        Ok(Phases {
            log,
            aligned,
            grown,
            times: [[time(0), time(1)], [time(2), time(3)]],
            saddle: nearest,
            limit: measures::distance(end, &fitted, &outside),
            excess: measures::norm_sq(end) / least - 1.0,
            explained: measures::explained(
                end,
                &self.sides,
                [&self.carriers[0], &self.carriers[1]],
            ) / least,
            function_distance: measures::function_distance(end, &self.sides, &self.points, n),
            others: measures::others(end, [&self.carriers[0], &self.carriers[1]]),
            directions: measures::directions(end, 1e-6) as f64,
            mu,
            final_loss: end.loss,
            written_loss: net.loss(samples, Scale::One)?,
            evaluations: certificate.evaluations as f64,
            events: certificate.events as f64,
            defects: [certificate.energy_defect, certificate.balance_drift],
            curve,
        })
    }
}

/// Clock times to look at: densely while neurons align, then evenly to the end.
fn looks(rate: f64, until: f64) -> Vec<f64> {
    let early = smaller(16.0 / rate, until);
    let mut looks: Vec<f64> = (0..=EARLY).map(|k| early * k as f64 / EARLY as f64).collect();
    looks.extend((1..=EVEN).map(|k| until * k as f64 / EVEN as f64));
    looks.sort_by(f64::total_cmp);
    looks
}

/// When 1 - cos of the leading side falls to `level`: its logarithm is interpolated.
fn passing(curve: &[[f64; 4]], level: f64) -> f64 {
    let pair = curve.windows(2).find(|pair| pair[0][2] > level && pair[1][2] <= level);
    pair.map_or(f64::NAN, |pair| {
        let [from, to] = [pair[0], pair[1]].map(|point| (point[0], point[2].ln()));
        from.0 + (to.0 - from.0) * (level.ln() - from.1) / (to.1 - from.1)
    })
}

/// The value at time t, interpolated between looks.
fn between(curve: &[[f64; 4]], values: &[f64], t: f64) -> f64 {
    let at = curve.partition_point(|point| point[0] < t);
    let (Some(from), Some(to)) = (at.checked_sub(1).and_then(|at| curve.get(at)), curve.get(at))
    else {
        return f64::NAN;
    };
    let share = (t - from[0]) / (to[0] - from[0]);
    values[at - 1] + share * (values[at] - values[at - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_interpolated_in_the_logarithm() {
        let curve: Vec<[f64; 4]> =
            (0..20).map(|k| f64::from(k) * 0.7).map(|t| [t, 0.0, (-t).exp(), 1.0]).collect();
        assert!((passing(&curve, (-3.3f64).exp()) - 3.3).abs() < 1e-12);
        assert!(passing(&curve, 1e-30).is_nan());
        let values: Vec<f64> = curve.iter().map(|point| 2.0 * point[0]).collect();
        assert!((between(&curve, &values, 5.1) - 10.2).abs() < 1e-12);
        assert!(between(&curve, &values, 99.0).is_nan());
    }

    #[test]
    fn looks_ascend_and_end_at_the_end() {
        for until in [1.0, 100.0] {
            let looks = looks(0.5, until);
            assert!(looks.is_sorted() && looks.last() == Some(&until) && looks[0] == 0.0);
        }
    }
}
