//! How fast the steps of a run are, beside what the core could do at that very moment.
//!
//! Steps are timed in blocks of some 100 ms of time on the core, each between two runs of the loop of
//! multiply-adds in registers that `reluflow bench` has. share_of_peak is what all blocks computed over what
//! that loop would have: a machine that slows down slows both. Looks at the kernel are not in it.
use engine::clock::{on_core, per_call};
use engine::peak;
use lab::statistics::larger;
use lab::{Numbers, Precision};
use reluflow::deep::Layer;
use serde::{Deserialize, Serialize};

/// Smaller steps are call overhead, whose share of the peak means nothing.
const WORTH: f64 = 1e7;
/// Seconds of a block.
const BLOCK: f64 = 0.1;

/// What was measured so far, in seconds of time on the core.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// Operations of a step.
    pub flops: f64,
    steps: u64,
    steps_seconds: f64,
    looks_seconds: f64,
    peaks_seconds: f64,
    /// 1e9 operations that the peak loop would have done in `steps_seconds`.
    capacity: f64,
    /// GFLOP/s beside the last block.
    peak: f64,
    block: u64,
}

impl Pace {
    /// Steps of the next block.
    pub fn block(&self) -> u64 {
        self.block.max(1)
    }

    /// Times a block of that many steps.
    pub fn steps(&mut self, precision: Precision, steps: u64, work: impl FnOnce()) {
        if self.peak == 0.0 {
            self.measure(precision);
        }
        let before = self.peak;
        let seconds = per_call(1, work) * 1e-9;
        self.measure(precision);
        self.steps += steps;
        self.steps_seconds += seconds;
        self.capacity += seconds * larger(before, self.peak);
        if steps >= self.block() && seconds < 0.5 * BLOCK {
            self.block = 2 * self.block();
        } else if seconds > 2.0 * BLOCK {
            self.block = self.block() / 2;
        }
    }

    /// Times a look.
    pub fn look<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let start = on_core();
        let seen = work();
        self.looks_seconds += (on_core() - start).as_secs_f64();
        seen
    }

    fn measure(&mut self, precision: Precision) {
        if self.flops < WORTH {
            return;
        }
        let start = on_core();
        self.peak = peak::gflops(precision);
        self.peaks_seconds += (on_core() - start).as_secs_f64();
    }

    /// Of several runs together.
    pub fn total(all: impl Iterator<Item = Self>) -> (f64, Self) {
        all.fold((0.0, Self::default()), |(flops, sum), one| {
            let sum = Self {
                flops: larger(sum.flops, one.flops),
                steps: sum.steps + one.steps,
                steps_seconds: sum.steps_seconds + one.steps_seconds,
                looks_seconds: sum.looks_seconds + one.looks_seconds,
                peaks_seconds: sum.peaks_seconds + one.peaks_seconds,
                capacity: sum.capacity + one.capacity,
                ..sum
            };
            (flops + one.flops * one.steps as f64, sum)
        })
    }

    /// Of all runs.
    pub fn report(all: impl Iterator<Item = Self>, metrics: &mut Numbers) {
        let (flops, sum) = Self::total(all);
        metrics.push("seconds_per_step", sum.steps_seconds / sum.steps as f64);
        metrics.push("seconds_steps", sum.steps_seconds);
        metrics.push("seconds_looks", sum.looks_seconds);
        metrics.push("seconds_peak_loops", sum.peaks_seconds);
        if sum.capacity > 0.0 {
            metrics.push("gflops", 1e-9 * flops / sum.steps_seconds);
            metrics.push("gflops_peak", sum.capacity / sum.steps_seconds);
            metrics.push("share_of_peak", 1e-9 * flops / sum.capacity);
        }
    }
}

/// Operations that a step cannot do without: two a multiply-add of the three products of each layer, less the
/// product that would carry the derivative to the data; `edges` entries of S for each number that is mixed.
pub fn flops(layers: &[Layer], n: usize, edges: usize) -> f64 {
    let weights = |layer: &Layer| (layer.inputs * layer.outputs) as f64;
    let products: f64 = layers.iter().map(|layer| 3.0 * weights(layer)).sum();
    let spared = layers.first().map_or(0.0, weights);
    let mixed: usize = layers.iter().filter(|layer| layer.graph).map(|layer| layer.outputs).sum();
    2.0 * n as f64 * (products - spared) + 4.0 * edges as f64 * mixed as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use reluflow::deep::Activation;

    #[test]
    fn operations_are_those_of_five_products() {
        let layers =
            [Layer::dense(3, 4, Activation::Identity), Layer::dense(4, 2, Activation::Identity)];
        assert_eq!(flops(&layers, 10, 0), 20.0 * (2.0 * 12.0 + 3.0 * 8.0));
        let layers = layers.map(|layer| Layer { graph: true, ..layer });
        assert_eq!(flops(&layers, 10, 30), 20.0 * 48.0 + 4.0 * 30.0 * 6.0);
    }

    #[test]
    fn a_share_is_of_what_the_loop_beside_each_block_would_do() {
        let block = |flops, steps, seconds, capacity| Pace {
            flops,
            steps,
            steps_seconds: seconds,
            capacity,
            ..Pace::default()
        };
        let mut metrics = Numbers::new();
        let all = [block(1e9, 10, 1.0, 20.0), block(2e9, 10, 4.0, 40.0)];
        Pace::report(all.into_iter(), &mut metrics);
        for (name, expected) in
            [("gflops", 6.0), ("share_of_peak", 0.5), ("seconds_per_step", 0.25)]
        {
            assert!((metrics.get(name).unwrap() - expected).abs() < 1e-12, "{name}");
        }
    }
}
