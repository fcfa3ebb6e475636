//! The tolerance table: every comparison of a suite names one of these rules.
//!
//! A rule is an inequality |got - want| <= units eps size, where eps is the distance from 1 to the
//! next number of the kernel's precision (twice the unit roundoff u, so that every count below is
//! twice what the theory needs), `size` is the quantity with each term replaced by its absolute
//! value, and `units` counts roundings. Sums are bounded for any order and fused or not
//! (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1): |fl(sum of m products) -
//! sum| <= m u / (1 - m u) sum |x y|.

use std::fmt::Display;

use reluflow::Real;

/// Why a number may differ from the oracle's, and by how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// The same bits.
    Exact,
    /// `roundings` operations on exact operands: (1 + u)^m - 1 <= m eps.
    Rounded {
        /// Operations.
        roundings: usize,
    },
    /// A sum of `len` products: (len + 1) eps sum |x y|.
    Dot {
        /// Terms.
        len: usize,
    },
    /// h or r from w: z costs d roundings, the sum over j costs p, relu none (it is 1-Lipschitz),
    /// s, its product and y one each.
    Forward {
        /// Neurons.
        p: usize,
        /// Input dimension.
        d: usize,
    },
    /// L from w: r_i^2 doubles the error of r_i (size |y| + |h|), the sum over i costs n, 1/(2n) two.
    Loss {
        /// Neurons.
        p: usize,
        /// Samples.
        n: usize,
        /// Input dimension.
        d: usize,
    },
    /// A gradient from w: the error of r_i, the sum over i, the factor s a / n. No gate differs,
    /// because no fixture starts with z next to 0 (see `problem`).
    Backward {
        /// Neurons.
        p: usize,
        /// Samples.
        n: usize,
        /// Input dimension.
        d: usize,
    },
    /// mu = s |v|^2 / L: both ends are squares of vectors known to `Backward` and `Forward`
    /// accuracy, and `size` is their condition, (|v| + error) |v| over L.
    Curvature {
        /// Neurons.
        p: usize,
        /// Samples.
        n: usize,
        /// Input dimension.
        d: usize,
    },
    /// A weight after `steps` Euler steps. Each adds at most (p + n + d + 8) eps of local error, and
    /// well below the stability limit the step amplifies it by less than exp(T mu(0)), T mu(0) <= 1,
    /// so that e bounds the factor. `size` is the largest entry.
    Path {
        /// Neurons.
        p: usize,
        /// Samples.
        n: usize,
        /// Input dimension.
        d: usize,
        /// Euler steps.
        steps: usize,
    },
    /// Two exact solutions of one equation on different grids of step dt: |difference| <= K dt.
    /// The rule is the measured K, times 2; a step that is wrong differs by O(1).
    FirstOrder {
        /// Step length.
        dt: f64,
        /// K.
        constant: f64,
    },
    /// Error of a first-order method at dt over that at dt / 2: 2 + O(dt), where the O(dt) is the next
    /// order's share of the error. Order 0 would give 1 and order 2 would give 4.
    Halving,
    /// A central difference of the loss in f64 over a step h that crosses no kink: L is quadratic in
    /// one weight, so only rounding of L is left, 2 eps64 L / h, beside the kernel's own `Backward`.
    Difference {
        /// Neurons.
        p: usize,
        /// Samples.
        n: usize,
        /// Input dimension.
        d: usize,
    },
    /// A state, a time or a conserved quantity of the flow after steps whose local error, relative to
    /// each neuron, is at most `tolerance`: global errors are proportional to it. `units` is the
    /// measured factor, times two or three; a wrong event, gate or velocity differs by 1e-5 or more.
    /// Beside it, the oracle's own rounding.
    Flow {
        /// Local error allowed in a step.
        tolerance: f64,
        /// Global error over that.
        units: f64,
    },
    /// An end of a spectrum after `steps` Lanczos steps in n dimensions, `size` being |A|. The product costs n + 1
    /// roundings and each step 4, which is the (n + 1 + 4 steps) eps that the bounds are widened by: twice on
    /// either side, and once more by a search that stops there, of a |A| that row sums overestimate.
    Spectrum {
        /// Rows.
        n: usize,
        /// Lanczos steps.
        steps: usize,
    },
    /// A product with the tangent kernel or its factors: z costs d, <x, x> or <v, x> d, the sums over j
    /// and i p and n, the factors s, a and their squares ten; a kernel has two z.
    Tangent {
        /// Neurons.
        p: usize,
        /// Samples.
        n: usize,
        /// Input dimension.
        d: usize,
    },
    /// The mean of `count` independent draws is within 5 standard deviations, 5 / sqrt(count) in
    /// units of one draw's deviation: fails for one seed in two million, and the seed is fixed.
    Sampling {
        /// Draws.
        count: usize,
    },
}

impl Tolerance {
    /// The bound for a quantity of size `size` computed in `T`.
    pub fn of<T: Real>(self, size: f64) -> f64 {
        let eps = T::EPSILON.to_f64();
        // What falls below the smallest normal number is lost at once, not relatively.
        let floor = T::MIN_POSITIVE.to_f64();
        let roundings = |count: usize| count as f64 * eps * size + count as f64 * floor;
        match self {
            Tolerance::Exact => 0.0,
            Tolerance::Rounded { roundings: count } => roundings(count),
            Tolerance::Dot { len } => roundings(len + 1),
            Tolerance::Forward { p, d } => roundings(p + d + 4),
            Tolerance::Loss { p, n, d } => roundings(2 * (p + d + 4) + n + 2),
            Tolerance::Backward { p, n, d } => roundings(p + n + 2 * d + 10),
            Tolerance::Curvature { p, n, d } => roundings(2 * (p + n + 2 * d + 10)),
            Tolerance::Path { p, n, d, steps } => 2.72 * roundings(steps * (p + n + d + 8)),
            Tolerance::FirstOrder { dt, constant } => 2.0 * constant * dt * size,
            Tolerance::Halving => 0.25 * size,
            Tolerance::Difference { p, n, d } => {
                roundings(p + n + 2 * d + 10) + 2.0 * f64::EPSILON / STEP * size
            }
            Tolerance::Flow { tolerance, units } => {
                (units * tolerance + 1000.0 * f64::EPSILON) * size
            }
            Tolerance::Spectrum { n, steps } => roundings(8 * (n + 1 + 4 * steps)),
            Tolerance::Tangent { p, n, d } => roundings(p + n + 4 * d + 10),
            Tolerance::Sampling { count } => 5.0 / (count as f64).sqrt() * size,
        }
    }
}

/// Step of the finite differences: a power of 2 below the margin of the fixtures, so that w +- STEP
/// rounds little and crosses no kink.
pub const STEP: f64 = 1.0 / 16384.0;

/// Fails unless |got - want| is within `tolerance` at `size`; NaN fails.
#[track_caller]
pub fn check<T: Real>(what: impl Display, got: T, want: f64, size: f64, tolerance: Tolerance) {
    let (error, bound) = ((got.to_f64() - want).abs(), tolerance.of::<T>(size));
    assert!(
        error <= bound,
        "{what}: {got:e}, expected {want:e}, off by {error:e} > {bound:e} ({tolerance:?})"
    );
}

/// [`check`] on each element, with one size each.
#[track_caller]
pub fn check_all<T: Real>(
    what: impl Display,
    got: &[T],
    want: &[f64],
    sizes: &[f64],
    tolerance: Tolerance,
) {
    assert_eq!((got.len(), got.len()), (want.len(), sizes.len()), "{what}: lengths");
    for (at, ((&got, &want), &size)) in got.iter().zip(want).zip(sizes).enumerate() {
        check(format_args!("{what}[{at}]"), got, want, size, tolerance);
    }
}

/// [`check`] on each element, with the largest |want| (at least 1) as the size of all.
#[track_caller]
pub fn check_vector<T: Real>(what: impl Display, got: &[T], want: &[f64], tolerance: Tolerance) {
    let size = want.iter().fold(1.0, |most: f64, v| most.max(v.abs()));
    check_all(what, got, want, &vec![size; want.len()], tolerance);
}
