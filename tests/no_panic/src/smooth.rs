//! The flow of a smooth field.

use reluflow::*;

/// A rotation, with every call.
#[inline(never)]
pub fn all<L: Lanes>(size: usize) -> Result<L::Elem, Error> {
    let (start, mut out) = ([L::Elem::ONE; 64], [L::Elem::ZERO; 64]);
    let mut memory = [L::Elem::ZERO; 1024];
    let start = start.get(..size).unwrap_or(&[]);
    let mut flow = Smooth::<L>::new(start, L::Elem::from_f64(1e-3), &mut memory)?;
    let mut field = |y: &[L::Elem], dy: &mut [L::Elem]| {
        y.iter().zip(dy).for_each(|(&y, dy)| *dy = -y);
    };
    let arrived = flow.advance(L::Elem::ONE, &mut field)?;
    flow.run(L::Elem::from_f64(4.0), 1000, &mut field)?;
    flow.at(flow.t() - flow.length(), out.get_mut(..size).unwrap_or(&mut []))?;
    let (steps, rejected) = flow.steps();
    let count = usize::from(arrived) + (steps + rejected + flow.evaluations()) as usize;
    let ends = flow.state().iter().chain(flow.velocity()).chain(&out);
    Ok(ends.fold(L::Elem::from_usize(count), |sum, &x| sum + x))
}
