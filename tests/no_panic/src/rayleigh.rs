//! Rayleigh quotients, logistic regression, sums of sines.

use reluflow::rayleigh::{Differential, quotient};
use reluflow::sines::{Recovery, Sines, phi, psi, sinc};
use reluflow::softmax::{Labelled, LossBound};
use reluflow::*;

/// Every call, with n rows and p columns.
#[inline(never)]
pub fn all<L: Lanes>(n: usize, p: usize, k: usize) -> Result<L::Elem, Error> {
    let (mut numbers, mut room) = ([L::Elem::ZERO; 256], [L::Elem::ZERO; 1024]);
    let mut rng = init::stream(1, "no-panic", 2, 0);
    numbers.iter_mut().for_each(|x| *x = L::Elem::from_f64(init::normal(&mut rng)));
    let short = Error::TooLarge;
    let part = |len: usize| numbers.get(..len).ok_or(short);
    let (d, h, v) = (part(n.saturating_mul(p))?, part(n)?, part(p)?);
    let mut sum = quotient::<L>(d, h, v)?;
    let model = Differential::new(d, n, p)?;
    model.apply::<L>(v, room.get_mut(..n).ok_or(short)?)?;
    model.adjoint::<L>(h, room.get_mut(..p).ok_or(short)?)?;
    sum += model.quotient::<L>(h, h, &mut room)?;
    sum += model.direction::<L>(h, v, &mut room)?.cosine + model.split::<L>(h, &mut room)?.gain;
    sum += model.directions::<L>(h, part(k.saturating_mul(p))?, &mut room)?.bounded.slack;

    let labels = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2];
    let data = Labelled::new(d, labels.get(..n).ok_or(short)?, p, 3)?;
    let (theta, mut gradient) = (part(p.saturating_mul(3))?, [L::Elem::ZERO; 256]);
    let gradient = gradient.get_mut(..theta.len()).ok_or(short)?;
    sum += data.loss::<L>(theta, &mut room)? + data.gradient::<L>(theta, gradient, &mut room)?;
    let eps = data.margin::<L>(theta, &mut room)?;
    let bound = LossBound::new(eps, data.isolation() + L::Elem::from_usize(data.n()), sum.abs());
    sum += bound.at(L::Elem::ONE) + bound.decrease(eps);
    sum += lambert::w0(L::Elem::ONE) + lambert::w0_exp(sum);

    let (model, other) = (Sines::new(v, part(p)?)?, Sines::new(h, part(n)?)?);
    sum += model.gradient(other, L::Elem::ONE, room.get_mut(..p + p).ok_or(short)?)?;
    sum += model.product(other, eps) + model.value(eps) + L::Elem::from_usize(model.terms());
    sum += sinc(eps) + psi(eps) + phi(eps);
    let constants = Recovery::new(p, L::Elem::from_f64(60.0), L::Elem::from_f64(0.1));
    Ok(sum + constants.wide() + constants.at(L::Elem::ONE))
}
