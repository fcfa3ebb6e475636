//! `cargo bench -p bench`: groups `step`, `forward`, `backward`, `curvature` over the grid.
//!
//! Ids are frozen: `step/dense/f32x16/p39_n3000_d100`. Machine, compiler and date are no part of
//! them; name a baseline for that (`-- --save-baseline NAME`). Throughput is in elements = p n d,
//! the multiply-adds of one pass over the data, whatever the kernel really does, so that all ways
//! to take a step compare at a size.
use bench::{Job, fixture};
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use engine::clock::on_core;
use reluflow::{Canonical, Lanes};
use std::time::Duration;
use timing::case::Case;
use timing::grid::{Fixture, Size};
use wide::{f32x4, f32x8, f32x16, f64x8};

type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// Times the job of a size under `name/slug`. The job is built, and so checked, at its first use:
/// a filter that leaves it out costs nothing.
fn time(group: &mut Group<'_>, name: &str, letter: char, build: impl Fn(&Fixture) -> Job) {
    let size = Size::of(letter).expect("a letter of the grid");
    group.throughput(Throughput::Elements(size.products()));
    let mut job = None;
    group.bench_function(format!("{name}/{}", size.slug()), |bencher| {
        let job = job.get_or_insert_with(|| build(fixture(letter)));
        bencher.iter_custom(|times| {
            let start = on_core();
            job(times);
            on_core() - start
        });
    });
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> Group<'a> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group
}

fn dense<L: Lanes>(group: &mut Group<'_>, lanes: &str, letters: &str) {
    for letter in letters.chars() {
        time(group, &format!("dense/{lanes}"), letter, |fixture| {
            bench::step(bench::dense::<L>(fixture).expect("a size of the grid"), fixture)
        });
    }
}

fn dense_fixed<L: Lanes, const P: usize, const N: usize, const D: usize>(
    group: &mut Group<'_>,
    letter: char,
) {
    time(group, &format!("dense-fixed/{}", L::NAME), letter, |fixture| {
        let case = bench::dense_fixed::<L, P, N, D>(fixture).expect("a size of the grid");
        bench::step(case, fixture)
    });
}

fn orthogonal<L: Lanes>(group: &mut Group<'_>, lanes: &str) {
    time(group, &format!("orthogonal/{lanes}"), 'E', |fixture| {
        bench::step(bench::orthogonal::<L>(fixture).expect("a size of the grid"), fixture)
    });
}

/// Times one step of all lanes: throughput and time are those of sixteen networks.
fn replicas(group: &mut Group<'_>) {
    time(group, "replicas-fixed/f32x16", 'A', |fixture| {
        let case = bench::replicas_fixed::<f32x16, 60, 2, 2>(fixture).expect("a size of the grid");
        bench::step(case, fixture)
    });
}

fn gram<L: Lanes>(group: &mut Group<'_>) {
    for letter in "ABDE".chars() {
        time(group, &format!("gram/{}", L::NAME), letter, |fixture| {
            bench::step(bench::gram::<L>(fixture).expect("a size of the grid"), fixture)
        });
    }
}

fn step(criterion: &mut Criterion) {
    let group = &mut group(criterion, "step");
    dense::<f32x16>(group, "f32x16", "ABCDE");
    dense::<f32x8>(group, "f32x8", "ABCDE");
    dense::<f32x4>(group, "f32x4", "BD");
    dense::<f32>(group, "f32", "AB");
    dense::<f64x8>(group, "f64x8", "ABCDE");
    dense::<Canonical<f32x16>>(group, "canonical-f32x16", "ABCD");
    dense_fixed::<f32x16, 60, 2, 2>(group, 'A');
    dense_fixed::<f32x16, 32, 32, 32>(group, 'B');
    dense_fixed::<f32x16, 200, 75, 150>(group, 'D');
    replicas(group);
    orthogonal::<f32x16>(group, "f32x16");
    orthogonal::<f32x8>(group, "f32x8");
    orthogonal::<f32>(group, "f32");
    orthogonal::<f64x8>(group, "f64x8");
    orthogonal::<Canonical<f32x16>>(group, "canonical-f32x16");
    gram::<f32x16>(group);
    gram::<f32x8>(group);
    gram::<f64x8>(group);
    for letter in "ABCDE".chars() {
        let naive = |fixture: &Fixture| bench::step(bench::naive_dense(fixture), fixture);
        time(group, "naive-f64", letter, naive);
    }
    for letter in "ABDE".chars() {
        let naive = |fixture: &Fixture| bench::step(bench::naive_gram(fixture), fixture);
        time(group, "naive-gram-f64", letter, naive);
    }
    let naive = |fixture: &Fixture| bench::step(bench::naive_orthogonal(fixture), fixture);
    time(group, "naive-orthogonal-f64", 'E', naive);
}

/// Throughput in elements = n W, the multiply-adds of one pass over the data.
fn deep(criterion: &mut Criterion) {
    use timing::deep::{SIZE, deep, naive};
    let group = &mut group(criterion, "step");
    type Build = fn() -> Case;
    let ways: [(&str, Build); 4] = [
        ("deep/f32x16", || deep::<f32x16>(bench::deep_fixture()).expect("layers that fit")),
        ("deep/f32x8", || deep::<f32x8>(bench::deep_fixture()).expect("layers that fit")),
        ("deep/f64x8", || deep::<f64x8>(bench::deep_fixture()).expect("layers that fit")),
        ("naive-deep-f64", || naive(bench::deep_fixture())),
    ];
    let weights: usize = timing::deep::LAYERS.iter().map(|l| l.inputs * l.outputs).sum();
    group.throughput(Throughput::Elements((SIZE.n * weights) as u64));
    for (name, build) in ways {
        let mut job = None;
        group.bench_function(format!("{name}/{}", SIZE.slug()), |bencher| {
            let job = job.get_or_insert_with(|| bench::deep_step(build()));
            bencher.iter_custom(|times| {
                let start = on_core();
                job(times);
                on_core() - start
            });
        });
    }
}

fn forward(criterion: &mut Criterion) {
    let group = &mut group(criterion, "forward");
    for letter in "ABCDE".chars() {
        time(group, "f32x16", letter, bench::forward::<f32x16>);
        time(group, "f32x8", letter, bench::forward::<f32x8>);
        time(group, "f64x8", letter, bench::forward::<f64x8>);
        time(group, "naive-f64", letter, bench::naive_forward);
    }
}

fn backward(criterion: &mut Criterion) {
    let group = &mut group(criterion, "backward");
    for letter in "ABCDE".chars() {
        time(group, "grad_w/f32x16", letter, bench::grad_w::<f32x16>);
        time(group, "grad_w/f32x8", letter, bench::grad_w::<f32x8>);
        time(group, "grad_w/f64x8", letter, bench::grad_w::<f64x8>);
        time(group, "grad_a/f32x16", letter, bench::grad_a::<f32x16>);
        time(group, "grad_a/f32x8", letter, bench::grad_a::<f32x8>);
        time(group, "grad_a/f64x8", letter, bench::grad_a::<f64x8>);
        time(group, "naive-f64", letter, bench::naive_backward);
    }
}

fn curvature(criterion: &mut Criterion) {
    let group = &mut group(criterion, "curvature");
    for letter in "ABCDE".chars() {
        time(group, "bounds/f32x16", letter, bench::bounds::<f32x16>);
        time(group, "bounds/f64x8", letter, bench::bounds::<f64x8>);
        time(group, "naive-f64", letter, bench::naive_bounds);
    }
    for letter in "BD".chars() {
        time(group, "defect/f32x16", letter, bench::defect::<f32x16>);
        time(group, "defect/f64x8", letter, bench::defect::<f64x8>);
        time(group, "naive-defect-f64", letter, bench::naive_defect);
    }
}

criterion_group!(kernels, step, deep, forward, backward, curvature);
criterion_main!(kernels);
