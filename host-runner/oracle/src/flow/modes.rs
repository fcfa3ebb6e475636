//! On which side of its kink every pair is, and how that changes.

use super::outcome::EventKind;
use super::sliding::{Kinks, Place, linear_solve};
use super::state::{Problem, State};

/// The state of one pair (neuron, sample).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// z < 0, or z = 0 and moving away from the active side.
    Inactive,
    /// z > 0, or z = 0 and moving to that side.
    Active,
    /// z = 0 for a while: the kink attracts from both sides.
    Sliding,
}

/// The modes of all pairs.
#[derive(Clone, Debug)]
pub struct Modes {
    n: usize,
    mode: Vec<Mode>,
    /// Per neuron the samples it slides on, ascending, and b_S as a linear map of g
    /// (|S| x n): b_S = -G_SS^{-1} G_SA g_A.
    slides: Vec<(Vec<usize>, Vec<f64>)>,
    /// Pairs whose alpha is 0 or 1 at this very time, and whose z = z' = 0, whatever rounding says.
    pub tangent: Vec<(usize, usize)>,
}

impl Modes {
    /// Active where z > 0.
    pub fn new(n: usize, z: &[f64]) -> Self {
        let mode = z.iter().map(|&z| if z > 0.0 { Mode::Active } else { Mode::Inactive }).collect();
        Modes { n, mode, slides: vec![Default::default(); z.len() / n.max(1)], tangent: vec![] }
    }

    /// Mode of neuron j at sample i.
    pub fn of(&self, j: usize, i: usize) -> Mode {
        self.mode[j * self.n + i]
    }

    /// Pairs (j, i) that slide.
    pub fn slides(&self) -> Vec<(usize, usize)> {
        let samples = self.slides.iter().map(|(samples, _)| samples).enumerate();
        samples.flat_map(|(j, samples)| samples.iter().map(move |&i| (j, i))).collect()
    }

    /// Writes b_ji for the samples that neuron j slides on.
    pub fn sliding_pulls(&self, j: usize, g: &[f64], pull: &mut [f64]) {
        let (samples, map) = &self.slides[j];
        for (row, &i) in samples.iter().enumerate() {
            let mut sum = 0.0;
            for l in 0..self.n {
                sum += map[row * self.n + l] * g[l];
            }
            pull[i] = sum;
        }
    }

    /// New modes of neuron j after its pairs `hits` met z = 0; `sign` is the sign of a_j, g = r/n.
    ///
    /// A hit pair with a_j g_i >= 0 crosses: its velocity has one sign on both sides. The others,
    /// with those that slide already, solve the box problem of `sliding`. Returns the changes, or
    /// a sample whose input depends linearly on those at whose kinks the neuron stands.
    pub fn settle(
        &mut self,
        problem: &Problem,
        (j, sign): (usize, f64),
        g: &[f64],
        hits: &[usize],
    ) -> Result<Vec<(usize, EventKind)>, usize> {
        let slides = self.slides[j].0.iter().copied();
        self.independent(problem, slides.chain(hits.iter().copied()).collect())?;
        let before = self.modes_of(j).to_vec();
        let mut kinks = self.slides[j].0.clone();
        for &i in hits {
            if sign * g[i] < 0.0 {
                kinks.push(i);
            } else {
                let crossed = if before[i] == Mode::Active { Mode::Inactive } else { Mode::Active };
                self.mode[j * self.n + i] = crossed;
            }
        }
        kinks.sort_unstable();
        self.place(problem, j, g, kinks);
        Ok(self.changes(j, &before))
    }

    /// New modes of neuron j after its pairs `leaves` (sample, side) came to alpha = 0 or 1.
    ///
    /// One pair goes to its side. Several at once are no accident: with a single active sample
    /// every b_S is a multiple of g of that sample, and all meet 0 when its residual does. Some may
    /// have to stay, by the box problem of a moment later, for which g is `later`.
    pub fn leave(
        &mut self,
        problem: &Problem,
        j: usize,
        later: &[f64],
        leaves: &[(usize, Mode)],
    ) -> Vec<(usize, EventKind)> {
        let before = self.modes_of(j).to_vec();
        if let &[(i, to)] = leaves {
            self.mode[j * self.n + i] = to;
            self.prepare(problem, j);
        } else {
            self.place(problem, j, later, self.slides[j].0.clone());
        }
        self.tangent.extend(leaves.iter().map(|&(i, _)| (j, i)));
        self.changes(j, &before)
    }

    fn modes_of(&self, j: usize) -> &[Mode] {
        &self.mode[j * self.n..(j + 1) * self.n]
    }

    fn changes(&self, j: usize, before: &[Mode]) -> Vec<(usize, EventKind)> {
        let pairs = before.iter().zip(self.modes_of(j)).enumerate();
        pairs.filter_map(|(i, (&from, &to))| Some((i, change(from, to)?))).collect()
    }

    /// Whether the inputs `at` are independent of each other and of every other input: a sample
    /// that depends on them has its kink where theirs meet.
    fn independent(&self, problem: &Problem, at: Vec<usize>) -> Result<(), usize> {
        let n = self.n;
        let g = |i: usize, l: usize| problem.gram[i * n + l];
        let mut matrix: Vec<f64> =
            at.iter().flat_map(|&i| at.iter().map(move |&l| g(i, l))).collect();
        let mut map: Vec<f64> = at.iter().flat_map(|&i| (0..n).map(move |l| g(i, l))).collect();
        linear_solve(&mut matrix, &mut map, at.len()).ok_or(at[at.len() - 1])?;
        let distance_sq = |l: usize| {
            g(l, l) - (0..at.len()).map(|row| g(at[row], l) * map[row * n + l]).sum::<f64>()
        };
        let dependent =
            |l: &usize| !at.contains(l) && g(*l, *l) > 0.0 && distance_sq(*l) <= 1e-12 * g(*l, *l);
        (0..n).find(dependent).map_or(Ok(()), Err)
    }

    /// Modes at time 0 of neuron j with pre-activations z (n), whose pairs at z = 0 exactly start
    /// inactive: those whose kink attracts settle; of the others one whose inactive side points to
    /// the active one starts active, and one that could go either way stays inactive, as
    /// relu'(0) = 0 has it. Dependent inputs at z = 0 are not looked for: they stay where they are.
    pub fn start(&mut self, problem: &Problem, j: usize, sign: f64, g: &[f64], z: &[f64]) {
        let n = self.n;
        let at_kink: Vec<usize> =
            (0..n).filter(|&i| z[i] == 0.0 && problem.gram[i * n + i] > 0.0).collect();
        let (attract, repel): (Vec<usize>, Vec<usize>) =
            at_kink.into_iter().partition(|&i| sign * g[i] < 0.0);
        self.place(problem, j, g, attract);
        let mut pull = pulls(self.modes_of(j), g);
        self.sliding_pulls(j, g, &mut pull);
        for i in repel {
            let u: f64 = (0..n).map(|l| problem.gram[i * n + l] * pull[l]).sum();
            if sign * u > 0.0 {
                self.mode[j * n + i] = Mode::Active;
            }
        }
        self.place(problem, j, g, self.slides[j].0.clone());
    }

    /// Modes of the pairs `kinks` of neuron j, all at z = 0 and attracting, by the box problem.
    fn place(&mut self, problem: &Problem, j: usize, g: &[f64], kinks: Vec<usize>) {
        let n = self.n;
        let mode = &mut self.mode[j * n..(j + 1) * n];
        kinks.iter().for_each(|&i| mode[i] = Mode::Inactive);
        let pull = pulls(mode, g);
        let (mut gram, mut q) = (vec![], vec![]);
        for &i in &kinks {
            gram.extend(kinks.iter().map(|&l| problem.gram[i * n + l]));
            q.push((0..n).map(|l| problem.gram[i * n + l] * pull[l]).sum());
        }
        let bounds: Vec<f64> = kinks.iter().map(|&i| g[i]).collect();
        let (_, places) = Kinks { gram: &gram, q: &q, g: &bounds }.solve();
        for (&i, place) in kinks.iter().zip(places) {
            mode[i] = match place {
                Place::Zero => Mode::Inactive,
                Place::Between => Mode::Sliding,
                Place::Full => Mode::Active,
            };
        }
        self.prepare(problem, j);
    }

    /// Neuron j stops sliding: where a_j changes sign every kink it slides on turns repelling.
    pub fn release(&mut self, j: usize) -> Vec<(usize, EventKind)> {
        let (samples, _) = std::mem::take(&mut self.slides[j]);
        for &i in &samples {
            self.mode[j * self.n + i] = Mode::Inactive;
        }
        samples.into_iter().map(|i| (i, EventKind::LeaveInactive)).collect()
    }

    /// Factors G_SS of neuron j.
    fn prepare(&mut self, problem: &Problem, j: usize) {
        let (n, mode) = (self.n, self.modes_of(j));
        let samples: Vec<usize> = (0..n).filter(|&i| mode[i] == Mode::Sliding).collect();
        let (mut matrix, mut map) = (vec![], vec![]);
        for &i in &samples {
            matrix.extend(samples.iter().map(|&l| problem.gram[i * n + l]));
            let active = |l: usize| if mode[l] == Mode::Active { 1.0 } else { 0.0 };
            map.extend((0..n).map(|l| -active(l) * problem.gram[i * n + l]));
        }
        linear_solve(&mut matrix, &mut map, samples.len())
            .expect("the box problem leaves independent inputs in between");
        self.slides[j] = (samples, map);
    }

    /// After a step to `state`: z is 0 where sliding.
    pub fn pin(&self, state: &mut State) {
        for (z, mode) in state.z.iter_mut().zip(&self.mode) {
            if *mode == Mode::Sliding {
                *z = 0.0;
            }
        }
    }
}

/// g_i where active, else 0.
fn pulls(mode: &[Mode], g: &[f64]) -> Vec<f64> {
    (0..g.len()).map(|i| if mode[i] == Mode::Active { g[i] } else { 0.0 }).collect()
}

fn change(from: Mode, to: Mode) -> Option<EventKind> {
    match (from, to) {
        (Mode::Active, Mode::Inactive) => Some(EventKind::Deactivate),
        (Mode::Inactive, Mode::Active) => Some(EventKind::Activate),
        (Mode::Sliding, Mode::Inactive) => Some(EventKind::LeaveInactive),
        (Mode::Sliding, Mode::Active) => Some(EventKind::LeaveActive),
        (Mode::Active | Mode::Inactive, Mode::Sliding) => Some(EventKind::Slide),
        _ => None,
    }
}
