//! Sums over plain slices, in the canonical order of [`crate::lanes`].

use crate::lanes::Lanes;
use crate::rows::{fill, slice, slice_mut, up_to};

/// sum_k x_k y_k over the shorter of the two.
///
/// Error: at most (len + 1) eps sum |x_k y_k|. Cost: one multiply-add an element.
#[inline(always)]
pub fn dot<L: Lanes>(x: &[L::Elem], y: &[L::Elem]) -> L::Elem {
    let len = x.len().min(y.len());
    let (x, y) = (slice(x, ..len), slice(y, ..len));
    let (cx, cy) = (L::chunks(x), L::chunks(y));
    let mut bank = L::bank(L::zero());
    let set = L::VIRTUAL / L::WIDTH;
    for (x, y) in pairs(cx, cy, set) {
        for (sum, (x, y)) in bank.as_mut().iter_mut().zip(x.iter().zip(y)) {
            *sum = L::load(x).mul_add(L::load(y), *sum);
        }
    }
    // The tail goes on in the virtual lanes that follow the last whole chunk.
    let whole = cx.len() * L::WIDTH;
    if whole < len
        && let Some(sum) = bank.as_mut().get_mut(cx.len() % set)
    {
        let (mut tx, mut ty) = (L::EMPTY, L::EMPTY);
        fill(tx.as_mut(), slice(x, whole..));
        fill(ty.as_mut(), slice(y, whole..));
        *sum = L::load(&tx).mul_add(L::load(&ty), *sum);
    }
    L::fold(bank)
}

/// |x|^2.
#[inline(always)]
pub fn norm_sq<L: Lanes>(x: &[L::Elem]) -> L::Elem {
    dot::<L>(x, x)
}

/// y += c x.
#[inline(always)]
pub fn axpy<L: Lanes>(c: L::Elem, x: &[L::Elem], y: &mut [L::Elem]) {
    let whole = (x.len().min(y.len()) / L::WIDTH) * L::WIDTH;
    let lanes = L::splat(c);
    for (x, y) in L::chunks(x).iter().zip(L::chunks_mut(y)) {
        lanes.mul_add(L::load(x), L::load(y)).store(y);
    }
    let tails = (slice(x, whole..), slice_mut(y, whole..));
    for (x, y) in tails.0.iter().zip(tails.1) {
        *y = c * *x + *y;
    }
}

/// Sum of the terms in the canonical order, as [`dot`] with ones.
#[inline(always)]
pub(crate) fn sum<L: Lanes>(mut terms: impl Iterator<Item = L::Elem>) -> L::Elem {
    let mut bank = L::bank(L::zero());
    loop {
        for sum in bank.as_mut() {
            let mut chunk = L::EMPTY;
            let mut ended = false;
            for slot in chunk.as_mut() {
                match terms.next() {
                    Some(term) if !ended => *slot = term,
                    _ => ended = true,
                }
            }
            *sum = *sum + L::load(&chunk);
            if ended {
                return L::fold(bank);
            }
        }
    }
}

/// `x` and `y` in step, `set` elements of each at a time; the last part may be shorter.
///
/// Written out for the reason that [`lines`](crate::rows::lines) is.
#[inline(always)]
pub(crate) fn pairs<'a, X, Y>(
    mut x: &'a [X],
    mut y: &'a [Y],
    set: usize,
) -> impl Iterator<Item = (&'a [X], &'a [Y])> {
    core::iter::from_fn(move || {
        let (first_x, rest_x) = up_to(x, set);
        let (first_y, rest_y) = up_to(y, set);
        (x, y) = (rest_x, rest_y);
        (!first_x.is_empty() && !first_y.is_empty()).then_some((first_x, first_y))
    })
}

/// The part of a caller's memory that starts at a register boundary, `len` elements of it.
///
/// A register that straddles two cache lines is two loads.
pub(crate) fn aligned<L: Lanes>(memory: &mut [L::Elem], len: usize) -> Option<&mut [L::Elem]> {
    let skip = memory.as_ptr().align_offset(L::WIDTH * size_of::<L::Elem>());
    memory.get_mut(skip..)?.get_mut(..len)
}

/// Elements to add to a length so that [`aligned`] always finds its place.
pub(crate) const fn slack<L: Lanes>() -> usize {
    L::WIDTH - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use wide::f32x8;

    #[test]
    fn dot_by_hand() {
        let x = [1.0f32, 2.0, 3.0];
        assert_eq!(dot::<f32x8>(&x, &[4.0, 5.0, 6.0]), 32.0);
        assert_eq!(norm_sq::<f32>(&x), 14.0);
        let mut y = [1.0f32; 3];
        axpy::<f32x8>(2.0, &x, &mut y);
        assert_eq!(y, [3.0, 5.0, 7.0]);
    }
}
