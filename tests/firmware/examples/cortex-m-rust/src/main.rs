//! Trains a network on a Cortex-M4F to compute |x|, in static memory of a size that is known when
//! compiling.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use reluflow::{Batch, Dense, Error, Fixed, Net, Samples, Scale, init, lanes::NativeF32};

/// Neurons, samples, inputs: x, and a 1 for the bias.
const P: usize = 8;
const N: usize = 9;
const D: usize = 2;

const DATA: usize = Batch::<NativeF32>::len(N, D);
const STATE: usize = Dense::<NativeF32>::len(P, N, D);
/// Bytes that the firmware has left for learning.
const BUDGET: usize = 2048;
const _: () = assert!((DATA + STATE) * size_of::<f32>() <= BUDGET, "the network does not fit");

fn train(data: &mut [f32], state: &mut [f32]) -> Result<f32, Error> {
    // Nine points from -1 to 1.
    let mut samples = Samples { x: [[0.0, 1.0]; N], y: [0.0; N] };
    for (i, (x, y)) in samples.x.iter_mut().zip(&mut samples.y).enumerate() {
        x[0] = i as f32 / 4.0 - 1.0;
        *y = if x[0] < 0.0 { -x[0] } else { x[0] };
    }
    // The same seed gives the same network on every device.
    let mut net = Net::<f32, P, D>::zero();
    let mut rng = init::stream(1, "cortex-m-rust", 0, 1);
    init::balanced::<NativeF32>(&mut net.view_mut(), 0.3, &mut rng);

    let batch = Batch::<NativeF32>::pack(samples.view(), data)?;
    let mut dense = Dense::<_, Fixed<P, N, D>>::fixed(&net, batch, Scale::One, state)?;
    for round in 0..5 {
        let step = dense.step(0.05);
        // In millionths: text of floats takes more flash than the network.
        hprintln!("step {}: loss {} ppm", 400 * round, (step.loss * 1e6) as u32);
        for _ in 1..400 {
            dense.step(0.05);
        }
    }
    dense.write(&mut net.view_mut())?; // net.w and net.a: arrays to store or send
    Ok(dense.loss())
}

#[entry]
fn main() -> ! {
    // `entry` makes these exclusive references.
    static mut DATA_MEMORY: [f32; DATA] = [0.0; DATA];
    static mut STATE_MEMORY: [f32; STATE] = [0.0; STATE];
    let learned = match train(DATA_MEMORY, STATE_MEMORY) {
        Ok(loss) => loss < 1e-3,
        Err(error) => {
            hprintln!("{}", error);
            false
        }
    };
    hprintln!("{}", if learned { "learned" } else { "did not learn" });
    debug::exit(if learned { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {}
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    debug::exit(debug::EXIT_FAILURE);
    loop {}
}
