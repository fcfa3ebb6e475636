//! One network on several threads: the same bits as on one, and the same numbers as the textbook.
use engine::descent::{Memory, descent};
use engine::parallel::Pool;
use engine::trajectory::{Problem, Start};
use engine::{Kind, Numerics};
use lab::statistics::larger;
use lab::{Arithmetic, Precision};
use oracle::{Data, Net, euler_step};
use reluflow::Scale;

/// Numbers without structure between -1 and 1; each is an f32.
fn numbers(count: usize, stream: u64) -> Vec<f64> {
    let cell = |i: usize| {
        let mixed = (i as u64 + 1 + (stream << 40)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed >> 40) as f64 / f64::from(1 << 23) - 1.0
    };
    (0..count).map(cell).collect()
}

fn problem(p: usize, n: usize, d: usize) -> Problem {
    let start = Start { w: numbers(p * d, 3), a: numbers(p, 4), exponent: 0 };
    Problem { x: numbers(n * d, 1), y: numbers(n, 2), d, start, scale: Scale::OneOverP }
}

/// (L, mu) of some steps, then the weights after them, by `threads` threads.
fn run(problem: &Problem, numerics: Numerics, threads: usize) -> (Vec<[f64; 2]>, Vec<f64>) {
    let (pool, mut memory) = (Pool::new(threads).unwrap(), Memory::default());
    let mut state = descent(numerics, Kind::Dense, problem, &pool, &mut memory).unwrap();
    let steps = (0..4).map(|_| state.step(0.25).unwrap());
    let steps = steps.map(|step| [step.loss, step.mu.unwrap()]).collect();
    let (w, a) = state.weights().unwrap();
    (steps, [w, a].concat())
}

/// The same by the textbook.
fn textbook(problem: &Problem) -> Vec<(f64, f64)> {
    let (p, n, d) = (problem.start.a.len(), problem.y.len(), problem.d);
    let mut net = Net { p, d, w: problem.start.w.clone(), a: problem.start.a.clone() };
    let data = Data { n, d, x: problem.x.clone(), y: problem.y.clone() };
    (0..4).map(|_| euler_step(&mut net, &data, 1.0 / p as f64, 0.25)).collect()
}

#[test]
fn the_number_of_threads_changes_no_bit_and_pieces_are_the_whole() {
    // Neurons in the lanes, samples in the lanes; a last piece that is shorter.
    for (p, n, d) in [(16, 5000, 3), (5, 2500, 33)] {
        let problem = problem(p, n, d);
        let truth = textbook(&problem);
        for (precision, tolerance) in [(Precision::F32, 1e-5), (Precision::F64, 1e-12)] {
            for arithmetic in [Arithmetic::Fused, Arithmetic::Canonical] {
                let numerics = Numerics { precision, arithmetic };
                let one = run(&problem, numerics, 1);
                for threads in [2, 3, 7] {
                    assert!(run(&problem, numerics, threads) == one, "{threads} threads, n = {n}");
                }
                for ([loss, mu], truth) in one.0.iter().zip(&truth) {
                    let off = larger((loss / truth.0 - 1.0).abs(), (mu / truth.1 - 1.0).abs());
                    assert!(off < tolerance, "{numerics:?}: {loss} {mu} {truth:?}");
                }
            }
        }
    }
}
