//! The same flow in n + 1 dimensions.
//!
//! Neurons move in the span of the samples; of what is across it the norm counts, and only in |w_j|.
//! So n samples of any dimension d > n are n samples in their own span, and each w_j its coordinates
//! there and one more number. A look at the network then costs n and not d.
use super::law::Draw;
use engine::trajectory::{Problem, Start};
use lab::failure::Failure;
use lab::statistics::larger;
use nalgebra::{DMatrix, DVector};
use reluflow::Scale;

/// `draw` in d dimensions as a problem in n + 1 of them, with output scale 1/p.
pub fn folded(draw: &Draw, d: usize) -> Result<Problem, Failure> {
    let n = draw.y.len();
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let row = |i: usize| &draw.x[i * d..(i + 1) * d];
    let gram = DMatrix::from_fn(n, n, |i, k| dot(row(i), row(k)));
    let Some(cholesky) = gram.cholesky() else {
        return Err(Failure::bad_input(format!(
            "{n} samples in {d} dimensions are linearly dependent; choose d above n"
        )));
    };
    let lower = cholesky.l();
    let wide = n + 1;
    let mut x = vec![0.0; n * wide];
    for i in 0..n {
        for k in 0..=i {
            x[i * wide + k] = lower[(i, k)];
        }
    }
    let mut w = Vec::with_capacity(draw.a.len() * wide);
    for neuron in draw.w.chunks_exact(d) {
        let z = DVector::from_fn(n, |i, _| dot(neuron, row(i)));
        let own = lower.solve_lower_triangular(&z).unwrap_or(z);
        let across = larger(dot(neuron, neuron) - own.norm_squared(), 0.0).sqrt();
        w.extend(own.iter().copied().chain([across]));
    }
    let start = Start { w, a: draw.a.clone(), exponent: 0 };
    Ok(Problem { x, y: draw.y.clone(), d: wide, start, scale: Scale::OneOverP })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::law::NetworkId;
    use oracle::{Data, Net, curvature, pre_activations};
    use reluflow::init::Inner;

    #[test]
    fn products_norms_and_the_curvature_stay() {
        let (p, n, d) = (7, 5, 40);
        let place = NetworkId { seed: 3, name: "folded", cell: 0, trial: 0 };
        let draw = Draw::sphere(place, (p, n, d), Inner::Uniform).unwrap();
        let folded = folded(&draw, d).unwrap();
        let own = |w: &[f64], x: &[f64], d: usize| {
            let net = Net { w: w.to_vec(), a: draw.a.clone(), p, d };
            let data = Data { x: x.to_vec(), y: draw.y.clone(), n, d };
            (pre_activations(&net, &data), curvature(&net, &data, 1.0 / p as f64))
        };
        let (z, mu) = own(&draw.w, &draw.x, d);
        let (folded_z, folded_mu) = own(&folded.start.w, &folded.x, n + 1);
        assert!(z.iter().zip(&folded_z).all(|(z, own)| (z - own).abs() < 1e-12));
        assert!((mu / folded_mu - 1.0).abs() < 1e-12);
        let square = |w: &[f64]| w.iter().map(|w| w * w).sum::<f64>();
        for (w, own) in draw.w.chunks(d).zip(folded.start.w.chunks(n + 1)) {
            assert!((square(w) - square(own)).abs() < 1e-12);
        }
    }
}
