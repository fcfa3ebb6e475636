//! The ends of a spectrum, and the tangent kernel as the matrix.

use reluflow::spectrum::{End, Lanczos, Rules};
use reluflow::tangent::Tangent;
use reluflow::*;

/// Every public function of both, at sizes known at run time.
#[inline(never)]
pub fn spectrum<L: Lanes>(p: usize, n: usize, d: usize, seed: u64) -> Result<L::Elem, Error> {
    let mut numbers = [[L::Elem::ZERO; 256]; 4];
    let [w, a, x, y] = &mut numbers;
    let mut rng = init::stream(seed, "no-panic", 2, 0);
    for x in x.iter_mut().chain(y.iter_mut()) {
        *x = L::Elem::from_f64(init::normal(&mut rng));
    }
    let (pd, nd) = (p.saturating_mul(d), n.saturating_mul(d));
    let y = y.get(..n).ok_or(Error::TooLarge)?;
    let samples = SamplesView::new(x.get(..nd).ok_or(Error::TooLarge)?, y, d)?;
    let w = w.get_mut(..pd).ok_or(Error::TooLarge)?;
    let mut net = NetViewMut::new(w, a.get_mut(..p).ok_or(Error::TooLarge)?, d)?;
    init::balanced::<L>(&mut net, 0.5, &mut rng);
    let mut room = [L::Elem::ZERO; 1024];
    let mut tangent = Tangent::<L>::new(net.as_view(), samples, Scale::OneOverP, &mut room)?;
    let (mut dw, mut da) = ([L::Elem::ZERO; 256], [L::Elem::ZERO; 256]);
    let dw = dw.get_mut(..pd).ok_or(Error::TooLarge)?;
    let da = da.get_mut(..p).ok_or(Error::TooLarge)?;
    let (mut out, mut rest) = ([L::Elem::ZERO; 256], [L::Elem::ZERO; 256]);
    tangent.pullback(y, dw, da)?;
    tangent.forward(dw, da, out.get_mut(..n).ok_or(Error::TooLarge)?)?;
    tangent.kernel(out.get_mut(..n.saturating_mul(n)).ok_or(Error::TooLarge)?)?;
    let mut sum = tangent.rayleigh(y)? + tangent.descent(y)? + tangent.mu(y)?;
    let out = out.get_mut(..n).ok_or(Error::TooLarge)?;
    let rest = rest.get_mut(..n).ok_or(Error::TooLarge)?;
    let mut memory = [L::Elem::ZERO; 2048];
    let mut broken = Ok(());
    let mut product = |x: &[L::Elem], ax: &mut [L::Elem]| {
        broken = broken.and(tangent.kernel_product(x, ax));
    };
    let rules = Rules { semidefinite: true, ..Rules::new(n) };
    {
        let mut lanczos = Lanczos::<L>::with_start(y, p, rules, rng.clone(), &mut memory)?;
        lanczos.step(&mut product)?;
        sum += lanczos.vector(End::Greatest, out)?;
    }
    let mut lanczos = Lanczos::<L>::new(n, n, rules, rng, &mut memory)?;
    let ends = lanczos.run(&mut product)?;
    sum += lanczos.residual(End::Least, &mut product, out, rest)? + lanczos.spectrum().norm();
    sum += ends.least.width() + L::Elem::from_usize(lanczos.steps());
    let said = [lanczos.is_done(), ends.converged(sum), ends.greatest.converged(sum)];
    sum += L::Elem::from_usize(said.iter().filter(|&&said| said).count());
    broken.map(|()| sum)
}
