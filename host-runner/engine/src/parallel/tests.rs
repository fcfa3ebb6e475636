//! Pieces against the whole, and against themselves on other numbers of threads.
use super::*;
use crate::number::{Number, Shared};
use reluflow::{Batch, Canonical, Dense, NetView, NetViewMut, Real, SamplesView, Scale};

/// Numbers without structure between -1 and 1.
fn numbers<T: Number>(count: usize, stream: u64) -> Vec<T> {
    let cell = |i: usize| {
        let mixed = (i as u64 + 1 + (stream << 40)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        T::from_f64((mixed >> 40) as f64 / f64::from(1 << 23) - 1.0)
    };
    (0..count).map(cell).collect()
}

struct Problem<T> {
    x: Vec<T>,
    y: Vec<T>,
    w: Vec<T>,
    a: Vec<T>,
    d: usize,
}

impl<T: Number> Problem<T> {
    fn new(p: usize, n: usize, d: usize) -> Self {
        let (x, y) = (numbers(n * d, 1), numbers(n, 2));
        Self { x, y, w: numbers(p * d, 3), a: numbers(p, 4), d }
    }

    fn samples(&self) -> SamplesView<'_, T> {
        SamplesView::new(&self.x, &self.y, self.d).unwrap()
    }

    fn net(&self) -> NetView<'_, T> {
        NetView::new(&self.w, &self.a, self.d).unwrap()
    }

    /// Bits of loss and speed of some steps and of the weights after them, then of the
    /// pre-activations there, by `threads` threads.
    fn bits<L: Shared<Elem = T>>(&self, threads: usize) -> Vec<u64> {
        let (pool, source) = (Pool::new(threads).unwrap(), Source::Memory(self.samples()));
        let zeros = |len| Ok(vec![T::ZERO; len]);
        let mut memory = PiecesMemory::new::<L>(self.a.len(), &source, zeros).unwrap();
        let mut pieces =
            Pieces::<L>::new(self.net(), source, Scale::OneOverP, &pool, &mut memory).unwrap();
        let mut bits = Vec::new();
        for _ in 0..4 {
            let step = pieces.step(T::from_f64(0.25)).unwrap();
            bits.extend([step.loss.bits(), step.speed_sq.bits()]);
        }
        let (mut w, mut a) = (self.w.clone(), self.a.clone());
        pieces.write(&mut NetViewMut::new(&mut w, &mut a, self.d).unwrap()).unwrap();
        let places = pool.per_thread(|| ());
        let net = NetView::new(&w, &a, self.d).unwrap();
        let z = pieces.measure(net, &places, |_, z, _| Ok(z.to_vec())).unwrap();
        bits.extend(w.iter().chain(&a).chain(z.iter().flatten()).map(|x| x.bits()));
        bits
    }

    /// Loss of the first and the last of the steps, all samples at once.
    fn whole<L: Shared<Elem = T>>(&self) -> [f64; 2] {
        let (p, n) = (self.a.len(), self.y.len());
        let mut packed = vec![T::ZERO; Batch::<L>::len(n, self.d)];
        let mut memory = vec![T::ZERO; Dense::<L>::len(p, n, self.d)];
        let batch = Batch::<L>::pack(self.samples(), &mut packed).unwrap();
        let mut dense = Dense::<L>::new(self.net(), batch, Scale::OneOverP, &mut memory).unwrap();
        let losses: Vec<f64> =
            (0..4).map(|_| dense.step(T::from_f64(0.25)).loss.to_f64()).collect();
        [losses[0], losses[3]]
    }
}

fn check<L: Shared>(tolerance: f64, value: fn(u64) -> f64) {
    // Neurons in the lanes, samples in the lanes; a last piece that is shorter.
    for (p, n, d) in [(16, 5000, 3), (5, 2500, 33)] {
        let problem = Problem::<L::Elem>::new(p, n, d);
        let one = problem.bits::<L>(1);
        for threads in [2, 3, 7] {
            assert!(problem.bits::<L>(threads) == one, "{threads} threads at n = {n}");
        }
        for (found, expected) in [one[0], one[6]].map(value).into_iter().zip(problem.whole::<L>()) {
            assert!((found / expected - 1.0).abs() < tolerance, "{found} {expected}");
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit_and_pieces_are_the_whole() {
    let single = |bits: u64| f64::from(f32::from_bits(bits as u32));
    check::<<f32 as Real>::Native>(1e-5, single);
    check::<Canonical<<f32 as Real>::Native>>(1e-5, single);
    check::<<f64 as Real>::Native>(1e-13, f64::from_bits);
    check::<Canonical<<f64 as Real>::Native>>(1e-13, f64::from_bits);
}
