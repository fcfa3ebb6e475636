//! Random samples and starts of paper `weak`: |x_i| ~ U[1, 2], y_i = +-U[1, 2] with a fair sign,
//! a_j = +-(|w_j| + Exp(1)).
use engine::exact;
use lab::failure::Failure;
use lab::settings::{Key, Word};
use reluflow::NetViewMut;
use reluflow::init::{Inner, normal, sign, stream, uniform};

/// The law of w.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InnerLaw(pub Inner);

impl Word for InnerLaw {
    const WORDS: &'static [(&'static str, Self)] =
        &[("uniform", Self(Inner::Uniform)), ("gaussian", Self(Inner::Gaussian))];
}

/// The key of it.
pub const INNER: Key<InnerLaw> = Key::choice(
    "inner",
    InnerLaw(Inner::Uniform),
    "law of w_jk: U(-1/sqrt d, 1/sqrt d) as in the published code, or N(0, 1/d) as in the text",
);

/// Which network of which cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkId {
    /// Seed of the run.
    pub seed: u64,
    /// Name of the streams: networks of experiments that share it are the same.
    pub name: &'static str,
    /// Sizes, see [`cell`].
    pub cell: u64,
    /// Number within the cell.
    pub trial: u64,
}

/// A number for each (p, n, d): a network does not depend on what else is run.
pub fn cell((p, n, d): (usize, usize, usize)) -> u64 {
    (p as u64) << 44 | (n as u64) << 20 | d as u64
}

/// Samples and weights.
#[derive(Debug, Clone, Default)]
pub struct Draw {
    /// n x d row-major.
    pub x: Vec<f64>,
    /// n.
    pub y: Vec<f64>,
    /// p x d row-major.
    pub w: Vec<f64>,
    /// p.
    pub a: Vec<f64>,
}

impl Draw {
    /// Samples of uniform direction.
    pub fn sphere(
        place: NetworkId,
        sizes: (usize, usize, usize),
        law: Inner,
    ) -> Result<Self, Failure> {
        let (_, n, d) = sizes;
        let mut rng = place.stream(0);
        let mut x = Vec::with_capacity(n * d);
        for _ in 0..n {
            let direction: Vec<f64> = (0..d).map(|_| normal(&mut rng)).collect();
            let norm = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
            let length = 1.0 + uniform(&mut rng);
            x.extend(direction.into_iter().map(|x| x / norm * length));
        }
        let y = (0..n).map(|_| sign(&mut rng) * (1.0 + uniform(&mut rng))).collect();
        let (w, a) = place.start(sizes, law)?;
        Ok(Self { x, y, w, a })
    }
}

impl NetworkId {
    /// The stream of samples, 0, or of the start, 1.
    pub fn stream(self, what: u64) -> impl reluflow::init::Rng {
        // Two streams a trial, so that the start does not depend on how the samples are drawn.
        stream(self.seed, self.name, self.cell, self.trial << 1 | what)
    }

    /// w and a of p neurons in d dimensions.
    pub fn start(
        self,
        (p, _, d): (usize, usize, usize),
        law: Inner,
    ) -> Result<(Vec<f64>, Vec<f64>), Failure> {
        let (mut w, mut a) = (vec![0.0; p * d], vec![0.0; p]);
        let mut rng = self.stream(1);
        let mut net = NetViewMut::new(&mut w, &mut a, d)?;
        exact::asymmetric(&mut net, law, &mut rng);
        Ok((w, a))
    }
}
