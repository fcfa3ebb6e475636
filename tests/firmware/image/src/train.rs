//! Trains one network in static memory, checks that it learns, counts instructions.

use reluflow::{
    Batch, Dense, Error, Fixed, Gram, Health, Lanes, Net, Orthogonal, Real, Samples, Scale, Step,
};

use crate::board::{Instructions, write};
use crate::text::{decimal, line, named, real};

/// All that a training image owns. `state` is what training needs, the rest is where it starts
/// from.
pub struct Memory<T, const P: usize, const N: usize, const D: usize, const ROOM: usize> {
    net: Net<T, P, D>,
    samples: Samples<T, N, D>,
    room: [T; ROOM],
}

impl<T: Real, const P: usize, const N: usize, const D: usize, const ROOM: usize>
    Memory<T, P, N, D, ROOM>
{
    /// Zeros, so that they need no flash.
    pub const fn zero() -> Self {
        Memory {
            net: Net::zero(),
            samples: Samples { x: [[T::ZERO; D]; N], y: [T::ZERO; N] },
            room: [T::ZERO; ROOM],
        }
    }

    fn draw(&mut self) {
        let mut state = 1;
        let mut net = self.net.view_mut();
        for (w, a) in net.neurons() {
            w.iter_mut().for_each(|w| *w = draw(&mut state));
            *a = draw(&mut state);
        }
        for x in self.samples.x.as_flattened_mut().iter_mut().chain(&mut self.samples.y) {
            *x = draw(&mut state);
        }
    }
}

/// A number in [-1/2, 1/2), a multiple of 2^-23: exact in both precisions. Not `init`, whose f64 would
/// add 8 KB of soft float to an image.
fn draw<T: Real>(state: &mut u32) -> T {
    const RANGE: usize = 1 << 23;
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    let half = T::ONE / T::from_usize(2);
    T::from_usize((*state >> 9) as usize) / T::from_usize(RANGE) - half
}

type Verdict = Result<bool, Error>;

/// Trains a dense state.
pub fn dense<L: Lanes, const P: usize, const N: usize, const D: usize, const ROOM: usize>(
    memory: &mut Memory<L::Elem, P, N, D, ROOM>,
) -> Verdict {
    memory.draw();
    let Memory { net, samples, room } = memory;
    let size = size_of_val(room);
    let (data, state) = room.split_at_mut_checked(Batch::<L>::len(N, D)).ok_or(Error::TooLarge)?;
    let batch = Batch::<L>::pack(samples.view(), data)?;
    let mut dense = Dense::<L, Fixed<P, N, D>>::fixed(net, batch, Scale::One, state)?;
    let learned = train::<L::Elem>(P * N * D, size, |dt| dense.step(dt));
    let verdict = learned && healthy(dense.health());
    dense.write(&mut net.view_mut())?;
    Ok(verdict)
}

/// As [`dense`], in coordinates of the Gram matrix.
pub fn gram<L: Lanes, const P: usize, const N: usize, const D: usize, const ROOM: usize>(
    memory: &mut Memory<L::Elem, P, N, D, ROOM>,
) -> Verdict {
    memory.draw();
    let Memory { net, samples, room } = memory;
    let size = size_of_val(room);
    let mut gram = Gram::<L, Fixed<P, N, D>>::fixed(net, samples, Scale::One, room)?;
    let learned = train::<L::Elem>(P * N * N, size, |dt| gram.step(dt));
    Ok(learned && healthy(gram.health()))
}

/// As [`dense`], in coordinates of orthogonal samples.
pub fn orthogonal<L: Lanes, const P: usize, const N: usize, const D: usize, const ROOM: usize>(
    memory: &mut Memory<L::Elem, P, N, D, ROOM>,
) -> Verdict {
    memory.draw();
    let Memory { net, samples, room } = memory;
    for (i, x) in samples.x.iter_mut().enumerate() {
        x.fill(L::Elem::ZERO);
        if let Some(x) = x.get_mut(i) {
            *x = L::Elem::ONE;
        }
    }
    let size = size_of_val(room);
    let mut flow = Orthogonal::<L, Fixed<P, N, D>>::fixed(net, samples, Scale::One, room)?;
    let learned = train::<L::Elem>(P * N, size, |dt| flow.step(dt));
    Ok(learned && healthy(flow.health()))
}

/// Takes steps of about `products` multiply-adds and reports; `size`: bytes of the state. Did the network
/// learn, with numbers that make sense?
fn train<T: Real>(products: usize, size: usize, mut step: impl FnMut(T) -> Step<T>) -> bool {
    let rounds = 4;
    // Many steps of a small network, because SysTick counts in units of some forty instructions.
    let steps = ((1 << 15) / products).clamp(4, 256);
    let dt = T::ONE / T::from_usize(32);
    let mut counted = Instructions::new();
    named("state", size as u64);
    let first = step(dt);
    let (mut last, mut sane) = (first, report(0, first));
    for round in 1..=rounds {
        let mut work = || (0..steps).for_each(|_| last = step(dt));
        match &mut counted {
            Some(counted) => counted.count(work),
            None => work(),
        }
        sane &= report(round * steps, last);
    }
    if let Some(counted) = counted {
        named("instructions", counted.total() / (rounds * steps) as u64);
    }
    sane && last.loss < first.loss
}

/// Writes loss and mu; are they numbers that make sense?
fn report<T: Real>(at: usize, step: Step<T>) -> bool {
    let mu = step.mu().unwrap_or(T::ZERO);
    write(b"step ");
    decimal(at as u64, 1);
    write(b" loss ");
    real(step.loss);
    write(b" mu ");
    real(mu);
    write(b"\n");
    step.loss.is_finite() && mu.is_finite() && mu > T::ZERO
}

fn healthy(health: Health) -> bool {
    if !health.is_good() {
        line("health is bad");
    }
    health.is_good()
}

/// An image that trains: the state's kind, its precision and its sizes.
#[macro_export]
macro_rules! train {
    ($kind:ident, $t:ty, p $p:literal, n $n:literal, d $d:literal) => {
        type Lanes = ::reluflow::Canonical<<$t as ::reluflow::Widest>::Native>;
        type Memory =
    $crate::train::Memory<$t, $p, $n, $d, { $crate::train!(@room $kind, $p, $n, $d) }>;
        static MEMORY: $crate::board::Static<Memory> =
            $crate::board::Static::new($crate::train::Memory::zero());

        fn body() -> bool {
            MEMORY.take().is_some_and(|memory| {
                $crate::train::$kind::<Lanes, _, _, _, _>(memory).unwrap_or(false)
            })
        }
        $crate::image!(body);
    };
    (@room dense, $p:literal, $n:literal, $d:literal) => {
        ::reluflow::Batch::<Lanes>::len($n, $d) + ::reluflow::Dense::<Lanes>::len($p, $n, $d)
    };
    (@room gram, $p:literal, $n:literal, $d:literal) => {
        ::reluflow::Gram::<Lanes>::len($p, $n)
    };
    (@room orthogonal, $p:literal, $n:literal, $d:literal) => {
        ::reluflow::Orthogonal::<Lanes>::len($p, $n)
    };
}
