//! Orthonormal samples, the same with a little correlation, and starts.
use engine::exact;
use lab::failure::Failure;
use nalgebra::DMatrix;
use reluflow::init::{normal, stream, uniform};
use reluflow::limit::Sign;
use reluflow::{NetView, NetViewMut, SamplesView};

/// Which random stream: seed, cell, trial.
pub type Place = (u64, u64, u64);

const ID: &str = "orthogonal-phases";

/// Unit samples of which every two have the same inner product, and targets +-U[1, 2].
#[derive(Debug, Clone)]
pub struct Data {
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    pub d: usize,
    /// n + 1 orthonormal vectors, row by row; the first n are the samples without correlation.
    basis: Vec<f64>,
}

impl Data {
    /// Orthonormal samples; the first `positive` of the n targets are positive. Needs n < d.
    pub fn draw((seed, cell, trial): Place, [n, positive, d]: [usize; 3]) -> Self {
        let mut rng = stream(seed, ID, cell, trial);
        let gaussian = DMatrix::from_fn(d, n + 1, |_, _| normal(&mut rng));
        // Columns of Q lie one after the other, as our rows do.
        let basis = gaussian.qr().q().as_slice().to_vec();
        let sign = |i: usize| if i < positive { 1.0 } else { -1.0 };
        let y = (0..n).map(|i| sign(i) * (1.0 + uniform(&mut rng))).collect();
        Self { x: basis[..n * d].to_vec(), y, d, basis }
    }

    /// The same with <x_i, x_k> = delta: x_i = sqrt(1 - delta) q_i + sqrt(delta) q_n.
    pub fn correlated(&self, delta: f64) -> Self {
        let shared = self.basis[self.basis.len() - self.d..].iter().cycle();
        let mix = |(x, q): (&f64, &f64)| (1.0 - delta).sqrt() * x + delta.sqrt() * q;
        let own = &self.basis[..self.x.len()];
        Self { x: own.iter().zip(shared).map(mix).collect(), ..self.clone() }
    }

    pub fn n(&self) -> usize {
        self.y.len()
    }

    pub fn samples(&self) -> Result<SamplesView<'_, f64>, Failure> {
        Ok(SamplesView::new(&self.x, &self.y, self.d)?)
    }

    /// L at h = 0.
    pub fn first_loss(&self) -> f64 {
        self.y.iter().map(|y| y * y).sum::<f64>() / (2 * self.n()) as f64
    }

    /// Both signs, that of the larger |D| first.
    pub fn sides(&self) -> Result<[Side; 2], Failure> {
        let (plus, minus) = (Side::of(self, Sign::Plus)?, Side::of(self, Sign::Minus)?);
        Ok(if plus.rate >= minus.rate { [plus, minus] } else { [minus, plus] })
    }
}

/// The targets of one sign.
#[derive(Debug, Clone)]
pub struct Side {
    pub sign: Sign,
    /// |y_i|/|y| on its samples, 0 on the others: where samples are orthonormal, the coordinates
    /// of the direction in which its neurons end, D_+/|D_+| or -D_-/|D_-|.
    pub unit: Vec<f64>,
    /// |y| over its samples, which is the final sum of a_j^2 over its neurons.
    pub size: f64,
    /// |D|.
    pub rate: f64,
}

impl Side {
    fn of(data: &Data, sign: Sign) -> Result<Self, Failure> {
        let mut out = vec![0.0; data.d];
        let rate = exact::direction(data.samples()?, sign, &mut out)?;
        let own = data.y.iter().map(|&y| if holds(sign, y) { y.abs() } else { 0.0 });
        let size = own.clone().map(|y| y * y).sum::<f64>().sqrt();
        Ok(Self { sign, unit: own.map(|y| y / size).collect(), size, rate })
    }

    /// Is a_j of this sign?
    pub fn holds(&self, a: f64) -> bool {
        holds(self.sign, a)
    }

    /// How many samples.
    pub fn count(&self) -> usize {
        self.unit.iter().filter(|unit| **unit > 0.0).count()
    }

    /// L when this side alone is not fitted.
    pub fn loss(&self) -> f64 {
        self.size * self.size / (2 * self.unit.len()) as f64
    }
}

fn holds(sign: Sign, x: f64) -> bool {
    match sign {
        Sign::Plus => x > 0.0,
        Sign::Minus => x < 0.0,
    }
}

/// Balanced, w_jk ~ N(0, 1/m); lambda is a factor beside it, as its square may not be a number.
#[derive(Debug, Clone)]
pub struct Start {
    pub w: Vec<f64>,
    pub a: Vec<f64>,
    pub d: usize,
}

impl Start {
    pub fn draw((seed, cell, trial): Place, m: usize, d: usize) -> Result<Self, Failure> {
        let (mut w, mut a) = (vec![0.0; m * d], vec![0.0; m]);
        let mut rng = stream(seed, ID, cell, trial);
        let mut net = NetViewMut::new(&mut w, &mut a, d)?;
        exact::balanced(&mut net, 1.0 / (m as f64).sqrt(), &mut rng);
        Ok(Self { w, a, d })
    }

    pub fn net(&self) -> Result<NetView<'_, f64>, Failure> {
        Ok(NetView::new(&self.w, &self.a, self.d)?)
    }

    /// Assumption 3: S_+ and S_- have a neuron each.
    pub fn assumption_3(&self, data: &Data) -> Result<bool, Failure> {
        let (net, samples) = (self.net()?, data.samples()?);
        Ok(exact::carriers(net, samples, Sign::Plus)? > 0
            && exact::carriers(net, samples, Sign::Minus)? > 0)
    }

    /// Which neurons carry this side.
    pub fn carriers(&self, data: &Data, side: &Side) -> Result<Vec<bool>, Failure> {
        let samples = data.samples()?;
        let neurons = self.net()?.rows().zip(&self.a);
        Ok(neurons.map(|(w, &a)| exact::carries(w, a, samples, side.sign)).collect())
    }

    /// |w_j|^2 less its part in the span of orthonormal samples: what no flow moves.
    pub fn outside(&self, data: &Data) -> Vec<f64> {
        let outside = |w: &[f64]| {
            let mut rest = w.to_vec();
            for x in data.x.chunks_exact(self.d) {
                let along: f64 = w.iter().zip(x).map(|(w, x)| w * x).sum();
                rest.iter_mut().zip(x).for_each(|(rest, x)| *rest -= along * x);
            }
            rest.iter().map(|x| x * x).sum()
        };
        self.w.chunks_exact(self.d).map(outside).collect()
    }

    /// For each neuron with a_j of this sign: the samples of the side that it sees.
    pub fn seen(&self, data: &Data, side: &Side) -> Vec<Vec<bool>> {
        let sees = |w: &[f64], x: &[f64]| w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() > 0.0;
        let neurons = self.w.chunks_exact(self.d).zip(&self.a).filter(|(_, a)| side.holds(**a));
        let row = |(w, _): (&[f64], &f64)| {
            let pairs = data.x.chunks_exact(self.d).zip(&side.unit);
            pairs.map(|(x, &unit)| unit > 0.0 && sees(w, x)).collect()
        };
        neurons.map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_the_inner_products_asked_for() {
        let data = Data::draw((3, 0, 0), [5, 3, 9]);
        for delta in [0.0, 0.01, 0.3] {
            let x = data.correlated(delta).x;
            for (i, p) in x.chunks_exact(9).enumerate() {
                for (k, q) in x.chunks_exact(9).enumerate() {
                    let inner: f64 = p.iter().zip(q).map(|(p, q)| p * q).sum();
                    let wanted = if i == k { 1.0 } else { delta };
                    assert!((inner - wanted).abs() < 1e-13, "{i} {k} {inner}");
                }
            }
        }
        assert_eq!(data.y.iter().filter(|y| **y > 0.0).count(), 3);
    }

    #[test]
    fn the_kernels_rate_is_the_norm_of_the_targets_over_n() {
        let data = Data::draw((4, 0, 0), [6, 4, 8]);
        let sides = data.sides().unwrap();
        assert!(sides[0].rate > sides[1].rate);
        for side in &sides {
            assert!((side.rate - side.size / 6.0).abs() < 1e-14);
        }
        let total: f64 = sides.iter().map(Side::loss).sum();
        assert!((total - data.first_loss()).abs() < 1e-13);
    }

    #[test]
    fn carriers_see_all_samples_of_their_side() {
        let data = Data::draw((5, 0, 0), [4, 2, 6]);
        let start = Start::draw((5, 0, 1), 64, 6).unwrap();
        for side in data.sides().unwrap() {
            let carriers = start.carriers(&data, &side).unwrap();
            let all = start.seen(&data, &side).into_iter();
            let all = all.filter(|row| row.iter().filter(|seen| **seen).count() == side.count());
            assert_eq!(carriers.iter().filter(|c| **c).count(), all.count());
        }
    }
}
