use super::*;
use crate::init;
use crate::samples::SamplesView;

const MOST: usize = 6;

/// A box programme: samples, the first `active` of them active, the rest on their kinks.
struct Case {
    n: usize,
    r: usize,
    active: usize,
    x: [f64; MOST * MOST],
    g: [f64; MOST],
    sign: f64,
}

impl Case {
    fn random(seed: u64, (n, r): (usize, usize), active: usize) -> Self {
        let mut rng = init::stream(seed, "box", n as u64, r as u64);
        let mut x = [0.0; MOST * MOST];
        // A common part correlates them.
        let common: [f64; MOST] = core::array::from_fn(|_| init::normal(&mut rng));
        for (at, x) in x.iter_mut().enumerate() {
            *x = init::normal(&mut rng) + common[at % r] * (seed % 3) as f64 * 0.5;
        }
        let sign = if seed.is_multiple_of(2) { 1.0 } else { -1.0 };
        let mut g = [0.0; MOST];
        for (i, g) in g.iter_mut().enumerate() {
            *g = init::normal(&mut rng);
            // On a kink that attracts.
            *g = if i < active { *g } else { -sign * g.abs() };
        }
        Case { n, r, active, x, g, sign }
    }

    fn modes(&self) -> [Mode; MOST] {
        core::array::from_fn(|i| if i < self.active { Mode::Active } else { Mode::Sliding })
    }

    fn sample(&self, i: usize) -> &[f64] {
        &self.x[i * self.r..(i + 1) * self.r]
    }

    /// The kernel's modes, b and D.
    fn solve(&self) -> ([Mode; MOST], [f64; MOST], [f64; MOST], [Option<Mode>; MOST]) {
        let (n, r) = (self.n, self.r);
        let y = [0.0; MOST];
        let samples = SamplesView::new(&self.x[..n * r], &y[..n], r).unwrap();
        let mut memory = [0.0; 200];
        let span = Span::<f64>::new(samples, &mut memory).unwrap();
        let mut modes = self.modes();
        let mut told = [None; MOST];
        let (mut d, mut slip, mut side) = ([0.0; MOST], [0.0; MOST], [0.0; MOST]);
        let (mut factor, mut key) = ([0.0; triangle(MOST)], [Mode::Inactive; MOST]);
        let reach = span.r();
        let mut scratch = Scratch {
            pull: &mut d[..reach],
            slip: &mut slip[..n],
            side: &mut side[..reach],
            factor: &mut factor[..triangle(reach)],
            key: &mut key[..n],
        };
        let note = &mut |i: usize, mode| {
            assert!(told[i].is_none(), "told twice of {i}");
            told[i] = Some(mode);
        };
        divide(&span, &mut modes[..n], &self.g[..n], self.sign, &mut scratch, note);
        pull(&span, &modes[..n], &self.g[..n], &mut scratch);
        let b = core::array::from_fn(|i| match modes[i] {
            Mode::Sliding if i < n => slip[i],
            Mode::Active => self.g[i],
            _ => 0.0,
        });
        // In the coordinates of the samples: D = sum b_i x_i.
        let mut whole = [0.0; MOST];
        for i in 0..n {
            whole.iter_mut().zip(self.sample(i)).for_each(|(d, x)| *d += b[i] * x);
        }
        (modes, b, whole, told)
    }

    /// min |D|^2 over all 3^k patterns, each solved by Gaussian elimination with pivots.
    fn brute(&self) -> f64 {
        let k = self.n - self.active;
        let mut best = f64::INFINITY;
        for pattern in 0..3usize.pow(k as u32) {
            let state = |m: usize| pattern / 3usize.pow(m as u32) % 3;
            let mut d = [0.0; MOST];
            for i in 0..self.n {
                let at_g = i < self.active || state(i - self.active) == 1;
                let b = if at_g { self.g[i] } else { 0.0 };
                d.iter_mut().zip(self.sample(i)).for_each(|(d, x)| *d += b * x);
            }
            let mut free = [0; MOST];
            let mut count = 0;
            for m in (0..k).filter(|&m| state(m) == 2) {
                free[count] = self.active + m;
                count += 1;
            }
            let product =
                |x: &[f64], y: &[f64]| -> f64 { x.iter().zip(y).map(|(x, y)| x * y).sum() };
            let mut system = [[0.0; MOST + 1]; MOST];
            for m in 0..count {
                for o in 0..count {
                    system[m][o] = product(self.sample(free[m]), self.sample(free[o]));
                }
                system[m][MOST] = -product(self.sample(free[m]), &d);
            }
            if !eliminate(&mut system, count) {
                continue;
            }
            let inside = (0..count).all(|m| {
                let (b, g) = (system[m][MOST], self.g[free[m]]);
                (g.min(0.0) - 1e-12..=g.max(0.0) + 1e-12).contains(&b)
            });
            if inside {
                for m in 0..count {
                    let b = system[m][MOST];
                    d.iter_mut().zip(self.sample(free[m])).for_each(|(d, x)| *d += b * x);
                }
                best = best.min(d.iter().map(|d| d * d).sum());
            }
        }
        best
    }
}

/// Gauss and Jordan; false where singular.
fn eliminate(system: &mut [[f64; MOST + 1]; MOST], count: usize) -> bool {
    for k in 0..count {
        let size = |m: usize, system: &[[f64; MOST + 1]; MOST]| system[m][k].abs();
        let best = (k..count).max_by(|&m, &o| size(m, system).total_cmp(&size(o, system)));
        system.swap(k, best.unwrap());
        if system[k][k].abs() < 1e-9 {
            return false;
        }
        for m in (0..count).filter(|&m| m != k) {
            let factor = system[m][k] / system[k][k];
            for c in 0..=MOST {
                system[m][c] -= factor * system[k][c];
            }
        }
    }
    for k in 0..count {
        system[k][MOST] /= system[k][k];
    }
    true
}

fn check(case: &Case, at: &core::fmt::Arguments<'_>) {
    let (modes, b, d, told) = case.solve();
    let size = case.g.iter().chain(&case.x).fold(1.0, |most: f64, v| most.max(v.abs()));
    let exact = 1e-11 * size * size;
    for i in case.active..case.n {
        // z' has the sign of a x . D.
        let rate: f64 = case.sign * case.sample(i).iter().zip(d).map(|(x, d)| x * d).sum::<f64>();
        let far = match modes[i] {
            Mode::Inactive => rate,
            Mode::Active => -rate,
            Mode::Sliding => rate.abs(),
        };
        assert!(far < exact, "{at}, sample {i} {:?}: z' = {rate}", modes[i]);
        let share = b[i] / case.g[i];
        assert!((-1e-12..1.0 + 1e-12).contains(&share) || case.g[i] == 0.0, "{at}: {share}");
        assert_eq!(told[i].unwrap_or(Mode::Sliding), modes[i], "{at}");
    }
    let (found, best) = (d.iter().map(|d| d * d).sum::<f64>(), case.brute());
    assert!((found - best).abs() < exact, "{at}: |D|^2 = {found}, shortest {best}");
}

#[test]
fn the_velocity_is_the_shortest() {
    let mut slid = 0;
    for k in 1..=5 {
        for active in 0..=1 {
            for seed in 0..60 {
                let case = Case::random(seed, (k + active, 6), active);
                check(&case, &format_args!("k{k} active {active} seed {seed}"));
                slid += having(&case.solve().0[..k + active], Mode::Sliding).count();
            }
        }
    }
    assert!(slid > 200, "{slid}");
}

/// More kinks than dimensions: b is not unique, the velocity is.
#[test]
fn dependent_samples_have_one_velocity() {
    for r in 1..=3 {
        for k in r + 1..=5 {
            for seed in 0..60 {
                let case = Case::random(seed, (k + 1, r), 1);
                check(&case, &format_args!("k{k} r{r} seed {seed}"));
            }
        }
    }
}

#[test]
fn equal_opposite_and_zero_samples() {
    for seed in 0..60 {
        for factor in [1.0, -1.0, 0.5, 0.0] {
            let mut case = Case::random(seed, (5, 6), 1);
            for k in 0..6 {
                case.x[3 * 6 + k] = factor * case.x[6 + k];
            }
            check(&case, &format_args!("times {factor} seed {seed}"));
        }
    }
}
