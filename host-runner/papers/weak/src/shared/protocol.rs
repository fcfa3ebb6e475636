//! Sizes and lengths of the runs of paper `weak`, as its published code has them.
//!
//! Gradient descent with rate 1 on p L is an Euler step of length 1 in flow time. A sample that is not
//! learned has r_i^2 >= 1, for |y_i| >= 1: a run with sum_i r_i^2 < 1 has learned them all and is
//! over. One that has not got there by `epochs` steps has not converged by then, which is all that
//! is known of it.
//!
//! The published code and the figures of the text are of two experiments. At its head the code has the
//! width of Lemma 5, the least p with n (3/4)^p <= 1/20, and other ranges of n; the figures of the
//! text are reproduced by an earlier commit, whose networks are four times as wide. The text prints
//! the smaller width, and with it no network would converge over the printed range of n.
use lab::settings::{Key, Word};

/// Which of the two.
pub const PROTOCOL: Key<Protocol> = Key::choice(
    "protocol",
    Protocol::Published,
    "protocol: that of the published code as it is now, or the one that gives the text's figures",
);

/// The choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The code at its head.
    Published,
    /// The code that the text's figures come from.
    Text,
}

impl Word for Protocol {
    const WORDS: &'static [(&'static str, Self)] =
        &[("published", Self::Published), ("text", Self::Text)];
}

impl Protocol {
    /// The width that goes with n samples.
    pub fn width(self, n: usize) -> usize {
        // n (3/4)^p <= 1/20 for p = log_{4/3}(20 n).
        let least = ((n as f64 / 0.05).ln() / (4f64 / 3.0).ln()).floor() as usize;
        match self {
            Self::Published => least + 1,
            Self::Text => 4 * least + 1,
        }
    }
}

/// Steps after which a run is given up: 1.5 times the time of the phase transition, sqrt(n p)/4
/// log(n p).
pub fn epochs(p: usize, n: usize) -> u64 {
    let np = n as f64 * p as f64;
    (1.5 * np.sqrt() * np.ln() / 4.0 + 1.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes in the published tables.
    #[test]
    fn sizes_are_those_of_the_published_runs() {
        for (n, p, steps) in [(1300, 36, 873), (1650, 37, 1022), (2100, 38, 1196)] {
            assert_eq!((Protocol::Published.width(n), epochs(p, n)), (p, steps));
        }
        assert_eq!([2500, 3500].map(|n| Protocol::Text.width(n)), [149, 153]);
    }
}
