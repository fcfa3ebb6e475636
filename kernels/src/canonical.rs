//! Arithmetic with the same bits for every width on every target.

use core::ops::{Add, Mul, Sub};

use crate::lanes::{Lanes, sealed};

/// `L` with arithmetic that gives the same bits for every width on every target: multiply, then
/// add, never fused.
///
/// Costs a second instruction for each multiply-add where the machine fuses: 1.35 times the fused
/// step at p39 n3000 d100 (`reluflow bench` prints both).
#[derive(Clone, Copy, Debug)]
pub struct Canonical<L>(L);

impl<L: Lanes> Add for Canonical<L> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Canonical(self.0 + other.0)
    }
}

impl<L: Lanes> Sub for Canonical<L> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Canonical(self.0 - other.0)
    }
}

impl<L: Lanes> Mul for Canonical<L> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Canonical(self.0 * other.0)
    }
}

impl<L: Lanes> sealed::Sealed for Canonical<L> {}

impl<L: Lanes> Lanes for Canonical<L> {
    type Elem = L::Elem;
    type Chunk = L::Chunk;
    type Bank<T: Copy> = L::Bank<T>;
    const WIDTH: usize = L::WIDTH;
    const VIRTUAL: usize = L::VIRTUAL;
    const NAME: &'static str = L::NAME;
    const CANONICAL: bool = true;
    const ROWS: usize = L::ROWS;
    const PANEL: usize = L::PANEL;
    const EMPTY: L::Chunk = L::EMPTY;
    #[inline(always)]
    fn splat(x: L::Elem) -> Self {
        Canonical(L::splat(x))
    }
    #[inline(always)]
    fn load(chunk: &L::Chunk) -> Self {
        Canonical(L::load(chunk))
    }
    #[inline(always)]
    fn store(self, chunk: &mut L::Chunk) {
        self.0.store(chunk);
    }
    #[inline(always)]
    fn chunks(s: &[L::Elem]) -> &[L::Chunk] {
        L::chunks(s)
    }
    #[inline(always)]
    fn chunks_mut(s: &mut [L::Elem]) -> &mut [L::Chunk] {
        L::chunks_mut(s)
    }
    #[inline(always)]
    fn flat(chunks: &[L::Chunk]) -> &[L::Elem] {
        L::flat(chunks)
    }
    #[inline(always)]
    fn flat_mut(chunks: &mut [L::Chunk]) -> &mut [L::Elem] {
        L::flat_mut(chunks)
    }
    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        self * b + c
    }
    #[inline(always)]
    fn relu(self) -> Self {
        Canonical(self.0.relu())
    }
    #[inline(always)]
    fn gate(self, z: Self) -> Self {
        Canonical(self.0.gate(z.0))
    }
    #[inline(always)]
    fn open(self, active: Self) -> Self {
        Canonical(self.0.open(active.0))
    }
    #[inline(always)]
    fn bank<T: Copy>(x: T) -> L::Bank<T> {
        L::bank(x)
    }
    #[inline(always)]
    fn sum(self) -> L::Elem {
        self.0.sum()
    }
    #[inline(always)]
    fn alone(x: L::Elem, lane: usize) -> Self {
        Canonical(L::alone(x, lane))
    }
}
