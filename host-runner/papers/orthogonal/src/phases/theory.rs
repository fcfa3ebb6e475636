//! What should come out; `orthogonal_phases` derives it.
use super::data::{Data, Side, Start};
use lab::statistics::{max, smaller};

/// P(Assumption 3): a neuron has a_j of a sign and sees all k samples of it with probability
/// 2^{-k-1}, both cannot be, and P(neither set is empty) = 1 - P(one is) - P(other is) + P(both
/// are).
pub fn assumption_3(positive: usize, negative: usize, m: usize) -> f64 {
    let [p, q] = [positive, negative].map(|k| 0.5f64.powi(k as i32 + 1));
    let empty = |x: f64| (1.0 - x).powi(m as i32);
    1.0 - empty(p) - empty(q) + empty(p + q)
}

/// P(every sample is seen by a neuron with a_j of its sign), by inclusion and exclusion over the
/// sets of samples that nobody sees: a neuron sees none of i positive and k negative ones with
/// probability 2^{-i-1} + 2^{-k-1}.
pub fn coverage(positive: usize, negative: usize, m: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..=positive {
        for k in 0..=negative {
            let blind = 0.5f64.powi(i as i32 + 1) + 0.5f64.powi(k as i32 + 1);
            let sign = if (i + k) % 2 == 0 { 1.0 } else { -1.0 };
            sum += sign * choose(positive, i) * choose(negative, k) * blind.powi(m as i32);
        }
    }
    sum
}

fn choose(n: usize, k: usize) -> f64 {
    (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product()
}

/// The growth rate of the fastest neurons that fit a side and miss some of its samples, over |D|.
/// 0 where there is none.
pub fn runner_up(data: &Data, start: &Start, side: &Side) -> f64 {
    let share = |row: Vec<bool>| {
        let seen = row.iter().zip(&side.unit).filter(|(seen, _)| **seen);
        let square: f64 = seen.map(|(_, unit)| unit * unit).sum();
        (square.sqrt(), row.iter().filter(|seen| **seen).count())
    };
    let shares = start.seen(data, side).into_iter().map(share);
    max(shares.filter(|(_, seen)| *seen < side.count()).map(|(share, _)| share).chain([0.0]))
}

/// The power of lambda of the distance to the saddle between the fits, `q` = |D_second|/|D_lead|.
pub fn saddle_power(q: f64, runner_up: f64) -> f64 {
    smaller(1.0 - runner_up, 2.0 * (1.0 - q) / (2.0 + q))
}

/// The norm of the least pull sum_{own} y_i x_i / n + sum_{other} beta_i x_i, 0 >= beta_i / y_i >=
/// -1/n, on unit samples with <x_i, x_k> = delta > 0: neurons of `own` slide on the kinks of
/// `other`.
pub fn sliding_rate(own: &Side, other: &Side, delta: f64) -> f64 {
    let n = own.unit.len() as f64;
    let (size, sum) = sums(own);
    let (k, (_, _)) = (other.count() as f64, sums(other));
    let square = whole_square(size, sum, delta) / (n * n);
    let pull = delta * sum / n;
    (square - k * pull * pull / (1.0 + (k - 1.0) * delta)).sqrt()
}

/// |D| on such samples.
pub fn whole_rate(own: &Side, delta: f64) -> f64 {
    let (size, sum) = sums(own);
    whole_square(size, sum, delta).sqrt() / own.unit.len() as f64
}

fn sums(side: &Side) -> (f64, f64) {
    (side.size, side.size * side.unit.iter().sum::<f64>())
}

fn whole_square(size: f64, sum: f64, delta: f64) -> f64 {
    (1.0 - delta) * size * size + delta * sum * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One neuron decides at most one side, so the probability is 0; with many it is 1.
    #[test]
    fn probabilities_match_counting() {
        assert!(assumption_3(2, 2, 1).abs() < 1e-15);
        assert!(coverage(1, 1, 1).abs() < 1e-15);
        assert!(assumption_3(3, 1, 4000) > 1.0 - 1e-12 && coverage(3, 1, 4000) > 1.0 - 1e-12);
        // One sample a sign, two neurons: signs differ (1/2), each sees its own (1/4).
        assert!((assumption_3(1, 1, 2) - 0.125).abs() < 1e-15);
        assert!((coverage(1, 1, 2) - 0.125).abs() < 1e-15);
        // One side, k = 2, m = 2, the other side empty of samples: by hand, a pair of neurons with
        // independent sight of both samples: (3/4)^2 not seeing one of them, (5/8)^2 neither.
        let covered = 1.0 - 2.0 * 0.75f64.powi(2) + 0.625f64.powi(2);
        assert!((coverage(2, 0, 2) - covered).abs() < 1e-15);
        assert!(coverage(4, 3, 30) > assumption_3(4, 3, 30));
    }

    #[test]
    fn without_correlation_the_rates_are_those_of_the_sides() {
        let [lead, second] = Data::draw((7, 0, 0), [6, 4, 8]).sides().unwrap();
        assert!((sliding_rate(&lead, &second, 0.0) - lead.rate).abs() < 1e-14);
        assert!((whole_rate(&second, 0.0) - second.rate).abs() < 1e-14);
        assert!(sliding_rate(&lead, &second, 0.1) < whole_rate(&lead, 0.1));
    }

    /// Whether the kernel's D on correlated samples is ours.
    #[test]
    fn the_whole_rate_is_the_kernels() {
        let data = Data::draw((8, 0, 0), [5, 3, 7]);
        let [lead, _] = data.sides().unwrap();
        let [near, _] = data.correlated(0.05).sides().unwrap();
        assert!((whole_rate(&lead, 0.05) - near.rate).abs() < 1e-14);
    }
}
