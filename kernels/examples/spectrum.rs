//! The ends of the tangent kernel's spectrum, closer with every step, and what a step costs:
//! `cargo run --release -p reluflow --example spectrum [p n d]`.

use std::time::{Duration, Instant};

use reluflow::lanes::NativeF64;
use reluflow::spectrum::{Lanczos, Rules};
use reluflow::tangent::Tangent;
use reluflow::{Error, NetViewMut, SamplesView, Scale, init};

type L = NativeF64;

fn main() -> Result<(), Error> {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let [p, n, d] = sizes.try_into().unwrap_or([200, 500, 50]);
    let mut rng = init::stream(1, "spectrum", 0, 0);
    let (mut w, mut a) = (vec![0.0; p * d], vec![0.0; p]);
    let mut net = NetViewMut::new(&mut w, &mut a, d)?;
    init::asymmetric::<L>(&mut net, init::Inner::Gaussian, &mut rng);
    let x: Vec<f64> = (0..n * d).map(|_| init::normal(&mut rng) / (d as f64).sqrt()).collect();
    let y = vec![1.0; n];
    let samples = SamplesView::new(&x, &y, d)?;
    let mut room = vec![0.0; Tangent::<L>::len(p, n, d)];
    let mut tangent = Tangent::<L>::new(net.as_view(), samples, Scale::OneOverP, &mut room)?;

    let mut memory = vec![0.0; Lanczos::<L>::len(n, n)];
    let rules = Rules { semidefinite: true, ..Rules::new(n) };
    let mut lanczos = Lanczos::<L>::new(n, n, rules, rng, &mut memory)?;
    let (mut products, mut steps, mut bounds) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    println!("p = {p}, n = {n}, d = {d}, {}", <L as reluflow::Lanes>::NAME);
    println!(
        "   k  least eigenvalue of K               greatest                            a product  a step  the bounds [us]"
    );
    let mut next = 1;
    let mut asked = 0;
    loop {
        let (start, before) = (Instant::now(), products);
        let more = lanczos.step(&mut |u: &[f64], ku: &mut [f64]| {
            let start = Instant::now();
            tangent.kernel_product(u, ku).expect("n numbers");
            products += start.elapsed();
        })?;
        steps += start.elapsed() - (products - before);
        let k = lanczos.steps();
        if k == next || !more {
            let start = Instant::now();
            let ends = lanczos.spectrum();
            bounds += start.elapsed();
            asked += 1;
            let per = |time: Duration, times: usize| time.as_secs_f64() * 1e6 / times as f64;
            println!(
                "{k:4}  {:.3e} in [{:.3e}, {:.3e}]  {:.3e} in [{:.3e}, {:.3e}]  {:9.1}  {:6.1}  {:6.1}",
                ends.least.value,
                ends.least.low,
                ends.least.high,
                ends.greatest.value,
                ends.greatest.low,
                ends.greatest.high,
                per(products, k),
                per(steps, k),
                per(bounds, asked)
            );
            next *= 2;
        }
        if !more {
            return Ok(());
        }
    }
}
