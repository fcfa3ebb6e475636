//! SIMD registers: all that a kernel may assume about them.
//!
//! Every algorithm of the crate is one body generic over [`Lanes`]. The implementations are the
//! vectors of the `wide` crate and, with width 1, plain `f32` and `f64`: the same body is the
//! firmware build.
//!
//! # Order of summation
//! Sums over a long index run in an order that does not depend on the width: element i goes to
//! *virtual lane* i mod [`Lanes::VIRTUAL`] (16 for f32, 8 for f64), each virtual lane is summed in
//! ascending order, and the lanes are added as a halving tree. A register holds `WIDTH` virtual
//! lanes, a [bank](Lanes::Bank) of `VIRTUAL / WIDTH` registers holds them all. The plain types may
//! fuse multiply and add where the build has the instruction; [`Canonical`](crate::Canonical) never does, and so
//! gives the same bits for every width on every target.

use core::fmt::Debug;
use core::ops::{Add, Mul, Sub};

pub use wide::{f32x4, f32x8, f32x16, f64x2, f64x4, f64x8};

use crate::real::Real;

mod scalar;

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// A register of [`WIDTH`](Lanes::WIDTH) numbers.
///
/// Sealed: implemented for `f32`, `f32x4`, `f32x8`, `f32x16`, `f64`, `f64x2`, `f64x4`, `f64x8`
/// and [`Canonical`](crate::Canonical) of each.
pub trait Lanes:
    sealed::Sealed + Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + 'static
{
    /// What a lane holds.
    type Elem: Real;
    /// `[Elem; WIDTH]`, the unit in which slices are walked.
    type Chunk: Copy + Debug + AsRef<[Self::Elem]> + AsMut<[Self::Elem]> + 'static;
    /// `[T; VIRTUAL / WIDTH]`: one `T` for each register that a full set of virtual lanes needs.
    type Bank<T: Copy>: Copy + AsRef<[T]> + AsMut<[T]>;
    /// Lanes in the register.
    const WIDTH: usize;
    /// Virtual lanes of a reduction: 16 for f32, 8 for f64.
    const VIRTUAL: usize;
    /// Spelling used in test names, bench ids and records, e.g. `"f32x8"`.
    const NAME: &'static str;
    /// Is this [`Canonical`](crate::Canonical), the arithmetic with the same bits everywhere?
    const CANONICAL: bool = false;
    /// Most rows of a register tile; see [`crate::lanes`] on tiles.
    const ROWS: usize;
    /// Most vectors across a register tile.
    const PANEL: usize;
    /// A chunk of zeros.
    const EMPTY: Self::Chunk;
    /// The same number in each lane.
    fn splat(x: Self::Elem) -> Self;
    /// Reads a chunk.
    fn load(chunk: &Self::Chunk) -> Self;
    /// Writes a chunk.
    fn store(self, chunk: &mut Self::Chunk);
    /// The whole chunks of a slice; the elements after the last whole chunk are not in it.
    fn chunks(s: &[Self::Elem]) -> &[Self::Chunk];
    /// As [`chunks`](Lanes::chunks), to write.
    fn chunks_mut(s: &mut [Self::Elem]) -> &mut [Self::Chunk];
    /// The elements of chunks.
    fn flat(chunks: &[Self::Chunk]) -> &[Self::Elem];
    /// As [`flat`](Lanes::flat), to write.
    fn flat_mut(chunks: &mut [Self::Chunk]) -> &mut [Self::Elem];
    /// `self * b + c`, rounded once where the build has the instruction, else twice.
    /// [`Canonical`](crate::Canonical): always twice.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// max(0, z); NaN stays NaN so that a broken network shows in its loss.
    fn relu(self) -> Self;
    /// `self` where z > 0, else 0 (so relu'(0) = 0, and 0 where z is NaN).
    fn gate(self, z: Self) -> Self;
    /// `self` where `active`, which is a relu(z), is not 0, else 0: [`gate`](Lanes::gate) for less,
    /// but for `self` where z is NaN.
    fn open(self, active: Self) -> Self;
    /// A bank with each register set to `x`.
    fn bank<T: Copy>(x: T) -> Self::Bank<T>;
    /// Sum of the lanes as a halving tree: lanes k and k + WIDTH/2 first.
    fn sum(self) -> Self::Elem;
    /// A bank read from memory; zeros where there are too few chunks.
    #[inline(always)]
    fn gather(chunks: &[Self::Chunk]) -> Self::Bank<Self> {
        let mut bank = Self::bank(Self::zero());
        for (lanes, chunk) in bank.as_mut().iter_mut().zip(chunks) {
            *lanes = Self::load(chunk);
        }
        bank
    }
    /// `x` in one lane, 0 in the others.
    fn alone(x: Self::Elem, lane: usize) -> Self;
    /// Sum of all virtual lanes as a halving tree.
    #[inline(always)]
    fn fold(mut bank: Self::Bank<Self>) -> Self::Elem {
        let mut half = bank.as_ref().len() / 2;
        while half > 0 {
            let (low, high) = bank.as_mut().split_at_mut(half);
            for (x, y) in low.iter_mut().zip(high.iter()) {
                *x = *x + *y;
            }
            half /= 2;
        }
        bank.as_ref().first().map_or(Self::Elem::ZERO, |x| x.sum())
    }
    /// All lanes zero.
    #[inline(always)]
    fn zero() -> Self {
        Self::splat(Self::Elem::ZERO)
    }
}

/// Bytes of the registers that the build may use, and how many of them a tile's accumulators may
/// take: the rest hold the tile's operands. 24 of 32 registers, 12 of 16.
const REGISTER: (usize, usize) = if cfg!(target_feature = "avx512f") {
    (64, 24)
} else if cfg!(target_feature = "avx") {
    (32, 12)
} else if cfg!(target_arch = "aarch64") {
    (16, 24)
} else {
    (16, 12)
};

/// Rows and vectors of the register tile for vectors of `bytes` bytes.
///
/// A tile of M rows by V vectors does M V multiply-adds for M broadcasts and V loads, so it wants
/// to be large and square; a vector wider than the machine's register counts as several.
const fn tile(bytes: usize) -> (usize, usize) {
    let (register, accumulators) = REGISTER;
    match accumulators * register / if bytes > register { bytes } else { register } {
        24.. => (8, 3),
        12.. => (4, 3),
        6.. => (3, 2),
        _ => (3, 1),
    }
}

macro_rules! lanes {
    ($($t:ident: [$e:ident; $w:literal] of $v:literal, halves $half:ident;)+) => { $(
        impl sealed::Sealed for $t {}
        impl Lanes for $t {
            type Elem = $e;
            type Chunk = [$e; $w];
            type Bank<T: Copy> = [T; $v / $w];
            const WIDTH: usize = $w;
            const VIRTUAL: usize = $v;
            const NAME: &'static str = stringify!($t);
            const ROWS: usize = tile(size_of::<$t>()).0;
            const PANEL: usize = tile(size_of::<$t>()).1;
            const EMPTY: [$e; $w] = [0.0; $w];
            #[inline(always)]
            fn splat(x: $e) -> Self {
                $t::splat(x)
            }
            #[inline(always)]
            fn load(chunk: &[$e; $w]) -> Self {
                $t::new(*chunk)
            }
            #[inline(always)]
            fn store(self, chunk: &mut [$e; $w]) {
                *chunk = self.to_array();
            }
            #[inline(always)]
            fn chunks(s: &[$e]) -> &[[$e; $w]] {
                s.as_chunks().0
            }
            #[inline(always)]
            fn chunks_mut(s: &mut [$e]) -> &mut [[$e; $w]] {
                s.as_chunks_mut().0
            }
            #[inline(always)]
            fn flat(chunks: &[[$e; $w]]) -> &[$e] {
                chunks.as_flattened()
            }
            #[inline(always)]
            fn flat_mut(chunks: &mut [[$e; $w]]) -> &mut [$e] {
                chunks.as_flattened_mut()
            }
            #[inline(always)]
            #[expect(clippy::disallowed_methods, reason = "Canonical has a mul_add of its own")]
            fn mul_add(self, b: Self, c: Self) -> Self {
                $t::mul_add(self, b, c)
            }
            #[inline(always)]
            fn relu(self) -> Self {
                // x86 returns the second operand of max when one is NaN; elsewhere `wide` makes
                // no promise, so select.
                if cfg!(any(target_arch = "x86_64", target_arch = "x86")) {
                    $t::ZERO.fast_max(self)
                } else {
                    self.simd_le($t::ZERO).select($t::ZERO, self)
                }
            }
            #[inline(always)]
            fn gate(self, z: Self) -> Self {
                z.simd_gt($t::ZERO) & self
            }
            #[inline(always)]
            fn open(self, active: Self) -> Self {
                active.simd_ne($t::ZERO) & self
            }
            #[inline(always)]
            fn bank<T: Copy>(x: T) -> [T; $v / $w] {
                [x; $v / $w]
            }
            #[inline(always)]
            fn sum(self) -> $e {
                // Whole halves, not a loop over scalars: LLVM makes one shuffle of each.
                let all = self.to_array();
                let (low, high) = all.split_at($w / 2);
                match (low.try_into(), high.try_into()) {
                    (Ok(low), Ok(high)) => ($half::from_chunk(low) + $half::from_chunk(high)).sum(),
                    _ => <$e as Real>::ZERO,
                }
            }
            #[inline(always)]
            fn alone(x: $e, lane: usize) -> Self {
                #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
                const UNITS: [[$e; $w]; $w] = {
                    let mut units = [[0.0; $w]; $w];
                    let mut lane = 0;
                    while lane < $w {
                        units[lane][lane] = 1.0;
                        lane += 1;
                    }
                    units
                };
                $t::splat(x).gate($t::new(UNITS.get(lane).copied().unwrap_or([0.0; $w])))
            }
        }
        impl FromChunk<[$e; $w]> for $t {
            #[inline(always)]
            fn from_chunk(chunk: [$e; $w]) -> Self {
                $t::new(chunk)
            }
        }
    )+ };
}

lanes! {
    f32x16: [f32; 16] of 16, halves f32x8;
    f32x8: [f32; 8] of 16, halves f32x4;
    f64x8: [f64; 8] of 8, halves f64x4;
    f64x4: [f64; 4] of 8, halves f64x2;
    f64x2: [f64; 2] of 8, halves f64;
    f32x4: [f32; 4] of 16, halves Pair;
}

/// Lets `sum` build the half-width register from half of its array.
trait FromChunk<C> {
    fn from_chunk(chunk: C) -> Self;
}

/// Two f32: the step between `f32x4` and `f32` in the halving tree; `wide` has no such type.
struct Pair([f32; 2]);

impl FromChunk<[f32; 2]> for Pair {
    #[inline(always)]
    fn from_chunk(chunk: [f32; 2]) -> Self {
        Pair(chunk)
    }
}

impl Add for Pair {
    type Output = Pair;
    #[inline(always)]
    fn add(self, other: Pair) -> Pair {
        Pair([self.0[0] + other.0[0], self.0[1] + other.0[1]])
    }
}

impl Pair {
    #[inline(always)]
    fn sum(self) -> f32 {
        self.0[0] + self.0[1]
    }
}

impl FromChunk<[f64; 1]> for f64 {
    #[inline(always)]
    fn from_chunk([x]: [f64; 1]) -> Self {
        x
    }
}

/// The widest native f32 register of this build.
#[cfg(target_feature = "avx512f")]
pub type NativeF32 = f32x16;
/// The widest native f32 register of this build.
#[cfg(all(target_feature = "avx", not(target_feature = "avx512f")))]
pub type NativeF32 = f32x8;
/// The widest native f32 register of this build.
#[cfg(all(
    not(target_feature = "avx"),
    any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128")
))]
pub type NativeF32 = f32x4;
/// The widest native f32 register of this build.
#[cfg(not(any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128")))]
pub type NativeF32 = f32;

/// The widest native f64 register of this build.
#[cfg(target_feature = "avx512f")]
pub type NativeF64 = f64x8;
/// The widest native f64 register of this build.
#[cfg(all(target_feature = "avx", not(target_feature = "avx512f")))]
pub type NativeF64 = f64x4;
/// The widest native f64 register of this build.
#[cfg(all(
    not(target_feature = "avx"),
    any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128")
))]
pub type NativeF64 = f64x2;
/// The widest native f64 register of this build.
#[cfg(not(any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128")))]
pub type NativeF64 = f64;

/// A number with the widest native vector of its precision on the target of this build.
pub trait Widest: Real {
    /// That vector.
    type Native: Lanes<Elem = Self>;
}

impl Widest for f32 {
    type Native = NativeF32;
}

impl Widest for f64 {
    type Native = NativeF64;
}
