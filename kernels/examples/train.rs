//! Trains 16 neurons on 32 samples of y = |x_1| - |x_2| / 2 and prints loss and mu:
//! `cargo run --release -p reluflow --example train`.

use reluflow::lanes::NativeF32;
use reluflow::{Batch, Dense, Error, Fixed, Net, Samples, Scale, init};

const P: usize = 16;
const N: usize = 32;
const D: usize = 3;
const STEPS: usize = 2000;
const DT: f32 = 0.1;

fn main() -> Result<(), Error> {
    let mut samples = Samples { x: [[0.0f32; D]; N], y: [0.0; N] };
    for (i, (x, y)) in samples.x.iter_mut().zip(&mut samples.y).enumerate() {
        // The last coordinate is the bias.
        *x = [(i % 8) as f32 / 4.0 - 0.875, (i / 8) as f32 / 2.0 - 0.75, 1.0];
        *y = x[0].abs() - x[1].abs() / 2.0;
    }
    let mut net = Net::<f32, P, D>::zero();
    init::balanced::<NativeF32>(&mut net.view_mut(), 0.3, &mut init::stream(1, "train", 0, 0));

    // All memory of the training; `len` is a const fn.
    let mut data = [0.0; Batch::<NativeF32>::len(N, D)];
    let mut memory = [0.0; Dense::<NativeF32>::len(P, N, D)];
    let batch = Batch::<NativeF32>::pack(samples.view(), &mut data)?;
    let mut dense = Dense::<_, Fixed<P, N, D>>::fixed(&net, batch, Scale::One, &mut memory)?;

    println!("{:>8} {:>12} {:>12}", "t", "loss", "mu");
    for step in 0..STEPS {
        let report = dense.step(DT);
        if step == 0 || step.is_power_of_two() {
            let mu = report.mu().unwrap_or(f32::NAN);
            println!("{:>8.1} {:>12.3e} {mu:>12.3e}", step as f32 * DT, report.loss);
        }
    }

    // The trained network, to write to a file or to build another state from.
    dense.write(&mut net.view_mut())?;
    println!("loss {:.3e} after {STEPS} steps, health: {}", dense.loss(), dense.health());
    Ok(())
}
