//! The constants of Proposition 4.7, as they are printed.
use lab::statistics::{max, smaller};
use reluflow::sines::{INFLECTION, phi, psi};

/// H = 1 + 1/2 + .. + 1/m.
fn harmonic(m: usize) -> f64 {
    (1..=m).map(|k| 1.0 / k as f64).sum()
}

/// kappa_0, rho_0 and what is made of them, for m terms, separation mu and closeness eta.
#[derive(Debug, Clone, Copy)]
pub struct Region {
    /// kappa_0 = (phi(eta) - 1/(mu - eta)) / (phi(0) + 1/(mu - eta)).
    pub kappa: f64,
    /// rho_0 = (psi(eta) + 1/(mu - eta) + 4H/(mu - 2 eta)) / (phi(eta) - 1/(mu - eta)).
    pub rho: f64,
    /// phi(eta) - 1/(mu - eta).
    gap: f64,
}

impl Region {
    /// For 0 < eta <= x_0 and eta < mu/2.
    pub fn new(m: usize, mu: f64, eta: f64) -> Self {
        let far = 1.0 / (mu - eta);
        let gap = phi(eta) - far;
        let rest = psi(eta) + far + 4.0 * harmonic(m) / (mu - 2.0 * eta);
        Self { kappa: gap / (phi(0.0) + far), rho: rest / gap, gap }
    }

    /// (phi(eta) - 1/(mu - eta)) (kappa_0 - rho_0)^2 / (1 + rho_0): the bound over alpha.
    pub fn bound(&self) -> f64 {
        self.gap * (self.kappa - self.rho).powi(2) / (1.0 + self.rho)
    }

    /// Where kappa_0 > rho_0 > 0. Elsewhere the square hides a sign, and nothing is promised.
    pub fn promises(&self) -> bool {
        self.gap > 0.0 && self.kappa > self.rho
    }

    /// The R below which the quotient along x cos(w x), R^2/6 but for terms of 1/mu, is less than the bound.
    pub fn narrow(&self) -> f64 {
        (6.0 * self.bound()).sqrt()
    }
}

/// mu_0: above it some eta has kappa_0 > rho_0, below it none. Both are best for eta -> 0, where with x = 1/mu
/// (1/3 - x)^2 = (1 + 4H) x (1/3 + x).
pub fn mu_0(m: usize) -> f64 {
    let four = 4.0 * harmonic(m);
    let middle = 1.0 + four / 3.0;
    2.0 * four / ((middle * middle + four * 4.0 / 9.0).sqrt() - middle)
}

/// The largest kappa_0 - rho_0 over eta, of 400 values down to 1e-9.
pub fn best(m: usize, mu: f64) -> f64 {
    let last = smaller(INFLECTION, 0.499 * mu);
    let etas = (0..400).map(|k| 1e-9 * (last / 1e-9).powf(f64::from(k) / 399.0));
    let inside = etas.map(|eta| Region::new(m, mu, eta)).filter(|region| region.gap > 0.0);
    let differences: Vec<f64> = inside.map(|region| region.kappa - region.rho).collect();
    // Without a single phi(eta) > 1/(mu - eta) there is nothing to compare.
    if differences.is_empty() { f64::NEG_INFINITY } else { max(differences) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed from the printed formulas by hand.
    #[test]
    fn constants_are_those_that_are_printed() {
        let region = Region::new(2, 60.0, 0.1);
        for (value, printed, error) in [
            (region.kappa, 0.9018, 5e-5),
            (region.rho, 0.4763, 5e-5),
            (region.bound(), 0.03871, 5e-6),
        ] {
            assert!((value - printed).abs() <= error, "{value} {printed}");
        }
        assert!(region.promises() && (region.narrow() - 0.482).abs() < 1e-3);
    }

    #[test]
    fn the_least_separation_is_where_the_sign_turns() {
        for (m, printed) in [(2, 28.87), (3, 33.00), (4, 36.08)] {
            let least = mu_0(m);
            assert!((least - printed).abs() < 6e-3, "{m}: {least}");
            assert!(best(m, 1.001 * least) > 0.0 && best(m, 0.999 * least) < 0.0, "{m}");
        }
    }

    /// Read without kappa_0 > rho_0, the square would promise more, not less, the further rho_0 is above.
    #[test]
    fn where_kappa_is_below_rho_nothing_is_promised() {
        for (m, mu, eta) in [(2, 20.0, 0.1), (1, 1e4, 2.0), (2, 3.1, 0.5)] {
            let region = Region::new(m, mu, eta);
            assert!(!region.promises() && region.bound() > 0.0, "{region:?}");
        }
    }
}
