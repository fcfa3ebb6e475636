//! The method of Tsitouras: an explicit Runge-Kutta pair of orders 5 and 4 with an interpolant of
//! order 4 that costs nothing.
//!
//! Ch. Tsitouras, Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying
//! assumption, Computers & Mathematics with Applications 62 (2011) 770-775.

use crate::real::Real;

/// Order of the solution that is carried on.
pub const ORDER: u32 = 5;
/// Evaluations of the right-hand side in a step; the last one is the first of the next step.
pub const STAGES: usize = 7;

/// Where in the step each stage lies.
pub const NODES: [f64; STAGES] = [0.0, 0.161, 0.327, 0.9, 0.980_025_540_904_509_7, 1.0, 1.0];

/// Row s: the weights with which the derivatives of the stages before make stage s. The last row
/// is the solution of order 5.
pub const ROWS: [[f64; 6]; STAGES] = [
    [0.0; 6],
    [0.161, 0.0, 0.0, 0.0, 0.0, 0.0],
    [-0.008_480_655_492_356_989, 0.335_480_655_492_357, 0.0, 0.0, 0.0, 0.0],
    [2.897_153_057_105_493_5, -6.359_448_489_975_075, 4.362_295_432_869_581_5, 0.0, 0.0, 0.0],
    [
        5.325_864_828_439_257,
        -11.748_883_564_062_828,
        7.495_539_342_889_836_5,
        -0.092_495_066_361_755_25,
        0.0,
        0.0,
    ],
    [
        5.861_455_442_946_42,
        -12.920_969_317_847_11,
        8.159_367_898_576_159,
        -0.071_584_973_281_401,
        -0.028_269_050_394_068_383,
        0.0,
    ],
    [
        0.096_460_766_818_065_23,
        0.01,
        0.479_889_650_414_499_6,
        1.379_008_574_103_742,
        -3.290_069_515_436_081,
        2.324_710_524_099_774,
    ],
];

/// Weights of the difference between the solutions of order 5 and 4.
pub const DIFFERENCE: [f64; STAGES] = [
    -0.001_780_011_052_225_777,
    -0.000_816_434_459_656_746_9,
    0.007_880_878_010_261_995,
    -0.144_711_007_173_262_9,
    0.582_357_165_452_555_2,
    -0.458_082_105_929_186_97,
    1.0 / 66.0,
];

/// Weights b_s(theta) of the interpolant: the state at the fraction theta of a step of length dt is
/// the first one plus dt sum_s b_s(theta) k_s.
pub fn weights<T: Real>(theta: T) -> [T; STAGES] {
    let t = theta.to_f64();
    let square = t * t;
    [
        -1.053_088_497_729_021_6
            * t
            * (t - 1.329_989_018_975_141)
            * (square - 1.436_402_854_171_635_1 * t + 0.713_981_691_707_420_9),
        0.1017 * square * (square - 2.196_656_833_824_975_4 * t + 1.294_985_250_737_463),
        2.490_627_285_651_253
            * square
            * (square - 2.385_356_454_720_616_6 * t + 1.578_034_682_080_925),
        -16.548_102_889_244_903
            * (t - 1.217_129_272_955_332_4)
            * (t - 0.616_204_060_378_000_9)
            * square,
        47.379_521_962_819_28
            * (t - 1.203_071_208_372_362_6)
            * (t - 0.658_047_292_653_547_4)
            * square,
        -34.870_657_861_496_61 * (t - 1.2) * (t - 2.0 / 3.0) * square,
        2.5 * (t - 1.0) * (t - 0.6) * square,
    ]
    .map(T::from_f64)
}

/// The numbers of a table in the precision of the run.
pub fn narrow<T: Real, const N: usize>(row: [f64; N]) -> [T; N] {
    row.map(T::from_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// sum_s w_s c_s^k, which is 1/(k+1) for weights of order above k.
    fn moment(weights: &[f64], k: u32) -> f64 {
        weights.iter().zip(NODES).map(|(w, c)| w * libm::pow(c, f64::from(k))).sum()
    }

    #[test]
    fn the_quadrature_conditions_hold() {
        let [.., last] = ROWS;
        for k in 0..5 {
            assert!((moment(&last, k) - 1.0 / f64::from(k + 1)).abs() < 1e-14, "{k}");
        }
        for k in 0..4 {
            assert!(moment(&DIFFERENCE, k).abs() < 1e-14, "{k}");
        }
        assert!(moment(&DIFFERENCE, 4).abs() > 1e-4, "the second solution has order 4 only");
        for (row, c) in ROWS.iter().zip(NODES) {
            assert!((row.iter().sum::<f64>() - c).abs() < 1e-13);
        }
    }

    #[test]
    fn the_interpolant_has_order_4_and_meets_the_ends() {
        for theta in [0.0, 0.2, 0.5, 0.9, 1.0] {
            let weights = weights::<f64>(theta);
            for k in 0..4 {
                let exact = libm::pow(theta, f64::from(k + 1)) / f64::from(k + 1);
                assert!((moment(&weights, k) - exact).abs() < 1e-13, "{theta} {k}");
            }
        }
        let [.., last] = ROWS;
        for (dense, row) in weights::<f64>(1.0).iter().zip(last) {
            assert!((dense - row).abs() < 1e-14);
        }
    }
}
