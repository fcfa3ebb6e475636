//! The pull of the residual on one neuron, on and off its kinks.
//!
//! w_j' = a_j D_j with D_j = sum_i alpha_ji g_i x_i, g = r/n: alpha is 1 where z_ji > 0, 0 where
//! z_ji < 0, and on a kink that attracts from both sides it is the number in [0, 1] that keeps
//! z_ji = 0 (Filippov). With b_i = alpha_i g_i the kinks of one neuron together minimise |D|^2 over
//! the box between 0 and g_i, a strictly convex programme where the sliding samples are independent:
//! the velocity of the flow is its shortest subgradient. Its conditions are those of Filippov:
//! b_i = 0 with z_i' <= 0 (goes inactive), b_i = g_i with z_i' >= 0 (goes active), else z_i' = 0.

use super::event::{Kind, Mode};
use super::span::Span;
use crate::lanes::Lanes;
use crate::linalg::{axpy, dot, norm_sq};
use crate::pack::fill;
use crate::real::Real;

/// Working memory of one neuron's pull.
#[derive(Debug)]
pub struct Bench<'m, T> {
    /// D, r numbers.
    pub pull: &'m mut [T],
    /// b_i of sliding pairs, n numbers; those of other pairs mean nothing.
    pub slip: &'m mut [T],
    /// The right-hand side of the elimination, r numbers.
    pub side: &'m mut [T],
    /// The Cholesky factor of the neuron's sliding samples, row after row.
    pub factor: &'m mut [T],
    /// The modes that the factor belongs to. To compare them costs less than to know where they may
    /// have changed.
    pub key: &'m mut [Mode],
}

/// Numbers in the factor of `most` sliding samples.
pub const fn triangle(most: usize) -> usize {
    most * (most + 1) / 2
}

/// Samples of one neuron in `mode`.
fn having(modes: &[Mode], mode: Mode) -> impl DoubleEndedIterator<Item = usize> + Clone {
    modes.iter().enumerate().filter(move |&(_, &m)| m == mode).map(|(i, _)| i)
}

/// pull = sum over the active of g_i x_i.
fn free<L: Lanes>(span: &Span<'_, L>, modes: &[Mode], g: &[L::Elem], pull: &mut [L::Elem]) {
    pull.fill(L::Elem::ZERO);
    for (i, (&mode, &g)) in modes.iter().zip(g).enumerate() {
        if mode == Mode::Active {
            span.add(i, g, pull);
        }
    }
}

/// D and the b_i of the sliding pairs, which together keep their z_i at rest: -G_SS^-1 x_S . D_A.
#[inline(always)]
pub fn pull<L: Lanes>(
    span: &Span<'_, L>,
    modes: &[Mode],
    g: &[L::Elem],
    bench: &mut Bench<'_, L::Elem>,
) {
    free(span, modes, g, bench.pull);
    if modes.contains(&Mode::Sliding) {
        hold(span, modes, bench);
    }
}

/// Rows 0, 1, ... of a packed triangle.
fn triangle_row<T>(factor: &[T], k: usize) -> &[T] {
    factor.get(triangle(k)..triangle(k + 1)).unwrap_or(&[])
}

/// G_SS = C C^T over the sliding samples. A sample that depends on those before it gets the pivot
/// infinity: dividing by that takes it out.
fn factorise<L: Lanes>(span: &Span<'_, L>, modes: &[Mode], factor: &mut [L::Elem]) {
    let tiny = L::Elem::EPSILON * L::Elem::from_usize(16 * span.r());
    for (k, i) in having(modes, Mode::Sliding).enumerate() {
        let Some((done, rest)) = factor.split_at_mut_checked(triangle(k)) else { return };
        let Some((pivot, row)) = rest.get_mut(..k + 1).and_then(|row| row.split_last_mut()) else {
            return;
        };
        for (m, other) in having(modes, Mode::Sliding).take(k).enumerate() {
            let above = triangle_row(done, m);
            let (head, tail) = row.split_at_mut_checked(m).unwrap_or((&mut [], &mut []));
            let inner = span.inner(i, other) - dot::<L>(head, above);
            if let (Some(c), Some(&pivot)) = (tail.first_mut(), above.last()) {
                *c = inner / pivot;
            }
        }
        let size = span.inner(i, i);
        let left = size - norm_sq::<L>(row);
        *pivot = if left > tiny * size { left.sqrt() } else { L::Elem::INFINITY };
    }
}

/// The first sliding sample i that depends on the `k` before it, which are left independent: in
/// `side` the shares c with x_i = sum_m c_m x_m. None where all are independent.
fn dependent<L: Lanes>(
    span: &Span<'_, L>,
    modes: &[Mode],
    bench: &mut Bench<'_, L::Elem>,
) -> Option<(usize, usize)> {
    factorise(span, modes, bench.factor);
    fill(bench.key, modes);
    let loose = |&(k, _): &(usize, usize)| {
        k >= span.r() || triangle_row(bench.factor, k).last() == Some(&L::Elem::INFINITY)
    };
    let (k, i) = having(modes, Mode::Sliding).enumerate().find(loose)?;
    for (m, other) in having(modes, Mode::Sliding).take(k).enumerate() {
        let [row @ .., pivot] = triangle_row(bench.factor, m) else { return None };
        let (known, value) = bench.side.split_at_mut_checked(m)?;
        *value.first_mut()? = (span.inner(i, other) - dot::<L>(row, known)) / *pivot;
    }
    for m in (0..k).rev() {
        let [row @ .., pivot] = triangle_row(bench.factor, m) else { return None };
        let (rest, value) = bench.side.split_at_mut_checked(m)?;
        let value = value.first_mut()?;
        *value = *value / *pivot;
        axpy::<L>(-*value, row, rest);
    }
    Some((i, k))
}

/// Adds sum_S b_i x_i to the pull so that x_i . D = 0 for all sliding i.
fn hold<L: Lanes>(span: &Span<'_, L>, modes: &[Mode], bench: &mut Bench<'_, L::Elem>) {
    if *bench.key != *modes {
        factorise(span, modes, bench.factor);
        fill(bench.key, modes);
    }
    let mut count = 0;
    for (k, i) in having(modes, Mode::Sliding).enumerate() {
        let Some((known, value)) = bench.side.split_at_mut_checked(k) else { return };
        let [row @ .., pivot] = triangle_row(bench.factor, k) else { return };
        if let Some(value) = value.first_mut() {
            *value = (-span.dot(i, bench.pull) - dot::<L>(row, known)) / *pivot;
        }
        count = k + 1;
    }
    for (back, i) in having(modes, Mode::Sliding).rev().enumerate() {
        let k = count - 1 - back;
        let [row @ .., pivot] = triangle_row(bench.factor, k) else { return };
        let Some((rest, value)) = bench.side.split_at_mut_checked(k) else { return };
        let Some(value) = value.first_mut() else { return };
        *value = *value / *pivot;
        axpy::<L>(-*value, row, rest);
        span.add(i, *value, bench.pull);
        if let Some(slip) = bench.slip.get_mut(i) {
            *slip = *value;
        }
    }
}

/// A pair reached its kink, or a sliding one the end of its range: finds the mode of all pairs of
/// this neuron that are on kinks and tells `note` what became of it, and of those that let go with
/// it. `sign` is that of a_j.
pub fn settle<L: Lanes>(
    span: &Span<'_, L>,
    modes: &mut [Mode],
    g: &[L::Elem],
    sign: L::Elem,
    (sample, high): (usize, bool),
    bench: &mut Bench<'_, L::Elem>,
    note: &mut impl FnMut(usize, Kind),
) {
    let Some(&was) = modes.get(sample) else { return };
    let push = sign * g.get(sample).copied().unwrap_or(L::Elem::ZERO);
    let now = match was {
        Mode::Sliding if high => Mode::Active,
        Mode::Sliding => Mode::Inactive,
        // The kink repels: an arrival crosses it.
        Mode::Active if push > L::Elem::ZERO => Mode::Inactive,
        Mode::Inactive if push > L::Elem::ZERO => Mode::Active,
        _ => Mode::Sliding,
    };
    put(modes, sample, now);
    if modes.contains(&Mode::Sliding) {
        let mut others = |i: usize, mode| {
            if i != sample {
                note(i, Kind::of(Mode::Sliding, mode));
            }
        };
        divide(span, modes, g, sign, bench, &mut others);
    }
    note(sample, Kind::of(was, modes.get(sample).copied().unwrap_or(now)));
}

fn put(modes: &mut [Mode], i: usize, mode: Mode) {
    if let Some(slot) = modes.get_mut(i) {
        *slot = mode;
    }
}

/// Sweeps of coordinate descent: it halves the error in each sweep even at correlations of 0.7.
const SWEEPS: usize = 100;

/// Solves the box programme over the pairs marked sliding and sorts them into the three modes;
/// `note` is told those that slide no more.
fn divide<L: Lanes>(
    span: &Span<'_, L>,
    modes: &mut [Mode],
    g: &[L::Elem],
    sign: L::Elem,
    bench: &mut Bench<'_, L::Elem>,
    note: &mut impl FnMut(usize, Mode),
) {
    let zero = L::Elem::ZERO;
    let mut leave = |modes: &mut [Mode], i: usize, mode| {
        put(modes, i, mode);
        note(i, mode);
    };
    let clamp = |b: L::Elem, g: L::Elem| {
        // NaN falls through both tests and shows in the pull.
        let (low, high) = if g > zero { (zero, g) } else { (g, zero) };
        if b < low {
            low
        } else if b > high {
            high
        } else {
            b
        }
    };
    free(span, modes, g, bench.pull);
    bench.slip.fill(zero);
    let exact = L::Elem::EPSILON + L::Elem::EPSILON;
    for _ in 0..SWEEPS {
        let (mut moved, mut size) = (zero, zero);
        for i in having(modes, Mode::Sliding) {
            let (square, force) = (span.inner(i, i), span.dot(i, bench.pull));
            let (Some(slip), Some(&g)) = (bench.slip.get_mut(i), g.get(i)) else { continue };
            let next = if square > zero { clamp(*slip - force / square, g) } else { zero };
            let change = next - *slip;
            span.add(i, change, bench.pull);
            *slip = next;
            (moved, size) = (moved.max(change.abs()), size.max(g.abs()));
        }
        if moved <= exact * size {
            break;
        }
    }
    for (i, (&slip, &g)) in bench.slip.iter().zip(g).enumerate() {
        if modes.get(i) != Some(&Mode::Sliding) {
            continue;
        }
        if slip == zero {
            leave(modes, i, Mode::Inactive);
        } else if slip == g {
            leave(modes, i, Mode::Active);
        }
    }
    // Where samples depend on each other b is not unique: moved along what leaves D as it is until
    // one of them is at a bound, it loses that one, until the rest is independent.
    for _ in 0..modes.len() {
        let Some((i, k)) = dependent(span, modes, bench) else { break };
        let others = having(modes, Mode::Sliding).take(k).zip(bench.side.iter());
        // b_i goes to 0, and each other one by its share of that: how far do they get?
        let whole = bench.slip.get(i).copied().unwrap_or(zero);
        let mut most = (L::Elem::ONE, i, Mode::Inactive);
        for (other, &share) in others.clone() {
            let (Some(&slip), Some(&g)) = (bench.slip.get(other), g.get(other)) else { continue };
            let change = share * whole;
            // Towards g or towards 0.
            let (room, end) =
                if change * g > zero { (g - slip, Mode::Active) } else { (-slip, Mode::Inactive) };
            let part = if change == zero { L::Elem::ONE } else { (room / change).max(zero) };
            if part < most.0 {
                most = (part, other, end);
            }
        }
        let (part, last, end) = most;
        for (other, &share) in others {
            if let Some(slip) = bench.slip.get_mut(other) {
                *slip += part * share * whole;
            }
        }
        if let Some(slip) = bench.slip.get_mut(i) {
            *slip = whole - part * whole;
        }
        leave(modes, last, end);
    }
    // Descent ends near the solution, elimination on it: what it throws out of the box was at a
    // bound.
    for _ in 0..modes.len() {
        pull(span, modes, g, bench);
        let outside = |&i: &usize| {
            let (Some(&slip), Some(&g)) = (bench.slip.get(i), g.get(i)) else { return false };
            clamp(slip, g) != slip
        };
        let Some(i) = having(modes, Mode::Sliding).find(outside) else { break };
        // g has the sign of -a on a kink that attracts.
        let low = bench.slip.get(i).is_some_and(|&slip| slip * -sign <= zero);
        leave(modes, i, if low { Mode::Inactive } else { Mode::Active });
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
mod tests {
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
            let mut bench = Bench {
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
            divide(&span, &mut modes[..n], &self.g[..n], self.sign, &mut bench, note);
            pull(&span, &modes[..n], &self.g[..n], &mut bench);
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
            let rate: f64 =
                case.sign * case.sample(i).iter().zip(d).map(|(x, d)| x * d).sum::<f64>();
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
}
