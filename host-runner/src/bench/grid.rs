//! The sizes that everything is measured at, and a network with data for each.
use crate::reference::{Data, Net, euler_step, gram};
use reluflow::init::{normal, sign, stream, uniform};

/// A size of the grid. The letters are those of the project's performance notes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// A to E.
    pub letter: char,
    /// Neurons.
    pub p: usize,
    /// Samples.
    pub n: usize,
    /// Input dimension.
    pub d: usize,
    /// Are the samples x_i = c_i e_i? Otherwise they are Gaussian.
    pub orthogonal: bool,
    /// Euler step of the check: three of them move the loss by 0.1 % to 90 %.
    pub dt: f64,
}

/// The grid. Part of the frozen ids: add sizes, never change one.
pub const SIZES: [Size; 5] = [
    Size { letter: 'A', p: 60, n: 2, d: 2, orthogonal: false, dt: 0.05 },
    Size { letter: 'B', p: 32, n: 32, d: 32, orthogonal: false, dt: 0.5 },
    Size { letter: 'C', p: 39, n: 3000, d: 100, orthogonal: false, dt: 1.0 },
    Size { letter: 'D', p: 200, n: 75, d: 150, orthogonal: false, dt: 1.0 },
    Size { letter: 'E', p: 37, n: 1500, d: 2000, orthogonal: true, dt: 1.0 },
];

impl Size {
    /// The size of a letter, if there is one.
    pub fn of(letter: char) -> Option<Self> {
        SIZES.into_iter().find(|size| size.letter == letter)
    }

    /// Last part of an id, e.g. `p39_n3000_d100`.
    pub fn slug(&self) -> String {
        format!("p{}_n{}_d{}", self.p, self.n, self.d)
    }

    /// Multiply-adds of one pass over the data, p n d: the throughput unit of all benches.
    pub fn products(&self) -> u64 {
        (self.p * self.n * self.d) as u64
    }

    /// Does the Gram step cost less than the dense one?
    pub fn suits_gram(&self) -> bool {
        self.n < 2 * self.d
    }
}

/// Steps that every case takes next to the reference before it is timed.
pub const CHECKED_STEPS: usize = 3;

/// Start and data of a size, with what the reference makes of them.
///
/// Every number is an f32, so that both precisions start at the same point. About half of the
/// pairs (j, i) are active, as at any random start; the reference skips the others in its
/// backward pass, so ratios to it are not helped by them.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// Where on the grid.
    pub size: Size,
    /// Start.
    pub net: Net,
    /// Samples.
    pub data: Data,
    /// (L, mu) of the first [`CHECKED_STEPS`] dense steps of length [`Size::dt`], by the reference.
    pub expected: [(f64, f64); CHECKED_STEPS],
}

impl Fixture {
    /// Draws start and data, the same each time, and asks the reference.
    pub fn new(size: Size) -> Self {
        let Size { p, n, d, .. } = size;
        let mut rng = stream(1, "bench", u64::from(u32::from(size.letter)), 0);
        let single = |x: f64| f64::from(x as f32);
        let mut x = vec![0.0; n * d];
        if size.orthogonal {
            x.chunks_exact_mut(d)
                .enumerate()
                .for_each(|(i, x)| x[i] = single(1.0 + uniform(&mut rng)));
        } else {
            x.fill_with(|| single(normal(&mut rng) / (d as f64).sqrt()));
        }
        let y = (0..n).map(|_| single(sign(&mut rng) * (1.0 + uniform(&mut rng)))).collect();
        let data = Data { n, d, x, y };
        let w = (0..p * d).map(|_| single(normal(&mut rng))).collect();
        let a = (0..p).map(|_| single(sign(&mut rng) * (1.0 + uniform(&mut rng)))).collect();
        let net = Net { p, d, w, a };
        let mut moved = net.clone();
        let expected =
            std::array::from_fn(|_| euler_step(&mut moved, &data, 1.0 / p as f64, size.dt));
        Self { size, net, data, expected }
    }

    /// Output scale s = 1/p.
    pub fn scale(&self) -> f64 {
        1.0 / self.size.p as f64
    }

    /// |x_i|^2.
    pub fn norm_sq(&self) -> Vec<f64> {
        self.data.x.chunks_exact(self.data.d).map(|x| x.iter().map(|x| x * x).sum()).collect()
    }

    /// Gram matrix; of orthogonal samples without the n^2 d multiplications.
    pub fn gram(&self) -> Vec<f64> {
        if !self.size.orthogonal {
            return gram(&self.data);
        }
        let n = self.data.n;
        let mut g = vec![0.0; n * n];
        for (i, norm_sq) in self.norm_sq().into_iter().enumerate() {
            g[i * n + i] = norm_sq;
        }
        g
    }
}
