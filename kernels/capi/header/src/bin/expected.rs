//! Writes what the Rust interface computes, at width 1, as C arrays of bits: tests/rust.c compares
//! the C interface with it.

use reluflow::init::{Inner, asymmetric, balanced, stream};
use reluflow::{
    Batch, Canonical, Dense, Error, Gram, NetView, NetViewMut, Orthogonal, SamplesView, Scale,
    Step, Stream,
};

type L = Canonical<f32>;

const P: usize = 9;
const N: usize = 21;
const D: usize = 4;
const STEPS: usize = 25;
const DT: f32 = 0.125;

fn print(name: &str, numbers: impl IntoIterator<Item = f32>) {
    let bits: Vec<String> = numbers.into_iter().map(|x| format!("{:#010x}", x.to_bits())).collect();
    println!("static const uint32_t {name}[] = {{{}}};", bits.join(", "));
}

/// A start by `fill` with seed 7.
fn start(fill: impl FnOnce(&mut NetViewMut<'_, f32>)) -> (Vec<f32>, Vec<f32>) {
    let (mut w, mut a) = (vec![0.0; P * D], vec![0.0; P]);
    fill(&mut NetViewMut::new(&mut w, &mut a, D).expect("the sizes agree"));
    (w, a)
}

/// The last of STEPS steps.
fn train(mut step: impl FnMut() -> Step<f32>) -> Step<f32> {
    (1..STEPS).for_each(|_| {
        step();
    });
    step()
}

/// Prints loss and mu of the last step and the weights after it.
fn outcome(
    name: &str,
    last: Step<f32>,
    write: impl FnOnce(&mut NetViewMut<'_, f32>) -> Result<(), Error>,
) {
    let (w, a) = start(|net| write(net).expect("the sizes agree"));
    let report = [last.loss, last.mu().expect("it has not converged")];
    print(name, report.into_iter().chain(w).chain(a));
}

fn main() -> Result<(), Error> {
    println!("/* Written by kernels/capi/header. */\n#include <stdint.h>");
    let rng = || stream(7, "train", 0, 0);
    let (w, a) = start(|net| balanced::<L>(net, 0.5, &mut rng()));
    print("balanced", w.iter().chain(&a).copied());
    for (name, inner) in [("gaussian", Inner::Gaussian), ("uniform", Inner::Uniform)] {
        let (w, a) = start(|net| asymmetric::<L>(net, inner, &mut rng()));
        print(name, w.into_iter().chain(a));
    }
    // The same formula in tests/rust.c.
    let x: Vec<f32> =
        (0..N * D).map(|at| ((at * 37 + at / D * 11) % 64) as f32 / 32.0 - 1.0).collect();
    let y: Vec<f32> = (0..N).map(|i| (i * 29 % 16) as f32 / 8.0 - 1.0).collect();
    let (net, samples) = (NetView::new(&w, &a, D)?, SamplesView::new(&x, &y, D)?);
    let scale = Scale::OneOverP;

    let (mut data, mut memory) = (vec![0.0; 4096], vec![0.0; 4096]);
    let mut dense = Dense::new(net, Batch::<L>::pack(samples, &mut data)?, scale, &mut memory)?;
    let last = train(|| dense.step(DT));
    outcome("dense", last, |net| dense.write(net));

    let mut state = Stream::<L>::new(net, 8, scale, &mut memory)?;
    let last = train(|| {
        let step = state.feed(samples).and_then(|()| state.finish(DT));
        step.expect("the sizes agree")
    });
    outcome("stream", last, |net| state.write(net));

    let mut gram = Gram::<L>::new(net, samples, scale, &mut memory)?;
    let last = train(|| gram.step(DT));
    outcome("gram", last, |out| gram.write(net, samples, out));

    // Not orthogonal, which does not matter to the bits.
    let mut orthogonal = Orthogonal::<L>::new(net, samples, scale, &mut memory)?;
    let last = train(|| orthogonal.step(DT));
    outcome("orthogonal", last, |out| orthogonal.write(net, samples, out));
    Ok(())
}
