//! `cargo bench -p bench --bench products`: K u of the tangent kernel, Lanczos on it, the field of the mirror flow.
//!
//! Each result is compared with the oracle before it is timed. Throughput is in multiply-adds, as each docstring
//! counts them. Times are time on the core.
use bench::fixture;
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use engine::clock::on_core;
use reluflow::init::stream;
use reluflow::lanes::{NativeF32, NativeF64};
use reluflow::mirror::descent::Mirror;
use reluflow::spectrum::Rules;
use reluflow::{Lanczos, Lanes, Real, SamplesView, Scale, Tangent};
use std::hint::black_box;
use std::time::Duration;
use timing::case::{Rounded, apart, tolerance};

/// Steps of Lanczos' method.
const STEPS: usize = 32;

fn time(criterion: &mut Criterion, name: &str, products: usize, mut job: impl FnMut()) {
    let mut group = criterion.benchmark_group("products");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group.throughput(Throughput::Elements(products as u64));
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|times| {
            let start = on_core();
            (0..times).for_each(|_| job());
            on_core() - start
        });
    });
}

fn narrow<T: Real>(x: impl IntoIterator<Item = f64>) -> Vec<T> {
    x.into_iter().map(T::from_f64).collect()
}

/// The largest difference over the largest number.
fn off<T: Real>(found: &[T], expected: &[f64]) -> f64 {
    let size = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let pairs = found.iter().zip(expected);
    pairs.map(|(x, y)| apart(1.0 + (x.to_f64() - y) / size, 1.0)).fold(0.0, f64::max)
}

/// What rounding explains of a sum of some ten thousand terms.
fn allowed<T: Real>() -> f64 {
    10.0 * tolerance(size_of::<T>() == size_of::<f32>())
}

/// K u and Lanczos at size D.
fn tangent<L: Lanes>(criterion: &mut Criterion) {
    let fixture = fixture('D');
    let (p, n, d) = (fixture.size.p, fixture.size.n, fixture.size.d);
    let rounded = Rounded::<L::Elem>::new(fixture);
    let (net, samples) = (rounded.net().expect("a net"), rounded.samples().expect("samples"));
    let mut memory = vec![L::Elem::ZERO; Tangent::<L>::len(p, n, d)];
    let mut kernel =
        Tangent::<L>::new(net, samples, Scale::OneOverP, &mut memory).expect("sizes that fit");
    let u = narrow::<L::Elem>((0..n).map(|i| ((i % 7) as f64 - 3.0) / 4.0));
    let mut ku = vec![L::Elem::ZERO; n];
    let mut product = |u: &[L::Elem], ku: &mut [L::Elem]| {
        kernel.kernel_product(u, ku).expect("n numbers");
    };
    product(&u, &mut ku);
    let dense = oracle::tangent_kernel(&fixture.net, &fixture.data, fixture.scale());
    let line = |row: &[f64]| row.iter().zip(&u).map(|(k, u)| k * u.to_f64()).sum();
    let expected: Vec<f64> = dense.chunks_exact(n).map(line).collect();
    assert!(off(&ku, &expected) < allowed::<L::Elem>(), "K u: {ku:?}, expected {expected:?}");
    let slug = fixture.size.slug();
    time(criterion, &format!("tangent/{}/{slug}", L::NAME), 2 * p * n * d, || {
        product(black_box(&u), &mut ku);
    });

    let values = oracle::symmetric_eigenvalues(&dense, n);
    let mut memory = vec![L::Elem::ZERO; Lanczos::<L>::len(n, STEPS)];
    let mut ends = || {
        let rng = stream(1, "bench-products", 0, 0);
        let rules = Rules::new(p * d);
        let mut lanczos = Lanczos::<L>::new(n, STEPS, rules, rng, &mut memory).expect("memory");
        lanczos.run(&mut product).expect("finite products")
    };
    let found = ends();
    for (end, value) in [(found.least, values[0]), (found.greatest, values[n - 1])] {
        assert!((end.low.to_f64()..=end.high.to_f64()).contains(&value), "{end:?}, truly {value}");
    }
    let products = STEPS * 2 * p * n * d;
    time(criterion, &format!("lanczos{STEPS}/{}/{slug}", L::NAME), products, || {
        black_box(ends());
    });
}

/// -2 X^T (X beta - y) of n = 100 samples in m = 1000 coordinates.
fn mirror<L: Lanes>(criterion: &mut Criterion) {
    let (n, m) = (100, 1000);
    let wave = |k: usize| ((k % 13) as f64 - 6.0) / 8.0;
    let (x, y) = (narrow((0..n * m).map(wave)), narrow::<L::Elem>((0..n).map(wave)));
    let r = vec![L::Elem::from_f64(0.125); m];
    let u = narrow::<L::Elem>((0..m).map(|k| wave(5 * k)));
    let (mut memory, mut du) = (vec![L::Elem::ZERO; m], vec![L::Elem::ZERO; m]);
    let samples = SamplesView::new(&x, &y, m).expect("n x m");
    let mut field = Mirror::<L>::new(samples, &r, &mut memory).expect("sizes that fit");
    field.velocity(&u, &mut du);
    let beta: Vec<f64> = u.iter().map(|u| 0.125 * u.to_f64().sinh()).collect();
    let mut expected = vec![0.0; m];
    for (x, y) in x.chunks_exact(m).zip(&y) {
        let f: f64 = x.iter().zip(&beta).map(|(x, beta)| x.to_f64() * beta).sum();
        for (slope, x) in expected.iter_mut().zip(x) {
            *slope -= 2.0 * (f - y.to_f64()) * x.to_f64();
        }
    }
    assert!(off(&du, &expected) < allowed::<L::Elem>(), "du: {du:?}, expected {expected:?}");
    time(criterion, &format!("mirror/{}/n{n}_m{m}", L::NAME), 2 * n * m, || {
        field.velocity(black_box(&u), &mut du);
    });
}

fn all(criterion: &mut Criterion) {
    tangent::<NativeF32>(criterion);
    tangent::<NativeF64>(criterion);
    mirror::<NativeF32>(criterion);
    mirror::<NativeF64>(criterion);
}

criterion_group!(products, all);
criterion_main!(products);
