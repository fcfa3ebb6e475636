//! Looks at the tangent kernel K = J J^T (nM x nM; the paper's G) while a network is trained.
//!
//! Where nM is small K is written out, column by column, and its eigenvalues are found densely; what
//! rounding of K may have made of a 0, nM eps lambda_max, counts as 0. Elsewhere Lanczos' method
//! gives bounds: the least Ritz value is never below lambda_min, and says nothing of how far above it is.
use super::journal::Look;
use super::samples::Samples;
use super::spectrum::ends;
use engine::Numerics;
use engine::deep::{DeepMemory, DeepNetwork, deep, ends as lanczos};
use engine::linalg::{dot, norm_sq};
use lab::Arithmetic;
use lab::failure::Failure;
use nalgebra::DMatrix;
use reluflow::deep::Layer;
use reluflow::spectrum::Rules;

/// How the eigenvalues are found.
#[derive(Debug, Clone, Copy)]
pub struct Means {
    /// Largest nM of a kernel that is written out.
    pub exact: usize,
    /// Products of Lanczos' method beyond.
    pub products: usize,
    /// Seed of its starts.
    pub seed: u64,
    /// Arithmetic of what is looked at, which is in f64.
    pub arithmetic: Arithmetic,
}

/// A network in f64, whatever it is trained in.
pub struct Tangent<'a> {
    network: Box<dyn DeepNetwork + 'a>,
    samples: &'a Samples,
    means: Means,
}

impl<'a> Tangent<'a> {
    /// Of a network on its samples.
    pub fn new(
        layers: &'a [Layer],
        theta: &[f64],
        samples: &'a Samples,
        means: Means,
        memory: &'a mut DeepMemory,
    ) -> Result<Self, Failure> {
        let numerics = Numerics { arithmetic: means.arithmetic, ..Numerics::EXACT };
        let network = deep(numerics, &samples.problem(layers, theta), memory)?;
        Ok(Tangent { network, samples, means })
    }

    /// At the parameters of an epoch, where training measured -d log L/dt = `mu`. `None` where they are not finite.
    pub fn look(&mut self, theta: &[f64], epoch: u64, mu: f64) -> Result<Option<Look>, Failure> {
        if theta.iter().any(|x| !x.is_finite()) {
            return Ok(None);
        }
        self.network.restore(theta)?;
        let size = self.samples.targets();
        let mut f = vec![0.0; size];
        self.network.predictions(&mut f)?;
        let r: Vec<f64> = self.samples.y.iter().zip(&f).map(|(y, f)| y - f).collect();
        let mut moved = vec![0.0; size];
        self.network.kernel_product(&r, &mut moved)?;
        let size_sq = norm_sq(self.means.arithmetic, &r);
        let (loss, quotient) = (0.5 * size_sq, dot(self.means.arithmetic, &r, &moved) / size_sq);
        let (least, greatest) = if size <= self.means.exact {
            let (least, greatest) = ends(self.matrix()?);
            let floor = size as f64 * f64::EPSILON * greatest;
            (if least > floor { least } else { 0.0 }, greatest)
        } else {
            self.bounds(epoch)?
        };
        let found = Look { epoch, loss, mu, quotient, least, greatest };
        let numbers = [quotient, least, greatest, mu];
        Ok(numbers.iter().all(|x| x.is_finite()).then_some(found))
    }

    /// K.
    fn matrix(&mut self) -> Result<DMatrix<f64>, Failure> {
        let size = self.samples.targets();
        let mut matrix = DMatrix::zeros(size, size);
        let (mut unit, mut column) = (vec![0.0; size], vec![0.0; size]);
        for k in 0..size {
            unit[k] = 1.0;
            self.network.kernel_product(&unit, &mut column)?;
            unit[k] = 0.0;
            matrix.column_mut(k).copy_from_slice(&column);
        }
        // Rounding differs on the two sides of the diagonal.
        Ok(0.5 * (&matrix + matrix.transpose()))
    }

    /// (a number that lambda_min is not above, one that lambda_max is not below).
    fn bounds(&mut self, epoch: u64) -> Result<(f64, f64), Failure> {
        let size = self.samples.targets();
        let rules = Rules { semidefinite: true, ..Rules::new(size) };
        let Means { products, seed, arithmetic, .. } = self.means;
        let network = &mut self.network;
        let mut failed = None;
        let stream = (seed, "general-lanczos", epoch);
        let found = lanczos(arithmetic, (size, products), rules, stream, &mut |x, kx| {
            if let Err(error) = network.kernel_product(x, kx) {
                failed = Some(error);
            }
        })?;
        match failed {
            Some(error) => Err(error.into()),
            None => Ok((found.least.high, found.greatest.low)),
        }
    }
}
