//! The steps of one run and the events between them.

use super::super::network::{Net, pre_activations};
use super::modes::{Mode, Modes};
use super::outcome::{Event, EventKind, Outcome, Snapshot, Stuck};
use super::roots::{bisect, first_zero};
use super::series::Series;
use super::state::{Flow, State};

/// A zero that ends a step.
#[derive(Clone, Copy)]
struct Found {
    step: f64,
    pair: (usize, usize),
    cause: Cause,
}

#[derive(Clone, Copy)]
enum Cause {
    /// z_ji = 0.
    Kink,
    /// alpha_ji = 0 or 1.
    Leave(Mode),
    /// a_j = 0.
    Sign,
}

/// One run on its way.
pub struct Run<'a> {
    flow: &'a Flow,
    t: f64,
    state: State,
    modes: Modes,
    /// Sign of a_j, and of a_j' where a_j = 0.
    signs: Vec<f64>,
    events: Vec<Event>,
}

impl<'a> Run<'a> {
    /// At time 0.
    pub fn new(flow: &'a Flow) -> Self {
        let problem = &flow.problem;
        let (p, n) = (problem.p, problem.n);
        let state = State {
            a: flow.net.a.clone(),
            z: pre_activations(&flow.net, &flow.data),
            dual: vec![0.0; p * n],
            integral: 0.0,
        };
        let modes = Modes::new(n, &state.z);
        let mut run = Run { flow, t: 0.0, state, modes, signs: vec![], events: vec![] };
        let g = run.g();
        for j in 0..p {
            let z = &run.state.z[j * n..(j + 1) * n];
            let da: f64 = (0..n).filter(|&i| z[i] > 0.0).map(|i| g[i] * z[i]).sum();
            let a = run.state.a[j];
            run.signs.push(if a == 0.0 { da.signum() } else { a.signum() });
            run.modes.start(problem, j, run.signs[j], &g, z);
        }
        run
    }

    /// r_i/n.
    fn g(&self) -> Vec<f64> {
        let n = self.flow.problem.n as f64;
        self.flow.problem.residuals(&self.state, &self.modes).iter().map(|r| r / n).collect()
    }

    fn stuck(&self, pair: (usize, usize)) -> Stuck {
        Stuck { t: self.t, pair }
    }

    /// See [`Flow::run`].
    pub fn to(mut self, end: f64, levels: &[f64], times: &[f64]) -> Result<Outcome, Stuck> {
        let problem = &self.flow.problem;
        let (mut steps, mut sliding_time) = (0, 0.0);
        let first = problem.loss(&self.state, &self.modes);
        let mut crossings: Vec<Option<f64>> =
            levels.iter().map(|&level| (first <= level).then_some(0.0)).collect();
        let mut snapshots: Vec<Option<Snapshot>> = vec![None; times.len()];
        while self.t < end {
            let series = Series::new(problem, &self.modes, &self.state);
            let rest = end - self.t;
            let whole = (0.9 * series.trusted(problem)).min(rest);
            let found = self.next_events(&series, whole)?;
            let h = found.first().map_or(whole, |first| first.step);
            let after = |h: f64| {
                let mut state = series.at(h);
                self.modes.pin(&mut state);
                state
            };
            for (snapshot, &time) in snapshots.iter_mut().zip(times) {
                if snapshot.is_none() && time <= self.t + h {
                    *snapshot = Some(self.snapshot(time, &after((time - self.t).max(0.0))));
                }
            }
            let next = after(h);
            let loss = problem.loss(&next, &self.modes);
            for (crossing, &level) in crossings.iter_mut().zip(levels) {
                if crossing.is_none() && loss <= level {
                    let above = |h: f64| problem.loss(&after(h), &self.modes) - level;
                    *crossing = Some(self.t + bisect(0.0, h, above));
                }
            }
            self.state = next;
            sliding_time += h * self.modes.slides().len() as f64;
            steps += 1;
            self.t = if h == rest { end } else { self.t + h };
            self.settle(&found)?;
            if self.events.len() > 1000 * problem.p * problem.n || !loss.is_finite() {
                return Err(self.stuck(self.events.last().map_or((0, 0), |e| (e.neuron, e.sample))));
            }
        }
        let end = self.snapshot(self.t, &self.state);
        Ok(Outcome {
            defect: (end.loss.ln() - first.ln() + end.integral).abs(),
            end,
            snapshots: snapshots.into_iter().flatten().collect(),
            events: self.events,
            crossings,
            sliding_time,
            steps,
        })
    }

    /// The earliest events within `whole`, all those at one time up to rounding.
    fn next_events(&self, series: &Series, whole: f64) -> Result<Vec<Found>, Stuck> {
        let n = self.flow.problem.n;
        let mut found: Vec<Found> = vec![];
        let (mut end, window) = (whole, 1e-13 * whole);
        // The first time at which the polynomial c, times `factor`, is no longer positive. Zeros at
        // the present, `known` at least, are divided out: they are the last event, not the next.
        let mut watch = |mut c: Vec<f64>, factor: f64, known: usize, pair, cause| {
            c.iter_mut().for_each(|c| *c *= factor);
            let zeros = c.iter().take_while(|&&c| c == 0.0).count().max(known);
            let step = match c.get(zeros..) {
                None | Some([]) => None,
                Some([c, ..]) if *c < 0.0 && zeros > 0 => return Err(self.stuck(pair)),
                Some([c, ..]) if *c <= 0.0 => Some(0.0), // rounding has put it across already
                Some(c) => first_zero(c, end),
            };
            if let Some(step) = step {
                end = end.min(step + window);
                found.push(Found { step, pair, cause });
            }
            Ok(())
        };
        for j in 0..self.flow.problem.p {
            let sign = self.signs[j];
            watch(Series::column(&series.a, j), sign, 0, (j, 0), Cause::Sign)?;
            for i in 0..n {
                let (m, pair) = (j * n + i, (j, i));
                let tangent = self.modes.tangent.contains(&pair);
                let known = if tangent { 2 } else { 0 };
                let z = || Series::column(&series.z, m);
                match self.modes.of(j, i) {
                    Mode::Active => watch(z(), 1.0, known, pair, Cause::Kink)?,
                    Mode::Inactive => watch(z(), -1.0, known, pair, Cause::Kink)?,
                    Mode::Sliding => {
                        // sign (b - g) > 0 and -sign b > 0: alpha = b/g without the division, which
                        // would change sign with g.
                        let b = Series::column(&series.pull, m);
                        let rest: Vec<f64> = (0..b.len()).map(|k| b[k] - series.g[k][i]).collect();
                        // A pair that came to a bound, and stays, is at that bound now.
                        let g0 = series.g[0][i].abs();
                        let at_bound = |c: &[f64]| usize::from(tangent && c[0].abs() < 1e-9 * g0);
                        let (zero, full) = (at_bound(&b), at_bound(&rest));
                        watch(b, -sign, zero, pair, Cause::Leave(Mode::Inactive))?;
                        watch(rest, sign, full, pair, Cause::Leave(Mode::Active))?;
                    }
                }
            }
        }
        found.retain(|event| event.step <= end);
        found.sort_by(|a, b| a.step.total_cmp(&b.step));
        Ok(found)
    }

    /// Applies the events `found` at the present.
    fn settle(&mut self, found: &[Found]) -> Result<(), Stuck> {
        let (n, t) = (self.flow.problem.n, self.t);
        self.modes.tangent.clear();
        for &Found { pair: (j, i), cause, .. } in found {
            match cause {
                Cause::Sign => self.state.a[j] = 0.0,
                Cause::Kink | Cause::Leave(_) => self.state.z[j * n + i] = 0.0,
            }
        }
        let g = self.g();
        let later = if found.len() < 2 { g.clone() } else { self.soon(&g) };
        let mut neurons: Vec<usize> = found.iter().map(|event| event.pair.0).collect();
        neurons.sort_unstable();
        neurons.dedup();
        for j in neurons {
            let (mut hits, mut leaves, mut turned) = (vec![], vec![], false);
            for &Found { pair: (_, i), cause, .. } in found.iter().filter(|e| e.pair.0 == j) {
                match cause {
                    Cause::Kink => hits.push(i),
                    Cause::Leave(to) => leaves.push((i, to)),
                    Cause::Sign => turned = true,
                }
            }
            let mut changes = vec![];
            if turned {
                self.signs[j] = -self.signs[j];
                self.events.push(Event { t, neuron: j, sample: 0, kind: EventKind::OuterSign });
                changes = self.modes.release(j);
            }
            if !hits.is_empty() {
                // Pairs that leave now solve the problem of the hits with the others.
                let settled = self.modes.settle(&self.flow.problem, (j, self.signs[j]), &g, &hits);
                changes.extend(settled.map_err(|i| self.stuck((j, i)))?);
            } else if !leaves.is_empty() && !turned {
                changes = self.modes.leave(&self.flow.problem, j, &later, &leaves);
            }
            self.events.extend(changes.into_iter().map(|(sample, kind)| Event {
                t,
                neuron: j,
                sample,
                kind,
            }));
        }
        Ok(())
    }

    /// g a moment after an event: g + e g', where g' changes a millionth of g in the time e.
    fn soon(&self, g: &[f64]) -> Vec<f64> {
        let slope = &Series::new(&self.flow.problem, &self.modes, &self.state).g[1];
        let largest = |v: &[f64]| v.iter().fold(0f64, |m, v| m.max(v.abs()));
        let moment = 1e-6 * largest(g) / largest(slope).max(f64::MIN_POSITIVE);
        g.iter().zip(slope).map(|(g, slope)| g + moment * slope).collect()
    }

    /// The flow at time t, with w_j = w_j(0) + sum_i c_ji x_i.
    fn snapshot(&self, t: f64, state: &State) -> Snapshot {
        let Flow { problem, data, net } = self.flow;
        let (n, d) = (problem.n, net.d);
        let mut net = Net { a: state.a.clone(), ..net.clone() };
        for j in 0..net.p {
            for i in 0..n {
                for k in 0..d {
                    net.w[j * d + k] += state.dual[j * n + i] * data.x[i * d + k];
                }
            }
        }
        Snapshot {
            t,
            net,
            loss: problem.loss(state, &self.modes),
            mu: Series::new(problem, &self.modes, state).mu(),
            integral: state.integral,
            slides: self.modes.slides(),
        }
    }
}
