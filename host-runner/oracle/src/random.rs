//! Random networks and data for this module's own tests.

use super::{Data, Net};

/// SplitMix64: small enough to be seen correct, and no dependency shared with the kernels.
pub struct Random(pub u64);

impl Random {
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        low + (high - low) * ((z >> 11) as f64 / (1u64 << 53) as f64)
    }

    pub fn vector(&mut self, len: usize) -> Vec<f64> {
        (0..len).map(|_| self.uniform(-1.0, 1.0)).collect()
    }

    pub fn net(&mut self, p: usize, d: usize) -> Net {
        Net { p, d, w: self.vector(p * d), a: self.vector(p) }
    }

    /// Labels of either sign, 1 <= |y| <= 2.
    pub fn data(&mut self, n: usize, d: usize) -> Data {
        let x = self.vector(n * d);
        let y = self.labels(n);
        Data { n, d, x, y }
    }

    /// x_i = c_i e_i with 1 <= c_i <= 2, so <x_i, x_k> = 0 exactly.
    pub fn orthogonal_data(&mut self, n: usize, d: usize) -> Data {
        let mut x = vec![0.0; n * d];
        for i in 0..n {
            x[i * d + i] = self.uniform(1.0, 2.0);
        }
        let y = self.labels(n);
        Data { n, d, x, y }
    }

    fn labels(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.uniform(1.0, 2.0) * self.uniform(-1.0, 1.0).signum()).collect()
    }
}

/// |a - b| relative to the larger of 1 and |b|.
pub fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * b.abs().max(1.0)
}
