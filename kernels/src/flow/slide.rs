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
use crate::rows::{RowsMut, fill, impossible, item, put, slice, slice_mut, split_mut};

/// For the pull on each neuron.
#[derive(Debug)]
pub struct PullMemory<'m, T> {
    /// As in [`Scratch`].
    pub pull: &'m mut [T],
    pub slip: &'m mut [T],
    pub side: &'m mut [T],
    /// A row for each neuron, as in [`Scratch`].
    pub factors: RowsMut<'m, T>,
    pub keys: RowsMut<'m, Mode>,
}

impl<T> PullMemory<'_, T> {
    /// That of neuron j.
    pub fn neuron(&mut self, j: usize) -> Scratch<'_, T> {
        let (factor, key) = (self.factors.row_mut(j), self.keys.row_mut(j));
        Scratch { pull: self.pull, slip: self.slip, side: self.side, factor, key }
    }
}

/// Working memory of one neuron's pull.
#[derive(Debug)]
pub struct Scratch<'m, T> {
    /// D, r numbers.
    pub pull: &'m mut [T],
    /// b_i of sliding pairs, n numbers; those of other pairs mean nothing.
    pub slip: &'m mut [T],
    /// The right-hand side of the elimination, r numbers.
    pub side: &'m mut [T],
    /// The Cholesky factor of the neuron's sliding samples, row after row; as many rows as can be
    /// independent.
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
    scratch: &mut Scratch<'_, L::Elem>,
) {
    free(span, modes, g, scratch.pull);
    if modes.contains(&Mode::Sliding) {
        hold(span, modes, scratch);
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
    // No more samples than coordinates are independent.
    for (k, i) in having(modes, Mode::Sliding).enumerate().take(span.r()) {
        let (done, rest) = split_mut(factor, triangle(k));
        let Some((pivot, row)) = slice_mut(rest, ..k + 1).split_last_mut() else {
            return impossible();
        };
        for (m, other) in having(modes, Mode::Sliding).take(k).enumerate() {
            let above = triangle_row(done, m);
            let (head, tail) = split_mut(row, m);
            let inner = span.inner(i, other) - dot::<L>(head, above);
            put(tail, 0, inner / item(above, m));
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
    scratch: &mut Scratch<'_, L::Elem>,
) -> Option<(usize, usize)> {
    factorise(span, modes, scratch.factor);
    fill(scratch.key, modes);
    let loose = |&(k, _): &(usize, usize)| {
        k >= span.r() || triangle_row(scratch.factor, k).last() == Some(&L::Elem::INFINITY)
    };
    let (k, i) = having(modes, Mode::Sliding).enumerate().find(loose)?;
    for (m, other) in having(modes, Mode::Sliding).take(k).enumerate() {
        let [row @ .., pivot] = triangle_row(scratch.factor, m) else { return impossible() };
        let (known, value) = split_mut(scratch.side, m);
        put(value, 0, (span.inner(i, other) - dot::<L>(row, known)) / *pivot);
    }
    for m in (0..k).rev() {
        let [row @ .., pivot] = triangle_row(scratch.factor, m) else { return impossible() };
        let (rest, last) = split_mut(scratch.side, m);
        let value = item(last, 0) / *pivot;
        put(last, 0, value);
        axpy::<L>(-value, row, rest);
    }
    Some((i, k))
}

/// Adds sum_S b_i x_i to the pull so that x_i . D = 0 for all sliding i.
fn hold<L: Lanes>(span: &Span<'_, L>, modes: &[Mode], scratch: &mut Scratch<'_, L::Elem>) {
    if *scratch.key != *modes {
        factorise(span, modes, scratch.factor);
        fill(scratch.key, modes);
    }
    let mut count = 0;
    for (k, i) in having(modes, Mode::Sliding).enumerate() {
        let (known, value) = split_mut(scratch.side, k);
        let [row @ .., pivot] = triangle_row(scratch.factor, k) else { return impossible() };
        put(value, 0, (-span.dot(i, scratch.pull) - dot::<L>(row, known)) / *pivot);
        count = k + 1;
    }
    for (back, i) in having(modes, Mode::Sliding).rev().enumerate() {
        let k = count - 1 - back;
        let [row @ .., pivot] = triangle_row(scratch.factor, k) else { return impossible() };
        let (rest, last) = split_mut(scratch.side, k);
        let value = item(last, 0) / *pivot;
        put(last, 0, value);
        axpy::<L>(-value, row, rest);
        span.add(i, value, scratch.pull);
        put(scratch.slip, i, value);
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
    scratch: &mut Scratch<'_, L::Elem>,
    note: &mut impl FnMut(usize, Kind),
) {
    let was = item(modes, sample);
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
        divide(span, modes, g, sign, scratch, &mut others);
    }
    note(sample, Kind::of(was, item(modes, sample)));
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
    scratch: &mut Scratch<'_, L::Elem>,
    note: &mut impl FnMut(usize, Mode),
) {
    let zero = L::Elem::ZERO;
    descend(span, modes, g, scratch);
    for (i, (&slip, &g)) in scratch.slip.iter().zip(g).enumerate() {
        if item(modes, i) != Mode::Sliding {
            continue;
        }
        if slip == zero {
            leave(modes, i, Mode::Inactive, note);
        } else if slip == g {
            leave(modes, i, Mode::Active, note);
        }
    }
    // Where samples depend on each other b is not unique: moved along what leaves D as it is until
    // one of them is at a bound, it loses that one, until the rest is independent.
    for _ in 0..modes.len() {
        let Some((i, k)) = dependent(span, modes, scratch) else { break };
        let (last, mode) = trade(modes, g, (i, k), scratch);
        leave(modes, last, mode, note);
    }
    // Descent ends near the solution, elimination on it: what it throws out of the box was at a
    // bound.
    for _ in 0..modes.len() {
        pull(span, modes, g, scratch);
        let outside = |&i: &usize| {
            let slip = item(scratch.slip, i);
            clamp(slip, item(g, i)) != slip
        };
        let Some(i) = having(modes, Mode::Sliding).find(outside) else { break };
        // g has the sign of -a on a kink that attracts.
        let low = item(scratch.slip, i) * -sign <= zero;
        leave(modes, i, if low { Mode::Inactive } else { Mode::Active }, note);
    }
}

/// Pair i slides no more.
fn leave(modes: &mut [Mode], i: usize, mode: Mode, note: &mut impl FnMut(usize, Mode)) {
    put(modes, i, mode);
    note(i, mode);
}

/// b in the box between 0 and g.
fn clamp<T: Real>(b: T, g: T) -> T {
    // NaN falls through both tests and shows in the pull.
    let (low, high) = if g > T::ZERO { (T::ZERO, g) } else { (g, T::ZERO) };
    if b < low {
        low
    } else if b > high {
        high
    } else {
        b
    }
}

/// Coordinate descent from b = 0: b near the solution, and its pull.
fn descend<L: Lanes>(
    span: &Span<'_, L>,
    modes: &[Mode],
    g: &[L::Elem],
    scratch: &mut Scratch<'_, L::Elem>,
) {
    let zero = L::Elem::ZERO;
    free(span, modes, g, scratch.pull);
    scratch.slip.fill(zero);
    let exact = L::Elem::EPSILON + L::Elem::EPSILON;
    for _ in 0..SWEEPS {
        let (mut moved, mut size) = (zero, zero);
        for i in having(modes, Mode::Sliding) {
            let (square, force) = (span.inner(i, i), span.dot(i, scratch.pull));
            let (slip, g) = (item(scratch.slip, i), item(g, i));
            let next = if square > zero { clamp(slip - force / square, g) } else { zero };
            let change = next - slip;
            span.add(i, change, scratch.pull);
            put(scratch.slip, i, next);
            (moved, size) = (moved.max(change.abs()), size.max(g.abs()));
        }
        if moved <= exact * size {
            break;
        }
    }
}

/// Sample i depends on the k sliding ones before it, by the shares in `side`: b_i goes towards 0, and
/// each other one by its share of that, until one is at a bound. Returns which, and its mode there.
fn trade<T: Real>(
    modes: &[Mode],
    g: &[T],
    (i, k): (usize, usize),
    scratch: &mut Scratch<'_, T>,
) -> (usize, Mode) {
    let others = having(modes, Mode::Sliding).take(k).zip(scratch.side.iter());
    let whole = item(scratch.slip, i);
    let mut most = (T::ONE, i, Mode::Inactive);
    for (other, &share) in others.clone() {
        let (slip, g) = (item(scratch.slip, other), item(g, other));
        let change = share * whole;
        // Towards g or towards 0.
        let (left, mode) =
            if change * g > T::ZERO { (g - slip, Mode::Active) } else { (-slip, Mode::Inactive) };
        let part = if change == T::ZERO { T::ONE } else { (left / change).max(T::ZERO) };
        if part < most.0 {
            most = (part, other, mode);
        }
    }
    let (part, last, mode) = most;
    for (other, &share) in others {
        put(scratch.slip, other, item(scratch.slip, other) + part * share * whole);
    }
    put(scratch.slip, i, whole - part * whole);
    (last, mode)
}

#[cfg(test)]
mod tests;
