//! Least squares by mirror flow.

use reluflow::mirror::descent::{Descent, Mirror, gradient, loss};
use reluflow::mirror::hypentropy::{
    self, divergence_sum, hessian, potential_sum, to_dual, to_primal,
};
use reluflow::mirror::network::{Network, features, join, lift, merge, reduce};
use reluflow::mirror::rates::{Rates, relaxation};
use reluflow::*;

/// n samples of dimension d, m directions.
#[inline(never)]
pub fn all<L: Lanes>(n: usize, m: usize, d: usize) -> Result<L::Elem, Error> {
    let one = L::Elem::ONE;
    let mut numbers = [[L::Elem::ZERO; 64]; 10];
    let too_large = Error::TooLarge;
    let [inputs, theta, beta, r, a, b, out, more, weights, velocity] = &mut numbers;
    let mut table = [L::Elem::ZERO; 256];
    let mut rng = init::stream(1, "no-panic", 2, 0);
    for x in inputs.iter_mut().chain(theta.iter_mut()).chain(a.iter_mut()).chain(b.iter_mut()) {
        *x = L::Elem::from_f64(init::normal(&mut rng));
    }
    let y = [one; 64];
    let y = y.get(..n).ok_or(too_large)?;
    let inputs = SamplesView::new(inputs.get(..n.saturating_mul(d)).ok_or(too_large)?, y, d)?;
    let table = table.get_mut(..n.saturating_mul(m)).ok_or(too_large)?;
    features::<L>(inputs, theta.get(..m.saturating_mul(d)).ok_or(too_large)?, table)?;
    let samples = SamplesView::new(table, y, m)?;
    let (a, b) = (a.get_mut(..m).ok_or(too_large)?, b.get_mut(..m).ok_or(too_large)?);
    let (beta, r) = (beta.get_mut(..m).ok_or(too_large)?, r.get_mut(..m).ok_or(too_large)?);
    let (out, more) = (out.get_mut(..m).ok_or(too_large)?, more.get_mut(..m).ok_or(too_large)?);
    let weights = weights.get_mut(..m.saturating_mul(2)).ok_or(too_large)?;
    let velocity = velocity.get_mut(..m.saturating_mul(2)).ok_or(too_large)?;
    reduce(a, b, beta, r)?;
    let mut group = [0usize; 64];
    for (at, group) in group.iter_mut().enumerate() {
        *group = at.checked_rem(d).unwrap_or(0);
    }
    let (group, count) = (group.get(..m).ok_or(too_large)?, m.min(d));
    let (few, some) =
        (out.get_mut(..count).ok_or(too_large)?, more.get_mut(..count).ok_or(too_large)?);
    let mut room = [L::Elem::ZERO; 256];
    merge(a, b, group, few, some, &mut room)?;
    lift(beta, r, out, more)?;
    join(out, more, weights)?;
    let mut sum = Network::<L>::new(samples, &mut room)?.velocity(weights, velocity);
    sum += loss::<L>(samples, beta)? + gradient::<L>(samples, beta, out)?;
    to_dual(beta, r, out)?;
    let mut mirror = Mirror::<L>::new(samples, r, &mut room)?;
    sum += mirror.velocity(out, more);
    sum += mirror.beta().iter().chain(mirror.r()).fold(one, |sum, &x| sum + x);
    let mut descent = Descent::<L>::new(samples, r, beta, &mut room)?;
    sum += descent.step(L::Elem::from_f64(1e-4));
    descent.beta(more)?;
    sum += descent.dual().first().copied().unwrap_or(one);
    sum += divergence_sum::<L>(beta, more, r)? + potential_sum::<L>(beta, r)?;
    to_primal(out, r, more)?;
    hessian(beta, r, out)?;
    for (&x, (&y, &r)) in beta.iter().zip(more.iter().zip(r.iter())) {
        let u = hypentropy::gradient(x, r);
        sum += hypentropy::potential(x, r) + hypentropy::second(x, r);
        sum += hypentropy::inverse(u, r) + hypentropy::divergence(x, y, r);
    }
    let rates = Rates::new(one, one, sum.abs(), m);
    sum += rates.exponential(one, one) + rates.hyperbolic(one, one);
    Ok(sum + relaxation(one, one, one, one))
}
