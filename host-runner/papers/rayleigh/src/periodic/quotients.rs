//! Bounds of R(K*; h, h), and the quotients of random models.
use crate::shared::region::Region;
use crate::shared::waves::{Pair, Quotient, Sizes};
use lab::Context;
use lab::failure::Failure;
use lab::statistics::{min, smaller};
use reluflow::init::stream;
use reluflow::sines::Recovery;

/// The printed constants and ours.
pub struct Bounds {
    /// Of the paper.
    pub region: Region,
    /// Ours.
    pub constants: Recovery<f64>,
    /// (kappa - rho)/3 of ours.
    pub own: f64,
}

impl Bounds {
    /// Ours asks for a separation of the model, which is that of the target less 2 eta at least.
    pub fn new(sizes: Sizes) -> Self {
        let Sizes { m, mu, eta, .. } = sizes;
        let constants = Recovery::new(m, mu - 2.0 * eta, eta);
        Self { region: Region::new(m, mu, eta), constants, own: constants.wide() }
    }
}

/// Quotients of random models.
pub struct Draws {
    /// One a draw.
    pub draws: Vec<Quotient>,
}

impl Draws {
    pub fn new(context: &Context, sizes: Sizes, count: usize) -> Result<Self, Failure> {
        let mut draws = Vec::new();
        for trial in 0..count {
            if context.interrupted() {
                return Err(context.stopped());
            }
            let mut rng = stream(context.config.seed, "rayleigh-periodic", 0, trial as u64);
            draws.push(Pair::draw(sizes, trial, &mut rng).quotient(sizes.radius));
        }
        Ok(Self { draws })
    }

    /// The least R(K*; h, h)/alpha at R.
    pub fn least(&self, radius: f64) -> f64 {
        min(self.draws.iter().map(|draw| draw.at(radius)))
    }

    /// Draws below `bound` at R.
    pub fn below(&self, radius: f64, bound: f64) -> f64 {
        let above = self.draws.iter().filter(|draw| draw.at(radius) >= bound).count();
        (self.draws.len() - above) as f64
    }
}

/// min(1, R^2/2).
pub fn factor(radius: f64) -> f64 {
    smaller(radius * radius / 2.0, 1.0)
}
