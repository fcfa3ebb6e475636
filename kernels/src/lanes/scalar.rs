//! Plain `f32` and `f64` as registers of one lane: the lanes of machines without SIMD.

use super::{Lanes, sealed};

/// Is f32, and f64, arithmetic done by a library here? A comparison then takes some thirty
/// instructions, and on bits three. A machine that is taken for what it is not computes the same,
/// slower.
const SOFT: (bool, bool) = {
    // Compilers do not say whether a RISC-V has floats; those that do have zicsr as well.
    let riscv = cfg!(any(target_arch = "riscv32", target_arch = "riscv64"));
    let arm = cfg!(target_arch = "arm");
    let single =
        arm && cfg!(not(target_abi = "eabihf")) || riscv && cfg!(not(target_feature = "zicsr"));
    // Microcontrollers with floats mostly have those of 32 bits only.
    (single, single || arm && cfg!(target_os = "none") || cfg!(target_arch = "riscv32"))
};

macro_rules! scalar {
    ($($t:ident of $v:literal, soft $soft:expr;)+) => { $(
        impl sealed::Sealed for $t {}
        impl Lanes for $t {
            type Elem = $t;
            type Chunk = [$t; 1];
            type Bank<T: Copy> = [T; $v];
            const WIDTH: usize = 1;
            const VIRTUAL: usize = $v;
            const NAME: &'static str = stringify!($t);
            const ROWS: usize = 4;
            const PANEL: usize = if cfg!(target_arch = "x86_64") { 3 } else { 4 };
            const EMPTY: [$t; 1] = [0.0];
            #[inline(always)]
            fn splat(x: $t) -> Self {
                x
            }
            #[inline(always)]
            fn load(chunk: &[$t; 1]) -> Self {
                chunk[0]
            }
            #[inline(always)]
            fn store(self, chunk: &mut [$t; 1]) {
                chunk[0] = self;
            }
            #[inline(always)]
            fn chunks(s: &[$t]) -> &[[$t; 1]] {
                s.as_chunks().0
            }
            #[inline(always)]
            fn chunks_mut(s: &mut [$t]) -> &mut [[$t; 1]] {
                s.as_chunks_mut().0
            }
            #[inline(always)]
            fn flat(chunks: &[[$t; 1]]) -> &[$t] {
                chunks.as_flattened()
            }
            #[inline(always)]
            fn flat_mut(chunks: &mut [[$t; 1]]) -> &mut [$t] {
                chunks.as_flattened_mut()
            }
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                // `core` has no fused multiply-add, and libm's is slow where there is no
                // instruction for it.
                self * b + c
            }
            #[inline(always)]
            fn relu(self) -> Self {
                // As a signed integer a negative number, -0 and -infinity among them, is at most that
                // of -infinity; a NaN is above it.
                let negative = if $soft {
                    self.to_bits().cast_signed() <= $t::NEG_INFINITY.to_bits().cast_signed()
                } else {
                    self <= 0.0
                };
                if negative { 0.0 } else { self }
            }
            #[inline(always)]
            fn gate(self, z: Self) -> Self {
                let active = if $soft {
                    z.to_bits().wrapping_sub(1) < $t::INFINITY.to_bits()
                } else {
                    z > 0.0
                };
                if active { self } else { 0.0 }
            }
            #[inline(always)]
            fn open(self, active: Self) -> Self {
                // On bits, for the fewest instructions without SIMD, with and without a unit for floats.
                $t::from_bits(if active.to_bits() == 0 { 0 } else { self.to_bits() })
            }
            #[inline(always)]
            fn bank<T: Copy>(x: T) -> [T; $v] {
                [x; $v]
            }
            #[inline(always)]
            fn sum(self) -> $t {
                self
            }
            #[inline(always)]
            fn alone(x: $t, _lane: usize) -> Self {
                // The sign of zero that the wide types give.
                x + 0.0
            }
        }
    )+ };
}
scalar! {
    f32 of 16, soft SOFT.0;
    f64 of 8, soft SOFT.1;
}
