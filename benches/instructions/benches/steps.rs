//! `benches/instructions/run.sh`: how many instructions one step takes, by callgrind.
//!
//! State, data and check against the reference are arguments, evaluated before counting starts.
//! Function and case make the id of the timed benches: `dense` with `f32x8_p60_n2_d2` counts
//! `step/dense/f32x8/p60_n2_d2`.
#![allow(missing_docs, unused_qualifications, reason = "in what gungraun generates")]
use bench::Job;
use gungraun::{Callgrind, LibraryBenchmarkConfig};
use gungraun::{library_benchmark, library_benchmark_group, main};
use reluflow::{Canonical, Error};
use std::hint::black_box;
use timing::case::{self as step, Case};
use timing::grid::{Fixture, SIZES, Size};
use wide::{f32x8, f64x4};

const A: Size = SIZES[0];
const B: Size = SIZES[1];
const D: Size = SIZES[3];
/// Of the data of E, as much as is quickly counted; 37 and 64 leave a tail and none.
const SMALL_E: Size = Size { letter: 'e', p: 37, n: 64, d: 64, orthogonal: true, dt: 0.05 };

/// A step at a size, checked.
fn at(size: Size, build: fn(&Fixture) -> Result<Case, Error>) -> Job {
    let fixture = Fixture::new(size);
    bench::step(build(&fixture).expect("sizes that fit"), &fixture)
}

/// What is counted. Giving the job back leaves its destruction out.
fn once(mut job: Job) -> Job {
    job(black_box(1));
    job
}

#[library_benchmark]
#[bench::f32x8_p60_n2_d2(at(A, step::dense::<f32x8>))]
#[bench::f32_p60_n2_d2(at(A, step::dense::<f32>))]
#[bench::f64x4_p60_n2_d2(at(A, step::dense::<f64x4>))]
#[bench::canonical_f32x8_p60_n2_d2(at(A, step::dense::<Canonical<f32x8>>))]
#[bench::f32x8_p32_n32_d32(at(B, step::dense::<f32x8>))]
#[bench::f32_p32_n32_d32(at(B, step::dense::<f32>))]
#[bench::f64x4_p32_n32_d32(at(B, step::dense::<f64x4>))]
#[bench::canonical_f32x8_p32_n32_d32(at(B, step::dense::<Canonical<f32x8>>))]
#[bench::f32x8_p200_n75_d150(at(D, step::dense::<f32x8>))]
fn dense(job: Job) -> Job {
    once(job)
}

#[library_benchmark]
#[bench::f32x8_p60_n2_d2(at(A, step::dense_fixed::<f32x8, 60, 2, 2>))]
#[bench::f32x8_p32_n32_d32(at(B, step::dense_fixed::<f32x8, 32, 32, 32>))]
fn dense_fixed(job: Job) -> Job {
    once(job)
}

#[library_benchmark]
#[bench::f32x8_p60_n2_d2(at(A, step::replicas_fixed::<f32x8, 60, 2, 2>))]
fn replicas_fixed(job: Job) -> Job {
    once(job)
}

#[library_benchmark]
#[bench::f32x8_p32_n32_d32(at(B, step::gram::<f32x8>))]
#[bench::f64x4_p32_n32_d32(at(B, step::gram::<f64x4>))]
fn gram(job: Job) -> Job {
    once(job)
}

#[library_benchmark]
#[bench::f32x8_p37_n64_d64(at(SMALL_E, step::orthogonal::<f32x8>))]
#[bench::f64x4_p37_n64_d64(at(SMALL_E, step::orthogonal::<f64x4>))]
fn orthogonal(job: Job) -> Job {
    once(job)
}

library_benchmark_group!(
    name = steps,
    benchmarks = [dense, dense_fixed, replicas_fixed, gram, orthogonal]
);
main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = steps
);
