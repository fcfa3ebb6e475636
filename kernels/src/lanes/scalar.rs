//! Plain `f32` and `f64` as registers of one lane: the lanes of machines without SIMD.

use super::{Lanes, sealed};

/// Is f32, and f64, arithmetic done by a library here? A multiplication then takes some hundred
/// instructions and a comparison thirty, so that a few on bits to avoid one pay. A machine that is
/// taken for what it is not computes the same, slower.
const SOFT: (bool, bool) = {
    // Compilers do not say whether a RISC-V has floats; those that do have zicsr as well.
    let riscv = cfg!(any(target_arch = "riscv32", target_arch = "riscv64"));
    let arm = cfg!(target_arch = "arm");
    let single =
        arm && cfg!(not(target_abi = "eabihf")) || riscv && cfg!(not(target_feature = "zicsr"));
    // Microcontrollers with floats mostly have those of 32 bits only.
    (single, single || arm && cfg!(target_os = "none") || cfg!(target_arch = "riscv32"))
};

/// a b + c, rounded twice, with the bits of two operations of a library by one or none of them where b
/// or c is 0: half of all gates, and every sum at its start.
macro_rules! soft {
    ($name:ident: $t:ident) => {
        #[inline(never)]
        fn $name(a: $t, b: $t, c: $t) -> $t {
            let is_zero = |x: $t| x.to_bits() << 1 == 0;
            // a 0 is 0 or -0 where a is finite, and c plus that is c unless c is -0.
            if is_zero(b)
                && a.abs().to_bits() < $t::INFINITY.to_bits()
                && c.to_bits() != (-0.0 as $t).to_bits()
            {
                return c;
            }
            let product = a * b;
            if c.to_bits() != 0 {
                product + c
            } else if is_zero(product) {
                // 0 + -0 is 0.
                0.0
            } else {
                product
            }
        }
    };
}
soft!(soft_f32: f32);
soft!(soft_f64: f64);

macro_rules! scalar {
    ($($t:ident of $v:literal, soft $soft:expr, $product:ident;)+) => { $(
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
                if $soft { $product(self, b, c) } else { self * b + c }
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
    f32 of 16, soft SOFT.0, soft_f32;
    f64 of 8, soft SOFT.1, soft_f64;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This machine has floats, so nothing else here would run what machines without them do.
    #[test]
    fn products_of_a_library_have_the_bits_of_two_operations() {
        let mut ends = [0.0f64; 20];
        let some = [0.0, 1.0, 3.5, 1e-30, 7e-42, 1e38, f64::MIN_POSITIVE, 5e-324, f64::MAX];
        for (pair, x) in ends.chunks_mut(2).zip(some.into_iter().chain([f64::INFINITY])) {
            pair.copy_from_slice(&[x, -x]);
        }
        for a in ends {
            for b in ends {
                for c in ends {
                    let same =
                        |x: f64, y: f64| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan();
                    assert!(same(soft_f64(a, b, c), a * b + c), "{a} {b} {c}");
                    let (a, b, c) = (a as f32, b as f32, c as f32);
                    let (found, want) = (soft_f32(a, b, c), a * b + c);
                    assert!(same(found.into(), want.into()), "{a} {b} {c}: {found} {want}");
                }
            }
        }
    }
}
