//! The sizes that everything is measured at, and a network with data for each.
use oracle::{Data, Net, euler_step, gram, orthogonal_step, pre_activations};
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

/// Neurons of the table of widths: one, around a register, and no multiple of anything.
pub const WIDTHS: [usize; 9] = [1, 15, 16, 17, 33, 39, 64, 127, 200];

impl Size {
    /// The size of the table of widths with p neurons.
    pub fn of_width(p: usize) -> Self {
        Size { letter: 'W', p, n: 500, d: 50, orthogonal: false, dt: 0.5 }
    }

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

/// Which pairs (j, i) of an orthogonal fixture have u_ji > 0; the others are dead for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alive {
    /// As the start was drawn: half of them, at random.
    Random,
    /// All.
    All,
    /// Those with the sign of y_i that of a_j, which are what training leaves alive: half.
    Half,
    /// Of those, the half that the random start had alive.
    Quarter,
    /// Of those of [`Half`](Alive::Half), the ones of every other neuron.
    QuarterOfNeurons,
}

impl Alive {
    /// Name of the case.
    pub fn step(self) -> &'static str {
        match self {
            Self::Random => "orthogonal",
            Self::All => "orthogonal-all",
            Self::Half => "orthogonal-half",
            Self::Quarter => "orthogonal-quarter",
            Self::QuarterOfNeurons => "orthogonal-quarter-neurons",
        }
    }

    /// Is the pair alive, where `drawn` says how it was drawn?
    fn keeps(self, drawn: bool, j: usize, outer: f64, y: f64) -> bool {
        let same = outer * y > 0.0;
        match self {
            Self::Random => drawn,
            Self::All => true,
            Self::Half => same,
            Self::Quarter => same && drawn,
            // In pairs, for the signs of a may alternate.
            Self::QuarterOfNeurons => same && j % 4 < 2,
        }
    }
}

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
    /// Which pairs are alive.
    pub alive: Alive,
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
        Self { size, net, data, alive: Alive::Random, expected }
    }

    /// The orthogonal fixture with other pairs alive: the signs of w change, nothing else.
    pub fn with_alive(&self, alive: Alive) -> Self {
        let mut fixture = Self { alive, ..self.clone() };
        let (p, d) = (self.size.p, self.size.d);
        for j in 0..p {
            // x_i = c_i e_i with c_i > 0: the sign of w_ji is that of u_ji.
            for (w, &y) in fixture.net.w[j * d..(j + 1) * d].iter_mut().zip(&self.data.y) {
                let keep = alive.keeps(*w > 0.0, j, self.net.a[j], y);
                *w = if keep { w.abs() } else { -w.abs() };
            }
        }
        let mut u = pre_activations(&fixture.net, &self.data);
        let (mut a, y, norm_sq) = (self.net.a.clone(), &self.data.y, self.norm_sq());
        let (s, dt) = (self.scale(), self.size.dt);
        fixture.expected =
            std::array::from_fn(|_| orthogonal_step(&mut u, &mut a, &norm_sq, y, s, dt));
        fixture
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
