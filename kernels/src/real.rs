//! The two precisions.

use core::fmt::{Debug, Display, LowerExp};
use core::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A real number: `f32` or `f64`.
///
/// Division and square root round correctly; everything from `exp` to `tanh` is libm's, so that every
/// operation gives the same bits on every target.
pub trait Real:
    sealed::Sealed
    + Copy
    + Default
    + PartialOrd
    + Debug
    + Display
    + LowerExp
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Distance from 1 to the next number.
    const EPSILON: Self;
    /// Smallest normal number; anything nonzero below it is subnormal.
    const MIN_POSITIVE: Self;
    /// +infinity.
    const INFINITY: Self;
    /// Nearest value.
    fn from_usize(x: usize) -> Self;
    /// Nearest value.
    fn from_f64(x: f64) -> Self;
    /// Exact.
    fn to_f64(self) -> f64;
    /// Correctly rounded square root; NaN below 0.
    fn sqrt(self) -> Self;
    /// e^x.
    fn exp(self) -> Self;
    /// e^x - 1, accurate near 0.
    fn exp_m1(self) -> Self;
    /// Natural logarithm; NaN below 0.
    fn ln(self) -> Self;
    /// ln(1 + x), accurate near 0.
    fn ln_1p(self) -> Self;
    /// Sine of an angle in radians.
    fn sin(self) -> Self;
    /// Cosine of an angle in radians.
    fn cos(self) -> Self;
    /// Hyperbolic sine.
    fn sinh(self) -> Self;
    /// Its inverse.
    fn asinh(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// |x|.
    fn abs(self) -> Self;
    /// Neither NaN nor infinite.
    fn is_finite(self) -> bool;
    /// 0 or a normal number: neither NaN, nor infinite, nor subnormal. On bits, which takes a few
    /// instructions with and without a unit for floats.
    fn is_ordinary(self) -> bool;
    /// The bits, widened to 64.
    fn bits(self) -> u64;
    /// The larger one; the other one if one is NaN.
    fn max(self, other: Self) -> Self {
        if self > other || other.is_nan() { self } else { other }
    }
    /// The smaller one; the other one if one is NaN.
    fn min(self, other: Self) -> Self {
        if self < other || other.is_nan() { self } else { other }
    }
    /// Is it NaN?
    #[expect(clippy::eq_op, reason = "the definition of NaN")]
    fn is_nan(self) -> bool {
        self != self
    }
}

macro_rules! real {
    ($t:ident, $($name:ident: $function:path,)+) => {
        impl Real for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const EPSILON: Self = $t::EPSILON;
            const MIN_POSITIVE: Self = $t::MIN_POSITIVE;
            const INFINITY: Self = $t::INFINITY;
            #[inline(always)]
            fn from_usize(x: usize) -> Self {
                x as $t
            }
            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $t
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            $(
                #[inline(always)]
                fn $name(self) -> Self {
                    $function(self)
                }
            )+
            #[inline(always)]
            fn abs(self) -> Self {
                $t::from_bits(self.to_bits() & ($t::MAX.to_bits() | $t::INFINITY.to_bits()))
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                self.abs() < $t::INFINITY
            }
            #[inline(always)]
            fn is_ordinary(self) -> bool {
                let (least, limit) = ($t::MIN_POSITIVE.to_bits(), $t::INFINITY.to_bits());
                let size = self.abs().to_bits();
                size == 0 || size.wrapping_sub(least) < limit - least
            }
            #[inline(always)]
            fn bits(self) -> u64 {
                u64::from(self.to_bits())
            }
        }
    };
}
real!(
    f32,
    sqrt: libm::sqrtf,
    exp: libm::expf,
    exp_m1: libm::expm1f,
    ln: libm::logf,
    ln_1p: libm::log1pf,
    sin: libm::sinf,
    cos: libm::cosf,
    sinh: libm::sinhf,
    asinh: libm::asinhf,
    tanh: libm::tanhf,
);
real!(
    f64,
    sqrt: libm::sqrt,
    exp: libm::exp,
    exp_m1: libm::expm1,
    ln: libm::log,
    ln_1p: libm::log1p,
    sin: libm::sin,
    cos: libm::cos,
    sinh: libm::sinh,
    asinh: libm::asinh,
    tanh: libm::tanh,
);
