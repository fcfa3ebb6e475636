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
use crate::real::Real;
use crate::rows::{fill, item, slice, split_mut};

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
    slice(factor, triangle(k)..triangle(k + 1))
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
            let (head, tail) = split_mut(row, m);
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
    let push = sign * item(g, sample);
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

/// Most sweeps of coordinate descent. On two pairs of correlation c a sweep leaves c^2 of the error,
/// so that these reach the last digit of f64 up to c = 0.83; elimination comes after them.
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
mod tests;
