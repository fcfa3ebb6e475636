//! Deep networks with layers of every kind.

use core::hint::black_box;

use reluflow::deep::{Activation, Deep, Graph, Layer, check, parameters};
use reluflow::*;

/// A network of `width` numbers on a ring of `n` samples, with every call.
#[inline(never)]
pub fn all<L: Lanes>(n: usize, width: usize) -> Result<L::Elem, Error> {
    let leaky = Activation::Leaky { slope: 0.1 };
    let layers = black_box([
        Layer::graph(width, width, leaky).unbiased(),
        Layer::residual(width, Activation::Parametric),
        Layer::dense(width, width, Activation::Sigmoid),
        Layer::dense(width, width, Activation::Relu),
        Layer::dense(width, 2, Activation::Identity),
    ]);
    check(&layers, n)?;
    let too_short = Error::TooLarge;
    let (mut numbers, mut memory) = ([[L::Elem::ZERO; 512]; 4], [L::Elem::ZERO; 1 << 14]);
    let mut scratch = [L::Elem::ZERO; 1 << 14];
    let [theta, x, y, out] = &mut numbers;
    let mut rng = init::stream(1, "no-panic", 2, 0);
    x.iter_mut().for_each(|x| *x = L::Elem::from_f64(init::normal(&mut rng)));
    let count = parameters(&layers);
    let theta = theta.get_mut(..count).ok_or(too_short)?;
    init::linear_uniform(&layers, theta, &mut rng)?;
    init::kaiming_uniform(&layers, theta, &mut rng)?;
    let (mut starts, mut neighbours) = ([0usize; 64], [0usize; 128]);
    let mut weights = [L::Elem::ZERO; 128];
    for (i, start) in starts.iter_mut().enumerate() {
        *start = 2 * i;
    }
    for (at, k) in neighbours.iter_mut().enumerate() {
        // Pairs of neighbours, each sample beside itself.
        *k = (at / 4) * 2 + at % 2;
    }
    let graph = Graph::normalised(
        starts.get(..=n).ok_or(too_short)?,
        neighbours.get(..2 * n).ok_or(too_short)?,
        weights.get_mut(..2 * n).ok_or(too_short)?,
    )?;
    let mut sum = graph.row(n).fold(L::Elem::from_usize(graph.n()), |sum, (_, s)| sum + s);
    let x = x.get(..n.saturating_mul(width)).ok_or(too_short)?;
    let y = y.get(..n.saturating_mul(2)).ok_or(too_short)?;
    let mut deep = Deep::<L>::new(&layers, theta, x, y, Some(graph), &mut memory)?;
    sum += deep.step(L::Elem::from_f64(0.01)).loss + deep.loss();
    let f = out.get_mut(..deep.n().saturating_mul(deep.outputs())).ok_or(too_short)?;
    deep.predictions(f)?;
    deep.kernel_product(x.get(..f.len()).ok_or(too_short)?, f, &mut scratch)?;
    deep.push(theta, f, &mut scratch)?;
    sum += deep.rayleigh(f)?.unwrap_or(sum);
    sum += L::Elem::from_usize(Deep::<L>::tangent_len(&layers, n));
    let mut u = [L::Elem::ONE; 64];
    let u = u.get_mut(..f.len()).ok_or(too_short)?;
    sum += deep.gradient(theta)?.speed_sq;
    deep.pullback(u, theta)?;
    deep.write(theta)?;
    deep.restore(theta)?;
    Ok(sum + L::Elem::from_usize(usize::from(deep.health().is_good())))
}
