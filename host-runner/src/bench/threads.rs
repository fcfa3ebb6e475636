//! One large network on one thread and on two: what sharing the samples gains.
//!
//! Time here is time on the wall, for time on a core would hide exactly what is asked: whether
//! the second thread has work, a core and memory bandwidth. Samples of both are taken in turn, and
//! the speed-up is that of the fastest ones, which others on the machine disturbed least.
use super::rounded;
use crate::failure::Failure;
use crate::parallel::{Crew, Cuts, Pieces, PiecesMemory, Shared, Source, desks};
use oracle::{Data, Net, euler_step};
use reluflow::init::{normal, sign, stream, uniform};
use reluflow::{NetView, Real, SamplesView, Scale};
use serde_json::{Value, json};
use std::time::Instant;
use timing::case::{apart, dense_flops, is_single, lanes, tolerance};
use timing::grid::Size;
use timing::measure::{STANDSTILL, median, per_call};
use timing::peak;

/// Its two copies of x take 170 MB in f32, more than any cache.
const SIZE: Size = Size { letter: 'T', p: 64, n: 200_000, d: 100, orthogonal: false, dt: 1.0 };
/// Numbers of threads, the first of which the others are compared with.
const THREADS: [usize; 2] = [1, 2];
/// Most samples of each; one takes some 50 ms.
const MOST: usize = 15;

/// Start and data in the precision of `L`.
struct Problem<T> {
    x: Vec<T>,
    y: Vec<T>,
    w: Vec<T>,
    a: Vec<T>,
}

/// Draws them with all threads, each piece from a stream of its own: the same on any machine.
fn problem<T: Real + Send + Sync>(size: Size, crew: &Crew) -> Result<Problem<T>, Failure> {
    let Size { p, n, d, .. } = size;
    let rng = |what: u64, index: usize| stream(1, "bench-threads", what, index as u64);
    let single = |x: f64| T::from_f64(f64::from(x as f32));
    let (mut x, mut y) = (vec![T::ZERO; n * d], vec![T::ZERO; n]);
    let per = Cuts::of(n).longest();
    let pieces = x.chunks_mut(per * d).zip(y.chunks_mut(per)).collect();
    crew.each(&desks(crew, || ()), pieces, |(), index, (x, y)| {
        let mut rng = rng(0, index);
        let scale = (3.0 / d as f64).sqrt();
        x.fill_with(|| single(scale * (2.0 * uniform(&mut rng) - 1.0)));
        y.fill_with(|| single(sign(&mut rng) * (1.0 + uniform(&mut rng))));
        Ok(())
    })?;
    let mut rng = rng(1, 0);
    let w = (0..p * d).map(|_| single(normal(&mut rng))).collect();
    let a = (0..p).map(|_| single(sign(&mut rng) * (1.0 + uniform(&mut rng)))).collect();
    Ok(Problem { x, y, w, a })
}

/// (L, mu) of the first step by the reference, and the ns that it took.
fn expected<T: Real>(size: Size, problem: &Problem<T>) -> ((f64, f64), f64) {
    let Size { p, n, d, dt, .. } = size;
    let wide = |x: &[T]| x.iter().map(|x| x.to_f64()).collect();
    let data = Data { n, d, x: wide(&problem.x), y: wide(&problem.y) };
    let mut net = Net { p, d, w: wide(&problem.w), a: wide(&problem.a) };
    let mut report = (f64::NAN, f64::NAN);
    let ns = per_call(1, || report = euler_step(&mut net, &data, 1.0 / p as f64, dt));
    (report, ns)
}

/// The rows of the document; each case computes what the reference does, and the same bits.
pub fn rows<L: Shared>(rounds: usize) -> Result<Vec<Value>, Failure> {
    rows_of::<L>(SIZE, rounds.min(MOST))
}

pub(super) fn rows_of<L: Shared>(size: Size, rounds: usize) -> Result<Vec<Value>, Failure> {
    let most = THREADS.into_iter().max().unwrap_or(1);
    let problem = problem::<L::Elem>(size, &Crew::new(most)?)?;
    let source = Source::Memory(SamplesView::new(&problem.x, &problem.y, size.d)?);
    let net = NetView::new(&problem.w, &problem.a, size.d)?;
    let mut memories = Vec::new();
    let mut crews = Vec::new();
    for threads in THREADS {
        let zeros = |len| Ok(vec![L::Elem::ZERO; len]);
        memories.push(PiecesMemory::new::<L>(size.p, &source, zeros)?);
        crews.push(Crew::new(threads)?);
    }
    let mut states = Vec::new();
    for (memory, crew) in memories.iter_mut().zip(&crews) {
        states.push(Pieces::<L>::new(net, source, Scale::OneOverP, crew, memory)?);
    }
    let single = is_single::<L>();
    let ((expected, naive), mut found) = (expected(size, &problem), Vec::new());
    for state in &mut states {
        let step = state.step(L::Elem::from_f64(size.dt))?;
        found.push((step.loss.to_f64(), step.mu().map_or(f64::NAN, Real::to_f64)));
    }
    let error = apart(found[0].0, expected.0).max(apart(found[0].1, expected.1));
    if error > tolerance(single) || found.iter().any(|other| *other != found[0]) {
        return Err(Failure::failed(format!(
            "{} computes wrong: (loss, mu) on {THREADS:?} threads are {found:?}, the reference has \
             {expected:?}; please report this",
            id::<L>(size, THREADS[0])
        )));
    }
    let mut ns = vec![Vec::new(); states.len()];
    let dt = L::Elem::from_f64(size.dt * STANDSTILL);
    for _ in 0..rounds {
        for (state, ns) in states.iter_mut().zip(&mut ns) {
            let start = Instant::now();
            state.step(dt)?;
            ns.push(start.elapsed().as_secs_f64() * 1e9);
        }
    }
    let least = |ns: &[f64]| ns.iter().copied().fold(f64::INFINITY, f64::min);
    let (alone, peak) = (least(&ns[0]), peak::gflops::<L>());
    Ok(THREADS
        .into_iter()
        .zip(&ns)
        .map(|(threads, ns)| {
            json!({
                "id": id::<L>(size, threads),
                "size": size.letter,
                "p": size.p,
                "n": size.n,
                "d": size.d,
                "step": format!("threads-{threads}"),
                "lanes": lanes::<L>(),
                "ns_per_step": rounded(median(ns)),
                "ns_min": rounded(least(ns)),
                "ns_max": rounded(ns.iter().copied().fold(0.0, f64::max)),
                "samples": ns.len(),
                "steps_per_sample": 1,
                "flops_per_step": dense_flops(size),
                "gflops": rounded(dense_flops(size) / median(ns)),
                "peak_gflops": rounded(peak * threads as f64),
                "share_of_peak": rounded(dense_flops(size) / median(ns) / peak / threads as f64),
                "ratio_to_naive": rounded(naive / median(ns)),
                "clock": "wall",
                "threads": threads,
                "speedup_over_one_thread": rounded(alone / least(ns)),
                "check_error": rounded(error),
            })
        })
        .collect())
}

fn id<L: Shared>(size: Size, threads: usize) -> String {
    format!("step/threads-{threads}/{}/{}", lanes::<L>(), size.slug())
}
