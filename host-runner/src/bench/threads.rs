//! One large network on one thread and on two: what sharing the samples gains.
//!
//! Time here is time on the wall, for time on a core would hide exactly what is asked: whether
//! the second thread has work, a core and memory bandwidth. Samples of both are taken in turn, and
//! the speed-up is that of the fastest ones, which others on the machine disturbed least.
use super::numbers::{FAST_F32, rounded};
use engine::clock::per_call;
use engine::descent::{Memory, descent};
use engine::parallel::{Cuts, Pool};
use engine::trajectory::{Problem, Start};
use engine::{Kind, peak};
use lab::statistics::{larger, max, median, min};
use lab::{Failure, Precision};
use oracle::{Data, Net, euler_step};
use reluflow::Scale;
use reluflow::init::{normal, sign, stream, uniform};
use serde_json::{Value, json};
use std::time::Instant;
use timing::case::{apart, dense_flops, tolerance};
use timing::grid::Size;
use timing::measure::STANDSTILL;

/// Its two copies of x take 170 MB in f32, more than any cache.
const SIZE: Size = Size { letter: 'T', p: 64, n: 200_000, d: 100, orthogonal: false, dt: 1.0 };
/// Numbers of threads, the first of which the others are compared with.
const THREADS: [usize; 2] = [1, 2];
/// Most samples of each; one takes some 50 ms.
const MOST: usize = 15;

/// Draws start and data with all threads, each piece from a stream of its own: the same on any machine. Every number
/// is an f32.
fn problem(size: Size, pool: &Pool) -> Result<Problem, Failure> {
    let Size { p, n, d, .. } = size;
    let rng = |what: u64, index: usize| stream(1, "bench-threads", what, index as u64);
    let single = |x: f64| f64::from(x as f32);
    let (mut x, mut y) = (vec![0.0; n * d], vec![0.0; n]);
    let per = Cuts::of(n).longest();
    let pieces = x.chunks_mut(per * d).zip(y.chunks_mut(per)).collect();
    pool.each(&pool.per_thread(|| ()), pieces, |(), index, (x, y)| {
        let mut rng = rng(0, index);
        let scale = (3.0 / d as f64).sqrt();
        x.fill_with(|| single(scale * (2.0 * uniform(&mut rng) - 1.0)));
        y.fill_with(|| single(sign(&mut rng) * (1.0 + uniform(&mut rng))));
        Ok(())
    })?;
    let mut rng = rng(1, 0);
    let w = (0..p * d).map(|_| single(normal(&mut rng))).collect();
    let a = (0..p).map(|_| single(sign(&mut rng) * (1.0 + uniform(&mut rng)))).collect();
    Ok(Problem { x, y, d, start: Start { w, a, exponent: 0 }, scale: Scale::OneOverP })
}

/// (L, mu) of the first step by the reference, and the ns that it took.
fn expected(size: Size, problem: &Problem) -> ((f64, f64), f64) {
    let Size { p, n, d, dt, .. } = size;
    let data = Data { n, d, x: problem.x.clone(), y: problem.y.clone() };
    let mut net = Net { p, d, w: problem.start.w.clone(), a: problem.start.a.clone() };
    let mut report = (f64::NAN, f64::NAN);
    let ns = per_call(1, || report = euler_step(&mut net, &data, 1.0 / p as f64, dt));
    (report, ns)
}

/// The rows of the document; each case computes what the reference does, and the same bits.
pub fn rows(rounds: usize) -> Result<Vec<Value>, Failure> {
    rows_of(SIZE, rounds.min(MOST))
}

pub(super) fn rows_of(size: Size, rounds: usize) -> Result<Vec<Value>, Failure> {
    let most = THREADS.into_iter().max().unwrap_or(1);
    let problem = problem(size, &Pool::new(most)?)?;
    let (mut memories, mut pools) = (Vec::new(), Vec::new());
    for threads in THREADS {
        memories.push(Memory::default());
        pools.push(Pool::new(threads)?);
    }
    let mut states = Vec::new();
    for (memory, pool) in memories.iter_mut().zip(&pools) {
        states.push(descent(FAST_F32, Kind::Dense, &problem, pool, memory)?);
    }
    let ((expected, naive), mut found) = (expected(size, &problem), Vec::new());
    for state in &mut states {
        let step = state.step(size.dt)?;
        found.push((step.loss, step.mu.unwrap_or(f64::NAN)));
    }
    let error = larger(apart(found[0].0, expected.0), apart(found[0].1, expected.1));
    if error > tolerance(true) || found.iter().any(|other| *other != found[0]) {
        return Err(Failure::failed(format!(
            "{} computes wrong: (loss, mu) on {THREADS:?} threads are {found:?}, the reference has \
             {expected:?}; please report this",
            id(size, THREADS[0])
        )));
    }
    let mut ns = vec![Vec::new(); states.len()];
    let dt = size.dt * STANDSTILL;
    for _ in 0..rounds {
        for (state, ns) in states.iter_mut().zip(&mut ns) {
            let start = Instant::now();
            state.step(dt)?;
            ns.push(start.elapsed().as_secs_f64() * 1e9);
        }
    }
    let (alone, peak) = (min(&ns[0]), peak::gflops(Precision::F32));
    Ok(THREADS
        .into_iter()
        .zip(&ns)
        .map(|(threads, ns)| {
            json!({
                "id": id(size, threads),
                "size": size.letter,
                "p": size.p,
                "n": size.n,
                "d": size.d,
                "step": format!("threads-{threads}"),
                "lanes": engine::lanes(FAST_F32),
                "ns_per_step": rounded(median(ns)),
                "ns_min": rounded(min(ns)),
                "ns_max": rounded(max(ns)),
                "samples": ns.len(),
                "steps_per_sample": 1,
                "flops_per_step": dense_flops(size),
                "gflops": rounded(dense_flops(size) / median(ns)),
                "peak_gflops": rounded(peak * threads as f64),
                "share_of_peak": rounded(dense_flops(size) / median(ns) / peak / threads as f64),
                "ratio_to_naive": rounded(naive / median(ns)),
                "clock": "wall",
                "threads": threads,
                "speedup_over_one_thread": rounded(alone / min(ns)),
                "check_error": rounded(error),
            })
        })
        .collect())
}

fn id(size: Size, threads: usize) -> String {
    format!("step/threads-{threads}/{}/{}", engine::lanes(FAST_F32), size.slug())
}
